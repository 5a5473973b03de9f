import Foundation
import Routing
import Testing
import Wire

extension Processes {
    /// More than a cluster can do, and many at once.
    @Suite struct OverloadTests {}
}

extension Processes.OverloadTests {
    @Test("far more than can be done: who is refused is told when to come again, and the good rate comes back")
    func spate() async throws {
        try await Cluster.run(Companies.crowd(100), regions: Companies.regions) { cluster in
            // Those who will work off what is acknowledged.
            let crowd = cluster.client("crowd", Companies.crowdLoad(100, at: cluster.routers) + ["--rate", "1"])
            try crowd.start()
            let desks = Companies.crowdDesks.map { Desk($0, at: cluster.routers.map(\.address)) }
            defer { for desk in desks { desk.stop() } }
            func resolved() -> Int { desks.map(\.resolved).reduce(0, +) }
            let every = 20
            let customer = Submitter(at: cluster.routers, every: every)
            let isUsual = try await eventually(within: 30) { resolved() > 50 }
            #expect(isUsual, "\(crowd.tail(5))")
            let good = try await Self.rate(seconds: 3) { resolved() }

            let began = ContinuousClock.now
            let spate = try Spate(at: cluster.routers)
            try await Task.sleep(for: .seconds(Program.isLong ? 60 : 4))
            let seen = await spate.finish()
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            let asked = Double(seen.answered) / seconds
            let waiting = try await cluster.coordinator.status().counters.ticketsLive
            // Again as good as before: two seconds in which nobody waits a second or has to come again.
            let over = ContinuousClock.now
            var isBack = false
            while !isBack && ContinuousClock.now - over < .seconds(30) {
                customer.forgetSlowest()
                let again = customer.again
                let rate = try await Self.rate(seconds: 2) { resolved() }
                isBack = rate > good * 0.8 && customer.again == again && customer.slowest < .seconds(1)
            }
            print(
                "overload: usually \(Int(good)) tickets/s; then \(Int(asked)) submissions/s for \(Int(seconds)) s: "
                    + "\(seen.keys.count) acknowledged, refused \(seen.refused), told to wait \(seen.pauseLeast) to "
                    + "\(seen.pauseMost) ms, \(seen.unanswered) without an answer; \(waiting) tickets live then; the "
                    + "usual again after \(ContinuousClock.now - over) (two seconds of it included)")
            #expect(asked > good * 10)
            // It was too much, and nobody was left without an answer.
            // A router that got no answer of the coordinator for a lease says `unavailable`; that takes a slow machine.
            #expect(seen.refused["busy", default: 0] > 0)
            // In a minute a group comes to all that may wait in it, a hundred thousand.
            let expected: Set = Program.isLong ? ["busy", "unavailable", "full"] : ["busy", "unavailable"]
            #expect(Set(seen.refused.keys).isSubset(of: expected), "\(seen.refused)")
            #expect(seen.pauseLeast >= Limits.retryAfterLeast.milliseconds)
            #expect(seen.unanswered == 0)
            #expect(isBack, "the usual rate did not come back within 30 s")
            await customer.finish()
            let left = try await cluster.ticketsLeft(within: Program.isLong ? 420 : 90)
            #expect(left == 0)
            #expect(customer.acknowledged == customer.sent, "\(customer.refused)")
            for member in cluster.members { #expect(member.child.isRunning && member.child.starts == 1) }
            try await cluster.isReconciled("overload")
            try Judge(
                cluster, [customer.seen] + desks.map(\.seen), keys: customer.keys.merging(seen.keys) { one, _ in one },
                holdings: desks.map(\.holdings)
            ).check()
        }
    }

    /// How many more of something there are a second.
    private static func rate(seconds: Int, _ count: () -> Int) async throws -> Double {
        let (began, before) = (ContinuousClock.now, count())
        try await Task.sleep(for: .seconds(seconds))
        return Double(count() - before) / ((ContinuousClock.now - began) / .seconds(1))
    }

    @Test("2,000 clients of a dead router come to another one at once, and the work there goes on meanwhile")
    func returning() async throws {
        let count = 2_000
        try await Cluster.run(Companies.crowd(count), regions: ["branch", "branch-2@branch"]) { cluster in
            let (dying, staying) = (cluster.routers[0], cluster.routers[1])
            let chosen = Shell.run(
                Program.path, ["own", "branch", staying.child.name, "--at", cluster.coordinator.address])
            #expect(chosen.code == 0, "\(chosen.text)")
            let crowd = cluster.client("crowd", Companies.crowdLoad(count, at: [dying]) + ["--rate", "1"])
            try crowd.start()
            let desks = Companies.crowdDesks.map { Desk($0, at: [staying.address], temper: .plain) }
            func attached() async throws -> UInt32 { try await cluster.coordinator.status().agentsAttached }
            let staff = UInt32(count + Companies.crowdDesks.joined().count)
            let areThere = try await eventually(within: 40, every: 100) { try await attached() == staff }
            let first = try await attached()
            #expect(areThere, "\(first) of \(staff) are attached: \(crowd.tail(5))")
            func resolved() -> Int { desks.map(\.resolved).reduce(0, +) }
            let customer = Submitter(at: [staying], every: 20)
            let isUsual = try await eventually(within: 20) { resolved() > 50 }
            #expect(isUsual)
            // What is usual here and now.
            customer.forgetSlowest()
            let usual = try await Self.rate(seconds: 3) { resolved() }
            let usualSlowest = customer.slowest
            customer.forgetSlowest()

            let (death, former) = (ContinuousClock.now, resolved())
            dying.child.kill(SIGKILL)
            let areBack = try await eventually(within: 40, every: 50) {
                guard let status = try? await cluster.coordinator.status() else { return false }
                return status.routers.count == 1 && status.agentsAttached == staff
            }
            let took = (ContinuousClock.now - death) / .seconds(1)
            let meanwhile = Double(resolved() - former) / took
            let slowest = customer.slowest
            print(
                "returning: \(count) clients were attached again \(String(format: "%.2f", took)) s after their "
                    + "router's death; resolved meanwhile \(Int(meanwhile)) tickets/s, usually \(Int(usual)); slowest "
                    + "acknowledgement \(slowest), usually \(usualSlowest); agents' refusals \(desks.map(\.refusals))")
            let last = (try? await attached()) ?? 0
            #expect(areBack, "\(last) of \(staff) are attached")
            #expect(crowd.isRunning, "\(crowd.tail(40))")
            #expect(meanwhile > usual / 4, "the work was starved: \(meanwhile) of \(usual) tickets/s")
            #expect(customer.again == 0, "\(customer.refused)")
            #expect(slowest < Siege.patience)
            await customer.finish()
            let left = try await cluster.ticketsLeft(within: 30)
            #expect(left == 0)
            #expect(staying.child.isRunning && staying.child.starts == 1)
            try Judge(
                cluster, [customer.seen] + desks.map(\.seen), keys: customer.keys, holdings: desks.map(\.holdings)
            ).check()
            for desk in desks { desk.stop() }
        }
    }
}

extension Companies {
    /// A crowd of agents of `switchyard load --skills 2`, who take what the load brings, and a few who do the rest.
    static func crowd(_ agents: Int) -> String {
        let half = agents / 2
        func names(_ first: Int, _ last: Int) -> String {
            "load-{\(String(format: "%05d", first))..\(String(format: "%05d", last))}"
        }
        return """
            {
              settings: { reopenWindow: "0s", grace: "20s", regionReturn: "1s", offerTimeout: "10s" },
              regions: { branch: {}, hq: {} },
              skills: ["skill-0", "skill-1"],
              groups: {
                "work": { region: "branch", tier: 1 },
                "crowd-0": { region: "branch", tier: 1 },
                "crowd-1": { region: "hq", tier: 1 },
              },
              agents: {
                "work-{01..08}": { groups: ["work"], skills: { "skill-0": 5, "skill-1": 5 }, capacity: 4 },
                "\(names(1, half))": { groups: ["crowd-0"], skills: { "skill-0": 5, "skill-1": 5 } },
                "\(names(half + 1, agents))": { groups: ["crowd-1"], skills: { "skill-0": 5, "skill-1": 5 } },
              },
              rules: [
                { name: "even", when: { channel: "load", product: "skill-0" }, group: "crowd-0",
                  requires: [{ skill: "skill-0" }] },
                { name: "odd", when: { channel: "load" }, group: "crowd-1", requires: [{ skill: "skill-1" }] },
                { name: "other", when: { product: "skill-1" }, group: "work", requires: [{ skill: "skill-1" }] },
              ],
              default: { group: "work", requires: [{ skill: "skill-0" }] },
            }
            """
    }
    /// The crowd, as a program: it works on whatever it is given, and submits little.
    static func crowdLoad(_ agents: Int, at doors: [Member]) -> [String] {
        [
            "load", "--at", doors.map(\.address).joined(separator: ","), "--agents", "\(agents)", "--skills", "2",
            "--seconds", "3600", "--warmup", "0",
        ]
    }
    /// Of those who are no crowd: four at a desk.
    static var crowdDesks: [[String]] {
        [["work-01", "work-02", "work-03", "work-04"], ["work-05", "work-06", "work-07", "work-08"]]
    }
}
