import Testing

@testable import Journal

@Suite struct TendingTests {
    @Test("the next segment is made in slices between commits, so that a roll writes a head, a name and a seal only")
    func madeAhead() throws {
        let storage = MemoryStorage()
        var journal = try open(storage, segmentBytes: 4096)
        try fill(&journal, batches: 1)
        var sizes: [Int] = []
        for _ in 0..<5 {
            try journal.tend(isIdle: true)
            sizes.append(try storage.size(of: SegmentDraft.name))
        }
        #expect(sizes == [1024, 2048, 3072, 4096, 4096])
        let before = journal.counters
        while journal.counters.rolls == 0 { try fill(&journal, batches: 1) }
        let after = journal.counters
        #expect(after.syncs - before.syncs == after.batches - before.batches + 3)
        #expect(try !storage.list().contains(SegmentDraft.name))
    }

    @Test("busy turns keep the next segment twice as far as this one is used")
    func keepsAhead() throws {
        let storage = MemoryStorage()
        var journal = try open(storage, segmentBytes: 4096)
        while journal.counters.rolls == 0 {
            try fill(&journal, batches: 1)
            guard journal.counters.rolls == 0 else { break }
            try journal.tend(isIdle: false)
            let (written, used) = (journal.draft.written, journal.segment.offset)
            #expect(written >= min(4096, 2 * used))
        }
    }

    @Test("after an idle turn the last batch is known to be synced: a flipped bit in it is refused, not cut")
    func mark() throws {
        let storage = MemoryStorage()
        var journal = try open(storage)
        let written = try fill(&journal, batches: 3)
        try journal.tend(isIdle: true)
        let marked = journal.segment.offset
        try journal.tend(isIdle: true)
        let offset = journal.segment.offset
        #expect(offset == marked)
        storage.crash()
        let bytes = try storage.bytes(of: firstSegment)
        let offsets = try batchOffsets(bytes)
        #expect(offsets.count == 5)
        for bit in offsets[2] * 8..<offsets[3] * 8 {
            let flipped = storage.copy()
            flipped.tamper(firstSegment) { $0[bit / 8] ^= 1 << (bit % 8) }
            #expect(refusal(flipped) == .damaged(file: firstSegment, offset: offsets[2], lsn: Journal.LSN(4)))
        }
        // The mark itself holds no record: torn or flipped, nothing is lost.
        for byte in offsets[3]..<offsets[4] {
            let flipped = storage.copy()
            flipped.tamper(firstSegment) { $0[byte] ^= 1 }
            let (kept, _) = try reopen(flipped)
            #expect(kept == written)
        }
        var again = try open(storage)
        let more = try fill(&again, batches: 4)
        try again.tend(isIdle: true)
        storage.crash()
        let (kept, report) = try reopen(storage)
        #expect(kept == written + more)
        #expect(report.tornTail == nil)
    }

    @Test("a head with a right checksum that claims an impossible count or length is damage, never a torn tail")
    func impossibleHeads() throws {
        let (whole, _) = try disk(batches: 3)
        let offsets = try batchOffsets(try whole.bytes(of: firstSegment))
        let seed = Segment(
            header: SegmentHeader(
                kind: .segment, clusterID: cluster, firstLSN: Journal.LSN(1), capacity: 512)
        ).seed
        let claims: [(Int, UInt32)] = [(0, 0), (0, 35), (0, 5000), (4, 4000), (4, .max), (16, 9)]
        for (place, claim) in claims {
            let storage = whole.copy()
            storage.tamper(firstSegment) { bytes in
                bytes.put(claim, at: offsets[2] + place)
                let checksum = naiveCRC32C([UInt8](bytes[offsets[2]..<offsets[2] + 32]), after: seed)
                bytes.put(checksum, at: offsets[2] + 32)
            }
            let expected = JournalError.damaged(file: firstSegment, offset: offsets[2], lsn: Journal.LSN(4))
            #expect(refusal(storage) == expected, "\(claim) at \(place)")
        }
    }

    @Test("less free space than the reserve is reported until there is a quarter more, with the next segment counted")
    func nearlyFull() throws {
        let storage = MemoryStorage()
        var journal = try Journal.open(
            storage: storage, clusterID: .known(cluster), segmentBytes: 4096, reserveBytes: 10_000
        ) { _ in }
        var found: [Bool] = []
        // The first call makes a quarter of the next segment; 3,072 bytes of it are missing then.
        for free in [20_000, 13_071, 15_000, 16_339, 16_340, 13_072] as [UInt64] {
            storage.setFree(free)
            try journal.tend(isIdle: false)
            found.append(journal.isNearlyFull)
        }
        #expect(found == [false, true, true, true, false, false])
    }

    @Test("no space for the next segment ends nothing: commits go on in this one, and the segment is made later")
    func noSpaceForNext() throws {
        let storage = MemoryStorage()
        var journal = try open(storage, segmentBytes: 4096)
        storage.fill(true)
        try journal.tend(isIdle: true)
        let isFull = journal.isNearlyFull
        #expect(isFull)
        let written = try fill(&journal, batches: 5)
        storage.fill(false)
        for _ in 0..<JournalLimits.tendsBetweenTries + 1 { try journal.tend(isIdle: false) }
        let (isFullStill, made) = (journal.isNearlyFull, journal.draft.written)
        #expect(!isFullStill && made > 0)
        storage.crash()
        let (kept, _) = try reopen(storage, segmentBytes: 4096)
        #expect(kept == written)
    }

    @Test("no space for a commit, with the reserve gone, poisons the journal and says that the disk is full")
    func noSpaceForCommit() throws {
        let storage = MemoryStorage()
        var journal = try open(storage)
        let first = try fill(&journal, batches: 2)
        storage.fill(true)
        var error: JournalError?
        do throws(JournalError) {
            while true { try fill(&journal, batches: 1) }
        } catch let thrown { error = thrown }
        #expect(error?.isDiskFull == true)
        #expect(error?.description == "the disk is full: journal-next.new could not be written")
        let durable = journal.durableLSN.number
        storage.crash()
        let (kept, _) = try reopen(storage)
        #expect(kept.count == durable && kept.count > first.count)
    }

    @Test("a failed sync while tending poisons the journal")
    func failedSync() throws {
        let storage = MemoryStorage()
        var journal = try open(storage)
        try fill(&journal, batches: 1)
        storage.failSyncs()
        var errors: [JournalError] = []
        for _ in 0..<2 {
            do throws(JournalError) { try journal.tend(isIdle: true) } catch { errors.append(error) }
        }
        #expect(errors == [.storage(.sync, file: SegmentDraft.name, code: 5), .poisoned])
    }
}
