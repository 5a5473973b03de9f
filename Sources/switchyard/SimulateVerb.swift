import Node
import Routing
import Simulation

/// `switchyard simulate`: the production nodes in worlds made from seeds.
enum SimulateVerb {
    static let verb = Verb(
        name: "simulate",
        summary: "Plays clusters in which everything goes wrong, each made from a number, and judges them.",
        operands: "",
        options: [
            Option("seed", "N", "plays this one world"),
            Option("seeds", "N", "plays so many worlds, from --from on"),
            Option("minutes", "M", "plays worlds for so long"),
            Option("from", "TEXT", "the first seed: a number, or any text, which stands for one", default: "1"),
            Option("size", "SIZE", "any, short (3 routers, 20 agents, 300 tickets), calm, or day", default: "any"),
            Option("cores", "N", "plays so many worlds at once; all of the machine's without it"),
            Option("shrink", nil, "leaves out of a failing world what it fails without"),
            Option("flaw", "NAME", "the nodes make this mistake, to see a checker find it", repeats: true),
            Option("flaws", nil, "for each of these mistakes, how many worlds and seconds until a checker notices it"),
            Option("trace", nil, "prints all that happened, line by line; with --seed"),
            Arguments.format,
        ],
        examples: [
            "switchyard simulate --seed 42 --shrink", "switchyard simulate --minutes 1 --from $(git rev-parse HEAD)",
            "switchyard simulate --seeds 100 --flaw fence-unchecked", "switchyard simulate --seed 1 --size day",
        ], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        let flaws = try arguments.all("flaw").map { name in
            guard let flaw = Flaw(rawValue: name) else {
                let known = Flaw.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("--flaw: there is no \"\(name)\"; there are \(known)")
            }
            return flaw
        }
        guard let size = Simulations.Size(rawValue: try arguments.require("size")) else {
            throw UsageError("--size: expected any, short, calm or day")
        }
        let simulations = Simulations(
            size: size, flaws: Flaws(flaws), isShrinking: arguments.has("shrink"), isTraced: arguments.has("trace"),
            wantsJSON: try arguments.wantsJSON)
        if let seed = arguments.text("seed") { return try simulations.play(one: Self.seed(seed)) }
        let first = Self.seed(try arguments.require("from"))
        if arguments.has("flaws") { return try FlawTable(first: first).show() }
        let cores = try arguments.whole("cores", 1...1_024) ?? SeedPool.coresAll
        if let minutes = try arguments.whole("minutes", 1...100_000) {
            let end = SystemClock().now().instant + .seconds(60 * UInt64(minutes))
            return try simulations.play(from: first, on: cores) { _ in SystemClock().now().instant < end }
        }
        guard let count = try arguments.whole("seeds", 1...1_000_000_000) else {
            throw UsageError("--seed, --seeds or --minutes is missing")
        }
        return try simulations.play(from: first, on: cores) { $0 < count }
    }

    /// A number, or what any other text stands for: the same one everywhere.
    static func seed(_ text: String) -> UInt64 {
        if let number = UInt64(text) { return number }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        // Short enough to be typed, and seeds are counted up from here.
        return hash >> 24
    }
}
