import Foundation
import Glibc
import Routing
import Testing
import Wire

extension Processes {
    @Suite struct DrainWaitingTests {}
}

extension Processes.DrainWaitingTests {
    private static let agents = 40
    private static let waiting = 1_000

    /// Seconds from each moment at which an agent had done with a ticket, in this span, to his next offer: as long as
    /// more wait than there are agents, that is how long one waits for him who could have been offered.
    private static func rests(_ desks: [Desk], from: UInt64, to: UInt64) -> [Double] {
        var rests: [Double] = []
        let showings = Dictionary(grouping: desks.flatMap(\.showings), by: \.agent).mapValues { $0.map(\.at).sorted() }
        for holding in desks.flatMap(\.holdings) {
            guard let end = holding.to, from <= end, end < to else { continue }
            guard let next = showings[holding.agent]?.first(where: { $0 >= end }) else { continue }
            rests.append(Double(next - end) / 1_000_000_000)
        }
        return rests
    }

    @Test("a router with 1,000 waiting tickets is drained: nobody waits a second for it, nothing is lost")
    func drain() async throws {
        try await Cluster.run(
            Figures.company(agents: Self.agents), regions: ["branch", "branch-2@branch"]
        ) { cluster in
            let (leaving, staying) = (cluster.routers[0], cluster.routers[1])
            let chosen = Shell.run(
                Program.path, ["own", "branch", leaving.child.name, "--at", cluster.coordinator.address])
            #expect(chosen.code == 0, "\(chosen.text)")
            let temper = Temper(worksMillisecondsMax: 6_000)
            let desks = Figures.desks(Self.agents, at: [leaving.address, staying.address], temper: temper)
            defer { for desk in desks { desk.stop() } }
            let areThere = try await eventually(within: 30) { desks.allSatisfy(\.isAttached) }
            #expect(areThere)
            let keys = try await Figures.submit(Self.waiting + Self.agents * 5 + 300, at: cluster.routers)
            let customer = Submitter(at: cluster.routers, every: 25)
            func status() async throws -> ClusterStatus { try await cluster.coordinator.status() }
            func waiting() async throws -> Int { try await status().groups.map { Int($0.waiting) }.reduce(0, +) }
            // A few seconds of what is usual, until a thousand wait.
            let start = Figures.now()
            let isSo = try await eventually(within: 30) { try await waiting() <= Self.waiting }
            #expect(isSo)
            let usualSlowest = customer.slowest
            customer.forgetSlowest()

            let drained = Figures.now()
            let asked = Shell.run(
                Program.path, ["drain", leaving.child.name, "--at", cluster.coordinator.address])
            #expect(asked.code == 0, "\(asked.text)")
            let left = try await waiting()
            let isEmpty = try await eventually(within: 20, every: 10) {
                let status = try await status()
                guard let number = status.routers.first(where: { $0.name == leaving.child.name })?.incarnation else {
                    return false
                }
                return status.regions.allSatisfy { $0.owner != number }
                    && status.states.allSatisfy { $0.incarnation != number || $0.agents == 0 }
            }
            #expect(isEmpty)
            let gone = Figures.now()
            // What was begun while it was drained has its next offer soon.
            try await Task.sleep(for: .seconds(2))
            let usual = Self.rests(desks, from: start, to: drained - 500_000_000)
            let meanwhile = Self.rests(desks, from: drained - 500_000_000, to: gone + 500_000_000)
            let slowest = customer.slowest
            let (usualMost, most) = (usual.max() ?? 0, meanwhile.max() ?? 0)
            let still = try await waiting()
            print(
                "drain: with \(left) tickets waiting, region and sessions of \(Self.agents) agents were elsewhere "
                    + "\(Figures.seconds(gone - drained)) after it was asked; agents waited for their next offer at "
                    + String(format: "most %.3f s meanwhile, %.3f s before", most, usualMost)
                    + " (\(meanwhile.count) and \(usual.count) times); slowest acknowledgement \(slowest), before "
                    + "\(usualSlowest); again \(customer.again) \(customer.refused); \(still) wait now")
            #expect(left >= Self.waiting - 100 && still > Self.agents * 5, "all that time more waited than agents")
            #expect(meanwhile.count > 20 && usual.count > 20)
            #expect(most < usualMost + 1, "somebody waited \(most) s")
            #expect(slowest < usualSlowest + .seconds(1))
            await customer.finish()
            for desk in desks { desk.closeUp() }
            let open = try await cluster.ticketsLeft(within: 60)
            #expect(open == 0)
            try await cluster.isReconciled("drain")
            try Judge(
                cluster, [customer.seen] + desks.map(\.seen), keys: keys.merging(customer.keys) { first, _ in first },
                holdings: desks.map(\.holdings)
            ).check()
        }
    }
}
