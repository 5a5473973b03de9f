import Foundation
import Glibc
import Routing
import Testing

extension Processes {
    /// With the fence, the lease or the acknowledgement switched off in the real program the judge must say so; without
    /// that it must not.
    @Suite struct CanaryTests {}
}

extension Processes.CanaryTests {
    private static let flawsVariable = "SWITCHYARD_FLAWS"
    /// In so many tries the judge must have seen the flaw. What a try does is drawn from its number.
    private static let triesMax = 6

    /// Nil for the program as it is: the judge must then find nothing.
    private static let fences: [String?] = ["fence-unchecked"] + (Program.isLong ? [nil] : [])
    private static let leases: [String?] = ["lease-from-receipt"] + (Program.isLong ? [nil] : [])
    private static let acknowledgements: [String?] = ["answer-before-sync"] + (Program.isLong ? [nil] : [])

    private static func environment(_ flaw: String?) -> [String: String] { flaw.map { [flawsVariable: $0] } ?? [:] }

    /// Tries until the judge is not content, and expects that to be when there is a flaw.
    private static func find(_ flaw: String?, _ attempt: (Int) async throws -> [String]) async throws {
        var found: [String] = []
        var tries = 0
        while found.isEmpty && tries < triesMax {
            tries += 1
            found = try await attempt(tries)
        }
        print("canary \(flaw ?? "without a flaw"): \(found.count) troubles in try \(tries); \(found.first ?? "none")")
        #expect(found.isEmpty == (flaw == nil), "\(flaw ?? "no flaw"): \(found.first ?? "the judge saw nothing")")
    }

    @Test("without the fence, an agent who insists on what he gave away is caught", arguments: fences)
    func fence(_ flaw: String?) async throws {
        try await Self.find(flaw) { number in
            var found: [String] = []
            var plan = Drive.Plan(
                company: Companies.faults, posts: ["branch", "hq"], tempers: [.human(transfersTo: "branch-1")],
                staff: [Companies.faultsHeadquarters], seed: UInt64(number), environment: Self.environment(flaw))
            plan.tempers[0].givesBack = 50
            try await Drive.run(plan) { drive in
                _ = try await eventually(within: 5, every: 200) {
                    found = try drive.verdict().troubles.filter { !$0.contains("has not ended") }
                    return !found.isEmpty
                }
                await drive.customer.finish()
            }
            return found
        }
    }

    @Test(
        "without the lease, a cut-off owner goes on offering beside the new one and is caught",
        .enabled(if: Ground.hasNamespaces, "needs namespaces: \(Namespaces.trouble ?? "")"), arguments: leases)
    func lease(_ flaw: String?) async throws {
        try await Self.find(flaw) { _ in
            var found: [String] = []
            try await Cluster.run(
                Companies.faults, regions: ["branch", "branch-2@branch"], on: .namespaces(weather: []),
                environment: Self.environment(flaw)
            ) { cluster in
                // Nobody takes anything: what waits is offered to one after the other, by whoever owns the region. So
                // much waits that the offers do not come to an end before the lease does.
                let desks = cluster.routers.enumerated().map { index, router in
                    Desk(
                        Array(Companies.faultsBranch[(3 * index)..<(3 * index + 3)]), at: [router.address],
                        temper: .unwilling)
                }
                let isThere = try await eventually(within: 10) { desks.allSatisfy(\.isAttached) }
                #expect(isThere)
                let customer = Submitter(at: cluster.routers, every: 3)
                let areOffered = try await eventually(within: 10) {
                    customer.acknowledged > 400 && desks.map(\.showings.count).reduce(0, +) > 100
                }
                #expect(areOffered)
                await customer.finish()
                let owner = try await Self.owner(of: cluster)
                cluster.net?.cut(from: owner, to: "coordinator")
                cluster.net?.cut(from: "coordinator", to: owner)
                try await Task.sleep(for: .seconds(4))
                cluster.net?.heal()
                found = try Judge(cluster, [customer.seen], showings: desks.map(\.showings)).judge().troubles.filter {
                    $0.contains("was shown to")
                }
                for desk in desks { desk.stop() }
            }
            return found
        }
    }

    private static func owner(of cluster: Cluster) async throws -> String {
        let status = try await cluster.coordinator.status()
        let owners = status.regions.filter { $0.owner != .none }.map(\.owner)
        let name = status.routers.first { owners.contains($0.incarnation) && $0.name.hasPrefix("branch") }?.name
        guard let name else { throw Trouble("the branch has no owner") }
        return name
    }

    @Test(
        "without the sync before the answer, an acknowledged ticket is lost with the coordinator and is caught",
        .enabled(if: Strace.trouble == nil, "needs strace: \(Strace.trouble ?? "")"), arguments: acknowledgements)
    func acknowledgement(_ flaw: String?) async throws {
        try await Self.find(flaw) { number in
            var found: [String] = []
            try await Cluster.run(
                Companies.two, regions: Companies.regions, environment: Self.environment(flaw)
            ) { cluster in
                let coordinator = cluster.coordinator.child
                coordinator.kill(SIGKILL)
                coordinator.waitForEnd()
                // What an answer may overtake: writes that take their time.
                try coordinator.start(under: Strace.inject("pwrite64", "delay_enter=50000"))
                let customer = Submitter(at: cluster.routers, every: 15)
                let isMoving = try await eventually(within: 20) { customer.acknowledged > 20 + number }
                #expect(isMoving, "\(coordinator.tail(5))")
                coordinator.kill(SIGKILL)
                coordinator.waitForEnd()
                try coordinator.start()
                await customer.finish()
                found = try Judge(cluster, [customer.seen], keys: customer.keys).judge().troubles.filter {
                    !$0.contains("has not ended")
                }
            }
            return found
        }
    }

    @Test("a node that is flawed on purpose says so, and an unknown flaw is refused")
    func loud() async throws {
        try await Cluster.run(
            Companies.two, regions: Companies.regions, environment: Self.environment("batch-repeated")
        ) { cluster in
            for member in cluster.members { #expect(member.child.text.contains("FLAWED ON PURPOSE")) }
            let stranger = Child(
                "stranger", program: Program.path, ["router", "--region", "hq"], folder: cluster.folder,
                under: ["/usr/bin/env", "\(Self.flawsVariable)=none-such"])
            try stranger.start()
            let hasEnded = try await eventually(within: 5) { !stranger.isRunning }
            #expect(hasEnded && stranger.ending == 2, "\(stranger.tail(3))")
        }
    }
}
