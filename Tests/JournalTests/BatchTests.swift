import Testing

@testable import Journal

@Suite struct BatchTests {
    @Test("a batch has exactly the documented bytes")
    func documentedBytes() {
        var batch = BatchBuffer()
        batch.append(type: 9, [0xAA, 0xBB])
        batch.append(type: 8, [])
        batch.finish(reign: 3, wall: 0x0102, firstLSN: Journal.LSN(0x55), seed: 77)

        let records: [UInt8] = [2, 0, 0, 0, 9, 0xAA, 0xBB, 0, 0, 0, 0, 8]
        var expected: [UInt8] = [48, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]
        expected += littleEndian(naiveCRC32C(records))
        expected += [0x55, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x01, 0, 0, 0, 0, 0, 0]
        expected += littleEndian(naiveCRC32C(expected, after: 77))
        #expect(batch.bytes == expected + records)
    }

    @Test("a head is read back, and not with another segment's seed or past the end")
    func readsBack() {
        var batch = BatchBuffer()
        batch.append(type: 1, [5])
        batch.finish(reign: 3, wall: 4, firstLSN: Journal.LSN(6), seed: 77)
        let bytes = [0] + batch.bytes

        let header = BatchHeader(bytes.span, at: 1, seed: 77)
        #expect(header?.length == 42)
        #expect(header?.count == 1)
        #expect(header?.reign == 3)
        #expect(header?.wall == 4)
        #expect(header?.firstLSN == Journal.LSN(6))
        #expect(header?.coversRecords(bytes.span, at: 1) == true)
        #expect(BatchHeader(bytes.span, at: 1, seed: 78) == nil)
        #expect(header?.isPossible(in: bytes.count - 1) == true)
        #expect(header?.isPossible(in: bytes.count - 2) == false)
        #expect(BatchHeader(bytes.span, at: 10, seed: 77) == nil)
    }

    @Test("a reset batch is empty and writes the same bytes again")
    func resets() {
        var batch = BatchBuffer()
        batch.append(type: 1, [5, 6, 7])
        batch.finish(reign: 1, wall: 1, firstLSN: Journal.LSN(1), seed: 1)
        let before = batch.bytes
        batch.reset()
        #expect(batch.count == 0)
        batch.append(type: 1, [5, 6, 7])
        batch.finish(reign: 1, wall: 1, firstLSN: Journal.LSN(1), seed: 1)
        #expect(batch.bytes == before)
    }

    private func littleEndian(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
