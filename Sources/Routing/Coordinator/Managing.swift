/// What customers and supervisors do with a ticket that they do not hold. What is possible in which state stands in
/// `Lifecycle`; a repeat under the same key is answered as the first was.
extension Coordinator {
    mutating func decide(_ manage: Command.Manage, at now: Now, _ effects: inout [Effect]) -> Outcome {
        guard manage.fieldAtFault == nil else { return .refused(.invalid) }
        let hash = manage.digest
        if let known = ledger.keys[manage.key] {
            guard known.hash == hash, known.ticket == manage.ticket else { return .refused(.keyReused) }
            return .done(known.fence)
        }
        guard let ticket = ledger.tickets[manage.ticket] else { return .refused(absence(of: manage.ticket)) }
        if let refusal = Lifecycle.refusal(of: manage.action, in: ticket.state) { return .refused(refusal) }
        guard ledger.keys.hasRoom else { return .refused(.full) }
        if let refusal = perform(manage, on: ticket, at: now, &effects) { return .refused(refusal) }
        commit(.keyKept(manage.key, hash: hash, ticket.id), &effects)
        return .done(ledger.keys[manage.key]?.fence ?? ticket.fence)
    }

    /// Nil when it is done.
    private mutating func perform(
        _ manage: Command.Manage, on ticket: LedgerTicket, at now: Now, _ effects: inout [Effect]
    ) -> Refusal? {
        let why = manage.cause
        switch manage.action {
        case .write(let text): wrote(text, ticket, why, at: now, &effects)
        case .cancel: end(ticket, .cancelled, why, &effects)
        case .close: end(ticket, ticket.standing.disposition ?? .solved, why, &effects)
        case .merge(let into):
            guard into != ticket.id else { return .invalid }
            guard ledger.tickets[into] != nil else { return absence(of: into) }
            end(ticket, .merged(into: into), why, &effects)
            commit(.absorbed(into, from: ticket.id, why), &effects)
        case .reopen: reopen(ticket, why, at: now, &effects)
        case .schedule(let delay): putOff(ticket, for: delay, why, at: now, &effects)
        case .callback(let contact):
            let cost = policy.cost(of: Policy.callbackChannel)
            commit(.callback(ticket.id, contact: contact, cost: cost, why), &effects)
            review(ticket.id, .later, at: now, &effects)
        case .requeue:
            let cause: MoveCause = ticket.state == .scheduled ? .started : .returned
            place(ticket, in: ticket.group, cause, why, keepsAge: true, at: now, &effects)
        case .assign(let name):
            guard let agent = policy.agent(named: name), let group = groupFor(agent.id, ticket) else {
                return .notFound
            }
            let preferred = Preference(agent.id, for: policy.timing.handOverFor)
            // The history says for whom it was moved, where the reason given does not.
            let cause = why.note.isEmpty ? Cause(why.trigger, by: why.by, note: "for \(name)") : why
            place(ticket, in: group, .transferred, cause, preferred, keepsAge: true, at: now, &effects)
        case .transfer(let name):
            guard let group = policy.group(named: name) else { return .notFound }
            place(ticket, in: group.id, .transferred, why, at: now, &effects)
        case .escalate(let tier):
            guard let group = policy.escalation(from: ticket.group, to: tier) else { return .notAllowed }
            place(ticket, in: group, .escalated, why, at: now, &effects)
        case .release: place(ticket, in: ticket.group, .released, why, keepsAge: true, at: now, &effects)
        case .setPriority(let priority):
            commit(.raised(ticket.id, priority, why), &effects)
            review(ticket.id, .later, at: now, &effects)
            tellHolder(of: ticket)
        }
        return nil
    }

    /// The customer's words: the ledger has them; a holder who waited for them goes on, if he has room.
    private mutating func wrote(
        _ text: String, _ ticket: LedgerTicket, _ why: Cause, at now: Now, _ effects: inout [Effect]
    ) {
        commit(.customerWrote(ticket.id, text: text, why), &effects)
        switch ticket.state {
        case .pending(let agent):
            let units = units(of: agent) - UInt32(ticket.cost.pending) + UInt32(ticket.cost.active)
            if units <= policy.agent(agent)?.capacity ?? 0, isAttached(agent) {
                commit(.noted(ticket.id, .resumed(why), agent, nil), &effects)
                tellHome(of: agent)
            } else {
                let preferred = Preference(agent, for: policy.timing.handOverFor)
                place(ticket, in: ticket.group, .returned, why, preferred, keepsAge: true, at: now, &effects)
            }
        case .resolved: reopen(ticket, why, at: now, &effects)
        case .assigned(let agent): tellHome(of: agent)
        case .waiting, .closed, .scheduled, .quarantined: break
        }
    }

    private mutating func reopen(_ ticket: LedgerTicket, _ why: Cause, at now: Now, _ effects: inout [Effect]) {
        var preferred: Preference?
        if case .resolved(let agent) = ticket.state, !flaws.contains(.resolverLost) {
            preferred = Preference(agent, for: policy.timing.handOverFor)
        }
        place(
            ticket, in: ticket.group, .reopened, why, preferred, keepsAge: policy.timing.reopenKeepsAge, at: now,
            &effects)
    }

    mutating func putOff(
        _ ticket: LedgerTicket, for delay: Interval, _ why: Cause, by agent: AgentID? = nil, _ id: CommandID? = nil,
        at now: Now, _ effects: inout [Effect]
    ) {
        let startsAt = time + min(delay, Limits.delayMax)
        commit(
            .scheduled(
                LedgerRecord.Scheduled(
                    ticket: ticket.id, fence: ticket.fence.next, startsAt: startsAt, agent: agent, id: id, why: why)),
            &effects)
        if agent == nil { tellHolder(of: ticket) }
    }

    /// Out of whosever hands into a queue; the fence rises, so that whoever had it has it no more.
    mutating func place(
        _ ticket: LedgerTicket, in group: GroupID, _ cause: MoveCause, _ why: Cause, _ preferred: Preference? = nil,
        keepsAge: Bool = false, at now: Now, _ effects: inout [Effect]
    ) {
        commit(
            .moved(
                LedgerRecord.Moved(
                    ticket: ticket.id, fence: ticket.fence.next, group: policy.group(group) == nil ? sink : group,
                    cause: cause, agent: nil, id: nil, why: why, preferred: preferred, keepsAge: keepsAge)), &effects)
        tellHolder(of: ticket)
        enqueued(ticket.id, at: now, &effects)
    }

    mutating func end(
        _ ticket: LedgerTicket, _ disposition: Disposition, _ why: Cause, _ effects: inout [Effect]
    ) {
        commit(.closed(ticket.id, ticket.fence.next, disposition, why), &effects)
        tellHolder(of: ticket)
    }

    /// Where tickets go whose group is not there any more: the default rule's.
    var sink: GroupID { policy.rules.last?.group ?? GroupID(0) }

    /// The ticket's own group if the agent is in it, else the first of his: there he can be offered it.
    func groupFor(_ agent: AgentID, _ ticket: LedgerTicket) -> GroupID? {
        let groups = policy.agent(agent)?.groups ?? []
        return groups.contains(ticket.group) ? ticket.group : groups.first
    }

    /// His home router learns what he holds now.
    mutating func tellHome(of agent: AgentID) {
        if case .attached(let home)? = ledger.agent(agent)?.presence {
            members.changed(agent, for: home, at: ledger.lsn)
        }
    }

    /// Whoever held the ticket as it was before hears that he does so no more.
    mutating func tellHolder(of ticket: LedgerTicket) {
        if let agent = ticket.state.holder { tellHome(of: agent) }
    }
}

extension Command.Manage {
    /// The first field that is beyond its bound, in the words of `switchyard ticket`; nil when all is well.
    package var fieldAtFault: String? {
        if cause.trigger != .customer && cause.trigger != .supervisor { return "as" }
        if cause.by.utf8.count > Limits.noteBytesMax { return "by" }
        if cause.note.utf8.count > Limits.noteBytesMax { return "reason" }
        return switch action {
        case .write(let text): text.utf8.count > Limits.textBytesMax ? "text" : nil
        case .callback(let contact): contact.utf8.count > Limits.contactBytesMax ? "contact" : nil
        case .assign(let name), .transfer(let name): name.utf8.count > Limits.wordBytesMax ? "to" : nil
        case .schedule(let delay): delay > Limits.delayMax ? "in" : nil
        case .setPriority(let priority): priority > 9 ? "priority" : nil
        case .cancel, .reopen, .merge, .requeue, .escalate, .release, .close: nil
        }
    }

    /// Tells another command under the same key.
    package var digest: UInt64 {
        var hash = StableHash()
        hash.add(ticket.value)
        hash.add(cause.by)
        hash.add(cause.note)
        hash.add(action.kind.rawValue)
        switch action {
        case .write(let text), .callback(let text), .assign(let text), .transfer(let text): hash.add(text)
        case .merge(let into): hash.add(into.value)
        case .schedule(let delay): hash.add(delay.milliseconds)
        case .escalate(let tier): hash.add(tier?.rawValue ?? 0)
        case .setPriority(let priority): hash.add(priority)
        case .cancel, .reopen, .requeue, .release, .close: break
        }
        return hash.value
    }
}
