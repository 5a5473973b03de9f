import Foundation

/// `benchmark [--agents N,N,...] [--check FILE] [--save FILE]`: what a decision costs, beside a plain scan.
/// `benchmark --gossip`: bytes and processor time of what routers tell each other.
/// `benchmark --ledger FOLDER [--tickets N]`: a ledger of so many live tickets, its snapshot and its recovery; with
/// `--start` only the recovery of what is in the folder.
/// `benchmark --coordinator FOLDER [--seconds S]`: a coordinator on a real disk under ten routers' batches.
/// `benchmark --timers N`: what a timer costs (10,000,000). `benchmark --promises N`: what clocks cost (100,000 for the
/// morning's rush, 1,000,000 for memory). These three take `--check` and `--save`.
@main struct Main {
    static func main() { exit(run(CommandLine.arguments)) }

    private static func run(_ arguments: [String]) -> Int32 {
        func value(after option: String) -> String? {
            arguments.firstIndex(of: option).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
        }
        if let folder = value(after: "--ledger") {
            let tickets = value(after: "--tickets").flatMap { Int($0) } ?? 1_000_000
            let run = LedgerRun(tickets: tickets, folder: folder)
            do { if arguments.contains("--start") { try run.start() } else { try run.measure() } } catch {
                return fail("\(error)")
            }
            return 0
        }
        let (saved, checked) = (value(after: "--save"), value(after: "--check"))
        if arguments.contains("--gossip") {
            for size in [1_000, 5_000] {
                var run = GossipRun(agents: size)
                run.measure()
            }
            return 0
        }
        if let folder = value(after: "--coordinator") {
            let seconds = value(after: "--seconds").flatMap { Int($0) } ?? 10
            do {
                return keep(try CoordinatorRun(folder: folder, seconds: seconds).measure(), saved, checked)
            } catch { return fail("\(error)") }
        }
        if let timers = value(after: "--timers").flatMap({ Int($0) }) {
            let figures = TimerRun(timers: timers).measure()
            return max(judge(figures, TimerRun.bounds), keep(figures, saved, checked))
        }
        if let tickets = value(after: "--promises").flatMap({ Int($0) }) {
            let figures = PromiseRun(tickets: tickets).measure()
            return max(judge(figures, PromiseRun.bounds), keep(figures, saved, checked))
        }
        let sizes = (value(after: "--agents") ?? "1000,10000,100000").split(separator: ",").compactMap { Int($0) }
        print("ns an operation, the clock (30 ns) included; 10 tickets an agent, 125 agents a group")
        print(
            "agents".filled(8), "what".filled(34), "median".filled(9, true), "p99".filled(9, true),
            "p99.9".filled(9, true))
        var figures: [String: Double] = [:]
        if let most = sizes.max() { figures = Run(agents: most).weigh() }
        for size in sizes { figures.merge(Run(agents: size).measure()) { $1 } }
        return keep(figures, saved, checked)
    }

    /// Puts the figures in place of those of the same names in the one file, and compares them with those of the other.
    private static func keep(_ figures: [String: Double], _ saved: String?, _ checked: String?) -> Int32 {
        if let path = saved {
            do {
                var all = Baseline(figures: [:])
                if FileManager.default.fileExists(atPath: path) { all = try Baseline.read(path) }
                all.figures.merge(figures) { $1 }
                try all.save(path)
            } catch { return fail("cannot write \(path): \(error)") }
        }
        guard let path = checked else { return 0 }
        do {
            let worse = try Baseline.read(path).worse(figures)
            for line in worse { print("worse: \(line)") }
            print(worse.isEmpty ? "no worse than \(path)" : "\(worse.count) worse than \(path)")
            return worse.isEmpty ? 0 : 1
        } catch { return fail("cannot read \(path): \(error)") }
    }

    /// Figures that have bounds of their own beside the baseline: what was promised.
    private static func judge(_ figures: [String: Double], _ bounds: [String: Double]) -> Int32 {
        let over = figures.filter { $0.value > bounds[$0.key] ?? .infinity }
        for key in over.keys.sorted() { print("over its bound: \(key)") }
        return over.isEmpty ? 0 : 1
    }

    private static func fail(_ message: String) -> Int32 {
        print(message)
        return 2
    }
}
