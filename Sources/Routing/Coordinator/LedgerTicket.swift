/// A live ticket's row in the ledger. Only the ledger changes it, and the codec that reads it from a snapshot
/// (`Wire/LedgerTicket.swift`): a new field has a line in each direction there.
package struct LedgerTicket: Equatable, Sendable {
    /// A group besides its own that has it too, and what made it so.
    package struct Widening: Equatable, Sendable {
        package let group: GroupID
        package let step: UInt32
        package let trigger: Trigger
        package let at: WallTime
        package init(group: GroupID, step: UInt32, trigger: Trigger, at: WallTime) {
            self.group = group
            self.step = step
            self.trigger = trigger
            self.at = at
        }
    }
    /// A step of its group that was taken in this stay, and when last.
    package struct TakenStep: Equatable, Sendable {
        package let step: UInt32
        package let at: WallTime
        package init(step: UInt32, at: WallTime) {
            self.step = step
            self.at = at
        }
    }

    package let id: TicketID
    package let key: SubmitKey
    package let openedAt: WallTime
    /// What the submitter said.
    package let said: PackedSubmission
    package let signature: Signature
    package let rule: String
    package let sla: String
    // In this order 16 bytes.
    package var fence: Fence
    package var group: GroupID
    package var state: TicketState
    package var priority: Priority
    package var cost: Cost
    /// The age it is ranked by: kept when it returns to its queue, new when it comes to another group.
    package var enteredAt: WallTime
    /// What the group's steps count from: this stay in the queue.
    package var waitingSince: WallTime
    /// Its history, but for the first step: that is always its opening.
    package private(set) var laterSteps: [TicketStep] = []
    /// Where its time goes, and what is promised for it.
    package var clocks: TicketClocks
    private var rest = Seldom<Rest>()

    /// What a ticket that only waits has none of.
    package struct Rest: Equatable, Sendable {
        static let none = Rest()
        package var former: [GroupID] = []
        package var widenings: [Widening] = []
        package var taken: [TakenStep] = []
        package var preferred: Preference?
        package var standing = TicketRecord.Standing()
        package var keys: [SubmitKey] = []
        package var counted: [OfferNumber] = []
        package init() {}
    }
    /// All of it at once: what changes several of them copies it once.
    package var others: Rest {
        get { rest[or: .none] }
        set { rest[or: .none] = newValue }
    }
    /// Groups it was in before this one, the first first; with this one `Limits.pathMax`, the second oldest leaves
    /// first.
    package var former: [GroupID] {
        get { rest.look { $0.former } ?? [] }
        set { rest.change(from: .none) { $0.former = newValue } }
    }
    package var widenings: [Widening] {
        get { rest.look { $0.widenings } ?? [] }
        set { rest.change(from: .none) { $0.widenings = newValue } }
    }
    package var taken: [TakenStep] {
        get { rest.look { $0.taken } ?? [] }
        set { rest.change(from: .none) { $0.taken = newValue } }
    }
    package var preferred: Preference? {
        get { rest.look { $0.preferred } ?? nil }
        set { rest.change(from: .none) { $0.preferred = newValue } }
    }
    package var standing: TicketRecord.Standing {
        get { rest.look { $0.standing } ?? TicketRecord.Standing() }
        set { rest.change(from: .none) { $0.standing = newValue } }
    }
    /// Of commands on it, the oldest first; `Limits.keysPerTicketMax`.
    package var keys: [SubmitKey] {
        get { rest.look { $0.keys } ?? [] }
        set { rest.change(from: .none) { $0.keys = newValue } }
    }
    /// Offers under its present fence that ended in vain and were counted, the oldest first;
    /// `Limits.offersCountedMax`.
    package var counted: [OfferNumber] { rest.look { $0.counted } ?? [] }
    package var submission: Submission { said.unpacked }
    /// Why its latest holder was asked.
    package var decision: DecisionRecord? {
        get { decided?.record }
        set { decided = newValue.map { Decided($0) } }
    }
    private var decided: Decided?

    /// A place of its own for it: a ticket that still waits has none, and need not pay for one.
    private final class Decided: Equatable, Sendable {
        let record: DecisionRecord
        init(_ record: DecisionRecord) { self.record = record }
        static func == (a: Decided, b: Decided) -> Bool { a.record == b.record }
    }

    /// What never changes, as a snapshot has it; the codec sets the rest.
    package init(
        id: TicketID, key: SubmitKey, openedAt: WallTime, said: PackedSubmission, signature: Signature, rule: String,
        sla: String
    ) {
        self.id = id
        self.key = key
        self.openedAt = openedAt
        self.said = said
        self.signature = signature
        self.rule = rule
        self.sla = sla
        priority = 0
        cost = Cost(active: 0, pending: 0)
        fence = Fence(0)
        state = .waiting
        group = GroupID(0)
        enteredAt = openedAt
        waitingSince = openedAt
        clocks = TicketClocks(openedAt: openedAt, phase: .queue, group: GroupID(0))
    }

    package init(_ opened: LedgerRecord.Opened, at wall: WallTime) {
        id = opened.ticket
        key = opened.key
        openedAt = wall
        said = opened.said
        signature = opened.classification.signature
        priority = opened.classification.priority
        rule = opened.classification.rule
        sla = opened.classification.sla
        cost = opened.classification.cost
        fence = Fence(1)
        state = opened.startsAt == nil ? .waiting : .scheduled
        group = opened.classification.group
        enteredAt = wall
        waitingSince = wall
        clocks = TicketClocks(
            openedAt: wall, phase: opened.startsAt == nil ? .queue : .scheduled, group: opened.classification.group)
        if opened.preferred != nil { preferred = opened.preferred }
        guard opened.startsAt != nil else { return }
        standing.startsAt = opened.startsAt
        note(.scheduled, at: wall, agent: nil)
    }

    /// Of all places where something of it is kept that records change; see `Ledger.look`.
    var look: Int {
        Int(fence.value) &+ Int(truncatingIfNeeded: waitingSince.milliseconds) &+ laterSteps.count &+ clocks.past.count
            &+ Int(truncatingIfNeeded: clocks.present.from.milliseconds) &+ clocks.clocks.count &+ (rest.isKept ? 1 : 0)
    }

    /// Its history, the oldest step first.
    package var steps: [TicketStep] { [opening] + laterSteps }

    package var opening: TicketStep {
        TicketStep(at: openedAt, kind: .opened, group: former.first ?? group, agent: nil)
    }

    /// The history that a snapshot has, once all else is set; false if it does not begin with the opening.
    package mutating func restore(_ first: TicketStep, _ later: [TicketStep]) -> Bool {
        guard first == opening else { return false }
        laterSteps = later
        return true
    }

    /// Whether something is in its history since the opening.
    func hasStep(where isIt: (TicketStep) -> Bool) -> Bool { laterSteps.contains(where: isIt) }

    /// Groups it was in, with the present one as the last.
    var path: [GroupID] { former + [group] }

    /// Groups besides its own that have it too, in the order in which they got it.
    package var widened: [GroupID] { widenings.map(\.group) }

    mutating func note(
        _ kind: TicketStep.Kind, at wall: WallTime, agent: AgentID?, group: GroupID? = nil, _ cause: Cause? = nil
    ) {
        if laterSteps.count + 1 == Limits.historyMax { laterSteps.removeFirst() }
        laterSteps.append(TicketStep(at: wall, kind: kind, group: group ?? self.group, agent: agent, cause: cause))
    }

    mutating func count(_ offer: OfferNumber) {
        rest.change(from: .none) { others in
            if others.counted.count == Limits.offersCountedMax { others.counted.removeFirst() }
            others.counted.append(offer)
        }
    }

    mutating func enter(_ group: GroupID) {
        var path = former
        if path.count == Limits.pathMax - 1 { path.remove(at: 1) }
        former = path + [self.group]
        self.group = group
    }

    /// It is in no queue any more: what belonged to its stay there is over.
    mutating func leaveQueue() {
        guard rest.isKept else { return }
        var others = others
        others.leaveQueue()
        self.others = others
    }

    /// When it was resolved, as its history has it; for one that is.
    var resolvedAt: WallTime {
        laterSteps.last { $0.kind == .resolved || $0.kind == .handedOut }?.at ?? enteredAt
    }

    package var waiting: WaitingTicket {
        let preferred = preferred.map {
            Preference($0.agent, for: waitingSince.since(enteredAt) + $0.patience)
        }
        return WaitingTicket(
            ticket: id, fence: fence, group: group, widened: widened, priority: priority, enteredAt: enteredAt,
            signature: signature, subject: said.subject, cost: cost, channel: channel, preferred: preferred,
            giver: giver)
    }

    /// Who had it last and let it go himself into this stay.
    private var giver: Giver? {
        guard fence > Fence(1) else { return nil }
        for step in laterSteps.reversed() {
            switch step.kind {
            case .returned, .transferred:
                guard step.cause?.trigger == .agent else { return nil }
                return step.agent.map { Giver($0, at: step.at) }
            case .opened, .assigned, .reopened, .escalated, .sentDown, .started, .released: return nil
            default: continue
            }
        }
        return nil
    }

    /// Of what it takes now: who waits to be called back is no chat any more.
    package var channel: String { standing.callback == nil ? said.channel : Policy.callbackChannel }

    private var isPending: Bool { if case .pending = state { true } else { false } }

    /// What it takes of its holder's capacity.
    package var units: UInt32 { UInt32(isPending ? cost.pending : cost.active) }

    package var assignment: Assignment {
        // The channel that it counts for among its holder's.
        var submission = submission
        submission.channel = channel
        return Assignment(
            ticket: id, fence: fence, group: group, isPending: isPending, priority: priority, cost: cost,
            submission: submission, wroteAt: laterSteps.last { $0.kind == .customerWrote }?.at)
    }

    package var record: TicketRecord {
        var record = TicketRecord(
            ticket: id, fence: fence, state: state, group: group, widened: widened, priority: priority,
            signature: signature, rule: rule, openedAt: openedAt, said: said, steps: steps,
            decision: decision)
        record.standing = standing
        record.clocks = clocks
        return record
    }
}

extension LedgerTicket.Rest {
    mutating func move(_ moved: LedgerRecord.Moved, isElsewhere: Bool) {
        leaveQueue()
        preferred = moved.preferred
        standing.pause = nil
        standing.disposition = nil
        if isElsewhere || moved.cause != .returned { standing.attempts = 0 }
        if moved.isDeath { standing.deaths += 1 }
        if moved.cause == .released { standing.deaths = 0 }
        if moved.cause == .released || moved.why?.trigger == .supervisor {
            standing.hops = 0
        } else if let why = moved.why, moved.cause != .returned, why.trigger.isAutomaticMove {
            standing.hops += 1
        }
    }

    mutating func leaveQueue() {
        widenings = []
        taken = []
        counted = []
        standing.startsAt = nil
        preferred = nil
    }
}
