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
        var overdue: [Overdue] = []
        ledger.tickets.forEach { ticket in
            risks.change(ticket.id, from: nil, to: ticket.risk)
            if flaws.contains(.timersLostAtRestart) { return }
            for (reason, due) in timers(of: ticket) {
                if due > time {
                    timers.arm(reason, at: due)
                } else {
                    overdue.append(
                        Overdue(due: due, priority: ticket.priority, ticket: ticket.id, reason: reason))
                }
            }
        }
        for entry in overdue.sorted() { timers.arm(entry.reason, at: entry.due) }
        for index in ledger.agents.indices {
            // A new reign begins every running grace anew: nobody loses tickets because the coordinator was away.
            if case .inGrace = ledger.agents[index].presence {
                armGrace(AgentID(UInt32(index)), at: now)
            }
        }
        lives.begin(at: ledger.tickets.firstID ?? TicketID(ledger.ticketsOpened + 1))
        delays.arm(.lives, due: now.instant.milliseconds)
    }

    /// All that is to be done with the ticket some time.
    private func timers(of ticket: LedgerTicket) -> [(reason: Timers.Reason, due: WallTime)] {
        var timers: [(reason: Timers.Reason, due: WallTime)] = []
        if let next = ticket.clocks.next { timers.append((.clocks(ticket.id), next)) }
        if let term = term(of: ticket) { timers.append((.term(ticket.id), term)) }
        if ticket.state == .waiting, let group = policy.group(ticket.group) {
            let next = nextDue(for: ticket, group, after: WallTime(milliseconds: 0))
            if next != .distant { timers.append((.review(ticket.id), next)) }
        }
        return timers
    }

    /// When its state ends by itself; nil if it does not.
    private func term(of ticket: borrowing LedgerTicket) -> WallTime? {
        switch ticket.state {
        case .resolved: ticket.resolvedAt + policy.timing.reopenWindow
        case .scheduled: flaws.contains(.startUnchecked) ? time + .seconds(1) : ticket.standing.startsAt
        case .pending: ticket.standing.pause?.until
        case .waiting, .assigned, .closed, .quarantined: nil
        }
    }

    private struct Overdue: Comparable {
        let due: WallTime
        let priority: Priority
        let ticket: TicketID
        let reason: Timers.Reason
        static func == (a: Overdue, b: Overdue) -> Bool { a.reason == b.reason && a.due == b.due }
        static func < (a: Overdue, b: Overdue) -> Bool {
            if a.due != b.due { return a.due < b.due }
            if a.priority != b.priority { return a.priority > b.priority }
            return a.ticket != b.ticket ? a.ticket < b.ticket : a.reason.rank < b.reason.rank
        }
    }

    // MARK: - resolved, scheduled, pending

    /// After each record: a state that has ended has no timer any more, and one that ends by itself has one.
    mutating func armTerm(of id: TicketID, after record: LedgerRecord) {
        guard record.mayMoveClocks || record.isEnd else { return }
        timers.arm(.term(id), at: ledger.tickets.read(id) { term(of: $0) } ?? nil)
        if case .moved = record { return timers.arm(.review(id), at: nil) }
        if ledger.tickets.read(id, { $0.state == .waiting }) != true { timers.arm(.review(id), at: nil) }
    }

    mutating func endTerm(of id: TicketID, at now: Now, _ effects: inout [Effect]) {
        switch ledger.tickets[id]?.state {
        case .resolved: closeResolved(id, &effects)
        case .scheduled: start(id, at: now, &effects)
        case .pending: endPause(of: id, &effects)
        case .waiting, .assigned, .closed, .quarantined, nil: break
        }
    }

    mutating func closeResolved(_ id: TicketID, _ effects: inout [Effect]) {
        guard let ticket = ledger.tickets[id], case .resolved = ticket.state else { return }
        commit(.closed(id, ticket.fence.next, ticket.standing.disposition ?? .solved, Cause(.time)), &effects)
    }

    mutating func start(_ id: TicketID, at now: Now, _ effects: inout [Effect]) {
        guard let ticket = ledger.tickets[id], ticket.state == .scheduled else { return }
        let preferred = ticket.preferred.map { Preference($0.agent, for: policy.timing.handOverFor) }
        place(ticket, in: ticket.group, .started, Cause(.time), preferred, at: now, &effects)
    }

    /// The holder is asked to look again; whether he has the units is not asked: it is his already.
    mutating func endPause(of id: TicketID, _ effects: inout [Effect]) {
        guard let ticket = ledger.tickets[id], case .pending(let agent) = ticket.state else { return }
        commit(.noted(id, .resumed(Cause(.time)), agent, nil), &effects)
        tellHome(of: agent)
    }

    // MARK: - grace

    mutating func endGrace(of agent: AgentID, at now: Now, _ effects: inout [Effect]) {
        guard let row = ledger.agent(agent), case .inGrace = row.presence else { return }
        commit(.graceEnded(agent, row.epoch), &effects)
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
        var left = points.bound(Limits.reviewsPerTurnMax, .fewReviews)
        while left > 0, lives.warn.value <= ledger.ticketsOpened {
            if let ticket = ledger.tickets[lives.warn] {
                guard ticket.openedAt + warnAfter <= time else { break }
                let isTold = ticket.hasStep { $0.kind == .alerted && $0.cause?.trigger == .time }
                if ticket.openedAt + timing.lifeMax > time && !isTold {
                    alert(ticket.id, Cause(.time, note: "its maximum life ends soon"), &effects)
                }
            }
            left -= 1
            lives.warn = TicketID(lives.warn.value + 1)
        }
        while left > 0, lives.end.value <= ledger.ticketsOpened {
            if let ticket = ledger.tickets[lives.end] {
                guard ticket.openedAt + timing.lifeMax <= time else { break }
                end(ticket, .expired, Cause(.time), &effects)
            }
            left -= 1
            lives.end = TicketID(lives.end.value + 1)
        }
        // What is left is not for this turn.
        let pause = left > 0 ? Interval.seconds(60) : Interval(milliseconds: 1)
        delays.arm(.lives, due: (now.instant + pause).milliseconds)
    }

    // MARK: - hours

    /// Some group opens or closes now: its tickets are looked at again.
    mutating func changeHours() {
        armHours()
        for case let group? in policy.groups where group.hours != nil { reviews.add(group.id) }
    }

    mutating func armHours() {
        let edges = policy.groups.compactMap { $0 }.filter { $0.hours != nil }
            .compactMap { policy.hours(of: $0).nextEdge(after: time) }
        timers.arm(.hours, at: edges.min())
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

extension Timers.Reason {
    /// Of what is due for a ticket at the same time, what its clocks owe comes first.
    fileprivate var rank: UInt8 {
        switch self {
        case .clocks: 0
        case .review: 1
        case .term: 2
        case .grace, .lives, .hours, .reviewGroups: 3
        }
    }
}
