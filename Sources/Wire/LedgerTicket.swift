package import Routing

// A live ticket in a snapshot. A new field of `LedgerTicket` takes one line in `encode` and the same place in `init`;
// `LedgerRow.contentVersion` then rises.

extension LedgerTicket: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(id)
        encoder.value(key)
        encoder.value(openedAt)
        encoder.value(said)
        encoder.value(signature)
        encoder.text(rule)
        encoder.text(sla)
        encoder.byte(priority)
        encoder.value(cost)
        encoder.optional(preferred)
        encoder.value(fence)
        encoder.value(state)
        encoder.value(group)
        encoder.list(former)
        encoder.list(widenings)
        encoder.list(taken)
        encoder.value(enteredAt)
        encoder.value(waitingSince)
        encoder.value(standing)
        encoder.list(keys)
        encoder.list(steps)
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
        preferred = try decoder.optional()
        fence = try decoder.value()
        state = try decoder.value()
        group = try decoder.value()
        former = try decoder.list()
        widenings = try decoder.list()
        taken = try decoder.list()
        enteredAt = try decoder.value()
        waitingSince = try decoder.value()
        standing = try decoder.value()
        keys = try decoder.list()
        guard restore(steps: try decoder.list()) else { throw .unfit }
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
