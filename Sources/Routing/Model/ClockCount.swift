/// Counts one clock from the ticket's own spans: nothing is carried along that a change of policy could falsify. Only
/// where the oldest spans are gone does it go on from what was counted when the clock was set last.
struct ClockCount {
    /// A part of the ticket's time after the clock's start, and what of it counts.
    struct Part: Equatable {
        let from: WallTime
        let until: WallTime
        let span: TicketClocks.Span
        let isPaused: Bool
        let worked: Interval
    }

    let terms: SLAPolicy.Terms
    let hours: Hours
    let startedAt: WallTime
    let stoppedAt: WallTime?
    private let spans: [TicketClocks.Span]
    /// What was counted before the first of the parts.
    private let base: (worked: Interval, at: WallTime)

    /// Nil when nothing of the kind runs or has run: no customer's message without an answer, no vendor's group ...
    init?(_ terms: SLAPolicy.Terms, of ticket: TicketClocks, _ policy: Policy, _ hours: Hours) {
        let former = ticket.earlier.isEmpty ? nil : ticket.clocks.first { $0.kind == terms.kind }
        guard let (start, stop) = Self.bounds(terms.kind, ticket, policy, former) else { return nil }
        self.terms = terms
        self.hours = hours
        startedAt = start
        stoppedAt = stop
        spans = ticket.spans
        if let former, former.startedAt == start, start < spans[0].from {
            base = (former.worked, former.at)
        } else {
            base = (.zero, start)
        }
    }

    private static func bounds(
        _ kind: ClockKind, _ ticket: TicketClocks, _ policy: Policy, _ former: Clock?
    ) -> (start: WallTime, stop: WallTime?)? {
        let last = ticket.present
        let isResolved = last.phase == .resolved
        switch kind {
        case .firstResponse:
            let stops = [ticket.firstReplyAt, ticket.firstResolvedAt].compactMap { $0 }
            return (ticket.openedAt, stops.min())
        case .nextResponse:
            guard ticket.firstReplyAt != nil || ticket.firstResolvedAt != nil, !isResolved else { return nil }
            return ticket.unansweredSince.map { ($0, nil) }
        case .firstResolution: return (ticket.openedAt, ticket.firstResolvedAt)
        case .resolution: return (ticket.openedAt, isResolved ? last.from : nil)
        case .periodicUpdate: return ticket.repliedAt.map { ($0, isResolved ? last.from : nil) }
        case .groupTime: return run(ticket, former) { $0.group == last.group }
        case .vendorTime: return run(ticket, former) { policy.group($0.group)?.tier == .vendors }
        }
    }

    /// Since when the latest spans are all such, and not resolved.
    private static func run(
        _ ticket: TicketClocks, _ former: Clock?, _ isSuch: (TicketClocks.Span) -> Bool
    ) -> (start: WallTime, stop: WallTime?)? {
        var start: WallTime?
        for span in ticket.spans.reversed() {
            guard isSuch(span), span.phase != .resolved else { return start.map { ($0, nil) } }
            start = span.from
        }
        // All of them are: it began earlier than the spans tell.
        return start.map { (former?.startedAt ?? $0, nil) }
    }

    // MARK: - counting

    /// Up to `now`, or to the stop.
    func parts(until now: WallTime) -> [Part] {
        let end = stoppedAt ?? now
        var parts: [Part] = []
        for (index, span) in spans.enumerated() {
            let from = max(span.from, base.at)
            let until = min(index + 1 < spans.count ? spans[index + 1].from : end, end)
            guard from < until else { continue }
            let isPaused = isPausing(span.phase)
            parts.append(
                Part(
                    from: from, until: until, span: span, isPaused: isPaused,
                    worked: isPaused ? .zero : hours.worked(from: from, to: until)))
        }
        return parts
    }

    func worked(at now: WallTime) -> Interval { parts(until: now).reduce(base.worked) { $0 + $1.worked } }

    func isPausing(_ phase: Phase) -> Bool { phase == .resolved || terms.pausedBy.contains(phase) }

    var isPausedNow: Bool { isPausing(spans[spans.count - 1].phase) }

    /// When so much had been counted, or will have been if nothing happens; nil when that does not come.
    func moment(of worked: Interval, at now: WallTime) -> WallTime? {
        var counted = base.worked
        guard counted < worked else { return base.at }
        for part in parts(until: now) where !part.isPaused {
            let rest = Interval(milliseconds: worked.milliseconds - counted.milliseconds)
            if part.worked >= rest { return hours.adding(worked: rest, to: part.from) }
            counted = counted + part.worked
        }
        guard stoppedAt == nil, !isPausedNow else { return nil }
        return hours.adding(
            worked: Interval(milliseconds: worked.milliseconds - counted.milliseconds), to: max(now, startedAt))
    }

    // MARK: - the clock

    func moment(percent: UInt8, at now: WallTime) -> WallTime? {
        // Rounded up: no step is taken before its part has passed. No target is so long that this has no room.
        moment(of: Interval(milliseconds: (terms.target.milliseconds * UInt64(percent) + 99) / 100), at: now)
    }

    /// The clock as it stands. Steps that were taken stay taken, unless the new count has not come so far.
    func clock(steps: [UInt8], former: Clock?, at now: WallTime) -> Clock {
        let isSame = former?.startedAt == startedAt
        let passed = steps.filter { $0 <= (isSame ? former?.fired ?? 0 : 0) }
        let fired = passed.last { percent in moment(percent: percent, at: now).map { $0 <= now } ?? false } ?? 0
        let next = steps.first { $0 > fired }.flatMap { moment(percent: $0, at: now) }
        let state: Clock.State = stoppedAt != nil ? .stopped : isPausedNow ? .paused : .running
        return Clock(
            kind: terms.kind, state: state, startedAt: startedAt, target: terms.target, worked: worked(at: now),
            at: now, due: moment(percent: 100, at: now), fired: fired, next: next)
    }
}

extension SLAPolicy {
    /// All clocks that it sets for the ticket now.
    func clocks(of ticket: TicketClocks, _ policy: Policy, at now: WallTime) -> [Clock] {
        let hours = policy.hours(calendar)
        return clocks.compactMap { terms in
            ClockCount(terms, of: ticket, policy, hours)?
                .clock(steps: steps, former: ticket.clocks.first { $0.kind == terms.kind }, at: now)
        }
    }
}
