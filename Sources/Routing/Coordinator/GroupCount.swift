/// How many tickets of a group are in which state, and how fast they leave its queue.
package struct GroupCount: Equatable, Sendable {
    package private(set) var waiting: Int32 = 0
    package private(set) var working: Int32 = 0
    package private(set) var pending: Int32 = 0
    package private(set) var widened: Int32 = 0
    /// Waiting ones by priority; empty before the first, then ten. A priority above 9 counts as 9.
    package private(set) var waitingByPriority: [Int32] = []
    /// When waiting ones were assigned, whoever took them; in the ledger's wall time, which never goes back.
    package internal(set) var departures = Departures()

    package init() {}

    mutating func add(_ state: TicketState, _ isWidened: Bool, _ priority: Priority, _ sign: Int32) {
        switch state {
        case .waiting:
            waiting += sign
            if isWidened { widened += sign }
            if waitingByPriority.isEmpty { waitingByPriority = [Int32](repeating: 0, count: 10) }
            waitingByPriority[min(Int(priority), 9)] += sign
        case .assigned: working += sign
        case .pending: pending += sign
        case .resolved, .closed: break
        }
        invariant(waiting >= 0 && working >= 0 && pending >= 0 && widened >= 0, "a group's count fell below zero")
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

    /// What a ticket must expect that comes behind all that wait now; the pace of the group when nothing waits.
    package func expectedWait(at wall: WallTime) -> WaitEstimate? { estimate(behind: waiting, at: wall) }

    private func estimate(behind ahead: Int32, at wall: WallTime) -> WaitEstimate? {
        WaitEstimate(position: Int(ahead) + 1, departures: departures, at: wall.asInstant)
    }
}

extension WallTime {
    /// For what only compares times of one clock.
    var asInstant: Instant { Instant(milliseconds: milliseconds) }
}
