/// A ticket that nobody has to be asked for: opened and assigned in one command. Only where nothing else could have a
/// say: this router owns the queue it would wait in, is the agent's home, and nothing waits, or is about to, that he
/// should have first. His slot is held until the answer; if the ledger says no, the ticket simply waits.
extension Router {
    /// Who gets the ticket without being asked, in which session; nil when it has to queue.
    func taker(
        of open: Command.Open, at now: Now
    ) -> (agent: AgentID, epoch: AgentEpoch, decision: DecisionRecord)? {
        let wanted = open.classification
        guard let group = policy.group(wanted.group), group.delivery == .assigned, owns(group.id),
            opening[group.id, default: 0] == 0
        else { return nil }
        let demand = Demand(wanted.signature, cost: wanted.cost, channel: open.submission.channel)
        guard let agent = presence.best(in: group.id, for: demand, excluding: [], at: now.instant),
            let row = presence[agent], row.home == incarnation, isReady(row, at: now.instant),
            let home = hosted[agent], home.isCurrent, row.presence.agentEpoch == home.epoch,
            stuck.tickets(of: agent).isEmpty, !isOutranked(wanted, for: row, in: group, at: now.instant)
        else { return nil }
        return (agent, home.epoch, record(of: agent, for: demand, through: group.id, at: now))
    }

    /// Whether something waits that the agent may take and that is served before a ticket of this kind.
    func isOutranked(_ wanted: Classification, for row: PresenceView.Row, in group: Group, at now: Instant)
        -> Bool
    {
        // The newest of all: the ledger has not dated it yet. Where age counts, whatever waits is before it.
        let newest = policy.order.rank(
            wanted.priority, WallTime(milliseconds: 1 << 54), isForeign: false, TicketID(.max))
        for id in policy.agent(row.presence.agent)?.groups ?? [] where asks(id) && queues.hasQueued(in: id) {
            guard let other = policy.group(id), other.weight >= group.weight else { continue }
            let better = queues.best(
                in: id, for: row.presence.agent, row.presence.skills, free: row.freeUnits, full: row.fullChannels,
                below: other.weight == group.weight ? newest : nil, at: now)
            if better != nil { return true }
        }
        return false
    }

    /// The ledger has said whether the ticket is there, and whose it is: what was held for it is free, or is his work.
    mutating func settleOpening(_ command: Command, _ outcome: Outcome, at now: Now) {
        switch command {
        case .open(let open):
            let left = opening[open.classification.group, default: 1] - 1
            opening[open.classification.group] = left > 0 ? left : nil
        case .openAssigned(let open, let agent, _, _):
            if hosted[agent]?.expected.contains(where: { $0.key == open.key }) ?? false {
                change(agent, shows: false, at: now) { agent in
                    if let place = agent.expected.firstIndex(where: { $0.key == open.key }) {
                        agent.expected.remove(at: place)
                    }
                }
            }
            guard case .assigned(let assignment) = outcome else { return }
            let hasIt = hosted[agent]?.work.contains { $0.isFor(assignment.ticket, assignment.fence) } ?? false
            guard !hasIt else { return }
            counters.openedAssigned += 1
            give(assignment, to: agent, at: now)
        case .attach, .detach, .assign, .work, .manage, .attempted, .show, .status, .drain, .own: break
        }
    }
}
