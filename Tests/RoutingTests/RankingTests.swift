import Foundation
import Testing

import struct Simulation.SplitMix64

@testable import Routing

/// Owners rank agents whom they know by gossip only. How far is that from the order that one who knew everything
/// at once would keep?
@Suite("owners rank alike") struct RankingTests {
    /// Of decisions for which somebody was free.
    struct Deviation: CustomStringConvertible {
        var decisions = 0
        /// Another was asked than who had been idle longest.
        var others = 0
        /// Who was asked was being asked by another owner already, and refused.
        var collisions = 0
        /// Free agents who had been idle longer, over all decisions.
        var passedOver = 0
        /// How much longer the longest idle of them had been, in milliseconds.
        var excess: [UInt64] = []

        var share: Double { Double(others) / Double(max(1, decisions)) }
        var description: String {
            let sorted = excess.sorted()
            let worst = sorted.last ?? 0
            let median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
            let tenths = Int((share * 1000).rounded())
            return
                "\(decisions) decisions, \(collisions) asked whom another was just asking, "
                + "\(tenths / 10).\(tenths % 10) % not the longest idle; passed over "
                + "\(passedOver) in all; idle longer by \(median) ms (median of those), \(worst) ms at most"
        }
    }

    /// Agents in all three regions' first groups, at home in turn with each of the routers.
    private func measure(owners: Int, delayMax: UInt64, tickets: Int, agents: Int = 30) -> Deviation {
        let groups = ["hq-agents", "north-agents", "south-agents"]
        let people = (0..<agents).map { number in
            Company.Person(
                name: "p\(number)", groups: groups, skills: [("truck", 5), ("bus", 5)], capacity: 1)
        }
        var bench = Bench(Company(people: people), routersIn: Array(Company.regions.prefix(owners)), seed: 11)
        bench.network.delayMax = delayMax
        for (number, person) in people.enumerated() {
            bench.attach(person.name, at: number % owners, isPlaying: true)
            bench.run(for: 40)
        }
        bench.run(for: 500)
        var deviation = Deviation()
        for number in 0..<tickets {
            let region = Company.regions[number % 3]
            bench.submit(Submission(customer: "c", region: region, product: "truck", subject: "s"), at: number % owners)
            for _ in 0..<bench.random.between(1_800, 7_200) / UInt64(agents) { step(&bench, &deviation) }
        }
        return deviation
    }

    /// One millisecond; what was decided in it is compared with what was so before it.
    private func step(_ bench: inout Bench, _ deviation: inout Deviation) {
        var free: [AgentID: Instant] = [:]
        var asked: Set<AgentID> = []
        for router in bench.routers {
            for agent in router.core.hosted.rows where agent.freeUnits > 0 { free[agent.id] = agent.idleSince }
            for id in router.core.queues.ids {
                for open in router.core.queues[id]?.openOffers ?? [] { asked.insert(open.offer.agent) }
            }
        }
        for agent in asked { free[agent] = nil }
        bench.run(for: 1)
        for router in bench.routers {
            for id in router.core.queues.ids {
                guard let ticket = router.core.queues[id] else { continue }
                for open in ticket.openOffers where open.madeAt.milliseconds == bench.now {
                    let agent = open.offer.agent
                    let isAskedElsewhere = bench.routers.contains { other in
                        other.name != router.name
                            && other.core.queues.ids.contains { id in
                                other.core.queues[id]?.openOffers.contains { $0.offer.agent == agent } ?? false
                            }
                    }
                    if isAskedElsewhere {
                        deviation.decisions += 1
                        deviation.collisions += 1
                        continue
                    }
                    guard let since = free[agent] else { continue }
                    deviation.decisions += 1
                    let longer = free.filter {
                        $0.value < since && !ticket.excludes($0.key, at: Instant(milliseconds: bench.now))
                    }
                    guard let longest = longer.values.min() else { continue }
                    deviation.others += 1
                    deviation.passedOver += longer.count
                    deviation.excess.append(since.since(longest).milliseconds)
                }
            }
        }
    }

    @Test("one owner who knows everybody himself never passes over who has been idle longest")
    func oneOwner() {
        let deviation = measure(owners: 1, delayMax: 1, tickets: 120)
        #expect(deviation.decisions > 40)
        #expect(deviation.others == 0, "\(deviation)")
    }

    /// RANKING_AGENTS=120 RANKING_TICKETS=1000 swift test --filter RankingTests prints a figure worth publishing.
    @Test("three owners who know two thirds by gossip seldom do")
    func threeOwners() {
        let tickets = ProcessInfo.processInfo.environment["RANKING_TICKETS"].flatMap { Int($0) } ?? 160
        let agents = ProcessInfo.processInfo.environment["RANKING_AGENTS"].flatMap { Int($0) } ?? 30
        let deviation = measure(owners: 3, delayMax: 5, tickets: tickets, agents: agents)
        print("three owners, 1...5 ms of way, 20 ms gathered: \(deviation)")
        #expect(deviation.decisions > 60)
        #expect(deviation.share < 0.1, "\(deviation)")
    }
}
