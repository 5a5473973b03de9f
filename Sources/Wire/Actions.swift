package import Routing

// What is done with tickets: by their holders, by customers and supervisors, and by their groups' steps.

extension Trigger: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension PauseKind: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.byte(rawValue) }
    package init(from decoder: inout Decoder) throws(WireError) { self = try decoder.oneOf() }
}

extension Cause: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(trigger)
        encoder.text(by)
        encoder.text(note)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(try decoder.value(), by: try decoder.text(), note: try decoder.text())
    }
}

extension Pause: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(kind)
        encoder.text(reason)
        encoder.value(until)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(kind: try decoder.value(), reason: try decoder.text(), until: try decoder.value())
    }
}

extension Preference: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(agent)
        encoder.value(patience)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(try decoder.value(), for: try decoder.value())
    }
}

extension Disposition: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .solved: encoder.byte(1)
        case .handedOut(let party):
            encoder.byte(2)
            encoder.text(party)
        case .cancelled: encoder.byte(3)
        case .merged(let into): encoder.kind(4, into)
        case .expired: encoder.byte(5)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .solved
        case 2: self = .handedOut(try decoder.text())
        case 3: self = .cancelled
        case 4: self = .merged(into: try decoder.value())
        case 5: self = .expired
        case let other: throw .unknown(other)
        }
    }
}

extension WorkAction: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .reply(let text): encoder.kind(1, text)
        case .note(let text): encoder.kind(2, text)
        case .pause(let reason, let kind, let length):
            encoder.kind(3, reason)
            encoder.value(kind)
            encoder.optional(length)
        case .resume: encoder.byte(4)
        case .escalate(let tier, let reason):
            encoder.byte(5)
            encoder.optional(tier)
            encoder.text(reason)
        case .sendDown(let tier, let reason):
            encoder.byte(6)
            encoder.optional(tier)
            encoder.text(reason)
        case .transfer(let group, let reason):
            encoder.kind(7, group)
            encoder.text(reason)
        case .giveBack(let reason): encoder.kind(8, reason)
        case .resolve: encoder.byte(9)
        case .handOver(let agent, let reason):
            encoder.kind(10, agent)
            encoder.text(reason)
        case .handOut(let party, let reason):
            encoder.kind(11, party)
            encoder.text(reason)
        case .putOff(let delay, let reason):
            encoder.kind(12, delay)
            encoder.text(reason)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .reply(text: try decoder.text())
        case 2: self = .note(text: try decoder.text())
        case 3: self = .pause(reason: try decoder.text(), kind: try decoder.value(), for: try decoder.optional())
        case 4: self = .resume
        case 5: self = .escalate(to: try decoder.optional(), reason: try decoder.text())
        case 6: self = .sendDown(to: try decoder.optional(), reason: try decoder.text())
        case 7: self = .transfer(to: try decoder.text(), reason: try decoder.text())
        case 8: self = .giveBack(reason: try decoder.text())
        case 9: self = .resolve
        case 10: self = .handOver(to: try decoder.text(), reason: try decoder.text())
        case 11: self = .handOut(to: try decoder.text(), reason: try decoder.text())
        case 12: self = .putOff(for: try decoder.value(), reason: try decoder.text())
        case let other: throw .unknown(other)
        }
    }
}

extension ManageAction: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.byte(kind.rawValue)
        switch self {
        case .write(let text), .callback(let text), .assign(let text), .transfer(let text): encoder.text(text)
        case .merge(let into): encoder.value(into)
        case .schedule(let delay): encoder.value(delay)
        case .escalate(let tier): encoder.optional(tier)
        case .setPriority(let priority): encoder.byte(priority)
        case .cancel, .reopen, .requeue, .release, .close: break
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        let kind: Lifecycle.Kind = try decoder.oneOf()
        switch kind {
        case .write: self = .write(text: try decoder.text())
        case .cancel: self = .cancel
        case .reopen: self = .reopen
        case .merge: self = .merge(into: try decoder.value())
        case .schedule: self = .schedule(in: try decoder.value())
        case .callback: self = .callback(contact: try decoder.text())
        case .requeue: self = .requeue
        case .assign: self = .assign(try decoder.text())
        case .transfer: self = .transfer(to: try decoder.text())
        case .escalate: self = .escalate(to: try decoder.optional())
        case .release: self = .release
        case .setPriority: self = .setPriority(try decoder.byte())
        case .close: self = .close
        }
    }
}

extension Command.Manage: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(key)
        encoder.value(action)
        encoder.value(cause)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), key: try decoder.value(), action: try decoder.value(),
            cause: try decoder.value())
    }
}

extension Condition: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .waited(let time): encoder.kind(1, time)
        case .age(let time): encoder.kind(2, time)
        case .sinceStep(let time): encoder.kind(3, time)
        case .predictedWait(let time): encoder.kind(4, time)
        case .length(let count):
            encoder.byte(5)
            encoder.number(count)
        case .nobodyOnDuty: encoder.byte(6)
        case .closed: encoder.byte(7)
        case .attempts(let count):
            encoder.byte(8)
            encoder.number(count)
        case .segment(let words):
            encoder.byte(9)
            encoder.list(words)
        case .channel(let words):
            encoder.byte(10)
            encoder.list(words)
        case .priority(let least):
            encoder.byte(11)
            encoder.byte(least)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .waited(try decoder.value())
        case 2: self = .age(try decoder.value())
        case 3: self = .sinceStep(try decoder.value())
        case 4: self = .predictedWait(try decoder.value())
        case 5: self = .length(try decoder.number32())
        case 6: self = .nobodyOnDuty
        case 7: self = .closed
        case 8: self = .attempts(try decoder.number32())
        case 9: self = .segment(try decoder.list())
        case 10: self = .channel(try decoder.list())
        case 11: self = .priority(try decoder.byte())
        case let other: throw .unknown(other)
        }
    }
}

extension StepOperation: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .widen(let groups):
            encoder.byte(1)
            encoder.list(groups)
        case .move(let group): encoder.kind(2, group)
        case .escalate(let tier):
            encoder.byte(3)
            encoder.optional(tier)
        case .raise(let by):
            encoder.byte(4)
            encoder.byte(by)
        case .answer(let text): encoder.kind(5, text)
        case .alert: encoder.byte(6)
        case .alertLead: encoder.byte(7)
        case .notify(let topic): encoder.kind(8, topic)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .widen(try decoder.list())
        case 2: self = .move(try decoder.value())
        case 3: self = .escalate(try decoder.optional())
        case 4: self = .raise(try decoder.byte())
        case 5: self = .answer(try decoder.text())
        case 6: self = .alert
        case 7: self = .alertLead
        case 8: self = .notify(topic: try decoder.text())
        case let other: throw .unknown(other)
        }
    }
}

extension Audience: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .lead(let agent): encoder.kind(1, agent)
        case .topic(let topic): encoder.kind(2, topic)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .lead(try decoder.value())
        case 2: self = .topic(try decoder.text())
        case let other: throw .unknown(other)
        }
    }
}

extension GroupStep: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(note)
        encoder.list(when)
        encoder.list(operations)
        encoder.optional(every)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            note: try decoder.text(), when: try decoder.list(), do: try decoder.list(),
            every: try decoder.optional())
    }
}

extension DutyReport: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(agent)
        encoder.value(agentEpoch)
        encoder.flag(isOnDuty)
        encoder.number(version)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            agent: try decoder.value(), agentEpoch: try decoder.value(), isOnDuty: try decoder.flag(),
            version: try decoder.number32())
    }
}
