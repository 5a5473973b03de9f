import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("strategies at work") struct StrategyTests {
    /// Six agents of one group and a steady stream of tickets, more than they can do while it lasts.
    private struct Shop {
        let policy: Policy
        var presence = PresenceView()
        var queues = Queues(groups: 1)
        var loads = [UInt32](repeating: 0, count: 6)
        var given = [UInt32](repeating: 0, count: 6)
        var idle = [UInt64](repeating: 0, count: 6)
        var waits: [UInt64] = []
        var version: UInt32 = 0

        init(_ strategy: Strategy) {
            let group = Group(
                id: GroupID(0), name: "g", region: RegionID(0), tier: .agents, escalatesTo: nil,
                offerTimeout: .seconds(1), refuseAt: 1000, strategy: strategy)
            let agents = (0..<6).map {
                Agent(id: AgentID(UInt32($0)), name: "a", groups: [GroupID(0)], skills: [], capacity: 2)
            }
            policy = Policy(
                version: 1, catalog: Catalog(), groups: [group], agents: agents, regions: [true], rules: [],
                timing: Timing())
            presence.adopt(policy)
            for index in 0..<6 { tell(index, at: 0) }
        }

        /// All have the first skill, in six levels; only the odd ones have the second.
        static func skills(_ agent: Int) -> [SkillLevel] {
            let first = SkillLevel(skill: SkillID(0), level: UInt8(5 + agent))
            return agent % 2 == 1 ? [first, SkillLevel(skill: SkillID(1), level: 5)] : [first]
        }

        mutating func tell(_ agent: Int, at now: UInt64) {
            version += 1
            _ = presence.update(
                Presence(
                    agent: AgentID(UInt32(agent)), agentEpoch: AgentEpoch(1), version: version, status: .available,
                    load: loads[agent], capacity: 2, idleSince: Instant(milliseconds: idle[agent]),
                    offeredAt: Instant(milliseconds: idle[agent]), handled: given[agent],
                    skills: Self.skills(agent)), home: Incarnation(1))
        }

        mutating func give(_ ticket: TicketID, to agent: Int, at now: UInt64) {
            waits.append(now - queues.remove(ticket)!.since.milliseconds)
            loads[agent] += 1
            given[agent] += 1
            idle[agent] = now
            tell(agent, at: now)
        }

        mutating func arrive(_ number: UInt64, skill: UInt32, at now: UInt64) {
            let ticket = WaitingTicket(
                ticket: TicketID(number), fence: Fence(1), group: GroupID(0), widened: [], priority: 5,
                enteredAt: WallTime(milliseconds: now),
                signature: Signature([Requirement(skill: SkillID(skill), levelMin: 1)]), subject: "")
            queues.insert(ticket, since: Instant(milliseconds: now))
            queues.enqueue(ticket.ticket, in: [(GroupID(0), false)])
            let agent = presence.best(in: GroupID(0), for: ticket.demand, at: Instant(milliseconds: now))
            if let agent { give(ticket.ticket, to: agent.index, at: now) }
        }

        mutating func finish(_ agent: Int, at now: UInt64) {
            loads[agent] -= 1
            idle[agent] = now
            tell(agent, at: now)
            let instant = Instant(milliseconds: now)
            guard let row = presence[AgentID(UInt32(agent))],
                let best = queues.best(for: row, in: [GroupID(0)], policy, where: { _ in true }, at: instant)
            else { return }
            give(best.ticket, to: agent, at: now)
        }
    }

    @Test("under load every ticket has its turn and every agent his share", arguments: Strategy.allCases)
    func nobodyStarves(strategy: Strategy) {
        var shop = Shop(strategy)
        var random = SplitMix64(seed: 9)
        var now: UInt64 = 0
        for number: UInt64 in 1...2000 {
            now += 1
            shop.arrive(number, skill: random.chance(1, of: 3) ? 1 : 0, at: now)
            let busy = shop.loads.indices.filter { shop.loads[$0] > 0 }
            if !busy.isEmpty, !random.chance(1, of: 50) { shop.finish(random.pick(busy), at: now) }
        }
        while let busy = shop.loads.indices.first(where: { shop.loads[$0] > 0 }) {
            now += 1
            shop.finish(busy, at: now)
        }
        #expect(shop.waits.count == 2000 && shop.queues.count == 0)
        #expect(shop.given.min()! > 100, "given: \(shop.given)")
        // In order of age within what an agent can do, no ticket waits for much longer than the whole backlog takes.
        #expect(shop.waits.max()! < 400)
    }
}
