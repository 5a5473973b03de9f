/// A live ticket's row in the ledger.
package struct LedgerTicket: Equatable, Sendable {
    package let id: TicketID
    package let key: SubmitKey
    package let openedAt: WallTime
    package let submission: Submission
    package let signature: Signature
    package let priority: Priority
    package let rule: String
    package let cost: Cost
    package var preferred: AgentID?
    package var fence: Fence
    package var state: TicketState
    package var group: GroupID
    /// Groups it was in, the first first; `Limits.pathMax`, the second oldest leaves first.
    package var path: [GroupID]
    package var widened: [GroupID] = []
    /// The age it is ranked by: kept when it returns to its queue, new when it comes to another group.
    package var enteredAt: WallTime
    /// What the overflow steps count from: this stay in the queue.
    package var waitingSince: WallTime
    package var steps: [TicketStep]
    /// Offers that ended without an assignment: declined, or let pass.
    package var attempts: UInt32 = 0

    package init(_ opened: LedgerRecord.Opened, at wall: WallTime) {
        id = opened.ticket
        key = opened.key
        openedAt = wall
        submission = opened.submission
        signature = opened.classification.signature
        priority = opened.classification.priority
        rule = opened.classification.rule
        cost = opened.classification.cost
        preferred = opened.preferred
        fence = Fence(1)
        state = .waiting
        group = opened.classification.group
        path = [opened.classification.group]
        enteredAt = wall
        waitingSince = wall
        steps = [TicketStep(at: wall, kind: .opened, group: group, agent: nil)]
    }

    mutating func note(_ kind: TicketStep.Kind, at wall: WallTime, agent: AgentID?, group: GroupID? = nil) {
        if steps.count == Limits.historyMax { steps.remove(at: 1) }
        steps.append(TicketStep(at: wall, kind: kind, group: group ?? self.group, agent: agent))
    }

    mutating func enter(_ group: GroupID) {
        self.group = group
        if path.count == Limits.pathMax { path.remove(at: 1) }
        path.append(group)
    }

    package var waiting: WaitingTicket {
        WaitingTicket(
            ticket: id, fence: fence, group: group, widened: widened, priority: priority, enteredAt: enteredAt,
            signature: signature, subject: submission.subject, cost: cost, channel: submission.channel,
            preferred: preferred)
    }

    package var assignment: Assignment {
        var isPending = false
        if case .pending = state { isPending = true }
        return Assignment(
            ticket: id, fence: fence, group: group, isPending: isPending, priority: priority, cost: cost,
            submission: submission)
    }

    package func record(withText: Bool = true) -> TicketRecord {
        var submission = submission
        if !withText { submission.text = "" }
        return TicketRecord(
            ticket: id, fence: fence, state: state, group: group, widened: widened, priority: priority,
            signature: signature, rule: rule, openedAt: openedAt, submission: submission, steps: steps)
    }
}

/// The ledger's rows: a slab with an index, since big values are slow to change inside a Dictionary.
package struct TicketStore: Sendable {
    private var slots: [LedgerTicket?] = []
    private var free: [Int32] = []
    private var places: [TicketID: Int32] = [:]

    package var count: Int { places.count }
    package subscript(id: TicketID) -> LedgerTicket? { places[id].flatMap { slots[Int($0)] } }
    /// All live tickets in order of their numbers: for recovery and checks, not for every turn.
    package var all: [LedgerTicket] { slots.compactMap { $0 }.sorted { $0.id < $1.id } }

    mutating func insert(_ ticket: LedgerTicket) {
        invariant(places[ticket.id] == nil, "ticket \(ticket.id.value) opened twice")
        if let place = free.popLast() {
            slots[Int(place)] = ticket
            places[ticket.id] = place
        } else {
            places[ticket.id] = Int32(slots.count)
            slots.append(ticket)
        }
    }

    /// Changes a live ticket in place. Ends the process if there is none: only recorded outcomes come here.
    mutating func change(_ id: TicketID, _ body: (inout LedgerTicket) -> Void) {
        guard let place = places[id], slots[Int(place)] != nil else {
            invariant(false, "an outcome for ticket \(id.value), which is not live")
            return
        }
        body(&slots[Int(place)]!)
    }

    mutating func remove(_ id: TicketID) -> LedgerTicket? {
        guard let place = places.removeValue(forKey: id) else { return nil }
        free.append(place)
        let ticket = slots[Int(place)]
        slots[Int(place)] = nil
        return ticket
    }
}
