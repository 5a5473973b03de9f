import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("queues") struct QueuesTests {
    private let now = Instant(milliseconds: 1000)

    private func ticket(_ number: UInt64, priority: Priority, at: UInt64, skill: UInt32?) -> WaitingTicket {
        WaitingTicket(
            ticket: TicketID(number), fence: Fence(1), group: GroupID(0), widened: [], priority: priority,
            enteredAt: WallTime(milliseconds: at),
            signature: Signature(skill.map { [Requirement(skill: SkillID($0), levelMin: 3)] } ?? []), subject: "")
    }

    @Test("the best ticket for an agent is what filtering, sorting and taking the first gives")
    func sameAsSorting() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<30 {
            var queues = Queues(groups: 1)
            var foreign: Set<TicketID> = []
            for number in 1...60 {
                let skill: UInt32? = random.chance(1, of: 3) ? nil : UInt32(random.below(3))
                let waiting = ticket(
                    UInt64(number), priority: Priority(random.below(3)), at: random.below(20), skill: skill)
                queues.insert(waiting, since: now)
                enqueue(waiting.ticket, &queues, &foreign, &random)
            }
            for step in 0..<200 {
                change(&queues, &foreign, &random)
                let agent = AgentID(UInt32(random.below(4)))
                let skills = (0..<3).filter { _ in random.chance(1, of: 2) }
                    .map { SkillLevel(skill: SkillID(UInt32($0)), level: UInt8(random.between(1, 6))) }
                let best = queues.best(in: GroupID(0), for: agent, skills, at: now)
                #expect(best == naive(queues, foreign, agent, skills), "step \(step)")
            }
        }
    }

    private func enqueue(
        _ id: TicketID, _ queues: inout Queues, _ foreign: inout Set<TicketID>, _ random: inout SplitMix64
    ) {
        let isForeign = random.chance(1, of: 4)
        if isForeign { foreign.insert(id) } else { foreign.remove(id) }
        queues.enqueue(id, in: [(GroupID(0), isForeign)])
    }

    /// One thing that happens to a queue.
    private func change(_ queues: inout Queues, _ foreign: inout Set<TicketID>, _ random: inout SplitMix64) {
        let id = TicketID(random.between(1, 60))
        guard queues[id] != nil else { return }
        switch random.below(8) {
        case 0: queues.remove(id)
        case 1, 2: queues.occupy(id, .claiming(AgentID(0)))
        case 3, 4:
            let agent = AgentID(UInt32(random.below(4)))
            let until = Instant(milliseconds: random.between(500, 1500))
            _ = queues.update(id) { $0.exclude(agent, until: until, at: Instant(milliseconds: 0)) }
        default: enqueue(id, &queues, &foreign, &random)
        }
    }

    private func naive(
        _ queues: Queues, _ foreign: Set<TicketID>, _ agent: AgentID, _ skills: [SkillLevel]
    ) -> Rank? {
        queues.ids.compactMap { queues[$0] }
            .filter { $0.phase == .queued && $0.waiting.signature.isMet(by: skills) && !$0.excludes(agent, at: now) }
            .map { queued in
                Rank(
                    priority: queued.waiting.priority, isForeign: foreign.contains(queued.waiting.ticket),
                    enteredAt: queued.waiting.enteredAt, ticket: queued.waiting.ticket)
            }
            .min()
    }

    @Test("rank: priority, then a region's own, then age, then the ticket's number")
    func ranks() {
        func rank(_ priority: Priority, _ isForeign: Bool, _ at: UInt64, _ ticket: UInt64) -> Rank {
            Rank(
                priority: priority, isForeign: isForeign, enteredAt: WallTime(milliseconds: at),
                ticket: TicketID(ticket))
        }
        let sorted = [
            rank(9, true, 5, 5), rank(5, false, 1, 9), rank(5, false, 2, 3), rank(5, false, 2, 4),
            rank(5, true, 0, 1), rank(1, false, 0, 0),
        ]
        #expect(sorted.reversed().sorted() == sorted)
    }

    @Test("after as many passed over as the bound says, a lane has nothing for that agent, and lost nothing")
    func scanBound() {
        var queues = Queues(groups: 1)
        for number in 1...(Limits.exclusionScanMax + 1) {
            queues.insert(ticket(UInt64(number), priority: 5, at: UInt64(number), skill: nil), since: now)
            queues.enqueue(TicketID(UInt64(number)), in: [(GroupID(0), false)])
            if number <= Limits.exclusionScanMax {
                _ = queues.update(TicketID(UInt64(number))) {
                    $0.exclude(AgentID(1), until: Instant(milliseconds: 2000), at: now)
                }
            }
        }
        #expect(queues.best(in: GroupID(0), for: AgentID(1), [], at: now) == nil)
        #expect(queues.best(in: GroupID(0), for: AgentID(2), [], at: now)?.ticket == TicketID(1))
        let later = Instant(milliseconds: 2000)
        #expect(queues.best(in: GroupID(0), for: AgentID(1), [], at: later)?.ticket == TicketID(1))
        #expect(queues.waiting(in: GroupID(0)) == UInt32(Limits.exclusionScanMax + 1))
    }

    @Test("of too many who declined the oldest is forgotten, and an exclusion ends at its instant")
    func exclusions() {
        let waiting = ticket(1, priority: 5, at: 0, skill: nil)
        var queued = QueuedTicket(
            waiting: waiting, asked: waiting.demand, stamp: 1, since: Instant(milliseconds: 0))
        for agent in 0...Limits.exclusionsPerTicketMax {
            queued.exclude(AgentID(UInt32(agent)), until: Instant(milliseconds: 2000), at: now)
        }
        #expect(queued.excluded.count == Limits.exclusionsPerTicketMax)
        #expect(!queued.excludes(AgentID(0), at: now))
        #expect(queued.excludes(AgentID(1), at: Instant(milliseconds: 1999)))
        #expect(!queued.excludes(AgentID(1), at: Instant(milliseconds: 2000)))
    }
}
