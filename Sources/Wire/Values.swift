package import Routing

// The nouns of `Routing/Model`.

extension TicketID: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.number(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.number()) }
}

extension Incarnation: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.number(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.number()) }
}

extension LSN: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.number(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.number()) }
}

extension AgentID: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.number(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.number32()) }
}

extension GroupID: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.number(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.number32()) }
}

extension RegionID: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.number(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.number32()) }
}

extension SkillID: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.number(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.number32()) }
}

extension Fence: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.number(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.number32()) }
}

extension AgentEpoch: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.number(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.number32()) }
}

extension OwnerEpoch: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.number(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.number32()) }
}

extension ClientInstance: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.fixed(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.fixed()) }
}

extension SubmitKey: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.fixed(high)
        encoder.fixed(low)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            high: try decoder.fixed(), low: try decoder.fixed())
    }
}

extension Interval: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.number(milliseconds)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            milliseconds: try decoder.number())
    }
}

extension WallTime: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.number(milliseconds)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            milliseconds: try decoder.number())
    }
}

extension String: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.text(self) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.text() }
}

extension Bool: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.flag(self) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.flag() }
}

extension Decoder {
    /// A case of a small enum by its number.
    mutating func oneOf<Case: RawRepresentable<UInt8>>() throws(WireError) -> Case {
        let number = try byte()
        guard let known = Case(rawValue: number) else { throw .unknown(number) }
        return known
    }
}

extension Strategy: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension Tier: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension Status: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension MoveCause: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension OfferEnd: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension Refusal: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension RouterRefusal: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension TicketStep.Kind: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension SkillLevel: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(skill)
        encoder.byte(level)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            skill: try decoder.value(), level: try decoder.byte())
    }
}

extension Relaxation: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(after)
        encoder.byte(levelMin)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(after: try decoder.value(), levelMin: try decoder.byte())
    }
}

extension Requirement: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(skill)
        encoder.byte(levelMin)
        encoder.flag(isPreferred)
        encoder.list(relaxations)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            skill: try decoder.value(), levelMin: try decoder.byte(), isPreferred: try decoder.flag(),
            relaxations: try decoder.list())
    }
}

extension Cost: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.byte(active)
        encoder.byte(pending)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(active: try decoder.byte(), pending: try decoder.byte())
    }
}

extension Signature: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.list(requirements) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.list()) }
}

extension Submission: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(customer)
        encoder.text(channel)
        encoder.text(segment)
        encoder.text(language)
        encoder.text(region)
        encoder.text(product)
        encoder.list(labels)
        encoder.text(subject)
        encoder.text(text)
        encoder.list(attachments)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            customer: try decoder.text(), channel: try decoder.text(), segment: try decoder.text(),
            language: try decoder.text(), region: try decoder.text(), product: try decoder.text(),
            labels: try decoder.list(), subject: try decoder.text(), text: try decoder.text(),
            attachments: try decoder.list())
    }
}

extension Classification: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(group)
        encoder.byte(priority)
        encoder.value(signature)
        encoder.text(rule)
        encoder.value(cost)
        encoder.text(sla)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            group: try decoder.value(), priority: try decoder.byte(), signature: try decoder.value(),
            rule: try decoder.text(), cost: try decoder.value(), sla: try decoder.text())
    }
}

extension TicketState: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .waiting:
            encoder.byte(1)
        case .assigned(let value):
            encoder.byte(2)
            encoder.value(value)
        case .pending(let value):
            encoder.byte(3)
            encoder.value(value)
        case .resolved(let value):
            encoder.byte(4)
            encoder.value(value)
        case .closed: encoder.byte(5)
        case .scheduled: encoder.byte(6)
        case .quarantined: encoder.byte(7)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .waiting
        case 2: self = .assigned(try decoder.value())
        case 3: self = .pending(try decoder.value())
        case 4: self = .resolved(try decoder.value())
        case 5: self = .closed
        case 6: self = .scheduled
        case 7: self = .quarantined
        case let other: throw .unknown(other)
        }
    }
}

extension TicketStep: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(at)
        encoder.value(kind)
        encoder.value(group)
        encoder.optional(agent)
        encoder.optional(cause)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            at: try decoder.value(), kind: try decoder.value(), group: try decoder.value(),
            agent: try decoder.optional(), cause: try decoder.optional())
    }
}

extension Giver: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(agent)
        encoder.value(at)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(try decoder.value(), at: try decoder.value())
    }
}

extension WaitingTicket: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(group)
        encoder.list(widened)
        encoder.byte(priority)
        encoder.value(enteredAt)
        encoder.value(signature)
        encoder.text(subject)
        encoder.value(cost)
        encoder.text(channel)
        encoder.optional(preferred)
        encoder.optional(giver)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), group: try decoder.value(),
            widened: try decoder.list(), priority: try decoder.byte(), enteredAt: try decoder.value(),
            signature: try decoder.value(), subject: try decoder.text(), cost: try decoder.value(),
            channel: try decoder.text(), preferred: try decoder.optional(), giver: try decoder.optional())
    }
}

extension OfferNumber: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ownerEpoch)
        encoder.number(attempt)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(ownerEpoch: try decoder.value(), attempt: try decoder.number32())
    }
}

extension OfferID: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(ownerEpoch)
        encoder.number(attempt)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), ownerEpoch: try decoder.value(),
            attempt: try decoder.number32())
    }
}

extension Offer: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(id)
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.value(group)
        encoder.byte(priority)
        encoder.value(age)
        encoder.value(timeout)
        encoder.text(subject)
        encoder.value(cost)
        encoder.text(channel)
        encoder.optional(decision)
        encoder.flag(isAccepted)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            id: try decoder.value(), agent: try decoder.value(), agentEpoch: try decoder.value(),
            group: try decoder.value(), priority: try decoder.byte(), age: try decoder.value(),
            timeout: try decoder.value(), subject: try decoder.text(), cost: try decoder.value(),
            channel: try decoder.text(), decision: try decoder.optional(), isAccepted: try decoder.flag())
    }
}

extension Assignment: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(group)
        encoder.flag(isPending)
        encoder.byte(priority)
        encoder.value(cost)
        encoder.value(submission)
        encoder.optional(wroteAt)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), group: try decoder.value(),
            isPending: try decoder.flag(), priority: try decoder.byte(), cost: try decoder.value(),
            submission: try decoder.value(), wroteAt: try decoder.optional())
    }
}
