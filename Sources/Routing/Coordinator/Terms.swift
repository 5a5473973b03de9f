/// Where the times of a ticket's life run out: each state that is not final has a timer and a way out.
///
///     waiting       its group's steps (`Reviewing`), and its life
///     assigned      its holder's grace when he vanishes, and its life
///     pending       the pause's own end, `Timing.pendingMax` at the latest
///     resolved      `Timing.reopenWindow`
///     scheduled     its start
///     quarantined   a supervisor's release, and its life
extension Coordinator {
    /// Arms what the ledger says should be armed: at the start of a reign.
    ///
    /// It does none of it: what came due while nobody was there fires in lots, the longest overdue first, then by
    /// priority, then by number. Steps without a time are looked at group by group, as after a new policy.
    mutating func rearm(at now: Now, _ effects: inout [Effect]) {
        var due: [Overdue] = []
        ledger.tickets.forEach { ticket in
            if let moment = nextMoment(of: ticket) {
                due.append(Overdue(due: moment, priority: ticket.priority, ticket: ticket.id))
            }
        }
        for entry in due.sorted() {
            guard let ticket = ledger.tickets[entry.ticket] else { continue }
            let moment = moment(of: entry.due, at: now)
            switch ticket.state {
            case .waiting: arm(review: ticket.id, at: entry.due, now)
            case .resolved: deadlines.arm(.close(ticket.id, ticket.fence), due: moment)
            case .scheduled: deadlines.arm(.start(ticket.id, ticket.fence), due: moment)
            case .pending: deadlines.arm(.pauseEnds(ticket.id, ticket.fence, entry.due), due: moment)
            case .assigned, .closed, .quarantined: break
            }
        }
        for index in ledger.agents.indices {
            // A new reign begins every running grace anew: nobody loses tickets because the coordinator was away.
            if case .inGrace = ledger.agents[index].presence {
                armGrace(AgentID(UInt32(index)), ledger.agents[index].epoch, at: now)
            }
        }
        lives.begin(at: ledger.tickets.firstID ?? TicketID(ledger.ticketsOpened + 1))
        deadlines.arm(.lives, due: now.instant.milliseconds)
    }

    /// When something is to be done with the ticket; nil if nothing is.
    private func nextMoment(of ticket: LedgerTicket) -> WallTime? {
        switch ticket.state {
        case .waiting:
            guard let group = policy.group(ticket.group) else { return nil }
            let next = nextDue(for: ticket, group, after: WallTime(milliseconds: 0))
            return next == .distant ? nil : next
        case .resolved: return ticket.resolvedAt + policy.timing.reopenWindow
        case .scheduled: return ticket.standing.startsAt
        case .pending: return ticket.standing.pause?.until
        case .assigned, .closed, .quarantined: return nil
        }
    }

    private struct Overdue: Comparable {
        let due: WallTime
        let priority: Priority
        let ticket: TicketID
        static func < (a: Overdue, b: Overdue) -> Bool {
            if a.due != b.due { return a.due < b.due }
            return a.priority != b.priority ? a.priority > b.priority : a.ticket < b.ticket
        }
    }

    // MARK: - resolved, scheduled, pending

    /// The window runs from when it was resolved, also in a new reign.
    mutating func armClose(_ id: TicketID, _ fence: Fence, at now: Now) {
        let resolved = ledger.tickets[id]?.steps.last { $0.kind == .resolved || $0.kind == .handedOut }
        let due = (resolved?.at ?? time) + policy.timing.reopenWindow
        deadlines.arm(.close(id, fence), due: moment(of: due, at: now))
    }

    mutating func closeResolved(_ id: TicketID, _ fence: Fence, at now: Now, _ effects: inout [Effect]) {
        guard let ticket = ledger.tickets[id], ticket.fence == fence, case .resolved = ticket.state else { return }
        commit(.closed(id, fence.next, ticket.standing.disposition ?? .solved, Cause(.time)), &effects)
    }

    mutating func armStart(_ id: TicketID, at now: Now) {
        guard let ticket = ledger.tickets[id], let startsAt = ticket.standing.startsAt else { return }
        deadlines.arm(.start(id, ticket.fence), due: moment(of: startsAt, at: now))
    }

    mutating func start(_ id: TicketID, _ fence: Fence, at now: Now, _ effects: inout [Effect]) {
        guard let ticket = ledger.tickets[id], ticket.fence == fence, ticket.state == .scheduled,
            let startsAt = ticket.standing.startsAt
        else { return }
        guard startsAt <= time else { return armStart(id, at: now) }
        let preferred = ticket.preferred.map { Preference($0.agent, for: policy.timing.handOverFor) }
        place(ticket, in: ticket.group, .started, Cause(.time), preferred, at: now, &effects)
    }

    /// The holder is asked to look again; whether he has the units is not asked: it is his already.
    mutating func endPause(
        of id: TicketID, _ fence: Fence, _ until: WallTime, at now: Now, _ effects: inout [Effect]
    ) {
        guard let ticket = ledger.tickets[id], ticket.fence == fence, case .pending(let agent) = ticket.state,
            ticket.standing.pause?.until == until
        else { return }
        guard until <= time else {
            return deadlines.arm(.pauseEnds(id, fence, until), due: moment(of: until, at: now))
        }
        commit(.noted(id, .resumed(Cause(.time)), agent, nil), &effects)
        tellHome(of: agent)
    }

    // MARK: - grace

    mutating func endGrace(of agent: AgentID, _ epoch: AgentEpoch, at now: Now, _ effects: inout [Effect]) {
        guard let row = ledger.agent(agent), row.epoch == epoch, case .inGrace = row.presence else { return }
        commit(.graceEnded(agent, epoch), &effects)
        for id in row.work { takeFromVanished(id, at: now, &effects) }
        effects.append(.report(.graceEnded(policy.catalog.agents.name(agent.value), tickets: row.work.count)))
    }

    /// Back to the queue; unless so many holders have vanished with it that it may be the ticket's doing.
    private mutating func takeFromVanished(_ id: TicketID, at now: Now, _ effects: inout [Effect]) {
        guard let ticket = ledger.tickets[id] else { return }
        if ticket.standing.deaths + 1 >= policy.timing.deathsMax {
            quarantine(ticket, Cause(.deaths), &effects)
        } else {
            returnToQueue(id, from: nil, nil, Cause(.deaths), at: now, &effects)
        }
    }

    mutating func quarantine(_ ticket: LedgerTicket, _ why: Cause, _ effects: inout [Effect]) {
        commit(.quarantined(ticket.id, ticket.fence.next, why), &effects)
        effects.append(.report(.quarantined(ticket.id, why)))
    }

    /// Back to the queue it came from, with its age; to the default group if that is not there any more.
    mutating func returnToQueue(
        _ id: TicketID, from agent: AgentID?, _ command: CommandID?, _ why: Cause, at now: Now,
        _ effects: inout [Effect]
    ) {
        guard let ticket = ledger.tickets[id] else { return }
        commit(
            .moved(
                LedgerRecord.Moved(
                    ticket: id, fence: ticket.fence.next, group: policy.group(ticket.group)?.id ?? sink,
                    cause: .returned, agent: agent, id: command, why: why, keepsAge: true,
                    isDeath: why.trigger == .deaths)), &effects)
        enqueued(id, at: now, &effects)
    }

    // MARK: - lives

    /// Once a minute: whose life ends soon is told to the operators, whose life is over ends. Tickets are numbered in
    /// order of opening, so two places in that order are all that is kept.
    mutating func endLives(at now: Now, _ effects: inout [Effect]) {
        let timing = policy.timing
        let warnAfter = Interval(
            milliseconds: timing.lifeMax.milliseconds
                - min(timing.lifeMax.milliseconds, timing.lifeWarning.milliseconds))
        var left = Limits.reviewsPerTurnMax
        while left > 0, lives.warn.value <= ledger.ticketsOpened {
            left -= 1
            if let ticket = ledger.tickets[lives.warn] {
                guard ticket.openedAt + warnAfter <= time else { break }
                let isTold = ticket.steps.contains { $0.kind == .alerted && $0.cause?.trigger == .time }
                if ticket.openedAt + timing.lifeMax > time && !isTold {
                    alert(ticket.id, Cause(.time, note: "its maximum life ends soon"), &effects)
                }
            }
            lives.warn = TicketID(lives.warn.value + 1)
        }
        while left > 0, lives.end.value <= ledger.ticketsOpened {
            left -= 1
            if let ticket = ledger.tickets[lives.end] {
                guard ticket.openedAt + timing.lifeMax <= time else { break }
                end(ticket, .expired, Cause(.time), &effects)
            }
            lives.end = TicketID(lives.end.value + 1)
        }
        // What is left is not for this turn.
        let pause = left > 0 ? Interval.seconds(60) : Interval(milliseconds: 1)
        deadlines.arm(.lives, due: (now.instant + pause).milliseconds)
    }

    // MARK: - hours

    /// Some group opens or closes now: its tickets are looked at again.
    mutating func changeHours(at now: Now) {
        armHours(at: now)
        for case let group? in policy.groups where group.hours != nil { reviews.add(group.id) }
    }

    mutating func armHours(at now: Now) {
        let edges = policy.groups.compactMap { $0 }.filter { $0.hours != nil }
            .compactMap { policy.hours(of: $0).nextEdge(after: time) }
        guard let next = edges.min() else { return }
        hoursDue = moment(of: next, at: now)
        deadlines.arm(.hours(due: hoursDue), due: hoursDue)
    }
}

/// Up to which tickets, in order of their opening, ends of lives were looked at.
struct Lives: Sendable {
    var warn = TicketID(1)
    var end = TicketID(1)
    mutating func begin(at first: TicketID) {
        warn = first
        end = first
    }
}
