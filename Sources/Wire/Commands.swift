package import Routing

// Commands to the coordinator and its outcomes.

extension CommandID: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(instance)
        encoder.number(sequence)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            instance: try decoder.value(), sequence: try decoder.number())
    }
}

extension WorkAction: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .reply(let value):
            encoder.byte(1)
            encoder.text(value)
        case .note(let value):
            encoder.byte(2)
            encoder.text(value)
        case .pause(let value):
            encoder.byte(3)
            encoder.text(value)
        case .resume:
            encoder.byte(4)
        case .escalate(let value):
            encoder.byte(5)
            encoder.optional(value)
        case .sendDown(let value):
            encoder.byte(6)
            encoder.optional(value)
        case .transfer(let value):
            encoder.byte(7)
            encoder.value(value)
        case .giveBack:
            encoder.byte(8)
        case .resolve:
            encoder.byte(9)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .reply(text: try decoder.text())
        case 2: self = .note(text: try decoder.text())
        case 3: self = .pause(reason: try decoder.text())
        case 4: self = .resume
        case 5: self = .escalate(to: try decoder.optional())
        case 6: self = .sendDown(to: try decoder.optional())
        case 7: self = .transfer(to: try decoder.value())
        case 8: self = .giveBack
        case 9: self = .resolve
        case let other: throw .unknown(other)
        }
    }
}

extension Command: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .open(let value):
            encoder.byte(1)
            encoder.value(value)
        case .attach(let value0, let value1, let value2):
            encoder.byte(2)
            encoder.value(value0)
            encoder.value(value1)
            encoder.optional(value2)
        case .detach(let value0, let value1):
            encoder.byte(3)
            encoder.value(value0)
            encoder.value(value1)
        case .assign(let value):
            encoder.byte(4)
            encoder.value(value)
        case .work(let value):
            encoder.byte(5)
            encoder.value(value)
        case .show(let value):
            encoder.byte(6)
            encoder.value(value)
        case .status:
            encoder.byte(7)
        case .attempted(let attempted):
            encoder.byte(20)
            encoder.value(attempted)
        case .openAssigned(let open, let agent, let epoch):
            encoder.byte(21)
            encoder.value(open)
            encoder.value(agent)
            encoder.value(epoch)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .open(try decoder.value())
        case 2: self = .attach(try decoder.value(), try decoder.value(), renewing: try decoder.optional())
        case 3: self = .detach(try decoder.value(), try decoder.value())
        case 4: self = .assign(try decoder.value())
        case 5: self = .work(try decoder.value())
        case 6: self = .show(try decoder.value())
        case 7: self = .status
        case 20: self = .attempted(try decoder.value())
        case 21: self = .openAssigned(try decoder.value(), try decoder.value(), try decoder.value())
        case let other: throw .unknown(other)
        }
    }
}

extension Command.Attempted: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(agent)
        encoder.value(end)
        encoder.text(reason)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), agent: try decoder.value(),
            end: try decoder.value(), reason: try decoder.text())
    }
}

extension Command.Open: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(key)
        encoder.fixed(hash)
        encoder.number(policyVersion)
        encoder.value(classification)
        encoder.value(submission)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            key: try decoder.value(), hash: try decoder.fixed(), policyVersion: try decoder.number32(),
            classification: try decoder.value(), submission: try decoder.value())
    }
}

extension Command.Assign: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.optional(id)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), agent: try decoder.value(),
            agentEpoch: try decoder.value(), id: try decoder.optional())
    }
}

extension Command.Work: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.optional(id)
        encoder.value(action)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), agent: try decoder.value(),
            agentEpoch: try decoder.value(), id: try decoder.optional(), action: try decoder.value())
    }
}

extension Outcome: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .opened(let value):
            encoder.byte(1)
            encoder.value(value)
        case .attached(let value0, let value1):
            encoder.byte(2)
            encoder.value(value0)
            encoder.list(value1)
        case .detached:
            encoder.byte(3)
        case .assigned(let value):
            encoder.byte(4)
            encoder.value(value)
        case .done(let value):
            encoder.byte(5)
            encoder.value(value)
        case .shown(let value):
            encoder.byte(6)
            encoder.value(value)
        case .status(let value):
            encoder.byte(7)
            encoder.value(value)
        case .refused(let value):
            encoder.byte(8)
            encoder.value(value)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .opened(try decoder.value())
        case 2: self = .attached(try decoder.value(), try decoder.list())
        case 3: self = .detached
        case 4: self = .assigned(try decoder.value())
        case 5: self = .done(try decoder.value())
        case 6: self = .shown(try decoder.value())
        case 7: self = .status(try decoder.value())
        case 8: self = .refused(try decoder.value())
        case let other: throw .unknown(other)
        }
    }
}

extension TicketRecord: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(state)
        encoder.value(group)
        encoder.list(widened)
        encoder.byte(priority)
        encoder.value(signature)
        encoder.text(rule)
        encoder.value(openedAt)
        encoder.value(submission)
        encoder.list(steps)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), state: try decoder.value(),
            group: try decoder.value(), widened: try decoder.list(), priority: try decoder.byte(),
            signature: try decoder.value(), rule: try decoder.text(), openedAt: try decoder.value(),
            submission: try decoder.value(), steps: try decoder.list())
    }
}

extension ClusterStatus.GroupStatus: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(group)
        encoder.number(waiting)
        encoder.number(working)
        encoder.number(pending)
        encoder.number(widened)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            group: try decoder.value(), waiting: try decoder.number32(), working: try decoder.number32(),
            pending: try decoder.number32(), widened: try decoder.number32())
    }
}
