package import Routing

// Ledger records, as the journal keeps them. A case keeps its number for ever.

extension LedgerRecord.Opened: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(key)
        encoder.fixed(hash)
        encoder.value(classification)
        encoder.value(said)
        encoder.optional(preferred)
        encoder.optional(startsAt)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), key: try decoder.value(), hash: try decoder.fixed(),
            classification: try decoder.value(), said: try decoder.value(),
            preferred: try decoder.optional(), startsAt: try decoder.optional())
    }
}

extension LedgerRecord.Noted: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .replied(let text): encoder.kind(1, text)
        case .noted(let text): encoder.kind(2, text)
        case .paused(let pause): encoder.kind(3, pause)
        case .resumed(let why):
            encoder.byte(4)
            encoder.optional(why)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .replied(text: try decoder.text())
        case 2: self = .noted(text: try decoder.text())
        case 3: self = .paused(try decoder.value())
        case 4: self = .resumed(try decoder.optional())
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
        encoder.optional(why)
        encoder.optional(preferred)
        encoder.flag(keepsAge)
        encoder.flag(isDeath)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), group: try decoder.value(),
            cause: try decoder.value(), agent: try decoder.optional(), id: try decoder.optional(),
            why: try decoder.optional(), preferred: try decoder.optional(), keepsAge: try decoder.flag(),
            isDeath: try decoder.flag())
    }
}

extension LedgerRecord.Scheduled: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(ticket)
        encoder.value(fence)
        encoder.value(startsAt)
        encoder.optional(agent)
        encoder.optional(id)
        encoder.value(why)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            ticket: try decoder.value(), fence: try decoder.value(), startsAt: try decoder.value(),
            agent: try decoder.optional(), id: try decoder.optional(), why: try decoder.value())
    }
}

extension LedgerRecord: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .reignBegan(let reign):
            encoder.byte(1)
            encoder.number(reign)
        case .policyAdopted(let version, let text, let additions):
            encoder.byte(2)
            encoder.number(version)
            encoder.text(text)
            encoder.value(additions)
        case .routerJoined(let router): encoder.kind(3, router)
        case .routerEnded(let incarnation): encoder.kind(4, incarnation)
        case .regionOwned(let owner): encoder.kind(5, owner)
        case .ownerChosen(let region): encoder.kind(52, region)
        case .routerDraining(let incarnation, let isOn):
            encoder.kind(50, incarnation)
            encoder.flag(isOn)
        case .routerSuspect(let incarnation, let isOn):
            encoder.kind(51, incarnation)
            encoder.flag(isOn)
        case .attached(let agent, let epoch, let home, let instance):
            encoder.kind(6, agent)
            encoder.value(epoch)
            encoder.value(home)
            encoder.value(instance)
        case .detached(let agent, let epoch):
            encoder.kind(7, agent)
            encoder.value(epoch)
        case .graceEnded(let agent, let epoch):
            encoder.kind(8, agent)
            encoder.value(epoch)
        case .opened(let opened): encoder.kind(9, opened)
        case .assigned(let ticket, let fence, let agent, let id, let decision):
            encoder.kind(10, ticket)
            encoder.value(fence)
            encoder.value(agent)
            encoder.optional(id)
            encoder.optional(decision)
        case .moved(let moved): encoder.kind(12, moved)
        case .scheduled(let scheduled): encoder.kind(20, scheduled)
        default: encodeChange(into: &encoder)
        }
    }

    private func encodeChange(into encoder: inout Encoder) {
        switch self {
        case .noted(let ticket, let what, let agent, let id):
            encoder.kind(11, ticket)
            encoder.value(what)
            encoder.value(agent)
            encoder.optional(id)
        case .widened(let ticket, let group, let step, let why):
            encoder.kind(13, ticket)
            encoder.value(group)
            encoder.number(step)
            encoder.value(why)
        case .resolved(let ticket, let agent, let id, let handedOut):
            encoder.kind(14, ticket)
            encoder.value(agent)
            encoder.optional(id)
            encoder.optional(handedOut)
        case .closed(let ticket, let fence, let how, let why):
            encoder.kind(15, ticket)
            encoder.value(fence)
            encoder.value(how)
            encoder.value(why)
        case .narrowed(let ticket, let group, let why):
            encoder.kind(16, ticket)
            encoder.value(group)
            encoder.value(why)
        case .stepTaken(let ticket, let step):
            encoder.kind(17, ticket)
            encoder.number(step)
        case .raised(let ticket, let priority, let why):
            encoder.kind(18, ticket)
            encoder.byte(priority)
            encoder.value(why)
        case .answered(let ticket, let text, let opens, let why):
            encoder.kind(19, ticket)
            encoder.text(text)
            encoder.optional(opens)
            encoder.value(why)
        default: encodeRest(into: &encoder)
        }
    }

    private func encodeRest(into encoder: inout Encoder) {
        switch self {
        case .alerted(let ticket, let why):
            encoder.kind(21, ticket)
            encoder.value(why)
        case .notified(let ticket, let audience, let why):
            encoder.kind(31, ticket)
            encoder.value(audience)
            encoder.value(why)
        case .quarantined(let ticket, let fence, let why):
            encoder.kind(22, ticket)
            encoder.value(fence)
            encoder.value(why)
        case .callback(let ticket, let contact, let cost, let why):
            encoder.kind(23, ticket)
            encoder.text(contact)
            encoder.value(cost)
            encoder.value(why)
        case .customerWrote(let ticket, let text, let why):
            encoder.kind(24, ticket)
            encoder.text(text)
            encoder.value(why)
        case .absorbed(let ticket, let from, let why):
            encoder.kind(25, ticket)
            encoder.value(from)
            encoder.value(why)
        case .keyKept(let key, let hash, let ticket):
            encoder.kind(26, key)
            encoder.fixed(hash)
            encoder.value(ticket)
        case .attempted(let ticket, let fence, let agent, let end, let reason, let offer):
            encoder.kind(30, ticket)
            encoder.value(fence)
            encoder.value(agent)
            encoder.value(end)
            encoder.text(reason)
            encoder.sinceTwo(offer)
        case .clocksSet(let set): encoder.kind(40, set)
        case .clockFired(let fired): encoder.kind(41, fired)
        default: invariant(false, "a record that no encoder knows")
        }
    }

    package init(from decoder: inout Decoder) throws(WireError) {
        let kind = try decoder.byte()
        switch kind {
        case 1: self = .reignBegan(try decoder.number32())
        case 2:
            self = .policyAdopted(
                version: try decoder.number32(), text: try decoder.text(), additions: try decoder.value())
        case 3: self = .routerJoined(try decoder.value())
        case 4: self = .routerEnded(try decoder.value())
        case 5: self = .regionOwned(try decoder.value())
        case 52: self = .ownerChosen(try decoder.value())
        case 50: self = .routerDraining(try decoder.value(), try decoder.flag())
        case 51: self = .routerSuspect(try decoder.value(), try decoder.flag())
        case 6: self = .attached(try decoder.value(), try decoder.value(), try decoder.value(), try decoder.value())
        case 7: self = .detached(try decoder.value(), try decoder.value())
        case 8: self = .graceEnded(try decoder.value(), try decoder.value())
        case 9: self = .opened(try decoder.value())
        case 10:
            self = .assigned(
                try decoder.value(), try decoder.value(), try decoder.value(), try decoder.optional(),
                try decoder.optional())
        case 11: self = .noted(try decoder.value(), try decoder.value(), try decoder.value(), try decoder.optional())
        case 12: self = .moved(try decoder.value())
        case 20: self = .scheduled(try decoder.value())
        default: try self.init(kind, from: &decoder)
        }
    }

    private init(_ kind: UInt8, from decoder: inout Decoder) throws(WireError) {
        switch kind {
        case 13:
            self = .widened(
                try decoder.value(), try decoder.value(), step: try decoder.number32(), try decoder.value())
        case 14:
            self = .resolved(
                try decoder.value(), try decoder.value(), try decoder.optional(), handedOut: try decoder.optional())
        case 15: self = .closed(try decoder.value(), try decoder.value(), try decoder.value(), try decoder.value())
        case 16: self = .narrowed(try decoder.value(), try decoder.value(), try decoder.value())
        case 17: self = .stepTaken(try decoder.value(), step: try decoder.number32())
        case 18: self = .raised(try decoder.value(), try decoder.byte(), try decoder.value())
        case 19:
            self = .answered(
                try decoder.value(), text: try decoder.text(), opens: try decoder.optional(), try decoder.value())
        case 21: self = .alerted(try decoder.value(), try decoder.value())
        case 22: self = .quarantined(try decoder.value(), try decoder.value(), try decoder.value())
        case 23:
            self = .callback(
                try decoder.value(), contact: try decoder.text(), cost: try decoder.value(), try decoder.value())
        case 24: self = .customerWrote(try decoder.value(), text: try decoder.text(), try decoder.value())
        case 25: self = .absorbed(try decoder.value(), from: try decoder.value(), try decoder.value())
        case 26: self = .keyKept(try decoder.value(), hash: try decoder.fixed(), try decoder.value())
        case 30:
            self = .attempted(
                try decoder.value(), try decoder.value(), try decoder.value(), try decoder.value(), try decoder.text(),
                try decoder.sinceTwo())
        case 31: self = .notified(try decoder.value(), try decoder.value(), try decoder.value())
        case 40: self = .clocksSet(try decoder.value())
        case 41: self = .clockFired(try decoder.value())
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
