import Routing
import Testing
import Wire

/// Bytes from outside: whatever they are, decoding ends, with a value or with an error.
@Suite("frames that nobody wrote") struct FrameTests {
    /// A decoder for what a golden frame holds: true when the bytes were read, false when they were refused.
    private func isRead(_ name: String, _ bytes: [UInt8]) -> Bool {
        func reads<Value: WireValue>(_: Value.Type) -> Bool {
            do throws(WireError) {
                _ = try Frame.decode(Value.self, bytes)
                return true
            } catch {
                return false
            }
        }
        if name.hasPrefix("request") { return reads(Request.self) }
        if name.hasPrefix("reply") { return reads(Reply.self) }
        if name.hasPrefix("record") { return reads(LedgerRecord.self) }
        if name.hasPrefix("row") { return reads(LedgerRow.self) }
        return reads(Gossip.self)
    }

    @Test("a frame of a version that is not spoken is refused with its number and those that are")
    func anotherVersion() {
        let spoken = wireVersionOldest...wireVersion
        for version in [0, wireVersion + 1, 255] {
            #expect(throws: WireError.version(version, spoken: spoken)) {
                try Frame.decode(Request.self, [version, 7])
            }
        }
        #expect(throws: WireError.version(2, spoken: 1...1)) { try Frame.decode(Request.self, [2, 9], upTo: 1) }
        #expect(throws: WireError.truncated) { try Frame.decode(Request.self, []) }
        let words = "\(WireError.version(7, spoken: 1...2))"
        #expect(words == "it has wire version 7, and 1 to 2 are spoken here")
    }

    @Test("a kind that does not exist is refused by its number")
    func unknownKind() {
        #expect(throws: WireError.unknown(99)) { try Frame.decode(Request.self, [wireVersion, 99]) }
        #expect(throws: WireError.unknown(0)) { try Frame.decode(Reply.self, [wireVersion, 0]) }
        #expect(throws: WireError.unknown(99)) { try Frame.decode(LedgerRecord.self, [wireVersion, 99]) }
    }

    @Test("bytes behind the end are refused")
    func trailing() {
        for frame in Golden.frames { #expect(!isRead(frame.name, bytes(frame.hex) + [0]), "\(frame.name)") }
    }

    @Test("every truncation of every golden frame is refused")
    func truncated() {
        for frame in Golden.frames {
            let whole = bytes(frame.hex)
            let read = whole.indices.filter { isRead(frame.name, Array(whole[..<$0])) }
            #expect(read == [], "\(frame.name) cut to these lengths was read")
        }
    }

    @Test("every golden frame with one byte changed is read or refused, and never ends the process")
    func oneByteChanged() {
        var tried = 0
        for frame in Golden.frames {
            var changed = bytes(frame.hex)
            for index in changed.indices {
                let original = changed[index]
                for mask: UInt8 in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                    changed[index] = original ^ mask
                    _ = isRead(frame.name, changed)
                    tried += 1
                }
                changed[index] = original
            }
            #expect(isRead(frame.name, changed))
        }
        #expect(tried > 10_000)
    }

    @Test("random bytes are refused or read, and never end the process")
    func random() {
        var state: UInt64 = 7
        var refused = 0
        for round in 0..<20_000 {
            var noise: [UInt8] = [wireVersion]
            for _ in 0..<(round % 40) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                noise.append(UInt8(truncatingIfNeeded: state >> 56) % 24)
            }
            for name in ["request", "reply", "record", "gossip"] where !isRead(name, noise) { refused += 1 }
        }
        #expect(refused > 60_000)
    }

    @Test("a list is the same in one piece and with its first or last value apart; an empty one has neither")
    func lists() throws {
        for count in 0..<4 {
            let values = (0..<count).map { TicketID(UInt64($0) * 100) }
            var encoder = Encoder()
            encoder.list(values)
            guard let first = values.first, let last = values.last else {
                #expect(throws: WireError.unfit) {
                    var decoder = Decoder(encoder.bytes)
                    let _: (TicketID, [TicketID]) = try decoder.listWithFirst()
                }
                #expect(throws: WireError.truncated) {
                    var decoder = Decoder(encoder.bytes)
                    let _: ([TicketID], TicketID) = try decoder.listWithLast(countMax: 3)
                }
                continue
            }
            var (ahead, behind) = (Encoder(), Encoder())
            ahead.list(first, then: [TicketID](values.dropFirst()))
            behind.list([TicketID](values.dropLast()), then: last)
            #expect(ahead.bytes == encoder.bytes && behind.bytes == encoder.bytes)
            // A part of other bytes, from which nothing is read beyond its end.
            var decoder = Decoder([9] + encoder.bytes + [9], in: 1..<encoder.bytes.count + 1)
            let (one, later): (TicketID, [TicketID]) = try decoder.listWithFirst()
            try decoder.finish()
            #expect([one] + later == values)
            var other = Decoder(encoder.bytes)
            let (earlier, end): ([TicketID], TicketID) = try other.listWithLast(countMax: 3)
            #expect(earlier + [end] == values)
        }
        #expect(throws: WireError.truncated) {
            var decoder = Decoder([0x61, 0x62, 0x80, 1], in: 0..<3)
            _ = (try decoder.byte(), try decoder.byte(), try decoder.number())
        }
    }

    @Test("text that is not UTF-8 is refused")
    func notUTF8() throws {
        for bytes: [UInt8] in [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0x61, 0xc0, 0x80]] {
            #expect(throws: WireError.notUTF8) {
                var decoder = Decoder([UInt8(bytes.count)] + bytes)
                _ = try decoder.text()
            }
        }
        var decoder = Decoder([3, 0x61, 0xc3, 0xa9])
        let text = try decoder.text()
        #expect(text == "a\u{e9}")
    }

    @Test(
        "a count or length beyond what is left is refused before anything is allocated",
        arguments: [UInt64(1 << 20), 1 << 40, UInt64.max])
    func hugeCounts(count: UInt64) {
        var encoder = Encoder()
        encoder.number(count)
        encoder.byte(0)
        let claim = encoder.bytes
        #expect(throws: WireError.truncated) {
            var decoder = Decoder(claim)
            _ = try decoder.text()
        }
        #expect(throws: WireError.truncated) {
            var decoder = Decoder(claim)
            _ = try decoder.list(TicketID.self)
        }
        // In place: a submit with that many tickets, a policy with that many groups.
        #expect(throws: WireError.truncated) { try Frame.decode(Request.self, [wireVersion, 4] + claim) }
        #expect(throws: WireError.truncated) {
            try Frame.decode(Policy.self, [wireVersion, 1, 0, 0, 0, 0] + claim)
        }
    }

    @Test("numbers have one byte a 7 bits, ten at most, and not more than 64 bits")
    func numbers() throws {
        for value: UInt64 in [0, 1, 127, 128, 16_383, 16_384, 1 << 32, .max - 1, .max] {
            var encoder = Encoder()
            encoder.number(value)
            var decoder = Decoder(encoder.bytes)
            #expect(try decoder.number() == value)
            #expect(decoder.rest == 0)
        }
        for tooLarge: [UInt8] in [
            [UInt8](repeating: 0xff, count: 9) + [0x02], [UInt8](repeating: 0x80, count: 10) + [0x01],
        ] {
            #expect(throws: WireError.tooLarge) {
                var decoder = Decoder(tooLarge)
                _ = try decoder.number()
            }
        }
        #expect(throws: WireError.tooLarge) {
            var decoder = Decoder([0xff, 0xff, 0xff, 0xff, 0x1f])
            _ = try decoder.number32()
        }
    }

    @Test("text that is not UTF-8 and flags that are neither are refused")
    func textAndFlags() throws {
        for bad: [UInt8] in [[1, 0xff], [2, 0xc3, 0x28], [3, 0xed, 0xa0, 0x80], [2, 0xc0, 0x80]] {
            #expect(throws: WireError.notUTF8) {
                var decoder = Decoder(bad)
                _ = try decoder.text()
            }
        }
        #expect(throws: WireError.unknown(2)) {
            var decoder = Decoder([2])
            _ = try decoder.flag()
        }
        var decoder = Decoder([4, 0xf0, 0x9f, 0x9a, 0x9a])
        #expect(try decoder.text() == "🚚")
    }
}
