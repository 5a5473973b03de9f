package import Routing

// Between routers.

extension PeerRequest: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .reserve(let value0, let value1):
            encoder.byte(1)
            encoder.value(value0)
            encoder.value(value1)
        case .withdraw(let value0, let value1):
            encoder.byte(2)
            encoder.value(value0)
            encoder.value(value1)
        case .ended(let value0, let value1, let terms):
            encoder.byte(3)
            encoder.value(value0)
            encoder.value(value1)
            encoder.text(terms.reason)
            encoder.optional(terms.retryAfter)
        case .claim(let value):
            encoder.byte(4)
            encoder.value(value)
        case .snapshot:
            encoder.byte(5)
        case .explain(let request): encoder.kind(6, request)
        case .take(let take): encoder.kind(7, take)
        case .browse(let agent): encoder.kind(8, agent)
        case .release(let region, let epoch, let owner):
            encoder.kind(40, region)
            encoder.value(epoch)
            encoder.value(owner)
        case .adopt(let offers, let owner):
            encoder.byte(41)
            encoder.list(offers)
            encoder.value(owner)
        case .lease: encoder.byte(42)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .reserve(try decoder.value(), owner: try decoder.value())
        case 2: self = .withdraw(try decoder.value(), try decoder.value())
        case 3:
            self = .ended(
                try decoder.value(), try decoder.value(),
                DeclineTerms(reason: try decoder.text(), retryAfter: try decoder.optional()))
        case 4: self = .claim(try decoder.value())
        case 5: self = .snapshot
        case 6: self = .explain(try decoder.value())
        case 7: self = .take(try decoder.value())
        case 8: self = .browse(try decoder.value())
        case 40: self = .release(try decoder.value(), try decoder.value(), to: try decoder.value())
        case 41: self = .adopt(try decoder.list(), owner: try decoder.value())
        case 42: self = .lease
        case let other: throw .unknown(other)
        }
    }
}

extension Claim: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(ownerEpoch)
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.value(home)
        encoder.value(group)
        encoder.optional(decision)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), ownerEpoch: try decoder.value(),
            agent: try decoder.value(), agentEpoch: try decoder.value(), home: try decoder.value(),
            group: try decoder.value(), decision: try decoder.optional())
    }
}

extension PeerReply: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .reserved:
            encoder.byte(1)
        case .notReserved:
            encoder.byte(2)
        case .taken:
            encoder.byte(3)
        case .claim(let value):
            encoder.byte(4)
            encoder.value(value)
        case .snapshot(let value):
            encoder.byte(5)
            encoder.value(value)
        case .explained(let explained): encoder.kind(6, explained)
        case .take(let reply): encoder.kind(7, reply)
        case .browsed(let tickets):
            encoder.byte(8)
            encoder.list(tickets)
        case .released(let tickets):
            encoder.byte(40)
            encoder.list(tickets)
        case .adopted(let offers):
            encoder.byte(41)
            encoder.list(offers)
        case .leased(let isLeased):
            encoder.byte(42)
            encoder.flag(isLeased)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .reserved
        case 2: self = .notReserved
        case 3: self = .taken
        case 4: self = .claim(try decoder.value())
        case 5: self = .snapshot(try decoder.value())
        case 6: self = .explained(try decoder.value())
        case 7: self = .take(try decoder.value())
        case 8: self = .browsed(try decoder.list())
        case 40: self = .released(try decoder.list(countMax: Limits.releasedTicketsMax))
        case 41: self = .adopted(try decoder.list())
        case 42: self = .leased(try decoder.flag())
        case let other: throw .unknown(other)
        }
    }
}

extension Take: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.value(home)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), agent: try decoder.value(),
            agentEpoch: try decoder.value(), home: try decoder.value())
    }
}

extension TakeReply: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .offered(let offer): encoder.kind(1, offer)
        case .refused(let refusal): encoder.kind(2, refusal)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .offered(try decoder.value())
        case 2: self = .refused(try decoder.value())
        case let other: throw .unknown(other)
        }
    }
}

extension BrowsedTicket: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(group)
        encoder.byte(priority)
        encoder.value(age)
        encoder.text(subject)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), group: try decoder.value(),
            priority: try decoder.byte(), age: try decoder.value(), subject: try decoder.text())
    }
}

extension Browsed: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.list(tickets)
        encoder.flag(isWhole)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(tickets: try decoder.list(), isWhole: try decoder.flag())
    }
}

extension ClaimReply: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .offered:
            encoder.byte(1)
        case .excluded(let value):
            encoder.byte(2)
            encoder.value(value)
        case .busy:
            encoder.byte(3)
        case .gone:
            encoder.byte(4)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .offered
        case 2: self = .excluded(try decoder.value())
        case 3: self = .busy
        case 4: self = .gone
        case let other: throw .unknown(other)
        }
    }
}

extension Gossip: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(incarnation)
        encoder.number(number)
        encoder.flag(isFull)
        encoder.list(presence)
        encoder.fixed(digest)
        encoder.list(loads)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            incarnation: try decoder.value(), number: try decoder.number(), isFull: try decoder.flag(),
            presence: try decoder.list(), digest: try decoder.fixed(), loads: try decoder.list())
    }
}

extension PresenceRecord: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.number(version)
        encoder.value(status)
        encoder.number(load)
        encoder.number(capacity)
        encoder.value(idle)
        encoder.value(offered)
        encoder.number(handled)
        encoder.list(skills)
        encoder.list(fullChannels)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            agent: try decoder.value(), agentEpoch: try decoder.value(), version: try decoder.number32(),
            status: try decoder.value(), load: try decoder.number32(), capacity: try decoder.number32(),
            idle: try decoder.value(), offered: try decoder.value(), handled: try decoder.number32(),
            skills: try decoder.list(), fullChannels: try decoder.list(countMax: Limits.channelsMax))
    }
}

extension GroupLoad: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(group)
        encoder.number(waiting)
        encoder.value(oldest)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            group: try decoder.value(), waiting: try decoder.number32(), oldest: try decoder.value())
    }
}
