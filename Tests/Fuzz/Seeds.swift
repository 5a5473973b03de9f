import Glibc
import Journal
import Routing
import Wire

/// Writes one file for every example message and record of WireTests in every version, and journals of the real writer,
/// below the folder that SEEDS names: where fuzzing starts, besides the kept corpus.
/// It has the form of a target because modules built for libFuzzer can be linked into nothing else; it has no input.
@_cdecl("LLVMFuzzerTestOneInput")
public func writeSeeds(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let folder = unsafe getenv("SEEDS") else { fatalError("SEEDS names no folder") }
    let seeds = Seeds(folder: unsafe String(cString: folder))
    for version in wireVersionOldest...wireVersion { seeds.writeExamples(version) }
    seeds.writeLargest()
    for (index, shape) in DiskShape.examples.enumerated() { seeds.write("journal", "\(index)", shape) }
    return 0
}

private struct Seeds {
    let folder: String

    func writeExamples(_ version: UInt8) {
        func frame(_ target: String, _ name: String, _ value: some WireValue) {
            write(target, "v\(version)-\(name)", Frame.encode(value, version: version))
        }
        func stored(_ target: String, _ name: String, _ value: some WireValue) {
            var encoder = Encoder(version: version)
            encoder.value(value)
            write(target, "v\(version)-\(name)", encoder.bytes)
        }
        for (index, example) in Examples.requests.enumerated() { frame("request", "\(index)", example.value) }
        for (index, command) in Examples.commands.enumerated() {
            frame("request", "query-\(index)", Request.query(command))
        }
        for (index, example) in Examples.replies.enumerated() { frame("reply", "\(index)", example.value) }
        for (index, outcome) in Examples.outcomes.enumerated() {
            frame("reply", "answered-\(index)", Reply.answered(outcome, Examples.catalog))
        }
        frame("gossip", "0", Examples.gossip)
        for (index, example) in Examples.records.enumerated() { stored("record", "\(index)", example.value) }
        for (index, example) in ExampleRows.rows.enumerated() { stored("row", "\(index)", example.value) }
    }

    /// As many of the shortest values as fit: what a frame can grow to in memory.
    func writeLargest() {
        let exchange = Exchange(
            incarnation: Incarnation(1), cursor: .zero, park: .zero, firstCommand: 1, acknowledged: 0,
            commands: [Command](repeating: .status, count: 4000))
        write("request", "largest", Frame.encode(Request.exchange(exchange)))
        let exchanged = Exchanged(
            reign: 1, lsn: .zero, outcomes: [Outcome](repeating: .detached, count: 4000), membership: nil, policy: nil,
            regions: [], agents: [], wall: Examples.wall)
        write("reply", "largest", Frame.encode(Reply.exchanged(exchanged)))
    }

    func write(_ target: String, _ name: String, _ bytes: [UInt8]) {
        let path = "\(folder)/\(target)/example-\(name)"
        guard let file = unsafe fopen(path, "w") else { fatalError("cannot write \(path)") }
        let written = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
        guard unsafe fclose(file) == 0, written == bytes.count else { fatalError("cannot write \(path)") }
    }
}
