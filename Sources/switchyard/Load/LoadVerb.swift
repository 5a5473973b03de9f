import AgentClient
import Foundation
import Node
import Routing
import Wire

/// `switchyard load`: simulated traffic, measured from when each ticket was due.
enum LoadVerb {
    static let verb = Verb(
        name: "load",
        summary: "Measures a coordinator and a router under simulated traffic: its own, or a running cluster's.",
        operands: "",
        options: [
            Option(
                "rate", "N", "tickets a second, open loop: late answers do not slow the next ticket", default: "1000"),
            Option("outstanding", "W", "closed loop instead: W tickets under way, as fast as it goes"),
            Option("seconds", "T", "how long to measure", default: "10"),
            Option("burst", "F", "then F times the rate for --burst-seconds, and then the usual rate for 40 s"),
            Option("burst-seconds", "T", "how long the burst is", default: "60"),
            Option("warmup", "T", "seconds before measuring", default: "1"),
            Option("agents", "A", "agents, each with one ticket at a time", default: "200"),
            Option(
                "routers", "R", "routers of its own cluster, each with a region and its share of agents", default: "1"),
            Option("skills", "S", "skills; an agent has three, a ticket needs one", default: "20"),
            Option("batch", "B", "submissions in one message", default: "1"),
            Option("agents-per-connection", "K", "agents who share a connection", default: "1"),
            Option(
                "connections", "C", "submitters' connections to each door; one carries 64 messages at a time",
                default: "1"),
            Option(
                "at", "[REGION=]HOST:PORT,...",
                "routers of a running cluster that has the agents of --print-company: agents and tickets are shared out"
                    + " among them, each door's tickets are of its REGION"),
            Option("log", "FILE", "the clients' own record: acknowledged, yours, resolved, released; a line each"),
            Option("print-company", nil, "print the cluster file for these agents and skills, and end"),
            Arguments.format,
        ],
        examples: [
            "switchyard load --rate 1000 --seconds 60",
            "switchyard load --outstanding 256 --batch 16 "
                + "--agents-per-connection 50",
            "switchyard load --rate 500 --burst 10 --agents-per-connection 50",
            "switchyard load --routers 10 --agents 10000 --agents-per-connection 100 --rate 300 --seconds 300",
        ], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        var company = LoadCompany(
            agents: try arguments.whole("agents", 1...Limits.agentsMax) ?? 200,
            skills: try arguments.whole("skills", 1...1000) ?? 20)
        company.regionCount = try arguments.whole("routers", 1...min(company.agents, Limits.regionsMax)) ?? 1
        if arguments.has("print-company") {
            Console.put(company.text)
            return ExitCode.success
        }
        var plan = LoadRun.Plan(
            routers: [], company: company, rate: try arguments.whole("rate", 1...1_000_000),
            outstanding: try arguments.whole("outstanding", 1...100_000) ?? 0,
            seconds: try arguments.whole("seconds", 1...86_400) ?? 10,
            warmup: try arguments.whole("warmup", 0...3600) ?? 1,
            batch: try arguments.whole("batch", 1...Limits.submissionsPerMessageMax) ?? 1,
            agentsPerConnection: try arguments.whole("agents-per-connection", 1...Limits.agentsPerSessionMax) ?? 1,
            connections: try arguments.whole("connections", 1...1_000) ?? 1)
        if plan.outstanding > 0 { plan.rate = nil }
        if let factor = try arguments.whole("burst", 2...1_000) {
            guard plan.rate != nil else { throw UsageError("--burst is for an open loop (--rate)") }
            let seconds = try arguments.whole("burst-seconds", 1...3600) ?? 60
            plan.burst = Burst(factor: factor, seconds: seconds, secondsAfter: 40)
        }
        plan.log = try arguments.text("log").map { try ClientLog($0) }
        if let text = arguments.text("at") {
            let doors = try text.split(separator: ",", omittingEmptySubsequences: false).map(LoadDoor.init)
            guard doors.count <= company.agents else { throw UsageError("--at: more doors than agents") }
            plan.company.regionCount = doors.count
            plan.routers = doors.map(\.address)
            plan.regions = doors.map(\.region)
            let report = try await measure(plan, nodes: plan.routers)
            print(try arguments.wantsJSON ? Console.json(report) : report.text)
            return report.isGood ? ExitCode.success : ExitCode.failed
        }
        return try await runOwnCluster(plan, isJSON: try arguments.wantsJSON)
    }

    private static func runOwnCluster(_ plan: LoadRun.Plan, isJSON: Bool) async throws -> Int32 {
        let folder = try TemporaryFolder.make("switchyard-load")
        let config = "\(folder)/company.json5"
        try plan.company.text.write(toFile: config, atomically: true, encoding: .utf8)
        let cluster = try LocalCluster(config: config, regions: plan.company.regions, folder: folder)
        let signals = Signals([SIGINT, SIGTERM]) {
            cluster.stop()
            TemporaryFolder.remove(folder)
            Node.Process.exit(130)
        }
        defer {
            signals.cancel()
            cluster.stop()
            TemporaryFolder.remove(folder)
        }
        try cluster.start()
        var plan = plan
        plan.routers = cluster.routers.map(\.address)
        plan.regions = plan.routers.count == 1 ? [""] : plan.company.regions
        try await hasMembers(cluster)
        let report = try await measure(plan, nodes: [cluster.coordinator.address] + plan.routers)
        print(isJSON ? Console.json(report) : report.text)
        for trouble in cluster.unexpected { Console.error(trouble) }
        return report.isGood && cluster.unexpected.isEmpty ? ExitCode.success : ExitCode.failed
    }

    /// Waits until every router is a member: before that it refuses tickets.
    private static func hasMembers(_ cluster: LocalCluster) async throws {
        let client = try TicketClient(node: cluster.coordinator.address, contexts: 1)
        defer { client.close() }
        for _ in 0..<600 {
            let reply = try? await client.ask(.query(.status), patience: .seconds(2))
            if case .answered(.status(let status), _)? = reply, status.routers.count == cluster.routers.count { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Demo.NotReady(what: "not all of \(cluster.routers.count) routers were members in 30 s")
    }

    private static func measure(_ plan: LoadRun.Plan, nodes: [String]) async throws -> LoadReport {
        let run = try LoadRun(plan)
        run.attach()
        let deadline = SystemClock.nanoseconds() + 30_000_000_000
        while run.counts.attached < plan.company.agents {
            guard SystemClock.nanoseconds() < deadline else {
                throw Demo.NotReady(
                    what: "only \(run.counts.attached) of \(plan.company.agents) agents attached in 30 s")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        let before = try await vitals(nodes)
        let asked = run.askedCount
        let processor = Node.Process.processorMicroseconds()
        await withCheckedContinuation { continuation in
            let thread = Thread {
                run.run()
                continuation.resume()
            }
            thread.start()
        }
        let clients = Node.Process.processorMicroseconds() - processor
        let after = try await vitals(nodes)
        let messages = run.askedCount - asked + run.counts.submitted / plan.batch
        let report = LoadReport(
            plan: plan, counts: run.counts, before: before, after: after, clientMessages: messages,
            clientMicroseconds: clients)
        run.loop.end()
        return report
    }

    private static func vitals(_ nodes: [String]) async throws -> [Vitals] {
        var all: [Vitals] = []
        for node in nodes {
            let client = try TicketClient(node: node, contexts: 1)
            if case .vitals(let vitals) = try await client.ask(.vitals) { all.append(vitals) }
            client.close()
        }
        return all
    }
}
