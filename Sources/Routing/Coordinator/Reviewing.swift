/// What a group does with its waiting tickets by itself: its steps, read top to bottom, taken when their conditions
/// hold. A ticket is looked at when it enters the queue, when a time that a step names has come, and when the group's
/// hours, duty or policy change.
struct Reviews: Sendable {
    /// Groups whose tickets are all to be looked at, and from which ticket on.
    private(set) var pending: [(group: GroupID, after: TicketID)] = []
    /// Groups that are not there any more and whose tickets go elsewhere.
    private(set) var removed: [GroupID] = []
    /// Tickets that have just come into a queue and are looked at now, one after the other.
    var entered: [TicketID] = []

    /// After a change of policy: every group's tickets are looked at anew, from the first on.
    mutating func begin() {
        pending = []
        removed = []
    }
    mutating func addRemoved(_ group: GroupID) {
        if !removed.contains(group) { removed.append(group) }
    }
    mutating func finished(_ group: GroupID) { removed.removeAll { $0 == group } }

    mutating func add(_ group: GroupID) {
        pending.removeAll { $0.group == group }
        pending.append((group, TicketID(0)))
    }
    mutating func proceed(_ group: GroupID, after last: TicketID?) {
        guard let place = pending.firstIndex(where: { $0.group == group }) else { return }
        if let last { pending[place].after = last } else { pending.remove(at: place) }
    }
}

extension Coordinator {
    enum Moment { case entry, later }

    /// The ticket has just come into a queue. If a step moves it on, it is looked at there after this look has ended:
    /// however many hops a policy allows, none of them lies on the stack of the one before.
    mutating func enqueued(_ id: TicketID, at now: Now, _ effects: inout [Effect]) {
        reviews.entered.append(id)
        guard reviews.entered.count == 1 else { return }
        var next = 0
        while next < reviews.entered.count {
            review(reviews.entered[next], .entry, at: now, &effects)
            next += 1
        }
        reviews.entered = []
    }

    mutating func review(_ id: TicketID, _ moment: Moment, at now: Now, _ effects: inout [Effect]) {
        guard let ticket = ledger.tickets[id], ticket.state == .waiting, let group = policy.group(ticket.group),
            !group.steps.isEmpty
        else { return }
        bringHome(ticket, group, &effects)
        for step in group.steps {
            guard let current = ledger.tickets[id], current.state == .waiting, current.fence == ticket.fence else {
                return
            }
            guard isOpen(step, for: current), step.when.allSatisfy({ holds($0, for: current, group, moment) }) else {
                continue
            }
            take(step, with: current, group, at: now, &effects)
        }
        armReview(of: id)
    }

    /// Whether the step may be taken in this stay, now or later.
    private func isOpen(_ step: GroupStep, for ticket: LedgerTicket) -> Bool {
        guard let taken = ticket.taken.first(where: { $0.step == step.id }) else { return true }
        return step.every.map { time.since(taken.at) >= $0 } ?? false
    }

    private func holds(_ condition: Condition, for ticket: LedgerTicket, _ group: Group, _ moment: Moment) -> Bool {
        switch condition {
        case .waited, .age, .sinceStep: due(condition, for: ticket).map { $0 <= time } ?? false
        case .predictedWait(let limit):
            moment == .entry
                && (ledger.count(of: group.id).expectedWait(of: ticket.priority, at: time).map { $0.p50 > limit }
                    ?? false)
        case .length(let most): moment == .entry && ledger.count(of: group.id).waiting > Int32(clamping: most)
        case .nobodyOnDuty: duty.count(in: group.id) == 0
        case .closed: !isOpen(group)
        case .attempts(let most): ticket.standing.attempts >= most
        case .segment(let words): words.contains(ticket.said.segment)
        case .channel(let words): words.contains(ticket.channel)
        case .priority(let least): ticket.priority >= least
        }
    }

    /// When a condition of time comes true; nil for the others.
    private func due(_ condition: Condition, for ticket: LedgerTicket) -> WallTime? {
        switch condition {
        case .waited(let wait): ticket.waitingSince + wait
        case .age(let age): ticket.openedAt + age
        case .sinceStep(let rest): (ticket.taken.map(\.at).max() ?? ticket.waitingSince) + rest
        default: nil
        }
    }

    // MARK: - operations

    private mutating func take(
        _ step: GroupStep, with ticket: LedgerTicket, _ group: Group, at now: Now, _ effects: inout [Effect]
    ) {
        commit(.stepTaken(ticket.id, step: step.id), &effects)
        let why = Cause(step.trigger, note: step.note)
        for operation in step.operations {
            guard let current = ledger.tickets[ticket.id], current.state == .waiting, current.fence == ticket.fence
            else { return }
            perform(operation, step.id, with: current, group, why, at: now, &effects)
        }
    }

    /// One operation on a ticket; those that move it need it to wait. Clocks' steps have no number: 0.
    mutating func perform(
        _ operation: StepOperation, _ step: UInt32, with current: LedgerTicket, _ group: Group, _ why: Cause,
        at now: Now, _ effects: inout [Effect]
    ) {
        switch operation {
        case .widen(let targets):
            let left = targets.filter { $0 != group.id && !current.widened.contains($0) }
            guard let target = bestTarget(of: left), mayHop(current, &effects) else { break }
            commit(.widened(current.id, target, step: step, why), &effects)
        case .move(let target):
            guard policy.group(target) != nil, target != group.id, mayHop(current, &effects) else { break }
            hand(current, to: target, .transferred, why, at: now, &effects)
        case .escalate(let tier):
            guard let target = policy.escalation(from: group.id, to: tier), mayHop(current, &effects) else { break }
            hand(current, to: target, .escalated, why, at: now, &effects)
        case .raise(let by):
            let raised = Priority(min(Int(Limits.priorityMax), Int(current.priority) + Int(by)))
            if raised != current.priority { commit(.raised(current.id, raised, why), &effects) }
        case .answer(let text):
            commit(.answered(current.id, text: text, opens: nextOpening(of: group), why), &effects)
        case .alert, .alertLead, .notify: notify(operation, of: current.id, group.lead, why, &effects)
        }
    }

    mutating func notify(
        _ notice: StepOperation, of id: TicketID, _ lead: AgentID?, _ why: Cause, _ effects: inout [Effect]
    ) {
        let (audience, name): (Audience, String)
        switch (notice, lead) {
        case (.alertLead, let lead?): (audience, name) = (.lead(lead), "lead \(policy.catalog.agents.name(lead.value))")
        case (.notify(let topic), _): (audience, name) = (.topic(topic), "topic \(topic)")
        default: return alert(id, why, &effects)
        }
        commit(.notified(id, audience, why), &effects)
        effects.append(.report(.notified(id, to: name, why)))
    }

    mutating func alert(_ id: TicketID, _ why: Cause, _ effects: inout [Effect]) {
        commit(.alerted(id, why), &effects)
        effects.append(.report(.alert(id, why)))
    }

    /// Whether the cluster may move the ticket once more by itself; the first time that it may not, a person is told.
    private mutating func mayHop(_ ticket: LedgerTicket, _ effects: inout [Effect]) -> Bool {
        if ticket.standing.hops == policy.timing.hopBudget {
            alert(ticket.id, Cause(.hops, note: "moved about \(ticket.standing.hops) times without an agent"), &effects)
        }
        return ticket.standing.hops < policy.timing.hopBudget
    }

    private mutating func hand(
        _ ticket: LedgerTicket, to group: GroupID, _ cause: MoveCause, _ why: Cause, at now: Now,
        _ effects: inout [Effect]
    ) {
        commit(
            .moved(
                LedgerRecord.Moved(
                    ticket: ticket.id, fence: ticket.fence.next, group: group, cause: cause, agent: nil, id: nil,
                    why: why)), &effects)
        enqueued(ticket.id, at: now, &effects)
    }

    /// The first that is not overflowing itself; else the first that is open; else the one that opens first.
    private func bestTarget(of targets: [GroupID]) -> GroupID? {
        let known = targets.compactMap { policy.group($0) }
        if let well = known.first(where: { isWell($0) && ledger.count(of: $0.id).waiting < $0.overflowAt }) {
            return well.id
        }
        if let open = known.first(where: { isOpen($0) }) { return open.id }
        return known.min { (nextOpening(of: $0) ?? .distant) < (nextOpening(of: $1) ?? .distant) }?.id
    }

    /// Open, with somebody on duty.
    private func isWell(_ group: Group) -> Bool { isOpen(group) && duty.count(in: group.id) > 0 }

    // MARK: - coming home

    /// What spilled over because the group was closed, empty or too long is its own again when that is over, unless
    /// somebody has taken it: then it does not wait any more.
    private mutating func bringHome(_ ticket: LedgerTicket, _ group: Group, _ effects: inout [Effect]) {
        for widening in ticket.widenings where widening.trigger.canRecover {
            guard time.since(widening.at) >= policy.timing.homecomingAfter, hasRecovered(group, from: widening, ticket)
            else { continue }
            commit(.narrowed(ticket.id, widening.group, Cause(.recovered)), &effects)
        }
    }

    private func hasRecovered(_ group: Group, from widening: LedgerTicket.Widening, _ ticket: LedgerTicket) -> Bool {
        guard isWell(group) else { return false }
        let step = group.steps.first { $0.id == widening.step }
        // Half of what made it spill: between the two it stays as it is, so that nothing flaps.
        for condition in step?.when ?? [] {
            switch condition {
            // Others, as when it came: it waits itself.
            case .length(let most) where ledger.count(of: group.id).waiting - 1 > Int32(clamping: most / 2):
                return false
            case .predictedWait(let limit):
                let expected =
                    ledger.count(of: group.id).expectedWait(of: ticket.priority, at: time)?.p50.milliseconds ?? 0
                if expected > limit.milliseconds / 2 { return false }
            default: break
            }
        }
        return true
    }

    // MARK: - when to look again

    private mutating func armReview(of id: TicketID) {
        guard let ticket = ledger.tickets[id], ticket.state == .waiting, let group = policy.group(ticket.group) else {
            return
        }
        var next = nextDue(for: ticket, group, after: time)
        // A group that is closed or empty is looked at when it is so no more.
        let spilled = ticket.widenings.filter { $0.trigger.canRecover }.map { $0.at + policy.timing.homecomingAfter }
        if let first = spilled.min(), isWell(group) {
            let again = time + max(policy.timing.homecomingAfter, Interval(milliseconds: 1))
            next = min(next, first > time ? first : again)
        }
        timers.arm(.review(id), at: next == .distant ? nil : next)
    }

    /// The first time after `after` at which a step of the group may be taken; `.distant` if there is none.
    func nextDue(for ticket: LedgerTicket, _ group: Group, after: WallTime) -> WallTime {
        var next = WallTime.distant
        for step in group.steps {
            // A step is due when the last of its times is. What it waits for besides is no time: when that changes, the
            // group's tickets are looked at anyway.
            var times = step.when.compactMap { due($0, for: ticket) }
            if let taken = ticket.taken.first(where: { $0.step == step.id }) {
                guard let every = step.every else { continue }
                times.append(taken.at + every)
            }
            if let last = times.max(), last > after { next = min(next, last) }
        }
        return next
    }

    /// Looks at the tickets of groups that changed, so many a turn.
    ///
    /// Not while timers are late: what is overdue goes first, in order of its time.
    mutating func reviewGroups(at now: Now, _ effects: inout [Effect]) {
        var left = isLate ? 0 : points.bound(Limits.reviewsPerTurnMax, .fewReviews)
        while let group = reviews.removed.first, left > 0 {
            let count = moveOrphans(of: group, atMost: left, at: now, &effects)
            left -= count
            if left > 0 { reviews.finished(group) }
        }
        while let (group, after) = reviews.pending.first, left > 0 {
            let lot = ledger.waiting(in: group).elements(after: after, atMost: left)
            left -= lot.count
            reviews.proceed(group, after: left > 0 ? nil : lot.last)
            for id in lot { review(id, .later, at: now, &effects) }
        }
        if !(reviews.pending.isEmpty && reviews.removed.isEmpty) {
            delays.arm(.reviewGroups, due: now.instant.milliseconds)
        }
    }
}

extension Trigger {
    /// Whether what made a ticket spill over can be over again.
    fileprivate var canRecover: Bool {
        switch self {
        case .nobodyOnDuty, .closed, .length, .predictedWait: true
        default: false
        }
    }
}

extension WallTime {
    /// Later than every time there is.
    static let distant = WallTime(milliseconds: .max)
}
