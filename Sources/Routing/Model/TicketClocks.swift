/// A ticket's time: where it went, what clocks start and stop by, and the clocks. The ledger folds it from the journal;
/// what is in it belongs to the ticket and stays when its SLA policy is another (glpi#6902).
package struct TicketClocks: Equatable, Sendable {
    /// From `from` up to the next span's, or up to now.
    package struct Span: Equatable, Sendable {
        package let from: WallTime
        package let phase: Phase
        package let group: GroupID
        package init(from: WallTime, phase: Phase, group: GroupID) {
            self.from = from
            self.phase = phase
            self.group = group
        }
    }
    package struct Total: Equatable, Sendable {
        package let phase: Phase
        package let group: GroupID
        package var time: Interval
        package init(phase: Phase, group: GroupID, time: Interval) {
            self.phase = phase
            self.group = group
            self.time = time
        }
    }

    /// The span that it is in now, and those before it.
    package private(set) var present: Span
    package private(set) var past: [Span] = []
    package let openedAt: WallTime
    /// The SLA policy of the clocks; empty for none.
    package var policy = ""
    /// One of a kind, in order of the kinds.
    package var clocks: [Clock] = []
    private var events = Seldom<Events>()

    /// What a ticket that only waits has none of.
    package struct Events: Equatable, Sendable {
        static let none = Events()
        package var earlier: [Total] = []
        package var closedAt: WallTime?
        package var firstReplyAt: WallTime?
        package var repliedAt: WallTime?
        package var unansweredSince: WallTime?
        package var firstResolvedAt: WallTime?
        package var changes: [ClockChange] = []
        package init() {}
    }
    /// All of it at once: what changes several of them copies it once.
    package var others: Events {
        get { events[or: .none] }
        set { events[or: .none] = newValue }
    }
    /// What the spans do not tell any more; `Limits.spanTotalsMax` at most: beyond it, a further group's time is added
    /// to another group's of the same phase.
    package var earlier: [Total] {
        get { events.look { $0.earlier } ?? [] }
        set { events.change(from: .none) { $0.earlier = newValue } }
    }
    package var closedAt: WallTime? {
        get { events.look { $0.closedAt } ?? nil }
        set { events.change(from: .none) { $0.closedAt = newValue } }
    }
    package var firstReplyAt: WallTime? {
        get { events.look { $0.firstReplyAt } ?? nil }
        set { events.change(from: .none) { $0.firstReplyAt = newValue } }
    }
    package var repliedAt: WallTime? {
        get { events.look { $0.repliedAt } ?? nil }
        set { events.change(from: .none) { $0.repliedAt = newValue } }
    }
    /// The customer's oldest message that no reply has followed; not the ticket itself.
    package var unansweredSince: WallTime? {
        get { events.look { $0.unansweredSince } ?? nil }
        set { events.change(from: .none) { $0.unansweredSince = newValue } }
    }
    package var firstResolvedAt: WallTime? {
        get { events.look { $0.firstResolvedAt } ?? nil }
        set { events.change(from: .none) { $0.firstResolvedAt = newValue } }
    }
    /// The latest; `Limits.clockChangesMax`.
    package var changes: [ClockChange] {
        get { events.look { $0.changes } ?? [] }
        set { events.change(from: .none) { $0.changes = newValue } }
    }

    package init(openedAt: WallTime, phase: Phase, group: GroupID) {
        self.openedAt = openedAt
        present = Span(from: openedAt, phase: phase, group: group)
    }

    /// As a snapshot has it.
    package init(openedAt: WallTime, past: [Span], present: Span) {
        self.openedAt = openedAt
        self.past = past
        self.present = present
    }

    /// In order of time and without gaps; never empty, `Limits.spansMax` at most: the oldest goes into `earlier`.
    package var spans: [Span] { past + [present] }

    package var phase: Phase { present.phase }

    /// The next step of any clock.
    package var next: WallTime? { clocks.compactMap(\.next).min() }

    /// The first deadline of those that are armed, and of nothing else (zammad#5177).
    package var nextDue: Clock? {
        var first: Clock?
        for clock in clocks where clock.state == .running && clock.fired < 100 {
            guard let due = clock.due else { continue }
            if first?.due.map({ due < $0 }) ?? true { first = clock }
        }
        return first
    }

    // MARK: - following the records

    mutating func follow(_ record: LedgerRecord, _ phase: Phase, in group: GroupID, at wall: WallTime) {
        switch record {
        case .noted(_, .replied, _, _):
            firstReplyAt = firstReplyAt ?? wall
            repliedAt = wall
            unansweredSince = nil
        case .customerWrote: unansweredSince = unansweredSince ?? wall
        case .resolved:
            firstResolvedAt = firstResolvedAt ?? wall
            unansweredSince = nil
        case .clocksSet(let set): take(set, at: wall)
        case .clockFired(let fired):
            if let index = clocks.firstIndex(where: { $0.kind == fired.kind }) {
                clocks[index].fired = fired.percent
                clocks[index].next = fired.next
            }
        default: break
        }
        enter(phase, in: group, at: wall)
    }

    /// Its life is over: nothing is promised any more, and nothing fires (zammad#904).
    mutating func end(at wall: WallTime) {
        closedAt = wall
        for index in clocks.indices {
            clocks[index].state = .stopped
            clocks[index].next = nil
        }
    }

    private mutating func enter(_ phase: Phase, in group: GroupID, at wall: WallTime) {
        guard present.phase != phase || present.group != group else { return }
        past.append(present)
        present = Span(from: wall, phase: phase, group: group)
        guard past.count == Limits.spansMax else { return }
        let first = past.removeFirst()
        var totals = earlier
        add(first.phase, first.group, (past.first ?? present).from.since(first.from), to: &totals)
        earlier = totals
    }

    private mutating func take(_ set: ClocksSet, at wall: WallTime) {
        if set.policy != policy || set.why == .policy {
            for clock in clocks where clock.state != .stopped {
                let new = set.clocks.first { $0.kind == clock.kind }
                guard new?.due != clock.due || new == nil else { continue }
                changes =
                    changes.suffix(Limits.clockChangesMax - 1)
                    + [
                        ClockChange(
                            at: wall, kind: clock.kind, before: clock.due, after: new?.due, isDropped: new == nil)
                    ]
            }
        }
        policy = set.policy
        clocks = set.clocks
    }

    private func add(_ phase: Phase, _ group: GroupID, _ time: Interval, to totals: inout [Total]) {
        let place =
            totals.firstIndex { $0.phase == phase && $0.group == group }
            ?? (totals.count < Limits.spanTotalsMax ? nil : totals.firstIndex { $0.phase == phase } ?? 0)
        if let place {
            totals[place].time = totals[place].time + time
        } else {
            totals.append(Total(phase: phase, group: group, time: time))
        }
    }

    // MARK: - adding up

    /// Its life so far.
    package func life(at now: WallTime) -> Interval { end(at: now).since(openedAt) }

    /// Every millisecond of its life, each in one bucket; none that is empty. Waiting while the group is closed is told
    /// apart from waiting for somebody, as far back as the spans reach.
    package func buckets(at now: WallTime, _ policy: Policy) -> [(bucket: Bucket, time: Interval)] {
        var times = [Interval](repeating: .zero, count: Bucket.allCases.count)
        func add(_ bucket: Bucket, _ time: Interval) {
            let index = Int(bucket.rawValue) - 1
            times[index] = times[index] + time
        }
        func bucket(_ phase: Phase, _ group: GroupID) -> Bucket {
            Bucket(phase, of: policy.group(group)?.tier ?? .agents)
        }
        for total in earlier { add(bucket(total.phase, total.group), total.time) }
        let spans = spans
        for (index, span) in spans.enumerated() {
            let until = index + 1 < spans.count ? spans[index + 1].from : end(at: now)
            let time = until.since(span.from)
            guard span.phase == .queue, let group = policy.group(span.group) else {
                add(bucket(span.phase, span.group), time)
                continue
            }
            let open = min(policy.hours(of: group).worked(from: span.from, to: until), time)
            add(.queue, open)
            add(.closedHours, Interval(milliseconds: time.milliseconds - open.milliseconds))
        }
        return Bucket.allCases.compactMap { bucket in
            let time = times[Int(bucket.rawValue) - 1]
            return time == .zero ? nil : (bucket, time)
        }
    }

    private func end(at now: WallTime) -> WallTime { max(closedAt ?? now, present.from) }
}

/// Where a ticket's time went, as people ask for it.
package enum Bucket: UInt8, Sendable, CaseIterable {
    /// Waiting for an agent while its group is open.
    case queue = 1
    case closedHours = 2
    /// In the hands of an agent of that tier.
    case agents = 3
    case engineers = 4
    case vendors = 5
    case customer = 6
    case hold = 7
    case scheduled = 8
    case quarantined = 9
    case resolved = 10

    init(_ phase: Phase, of tier: Tier) {
        switch phase {
        case .queue: self = .queue
        case .work:
            switch tier {
            case .agents: self = .agents
            case .engineers: self = .engineers
            case .vendors: self = .vendors
            }
        case .customer: self = .customer
        case .hold: self = .hold
        case .scheduled: self = .scheduled
        case .quarantined: self = .quarantined
        case .resolved: self = .resolved
        }
    }
}

extension LedgerTicket {
    /// What its time counts as now.
    var phase: Phase {
        switch state {
        case .waiting: .queue
        case .assigned: .work
        case .pending: standing.pause?.kind == .customer ? .customer : .hold
        case .scheduled: .scheduled
        case .quarantined: .quarantined
        case .resolved, .closed: .resolved
        }
    }
}
