import Testing

@testable import Journal

@Suite struct RecoveryTests {
    @Test("a tail torn at any byte of the last batch is cut whole, and the journal goes on")
    func tornTail() throws {
        let (whole, written) = try disk(batches: 3)
        let offsets = try batchOffsets(try whole.bytes(of: firstSegment))
        let (start, end) = (offsets[2], offsets[3])
        for cut in start..<end {
            let storage = whole.copy()
            storage.tamper(firstSegment) { bytes in for index in cut..<end { bytes[index] = 0 } }
            let (kept, report) = try reopen(storage)
            #expect(kept == [Kept](written[..<3]))
            #expect((report.tornTail == nil) == (cut == start))
            if let torn = report.tornTail {
                #expect(torn.file == firstSegment && torn.offset == start && torn.lsn == Journal.LSN(4))
                #expect(torn.bytes > 0 && torn.bytes <= cut - start)
            }
            storage.crash()
            var journal = try open(storage)
            let more = try fill(&journal, batches: 2)
            storage.crash()
            let (after, again) = try reopen(storage)
            #expect(after == [Kept](written[..<3]) + more)
            #expect(again.tornTail == nil)
        }
    }

    @Test("a flipped bit in the last batch or behind it cuts at most that batch; any other is refused")
    func flippedBits() throws {
        let (whole, written) = try disk(batches: 3)
        let bytes = try whole.bytes(of: firstSegment)
        let offsets = try batchOffsets(bytes)
        for bit in 0..<bytes.count * 8 {
            let storage = whole.copy()
            storage.tamper(firstSegment) { $0[bit / 8] ^= 1 << (bit % 8) }
            switch bit / 8 {
            case ..<SegmentHeader.bytes:
                #expect(refusal(storage) == .damagedHeader(file: firstSegment))
            case ..<offsets[1]:
                #expect(refusal(storage) == .damaged(file: firstSegment, offset: offsets[0], lsn: Journal.LSN(1)))
            case ..<offsets[2]:
                #expect(refusal(storage) == .damaged(file: firstSegment, offset: offsets[1], lsn: Journal.LSN(2)))
            case ..<offsets[3]:
                let (kept, report) = try reopen(storage)
                #expect(kept == [Kept](written[..<3]))
                #expect(report.tornTail?.offset == offsets[2])
            default:
                let (kept, report) = try reopen(storage)
                #expect(kept == written)
                #expect(report.tornTail?.offset == offsets[3])
            }
        }
    }

    @Test("a flipped bit, and a zeroed batch, before the newest segment are always refused")
    func damageBeforeNewestSegment() throws {
        let (whole, _) = try disk(batches: 12, segmentBytes: 256)
        let segments = try whole.list().filter(Segment.isName)
        #expect(segments.count >= 3)
        for name in segments.dropLast() {
            for bit in 0..<256 * 8 {
                let storage = whole.copy()
                storage.tamper(name) { $0[bit / 8] ^= 1 << (bit % 8) }
                #expect(refusal(storage)?.file == name)
            }
            let offsets = try batchOffsets(try whole.bytes(of: name))
            for (start, end) in zip(offsets, offsets.dropFirst()) {
                let storage = whole.copy()
                storage.tamper(name) { bytes in for index in start..<end { bytes[index] = 0 } }
                #expect(refusal(storage) != nil)
            }
        }
    }

    @Test("a missing segment is refused, the newest too")
    func missingSegment() throws {
        let (whole, _) = try disk(batches: 12, segmentBytes: 256)
        let segments = try whole.list().filter(Segment.isName)
        for name in segments {
            let storage = whole.copy()
            storage.lose(name)
            let first = UInt64(name.dropFirst(8).prefix(16), radix: 16)
            #expect(refusal(storage) == .missingSegment(lsn: Journal.LSN(first ?? 0)))
        }
    }

    @Test("a truncated, lengthened or misnamed segment is refused with its name")
    func wrongSizeOrName() throws {
        let (whole, _) = try disk(batches: 3)
        for size in [0, 63, 64, 300, 511, 513] {
            let storage = whole.copy()
            storage.tamper(firstSegment) { bytes in
                bytes = [UInt8]((bytes + [0]).prefix(size))
            }
            #expect(refusal(storage) == .damagedHeader(file: firstSegment))
        }
        let storage = whole.copy()
        try storage.rename(firstSegment, to: "journal-one.log")
        #expect(refusal(storage) == .damagedHeader(file: "journal-one.log"))
    }

    @Test("a batch quoted inside a torn one is not taken for damage behind it")
    func quotedBatch() throws {
        let foreign = MemoryStorage()
        var other = try Journal.open(storage: foreign, clusterID: .known(.init(high: 1, low: 1)), segmentBytes: 512) {
            _ in
        }
        try fill(&other, batches: 2)
        let quoted = [UInt8](try foreign.bytes(of: firstSegment)[64..<200])
        let storage = MemoryStorage()
        var journal = try open(storage)
        try journal.append(type: 1, bytes: quoted)
        try journal.commit(reign: 1, wall: 1)
        storage.crash()
        storage.tamper(firstSegment) { $0[64] ^= 1 }
        let (kept, report) = try reopen(storage)
        #expect(kept.isEmpty)
        #expect(report.tornTail?.offset == 64)
    }

    @Test("a crash after any operation, losing anything not synced, keeps what was committed and adds no garbage")
    func crashAnywhere() throws {
        var modes: [MemoryStorage.Crash] = [.losingAll, .keepingAll, .tearingLast(keeping: 20)]
        modes += (1...20).map { .scattering(seed: $0) }
        for mode in modes {
            var operations = 0
            while try crash(after: operations, mode) { operations += 1 }
            #expect(operations > 40)
        }
    }

    /// False once the work is done before the crash.
    private func crash(after operations: Int, _ mode: MemoryStorage.Crash) throws -> Bool {
        let storage = MemoryStorage()
        storage.fail(afterOperations: operations)
        var committed: UInt64 = 0
        var failed = false
        do {
            var journal = try open(storage, segmentBytes: 256)
            for _ in 0..<9 {
                try fill(&journal, batches: 1)
                committed = journal.durableLSN.number
            }
        } catch { failed = true }
        storage.crash(mode)
        // Opening may be struck as well, and again at the next start.
        for mended in 0..<8 {
            let twin = storage.copy()
            twin.fail(afterOperations: mended)
            _ = try? reopen(twin, segmentBytes: 256)
            twin.crash(mode)
            let (kept, _) = try reopen(twin, segmentBytes: 256)
            let count = UInt64(kept.count)
            #expect(count == committed || count == committed + 1, "after \(operations) and \(mended), \(mode)")
        }
        let (kept, _) = try reopen(storage, segmentBytes: 256)
        let expected = (0..<UInt64(kept.count)).map { Kept(lsn: $0 + 1, batch: 0) }
        #expect(kept == expected, "after \(operations) operations, \(mode)")
        #expect(kept.count == committed || kept.count == committed + 1, "after \(operations) operations, \(mode)")
        storage.crash()
        var journal = try open(storage, segmentBytes: 256)
        let more = try fill(&journal, batches: 6)
        storage.crash()
        let (all, _) = try reopen(storage, segmentBytes: 256)
        #expect(all == kept + more, "after \(operations) operations, \(mode)")
        return failed
    }
}

extension JournalError {
    /// The segment the error blames; a missing segment is blamed on none.
    fileprivate var file: String? {
        switch self {
        case .damaged(let file, _, _), .damagedHeader(let file): file
        default: nil
        }
    }
}
