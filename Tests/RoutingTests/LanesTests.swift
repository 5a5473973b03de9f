import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("lanes") struct LanesTests {
    private static let groupCount = 4
    private static let channels = ["chat", "mail"]
    private let now = Instant(milliseconds: 100_000)

    private func waiting(_ number: UInt64, _ random: inout SplitMix64) -> WaitingTicket {
        let requirements = (0..<random.below(4)).map { _ in
            Requirement(
                skill: SkillID(UInt32(random.below(5))), levelMin: UInt8(random.between(1, 6)),
                isPreferred: random.chance(1, of: 4),
                relaxations: random.chance(1, of: 3)
                    ? [Relaxation(after: .seconds(random.below(90)), levelMin: UInt8(random.below(3)))] : [])
        }
        return WaitingTicket(
            ticket: TicketID(number), fence: Fence(1), group: GroupID(UInt32(random.below(Self.groupCount))),
            widened: [], priority: Priority(random.below(3)), enteredAt: WallTime(milliseconds: random.below(30)),
            signature: Signature(requirements), subject: "",
            cost: Cost(active: UInt8(random.between(1, 3)), pending: 1), channel: random.pick(Self.channels))
    }

    /// What the twin knows: which ticket stands in which groups, and there as a foreign one.
    private typealias Standings = [TicketID: [(group: GroupID, isForeign: Bool)]]

    private func change(
        _ queues: inout Queues, _ standings: inout Standings, _ number: inout UInt64, _ random: inout SplitMix64
    ) {
        let ids = queues.ids
        guard ids.count > 5, !random.chance(1, of: 3) else {
            number += 1
            let ticket = waiting(number, &random)
            queues.insert(ticket, since: Instant(milliseconds: random.below(100_000)))
            _ = queues.relax(ticket.ticket, at: now)
            enqueue(ticket.ticket, &queues, &standings, &random)
            return
        }
        let id = random.pick(ids)
        switch random.below(7) {
        case 0:
            queues.remove(id)
            standings[id] = nil
        case 1:
            queues.occupy(id, .claiming(AgentID(0)))
            standings[id] = nil
        case 2, 3:
            let until = Instant(milliseconds: now.milliseconds + random.below(2))
            _ = queues.update(id) { $0.exclude(AgentID(UInt32(random.below(3))), until: until, at: now) }
        case 4:
            let widened = GroupID(UInt32(random.below(Self.groupCount)))
            _ = queues.update(id) { ticket in
                let old = ticket.waiting
                ticket.waiting = WaitingTicket(
                    ticket: id, fence: old.fence, group: old.group, widened: [widened], priority: 9,
                    enteredAt: old.enteredAt, signature: old.signature, subject: "x", cost: old.cost,
                    channel: old.channel)
            }
            _ = queues.relax(id, at: now)
            enqueue(id, &queues, &standings, &random)
        default: enqueue(id, &queues, &standings, &random)
        }
    }

    private func enqueue(
        _ id: TicketID, _ queues: inout Queues, _ standings: inout Standings, _ random: inout SplitMix64
    ) {
        let own = queues[id]!.waiting.group
        var groups = [(group: own, isForeign: random.chance(1, of: 9))]
        if random.chance(1, of: 4) {
            let other = GroupID(UInt32(random.below(Self.groupCount)))
            if other != own { groups.append((other, random.chance(1, of: 2))) }
        }
        queues.enqueue(id, in: groups)
        standings[id] = groups
    }

    private func policy(weights: [UInt8]) -> Policy {
        let groups = weights.enumerated().map { index, weight -> Group? in
            Group(
                id: GroupID(UInt32(index)), name: "g", region: RegionID(0), tier: .agents, escalatesTo: nil,
                offerTimeout: .seconds(1), refuseAt: 10, weight: weight)
        }
        return Policy(
            version: 1, catalog: Catalog(), groups: groups, agents: [], regions: [true], rules: [], timing: Timing())
    }

    private func asker(_ random: inout SplitMix64) -> PresenceView.Row {
        let skills = (0..<random.below(5)).map { _ in
            SkillLevel(skill: SkillID(UInt32(random.below(5))), level: UInt8(random.between(1, 8)))
        }
        let presence = Presence(
            agent: AgentID(UInt32(random.below(4))), agentEpoch: AgentEpoch(1), version: 1, status: .available,
            load: 0, capacity: UInt32(random.between(1, 3)), idleSince: now, skills: skills)
        let full = Self.channels.filter { _ in random.chance(1, of: 6) }
        return PresenceView.Row(home: Incarnation(1), presence: presence, fullChannels: full)
    }

    /// Every standing that he can take, the heaviest group first, then by rank.
    private func naive(
        _ queues: Queues, _ standings: Standings, _ row: PresenceView.Row, _ groups: [GroupID], _ policy: Policy
    ) -> TicketID? {
        var found: [(weight: UInt8, rank: Rank)] = []
        for (id, groupsOfTicket) in standings {
            guard let ticket = queues[id] else { continue }
            let waiting = ticket.waiting
            let asked = Demand(
                waiting.signature.relaxed(after: now.since(ticket.since)), cost: waiting.cost,
                channel: waiting.channel)
            guard row.canMeet(asked), !ticket.excludes(row.presence.agent, at: now) else { continue }
            for standing in groupsOfTicket where groups.contains(standing.group) {
                let rank = Rank(
                    priority: waiting.priority, isForeign: standing.isForeign, enteredAt: waiting.enteredAt,
                    ticket: id)
                found.append((policy.group(standing.group)!.weight, rank))
            }
        }
        return found.min { $0.weight != $1.weight ? $0.weight > $1.weight : $0.rank < $1.rank }?.rank.ticket
    }

    @Test("a freed agent gets what filtering, sorting by weight and rank, and taking the first gives")
    func sameAsSorting() {
        var random = SplitMix64(seed: 5)
        var found = 0
        for round in 0..<20 {
            var queues = Queues(groups: Self.groupCount)
            var standings: Standings = [:]
            var number: UInt64 = 0
            let policy = policy(weights: (0..<Self.groupCount).map { _ in random.pick([UInt8(1), 50, 100]) })
            for step in 0..<250 {
                for _ in 0..<3 { change(&queues, &standings, &number, &random) }
                for _ in 0..<2 {
                    let row = asker(&random)
                    let groups = (0..<UInt32(Self.groupCount)).filter { _ in random.chance(1, of: 2) }
                        .map { GroupID($0) }
                    let best = queues.best(for: row, in: groups, policy, where: { _ in true }, at: now)?.ticket
                    let expected = naive(queues, standings, row, groups, policy)
                    #expect(best == expected, "round \(round), step \(step)")
                    if best != nil { found += 1 }
                }
                if step % 25 == 0 { #expect(queues.faults() == [], "round \(round), step \(step)") }
            }
            for id in queues.ids { queues.remove(id) }
            #expect(queues.faults() == [] && queues.count == 0)
        }
        #expect(found > 3000)
    }

    @Test("beyond the bound of signatures tickets share one lane, counted, and are served by rank all the same")
    func mixed() {
        var queues = Queues(groups: 1)
        let count = UInt64(Limits.signaturesPerGroupMax) + 40
        for number in 1...count {
            let requirement = Requirement(skill: SkillID(UInt32(number)), levelMin: 1)
            queues.insert(
                WaitingTicket(
                    ticket: TicketID(number), fence: Fence(1), group: GroupID(0), widened: [], priority: 5,
                    enteredAt: WallTime(milliseconds: 10_000 - number), signature: Signature([requirement]),
                    subject: ""), since: now)
            queues.enqueue(TicketID(number), in: [(GroupID(0), false)])
        }
        #expect(queues.mixedCount == 40)
        #expect(queues.laneCount(in: GroupID(0)) == Limits.signaturesPerGroupMax)
        #expect(queues.faults() == [])
        func best(_ skills: [UInt64]) -> UInt64? {
            let levels = skills.map { SkillLevel(skill: SkillID(UInt32($0)), level: 1) }
            return queues.best(in: GroupID(0), for: AgentID(0), levels, at: now)?.ticket.value
        }
        #expect(best([3, count - 1, count]) == count)
        #expect(best([3, count - 1]) == count - 1)
        #expect(best([3]) == 3)
        // A lane becomes free: who comes back gets it, who is in the shared one leaves it from there.
        queues.remove(TicketID(3))
        queues.enqueue(TicketID(count), in: [(GroupID(0), false)])
        #expect(queues.mixedCount == 39)
        queues.remove(TicketID(count - 1))
        #expect(queues.mixedCount == 38)
        #expect(best([count - 1, count]) == count)
        #expect(queues.faults() == [])
    }

    @Test("a ticket that nobody here can take blocks nobody else's")
    func noHeadOfLineBlocking() {
        var queues = Queues(groups: 1)
        for number: UInt64 in 1...500 {
            let isLast = number == 500
            queues.insert(
                WaitingTicket(
                    ticket: TicketID(number), fence: Fence(1), group: GroupID(0), widened: [],
                    priority: isLast ? 0 : 9, enteredAt: WallTime(milliseconds: number),
                    signature: Signature([Requirement(skill: SkillID(isLast ? 1 : 2), levelMin: 1)]), subject: ""),
                since: now)
            queues.enqueue(TicketID(number), in: [(GroupID(0), false)])
        }
        let skills = [SkillLevel(skill: SkillID(1), level: 1)]
        #expect(queues.best(in: GroupID(0), for: AgentID(0), skills, at: now)?.ticket == TicketID(500))
    }
}
