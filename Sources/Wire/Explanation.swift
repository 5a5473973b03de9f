package import Routing

// Why a ticket waits, and why an agent gets nothing.

extension Obstacle: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension WaitEstimate: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(p50)
        encoder.value(p90)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(p50: try decoder.value(), p90: try decoder.value())
    }
}

extension TicketExplanation.Phase: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .queued: encoder.byte(1)
        case .offered(let agents):
            encoder.byte(2)
            encoder.list(agents)
        case .claiming(let agent):
            encoder.byte(3)
            encoder.value(agent)
        case .waitsToBeTaken: encoder.byte(4)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .queued
        case 2: self = .offered(try decoder.list())
        case 3: self = .claiming(try decoder.value())
        case 4: self = .waitsToBeTaken
        case let other: throw .unknown(other)
        }
    }
}

extension TicketExplanation: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.number(position)
        encoder.value(waited)
        encoder.optional(estimate)
        encoder.value(phase)
        encoder.value(signature)
        encoder.optional(relaxesIn)
        encoder.list(groups)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            position: try decoder.number32(), waited: try decoder.value(), estimate: try decoder.optional(),
            phase: try decoder.value(), signature: try decoder.value(), relaxesIn: try decoder.optional(),
            groups: try decoder.list())
    }
}

extension GroupExplanation: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(group)
        encoder.number(members)
        encoder.list(parts)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(group: try decoder.value(), members: try decoder.number32(), parts: try decoder.list())
    }
}

extension GroupExplanation.Part: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(obstacle)
        encoder.number(count)
        encoder.list(examples)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(obstacle: try decoder.value(), count: try decoder.number32(), examples: try decoder.list())
    }
}

extension AgentExplanation: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(obstacle)
        encoder.number(load)
        encoder.number(capacity)
        encoder.value(idle)
        encoder.number(given)
        encoder.list(queues)
        encoder.optional(offShift)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            obstacle: try decoder.value(), load: try decoder.number32(), capacity: try decoder.number32(),
            idle: try decoder.value(), given: try decoder.number32(), queues: try decoder.list(),
            offShift: try decoder.optional())
    }
}

extension AgentExplanation.OffShift: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(calendar)
        encoder.text(zone)
        encoder.optional(until)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(calendar: try decoder.text(), zone: try decoder.text(), until: try decoder.optional())
    }
}

extension AgentExplanation.Queue: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(group)
        encoder.number(waiting)
        encoder.number(fitting)
        encoder.number(excluded)
        encoder.optional(lacking)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            group: try decoder.value(), waiting: try decoder.number32(), fitting: try decoder.number32(),
            excluded: try decoder.number32(), lacking: try decoder.optional())
    }
}

extension ExplainRequest: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .ticket(let ticket): encoder.kind(1, ticket)
        case .agent(let agent): encoder.kind(2, agent)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .ticket(try decoder.value())
        case 2: self = .agent(try decoder.value())
        case let other: throw .unknown(other)
        }
    }
}

extension Explained: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .ticket(let explanation): encoder.kind(1, explanation)
        case .agent(let explanation): encoder.kind(2, explanation)
        case .notHere: encoder.byte(3)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .ticket(try decoder.value())
        case 2: self = .agent(try decoder.value())
        case 3: self = .notHere
        case let other: throw .unknown(other)
        }
    }
}
