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
        case .manage(let value):
            encoder.byte(8)
            encoder.value(value)
        case .attempted(let attempted):
            encoder.byte(20)
            encoder.value(attempted)
        case .openAssigned(let open, let agent, let epoch, let decision):
            encoder.byte(21)
            encoder.value(open)
            encoder.value(agent)
            encoder.value(epoch)
            encoder.optional(decision)
        case .drain(let router, let isOn):
            encoder.kind(40, router)
            encoder.flag(isOn)
        case .own(let region, let router):
            encoder.kind(41, region)
            encoder.text(router)
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
        case 8: self = .manage(try decoder.value())
        case 20: self = .attempted(try decoder.value())
        case 21:
            self = .openAssigned(
                try decoder.value(), try decoder.value(), try decoder.value(), try decoder.optional())
        case 40: self = .drain(router: try decoder.text(), isOn: try decoder.flag())
        case 41: self = .own(region: try decoder.text(), router: try decoder.text())
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
        encoder.sinceTwo(offer)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), agent: try decoder.value(),
            end: try decoder.value(), reason: try decoder.text(), offer: try decoder.sinceTwo())
    }
}

extension Command.Open: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(key)
        encoder.fixed(hash)
        encoder.number(policyVersion)
        encoder.value(classification)
        encoder.value(submission)
        encoder.value(delay)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            key: try decoder.value(), hash: try decoder.fixed(), policyVersion: try decoder.number32(),
            classification: try decoder.value(), submission: try decoder.value(), delay: try decoder.value())
    }
}

extension Command.Assign: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.optional(id)
        encoder.optional(decision)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), agent: try decoder.value(),
            agentEpoch: try decoder.value(), id: try decoder.optional(), decision: try decoder.optional())
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
        case .agreed: encoder.byte(40)
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
        case 40: self = .agreed
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
        encoder.value(said)
        encoder.list(steps)
        encoder.optional(decision)
        encoder.value(standing)
        encoder.optional(clocks)
        encoder.list(deadlines)
        encoder.list(buckets)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), state: try decoder.value(),
            group: try decoder.value(), widened: try decoder.list(), priority: try decoder.byte(),
            signature: try decoder.value(), rule: try decoder.text(), openedAt: try decoder.value(),
            said: try decoder.value(), steps: try decoder.list(), decision: try decoder.optional())
        standing = try decoder.value()
        clocks = try decoder.optional()
        deadlines = try decoder.list()
        buckets = try decoder.list()
    }
}

extension TicketRecord.Standing: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.optional(pause)
        encoder.optional(startsAt)
        encoder.optional(callback)
        encoder.number(attempts)
        encoder.number(deaths)
        encoder.number(hops)
        encoder.optional(disposition)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        pause = try decoder.optional()
        startsAt = try decoder.optional()
        callback = try decoder.optional()
        attempts = try decoder.number32()
        deaths = try decoder.number32()
        hops = try decoder.number32()
        disposition = try decoder.optional()
    }
}

extension ClusterStatus.GroupStatus: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(group)
        encoder.number(waiting)
        encoder.number(working)
        encoder.number(pending)
        encoder.number(widened)
        encoder.list(waits)
        encoder.optional(usual)
        encoder.number(onDuty)
        encoder.flag(isOpen)
        encoder.number(scheduled)
        encoder.number(quarantined)
        encoder.list(overflows)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            group: try decoder.value(), waiting: try decoder.number32(), working: try decoder.number32(),
            pending: try decoder.number32(), widened: try decoder.number32(), waits: try decoder.list(),
            usual: try decoder.optional())
        onDuty = try decoder.number32()
        isOpen = try decoder.flag()
        scheduled = try decoder.number32()
        quarantined = try decoder.number32()
        overflows = try decoder.list()
    }
}

extension ClusterStatus.Overflow: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(trigger)
        encoder.number(count)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(try decoder.value(), try decoder.number())
    }
}

extension ClusterStatus.PriorityWait: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.byte(priority)
        encoder.number(waiting)
        encoder.optional(estimate)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(priority: try decoder.byte(), waiting: try decoder.number32(), estimate: try decoder.optional())
    }
}
