/// Groups whose agents choose for themselves: their tickets wait in the lanes like others, matching passes them by, and
/// an agent looks at what there is and takes one. Taking is an offer that is accepted beforehand: the owner of the
/// ticket's home region makes it, the agent's home router accepts it at once, and the ledger decides as ever.
extension Router {
    // MARK: - the owner's side

    /// What the agent may take of our queues, in order of rank.
    func untaken(for id: AgentID, at now: Now) -> [BrowsedTicket] {
        guard isLeased(at: now), let agent = policy.agent(id) else { return [] }
        let skills = presence[id]?.presence.skills ?? agent.skills
        var ranks: [Rank] = []
        for group in agent.groups where owns(group) && isTaken(group) {
            ranks += queues.best(Limits.browsedMax, in: group, for: skills)
        }
        ranks.sort()
        var seen: Set<TicketID> = []
        return ranks.filter { seen.insert($0.ticket).inserted }.prefix(Limits.browsedMax).compactMap { rank in
            queues[rank.ticket].map { ticket in
                BrowsedTicket(
                    ticket: rank.ticket, fence: ticket.waiting.fence, group: ticket.waiting.group,
                    priority: ticket.waiting.priority, age: now.instant.since(ticket.since),
                    subject: ticket.waiting.subject)
            }
        }
    }

    private func isTaken(_ group: GroupID) -> Bool { policy.group(group)?.delivery == .taken }

    /// Makes the offer that the agent has accepted already; asked again after a lost answer, it is the same one.
    mutating func answer(_ take: Take, at now: Now) -> TakeReply {
        guard isLeased(at: now), let ticket = queues[take.ticket], ticket.waiting.fence == take.fence,
            isHome(ticket.waiting)
        else { return .refused(.gone) }
        let former = ticket.openOffers.map(\.offer).first {
            $0.isAccepted && $0.agent == take.agent && $0.agentEpoch == take.agentEpoch
        }
        if let former { return .offered(former) }
        guard let agent = policy.agent(take.agent),
            let group = ([ticket.waiting.group] + ticket.waiting.widened).first(where: {
                agent.groups.contains($0) && isTaken($0)
            }), ticket.asked.signature.isMet(by: presence[take.agent]?.presence.skills ?? agent.skills)
        else { return .refused(.notAllowed) }
        guard ticket.phase == .queued, !stuck.contains(take.ticket), !isAwaited(ticket.waiting) else {
            return .refused(.busy)
        }
        guard presence[take.agent].map({ $0.canMeet(ticket.asked) }) ?? true else { return .refused(.overCapacity) }
        let made = makeOffer(
            of: ticket, to: take.agent, take.agentEpoch, home: take.home, through: group,
            record(of: take.agent, for: ticket, through: group, at: now), isTaken: true, at: now)
        guard let offer = made else { return .refused(.gone) }
        if take.home != incarnation {
            presence.hold(take.agent, for: offer.id, units: offer.cost.active)
            presence.confirm(take.agent, offer.id)
        }
        return .offered(offer)
    }

    // MARK: - the home router's side

    /// Begins what the agent wants: here, if the ticket waits here, else where the ledger says that it does. Nil while
    /// somebody is being asked.
    mutating func take(
        _ id: TicketID, _ fence: Fence, by agent: HostedAgent, _ place: PollPlace, at now: Now,
        _ effects: inout [Effect]
    ) -> CommandResult? {
        if agent.work.contains(where: { $0.isFor(id, fence.next) }) { return .done(fence.next) }
        let isUnderway = agent.offers.contains { offer in
            offer.isAccepting && offer.offer.id.ticket == id && offer.offer.id.fence == fence
        }
        guard !isUnderway else { return .refused(.unknown) }
        guard isLeased(at: now) else { return .refused(.hold) }
        guard agent.status.takesOffers else { return .refused(.notAllowed) }
        guard agent.freeUnits > 0 else { return .refused(.overCapacity) }
        guard !outbox.isFull else { return .refused(.busy) }
        if let ticket = queues[id], isHome(ticket.waiting) {
            return takeHere(id, fence, by: agent, place, at: now, &effects)
        }
        outbox.add(.show(id), for: .locate(place, agent.id, id, fence))
        return nil
    }

    private mutating func takeHere(
        _ id: TicketID, _ fence: Fence, by agent: HostedAgent, _ place: PollPlace, at now: Now,
        _ effects: inout [Effect]
    ) -> CommandResult? {
        let take = Take(
            ticket: id, fence: fence, agent: agent.id, agentEpoch: agent.epoch, home: incarnation)
        return host(answer(take, at: now), owner: incarnation, place, at: now, &effects)
    }

    /// Accepts what the owner offers. Nil while the coordinator is being asked.
    private mutating func host(
        _ reply: TakeReply, owner: Incarnation, _ place: PollPlace, at now: Now, _ effects: inout [Effect]
    ) -> CommandResult? {
        switch reply {
        case .refused(let refusal): return .refused(refusal)
        case .offered(let offer):
            let isKnown = hosted[offer.agent]?.offers.contains { $0.offer.id == offer.id } ?? false
            if isKnown { return .refused(.unknown) }
            if host(offer, owner: owner, for: place, at: now) { return nil }
            if owner == incarnation {
                end(offer.id, .refused, at: now, &effects)
            } else {
                tell(owner, .ended(offer.id, .refused), at: now, &effects)
            }
            return .refused(.overCapacity)
        }
    }

    /// The ledger has said where the ticket is.
    mutating func located(
        _ id: TicketID, _ fence: Fence, by agent: AgentID, _ place: PollPlace, _ outcome: Outcome, at now: Now,
        _ effects: inout [Effect]
    ) {
        guard case .shown(let record) = outcome, record.state == .waiting, record.fence == fence else {
            return settle(place, .refused(refusal(in: outcome)), at: now, &effects)
        }
        guard let known = hosted[agent], known.isCurrent else {
            return settle(place, .refused(.superseded), at: now, &effects)
        }
        let region = policy.group(record.group)?.region
        let owner = membership.owners.first { $0.region == region }?.owner ?? .none
        if owner == incarnation, incarnation != .none {
            let result = takeHere(id, fence, by: known, place, at: now, &effects)
            if let result { settle(place, result, at: now, &effects) }
        } else if owner == .none {
            settle(place, .refused(.unavailable), at: now, &effects)
        } else {
            let take = Take(ticket: id, fence: fence, agent: agent, agentEpoch: known.epoch, home: incarnation)
            ask(owner, .take(take), .take(place, agent, owner: owner), &effects)
        }
    }

    private func refusal(in outcome: Outcome) -> Refusal {
        if case .refused(let refusal) = outcome { refusal } else { .gone }
    }

    /// The owner has answered, or nobody knows what it did.
    mutating func taken(
        _ reply: PeerReply?, _ place: PollPlace, _ agent: AgentID, _ owner: Incarnation, at now: Now,
        _ effects: inout [Effect]
    ) {
        guard case .take(let reply)? = reply else { return settle(place, .refused(.unknown), at: now, &effects) }
        if let result = host(reply, owner: owner, place, at: now, &effects) {
            settle(place, result, at: now, &effects)
        }
    }
}

/// A client's question what an agent may take, while other routers are being asked.
struct PendingBrowse: Sendable {
    var tickets: [BrowsedTicket]
    var missing = 0
    var isWhole = true
}

extension Router {
    /// Asks every router that owns one of the agent's groups whose agents choose.
    mutating func browse(for agent: AgentID, _ token: RequestToken, at now: Now, _ effects: inout [Effect]) {
        var pending = PendingBrowse(tickets: untaken(for: agent, at: now))
        var asked: [Incarnation] = [incarnation]
        for id in policy.agent(agent)?.groups ?? [] {
            guard let group = policy.group(id), group.delivery == .taken else { continue }
            let owner = membership.owners.first { $0.region == group.region }?.owner ?? .none
            if owner == .none { pending.isWhole = false }
            guard owner != .none, !asked.contains(owner) else { continue }
            asked.append(owner)
            pending.missing += 1
            ask(owner, .browse(agent), .browse(token), &effects)
        }
        browses[token] = pending
        finishBrowse(token, &effects)
    }

    mutating func browsed(_ reply: PeerReply?, _ token: RequestToken, _ effects: inout [Effect]) {
        _ = browses.update(token) { pending in
            pending.missing -= 1
            if case .browsed(let tickets)? = reply { pending.tickets += tickets } else { pending.isWhole = false }
        }
        finishBrowse(token, &effects)
    }

    /// All in one order; a ticket that waits in two regions is there once.
    private mutating func finishBrowse(_ token: RequestToken, _ effects: inout [Effect]) {
        guard let pending = browses[token], pending.missing == 0 else { return }
        browses[token] = nil
        var seen: Set<TicketID> = []
        let ranked = pending.tickets.filter { seen.insert($0.ticket).inserted }.map { ticket in
            // Ages are what routers tell each other; the oldest was there at the origin, or before.
            let since = (UInt64(1) << 53) - min(ticket.age.milliseconds, 1 << 53)
            let rank = policy.order.rank(
                ticket.priority, WallTime(milliseconds: since), isForeign: false, ticket.ticket)
            return (rank: rank, ticket: ticket)
        }
        let tickets = ranked.sorted { $0.rank < $1.rank }.prefix(Limits.browsedMax).map(\.ticket)
        effects.append(.browsed(Browsed(tickets: tickets, isWhole: pending.isWhole), token))
    }
}
