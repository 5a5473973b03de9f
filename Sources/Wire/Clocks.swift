package import Routing

// Promises: SLA policies, a ticket's time and clocks, and what is journaled of them.

extension ClockKind: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension Phase: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension Clock.State: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension ClockReason: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension Bucket: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension Clock: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(kind)
        encoder.value(state)
        encoder.value(startedAt)
        encoder.value(target)
        encoder.value(worked)
        encoder.value(at)
        encoder.optional(due)
        encoder.byte(fired)
        encoder.optional(next)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            kind: try decoder.value(), state: try decoder.value(), startedAt: try decoder.value(),
            target: try decoder.value(), worked: try decoder.value(), at: try decoder.value(),
            due: try decoder.optional(), fired: try decoder.byte(), next: try decoder.optional())
    }
}

extension ClocksSet: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.text(policy)
        encoder.list(clocks)
        encoder.value(why)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), policy: try decoder.text(), clocks: try decoder.list(),
            why: try decoder.value())
    }
}

extension ClockFired: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(kind)
        encoder.byte(percent)
        encoder.value(due)
        encoder.value(late)
        encoder.byte(skipped)
        encoder.optional(next)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), kind: try decoder.value(), percent: try decoder.byte(),
            due: try decoder.value(), late: try decoder.value(), skipped: try decoder.byte(),
            next: try decoder.optional())
    }
}

extension ClockChange: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(at)
        encoder.value(kind)
        encoder.optional(before)
        encoder.optional(after)
        encoder.flag(isDropped)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            at: try decoder.value(), kind: try decoder.value(), before: try decoder.optional(),
            after: try decoder.optional(), isDropped: try decoder.flag())
    }
}

extension TicketClocks.Span: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(from)
        encoder.value(phase)
        encoder.value(group)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(from: try decoder.value(), phase: try decoder.value(), group: try decoder.value())
    }
}

extension TicketClocks.Total: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(phase)
        encoder.value(group)
        encoder.value(time)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(phase: try decoder.value(), group: try decoder.value(), time: try decoder.value())
    }
}

extension TicketClocks: WireValue {
    package func encode(into encoder: inout Encoder) {
        let others = others
        encoder.list(past, then: present)
        encoder.list(others.earlier)
        encoder.value(openedAt)
        encoder.optional(others.closedAt)
        encoder.optional(others.firstReplyAt)
        encoder.optional(others.repliedAt)
        encoder.optional(others.unansweredSince)
        encoder.optional(others.firstResolvedAt)
        encoder.text(policy)
        encoder.list(clocks)
        encoder.list(others.changes)
    }
    /// There is always a span that says where it is now.
    package init(from decoder: inout Decoder) throws(WireError) {
        let (past, present): ([Span], Span) = try decoder.listWithLast(countMax: Limits.spansMax)
        var others = Events()
        others.earlier = try decoder.list(countMax: Limits.spanTotalsMax)
        self.init(openedAt: try decoder.value(), past: past, present: present)
        others.closedAt = try decoder.optional()
        others.firstReplyAt = try decoder.optional()
        others.repliedAt = try decoder.optional()
        others.unansweredSince = try decoder.optional()
        others.firstResolvedAt = try decoder.optional()
        policy = try decoder.text()
        clocks = try decoder.list(countMax: ClockKind.allCases.count)
        others.changes = try decoder.list(countMax: Limits.clockChangesMax)
        self.others = others
    }
}

extension DeadlineCount.Part: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(from)
        encoder.value(until)
        encoder.value(phase)
        encoder.value(group)
        encoder.flag(isPaused)
        encoder.value(worked)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            from: try decoder.value(), until: try decoder.value(), phase: try decoder.value(),
            group: try decoder.value(), isPaused: try decoder.flag(), worked: try decoder.value())
    }
}

extension DeadlineCount: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(kind)
        encoder.text(calendar)
        encoder.text(zone)
        encoder.value(worked)
        encoder.value(at)
        encoder.list(parts)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            kind: try decoder.value(), calendar: try decoder.text(), zone: try decoder.text(),
            worked: try decoder.value(), at: try decoder.value(), parts: try decoder.list())
    }
}

extension BucketTime: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(bucket)
        encoder.value(time)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(bucket: try decoder.value(), time: try decoder.value())
    }
}

extension SLAPolicy.Terms: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(kind)
        encoder.value(target)
        encoder.list(pausedBy)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(kind: try decoder.value(), target: try decoder.value(), pausedBy: try decoder.list())
    }
}

extension SLAPolicy.Action: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.byte(percent)
        encoder.list(operations)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(percent: try decoder.byte(), operations: try decoder.list())
    }
}

extension SLAPolicy: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(name)
        encoder.list(segments)
        encoder.list(channels)
        encoder.list(groups)
        encoder.byte(priorityMin)
        encoder.flag(isNamedOnly)
        encoder.optional(calendar)
        encoder.list(clocks)
        encoder.number(UInt64(warn.count))
        for percent in warn { encoder.byte(percent) }
        encoder.list(actions)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(name: try decoder.text())
        segments = try decoder.list()
        channels = try decoder.list()
        groups = try decoder.list()
        priorityMin = try decoder.byte()
        isNamedOnly = try decoder.flag()
        calendar = try decoder.optional()
        clocks = try decoder.list()
        for _ in 0..<(try decoder.count()) { warn.append(try decoder.byte()) }
        actions = try decoder.list()
    }
}
