/// A live ticket's row in the ledger.
package struct LedgerTicket: Equatable, Sendable {
    /// A group besides its own that has it too, and what made it so.
    package struct Widening: Equatable, Sendable {
        package let group: GroupID
        package let step: UInt32
        package let trigger: Trigger
        package let at: WallTime
    }
    /// A step of its group that was taken in this stay, and when last.
    package struct TakenStep: Equatable, Sendable {
        package let step: UInt32
        package let at: WallTime
    }

    package let id: TicketID
    package let key: SubmitKey
    package let openedAt: WallTime
    package let submission: Submission
    package let signature: Signature
    package let rule: String
    package let sla: String
    package internal(set) var priority: Priority
    package internal(set) var cost: Cost
    package internal(set) var preferred: Preference?
    package internal(set) var fence: Fence
    package internal(set) var state: TicketState
    package internal(set) var group: GroupID
    /// Groups it was in, the first first; `Limits.pathMax`, the second oldest leaves first.
    package internal(set) var path: [GroupID]
    package internal(set) var widenings: [Widening] = []
    package internal(set) var taken: [TakenStep] = []
    /// The age it is ranked by: kept when it returns to its queue, new when it comes to another group.
    package internal(set) var enteredAt: WallTime
    /// What the group's steps count from: this stay in the queue.
    package internal(set) var waitingSince: WallTime
    package internal(set) var standing = TicketRecord.Standing()
    /// Of commands on it, the oldest first; `Limits.keysPerTicketMax`.
    package internal(set) var keys: [SubmitKey] = []
    package internal(set) var steps: [TicketStep]
    /// Where its time goes, and what is promised for it.
    package internal(set) var clocks: TicketClocks
    /// Why its latest holder was asked.
    package internal(set) var decision: DecisionRecord?

    package init(_ opened: LedgerRecord.Opened, at wall: WallTime) {
        id = opened.ticket
        key = opened.key
        openedAt = wall
        submission = opened.submission
        signature = opened.classification.signature
        priority = opened.classification.priority
        rule = opened.classification.rule
        sla = opened.classification.sla
        cost = opened.classification.cost
        preferred = opened.preferred
        fence = Fence(1)
        state = opened.startsAt == nil ? .waiting : .scheduled
        group = opened.classification.group
        path = [opened.classification.group]
        enteredAt = wall
        waitingSince = wall
        clocks = TicketClocks(
            openedAt: wall, phase: opened.startsAt == nil ? .queue : .scheduled, group: opened.classification.group)
        steps = [TicketStep(at: wall, kind: .opened, group: group, agent: nil)]
        standing.startsAt = opened.startsAt
        if opened.startsAt != nil { note(.scheduled, at: wall, agent: nil) }
    }

    /// Groups besides its own that have it too, in the order in which they got it.
    package var widened: [GroupID] { widenings.map(\.group) }

    mutating func note(
        _ kind: TicketStep.Kind, at wall: WallTime, agent: AgentID?, group: GroupID? = nil, _ cause: Cause? = nil
    ) {
        if steps.count == Limits.historyMax { steps.remove(at: 1) }
        steps.append(TicketStep(at: wall, kind: kind, group: group ?? self.group, agent: agent, cause: cause))
    }

    mutating func enter(_ group: GroupID) {
        self.group = group
        if path.count == Limits.pathMax { path.remove(at: 1) }
        path.append(group)
    }

    /// It is in no queue any more: what belonged to its stay there is over.
    mutating func leaveQueue() {
        widenings = []
        taken = []
        standing.startsAt = nil
        preferred = nil
    }

    package var waiting: WaitingTicket {
        let preferred = preferred.map {
            Preference($0.agent, for: waitingSince.since(enteredAt) + $0.patience)
        }
        return WaitingTicket(
            ticket: id, fence: fence, group: group, widened: widened, priority: priority, enteredAt: enteredAt,
            signature: signature, subject: submission.subject, cost: cost, channel: channel, preferred: preferred)
    }

    /// Of what it takes now: who waits to be called back is no chat any more.
    package var channel: String { standing.callback == nil ? submission.channel : Policy.callbackChannel }

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
        var record = TicketRecord(
            ticket: id, fence: fence, state: state, group: group, widened: widened, priority: priority,
            signature: signature, rule: rule, openedAt: openedAt, submission: submission, steps: steps,
            decision: decision)
        record.standing = standing
        record.clocks = clocks
        return record
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

    /// Shows every live ticket, in no order that may reach an effect.
    func each(_ body: (LedgerTicket) -> Void) {
        for case let ticket? in slots { body(ticket) }
    }

    /// The live ticket that was opened first; looks at all of them.
    var firstID: TicketID? { places.keys.min() }

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
