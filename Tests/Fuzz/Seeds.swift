import Glibc
import Journal
import Routing
import Wire

/// Writes one file for every example message and record of WireTests, and journals of the real writer, below the folder
/// that SEEDS names: where fuzzing starts, besides the kept corpus.
/// It has the form of a target because modules built for libFuzzer can be linked into nothing else; it has no input.
@_cdecl("LLVMFuzzerTestOneInput")
public func writeSeeds(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let folder = unsafe getenv("SEEDS") else { fatalError("SEEDS names no folder") }
    writeAll(below: unsafe String(cString: folder))
    return 0
}

private func writeAll(below folder: String) {
    for (index, example) in Examples.requests.enumerated() { write("request", index, Frame.encode(example.value)) }
    for (index, example) in Examples.replies.enumerated() { write("reply", index, Frame.encode(example.value)) }
    for (index, outcome) in Examples.outcomes.enumerated() {
        write("reply", 100 + index, Frame.encode(Reply.answered(outcome, Examples.catalog)))
    }
    for (index, command) in Examples.commands.enumerated() {
        write("request", 100 + index, Frame.encode(Request.query(command)))
    }
    // As many of the shortest values as fit: what a frame can grow to in memory.
    let exchange = Exchange(
        incarnation: Incarnation(1), cursor: .zero, park: .zero, firstCommand: 1, acknowledged: 0,
        commands: [Command](repeating: .status, count: 4000))
    write("request", 200, Frame.encode(Request.exchange(exchange)))
    let exchanged = Exchanged(
        reign: 1, lsn: .zero, outcomes: [Outcome](repeating: .detached, count: 4000), membership: nil, policy: nil,
        regions: [], agents: [], wall: Examples.wall)
    write("reply", 200, Frame.encode(Reply.exchanged(exchanged)))
    write("gossip", 0, Frame.encode(Examples.gossip))
    for (index, example) in Examples.records.enumerated() {
        var encoder = Encoder()
        encoder.value(example.value)
        write("record", index, encoder.bytes)
    }
    for (index, example) in ExampleRows.rows.enumerated() {
        var encoder = Encoder()
        encoder.value(example.value)
        write("row", index, encoder.bytes)
    }
    for (index, shape) in DiskShape.examples.enumerated() { write("journal", index, shape) }

    func write(_ target: String, _ number: Int, _ bytes: [UInt8]) {
        let path = "\(folder)/\(target)/example-\(number)"
        guard let file = unsafe fopen(path, "w") else { fatalError("cannot write \(path)") }
        let written = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
        guard unsafe fclose(file) == 0, written == bytes.count else { fatalError("cannot write \(path)") }
    }
}
