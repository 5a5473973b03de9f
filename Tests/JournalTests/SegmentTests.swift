import Testing

@testable import Journal

@Suite struct SegmentTests {
    private let header = SegmentHeader(kind: .segment, clusterID: cluster, firstLSN: Journal.LSN(0x1F), capacity: 300)

    @Test("a header has exactly the documented bytes, and is read back")
    func documentedBytes() throws {
        var expected = [UInt8]("SWYJRNL1".utf8) + [1, 0, 0, 0, 0, 0, 0, 0]
        expected += [0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01, 0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE]
        expected += [0x1F, 0, 0, 0, 0, 0, 0, 0, 0x2C, 0x01, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 12)
        let checksum = naiveCRC32C(expected)
        expected += (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) }
        #expect(header.encoded() == expected)
        #expect(try SegmentHeader(expected.span, kind: .segment, file: "") == header)
    }

    @Test("every flipped bit of a header is noticed, and an unknown version is named")
    func flippedBits() {
        for bit in 0..<512 {
            var bytes = header.encoded()
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: JournalError.damagedHeader(file: "f")) {
                try SegmentHeader(bytes.span, kind: .segment, file: "f")
            }
        }
        var newer = header.encoded()
        newer[8] = 2
        newer.put(naiveCRC32C([UInt8](newer[..<60])), at: 60)
        #expect(throws: JournalError.unknownVersion(file: "f", version: 2)) {
            try SegmentHeader(newer.span, kind: .segment, file: "f")
        }
    }

    @Test("a new segment is its header and zeros, under its name, before anything depends on it")
    func creates() throws {
        let storage = MemoryStorage()
        let segment = Segment(header: header)
        try segment.create(in: storage)
        storage.crash(.losingAll)
        let names = try storage.list()
        let bytes = try storage.bytes(of: "journal-000000000000001f.log")
        #expect(names == ["journal-000000000000001f.log"])
        #expect(bytes == header.encoded() + [UInt8](repeating: 0, count: 236))
    }

    @Test("room is counted with the seal's place kept free")
    func keepsRoomForSeal() {
        let segment = Segment(header: header)
        #expect(segment.hasRoom(for: 200))
        #expect(!segment.hasRoom(for: 201))
        #expect(JournalLimits.batchBytesMax(segmentBytes: 300) == 200)
    }
}
