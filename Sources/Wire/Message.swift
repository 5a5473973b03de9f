package import Routing

/// Every question there is. Who asks: routers the coordinator (`join`, `leave`, `exchange`); agents' clients a router
/// (`attach`, `poll`); submitters a router (`submit`); operators any node (`query`); routers each other (`peer`).
package enum Request: Equatable, Sendable {
    case join(Join)
    case leave(Incarnation)
    case exchange(Exchange)
    /// With how long the asker will wait for the answer: nothing is begun for one who has gone.
    case submit([KeyedSubmission], patience: Interval = Limits.submitPatience)
    case attach(Attach)
    case poll(SessionPoll)
    /// `show`, `status` or `manage`; other commands are not for outsiders.
    case query(Command)
    case peer(PeerRequest)
    /// How the asked process is: any node answers for itself.
    case vitals
    /// Why a ticket waits, or why the agent of that name gets nothing; a router answers.
    case explainTicket(TicketID)
    case explainAgent(String)
    /// To the coordinator: read the cluster file anew.
    case reload
    /// What the agent of that name may take of what waits; a router answers.
    case browse(String)
}

/// Every answer there is.
package enum Reply: Equatable, Sendable {
    indirect case joined(Joined)
    case exchanged(Exchanged)
    case routerRefused(RouterRefusal)
    case submitted([SubmitResult])
    case attached(Attached)
    case session(SessionAnswer)
    /// Attach first: this router does not know the session.
    case noSession
    /// With the names of the numbers in it.
    case answered(Outcome, Catalog)
    case peer(PeerReply)
    /// To a question that was not understood, or not taken; with how long to wait before asking it again.
    case refused(Refusal, retryAfter: Interval = .zero)
    case vitals(Vitals)
    /// With the names of the numbers in it.
    case explained(Explained, Catalog)
    case reloaded(Reloaded)
    /// With the names of the numbers in it.
    case browsed(Browsed, Catalog)
    /// To a poll: attach at one of these, the first if possible; the session is wanted there.
    case move([String])
}

/// What became of a reload. With problems nothing was taken over.
package struct Reloaded: Equatable, Sendable {
    /// In force now.
    package let version: UInt32
    package let isChanged: Bool
    /// As in "groups.json5: groups.pl-1.tier: expected 1 to 3"; a hundred at most.
    package let problems: [String]
    package init(version: UInt32, isChanged: Bool, problems: [String]) {
        self.version = version
        self.isChanged = isChanged
        self.problems = problems
    }
}

extension Reloaded: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.number(version)
        encoder.flag(isChanged)
        encoder.list(problems)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(version: try decoder.number32(), isChanged: try decoder.flag(), problems: try decoder.list())
    }
}

/// How a process is, as names and numbers, in a fixed order: for `status`, the demo's report and load tests.
package struct Vitals: Equatable, Sendable {
    package let role: String
    package let name: String
    package let values: [Vital]
    /// Versions of the program and of libnng.
    package let program: String
    package let library: String
    package init(role: String, name: String, values: [Vital], program: String = "", library: String = "") {
        self.program = program
        self.library = library
        self.role = role
        self.name = name
        self.values = values
    }
    package subscript(name: String) -> UInt64 { values.first { $0.name == name }?.value ?? 0 }
}

/// One number with its name; names end in their unit where it is not a count.
package struct Vital: Equatable, Sendable {
    package let name: String
    package let value: UInt64
    package init(_ name: String, _ value: UInt64) {
        self.name = name
        self.value = value
    }
}

extension Vitals: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(role)
        encoder.text(name)
        encoder.list(values)
        encoder.text(program)
        encoder.text(library)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            role: try decoder.text(), name: try decoder.text(), values: try decoder.list(),
            program: try decoder.text(), library: try decoder.text())
    }
}

extension Vital: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.text(name)
        encoder.number(value)
    }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.text(), try decoder.number()) }
}

extension Request: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .join(let join): encoder.kind(1, join)
        case .leave(let incarnation): encoder.kind(2, incarnation)
        case .exchange(let exchange): encoder.kind(3, exchange)
        case .submit(let tickets, let patience):
            encoder.byte(4)
            encoder.list(tickets)
            encoder.value(patience)
        case .attach(let attach): encoder.kind(5, attach)
        case .poll(let poll): encoder.kind(6, poll)
        case .query(let command): encoder.kind(7, command)
        case .peer(let peer): encoder.kind(8, peer)
        case .vitals: encoder.byte(9)
        case .explainTicket(let ticket): encoder.kind(10, ticket)
        case .explainAgent(let name): encoder.kind(11, name)
        case .reload: encoder.byte(12)
        case .browse(let name): encoder.kind(20, name)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .join(try decoder.value())
        case 2: self = .leave(try decoder.value())
        case 3: self = .exchange(try decoder.value())
        case 4: self = .submit(try decoder.list(), patience: try decoder.value())
        case 5: self = .attach(try decoder.value())
        case 6: self = .poll(try decoder.value())
        case 7: self = .query(try decoder.value())
        case 8: self = .peer(try decoder.value())
        case 9: self = .vitals
        case 10: self = .explainTicket(try decoder.value())
        case 11: self = .explainAgent(try decoder.value())
        case 12: self = .reload
        case 20: self = .browse(try decoder.value())
        case let other: throw .unknown(other)
        }
    }
}

extension Reply: WireValue {
    package func encode(into encoder: inout Encoder) {
        switch self {
        case .joined(let joined): encoder.kind(1, joined)
        case .exchanged(let exchanged): encoder.kind(2, exchanged)
        case .routerRefused(let refusal): encoder.kind(3, refusal)
        case .submitted(let results):
            encoder.byte(4)
            encoder.list(results)
        case .attached(let attached): encoder.kind(5, attached)
        case .session(let answer): encoder.kind(6, answer)
        case .noSession: encoder.byte(7)
        case .answered(let outcome, let catalog):
            encoder.kind(8, outcome)
            encoder.value(catalog)
        case .peer(let reply): encoder.kind(9, reply)
        case .refused(let refusal, let pause):
            encoder.kind(10, refusal)
            encoder.value(pause)
        case .vitals(let vitals): encoder.kind(11, vitals)
        case .explained(let explained, let catalog):
            encoder.kind(12, explained)
            encoder.value(catalog)
        case .reloaded(let reloaded): encoder.kind(13, reloaded)
        case .browsed(let browsed, let catalog):
            encoder.kind(20, browsed)
            encoder.value(catalog)
        case .move(let routers):
            encoder.byte(40)
            encoder.list(routers)
        }
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .joined(try decoder.value())
        case 2: self = .exchanged(try decoder.value())
        case 3: self = .routerRefused(try decoder.value())
        case 4: self = .submitted(try decoder.list())
        case 5: self = .attached(try decoder.value())
        case 6: self = .session(try decoder.value())
        case 7: self = .noSession
        case 8: self = .answered(try decoder.value(), try decoder.value())
        case 9: self = .peer(try decoder.value())
        case 10: self = .refused(try decoder.value(), retryAfter: try decoder.value())
        case 11: self = .vitals(try decoder.value())
        case 12: self = .explained(try decoder.value(), try decoder.value())
        case 13: self = .reloaded(try decoder.value())
        case 20: self = .browsed(try decoder.value(), try decoder.value())
        case 40: self = .move(try decoder.list(countMax: Limits.routersMax))
        case let other: throw .unknown(other)
        }
    }
}

extension Encoder {
    mutating func kind(_ number: UInt8, _ value: some WireValue) {
        byte(number)
        self.value(value)
    }
}

/// A frame is the version and one value; nothing may follow.
package enum Frame {
    package static func encode(_ value: some WireValue, version: UInt8 = wireVersion) -> [UInt8] {
        var encoder = Encoder(version: version)
        encoder.byte(version)
        encoder.value(value)
        return encoder.bytes
    }

    /// The version in which whoever sent these bytes is answered: his own, or the one nearest to it of those up to
    /// `newest`. A refusal of what was not understood is read by either side's neighbours.
    package static func answerVersion(_ bytes: [UInt8], upTo newest: UInt8 = wireVersion) -> UInt8 {
        min(max(bytes.first ?? newest, wireVersionOldest), newest)
    }

    /// Whether it is a request that the cluster's own work hangs on: what routers ask of the coordinator and of each
    /// other, and agents' polls. Told by its first bytes alone, for a node that has no time to read it.
    package static func isEssential(_ bytes: [UInt8]) -> Bool {
        bytes.count > 1 && bytes[0] >= wireVersionOldest && bytes[0] <= wireVersion
            && [1, 2, 3, 6, 8].contains(bytes[1])
    }

    /// Whether whoever asks it asks again by himself until he has an answer, so that it need not be done for one who
    /// has gone: exchanges and submissions. Told by its first bytes alone.
    package static func isRepeated(_ bytes: [UInt8]) -> Bool { bytes.count > 1 && [3, 4].contains(bytes[1]) }

    /// Reads a frame of any version from the oldest to `newest`.
    package static func decode<Value: WireValue>(
        _: Value.Type, _ bytes: [UInt8], upTo newest: UInt8 = wireVersion
    ) throws(WireError) -> Value {
        guard let version = bytes.first else { throw .truncated }
        try checkWireVersion(version, upTo: newest)
        var decoder = Decoder(bytes, in: 1..<bytes.count, version: version)
        let value: Value = try decoder.value()
        try decoder.finish()
        return value
    }
}
