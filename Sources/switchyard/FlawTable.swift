import Node
import Routing
import Simulation

/// How long it takes until a checker notices each of the mistakes that nodes can be told to make; in seconds of the
/// processor, so that it says the same on a machine that is busy with other things.
struct FlawTable {
    /// Of all seeds the first.
    let first: UInt64
    /// No mistake may take longer to be noticed.
    private static let secondsMost: UInt64 = 60

    /// Plays them one after the other; a failure if one was not noticed in time.
    func show() throws -> Int32 {
        Console.put("flaw                        worlds  seconds  noticed by\n")
        var isWhole = true
        for flaw in Flaw.allCases {
            let began = Process.processorMicroseconds()
            var worlds: UInt64 = 0
            var noticed: [String] = []
            while noticed.isEmpty && Process.processorMicroseconds() - began < Self.secondsMost * 1_000_000 {
                let run = try Run(.swarm(seed: first &+ worlds), flaws: Flaws([flaw]), endsEarly: true)
                noticed = run.wrong.compactMap { $0.split(separator: ":").first.map(String.init) }
                worlds += 1
            }
            if noticed.isEmpty { isWhole = false }
            let hundredths = (Process.processorMicroseconds() - began) / 10_000
            let seconds = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
            let names = Set(noticed.filter { !$0.contains(" ") }).sorted().joined(separator: ", ")
            let line =
                padded(flaw.rawValue, to: 26) + left("\(worlds)", to: 8) + left(seconds, to: 9) + "  "
                + (noticed.isEmpty ? "nobody" : names.isEmpty ? noticed[0] : names)
            Console.put(line + "\n")
        }
        return isWhole ? ExitCode.success : ExitCode.failed
    }

    private func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
    private func left(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
