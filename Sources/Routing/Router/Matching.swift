/// Who gets what. A pair is a waiting ticket and an agent who is available, has a free unit, is in a group the ticket
/// waits in, and meets its requirements. Tickets are taken by rank, and a ticket goes to the agent who has been idle
/// longest (ties: the lower number); the ticket's own group is asked before those it was widened to.
extension Router {
    /// Pairs everything that this turn made possible. Agents first: what waited before was waiting for them.
    mutating func match(at now: Now, _ effects: inout [Effect]) {
        guard isLeased(at: now) else { return }
        var agents = freshAgents
        freshAgents = []
        agents.sort { left, right in
            let (a, b) = (presence[left]?.presence.idleSince, presence[right]?.presence.idleSince)
            guard let a, let b, a != b else { return left < right }
            return a < b
        }
        for agent in agents { matchAgent(agent, at: now, &effects) }
        let tickets = freshTickets
        freshTickets = []
        for ticket in tickets { matchTicket(ticket, at: now, &effects) }
    }

    /// Gives the agent tickets until he is full or nothing fits. The ticket is chosen by rank; if somebody else has
    /// been idle longer, it is his, and the next one is looked at.
    private mutating func matchAgent(_ agent: AgentID, at now: Now, _ effects: inout [Effect]) {
        while let row = presence[agent], isReady(row, at: now.instant), let known = policy.agent(agent) {
            var best: Rank?
            for group in known.groups where owns(group) {
                if let rank = queues.best(in: group, for: agent, row.presence.skills, at: now.instant),
                    best.map({ rank < $0 }) ?? true
                {
                    best = rank
                }
            }
            guard let best else { return }
            guard matchTicket(best.ticket, at: now, &effects) else { return }
        }
    }

    /// Finds the ticket an agent and begins to ask him. False when nobody can take it now.
    @discardableResult
    mutating func matchTicket(_ id: TicketID, at now: Now, _ effects: inout [Effect]) -> Bool {
        guard let ticket = queues[id], ticket.phase == .queued else { return false }
        for group in [ticket.waiting.group] + ticket.waiting.widened where owns(group) {
            guard let agent = longestIdle(in: group, for: ticket, at: now.instant) else { continue }
            if isHome(ticket.waiting) {
                offer(ticket, to: agent, through: group, at: now, &effects)
            } else {
                claim(ticket, for: agent, through: group, at: now, &effects)
            }
            return true
        }
        return false
    }

    private func longestIdle(in group: GroupID, for ticket: QueuedTicket, at now: Instant) -> AgentID? {
        var best: (idleSince: Instant, agent: AgentID)?
        for agent in policy.members(of: group) {
            guard let row = presence[agent], isReady(row, at: now) else { continue }
            if let best, best.idleSince <= row.presence.idleSince { continue }
            guard ticket.waiting.signature.isMet(by: row.presence.skills), !ticket.excludes(agent, at: now) else {
                continue
            }
            best = (row.presence.idleSince, agent)
        }
        return best?.agent
    }

    func isReady(_ row: PresenceView.Row, at now: Instant) -> Bool {
        row.presence.status.takesOffers && row.freeUnits > 0 && (row.blockedUntil.map { $0 <= now } ?? true)
    }

    func owns(_ group: GroupID) -> Bool {
        policy.group(group).map { ownedRegions[$0.region] != nil } ?? false
    }

    /// Whether this router runs the ticket's offers: it owns the region of the group the ticket waits in.
    func isHome(_ ticket: WaitingTicket) -> Bool { owns(ticket.group) }

    /// Once a second: whatever could be paired and is not was missed, which is a bug, and is put right.
    mutating func sweep(at now: Now) {
        deadlines.arm(.sweep, due: due(.seconds(1), from: now))
        guard isLeased(at: now), freshAgents.isEmpty, freshTickets.isEmpty else { return }
        for case let group? in policy.groups where ownedRegions[group.region] != nil {
            for id in queues.heads(of: group.id) {
                guard let ticket = queues[id], longestIdle(in: group.id, for: ticket, at: now.instant) != nil else {
                    continue
                }
                counters.sweepFound += 1
                freshTickets.append(id)
            }
        }
    }
}
