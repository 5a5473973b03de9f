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
            case .manage(let manage): decide(manage, at: now, &effects)
            case .attempted(let attempted): decide(attempted, at: now, &effects)
            case .openAssigned(let open, let agent, let epoch, let decision):
                openAssigned(open, to: agent, epoch, decision, from: caller, at: now, &effects)
            case .show(let ticket): show(ticket)
            case .status: .status(status(at: now))
            case .drain(let router, let isOn): drain(router, isOn: isOn, &effects)
            case .own(let region, let router): own(region, by: router, &effects)
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
        guard open.isWithinLimits else { return .refused(.invalid) }
        guard !isDiskNearlyFull else { return .refused(.diskFull) }
        guard open.policyVersion == policy.version else { return .refused(.stalePolicy) }
        guard let group = policy.group(open.classification.group) else { return .refused(.stalePolicy) }
        guard ledger.count(of: group.id).waiting < group.refuseAt, ledger.tickets.count < Limits.ticketsMax,
            ledger.keys.hasRoom
        else { return .refused(.full) }
        let id = TicketID(ledger.ticketsOpened + 1)
        let known = policy.timing.stickyFor > .zero ? ledger.customers[open.submission.customer] : nil
        commit(
            .opened(
                LedgerRecord.Opened(
                    ticket: id, key: open.key, hash: open.hash, classification: open.classification,
                    submission: open.submission, preferred: known.map { Preference($0, for: policy.timing.stickyFor) },
                    startsAt: open.delay > .zero ? time + open.delay : nil)), &effects)
        if open.delay == .zero { enqueued(id, at: now, &effects) }
        return .opened(id)
    }

    /// Opens as `open` does, then assigns if the agent can have it: two records, one sync. Who asks again, because the
    /// answer was lost, learns of an assignment only if it is still that agent's, in that session.
    private mutating func openAssigned(
        _ open: Command.Open, to agent: AgentID, _ epoch: AgentEpoch, _ decision: DecisionRecord?,
        from caller: Incarnation, at now: Now, _ effects: inout [Effect]
    ) -> Outcome {
        let isRepeat = ledger.keys[open.key] != nil
        let outcome = decide(open, at: now, &effects)
        guard case .opened(let id) = outcome, let ticket = ledger.tickets[id] else { return outcome }
        guard let row = ledger.agent(agent), row.epoch == epoch, row.presence == .attached(caller) else {
            return outcome
        }
        if isRepeat { return ticket.state == .assigned(agent) ? .assigned(ticket.assignment) : outcome }
        let isPromised = ticket.preferred.map { $0.agent != agent } ?? false
        guard ticket.state == .waiting, let known = policy.agent(agent), known.groups.contains(ticket.group),
            policy.group(ticket.group)?.delivery == .assigned, !isPromised,
            hasRoom(known, for: ticket)
        else { return outcome }
        commit(.assigned(id, ticket.fence.next, agent, nil, decision), &effects)
        checkCapacity(of: known)
        return ledger.tickets[id].map { .assigned($0.assignment) } ?? outcome
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
        return .attached(row.epoch.next, flaws.contains(.workLostAtAttach) ? [] : work(of: agent))
    }

    private mutating func detach(
        _ agent: AgentID, _ epoch: AgentEpoch, from caller: Incarnation, at now: Now, _ effects: inout [Effect]
    ) -> Outcome {
        guard let row = ledger.agent(agent), row.epoch == epoch, row.presence == .attached(caller) else {
            return .refused(.staleEpoch)
        }
        commit(.detached(agent, epoch), &effects)
        armGrace(agent, at: now)
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
        if let id = assign.id, case .assigned(let id, let fence)? = row.answer(to: id) {
            guard let held = ledger.tickets[id], held.fence == fence, held.state.holder == assign.agent else {
                return .refused(.gone)
            }
            return .assigned(held.assignment)
        }
        guard isCurrent(row, assign.agentEpoch, at: caller) else { return .refused(.staleEpoch) }
        guard let ticket = ledger.tickets[assign.ticket] else { return .refused(absence(of: assign.ticket)) }
        if assign.id == nil && ticket.fence == assign.fence.next && ticket.state == .assigned(agent.id) {
            // The router's own accept has no number: that it was done is its repeat's answer.
            return .assigned(ticket.assignment)
        }
        let isCurrent = ticket.fence == assign.fence || flaws.contains(.lateAcceptHonoured)
        guard isCurrent, ticket.state == .waiting else { return .refused(.gone) }
        guard hasRoom(agent, for: ticket) else { return .refused(.overCapacity) }
        commit(.assigned(ticket.id, ticket.fence.next, agent.id, assign.id, assign.decision), &effects)
        checkCapacity(of: agent)
        guard let held = ledger.tickets[assign.ticket] else { return .refused(.gone) }
        return .assigned(held.assignment)
    }

    private func checkCapacity(of agent: Agent) {
        let isChecked = !flaws.contains(.capacityUnchecked)
        invariant(!isChecked || units(of: agent.id) <= agent.capacity, "agent \(agent.name) is over capacity")
    }

    /// Whether a command comes from where the agent is at home, in the session that he has now.
    private func isCurrent(_ row: LedgerAgent, _ epoch: AgentEpoch, at caller: Incarnation) -> Bool {
        row.epoch == epoch && row.presence == .attached(caller) || flaws.contains(.agentEpochIgnored)
    }

    /// An offer failed: the ticket's group may have a step for that, and too many of them quarantine it.
    private mutating func decide(
        _ attempted: Command.Attempted, at now: Now, _ effects: inout [Effect]
    ) -> Outcome {
        guard let ticket = ledger.tickets[attempted.ticket], ticket.state == .waiting,
            ticket.fence == attempted.fence, ledger.agent(attempted.agent) != nil
        else { return .refused(.gone) }
        let isAttempt = [.declined, .expiredSeen, .expiredUnseen].contains(attempted.end)
        guard isAttempt, attempted.reason.utf8.count <= Limits.wordBytesMax else { return .refused(.invalid) }
        if let offer = attempted.offer, ticket.counted.contains(offer) { return .done(ticket.fence) }
        commit(
            .attempted(
                ticket.id, ticket.fence, attempted.agent, attempted.end, attempted.reason, attempted.offer), &effects)
        guard let noted = ledger.tickets[ticket.id] else { return .done(ticket.fence) }
        if noted.standing.attempts >= policy.timing.attemptsMax {
            quarantine(noted, Cause(.attempts), &effects)
        } else {
            review(ticket.id, .later, at: now, &effects)
        }
        return .done(ledger.tickets[ticket.id]?.fence ?? ticket.fence)
    }

    /// Whether the agent has the units, and may have one more of the ticket's channel.
    private func hasRoom(_ agent: Agent, for ticket: LedgerTicket) -> Bool {
        if flaws.contains(.capacityUnchecked) { return true }
        guard units(of: agent.id) + UInt32(ticket.cost.active) <= agent.capacity else { return false }
        let channel = ticket.channel
        guard let limit = agent.channelLimits.first(where: { $0.channel == channel }) else { return true }
        return (ledger.agent(agent.id)?.work ?? []).count { ledger.tickets.read($0) { $0.channel == channel } ?? false }
            < Int(limit.most)
    }

    /// The units of all that the agent holds; wrap-ups are his home router's business.
    func units(of agent: AgentID) -> UInt32 {
        (ledger.agent(agent)?.work ?? []).reduce(0) { $0 + (ledger.tickets.read($1) { $0.units } ?? 0) }
    }

    private mutating func decide(
        _ work: Command.Work, from caller: Incarnation, at now: Now, _ effects: inout [Effect]
    ) -> Outcome {
        guard let row = ledger.agent(work.agent) else { return .refused(.notFound) }
        if let id = work.id, case .done(let fence)? = row.answer(to: id) {
            // As it was answered then; what has become of the ticket since goes with it.
            if case .attached(let home) = row.presence { members.retell(work.agent, to: home, as: ledger.lsn) }
            return .done(fence)
        }
        guard isCurrent(row, work.agentEpoch, at: caller) else { return .refused(.staleEpoch) }
        guard let ticket = ledger.tickets[work.ticket] else { return .refused(absence(of: work.ticket)) }
        let isHolder =
            flaws.contains(.fenceUnchecked)
            ? ticket.state.holder != nil : ticket.fence == work.fence && ticket.state.holder == work.agent
        guard isHolder else { return .refused(.gone) }
        guard work.action.isWithinLimits else { return .refused(.invalid) }
        switch work.action {
        case .reply, .note, .pause, .resume: return keep(ticket, work, at: now, &effects)
        case .resolve, .handOut: return resolve(ticket, work, at: now, &effects)
        case .escalate(let tier, let reason):
            return move(
                ticket, to: policy.escalation(from: ticket.group, to: tier), .escalated, reason, work, at: now,
                &effects)
        case .sendDown(let tier, let reason):
            let region = policy.catalog.regions.number(of: ticket.said.region).map { RegionID($0) }
            let group = policy.sendDown(from: ticket.group, path: ticket.path, region: region, to: tier)
            return move(ticket, to: group, .sentDown, reason, work, at: now, &effects)
        case .transfer(let name, let reason):
            guard let group = policy.group(named: name)?.id else { return .refused(.notFound) }
            return move(ticket, to: group, .transferred, reason, work, at: now, &effects)
        case .handOver(let name, let reason):
            guard let agent = policy.agent(named: name)?.id else { return .refused(.notFound) }
            guard agent != work.agent else { return .refused(.notAllowed) }
            let preferred = Preference(agent, for: policy.timing.handOverFor)
            return move(
                ticket, to: groupFor(agent, ticket), .transferred, reason, first: preferred, work, at: now, &effects)
        case .putOff(let delay, let reason):
            putOff(
                ticket, for: delay, Cause(.agent, note: reason), by: work.agent, work.id, at: now, &effects)
            return .done(ticket.fence.next)
        case .giveBack(let reason):
            // Without a number it is his home router's doing: his client did not acknowledge it in time.
            let why = Cause(work.id == nil ? .time : .agent, note: reason)
            returnToQueue(ticket.id, from: work.agent, work.id, why, at: now, &effects)
            return .done(ticket.fence.next)
        }
    }

    /// What the holder does without letting go.
    private mutating func keep(
        _ ticket: LedgerTicket, _ work: Command.Work, at now: Now, _ effects: inout [Effect]
    ) -> Outcome {
        switch work.action {
        case .note(let text): commit(.noted(ticket.id, .noted(text: text), work.agent, work.id), &effects)
        case .pause(let reason, let kind, let length):
            guard ticket.state == .assigned(work.agent) else { return .refused(.already) }
            let until = time + min(length ?? policy.timing.pendingMax, Limits.delayMax)
            let pause = Pause(kind: kind, reason: reason, until: until)
            commit(.noted(ticket.id, .paused(pause), work.agent, work.id), &effects)
        case .resume:
            // Not asked whether he has the units: it is his already, and he says that he goes on with it.
            guard ticket.state == .pending(work.agent) else { return .refused(.already) }
            commit(.noted(ticket.id, .resumed(nil), work.agent, work.id), &effects)
        case .reply(let text): commit(.noted(ticket.id, .replied(text: text), work.agent, work.id), &effects)
        case .resolve, .handOut, .escalate, .sendDown, .transfer, .handOver, .putOff, .giveBack: break
        }
        return .done(ticket.fence)
    }

    private mutating func resolve(
        _ ticket: LedgerTicket, _ work: Command.Work, at now: Now, _ effects: inout [Effect]
    ) -> Outcome {
        var handedOut: Cause?
        if case .handOut(let party, let reason) = work.action { handedOut = Cause(.agent, by: party, note: reason) }
        commit(.resolved(ticket.id, work.agent, work.id, handedOut: handedOut), &effects)
        return .done(ticket.fence)
    }

    private mutating func move(
        _ ticket: LedgerTicket, to group: GroupID?, _ cause: MoveCause, _ reason: String,
        first preferred: Preference? = nil, _ work: Command.Work, at now: Now, _ effects: inout [Effect]
    ) -> Outcome {
        guard let group else { return .refused(.notAllowed) }
        commit(
            .moved(
                LedgerRecord.Moved(
                    ticket: ticket.id, fence: ticket.fence.next, group: group, cause: cause, agent: work.agent,
                    id: work.id, why: Cause(.agent, note: reason), preferred: preferred)), &effects)
        enqueued(ticket.id, at: now, &effects)
        return .done(ticket.fence.next)
    }

    // MARK: - questions

    /// A number that was given once and is not live any more is closed, whether or not its steps are still kept.
    func absence(of id: TicketID) -> Refusal {
        id.value >= 1 && id.value <= ledger.ticketsOpened ? .closed : .notFound
    }

    private func show(_ id: TicketID) -> Outcome {
        if let ticket = ledger.tickets[id] {
            var shown = explained(ticket)
            if flaws.contains(.historyCut) { shown.steps.removeLast() }
            return .shown(shown)
        }
        if let closed = recalled[id] ?? ledger.closed[id] { return .shown(closed) }
        return .refused(absence(of: id))
    }

    private func status(at now: Now) -> ClusterStatus {
        var status = ClusterStatus()
        status.reign = ledger.reign
        status.lsn = ledger.lsn
        status.policyVersion = policy.version
        status.routers = ledger.routers
        status.states = routerStates(at: now)
        status.regions = ledger.owners
        for case let group? in policy.groups {
            let count = ledger.count(of: group.id)
            var row = ClusterStatus.GroupStatus(
                group: group.id, waiting: UInt32(count.waiting), working: UInt32(count.working),
                pending: UInt32(count.pending), widened: UInt32(count.widened),
                waits: count.expectedWaits(at: time), usual: count.waits.usual)
            row.onDuty = UInt32(duty.count(in: group.id))
            row.isOpen = isOpen(group)
            row.scheduled = UInt32(count.scheduled)
            row.quarantined = UInt32(count.quarantined)
            row.overflows = count.overflows
            status.groups.append(row)
        }
        status.quarantined = ledger.quarantined.elements(after: TicketID(0), atMost: Limits.quarantinedShown)
        for agent in ledger.agents {
            switch agent.presence {
            case .attached: status.agentsAttached += 1
            case .inGrace: status.agentsInGrace += 1
            case .offline: break
            }
        }
        (status.program, status.library) = versions
        status.atRisk = atRisk
        status.counters = counters
        status.counters.ticketsOpened = ledger.ticketsOpened
        status.counters.ticketsClosed = ledger.ticketsClosed
        status.counters.ticketsWidened = ledger.ticketsWidened
        status.counters.alerts = ledger.alerts
        status.counters.ticketsLive = UInt64(ledger.tickets.count)
        status.counters.keysKept = UInt64(ledger.keys.count)
        return status
    }
}
