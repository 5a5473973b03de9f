import Testing

@testable import Journal

@Suite struct JournalTests {
    @Test("what was committed is replayed the same, in order, with numbers from 1 on")
    func replaysTheSame() throws {
        let (storage, written) = try disk(batches: 7)
        let (kept, report) = try reopen(storage)
        #expect(kept == written)
        #expect(kept.map(\.lsn) == [UInt64](1...13))
        #expect(report == OpeningReport(created: false, segments: 1, batches: 7, records: 13))
    }

    @Test("numbers are given at append and durable at commit; an empty commit writes nothing")
    func numbers() throws {
        let storage = MemoryStorage()
        var journal = try open(storage)
        let first = try journal.append(type: 1, bytes: [])
        let second = try journal.append(type: 1, bytes: [1])
        #expect(first == Journal.LSN(1))
        #expect(second == Journal.LSN(2))
        #expect([journal.nextLSN, journal.durableLSN] == [Journal.LSN(3), Journal.LSN(0)])
        let durable = try journal.commit(reign: 1, wall: 1)
        let again = try journal.commit(reign: 1, wall: 1)
        #expect([durable, again] == [Journal.LSN(2), Journal.LSN(2)])
        let counters = journal.counters
        #expect(counters == JournalCounters(batches: 1, records: 2, bytes: 36 + 5 + 6, syncs: 1))
    }

    @Test("a journal rolls over many segments and goes on after each opening")
    func rolls() throws {
        let storage = MemoryStorage()
        var written: [Kept] = []
        for _ in 0..<5 {
            var journal = try open(storage, segmentBytes: 256)
            written += try fill(&journal, batches: 9)
            let rolls = journal.counters.rolls
            #expect(rolls >= 2)
            storage.crash()
        }
        let (kept, report) = try reopen(storage)
        #expect(kept == written)
        #expect(report.segments > 10)
    }

    @Test("a batch as large as a segment allows is taken; one byte more is refused and harms nothing")
    func largestBatch() throws {
        let storage = MemoryStorage()
        var journal = try open(storage, segmentBytes: 256)
        let bytesMax = JournalLimits.batchBytesMax(segmentBytes: 256)
        let largest = bytesMax - BatchHeader.bytes - BatchHeader.recordOverhead
        var refused: JournalError?
        do { try journal.append(type: 1, bytes: [UInt8](repeating: 1, count: largest + 1)) } catch { refused = error }
        #expect(refused == .batchTooLarge(bytes: bytesMax + 1, bytesMax: bytesMax))
        for _ in 0..<3 {
            try journal.append(type: 1, bytes: [UInt8](repeating: 1, count: largest))
            try journal.commit(reign: 1, wall: 1)
        }
        storage.crash()
        let (kept, _) = try reopen(storage)
        #expect(kept.map(\.bytes.count) == [largest, largest, largest])
    }

    @Test("a failed sync poisons the journal, even when the disk is well again")
    func failedSyncPoisons() throws {
        let storage = MemoryStorage()
        var journal = try open(storage)
        let written = try fill(&journal, batches: 2)
        storage.failSyncs()
        try journal.append(type: 1, bytes: [1])
        var errors: [JournalError] = []
        do { try journal.commit(reign: 1, wall: 1) } catch { errors.append(error) }
        storage.healSyncs()
        do { try journal.commit(reign: 1, wall: 1) } catch { errors.append(error) }
        do { try journal.append(type: 1, bytes: [1]) } catch { errors.append(error) }
        #expect(errors == [.storage(.sync, file: firstSegment, code: 5), .poisoned, .poisoned])
        #expect(journal.durableLSN == Journal.LSN(3))
        storage.crash()
        let (kept, _) = try reopen(storage)
        #expect(kept == written)
    }

    @Test("a failed write poisons the journal")
    func failedWritePoisons() throws {
        let storage = MemoryStorage()
        var journal = try open(storage)
        try journal.append(type: 1, bytes: [1])
        storage.fail(afterOperations: 0)
        var errors: [JournalError] = []
        for _ in 0..<2 {
            do { try journal.commit(reign: 1, wall: 1) } catch { errors.append(error) }
        }
        #expect(errors == [.storage(.write, file: firstSegment, code: 5), .poisoned])
    }

    @Test("whatever is not synced at a crash is lost, and exactly the committed is there")
    func unsyncedIsLost() throws {
        let storage = MemoryStorage()
        var journal = try open(storage)
        let written = try fill(&journal, batches: 4)
        try journal.append(type: 1, bytes: [1])
        storage.failSyncs()
        #expect(throws: JournalError.self) { try commit(&journal) }
        storage.crash(.losingAll)
        let (kept, report) = try reopen(storage)
        #expect(kept == written)
        #expect(report.tornTail == nil)
    }

    private func commit(_ journal: inout Journal) throws(JournalError) {
        try journal.commit(reign: 1, wall: 1)
    }
}
