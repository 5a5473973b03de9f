import Foundation
import Routing
import Testing
import Wire

/// The form of every message and journal record, byte for byte. A journal outlives the program that wrote it, and a
/// cluster is upgraded one node at a time: a difference in `Golden.swift` (version 1) is never an edit, but a new
/// `wireVersion`. `UPDATE_GOLDEN=1 swift test --filter GoldenTests` prints the lines of `Golden.swift` anew, and as
/// `TWO` those of `GoldenTwo.swift`.
@Suite("golden bytes") struct GoldenTests {
    /// One value with its name.
    struct Sample: Sendable {
        let name: String
        let encode: @Sendable (UInt8) -> [UInt8]
        /// The value that is read, written again in the version, and whether it is the example's.
        let read: @Sendable ([UInt8]) throws -> (again: [UInt8], isSame: Bool)

        init<Value: WireValue & Equatable>(_ name: String, _ value: Value) {
            self.name = name
            encode = { Frame.encode(value, version: $0) }
            read = { bytes in
                let found = try Frame.decode(Value.self, bytes)
                return (Frame.encode(found, version: bytes[0]), found == value)
            }
        }
    }

    static let samples: [Sample] =
        Examples.requests.map { Sample("request \($0.name)", $0.value) }
        + Examples.replies.map { Sample("reply \($0.name)", $0.value) }
        + Examples.records.map { Sample("record \($0.name)", $0.value) }
        + ExampleRows.rows.map { Sample("row \($0.name)", $0.value) } + [Sample("gossip", Examples.gossip)]

    /// Of version 2: only what has another form than in version 1.
    static let changed = samples.filter { $0.encode(2).dropFirst() != $0.encode(1).dropFirst() }

    @Test("every message, record and row has in version 1 the bytes that version 1 always had")
    func sameBytes() {
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            for sample in Self.samples { print("GOLDEN\t\(sample.name)\t\(hex(sample.encode(1)))") }
            for sample in Self.changed { print("TWO\t\(sample.name)\t\(hex(sample.encode(2)))") }
        }
        #expect(Self.samples.map(\.name) == Golden.frames.map(\.name))
        for (sample, golden) in zip(Self.samples, Golden.frames) {
            #expect(hex(sample.encode(1)) == golden.hex.filter { $0 != "\n" }, "\(sample.name)")
        }
    }

    @Test("version 2 differs from version 1 where it is meant to, and nowhere else")
    func sameBytesOfTwo() {
        #expect(Self.changed.map(\.name) == Golden.framesOfTwo.map(\.name))
        for (sample, golden) in zip(Self.changed, Golden.framesOfTwo) {
            #expect(hex(sample.encode(2)) == golden.hex.filter { $0 != "\n" }, "\(sample.name)")
        }
    }

    @Test("what version 1 wrote is read, and is in version 1 what it was")
    func readBack() throws {
        // A join says by its frame what its router speaks.
        let other = Set(Golden.framesOfTwo.map(\.name) + ["request join"])
        for (sample, golden) in zip(Self.samples, Golden.frames) {
            let read = try sample.read(bytes(golden.hex))
            #expect(read.again == bytes(golden.hex), "\(sample.name)")
            #expect(read.isSame || other.contains(sample.name), "\(sample.name)")
        }
    }

    @Test("what version 2 writes is read back as the value it was written from")
    func readBackOfTwo() throws {
        for sample in Self.samples {
            let isSame = try sample.read(sample.encode(2)).isSame
            #expect(isSame, "\(sample.name)")
        }
    }

    @Test("what only version 2 can say is not there in what version 1 wrote")
    func unsaid() throws {
        func older<Value: WireValue>(_ value: Value) throws -> Value {
            try Frame.decode(Value.self, Frame.encode(value, version: 1))
        }
        #expect(try older(Examples.router).speaks == 1)
        let join = Join(name: "n", region: "r", address: "a", gossipAddress: "g", speaks: 2)
        #expect(try older(join).speaks == 1)
        let attempted = Command.Attempted(
            ticket: TicketID(9), fence: Fence(1), agent: AgentID(2), end: .declined, reason: "",
            offer: Examples.offerNumber)
        #expect(try older(attempted).offer == nil)
        let record = LedgerRecord.attempted(TicketID(9), Fence(1), AgentID(2), .declined, "", Examples.offerNumber)
        #expect(try older(record) == .attempted(TicketID(9), Fence(1), AgentID(2), .declined, "", nil))
        let unnamed = LedgerRecord.attempted(TicketID(9), Fence(1), AgentID(2), .declined, "")
        #expect(try Frame.decode(LedgerRecord.self, Frame.encode(unnamed)) == unnamed)
    }

    @Test("a part of a list is read back in version 2; version 1 has only whole lists")
    func lists() throws {
        let part = RegionChanges(
            region: RegionID(1), listed: TicketRange(after: TicketID(9), through: TicketID(20)), waiting: [],
            noLonger: [])
        #expect(try Frame.decode(RegionChanges.self, Frame.encode(part)) == part)
        for version in wireVersionOldest...wireVersion {
            let whole = RegionChanges(region: RegionID(1), isAnew: true, listed: .whole, waiting: [], noLonger: [])
            #expect(try Frame.decode(RegionChanges.self, Frame.encode(whole, version: version)) == whole)
            let news = RegionChanges(region: RegionID(1), waiting: [], noLonger: [])
            #expect(try Frame.decode(RegionChanges.self, Frame.encode(news, version: version)) == news)
        }
    }

    @Test("every command and every outcome is read back equal")
    func commandsAndOutcomes() throws {
        for command in Examples.commands { #expect(try Frame.decode(Command.self, Frame.encode(command)) == command) }
        for outcome in Examples.outcomes { #expect(try Frame.decode(Outcome.self, Frame.encode(outcome)) == outcome) }
        for refusal in Refusal.allCases { #expect(try Frame.decode(Refusal.self, Frame.encode(refusal)) == refusal) }
        for end in OfferEnd.allCases { #expect(try Frame.decode(OfferEnd.self, Frame.encode(end)) == end) }
        for kind in TicketStep.Kind.allCases {
            #expect(try Frame.decode(TicketStep.Kind.self, Frame.encode(kind)) == kind)
        }
    }
}

func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}

func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap { $0.hexDigitValue.map { UInt8($0) } }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
