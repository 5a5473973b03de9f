/// Who gets what. A pair is a waiting ticket and an agent who is available, has the free units that it takes, is in a
/// group the ticket waits in, and meets its requirements. An agent is given tickets of his heaviest group first, among
/// groups of equal weight by rank; a ticket goes to the agent whom the strategy of its group prefers, and its own
/// group is asked before those it was widened to.
extension Router {
    /// Pairs everything that this turn made possible. Agents first: what waited before was waiting for them. An offer
    /// that is refused on the spot frees both sides again, hence the rounds; each excludes the pair that it tried.
    mutating func match(at now: Now, _ effects: inout [Effect]) {
        guard isLeased(at: now) else { return }
        for _ in 0..<Limits.matchRoundsMax {
            if freshAgents.isEmpty && freshTickets.isEmpty { return }
            let agents = takeFreshAgents()
            for agent in agents {
                for ticket in stuck.tickets(of: agent) { _ = matchStuck(ticket, at: now, &effects) }
            }
            for agent in agents { matchAgent(agent, at: now, &effects) }
            for ticket in takeFreshTickets() { matchTicket(ticket, at: now, &effects) }
        }
    }

    /// What came to wait since the last match, in the order in which an agent would be given it: among tickets that
    /// come in one turn too, nobody is passed over who ranks higher.
    private mutating func takeFreshTickets() -> [TicketID] {
        let tickets = freshTickets
        freshTickets = []
        guard tickets.count > 1 else { return tickets }
        let ranked = tickets.compactMap { id in
            queues.place(of: id).map { (weight: policy.weight(of: $0.group), rank: $0.rank) }
        }
        let sorted = ranked.sorted { $0.weight != $1.weight ? $0.weight > $1.weight : $0.rank < $1.rank }
        return sorted.map(\.rank.ticket)
    }

    /// Those who may be free since the last match, each once, the longest idle first.
    private mutating func takeFreshAgents() -> [AgentID] {
        var agents: [(idleSince: UInt64, agent: AgentID)] = []
        for agent in freshAgents {
            guard let row = presence[agent] else { continue }
            agents.append((row.presence.idleSince.milliseconds, agent))
        }
        freshAgents.removeAll(keepingCapacity: true)
        agents.sort { $0.idleSince != $1.idleSince ? $0.idleSince < $1.idleSince : $0.agent < $1.agent }
        var former: AgentID?
        return agents.compactMap { (_, agent) in
            defer { former = agent }
            return agent == former ? nil : agent
        }
    }

    /// Gives the agent tickets until he is full or nothing fits. If the strategy of the ticket's group prefers somebody
    /// else, it is his, and the next one is looked at.
    private mutating func matchAgent(_ agent: AgentID, at now: Now, _ effects: inout [Effect]) {
        while let ticket = bestTicket(for: agent, at: now) {
            guard matchTicket(ticket, at: now, &effects) else { return }
        }
    }

    /// The ticket that a ready agent is given next; nil if nothing fits, or he is not ready.
    func bestTicket(for agent: AgentID, at now: Now) -> TicketID? {
        guard let row = presence[agent], isReady(row, at: now.instant), let known = policy.agent(agent) else {
            return nil
        }
        return queues.best(for: row, in: known.groups, policy, where: { asks($0) }, at: now.instant)?.ticket
    }

    /// Finds the ticket an agent and begins to ask him; and if he would be given another ticket before it, begins with
    /// that one. False when nobody can take it now.
    @discardableResult
    mutating func matchTicket(_ id: TicketID, at now: Now, _ effects: inout [Effect]) -> Bool {
        if matchStuck(id, at: now, &effects) { return false }
        var isAsking = false
        var rest = queues[id].map { room(for: $0) } ?? 0
        for _ in 0..<Limits.matchRoundsMax {
            guard rest > 0, let pair = nextPair(towards: id, at: now) else { return isAsking }
            isAsking = true
            if pair.ticket.waiting.ticket == id { rest -= 1 }
            if isHome(pair.ticket.waiting) {
                offer(pair.ticket, to: pair.agent, through: pair.group, at: now, &effects)
            } else {
                claim(pair.ticket, for: pair.agent, through: pair.group, at: now, &effects)
            }
        }
        freshTickets.append(id)
        return isAsking
    }

    /// Who is asked for what, so that the ticket can be asked for next: for that one itself, unless its agent has just
    /// become free as well, or another ticket has just come, and he is to be asked for a ticket of higher rank first.
    private func nextPair(
        towards id: TicketID, at now: Now
    ) -> (ticket: QueuedTicket, agent: AgentID, group: GroupID)? {
        func pair(_ id: TicketID) -> (ticket: QueuedTicket, agent: AgentID, group: GroupID)? {
            // One who refuses on the spot, or accepts, changes how many may still be asked.
            guard let ticket = queues[id], room(for: ticket) > 0, let found = bestAgent(for: ticket, at: now) else {
                return nil
            }
            return (ticket, found.agent, found.group)
        }
        var next = pair(id)
        // Each is before the one that led to it, so this ends.
        while let known = next, let better = bestTicket(for: known.agent, at: now),
            isBefore(better, known.ticket.waiting.ticket), let found = pair(better)
        {
            next = found
        }
        return next
    }

    /// Whether the one is served before the other, each in its own group.
    private func isBefore(_ one: TicketID, _ other: TicketID) -> Bool {
        guard one != other, let one = queues.place(of: one), let other = queues.place(of: other) else { return false }
        let weights = (policy.weight(of: one.group), policy.weight(of: other.group))
        return weights.0 != weights.1 ? weights.0 > weights.1 : one.rank < other.rank
    }

    /// Who is asked for a ticket now, and through which of the groups it waits in; never one who is being asked, nor
    /// anybody through a group whose agents choose for themselves.
    func bestAgent(for ticket: QueuedTicket, at now: Now) -> (agent: AgentID, group: GroupID)? {
        guard !isAwaited(ticket.waiting) else { return nil }
        let demand = ticket.asked
        let asked = ticket.openOffers.map {
            Exclusion(agent: $0.offer.agent, until: Instant(milliseconds: .max))
        }
        let excluded = asked.isEmpty ? ticket.excluded : ticket.excluded + asked
        func best(in group: GroupID) -> (agent: AgentID, group: GroupID)? {
            guard asks(group) else { return nil }
            return presence.best(in: group, for: demand, excluding: excluded, at: now.instant).map {
                ($0, group)
            }
        }
        if let found = best(in: ticket.waiting.group) { return found }
        for group in ticket.waiting.widened {
            if let found = best(in: group) { return found }
        }
        return nil
    }

    /// Asks no more for what the ticket has waited for too long, now and whenever more of that falls due.
    mutating func relax(_ id: TicketID, at now: Now) {
        if queues.relax(id, at: now.instant) { freshTickets.append(id) }
        guard let ticket = queues[id] else { return }
        let waited = now.instant.since(ticket.since)
        if let next = ticket.waiting.signature.nextRelaxation(after: waited) {
            let rest = Interval(milliseconds: next.milliseconds - waited.milliseconds)
            deadlines.arm(.relaxes(id), due: due(rest, from: now))
        }
    }

    func isReady(_ row: PresenceView.Row, at now: Instant) -> Bool {
        row.presence.status.takesOffers && !row.isHomeSuspect && !row.isCutOff && row.freeUnits > 0
            && (row.blockedUntil.map { $0 <= now } ?? true)
    }

    func owns(_ group: GroupID) -> Bool {
        policy.group(group).map { ownedRegions[$0.region] != nil } ?? false
    }

    /// Whether this router pairs the group's tickets with its agents; in some groups they take them themselves.
    func asks(_ group: GroupID) -> Bool {
        guard let known = policy.group(group), ownedRegions[known.region] != nil else { return false }
        return known.delivery != .taken && handovers.awaited[known.region] == nil
    }

    /// Whether this router runs the ticket's offers: it owns the region of the group the ticket waits in.
    func isHome(_ ticket: WaitingTicket) -> Bool { owns(ticket.group) }

    /// Once a second: whatever could be paired and is not was missed, which is a bug, and is put right. Where nobody is
    /// ready nothing could be; of the other groups as many are looked at as `Limits.sweptLanesMax` lets.
    mutating func sweep(at now: Now) {
        deadlines.arm(.sweep, due: due(.seconds(1), from: now))
        guard isLeased(at: now), freshAgents.isEmpty, freshTickets.isEmpty else { return }
        var looks = 0
        for _ in policy.groups.indices where looks < Limits.sweptLanesMax {
            sweepNext = (sweepNext + 1) % policy.groups.count
            let group = GroupID(UInt32(sweepNext))
            guard presence.ready.hasReady(in: group), asks(group) else { continue }
            for id in queues.heads(of: group) {
                looks += 1
                guard let ticket = queues[id], bestAgent(for: ticket, at: now) != nil else { continue }
                counters.sweepFound += 1
                freshTickets.append(id)
            }
        }
    }
}

extension Queues {
    /// Of the heaviest of an agent's groups that has a ticket for him; of several such groups the highest ranked.
    package func best(
        for row: PresenceView.Row, in groups: [GroupID], _ policy: Policy, where isOwned: (GroupID) -> Bool,
        at now: Instant
    ) -> Rank? {
        var best: (weight: UInt8, rank: Rank)?
        for id in groups where hasQueued(in: id) && isOwned(id) {
            let weight = policy.weight(of: id)
            if let best, best.weight > weight { continue }
            let bound = best.flatMap { $0.weight == weight ? $0.rank : nil }
            let rank = self.best(
                in: id, for: row.presence.agent, row.presence.skills, free: row.freeUnits, full: row.fullChannels,
                below: bound, at: now)
            if let rank { best = (weight, rank) }
        }
        return best?.rank
    }
}

extension Policy {
    fileprivate func weight(of group: GroupID) -> UInt8 { groups[group.index]?.weight ?? 0 }
}
