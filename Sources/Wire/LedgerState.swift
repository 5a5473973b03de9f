package import Routing

// The ledger's whole state, row by row, as snapshots keep it. A row's number stays its own for ever.

extension LedgerRow {
    /// Of the snapshot's and the archive's content: rises with every wire version that changes what their rows hold. A
    /// start refuses a snapshot of a version that it cannot read, and says which.
    package static let contentVersion: UInt32 = 6

    /// The wire version of the rows in a snapshot of that content; nil if this program does not read it.
    package static func wireVersion(ofContent version: UInt32) -> UInt8? {
        switch version {
        case 5: 1
        case contentVersion: Wire.wireVersion
        default: nil
        }
    }
}

/// Adds up the rows of a state in their order, eight bytes at a time. It tells states apart by accident, not by an
/// adversary; the files' own checksums guard the bytes.
package struct StateHash: Sendable {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package init() {}

    package mutating func add(_ bytes: [UInt8]) {
        var index = 0
        mix(UInt64(bytes.count))
        while bytes.count - index >= 8 {
            mix(bytes.span.word(at: index))
            index += 8
        }
        while index < bytes.count {
            mix(UInt64(bytes[index]))
            index += 1
        }
    }

    /// Of a ledger as it is now; as long as writing it out.
    package init(of ledger: Ledger, version: UInt8 = wireVersion) {
        self.init(LedgerImage(of: ledger), version: version)
    }

    /// Of the state that the image shows, as rows of that version have it.
    package init(_ image: LedgerImage, version: UInt8 = wireVersion) {
        var image = image
        var encoder = Encoder(reserving: 1 << 16, version: version)
        while let row = image.next() {
            encoder.reset()
            encoder.value(row)
            add(encoder.bytes)
        }
    }

    private mutating func mix(_ word: UInt64) {
        value = (value ^ word) &* 0x9e37_79b9_7f4a_7c15
        value ^= value >> 29
    }
}

extension LedgerRow: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .head(let head): encoder.kind(1, head)
        case .groups(let past):
            encoder.byte(2)
            encoder.list(past)
        case .agents(let agents):
            encoder.byte(3)
            encoder.list(agents)
        case .tickets(let tickets):
            encoder.byte(4)
            encoder.list(tickets)
        case .keys(let keys):
            encoder.byte(5)
            encoder.list(keys)
        case .closedKeys(let closed):
            encoder.byte(6)
            encoder.list(closed)
        case .customers(let served):
            encoder.byte(7)
            encoder.list(served)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .head(try decoder.value())
        case 2: self = .groups(try decoder.list())
        case 3: self = .agents(try decoder.list())
        case 4: self = .tickets(try decoder.list())
        case 5: self = .keys(try decoder.list())
        case 6: self = .closedKeys(try decoder.list())
        case 7: self = .customers(try decoder.list())
        case let other: throw .unknown(other)
        }
    }
}

extension LedgerHead: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(lsn)
        encoder.value(wall)
        encoder.number(reign)
        encoder.number(policyVersion)
        encoder.text(policyText)
        encoder.value(catalog)
        encoder.number(ticketsOpened)
        encoder.number(ticketsClosed)
        encoder.number(ticketsWidened)
        encoder.list(routers)
        encoder.list(draining)
        encoder.value(incarnationLast)
        encoder.list(owners)
        encoder.list(chosen)
        encoder.number(keysForgottenEarly)
        encoder.number(alerts)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        lsn = try decoder.value()
        wall = try decoder.value()
        reign = try decoder.number32()
        policyVersion = try decoder.number32()
        policyText = try decoder.text()
        catalog = try decoder.value()
        ticketsOpened = try decoder.number()
        ticketsClosed = try decoder.number()
        ticketsWidened = try decoder.number()
        routers = try decoder.list()
        draining = try decoder.list()
        incarnationLast = try decoder.value()
        owners = try decoder.list()
        chosen = try decoder.list()
        keysForgottenEarly = try decoder.number()
        alerts = try decoder.number()
    }
}

extension GroupCount.Past: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.number(UInt64(triggers.count))
        for count in triggers { encoder.number(count) }
        encoder.list(departures.map { WallTime(milliseconds: $0.milliseconds) })
        encoder.list(waits)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        let count = try decoder.number()
        guard count <= UInt64(Trigger.allCases.count) else { throw .tooLarge }
        for _ in 0..<count { triggers.append(try decoder.number()) }
        let times: [WallTime] = try decoder.list()
        departures = times.map { Instant(milliseconds: $0.milliseconds) }
        waits = try decoder.list()
    }
}

extension LedgerAgent: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(presence)
        encoder.value(epoch)
        encoder.list(work)
        encoder.value(instance)
        encoder.list(kept)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            presence: try decoder.value(), epoch: try decoder.value(), work: try decoder.list(),
            instance: try decoder.value(), kept: try decoder.list())
    }
}

extension LedgerAgent.Presence: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .offline: encoder.byte(1)
        case .attached(let home): encoder.kind(2, home)
        case .inGrace(let since): encoder.kind(3, since)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .offline
        case 2: self = .attached(try decoder.value())
        case 3: self = .inGrace(since: try decoder.value())
        case let other: throw .unknown(other)
        }
    }
}

extension LedgerAgent.Answer: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch answer {
        case .assigned(let ticket, let fence):
            encoder.kind(1, ticket)
            encoder.value(fence)
        case .done(let fence): encoder.kind(2, fence)
        }
        encoder.number(sequence)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        let answer: LedgerAgent.Kept =
            switch try decoder.byte() {
            case 1: .assigned(try decoder.value(), try decoder.value())
            case 2: .done(try decoder.value())
            case let other: throw .unknown(other)
            }
        self.init(sequence: try decoder.number(), answer: answer)
    }
}

extension KeyStore.Kept: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(key)
        encoder.fixed(row.hash)
        encoder.value(row.ticket)
        encoder.value(row.fence)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            key: try decoder.value(),
            row: KeyStore.Row(
                hash: try decoder.fixed(), ticket: try decoder.value(), fence: try decoder.value()))
    }
}

extension KeyStore.Closed: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(key)
        encoder.value(at)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(key: try decoder.value(), at: try decoder.value())
    }
}

extension CustomerStore.Served: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(customer)
        encoder.value(agent)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(customer: try decoder.text(), agent: try decoder.value())
    }
}
