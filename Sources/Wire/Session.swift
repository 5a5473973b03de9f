package import Routing

// Between agents' clients, submitters and routers.

extension Attach: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(instance)
        encoder.list(agents)
        encoder.list(states)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            instance: try decoder.value(), agents: try decoder.list(), states: try decoder.list())
    }
}

extension SessionEnd: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension AttachResult: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(name)
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.optional(refusal)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            name: try decoder.text(), agent: try decoder.value(), agentEpoch: try decoder.value(),
            refusal: try decoder.optional())
    }
}

extension Attached: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.list(results)
        encoder.list(routers)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            results: try decoder.list(), routers: try decoder.list())
    }
}

extension AgentAction: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .accept(let value):
            encoder.byte(1)
            encoder.value(value)
        case .decline(let offer, let reason, let retryAfter):
            encoder.byte(2)
            encoder.value(offer)
            encoder.text(reason)
            encoder.optional(retryAfter)
        case .work(let value0, let value1, let value2):
            encoder.byte(3)
            encoder.value(value0)
            encoder.value(value1)
            encoder.value(value2)
        case .setStatus(let status, let reason):
            encoder.byte(4)
            encoder.value(status)
            encoder.text(reason)
        case .endWrapUp:
            encoder.byte(5)
        case .take(let ticket, let fence):
            encoder.byte(6)
            encoder.value(ticket)
            encoder.value(fence)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .accept(try decoder.value())
        case 2:
            self = .decline(try decoder.value(), reason: try decoder.text(), retryAfter: try decoder.optional())
        case 3: self = .work(try decoder.value(), try decoder.value(), try decoder.value())
        case 4: self = .setStatus(try decoder.value(), reason: try decoder.text())
        case 5: self = .endWrapUp
        case 6: self = .take(try decoder.value(), try decoder.value())
        case let other: throw .unknown(other)
        }
    }
}

extension AgentCommand: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(agent)
        encoder.number(sequence)
        encoder.value(action)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            agent: try decoder.value(), sequence: try decoder.number(), action: try decoder.value())
    }
}

extension SessionPoll: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(instance)
        encoder.list(seen)
        encoder.list(commands)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            instance: try decoder.value(), seen: try decoder.list(), commands: try decoder.list())
    }
}

extension SeenView: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.number(version)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            agent: try decoder.value(), agentEpoch: try decoder.value(), version: try decoder.number32())
    }
}

extension AgentView: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.number(version)
        encoder.value(status)
        encoder.optional(end)
        encoder.list(offers)
        encoder.list(work)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            agent: try decoder.value(), agentEpoch: try decoder.value(), version: try decoder.number32(),
            status: try decoder.value(), end: try decoder.optional(), offers: try decoder.list(),
            work: try decoder.list())
    }
}

extension OfferView: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(id)
        encoder.text(group)
        encoder.byte(priority)
        encoder.value(age)
        encoder.value(remaining)
        encoder.text(subject)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            id: try decoder.value(), group: try decoder.text(), priority: try decoder.byte(),
            age: try decoder.value(), remaining: try decoder.value(), subject: try decoder.text())
    }
}

extension WorkView: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.flag(isPending)
        encoder.text(group)
        encoder.byte(priority)
        encoder.optional(submission)
        encoder.optional(wroteAt)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), isPending: try decoder.flag(),
            group: try decoder.text(), priority: try decoder.byte(), submission: try decoder.optional(),
            wroteAt: try decoder.optional())
    }
}

extension CommandResult: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .done(let value):
            encoder.byte(1)
            encoder.value(value)
        case .refused(let value):
            encoder.byte(2)
            encoder.value(value)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .done(try decoder.value())
        case 2: self = .refused(try decoder.value())
        case let other: throw .unknown(other)
        }
    }
}

extension SessionAnswer: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.list(results)
        encoder.list(views)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            results: try decoder.list(), views: try decoder.list())
    }
}

extension KeyedSubmission: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(key)
        encoder.value(submission)
        encoder.value(delay)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            key: try decoder.value(), submission: try decoder.value(), delay: try decoder.value())
    }
}

extension SubmitResult: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .accepted(let value):
            encoder.byte(1)
            encoder.value(value)
        case .refused(let value0, let value1):
            encoder.byte(2)
            encoder.value(value0)
            encoder.text(value1)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .accepted(try decoder.value())
        case 2: self = .refused(try decoder.value(), field: try decoder.text())
        case let other: throw .unknown(other)
        }
    }
}
