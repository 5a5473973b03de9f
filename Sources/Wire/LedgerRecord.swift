package import Routing

// Ledger records, as the journal keeps them. A case keeps its number for ever.

extension LedgerRecord.Opened: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(key)
        encoder.fixed(hash)
        encoder.value(classification)
        encoder.value(submission)
        encoder.optional(preferred)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), key: try decoder.value(), hash: try decoder.fixed(),
            classification: try decoder.value(), submission: try decoder.value(),
            preferred: try decoder.optional())
    }
}

extension LedgerRecord.Noted: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .replied(let value):
            encoder.byte(1)
            encoder.text(value)
        case .noted(let value):
            encoder.byte(2)
            encoder.text(value)
        case .paused(let value):
            encoder.byte(3)
            encoder.text(value)
        case .resumed:
            encoder.byte(4)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .replied(text: try decoder.text())
        case 2: self = .noted(text: try decoder.text())
        case 3: self = .paused(reason: try decoder.text())
        case 4: self = .resumed
        case let other: throw .unknown(other)
        }
    }
}

extension LedgerRecord.Moved: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(group)
        encoder.value(cause)
        encoder.optional(agent)
        encoder.optional(id)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), group: try decoder.value(),
            cause: try decoder.value(), agent: try decoder.optional(), id: try decoder.optional())
    }
}

extension LedgerRecord: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .reignBegan(let value):
            encoder.byte(1)
            encoder.number(value)
        case .policyAdopted(let value0, let value1, let value2):
            encoder.byte(2)
            encoder.number(value0)
            encoder.text(value1)
            encoder.value(value2)
        case .routerJoined(let value):
            encoder.byte(3)
            encoder.value(value)
        case .routerEnded(let value):
            encoder.byte(4)
            encoder.value(value)
        case .regionOwned(let value):
            encoder.byte(5)
            encoder.value(value)
        case .attached(let value0, let value1, let value2, let value3):
            encoder.byte(6)
            encoder.value(value0)
            encoder.value(value1)
            encoder.value(value2)
            encoder.value(value3)
        case .detached(let value0, let value1):
            encoder.byte(7)
            encoder.value(value0)
            encoder.value(value1)
        case .graceEnded(let value0, let value1):
            encoder.byte(8)
            encoder.value(value0)
            encoder.value(value1)
        case .opened(let value):
            encoder.byte(9)
            encoder.value(value)
        case .assigned(let value0, let value1, let value2, let value3):
            encoder.byte(10)
            encoder.value(value0)
            encoder.value(value1)
            encoder.value(value2)
            encoder.optional(value3)
        case .noted(let value0, let value1, let value2, let value3):
            encoder.byte(11)
            encoder.value(value0)
            encoder.value(value1)
            encoder.value(value2)
            encoder.optional(value3)
        case .moved(let value):
            encoder.byte(12)
            encoder.value(value)
        case .widened(let value0, let value1):
            encoder.byte(13)
            encoder.value(value0)
            encoder.value(value1)
        case .resolved(let value0, let value1, let value2):
            encoder.byte(14)
            encoder.value(value0)
            encoder.value(value1)
            encoder.optional(value2)
        case .closed(let value0, let value1):
            encoder.byte(15)
            encoder.value(value0)
            encoder.value(value1)
        case .attempted(let ticket, let fence, let agent, let end, let reason):
            encoder.byte(30)
            encoder.value(ticket)
            encoder.value(fence)
            encoder.value(agent)
            encoder.value(end)
            encoder.text(reason)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .reignBegan(try decoder.number32())
        case 2:
            self = .policyAdopted(
                version: try decoder.number32(), text: try decoder.text(), additions: try decoder.value())
        case 3: self = .routerJoined(try decoder.value())
        case 4: self = .routerEnded(try decoder.value())
        case 5: self = .regionOwned(try decoder.value())
        case 6: self = .attached(try decoder.value(), try decoder.value(), try decoder.value(), try decoder.value())
        case 7: self = .detached(try decoder.value(), try decoder.value())
        case 8: self = .graceEnded(try decoder.value(), try decoder.value())
        case 9: self = .opened(try decoder.value())
        case 10:
            self = .assigned(try decoder.value(), try decoder.value(), try decoder.value(), try decoder.optional())
        case 11: self = .noted(try decoder.value(), try decoder.value(), try decoder.value(), try decoder.optional())
        case 12: self = .moved(try decoder.value())
        case 13: self = .widened(try decoder.value(), try decoder.value())
        case 14: self = .resolved(try decoder.value(), try decoder.value(), try decoder.optional())
        case 15: self = .closed(try decoder.value(), try decoder.value())
        case 30:
            self = .attempted(
                try decoder.value(), try decoder.value(), try decoder.value(), try decoder.value(), try decoder.text())
        case let other: throw .unknown(other)
        }
    }
}

extension Catalog.Additions: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.list(regions)
        encoder.list(skills)
        encoder.list(groups)
        encoder.list(agents)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        regions = try decoder.list()
        skills = try decoder.list()
        groups = try decoder.list()
        agents = try decoder.list()
    }
}
