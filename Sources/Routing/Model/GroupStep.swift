/// What must be so for a group's step to be taken; all conditions of a step must hold. `length` and `predictedWait` are
/// asked once, when a ticket enters the group; the others whenever what they speak of may have changed.
package enum Condition: Hashable, Sendable {
    /// It has waited so long in this stay in the group's queue.
    case waited(Interval)
    /// It was opened so long ago, whatever happened since.
    case age(Interval)
    /// The step of this list that was taken last was taken so long ago.
    case sinceStep(Interval)
    /// When it came, half of such tickets were expected to wait longer than this (`WaitEstimate`).
    case predictedWait(Interval)
    /// When it came, so many others of the group were waiting.
    case length(UInt32)
    /// Nobody of the group is on duty: attached and neither away nor out of reach. Full hands are on duty.
    case nobodyOnDuty
    /// The group's hours are over.
    case closed
    /// So many agents declined it or let it pass in this stay.
    case attempts(UInt32)
    case segment([String])
    case channel([String])
    case priority(Priority)
}

/// What a step does. Moves of any kind use up the ticket's hop budget.
package enum StepOperation: Hashable, Sendable {
    /// Lets another group of the tier have it too; its place at home stays. Of these groups the first that is not
    /// overflowing itself; else one that is open; else the one that opens first.
    case widen([GroupID])
    /// Sends it to another group, for good.
    case move(GroupID)
    /// Sends it to the group that takes what this one cannot solve, of that tier if one is named.
    case escalate(Tier?)
    /// Raises its priority by so much, up to 9.
    case raise(UInt8)
    /// Writes to the customer; "{opens}" stands for the next opening, in UTC.
    case answer(String)
    /// Tells the operators.
    case alert
    /// Tells the lead of the ticket's group; the operators where there is none.
    case alertLead
    /// Tells whoever follows that name.
    case notify(topic: String)

    /// Whether it tells people something and leaves the ticket as it is.
    var isNotice: Bool {
        switch self {
        case .alert, .alertLead, .notify: true
        case .widen, .move, .escalate, .raise, .answer: false
        }
    }
}

/// One line of what a group does with tickets that wait too long, read top to bottom.
package struct GroupStep: Hashable, Sendable {
    /// For the history and for operators.
    package let note: String
    package let when: [Condition]
    package let operations: [StepOperation]
    /// Nil: once in a ticket's stay in the group; else again whenever so much time has passed.
    package let every: Interval?
    /// Names the step by what it says, so that a ticket's record of taken steps outlives a change of the others.
    package let id: UInt32

    package init(note: String = "", when: [Condition], do operations: [StepOperation], every: Interval? = nil) {
        self.note = note
        self.when = when
        self.operations = operations
        self.every = every
        id = Self.id(note, when, operations, every)
    }

    /// Tier-wise help for lack of capacity after a wait: the most common step.
    package static func widen(after: Interval, to targets: [GroupID]) -> GroupStep {
        GroupStep(when: [.waited(after)], do: [.widen(targets)])
    }

    /// What a report calls the step: the liveliest of its conditions.
    package var trigger: Trigger {
        func rank(_ condition: Condition) -> (UInt8, Trigger) {
            switch condition {
            case .closed: (0, .closed)
            case .nobodyOnDuty: (1, .nobodyOnDuty)
            case .attempts: (2, .attempts)
            case .predictedWait: (3, .predictedWait)
            case .length: (4, .length)
            case .waited, .age, .sinceStep: (5, .waited)
            case .segment, .channel, .priority: (6, .policy)
            }
        }
        return when.map(rank).min { $0.0 < $1.0 }?.1 ?? .policy
    }

    /// A hash of the step's words and numbers.
    private static func id(
        _ note: String, _ when: [Condition], _ operations: [StepOperation], _ every: Interval?
    ) -> UInt32 {
        var hash = StableHash()
        hash.add(note)
        for condition in when { condition.add(to: &hash) }
        for operation in operations { operation.add(to: &hash) }
        hash.add(every?.milliseconds ?? .max)
        return UInt32(truncatingIfNeeded: hash.value ^ hash.value >> 32)
    }
}

extension Condition {
    fileprivate func add(to hash: inout StableHash) {
        func add(_ kind: UInt8, _ number: UInt64) {
            hash.add(kind)
            hash.add(number)
        }
        switch self {
        case .waited(let time): add(1, time.milliseconds)
        case .age(let time): add(2, time.milliseconds)
        case .sinceStep(let time): add(3, time.milliseconds)
        case .predictedWait(let time): add(4, time.milliseconds)
        case .length(let count): add(5, UInt64(count))
        case .nobodyOnDuty: add(6, 0)
        case .closed: add(7, 0)
        case .attempts(let count): add(8, UInt64(count))
        case .segment(let words):
            add(9, UInt64(words.count))
            for word in words { hash.add(word) }
        case .channel(let words):
            add(10, UInt64(words.count))
            for word in words { hash.add(word) }
        case .priority(let least): add(11, UInt64(least))
        }
    }
}

extension StepOperation {
    fileprivate func add(to hash: inout StableHash) {
        func add(_ kind: UInt8, _ number: UInt64) {
            hash.add(kind)
            hash.add(number)
        }
        switch self {
        case .widen(let groups):
            add(1, UInt64(groups.count))
            for group in groups { hash.add(UInt64(group.value)) }
        case .move(let group): add(2, UInt64(group.value))
        case .escalate(let tier): add(3, UInt64(tier?.rawValue ?? 0))
        case .raise(let by): add(4, UInt64(by))
        case .answer(let text):
            add(5, 0)
            hash.add(text)
        case .alert: add(6, 0)
        case .alertLead: add(7, 0)
        case .notify(let topic):
            add(8, 0)
            hash.add(topic)
        }
    }
}
