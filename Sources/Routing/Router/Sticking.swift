/// The agent who knows the customer or the case is asked first: as a preference with a time-out, never as a pin. While
/// he is there, free or not, the ticket waits for him alone until it has the age that its `Preference`
/// says; is he away, or does the time run out, it is everybody's, with its place kept (Chatwoot #9587: work must not
/// wait for somebody who is not there).
struct StuckTickets: Sendable {
    private var agents: [TicketID: AgentID] = [:]
    private var tickets: [AgentID: [TicketID]] = [:]

    var all: [TicketID] { agents.keys.sorted() }
    func contains(_ ticket: TicketID) -> Bool { agents[ticket] != nil }
    /// In the order in which they were stuck to him.
    func tickets(of agent: AgentID) -> [TicketID] { tickets.isEmpty ? [] : tickets[agent] ?? [] }

    mutating func stick(_ ticket: TicketID, to agent: AgentID) {
        guard agents[ticket] != agent else { return }
        release(ticket)
        agents[ticket] = agent
        tickets[agent, default: []].append(ticket)
    }

    mutating func release(_ ticket: TicketID) {
        guard let agent = agents.removeValue(forKey: ticket) else { return }
        tickets[agent]?.removeAll { $0 == ticket }
        if tickets[agent]?.isEmpty ?? false { tickets[agent] = nil }
    }
}

extension Router {
    /// For whom the ticket waits alone now, if for anybody. Only its own owner grants that.
    func stickyAgent(of ticket: QueuedTicket, at now: Now) -> AgentID? {
        guard let preferred = ticket.waiting.preferred, isHome(ticket.waiting),
            now.instant.since(ticket.since) < preferred.patience, case let agent = preferred.agent,
            let row = presence[agent], row.presence.status.takesOffers || row.presence.status == .resting,
            ticket.asked.signature.isMet(by: row.presence.skills), !ticket.excludes(agent, at: now.instant),
            group(of: agent, for: ticket.waiting) != nil
        else { return nil }
        return agent
    }

    /// The first of the groups that the ticket waits in which the agent belongs to.
    private func group(of agent: AgentID, for ticket: WaitingTicket) -> GroupID? {
        let groups = policy.agent(agent)?.groups ?? []
        return ([ticket.group] + ticket.widened).first {
            groups.contains($0) && policy.group($0)?.delivery != .taken
        }
    }

    /// Offers a stuck ticket to its agent if he is free; if he is not there any more, or its time is over, it becomes
    /// everybody's. False when the ticket is not, or no longer, stuck.
    mutating func matchStuck(_ id: TicketID, at now: Now, _ effects: inout [Effect]) -> Bool {
        guard stuck.contains(id) else { return false }
        if let waiting = queues[id]?.waiting, isAwaited(waiting) { return true }
        guard let ticket = queues[id], let agent = stickyAgent(of: ticket, at: now) else {
            stuck.release(id)
            requeue(id, at: now)
            return false
        }
        guard let row = presence[agent], isReady(row, at: now.instant), row.canMeet(ticket.asked),
            let group = group(of: agent, for: ticket.waiting)
        else { return true }
        stuck.release(id)
        offer(ticket, to: agent, through: group, isSticky: true, at: now, &effects)
        return true
    }

    /// His presence changed: what waits for him alone is looked at again.
    mutating func reviewStuck(to agent: AgentID) { freshTickets += stuck.tickets(of: agent) }
}
