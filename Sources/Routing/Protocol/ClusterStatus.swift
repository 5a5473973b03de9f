/// The cluster as the coordinator sees it, for operators.
package struct ClusterStatus: Equatable, Sendable {
    package var reign: UInt32 = 0
    package var lsn = LSN.zero
    package var policyVersion: UInt32 = 0
    package var routers: [RouterInfo] = []
    /// One for each of `routers`, in their order.
    package var states: [RouterStatus] = []
    package var regions: [RegionOwner] = []
    package var groups: [GroupStatus] = []
    /// Tickets that wait for a person to release them, the oldest first; `Limits.quarantinedShown` at most.
    package var quarantined: [TicketID] = []
    package var agentsAttached: UInt32 = 0
    package var agentsInGrace: UInt32 = 0
    package var counters = Counters()
    /// Versions of the coordinator's program and libnng.
    package var program = ""
    package var library = ""
    package var atRisk = AtRisk()
    package init() {}

    /// Whose promise runs out within `Limits.atRiskWithin`, and is not broken yet.
    package struct AtRisk: Equatable, Sendable {
        package struct Row: Equatable, Sendable {
            package let ticket: TicketID
            package let group: GroupID
            package let kind: ClockKind
            package let due: WallTime
            package init(ticket: TicketID, group: GroupID, kind: ClockKind, due: WallTime) {
                self.ticket = ticket
                self.group = group
                self.kind = kind
                self.due = due
            }
        }
        /// The first to run out, in that order; `Limits.atRiskNamedMax`.
        package var first: [Row] = []
        /// Of each group that has any.
        package var groups: [(group: GroupID, count: UInt32)] { zip(groupIDs, counts).map { ($0, $1) } }
        package var groupIDs: [GroupID] = []
        package var counts: [UInt32] = []
        package init() {}
    }

    package struct GroupStatus: Equatable, Sendable {
        package let group: GroupID
        package let waiting: UInt32
        package let working: UInt32
        package let pending: UInt32
        /// Waiting ones that were widened to other groups.
        package let widened: UInt32
        /// Agents who are attached and neither away nor out of reach.
        package var onDuty: UInt32 = 0
        package var isOpen = true
        package var scheduled: UInt32 = 0
        package var quarantined: UInt32 = 0
        /// How often its tickets spilled over, by what made them, since the ledger began.
        package var overflows: [Overflow] = []
        /// Of the priorities that have waiting tickets, highest first; ten at most.
        package let waits: [PriorityWait]
        /// What the last 64 to be assigned did wait; nil before the first.
        package let usual: WaitEstimate?
        package init(
            group: GroupID, waiting: UInt32, working: UInt32, pending: UInt32, widened: UInt32,
            waits: [PriorityWait] = [], usual: WaitEstimate? = nil
        ) {
            self.group = group
            self.waiting = waiting
            self.working = working
            self.pending = pending
            self.widened = widened
            self.waits = waits
            self.usual = usual
        }
    }

    /// How long the next ticket of a priority must expect to wait in a group.
    package struct PriorityWait: Equatable, Sendable {
        package let priority: Priority
        package let waiting: UInt32
        /// Nil while too few tickets have left the queue to tell.
        package let estimate: WaitEstimate?
        package init(priority: Priority, waiting: UInt32, estimate: WaitEstimate?) {
            self.priority = priority
            self.waiting = waiting
            self.estimate = estimate
        }
    }

    package struct Overflow: Equatable, Sendable {
        package let trigger: Trigger
        package let count: UInt64
        package init(_ trigger: Trigger, _ count: UInt64) {
            self.trigger = trigger
            self.count = count
        }
    }

    /// Totals since the coordinator's start, but for tickets, which are the ledger's.
    package struct Counters: Equatable, Sendable {
        package var ticketsOpened: UInt64 = 0
        package var ticketsLive: UInt64 = 0
        package var ticketsClosed: UInt64 = 0
        package var ticketsWidened: UInt64 = 0
        package var alerts: UInt64 = 0
        package var keysKept: UInt64 = 0
        package var commands: UInt64 = 0
        package var refusals: UInt64 = 0
        package var messages: UInt64 = 0
        package var syncs: UInt64 = 0
        package var records: UInt64 = 0
        package init() {}
    }
}
