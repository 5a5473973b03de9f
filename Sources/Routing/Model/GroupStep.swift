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
    /// Writes to the customer; "{opens}" stands for the next opening.
    case answer(String)
    /// Tells the operators.
    case alert
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

    /// FNV-1a over the step's words and numbers.
    private static func id(
        _ note: String, _ when: [Condition], _ operations: [StepOperation], _ every: Interval?
    ) -> UInt32 {
        var hash: UInt32 = 0x811c_9dc5
        func mix(_ byte: UInt8) { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        func mix(_ text: String) {
            for byte in text.utf8 { mix(byte) }
            mix(0xff)
        }
        func mix(_ number: UInt64) { for shift in 0..<8 { mix(UInt8(truncatingIfNeeded: number >> (8 * UInt64(shift)))) } }
        mix(note)
        for condition in when {
            switch condition {
            case .waited(let time): mix(1); mix(time.milliseconds)
            case .age(let time): mix(2); mix(time.milliseconds)
            case .sinceStep(let time): mix(3); mix(time.milliseconds)
            case .predictedWait(let time): mix(4); mix(time.milliseconds)
            case .length(let count): mix(5); mix(UInt64(count))
            case .nobodyOnDuty: mix(6)
            case .closed: mix(7)
            case .attempts(let count): mix(8); mix(UInt64(count))
            case .segment(let words): mix(9); words.forEach(mix)
            case .channel(let words): mix(10); words.forEach(mix)
            case .priority(let least): mix(11); mix(least)
            }
        }
        for operation in operations {
            switch operation {
            case .widen(let groups): mix(1); groups.forEach { mix(UInt64($0.value)) }
            case .move(let group): mix(2); mix(UInt64(group.value))
            case .escalate(let tier): mix(3); mix(tier?.rawValue ?? 0)
            case .raise(let by): mix(4); mix(by)
            case .answer(let text): mix(5); mix(text)
            case .alert: mix(6)
            }
        }
        mix(every?.milliseconds ?? .max)
        return hash
    }
}
