import Glibc
import Journal
import Routing
import Wire

/// Writes one file for every example message and record of WireTests, and journals of the real writer, below the folder
/// named on the command line: where fuzzing starts, besides the kept corpus.
@main
struct Seeds {
    static func main() {
        writeAll(below: CommandLine.arguments[1])
    }
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
    write("gossip", 0, Frame.encode(Examples.gossip))
    for (index, example) in Examples.records.enumerated() {
        var encoder = Encoder()
        encoder.value(example.value)
        write("record", index, encoder.bytes)
    }
    for (index, shape) in DiskShape.examples.enumerated() { write("journal", index, shape) }

    func write(_ target: String, _ number: Int, _ bytes: [UInt8]) {
        let path = "\(folder)/\(target)/example-\(number)"
        guard let file = unsafe fopen(path, "w") else { fatalError("cannot write \(path)") }
        let written = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
        guard unsafe fclose(file) == 0, written == bytes.count else { fatalError("cannot write \(path)") }
    }
}
