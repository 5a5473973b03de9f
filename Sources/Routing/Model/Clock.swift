/// What a promise on a ticket speaks of. Each is (start, stop, what it does not count, hours, target); the last three
/// are an `SLAPolicy`'s, the first two are the same for everybody:
///
///     firstResponse     opened; the first reply of an agent, or the first resolution. Another group changes nothing
///     nextResponse      the customer's oldest message without an answer, once there was a response; a reply
///     firstResolution   opened; the first time that it is resolved. Reopening starts nothing
///     resolution        opened; resolved. Reopening lets it go on; the time as resolved is not counted
///     periodicUpdate    each reply anew; resolved. Reopening lets it go on, and no step of it is taken twice
///     groupTime         it comes to the group, or is reopened in it; it leaves the group, or is resolved
///     vendorTime        as `groupTime`, for groups of tier 3, however many in a row
package enum ClockKind: UInt8, Sendable, CaseIterable {
    case firstResponse = 1
    case nextResponse = 2
    case firstResolution = 3
    case resolution = 4
    case periodicUpdate = 5
    case groupTime = 6
    case vendorTime = 7
}

/// Where a ticket's time goes: at every moment of its life it is in exactly one of these.
package enum Phase: UInt8, Sendable, CaseIterable {
    case queue = 1
    case work = 2
    case customer = 3
    case hold = 4
    case scheduled = 5
    case quarantined = 6
    case resolved = 7
}

/// One promise on one ticket, as it was journaled. Times are UTC and final: a new policy changes them only by a record.
package struct Clock: Equatable, Sendable {
    package enum State: UInt8, Sendable, CaseIterable {
        case running = 1
        case paused = 2
        case stopped = 3
    }

    // In this order 56 bytes: a ticket has four of them.
    package let startedAt: WallTime
    package let target: Interval
    /// What was counted up to `at`.
    package let worked: Interval
    package let at: WallTime
    // `.distant` for nil, which would take eight bytes more.
    private var dueOrNever: WallTime
    private var nextOrNever: WallTime
    package let kind: ClockKind
    package var state: State
    /// The step that was taken last, in percent of the target; 0 before the first, 100 after the breach.
    package var fired: UInt8

    package init(
        kind: ClockKind, state: State, startedAt: WallTime, target: Interval, worked: Interval, at: WallTime,
        due: WallTime?, fired: UInt8 = 0, next: WallTime? = nil
    ) {
        self.kind = kind
        self.state = state
        self.startedAt = startedAt
        self.target = target
        self.worked = worked
        self.at = at
        self.fired = fired
        dueOrNever = due ?? .distant
        nextOrNever = next ?? .distant
    }

    /// When the target is or was reached; nil while it is paused, when it stopped before, and when the hours' table
    /// ends before.
    package var due: WallTime? { dueOrNever == .distant ? nil : dueOrNever }

    /// When the next step is to be taken; nil when there is none to come as things are.
    package var next: WallTime? {
        get { nextOrNever == .distant ? nil : nextOrNever }
        set { nextOrNever = newValue ?? .distant }
    }

    /// Whether it says the same promise as the other: how far it has been counted is no part of that.
    func agrees(with other: Clock) -> Bool {
        kind == other.kind && state == other.state && startedAt == other.startedAt && target == other.target
            && due == other.due && fired == other.fired && next == other.next
    }
}

/// Why a ticket's clocks are set.
package enum ClockReason: UInt8, Sendable, CaseIterable {
    /// Something happened to the ticket.
    case ticket = 1
    /// The company's rules or hours changed.
    case policy = 2
}

/// All of a ticket's clocks from now on.
package struct ClocksSet: Equatable, Sendable {
    package let ticket: TicketID
    /// The SLA policy that they are of; empty when it has none.
    package let policy: String
    package let clocks: [Clock]
    package let why: ClockReason
    package init(ticket: TicketID, policy: String, clocks: [Clock], why: ClockReason) {
        self.ticket = ticket
        self.policy = policy
        self.clocks = clocks
        self.why = why
    }
}

/// A step of a clock was taken.
package struct ClockFired: Equatable, Sendable {
    package let ticket: TicketID
    package let kind: ClockKind
    /// Of the target; 100 is the breach.
    package let percent: UInt8
    package let due: WallTime
    /// How much later than `due` it was taken.
    package let late: Interval
    /// Earlier steps of this clock that were overdue too and are not taken by themselves any more.
    package let skipped: UInt8
    package let next: WallTime?
    package init(
        ticket: TicketID, kind: ClockKind, percent: UInt8, due: WallTime, late: Interval, skipped: UInt8,
        next: WallTime?
    ) {
        self.ticket = ticket
        self.kind = kind
        self.percent = percent
        self.due = due
        self.late = late
        self.skipped = skipped
        self.next = next
    }
}

/// A deadline that a change of rules, hours, priority or group moved or dropped, kept for audit.
package struct ClockChange: Equatable, Sendable {
    package let at: WallTime
    package let kind: ClockKind
    package let before: WallTime?
    package let after: WallTime?
    /// It is under no promise of this kind any more.
    package let isDropped: Bool
    package init(at: WallTime, kind: ClockKind, before: WallTime?, after: WallTime?, isDropped: Bool) {
        self.at = at
        self.kind = kind
        self.before = before
        self.after = after
        self.isDropped = isDropped
    }
}
