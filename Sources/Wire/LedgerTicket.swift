package import Routing

// A live ticket in a snapshot. A new field of `LedgerTicket` takes one line in `encode` and the same place in `init`,
// both for its wire version and newer ones only.

extension LedgerTicket: WireValue {
    package func encode(into encoder: inout Encoder) {
        let others = others
        encoder.value(id)
        encoder.value(key)
        encoder.value(openedAt)
        encoder.value(said)
        encoder.value(signature)
        encoder.text(rule)
        encoder.text(sla)
        encoder.byte(priority)
        encoder.value(cost)
        encoder.optional(others.preferred)
        encoder.value(fence)
        encoder.value(state)
        encoder.value(group)
        encoder.list(others.former)
        encoder.list(others.widenings)
        encoder.list(others.taken)
        encoder.value(enteredAt)
        encoder.value(waitingSince)
        encoder.value(others.standing)
        encoder.list(others.keys)
        if encoder.version >= 2 { encoder.list(others.counted) }
        encoder.list(opening, then: laterSteps)
        encoder.value(clocks)
        encoder.optional(decision)
    }

    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            id: try decoder.value(), key: try decoder.value(), openedAt: try decoder.value(),
            said: try decoder.value(), signature: try decoder.value(), rule: try decoder.text(),
            sla: try decoder.text())
        priority = try decoder.byte()
        cost = try decoder.value()
        var others = Rest()
        others.preferred = try decoder.optional()
        fence = try decoder.value()
        state = try decoder.value()
        group = try decoder.value()
        others.former = try decoder.list()
        others.widenings = try decoder.list()
        others.taken = try decoder.list()
        enteredAt = try decoder.value()
        waitingSince = try decoder.value()
        others.standing = try decoder.value()
        others.keys = try decoder.list()
        if decoder.version >= 2 { others.counted = try decoder.list(countMax: Limits.offersCountedMax) }
        self.others = others
        let (first, later): (TicketStep, [TicketStep]) = try decoder.listWithFirst()
        guard restore(first, later) else { throw .unfit }
        clocks = try decoder.value()
        decision = try decoder.optional()
    }
}

extension LedgerTicket.Widening: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(group)
        encoder.number(step)
        encoder.value(trigger)
        encoder.value(at)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            group: try decoder.value(), step: try decoder.number32(), trigger: try decoder.value(),
            at: try decoder.value())
    }
}

extension LedgerTicket.TakenStep: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.number(step)
        encoder.value(at)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(step: try decoder.number32(), at: try decoder.value())
    }
}

/// As a `Submission` in a message.
extension PackedSubmission: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.raw(bytes) }
    package init(from decoder: inout Decoder) throws(WireError) {
        let form: (inout Decoder) throws(WireError) -> Void = { decoder throws(WireError) in
            for _ in 0..<6 { try decoder.skipText() }
            for _ in 0..<(try decoder.count()) { try decoder.skipText() }
            for _ in 0..<2 { try decoder.skipText() }
            for _ in 0..<(try decoder.count()) { try decoder.skipText() }
        }
        self.init(unchecked: try decoder.raw(form))
    }
}
