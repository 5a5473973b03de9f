/// Commands: what is checked, in which order, and what is answered. A repeat is recognised before anything else.
extension Coordinator {
    mutating func decide(
        _ command: Command, from caller: Incarnation, at now: Now, _ effects: inout [Effect]
    ) -> Outcome {
        counters.commands += 1
        let outcome: Outcome =
            switch command {
            case .open(let open): decide(open, at: now, &effects)
            case .attach(let agent, let instance, let renewed): attach(agent, instance, renewed, to: caller, &effects)
            case .detach(let agent, let epoch): detach(agent, epoch, from: caller, at: now, &effects)
            case .assign(let assign): decide(assign, from: caller, at: now, &effects)
            case .work(let work): decide(work, from: caller, at: now, &effects)
            case .show(let ticket): show(ticket)
            case .status: .status(status)
            }
        if case .refused(let refusal) = outcome {
            counters.refusals += 1
            refusals.add(refusal)
        }
        return outcome
    }

    private mutating func decide(_ open: Command.Open, at now: Now, _ effects: inout [Effect]) -> Outcome {
        if let known = ledger.keys[open.key] {
            return known.hash == open.hash ? .opened(known.ticket) : .refused(.keyReused)
        }
        guard !isDiskNearlyFull else { return .refused(.diskFull) }
        guard open.policyVersion == policy.version else { return .refused(.stalePolicy) }
        guard let group = policy.group(open.classification.group) else { return .refused(.stalePolicy) }
        guard ledger.count(of: group.id).waiting < group.refuseAt, ledger.tickets.count < Limits.ticketsMax,
            ledger.keys.hasRoom
        else { return .refused(.full) }
        let id = TicketID(ledger.ticketsOpened + 1)
        commit(
            .opened(
                LedgerRecord.Opened(
                    ticket: id, key: open.key, hash: open.hash, classification: open.classification,
                    submission: open.submission, preferred: ledger.customers[open.submission.customer])), &effects)
        if let ticket = ledger.tickets[id] { armWidening(ticket, at: now) }
        return .opened(id)
    }

    // MARK: - sessions

    private mutating func attach(
        _ agent: AgentID, _ instance: ClientInstance, _ renewed: AgentEpoch?, to caller: Incarnation,
        _ effects: inout [Effect]
    ) -> Outcome {
        guard policy.agent(agent) != nil, let row = ledger.agent(agent) else { return .refused(.notFound) }
        guard caller != .none else { return .refused(.notAllowed) }
        guard renewed == nil || renewed == row.epoch else {
            return .refused(row.instance == instance ? .staleEpoch : .superseded)
        }
        commit(.attached(agent, row.epoch.next, caller, instance), &effects)
        if case .attached(let former) = row.presence, former != caller {
            members.changed(agent, for: former, at: ledger.lsn)
        }
        return .attached(row.epoch.next, work(of: agent))
    }

    private mutating func detach(
        _ agent: AgentID, _ epoch: AgentEpoch, from caller: Incarnation, at now: Now, _ effects: inout [Effect]
    ) -> Outcome {
        guard let row = ledger.agent(agent), row.epoch == epoch, row.presence == .attached(caller) else {
            return .refused(.staleEpoch)
        }
        commit(.detached(agent, epoch), &effects)
        armGrace(agent, epoch, at: now)
        return .detached
    }

    func work(of agent: AgentID) -> [Assignment] {
        (ledger.agent(agent)?.work ?? []).compactMap { ledger.tickets[$0]?.assignment }
    }

    // MARK: - work

    private mutating func decide(
        _ assign: Command.Assign, from caller: Incarnation, at now: Now, _ effects: inout [Effect]
    ) -> Outcome {
        guard let agent = policy.agent(assign.agent), let row = ledger.agent(assign.agent) else {
            return .refused(.notFound)
        }
        if case .assigned(let id, let fence)? = row.answer(to: assign.id) {
            guard let held = ledger.tickets[id], held.fence == fence, held.state.holder == assign.agent else {
                return .refused(.gone)
            }
            return .assigned(held.assignment)
        }
        guard row.epoch == assign.agentEpoch, row.presence == .attached(caller) else { return .refused(.staleEpoch) }
        guard let ticket = ledger.tickets[assign.ticket] else { return .refused(absence(of: assign.ticket)) }
        guard ticket.fence == assign.fence, ticket.state == .waiting else { return .refused(.gone) }
        guard hasRoom(agent, for: ticket) else { return .refused(.overCapacity) }
        commit(.assigned(ticket.id, ticket.fence.next, agent.id, assign.id), &effects)
        invariant(units(of: agent.id) <= agent.capacity, "agent \(agent.name) is over capacity")
        guard let held = ledger.tickets[assign.ticket] else { return .refused(.gone) }
        return .assigned(held.assignment)
    }

    /// Whether the agent has the units, and may have one more of the ticket's channel.
    private func hasRoom(_ agent: Agent, for ticket: LedgerTicket) -> Bool {
        guard units(of: agent.id) + UInt32(ticket.cost.active) <= agent.capacity else { return false }
        let channel = ticket.submission.channel
        guard let limit = agent.channelLimits.first(where: { $0.channel == channel }) else { return true }
        return work(of: agent.id).filter { $0.submission.channel == channel }.count < Int(limit.most)
    }

    /// The units of all that the agent holds; wrap-ups are his home router's business.
    private func units(of agent: AgentID) -> UInt32 {
        (ledger.agent(agent)?.work ?? []).reduce(0) { $0 + (ledger.tickets[$1]?.assignment.units ?? 0) }
    }

    private mutating func decide(
        _ work: Command.Work, from caller: Incarnation, at now: Now, _ effects: inout [Effect]
    ) -> Outcome {
        guard let row = ledger.agent(work.agent) else { return .refused(.notFound) }
        if let id = work.id, case .done(let fence)? = row.answer(to: id) { return .done(fence) }
        guard row.epoch == work.agentEpoch, row.presence == .attached(caller) else { return .refused(.staleEpoch) }
        guard let ticket = ledger.tickets[work.ticket] else { return .refused(absence(of: work.ticket)) }
        guard ticket.fence == work.fence, ticket.state.holder == work.agent else { return .refused(.gone) }
        switch work.action {
        case .reply(let text): return note(ticket, .replied(text: text), work, &effects)
        case .note(let text): return note(ticket, .noted(text: text), work, &effects)
        case .pause(let reason):
            guard ticket.state == .assigned(work.agent) else { return .refused(.already) }
            return note(ticket, .paused(reason: reason), work, &effects)
        case .resume:
            guard ticket.state == .pending(work.agent) else { return .refused(.already) }
            return note(ticket, .resumed, work, &effects)
        case .escalate(let tier):
            return move(
                ticket, to: policy.escalation(from: ticket.group, to: tier), .escalated, work, at: now, &effects)
        case .sendDown(let tier):
            let region = policy.catalog.regions.number(of: ticket.submission.region).map { RegionID($0) }
            let group = policy.sendDown(from: ticket.group, path: ticket.path, region: region, to: tier)
            return move(ticket, to: group, .sentDown, work, at: now, &effects)
        case .transfer(let group):
            return move(ticket, to: policy.group(group)?.id, .transferred, work, at: now, &effects)
        case .giveBack:
            returnToQueue(ticket.id, from: work.agent, work.id, at: now, &effects)
            return .done(ticket.fence.next)
        case .resolve:
            commit(.resolved(ticket.id, work.agent, work.id), &effects)
            armClose(ticket.id, ticket.fence, at: now)
            return .done(ticket.fence)
        }
    }

    private mutating func note(
        _ ticket: LedgerTicket, _ what: LedgerRecord.Noted, _ work: Command.Work, _ effects: inout [Effect]
    ) -> Outcome {
        commit(.noted(ticket.id, what, work.agent, work.id), &effects)
        return .done(ticket.fence)
    }

    private mutating func move(
        _ ticket: LedgerTicket, to group: GroupID?, _ cause: MoveCause, _ work: Command.Work, at now: Now,
        _ effects: inout [Effect]
    ) -> Outcome {
        guard let group else { return .refused(.notAllowed) }
        commit(
            .moved(
                LedgerRecord.Moved(
                    ticket: ticket.id, fence: ticket.fence.next, group: group, cause: cause, agent: work.agent,
                    id: work.id)), &effects)
        if let moved = ledger.tickets[ticket.id] { armWidening(moved, at: now) }
        return .done(ticket.fence.next)
    }

    // MARK: - questions

    /// A number that was given once and is not live any more is closed, whether or not its steps are still kept.
    private func absence(of id: TicketID) -> Refusal {
        id.value >= 1 && id.value <= ledger.ticketsOpened ? .closed : .notFound
    }

    private func show(_ id: TicketID) -> Outcome {
        if let ticket = ledger.tickets[id] { return .shown(ticket.record()) }
        if let closed = ledger.closed[id] { return .shown(closed) }
        return .refused(absence(of: id))
    }

    private var status: ClusterStatus {
        var status = ClusterStatus()
        status.reign = ledger.reign
        status.lsn = ledger.lsn
        status.policyVersion = policy.version
        status.routers = ledger.routers
        status.regions = ledger.owners
        for case let group? in policy.groups {
            let count = ledger.count(of: group.id)
            status.groups.append(
                ClusterStatus.GroupStatus(
                    group: group.id, waiting: UInt32(count.waiting), working: UInt32(count.working),
                    pending: UInt32(count.pending), widened: UInt32(count.widened)))
        }
        for agent in ledger.agents {
            switch agent.presence {
            case .attached: status.agentsAttached += 1
            case .inGrace: status.agentsInGrace += 1
            case .offline: break
            }
        }
        status.counters = counters
        status.counters.ticketsOpened = ledger.ticketsOpened
        status.counters.ticketsClosed = ledger.ticketsClosed
        status.counters.ticketsWidened = ledger.ticketsWidened
        status.counters.ticketsLive = UInt64(ledger.tickets.count)
        status.counters.keysKept = UInt64(ledger.keys.count)
        return status
    }
}
