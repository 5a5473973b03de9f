package import Routing

/// Nobody is passed over who ranks higher in the same queue (reliability, I10): when an agent is asked for a ticket, no
/// other one stood in that group's queue that he could have had, by the ledger's priorities and ages. Exceptions, as
/// documented: who is not to be asked for it for a while, what is kept for who knows the customer and is offered to him
/// first, what takes more units or counts for a channel of which he may have no more, and what agents take themselves.
package struct OrderKept: Checker {
    package let name = "OrderKept"
    private var complaints = Complaints()
    private var calm = Calm()
    /// A ticket's priority by the records that were told, and when it was changed: its owner hears of it later.
    private struct Told {
        let priority: Priority
        var raisedAt: Instant?
    }
    private var told: [TicketID: Told] = [:]
    private var judged: Set<OfferID> = []
    private var pace = Pace()
    /// By router: the offers that it had made at the last look.
    private var made: [String: UInt64] = [:]

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .coordinatorStarted(let ledger, _):
            for ticket in ledger.tickets.all where told[ticket.id]?.priority != ticket.priority {
                told[ticket.id] = Told(priority: ticket.priority, raisedAt: now.instant)
            }
        case .journaled(_, _, .opened(let opened)):
            told[opened.ticket] = Told(priority: opened.classification.priority)
        case .journaled(_, _, .raised(let id, let priority, _)):
            told[id] = Told(priority: priority, raisedAt: now.instant)
        case .journaled(_, _, .closed(let id, _, _, _)): told[id] = nil
        default: break
        }
    }

    package mutating func look(at cores: any Cores) {
        guard pace.isDue(cores, every: 100) else { return }
        guard calm.length(cores) >= 4_000 else { return }
        cores.withCoordinator { core in cores.forEachRouter { judge($0, core, cores.now) } }
    }

    private mutating func judge(_ router: Router, _ core: Coordinator, _ now: Now) {
        let count = router.counters.offersMade
        if made.updateValue(count, forKey: router.name) == count { return }
        let fresh = router.madeOffers.filter { _, offer, _, _ in
            !offer.isAccepted && !(offer.decision?.isSticky ?? false) && judged.insert(offer.id).inserted
        }
        if fresh.isEmpty { return }
        let queued = router.queued.filter { $0.phase == .queued && router.isHome(to: $0) }
        for (ticket, offer, madeAt, stampLast) in fresh where offer.group == ticket.group {
            guard let rank = rank(ticket, core, now) else { continue }
            // By the stamps of the offer, not of its ticket, which has a later one when another agent who was asked too
            // has declined: what came back to the queue between the two was not there to be asked for.
            for other in queued
            where other.waiting.group == offer.group && other.stamp <= stampLast
                && couldHave(other, offer, ticket, madeAt, core.policy)
            {
                guard let its = self.rank(other.waiting, core, now), its < rank else { continue }
                complaints.add(
                    "\(router.name) asks agent \(offer.agent.value) for ticket \(offer.id.ticket.value), and "
                        + "\(other.waiting.ticket.value) is before it in group \(offer.group.value)")
            }
        }
    }

    private func couldHave(
        _ other: QueuedTicket, _ offer: Offer, _ asked: WaitingTicket, _ madeAt: Instant, _ policy: Policy
    ) -> Bool {
        guard let agent = policy.agent(offer.agent), other.waiting.preferred == nil,
            other.waiting.cost.active <= asked.cost.active
        else { return false }
        let isLimited = agent.channelLimits.contains { $0.channel == other.waiting.channel }
        let isExcluded = other.excluded.contains { $0.agent == agent.id && $0.until > madeAt }
        return !isExcluded && (!isLimited || other.waiting.channel == asked.channel)
            && SkillsKept.isMet(other.waiting.signature, by: agent.skills, after: madeAt.since(other.since))
    }

    /// Less is served first; nil where the owner may not know yet what the ledger knows.
    private func rank(_ waiting: WaitingTicket, _ core: Coordinator, _ now: Now) -> (Int64, UInt64)? {
        guard let ticket = core.ledger.tickets[waiting.ticket], ticket.fence == waiting.fence,
            // Of a record that is not durable yet nobody is told.
            let told = told[ticket.id], told.priority == ticket.priority,
            told.raisedAt.map({ now.instant.since($0) > .seconds(5) }) ?? true
        else { return nil }
        let entered = Int64(ticket.enteredAt.milliseconds)
        // Two hundred years are more than any wait.
        let level = Int64(1) << 53
        func part(_ intervals: [Interval]) -> Int64 {
            Int(ticket.priority) < intervals.count ? Int64(intervals[Int(ticket.priority)].milliseconds) : 0
        }
        switch core.policy.order {
        case .priority: return (entered - Int64(ticket.priority) * level, ticket.id.value)
        case .aging(let headStarts): return (entered - part(headStarts), ticket.id.value)
        case .deadline(let targets): return (entered + part(targets), ticket.id.value)
        }
    }
}
