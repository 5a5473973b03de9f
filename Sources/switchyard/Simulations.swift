import Foundation
import Node
import Routing
import Simulation
import Synchronization

/// Worlds, one after the other, and what is said of them.
struct Simulations: Sendable {
    enum Size: String, Sendable { case any, short, calm, day }

    let size: Size
    let flaws: Flaws
    let isShrinking: Bool
    let isTraced: Bool
    let wantsJSON: Bool

    /// Lines of a failing world's trace that are shown before the first complaint, if not all are asked for.
    private static let linesShown = 40

    func play(one seed: UInt64) throws -> Int32 {
        let began = Process.processorMicroseconds()
        let run = try play(options(seed), nil)
        let microseconds = Process.processorMicroseconds() - began
        guard run.wrong.isEmpty else { return try fail(run, worlds: 1) }
        if isTraced { try showTrace(of: run, isWhole: true) }
        if wantsJSON { Console.put(Console.json(ShownRun(run, microseconds)) + "\n") } else { say(run) }
        return ExitCode.success
    }

    /// Seeds from `first` on, each on a core, for as long as `isMore` says so of the number of worlds so far.
    func play(from first: UInt64, on cores: Int, while isMore: @Sendable (Int) -> Bool) throws -> Int32 {
        let sum = Mutex(Totals())
        let began = (nanoseconds: SystemClock.nanoseconds(), microseconds: Process.processorMicroseconds())
        let failed = try SeedPool(cores: cores).play(while: isMore) { number in
            try play(options(first &+ UInt64(number)), nil)
        } take: { run in
            sum.withLock { $0.add(run) }
        }
        var totals = sum.withLock { $0 }
        if let failed { return try fail(failed, worlds: totals.worlds) }
        totals.seconds = Double((SystemClock.nanoseconds() - began.nanoseconds) / 10_000_000) / 100
        totals.processorSeconds = Double((Process.processorMicroseconds() - began.microseconds) / 10_000) / 100
        Console.put(wantsJSON ? Console.json(totals) + "\n" : totals.text)
        return ExitCode.success
    }

    private func options(_ seed: UInt64) -> Options {
        switch size {
        case .any: .swarm(seed: seed)
        case .short: .short(seed: seed)
        case .calm: .calm(seed: seed)
        case .day: .day(seed: seed)
        }
    }

    private func play(_ options: Options, _ faults: [Fault]?, trace: WorldTrace? = nil) throws -> Run {
        try Run(options, faults: faults, flaws: flaws, trace: trace)
    }

    private func say(_ run: Run) {
        Console.put("\(run.options)\n")
        for fault in run.faults { Console.put("  \(fault)\n") }
        let digest = String(run.digest, radix: 16)
        Console.put("kept every promise: \(run.ticketsClosed) tickets, \(run.effort.events) events, digest \(digest)\n")
    }

    /// Says what was wrong and how it came to it.
    private func fail(_ failed: Run, worlds: Int) throws -> Int32 {
        var failed = failed
        if isShrinking {
            let shrunk = try Shrink(failed) { try play($0, $1) }
            Console.error(
                "shrunk from \(failed.faults.count) to \(shrunk.run.faults.count) faults, \(shrunk.tries) runs")
            failed = shrunk.run
        }
        if wantsJSON {
            Console.put(Console.json(ShownRun(failed, nil)) + "\n")
            return ExitCode.failed
        }
        try showTrace(of: failed, isWhole: isTraced)
        Console.put("\n\(failed.options)\n")
        for fault in failed.faults { Console.put("  \(fault)\n") }
        for line in failed.wrong.prefix(20) { Console.put("WRONG \(line)\n") }
        Console.put(
            "world \(worlds) failed; seed \(failed.options.seed), commit \(Self.commit); again: switchyard simulate "
                + "--seed \(failed.options.seed)\(size == .any ? "" : " --size \(size.rawValue)")\n")
        return ExitCode.failed
    }

    /// The run once more, written down: what came before the first complaint, or all of it.
    private func showTrace(of run: Run, isWhole: Bool) throws {
        let trace = WorldTrace(most: isWhole ? 1_000_000 : 50_000)
        _ = try play(run.options, run.faults, trace: trace)
        let lines = trace.lines
        let first = lines.firstIndex { $0.contains(" WRONG ") } ?? lines.count
        let shown = isWhole ? lines[...] : lines[max(0, first - Self.linesShown)..<min(lines.count, first + 4)]
        for line in shown { Console.put("\(isWhole ? line : String(line.prefix(240)))\n") }
    }

    /// Of the folder in which this runs, if it is a checkout.
    private static var commit: String {
        func line(_ path: String) -> String? {
            guard let text = try? TextFile.read(path) else { return nil }
            return text.split(whereSeparator: \.isNewline).first.map(String.init)
        }
        guard let head = line(".git/HEAD") else { return "unknown" }
        return head.hasPrefix("ref: ") ? line(".git/\(head.dropFirst(5))") ?? "unknown" : head
    }
}

/// What many worlds came to.
private struct Totals: Encodable {
    var worlds = 0
    var tickets = 0
    var events: UInt64 = 0
    var minutesOfTheirs: UInt64 = 0
    var seconds = 0.0
    var processorSeconds = 0.0
    private var milliseconds: UInt64 = 0

    private enum CodingKeys: CodingKey { case worlds, tickets, events, minutesOfTheirs, seconds, processorSeconds }

    mutating func add(_ run: Run) {
        worlds += 1
        tickets += run.ticketsClosed
        events += run.effort.events
        milliseconds += run.time
        minutesOfTheirs = milliseconds / 60_000
    }

    var text: String {
        "\(worlds) worlds kept every promise: \(tickets) tickets, \(events) events, \(minutesOfTheirs) minutes "
            + "of theirs in \(seconds) s, \(processorSeconds) s of the processor\n"
    }
}

/// A run for programs.
private struct ShownRun: Encodable {
    let seed: UInt64
    let options: String
    let faults: [String]
    let wrong: [String]
    let digest: String
    let events: UInt64
    /// Of what kind, and how often nodes were stepped.
    let effort: [String: UInt64]
    /// Of the world's own time.
    let milliseconds: UInt64
    /// Of the processor; of a run that was repeated, nothing.
    let processorMicroseconds: UInt64?
    let ticketsClosed: Int

    init(_ run: Run, _ microseconds: UInt64?) {
        seed = run.options.seed
        options = "\(run.options)"
        faults = run.faults.map(\.description)
        wrong = run.wrong
        digest = String(run.digest, radix: 16)
        events = run.effort.events
        effort = [
            "messages": run.effort.messages, "publications": run.effort.publications, "wakes": run.effort.wakes,
            "others": run.effort.others, "coordinatorTurns": run.effort.coordinatorTurns,
            "routerTurns": run.effort.routerTurns, "records": run.effort.records,
        ]
        milliseconds = run.time
        processorMicroseconds = microseconds
        ticketsClosed = run.ticketsClosed
    }
}
