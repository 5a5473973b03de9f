import Foundation
import Glibc
import Routing
import Testing
import Wire

extension Processes {
    /// Measurements, not checks: what they find is printed. `Tests/run figures` makes all of them with the release
    /// build, on a machine that does nothing else; `SWITCHYARD_FIGURES=small Tests/run Figure` tries them.
    @Suite(.enabled(if: Figures.isAsked, "figures are made by `Tests/run figures`"))
    struct FigureTests {}
}

enum Figures {
    private static let size = ProcessInfo.processInfo.environment["SWITCHYARD_FIGURES"] ?? ""
    static var isAsked: Bool { !size.isEmpty }
    static var isFull: Bool { size == "full" }

    static func seconds(_ nanoseconds: UInt64) -> String {
        String(format: "%.2f s", Double(nanoseconds) / 1_000_000_000)
    }
    static func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

    static func report(_ line: String) { print("figure: \(line)\(isFull ? "" : " (small form)")") }

    /// One region, two groups, as many agents with five tickets each. An offer lasts longer than the measurement.
    static func company(agents: Int) -> String {
        """
        {
          settings: { reopenWindow: "0s", lease: "3s", grace: "60s", regionReturn: "1s", offerTimeout: "10m" },
          regions: { branch: {} },
          skills: ["skill-0", "skill-1"],
          groups: { "branch-1": { region: "branch", tier: 1 }, "branch-2": { region: "branch", tier: 1 } },
          agents: {
            "agent-{0001..\(String(format: "%04d", agents))}": {
              groups: ["branch-1", "branch-2"], skills: { "skill-0": 5, "skill-1": 5 }, capacity: 5 },
          },
          rules: [
            { name: "other", when: { product: "skill-1" }, group: "branch-2", requires: [{ skill: "skill-1" }] },
          ],
          default: { group: "branch-1", requires: [{ skill: "skill-0" }] },
        }
        """
    }

    /// Desks of ten agents each.
    static func desks(_ agents: Int, at routers: [String], temper: Temper) -> [Desk] {
        stride(from: 1, through: agents, by: 10).map { first in
            Desk(
                (first..<min(first + 10, agents + 1)).map { String(format: "agent-%04d", $0) }, at: routers,
                graceMilliseconds: 60_000, temper: temper)
        }
    }

    /// Submits so many tickets, 200 at a time, four messages on their way at once; which was acknowledged to which key.
    static func submit(_ count: Int, at routers: [Member]) async throws -> [SubmitKey: UInt64] {
        try await withThrowingTaskGroup(of: [SubmitKey: UInt64].self) { group in
            for lane in 0..<4 {
                group.addTask {
                    var keys: [SubmitKey: UInt64] = [:]
                    for first in stride(from: lane * 200, to: count, by: 800) {
                        let numbers = first..<min(first + 200, count)
                        let lot = numbers.map { number in
                            KeyedSubmission(
                                key: SubmitKey(high: 9, low: UInt64(number)),
                                submission: Submission(product: "skill-\(number % 2)", subject: "ticket \(number)"))
                        }
                        let asked = Request.submit(lot)
                        let router = routers[lane % routers.count]
                        guard case .submitted(let results) = try await router.ask(asked, patience: .seconds(30)) else {
                            throw Trouble("the submissions were not answered")
                        }
                        for (one, result) in zip(lot, results) {
                            guard case .accepted(let ticket) = result else { throw Trouble("refused: \(result)") }
                            keys[one.key] = ticket.value
                        }
                    }
                    return keys
                }
            }
            return try await group.reduce(into: [:]) { $0.merge($1) { $1 } }
        }
    }
}

extension Processes.FigureTests {
    @Test("kill -9 of a router with 1,000 tickets on offer and 200 agents: when all are offered again, and attached")
    func routerDeath() async throws {
        let agents = Figures.isFull ? 200 : 40
        let tickets = agents * 5
        try await Cluster.run(
            Figures.company(agents: agents), regions: ["branch", "branch-2@branch"], on: .namespaces(weather: [])
        ) { cluster in
            let status = try await cluster.coordinator.status()
            let owner = status.regions.first { $0.owner != .none }?.owner
            guard let name = status.routers.first(where: { $0.incarnation == owner })?.name else {
                throw Trouble("the region has no owner")
            }
            let victim = cluster[name]
            let other = cluster.routers.first { $0.child.name != name } ?? victim
            let desks = Figures.desks(agents, at: [victim.address, other.address], temper: .idle)
            let areThere = try await eventually(within: 30) { desks.allSatisfy(\.isAttached) }
            #expect(areThere)
            let keys = try await Figures.submit(tickets, at: cluster.routers)
            func offered(since: UInt64) -> Int {
                Set(desks.flatMap(\.showings).filter { $0.at > since }.map(\.ticket)).count
            }
            let areOffered = try await eventually(within: 30) { offered(since: 0) == tickets }
            #expect(areOffered, "\(offered(since: 0)) of \(tickets) were offered")
            let death = Figures.now()
            victim.child.kill(SIGKILL)
            let areAgain = try await eventually(within: 30) { offered(since: death) == tickets }
            #expect(areAgain, "\(offered(since: death)) of \(tickets) were offered again")
            var last: [UInt64: UInt64] = [:]
            for one in desks.flatMap(\.showings) where one.at > death {
                last[one.ticket] = min(last[one.ticket] ?? .max, one.at)
            }
            let waits = desks.compactMap { desk -> (known: UInt64, back: UInt64)? in
                guard let lost = desk.passages.first(where: { !$0.isArrival && $0.at > death }),
                    let back = desk.passages.first(where: { $0.isArrival && $0.at > lost.at })
                else { return nil }
                return (lost.at, back.at)
            }
            #expect(waits.count == desks.count)
            let first = (last.values.min() ?? death) - death
            Figures.report(
                "router killed with \(keys.count) tickets on offer and \(agents) agents, lease 3 s: offered again from "
                    + "\(Figures.seconds(first)) to \(Figures.seconds((last.values.max() ?? death) - death)) after its "
                    + "death (wanted: lease + 2 s); attached elsewhere at most "
                    + "\(Figures.seconds(waits.map { $0.back - $0.known }.max() ?? 0)) after knowing (wanted: 2 s), "
                    + "known at most \(Figures.seconds(waits.map { $0.known - death }.max() ?? 0)) after its death")
            for desk in desks { desk.stop() }
        }
    }

    @Test("a coordinator with 100,000 live tickets is killed: nothing is lost, and when offers resume")
    func coordinatorDeath() async throws {
        let tickets = Figures.isFull ? 100_000 : 4_000
        let agents = 40
        try await Cluster.run(
            Figures.company(agents: agents), regions: ["branch", "branch-2@branch"], on: .namespaces(weather: [])
        ) { cluster in
            let desks = Figures.desks(agents, at: cluster.routers.map(\.address), temper: .plain)
            for desk in desks { desk.hold() }
            let areThere = try await eventually(within: 30) { desks.allSatisfy(\.isAttached) }
            #expect(areThere)
            let began = Figures.now()
            let keys = try await Figures.submit(tickets, at: cluster.routers)
            let filled = Figures.now() - began
            let areHeld = try await eventually(within: 60) { desks.map(\.held.count).reduce(0, +) == agents * 5 }
            #expect(areHeld)
            let coordinator = cluster.coordinator
            coordinator.child.kill(SIGKILL)
            coordinator.child.waitForEnd()
            coordinator.close()
            let start = Figures.now()
            try coordinator.child.start()
            // What they hold is resolved as soon as somebody takes it, and then they have room.
            for desk in desks { desk.letGo() }
            let isBack = try await eventually(within: 120, every: 5) { (try? await coordinator.status()) != nil }
            #expect(isBack)
            let back = Figures.now()
            let resumes = try await eventually(within: 60, every: 5) {
                desks.contains { $0.showings.contains { $0.at > start } }
            }
            #expect(resumes)
            let resumed = desks.flatMap(\.showings).map(\.at).filter { $0 > start }.min() ?? 0
            let status = try await coordinator.status()
            let isWhole = status.counters.ticketsLive + status.counters.ticketsClosed >= UInt64(tickets)
            #expect(isWhole, "\(status.counters.ticketsLive) live and \(status.counters.ticketsClosed) closed")
            coordinator.child.kill(SIGKILL)
            coordinator.child.waitForEnd()
            let verdict = try Judge(cluster, desks.map(\.seen), keys: keys, holdings: desks.map(\.holdings)).judge()
            let troubles = verdict.troubles.filter { !$0.contains("has not ended") }
            #expect(troubles.isEmpty, "\(troubles.first ?? "")")
            Figures.report(
                "coordinator killed with \(keys.count) live tickets (submitted in \(Figures.seconds(filled))): answers "
                    + "\(Figures.seconds(back - start)) after its start; the first offer comes "
                    + "\(resumed > back ? Figures.seconds(resumed - back) + " after" : "before") that (wanted: 3 s), "
                    + "\(Figures.seconds(resumed - start)) after its start; lost \(troubles.count)")
            for desk in desks { desk.stop() }
        }
    }

    @Test(
        "a router joins: when it is a member and hosts sessions, and when it owns the region after a drain of the other"
    )
    func joining() async throws {
        try await Cluster.run(
            Figures.company(agents: 20), regions: ["branch", "branch-2@branch"], on: .namespaces(weather: []), late: 1
        ) { cluster in
            let (first, second) = (cluster.routers[0], cluster.routers[1])
            let desk = Figures.desks(10, at: [first.address, second.address], temper: .plain)[0]
            let customer = Submitter(at: [first], every: 20)
            func status() async throws -> ClusterStatus { try await cluster.coordinator.status() }
            func number(of member: Member) async throws -> Incarnation? {
                try await status().routers.first { $0.name == member.child.name }?.incarnation
            }
            let start = Figures.now()
            try second.child.start()
            let isMember = try await eventually(within: 10, every: 2) { try await number(of: second) != nil }
            #expect(isMember)
            let joined = Figures.now()
            let other = Desk((11...20).map { String(format: "agent-%04d", $0) }, at: [second.address])
            let hosts = try await eventually(within: 10, every: 2) { other.isAttached }
            #expect(hosts)
            let attached = Figures.now()
            let asked = Figures.now()
            let drained = Shell.run(Program.path, ["drain", "branch", "--at", cluster.coordinator.address])
            #expect(drained.code == 0, "\(drained.text)")
            let newOwner = try await number(of: second)
            let owns = try await eventually(within: 20, every: 2) {
                try await status().regions.allSatisfy { $0.owner == newOwner }
            }
            #expect(owns)
            let owned = Figures.now()
            await customer.finish()
            Figures.report(
                "joining: a member \(Figures.seconds(joined - start)) after its start, ten agents attached "
                    + "\(Figures.seconds(attached - joined)) later, owner of the region at most "
                    + "\(Figures.seconds(owned - asked)) after the drain of the other (wanted: 1 s); slowest "
                    + "acknowledgement meanwhile \(customer.slowest)")
            desk.stop()
            other.stop()
        }
    }

    @Test("10 routers, 10,000 agents, 300 tickets a second")
    func manyRouters() async throws {
        let arguments =
            Figures.isFull
            ? [
                "--routers", "10", "--agents", "10000", "--agents-per-connection", "100", "--rate", "300", "--seconds",
                "300",
            ]
            : ["--routers", "4", "--agents", "400", "--agents-per-connection", "20", "--rate", "100", "--seconds", "5"]
        let ran = Shell.run(Program.path, ["load"] + arguments)
        #expect(ran.code == 0, "\(ran.text)")
        Figures.report("load \(arguments.joined(separator: " ")), wanted: p99 to the offer under 100,000\n\(ran.text)")
    }
}
