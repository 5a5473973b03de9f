import Routing

// Promises: one example of everything.
extension Examples {
    static let sla: SLAPolicy = {
        var sla = SLAPolicy(name: "gold")
        sla.segments = ["vip"]
        sla.channels = ["mail", "chat"]
        sla.groups = [GroupID(0)]
        sla.priorityMin = 7
        sla.isNamedOnly = true
        sla.calendar = CalendarID(1)
        sla.clocks = [
            SLAPolicy.Terms(kind: .firstResponse, target: .seconds(7200)),
            SLAPolicy.Terms(kind: .resolution, target: .seconds(86_400), pausedBy: [.customer, .hold]),
        ]
        sla.warn = [50, 80]
        sla.actions = [
            SLAPolicy.Action(percent: 80, operations: [.raise(1)]),
            SLAPolicy.Action(percent: 100, operations: [.escalate(nil), .alert]),
        ]
        return sla
    }()

    static let clock = Clock(
        kind: .resolution, state: .running, startedAt: wall, target: .seconds(86_400), worked: .seconds(60), at: wall,
        due: wall + .seconds(90_000), fired: 50, next: wall + .seconds(80_000))

    static let ticketClocks: TicketClocks = {
        let queue = TicketClocks(openedAt: wall, phase: .queue, group: GroupID(2))
        let customer = TicketClocks.Span(from: wall + .seconds(9), phase: .customer, group: GroupID(2))
        var clocks = TicketClocks(openedAt: wall, past: queue.spans, present: customer)
        clocks.earlier = [TicketClocks.Total(phase: .work, group: GroupID(1), time: .seconds(7))]
        clocks.firstReplyAt = wall
        clocks.repliedAt = wall + .seconds(1)
        clocks.unansweredSince = wall + .seconds(2)
        clocks.firstResolvedAt = wall + .seconds(3)
        clocks.closedAt = wall + .seconds(4)
        clocks.policy = "gold"
        clocks.clocks = [
            Clock(
                kind: .firstResponse, state: .stopped, startedAt: wall, target: .seconds(60), worked: .seconds(9),
                at: wall, due: nil), clock,
        ]
        clocks.changes = [
            ClockChange(at: wall, kind: .groupTime, before: wall, after: nil, isDropped: true),
            ClockChange(at: wall, kind: .resolution, before: nil, after: wall, isDropped: false),
        ]
        return clocks
    }()

    static let clockedRecord: TicketRecord = {
        var clocked = record
        clocked.clocks = ticketClocks
        clocked.deadlines = [
            DeadlineCount(
                kind: .resolution, calendar: "poland", zone: "Europe/Warsaw", worked: .seconds(60), at: wall,
                parts: [
                    DeadlineCount.Part(
                        from: wall, until: wall + .seconds(60), phase: .work, group: GroupID(2), isPaused: false,
                        worked: .seconds(60))
                ])
        ]
        clocked.buckets = [BucketTime(bucket: .queue, time: .seconds(9)), BucketTime(bucket: .vendors, time: .zero)]
        return clocked
    }()

    static let atRisk: ClusterStatus.AtRisk = {
        var risk = ClusterStatus.AtRisk()
        risk.first = [
            ClusterStatus.AtRisk.Row(ticket: TicketID(900), group: GroupID(0), kind: .nextResponse, due: wall)
        ]
        risk.groupIDs = [GroupID(0)]
        risk.counts = [17]
        return risk
    }()

    static let clockRecords: [(name: String, value: LedgerRecord)] = [
        (
            "clocks set",
            .clocksSet(ClocksSet(ticket: TicketID(900), policy: "gold", clocks: [clock], why: .policy))
        ),
        (
            "clock fired",
            .clockFired(
                ClockFired(
                    ticket: TicketID(900), kind: .resolution, percent: 80, due: wall, late: .seconds(1), skipped: 1,
                    next: wall + .seconds(60)))
        ),
    ]
}
