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
            Option("shrink", nil, "leaves faults out of a failing world's schedule while it still fails"),
            Option("flaw", "NAME", "the nodes make this mistake; to see a checker find it", repeats: true),
            Option("calm", nil, "worlds without faults"),
            Option("trace", nil, "prints what happened, line by line; with --seed"),
            Arguments.format,
        ],
        examples: [
            "switchyard simulate --seed 42 --shrink", "switchyard simulate --minutes 1 --from $(git rev-parse HEAD)",
            "switchyard simulate --seeds 100 --flaw fence-unchecked",
        ], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        let flaws = try arguments.all("flaw").map { name in
            guard let flaw = Flaw(rawValue: name) else { throw UsageError("there is no flaw \"\(name)\"") }
            return flaw
        }
        let simulation = Simulations(
            flaws: Flaws(flaws), isCalm: arguments.has("calm"), isShrinking: arguments.has("shrink"),
            isTraced: arguments.has("trace"), wantsJSON: try arguments.wantsJSON)
        if let seed = arguments.text("seed") { return try simulation.play([Self.seed(seed)], isOne: true) }
        let first = Self.seed(try arguments.require("from"))
        if let minutes = try arguments.whole("minutes", 1...100_000) {
            return try simulation.play(from: first, for: .seconds(60 * UInt64(minutes)))
        }
        guard let count = try arguments.whole("seeds", 1...1_000_000_000) else {
            throw UsageError("--seed, --seeds or --minutes is missing")
        }
        return try simulation.play((0..<UInt64(count)).lazy.map { first &+ $0 }, isOne: false)
    }

    /// A number, or what any other text stands for: the same one everywhere.
    private static func seed(_ text: String) -> UInt64 {
        if let number = UInt64(text) { return number }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        // Seeds are counted up from here: far from the end, and short enough to be typed.
        return hash >> 24
    }
}

/// Worlds, one after the other, and what is said of them.
struct Simulations {
    let flaws: Flaws
    let isCalm: Bool
    let isShrinking: Bool
    let isTraced: Bool
    let wantsJSON: Bool

    func play(_ seeds: some Sequence<UInt64>, isOne: Bool) throws -> Int32 {
        var totals = Totals()
        for seed in seeds {
            let run = try play(seed)
            totals.add(run)
            if isOne { say(run) }
            if !run.wrong.isEmpty { return try fail(run, totals) }
        }
        conclude(totals)
        return ExitCode.success
    }

    func play(from first: UInt64, for length: Interval) throws -> Int32 {
        var totals = Totals()
        let end = SystemClock().now().instant + length
        while SystemClock().now().instant < end {
            let run = try play(first &+ UInt64(totals.worlds))
            totals.add(run)
            if !run.wrong.isEmpty { return try fail(run, totals) }
        }
        conclude(totals)
        return ExitCode.success
    }

    private func options(_ seed: UInt64) -> Options { isCalm ? .calm(seed: seed) : .swarm(seed: seed) }

    private func play(_ seed: UInt64, faults: [Fault]? = nil, trace: WorldTrace? = nil) throws -> Run {
        try Run(options(seed), faults: faults, flaws: flaws, trace: trace, checkers: Checkers.all())
    }

    private struct Totals {
        var worlds = 0
        var events: UInt64 = 0
        var time: UInt64 = 0
        var tickets = 0
        let began = SystemClock.nanoseconds()

        mutating func add(_ run: Run) {
            worlds += 1
            events += run.events
            time += run.time
            tickets += run.ticketsClosed
        }
    }

    private func conclude(_ totals: Totals) {
        let seconds = Double(SystemClock.nanoseconds() - totals.began) / 1e9
        Console.put(
            "\(totals.worlds) worlds kept every promise: \(totals.tickets) tickets, \(totals.events) events, "
                + "\(totals.time / 60_000) minutes of theirs in \(Int(seconds * 10) / 10) s\n")
    }

    private func say(_ run: Run) {
        Console.put("\(run.options)\n")
        for fault in run.faults { Console.put("  \(fault)\n") }
        Console.put("digest \(String(run.digest, radix: 16)), \(run.events) events, \(run.time) ms\n")
    }

    private func fail(_ failed: Run, _ totals: Totals) throws -> Int32 {
        for line in failed.wrong.prefix(20) { Console.put("WRONG \(line)\n") }
        Console.put("seed \(failed.options.seed)\n")
        if isTraced {
            let trace = WorldTrace()
            _ = try play(failed.options.seed, trace: trace)
            Console.put(trace.lines.joined(separator: "\n") + "\n")
        }
        return ExitCode.failed
    }
}
