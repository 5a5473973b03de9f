/// How far all tickets' clocks have been counted anew since the last change of policy.
struct Recount: Sendable {
    private(set) var next: TicketID?
    mutating func begin() { next = TicketID(1) }
    mutating func proceed(to next: TicketID?) { self.next = next }
}

/// Promises: after each record that concerns a ticket its clocks are counted anew from its own spans, and what differs
/// is journaled; so the ledger has every deadline in UTC, and replay needs neither policy nor calendar.
extension Coordinator {
    mutating func readClock(_ now: Now, _ effects: inout [Effect]) {
        let (wall, news) = wallClock.read(now)
        time = max(time, wall, ledger.wall)
        switch news {
        case .jumped(let difference): effects.append(.report(.wallClockJumped(by: difference)))
        case .believed(let difference):
            effects.append(.report(.wallClockBelieved(by: difference)))
        case nil: break
        }
    }

    // MARK: - counting

    mutating func countClocks(of id: TicketID, after record: LedgerRecord, _ effects: inout [Effect]) {
        if case .closed = record { return timers.arm(.clocks(id), at: nil) }
        guard record.mayMoveClocks else { return }
        countClocks(of: id, .ticket, &effects)
    }

    private mutating func countClocks(of id: TicketID, _ why: ClockReason, _ effects: inout [Effect]) {
        // A ticket that still has clocks of a policy without any is counted anew by `recountClocks`.
        if policy.slas.isEmpty && why == .ticket { return }
        guard let ticket = ledger.tickets[id] else { return }
        if policy.slas.isEmpty && ticket.clocks.clocks.isEmpty { return }
        let promised = policy.sla(for: ticket)
        let sla = flaws.contains(.pausesCounted) ? promised.map { $0.withoutPauses } : promised
        let clocks = sla?.clocks(of: ticket.clocks, policy, at: time) ?? []
        let former = ticket.clocks
        let isSame =
            former.policy == sla?.name ?? "" && former.clocks.count == clocks.count
            && zip(former.clocks, clocks).allSatisfy { $0.agrees(with: $1) }
        // Where the oldest spans are gone, what was counted so far must be kept.
        if !isSame || (!former.earlier.isEmpty && !clocks.isEmpty && why == .ticket) {
            commit(
                .clocksSet(ClocksSet(ticket: id, policy: sla?.name ?? "", clocks: clocks, why: why)), &effects)
        }
        timers.arm(.clocks(id), at: ledger.tickets.read(id) { $0.clocks.next } ?? nil)
    }

    /// Whether tickets may still have the clocks of the policy before.
    package var isRecounting: Bool { recount.next != nil }

    /// After a change of policy or hours: so many tickets a turn, in order of their numbers; not while timers
    /// are late.
    mutating func recountClocks(_ effects: inout [Effect]) {
        guard var next = recount.next, !isLate else { return }
        var (left, scan) = (points.bound(Limits.recountsPerTurnMax, .fewRecounts), Limits.recountScanMax)
        while left > 0, scan > 0, next.value <= ledger.ticketsOpened {
            scan -= 1
            if ledger.tickets.read(next, { _ in true }) != nil {
                left -= 1
                countClocks(of: next, .policy, &effects)
            }
            next = TicketID(next.value + 1)
        }
        recount.proceed(to: next.value <= ledger.ticketsOpened ? next : nil)
    }

    // MARK: - firing

    /// What one step sets off may move or drop the other clocks: each is looked at as the ledger has it then.
    mutating func fireClocks(of id: TicketID, at now: Now, _ effects: inout [Effect]) {
        for _ in ClockKind.allCases {
            guard let fired = ledger.tickets[id].flatMap({ overdue($0).first }) else { break }
            commit(.clockFired(fired), &effects)
            act(on: fired, at: now, &effects)
        }
        timers.arm(.clocks(id), at: ledger.tickets.read(id) { $0.clocks.next } ?? nil)
    }

    /// A ticket's clocks whose time has come are journaled before anything else happens to it, so that what stops or
    /// moves a clock never hides what it owed. Only after an outage is there anything; operators are told, but what
    /// would change the ticket is not done then, since somebody else is changing it.
    mutating func settleOverdue(_ id: TicketID, before record: LedgerRecord, _ effects: inout [Effect]) {
        guard record.mayMoveClocks || record.isEnd, let due = timers.due(.clocks(id)), due <= time.milliseconds,
            let ticket = ledger.tickets[id]
        else { return }
        timers.arm(.clocks(id), at: nil)
        for fired in overdue(ticket) {
            commit(.clockFired(fired), &effects)
            let operations = policy.sla(for: ticket)?.operations(at: fired.percent) ?? []
            for operation in operations where operation.isNotice {
                notify(operation, of: id, policy.group(ticket.group)?.lead, fired.cause, &effects)
            }
        }
        timers.arm(.clocks(id), at: ledger.tickets.read(id) { $0.clocks.next } ?? nil)
    }

    /// For each clock whose next step is due: the last of its steps that are, and which follows.
    private func overdue(_ ticket: LedgerTicket) -> [ClockFired] {
        let sla = policy.slas.first { $0.name == ticket.clocks.policy }
        return ticket.clocks.clocks.filter { $0.next.map { $0 <= time } ?? false }
            .sorted { ($0.next ?? .distant, $0.kind.rawValue) < ($1.next ?? .distant, $1.kind.rawValue) }
            .map { clock in overdue(clock, of: ticket, sla) }
    }

    private func overdue(_ clock: Clock, of ticket: LedgerTicket, _ sla: SLAPolicy?) -> ClockFired {
        let due = clock.next ?? time
        guard let sla, let terms = sla.clocks.first(where: { $0.kind == clock.kind }), terms.target == clock.target,
            let count = ClockCount(terms, of: ticket.clocks, policy, policy.hours(sla.calendar)),
            count.startedAt == clock.startedAt
        else {
            // Its policy is not there any more and it has not been counted anew yet: what the ledger says is kept.
            let percent: UInt8 = clock.due == due ? 100 : clock.fired + 1
            let next = percent == 100 ? nil : clock.due
            return ClockFired(
                ticket: ticket.id, kind: clock.kind, percent: percent, due: due, late: time.since(due), skipped: 0,
                next: next)
        }
        let steps = sla.steps.filter { $0 > clock.fired }
            .compactMap { percent in count.moment(percent: percent, at: time).map { (percent: percent, at: $0) } }
        let passed = steps.filter { $0.at <= time }
        let last = passed.last ?? (percent: 100, at: due)
        return ClockFired(
            ticket: ticket.id, kind: clock.kind, percent: last.percent, due: last.at, late: time.since(last.at),
            skipped: UInt8(clamping: max(0, passed.count - 1)), next: steps.first { $0.percent > last.percent }?.at)
    }

    /// What the policy asks for at this step. A ticket in somebody's hands is not taken from him: it is ranked higher
    /// and operators are told.
    private mutating func act(on fired: ClockFired, at now: Now, _ effects: inout [Effect]) {
        guard let sla = ledger.tickets[fired.ticket].flatMap({ policy.sla(for: $0) }) else { return }
        for operation in sla.operations(at: fired.percent) {
            guard let ticket = ledger.tickets[fired.ticket], let group = policy.group(ticket.group) else { return }
            switch operation {
            case .widen, .move, .escalate:
                if ticket.state != .waiting { continue }
            case .raise, .answer, .alert, .alertLead, .notify:
                if ticket.phase == .resolved { continue }
            }
            perform(operation, 0, with: ticket, group, fired.cause, at: now, &effects)
        }
    }
}

extension SLAPolicy {
    /// For `Flaw.pausesCounted`.
    fileprivate var withoutPauses: SLAPolicy {
        var sla = self
        sla.clocks = clocks.map { Terms(kind: $0.kind, target: $0.target, pausedBy: []) }
        return sla
    }
}

extension ClockFired {
    /// As in "resolution at 80 %, 12 s late".
    package var cause: Cause {
        let delay = late.milliseconds >= 1000 ? ", \(late.milliseconds / 1000) s late" : ""
        return Cause(.sla, note: "\(kind) " + (percent == 100 ? "broken" : "at \(percent) %") + delay)
    }
}

extension LedgerRecord {
    /// Whether it may start, stop or pause a clock, or change which promise a ticket is under.
    var mayMoveClocks: Bool {
        switch self {
        case .opened, .assigned, .noted, .moved, .resolved, .raised, .scheduled, .quarantined, .callback,
            .customerWrote:
            true
        case .reignBegan, .policyAdopted, .routerJoined, .routerEnded, .regionOwned, .ownerChosen, .routerDraining,
            .routerSuspect, .attached, .detached, .graceEnded,
            .attempted, .widened, .narrowed, .closed, .stepTaken, .answered, .alerted, .notified, .absorbed, .keyKept,
            .clocksSet,
            .clockFired:
            false
        }
    }

    /// What the coordinator journals of the clocks themselves.
    var isOfClocks: Bool {
        switch self {
        case .clocksSet, .clockFired: true
        default: false
        }
    }

    /// Whether the ticket is live no more.
    var isEnd: Bool { if case .closed = self { true } else { false } }
}
