import Foundation
import Routing
import Testing
import Wire

/// The form of every message and journal record, byte for byte. A journal outlives the program that wrote it: a
/// difference here is a new `wireVersion`, never an edit. `UPDATE_GOLDEN=1 swift test --filter GoldenTests` prints the
/// lines of `Golden.swift` anew.
@Suite("golden bytes") struct GoldenTests {
    static let actual: [(name: String, hex: String)] = {
        var frames: [(name: String, hex: String)] = []
        for example in Examples.requests {
            frames.append(("request \(example.name)", hex(Frame.encode(example.value))))
        }
        for example in Examples.replies { frames.append(("reply \(example.name)", hex(Frame.encode(example.value)))) }
        for example in Examples.records { frames.append(("record \(example.name)", hex(Frame.encode(example.value)))) }
        for row in ExampleRows.rows { frames.append(("row \(row.name)", hex(Frame.encode(row.value)))) }
        frames.append(("gossip", hex(Frame.encode(Examples.gossip))))
        return frames
    }()

    @Test("every request, reply, publication, journal record and row of a snapshot has the bytes it always had")
    func sameBytes() {
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            for line in Self.actual { print("GOLDEN\t\(line.name)\t\(line.hex)") }
        }
        #expect(Self.actual.map(\.name) == Golden.frames.map(\.name))
        for (actual, golden) in zip(Self.actual, Golden.frames) {
            #expect(actual.hex == golden.hex.filter { $0 != "\n" }, "\(actual.name)")
        }
    }

    @Test("golden bytes are read back as the values they were written from")
    func readBack() throws {
        let frames = Golden.frames.map { bytes($0.hex) }
        var next = 0
        for example in Examples.requests {
            #expect(try Frame.decode(Request.self, frames[next]) == example.value)
            next += 1
        }
        for example in Examples.replies {
            #expect(try Frame.decode(Reply.self, frames[next]) == example.value)
            next += 1
        }
        for example in Examples.records {
            #expect(try Frame.decode(LedgerRecord.self, frames[next]) == example.value)
            next += 1
        }
        for row in ExampleRows.rows {
            #expect(try Frame.decode(LedgerRow.self, frames[next]) == row.value)
            next += 1
        }
        #expect(try Frame.decode(Gossip.self, frames[next]) == Examples.gossip)
        #expect(next + 1 == frames.count)
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
