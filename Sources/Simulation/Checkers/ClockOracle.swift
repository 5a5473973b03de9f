package import Routing

/// Computes every deadline of every ticket from the journal's records alone, without those about clocks: what happened
/// to whom and when. It keeps the whole history of a ticket and counts it from the beginning each time, edge by edge.
package struct ClockOracle {
    private struct Ticket {
        var history: [(at: UInt64, phase: Phase, group: GroupID)]
        var events: [(at: UInt64, what: Event)] = []
        var priority: Priority
        let named: String
        let segment: String
        var channel: String
        var pauseKind = PauseKind.customer
    }
    private enum Event { case replied, wrote, resolved }
    /// A clock as it should be; times in milliseconds.
    package struct Expected: Equatable {
        package let kind: ClockKind
        package let state: Clock.State
        package let startedAt: UInt64
        package let due: UInt64?
        /// The last step that has come, in percent of the target.
        package let fired: UInt8
        package init(kind: ClockKind, state: Clock.State, startedAt: UInt64, due: UInt64?, fired: UInt8) {
            self.kind = kind
            self.state = state
            self.startedAt = startedAt
            self.due = due
            self.fired = fired
        }
    }

    private var tickets: [TicketID: Ticket] = [:]
    package var slas: [SLAPolicy]
    package var calendars: [Hours]
    /// Groups of tier 3.
    package var vendors: [GroupID]

    package init(_ slas: [SLAPolicy], _ calendars: [Hours], vendors: [GroupID]) {
        self.slas = slas
        self.calendars = calendars
        self.vendors = vendors
    }

    /// Those that it knows, in order of their numbers.
    package var ids: [TicketID] { tickets.keys.sorted() }

    package func knows(_ id: TicketID) -> Bool { tickets[id] != nil }

    /// Nothing is known of the tickets that there are: what happened to them was not told.
    package mutating func forget() { tickets = [:] }

    // MARK: - reading the journal

    package mutating func read(_ record: LedgerRecord, at wall: WallTime) {
        let at = wall.milliseconds
        switch record {
        case .opened(let opened):
            let group = opened.classification.group
            tickets[opened.ticket] = Ticket(
                history: [(at, opened.startsAt == nil ? .queue : .scheduled, group)],
                priority: opened.classification.priority, named: opened.classification.sla,
                segment: opened.submission.segment, channel: opened.submission.channel)
        case .assigned(let id, _, _, _, _): enter(id, .work, nil, at)
        case .noted(let id, .replied, _, _): tickets[id]?.events.append((at, .replied))
        case .noted(let id, .paused(let pause), _, _): enter(id, pause.kind == .customer ? .customer : .hold, nil, at)
        case .noted(let id, .resumed, _, _): enter(id, .work, nil, at)
        case .moved(let moved): enter(moved.ticket, .queue, moved.group, at)
        case .scheduled(let scheduled): enter(scheduled.ticket, .scheduled, nil, at)
        case .quarantined(let id, _, _): enter(id, .quarantined, nil, at)
        case .raised(let id, let priority, _): tickets[id]?.priority = priority
        case .callback(let id, _, _, _): tickets[id]?.channel = Policy.callbackChannel
        case .customerWrote(let id, _, _): tickets[id]?.events.append((at, .wrote))
        case .resolved(let id, _, _, _):
            tickets[id]?.events.append((at, .resolved))
            enter(id, .resolved, nil, at)
        case .closed(let id, _, _, _): tickets[id] = nil
        default: break
        }
    }

    private mutating func enter(_ id: TicketID, _ phase: Phase, _ group: GroupID?, _ at: UInt64) {
        guard let last = tickets[id]?.history.last else { return }
        tickets[id]?.history.append((at, phase, group ?? last.group))
    }

    // MARK: - what must be so at a time

    private func policy(of ticket: Ticket) -> SLAPolicy? {
        if let named = slas.first(where: { $0.name == ticket.named }) { return named }
        return slas.first { sla in
            let group = ticket.history[ticket.history.count - 1].group
            return !sla.isNamedOnly && ticket.priority >= sla.priorityMin
                && (sla.segments.isEmpty || sla.segments.contains(ticket.segment))
                && (sla.channels.isEmpty || sla.channels.contains(ticket.channel))
                && (sla.groups.isEmpty || sla.groups.contains(group))
        }
    }

    package func expected(_ id: TicketID, at now: WallTime) -> [Expected] { lookAhead(id, at: now).expected }

    /// Also when the next step of any clock comes, if nothing happens to the ticket before; `max` for never.
    func lookAhead(_ id: TicketID, at now: WallTime) -> (expected: [Expected], next: UInt64) {
        guard let ticket = tickets[id], let sla = policy(of: ticket) else { return ([], .max) }
        var next = UInt64.max
        let known = sla.clocks.compactMap { expected($0, sla, ticket, now.milliseconds, &next) }
        return (known, next)
    }

    private func expected(
        _ terms: SLAPolicy.Terms, _ sla: SLAPolicy, _ ticket: Ticket, _ now: UInt64, _ next: inout UInt64
    ) -> Expected? {
        guard let (start, stop) = bounds(terms.kind, ticket) else { return nil }
        let edges = sla.calendar.map { calendars[$0.index].edges.map(\.milliseconds) }
        func isPausing(_ phase: Phase) -> Bool { phase == .resolved || terms.pausedBy.contains(phase) }
        // The stretches that count, the last one without end if it still runs.
        var counting: [(from: UInt64, to: UInt64)] = []
        for (index, span) in ticket.history.enumerated() where !isPausing(span.phase) {
            let end = index + 1 < ticket.history.count ? ticket.history[index + 1].at : UInt64.max
            for (open, close) in Self.open(edges) {
                let from = max(span.at, start, open)
                let to = min(end, stop ?? .max, close)
                if from < to { counting.append((from, to)) }
            }
        }
        func moment(_ percent: UInt64) -> UInt64? {
            var left = (terms.target.milliseconds * percent + 99) / 100
            for (from, to) in counting {
                if to - from >= left { return from + left }
                left -= to - from
            }
            return nil
        }
        var fired: UInt8 = 0
        for percent in sla.warn + [100] {
            guard let moment = moment(UInt64(percent)) else { continue }
            if moment <= now { fired = percent } else { next = min(next, moment) }
        }
        let isPaused = isPausing(ticket.history[ticket.history.count - 1].phase)
        return Expected(
            kind: terms.kind, state: stop != nil ? .stopped : isPaused ? .paused : .running, startedAt: start,
            due: moment(100), fired: fired)
    }

    private static func open(_ edges: [UInt64]?) -> [(UInt64, UInt64)] {
        guard let edges else { return [(0, .max)] }
        return stride(from: 0, to: edges.count, by: 2).map { (edges[$0], edges[$0 + 1]) }
    }

    private func bounds(_ kind: ClockKind, _ ticket: Ticket) -> (UInt64, UInt64?)? {
        let opened = ticket.history[0].at
        let last = ticket.history[ticket.history.count - 1]
        let answers = ticket.events.filter { $0.what != .wrote }
        let isResolved = last.phase == .resolved
        switch kind {
        case .firstResponse: return (opened, answers.first?.at)
        case .nextResponse:
            guard !answers.isEmpty, !isResolved else { return nil }
            let after = ticket.events.lastIndex { $0.what != .wrote } ?? -1
            return ticket.events.dropFirst(after + 1).first.map { ($0.at, nil) }
        case .firstResolution: return (opened, ticket.events.first { $0.what == .resolved }?.at)
        case .resolution: return (opened, isResolved ? last.at : nil)
        case .periodicUpdate:
            return ticket.events.last { $0.what == .replied }.map { ($0.at, isResolved ? last.at : nil) }
        case .groupTime: return run(ticket) { $0 == last.group }
        case .vendorTime: return run(ticket) { vendors.contains($0) }
        }
    }

    private func run(_ ticket: Ticket, _ isSuch: (GroupID) -> Bool) -> (UInt64, UInt64?)? {
        let tail = ticket.history.reversed().prefix { isSuch($0.group) && $0.phase != .resolved }
        return tail.last.map { ($0.at, nil) }
    }
}
