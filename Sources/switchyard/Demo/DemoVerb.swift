import AgentClient
import Foundation
import Node
import Routing
import Synchronization
import Wire

/// `switchyard demo`: a cluster of real processes routes a real company's day. `cluster/demo` calls it.
enum DemoVerb {
    static let verb = Verb(
        name: "demo", summary: "Starts a cluster on this machine and replays a real day of tickets through it.",
        operands: "",
        options: [
            Option("company", "PATH", "the cluster file or folder", default: "cluster/company"),
            Option("trace", "FILE", "the day's tickets", default: "cluster/traffic/volvo-2012-05-02_04.tsv"),
            Option("day", "DATE", "2012-05-02, -03 or -04", default: "2012-05-02"),
            Option("speed", "N", "times real time, 1 to 20000", default: "1440"),
            Option("cases", "N", "only the first N of the day"),
            Option("keep", nil, "leave the cluster up afterwards and say what to type next"),
            Arguments.format,
        ],
        examples: ["cluster/demo", "cluster/demo --day 2012-05-03 --speed 2880", "cluster/demo --keep"], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        let speed = try arguments.whole("speed", 1...20_000) ?? 1440
        let count = try arguments.whole("cases", 1...1_000_000)
        let company = try Configuration.load(try arguments.require("company"))
        let text = try TextFile.read(try arguments.require("trace"))
        let trace = try Trace(text, day: try arguments.require("day"), count: count)
        guard !trace.cases.isEmpty else { throw UsageError("--day: the trace has no case of \(trace.day)") }
        let folder = try TemporaryFolder.make("switchyard-demo")
        let cluster = try LocalCluster(
            config: try arguments.require("company"), regions: company.regions, folder: folder)
        let isJSON = try arguments.wantsJSON
        let demo = Demo(company: company, trace: trace, speed: Double(speed), cluster: cluster, isJSON: isJSON)
        let signals = Signals([SIGINT, SIGTERM]) {
            cluster.stop()
            TemporaryFolder.remove(folder)
            Node.Process.exit(130)
        }
        defer { signals.cancel() }
        let report: DemoReport
        do {
            try cluster.start()
            report = try await demo.run()
        } catch {
            cluster.stop()
            for trouble in cluster.unexpected { Console.error(trouble) }
            throw error
        }
        print(isJSON ? Console.json(report) : report.text)
        if arguments.has("keep") { await keep(cluster, isJSON) }
        cluster.stop()
        TemporaryFolder.remove(folder)
        return report.isGood ? ExitCode.success : ExitCode.failed
    }

    /// Leaves the cluster up until Ctrl-C.
    private static func keep(_ cluster: LocalCluster, _ isJSON: Bool) async {
        guard let router = cluster.routers.first else { return }
        let me = CommandLine.arguments[0]
        FileHandle.standardError.write(
            Data(
                """

                The cluster stays up. Logs and ledger: \(cluster.folder). Ctrl-C ends it. Try, in another terminal:
                  \(me) status --at \(router.address)
                  \(me) ticket submit --at \(router.address) --region pl --product PROD424 --subject "Printer on fire"
                  \(me) agent hq-1-01 --at \(router.address)
                  \(me) ticket show 1 --at \(router.address)

                """.utf8))
        while true { try? await Task.sleep(for: .seconds(3600)) }
    }
}

/// One run of the demo.
struct Demo: Sendable {
    let company: Company
    let trace: Trace
    let speed: Double
    let cluster: LocalCluster
    let isJSON: Bool

    struct NotReady: Error, CustomStringConvertible {
        let what: String
        var description: String { what }
    }

    func run() async throws -> DemoReport {
        let routers = Dictionary(uniqueKeysWithValues: cluster.routers.map { ($0.name, $0.address) })
        let operatorsClient = try TicketClient(node: cluster.coordinator.address)
        try await waitForMembers(operatorsClient)
        let loop = ClientLoop(clock: MonotonicClock.now, onStuck: Program.leaveStuck)
        let groups = Dictionary(uniqueKeysWithValues: company.agents.map { ($0.name, Set($0.groups)) })
        let players = try Players(trace: trace, speed: speed, groups: groups, routers: routers, loop: loop)
        players.attach(agentsByRegion, routers: routers, grace: company.timing.grace)
        try await waitForAgents(players)
        let before = try await Vital.all(cluster)
        let askedBefore = loop.askedCount
        let start = SystemClock.nanoseconds()
        players.begin()
        try await watch(players, operatorsClient, since: start)
        let seconds = Double(SystemClock.nanoseconds() - start) / 1e9
        let after = try await Vital.all(cluster)
        var played = players.played
        played.clientMessages += loop.askedCount - askedBefore
        let checked = try await PathCheck.run(played, trace, operatorsClient, company)
        loop.end()
        return DemoReport(
            trace: trace, speed: speed, seconds: seconds, played: played, checked: checked, before: before,
            after: after, restarts: cluster.restarts, unexpected: cluster.unexpected)
    }

    /// Agents sit where their first group is.
    private var agentsByRegion: [String: [String]] {
        let regions = Dictionary(uniqueKeysWithValues: company.groups.map { ($0.name, $0.region) })
        return Dictionary(grouping: company.agents) { regions[$0.groups.first ?? ""] ?? "" }
            .mapValues { $0.map(\.name) }
    }

    private func waitForMembers(_ client: TicketClient) async throws {
        let deadline = SystemClock.nanoseconds() + 30_000_000_000
        while SystemClock.nanoseconds() < deadline {
            if let status = try? await ShownStatus.ask(client), status.routers.count == cluster.routers.count,
                status.routers.allSatisfy({ $0.owns == [$0.region] })
            {
                return
            }
            if let trouble = cluster.unexpected.first { throw NotReady(what: trouble) }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw NotReady(what: "the routers did not all join within 30 s; see \(cluster.folder)/log")
    }

    private func waitForAgents(_ players: Players) async throws {
        let deadline = SystemClock.nanoseconds() + 30_000_000_000
        while SystemClock.nanoseconds() < deadline {
            if players.attachedCount == company.agents.count { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw NotReady(what: "only \(players.attachedCount) of \(company.agents.count) agents attached within 30 s")
    }

    /// Shows progress until every case is closed, or nothing has moved for 30 s.
    private func watch(_ players: Players, _ client: TicketClient, since start: UInt64) async throws {
        let progress = Progress(isTerminal: Console.isTerminal && !isJSON, isQuiet: isJSON)
        var lastMoved = SystemClock.nanoseconds()
        var lastMark: [UInt64] = []
        let total = UInt64(trace.cases.count)
        while true {
            try await Task.sleep(for: .milliseconds(progress.isTerminal ? 250 : 1000))
            let status = try? await ShownStatus.ask(client)
            let played = players.played
            let day = Double(SystemClock.nanoseconds() - start) / 1e9 * speed
            if let status {
                progress.show(day: day, status: status, played: played)
                let mark = [status.lsn, status.ticketsClosed, UInt64(played.submitted)]
                if mark != lastMark { lastMoved = SystemClock.nanoseconds() }
                lastMark = mark
                if status.ticketsClosed >= total && status.ticketsLive == 0 { break }
            }
            if SystemClock.nanoseconds() - lastMoved > 30_000_000_000 { break }
        }
        progress.finish()
    }
}

/// The line that says how far the day is: one that changes on a terminal, one after the other elsewhere.
final class Progress: Sendable {
    let isTerminal: Bool
    private let isQuiet: Bool
    init(isTerminal: Bool, isQuiet: Bool) {
        self.isTerminal = isTerminal
        self.isQuiet = isQuiet
    }

    func show(day: Double, status: ShownStatus, played: Played) {
        guard !isQuiet else { return }
        let minutes = Int(day / 60)
        let clock = String(format: "%02d:%02d", min(minutes / 60, 99), minutes % 60)
        var tiers: [String] = []
        for tier in 1...3 {
            let groups = status.groups.filter { $0.name.hasSuffix("-\(tier)") }
            tiers.append("t\(tier) \(groups.map(\.waiting).reduce(0, +))+\(groups.map(\.working).reduce(0, +))")
        }
        let regions = Dictionary(grouping: status.groups) { $0.name.split(separator: "-").first.map(String.init) ?? "" }
        let perRegion = regions.keys.sorted().map { name in
            let groups = regions[name] ?? []
            return "\(name) \(groups.map(\.waiting).reduce(0, +))+\(groups.map(\.working).reduce(0, +))"
        }
        let line =
            "\(clock)  in \(played.submitted)  closed \(status.ticketsClosed)  waiting+working: "
            + (tiers + perRegion).joined(separator: "  ") + "  widened \(status.ticketsWidened)"
        Console.put(isTerminal ? "\r\u{1b}[K\(line)" : "\(line)\n")
    }

    func finish() { if isTerminal { Console.put("\n") } }
}
