/// How many tickets of a group are in which state, and how fast they leave its queue.
package struct GroupCount: Equatable, Sendable {
    package private(set) var waiting: Int32 = 0
    package private(set) var working: Int32 = 0
    package private(set) var pending: Int32 = 0
    package private(set) var widened: Int32 = 0
    package private(set) var scheduled: Int32 = 0
    package private(set) var quarantined: Int32 = 0
    /// How often tickets were widened, by the trigger's number less one; empty before the first.
    private var triggers: [UInt64] = []
    /// Waiting ones by priority; empty before the first, then ten. A priority above 9 counts as 9.
    package private(set) var waitingByPriority: [Int32] = []
    /// When waiting ones were assigned, whoever took them; in the ledger's wall time, which never goes back.
    package private(set) var departures = Departures()
    package private(set) var waits = RecentWaits()

    package init() {}

    /// What no ticket of today tells: for snapshots.
    package struct Past: Equatable, Sendable {
        /// As `triggers`.
        package var triggers: [UInt64] = []
        /// Milliseconds of the ledger's wall time, the oldest first.
        package var departures: [Instant] = []
        /// The oldest first.
        package var waits: [Interval] = []
        package init() {}
    }

    package var past: Past {
        var past = Past()
        past.triggers = triggers
        past.departures = departures.inOrder
        past.waits = waits.inOrder
        return past
    }

    /// Without any tickets yet.
    package init(_ past: Past) {
        triggers = past.triggers
        // A trigger that is newer than the snapshot has not happened in it.
        while !triggers.isEmpty && triggers.count < Trigger.allCases.count { triggers.append(0) }
        for time in past.departures { departures.note(at: time) }
        for wait in past.waits { waits.note(wait) }
    }

    mutating func add(_ state: TicketState, _ isWidened: Bool, _ priority: Priority, _ sign: Int32) {
        switch state {
        case .waiting:
            waiting += sign
            if isWidened { widened += sign }
            if waitingByPriority.isEmpty { waitingByPriority = [Int32](repeating: 0, count: 10) }
            waitingByPriority[min(Int(priority), 9)] += sign
        case .assigned: working += sign
        case .pending: pending += sign
        case .scheduled: scheduled += sign
        case .quarantined: quarantined += sign
        case .resolved, .closed: break
        }
        invariant(
            min(waiting, working, pending, widened, scheduled, quarantined) >= 0, "a group's count fell below zero")
    }

    mutating func overflowed(by trigger: Trigger) {
        if triggers.isEmpty { triggers = [UInt64](repeating: 0, count: Trigger.allCases.count) }
        triggers[Int(trigger.rawValue) - 1] += 1
    }

    package var overflows: [ClusterStatus.Overflow] {
        guard !triggers.isEmpty else { return [] }
        return Trigger.allCases.compactMap { trigger in
            let count = triggers[Int(trigger.rawValue) - 1]
            return count > 0 ? ClusterStatus.Overflow(trigger, count) : nil
        }
    }

    /// What a ticket of this priority must expect when it comes last of those of its own and of higher priority.
    func expectedWait(of priority: Priority, at wall: WallTime) -> WaitEstimate? {
        let ahead = waitingByPriority.dropFirst(min(Int(priority), 9)).reduce(0, +)
        return WaitEstimate(position: max(1, Int(ahead)), departures: departures, at: wall.asInstant)
    }

    /// What the next ticket of each priority that has waiting ones must expect, highest first: it comes behind all of
    /// its own and of higher priorities. Where age or deadlines decide the order, it is so for most tickets, not all.
    package func expectedWaits(at wall: WallTime) -> [ClusterStatus.PriorityWait] {
        var ahead: Int32 = 0
        var waits: [ClusterStatus.PriorityWait] = []
        for priority in waitingByPriority.indices.reversed() where waitingByPriority[priority] > 0 {
            ahead += waitingByPriority[priority]
            waits.append(
                ClusterStatus.PriorityWait(
                    priority: Priority(priority), waiting: UInt32(waitingByPriority[priority]),
                    estimate: estimate(behind: ahead, at: wall)))
        }
        return waits
    }

    /// One that waited so long in the queue was assigned.
    mutating func left(after waited: Interval, at wall: WallTime) {
        departures.note(at: wall.asInstant)
        waits.note(waited)
    }

    private func estimate(behind ahead: Int32, at wall: WallTime) -> WaitEstimate? {
        WaitEstimate(position: Int(ahead) + 1, departures: departures, at: wall.asInstant)
    }
}

/// How long the last 64 tickets of a group waited before they were assigned.
package struct RecentWaits: Equatable, Sendable {
    private static let kept = 64
    /// A ring; `next` is the oldest once it is full.
    private var waits: [Interval] = []
    private var next = 0

    package init() {}

    mutating func note(_ waited: Interval) {
        if waits.count < Self.kept {
            waits.append(waited)
        } else {
            waits[next] = waited
            next = (next + 1) % Self.kept
        }
    }

    /// The oldest first.
    var inOrder: [Interval] { [Interval](waits[next...] + waits[..<next]) }

    /// Half of them waited no longer than the one, nine of ten no longer than the other. Nil when there are none.
    package var usual: WaitEstimate? {
        guard !waits.isEmpty else { return nil }
        let sorted = waits.sorted()
        func quantile(_ tenths: Int) -> Interval { sorted[(sorted.count * tenths + 9) / 10 - 1] }
        return WaitEstimate(p50: quantile(5), p90: quantile(9))
    }
}

extension WallTime {
    /// For what only compares times of one clock.
    var asInstant: Instant { Instant(milliseconds: milliseconds) }
}
