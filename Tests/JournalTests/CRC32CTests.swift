import Testing

@testable import Journal

/// One bit at a time, straight from the definition.
func naiveCRC32C(_ bytes: [UInt8], after previous: UInt32 = 0) -> UInt32 {
    var state = ~previous
    for byte in bytes {
        state ^= UInt32(byte)
        for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0x82F6_3B78 : state >> 1 }
    }
    return ~state
}

@Suite struct CRC32CTests {
    @Test("the published values come out (RFC 3720, appendix B.4)")
    func publishedValues() {
        let vectors: [([UInt8], UInt32)] = [
            ([UInt8]("123456789".utf8), 0xE306_9283),
            ([], 0),
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            ([UInt8](0..<32), 0x46DD_794E),
            ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
        ]
        for (bytes, expected) in vectors { #expect(CRC32C.checksum(of: bytes.span) == expected) }
    }

    @Test("every length up to 100, cut anywhere, agrees with the bitwise twin")
    func agreesWithNaiveTwin() {
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 11) }
        for length in 0...100 {
            let whole = [UInt8](bytes[..<length])
            let expected = naiveCRC32C(whole)
            #expect(CRC32C.checksum(of: whole.span) == expected)
            let cut = length / 3
            let first = CRC32C.checksum(of: whole.span.extracting(..<cut))
            #expect(CRC32C.checksum(of: whole.span.extracting(cut...), after: first) == expected)
        }
    }
}
