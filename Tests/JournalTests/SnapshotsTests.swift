import Testing

@testable import Journal

/// Which snapshot a start begins with, and what is removed.
@Suite struct SnapshotsTests {
    /// Three rounds of batches with a snapshot after each; two snapshots are left.
    private func disk() throws -> (storage: MemoryStorage, last: UInt64) {
        let storage = MemoryStorage()
        var ledger = try SmallLedger(on: storage)
        var last: UInt64 = 0
        for _ in 0..<3 {
            for _ in 0..<20 { last = try ledger.commit() }
            try ledger.snapshot()
        }
        for _ in 0..<5 { last = try ledger.commit() }
        storage.crash()
        return (storage, last)
    }

    @Test("the newest two snapshots stay, and the segments back to the older of them")
    func keepsTwo() throws {
        let (storage, last) = try disk()
        let names = try storage.list()
        #expect(names.filter(Snapshot.isName) == [40, 60].map { Snapshot.name(of: Journal.LSN($0)) })
        let firsts = names.compactMap { Segment.firstLSN(of: $0) }
        let first = try #require(firsts.first)
        #expect(first > Journal.LSN(1) && first <= Journal.LSN(41))
        var ledger = try SmallLedger(on: storage)
        let opening = ledger.journal.opening
        #expect(opening.snapshot?.lsn == Journal.LSN(60))
        #expect(opening.segmentsSkipped > 0)
        #expect(opening.records == last - 60)
        let all = try ledger.everything()
        #expect(all == [UInt64](1...last))
    }

    @Test("a damaged newest snapshot is passed over and named, as the journal reaches back to the older one")
    func passesOverDamaged() throws {
        let (storage, last) = try disk()
        let newest = Snapshot.name(of: Journal.LSN(60))
        storage.tamper(newest) { $0[100] ^= 1 }
        var ledger = try SmallLedger(on: storage)
        let opening = ledger.journal.opening
        #expect(opening.snapshot?.lsn == Journal.LSN(40))
        let skipped = opening.snapshotsSkipped
        #expect(skipped.count == 1)
        #expect(skipped[0].description.contains(newest))
        let all = try ledger.everything()
        #expect(all == [UInt64](1...last))
    }

    @Test("a damaged newest snapshot refuses the start when the journal does not reach back to an older one")
    func refusesDamaged() throws {
        for harm in [60, 40] as [UInt64] {
            let (storage, _) = try disk()
            let newest = Snapshot.name(of: Journal.LSN(60))
            let older = Snapshot.name(of: Journal.LSN(40))
            storage.tamper(newest) { $0[100] ^= 1 }
            if harm == 60 { storage.lose(older) } else { storage.tamper(older) { $0[100] ^= 1 } }
            var refused: JournalError?
            do throws(JournalError) { _ = try SmallLedger(on: storage) } catch { refused = error }
            #expect(refused == .damagedFile(file: newest, offset: 82))
        }
    }

    @Test("a segment that is missing between the snapshot and the end is refused, one before it is not needed")
    func missingSegment() throws {
        let (whole, last) = try disk()
        for name in try whole.list().filter(Segment.isName) {
            let storage = whole.copy()
            storage.lose(name)
            do throws(JournalError) {
                var ledger = try SmallLedger(on: storage)
                let opening = ledger.journal.opening
                #expect(opening.snapshot?.lsn == Journal.LSN(60))
                let all = try ledger.everything()
                #expect(all == [UInt64](1...last), "\(name)")
            } catch {
                switch error {
                case .missingSegment, .endsBeforeSnapshot: break
                default: Issue.record("\(name): \(error)")
                }
            }
        }
    }

    @Test("a journal that ends before its snapshot is refused, as is a snapshot without a journal")
    func journalTooShort() throws {
        let storage = MemoryStorage()
        var ledger = try SmallLedger(on: storage)
        _ = try ledger.commit(5)
        var writer = try SnapshotWriter(in: storage, of: cluster, lsn: Journal.LSN(8), contentVersion: 1)
        try writer.finish(stateHash: 0)
        storage.crash()
        #expect(throws: JournalError.endsBeforeSnapshot(file: firstSegment, offset: 140, lsn: Journal.LSN(6))) {
            _ = try SmallLedger(on: storage)
        }
        storage.crash()
        for name in try storage.list() where !Snapshot.isName(name) { storage.lose(name) }
        #expect(throws: JournalError.strayFile(file: Snapshot.name(of: Journal.LSN(8)))) {
            _ = try SmallLedger(on: storage)
        }
    }

    @Test("removal stops at the number, at the newest segment, and at as many as were asked for")
    func removal() throws {
        let storage = MemoryStorage()
        var journal = try open(storage, segmentBytes: 256)
        try fill(&journal, batches: 12)
        let firsts = try storage.list().compactMap { Segment.firstLSN(of: $0) }
        let one = try journal.removeSegments(before: firsts[2], atMost: 1)
        let none = try journal.removeSegments(before: Journal.LSN(firsts[2].number - 1))
        let rest = try journal.removeSegments(before: Journal.LSN(1 << 40))
        #expect([one, none, rest] == [1, 0, firsts.count - 2])
        #expect(try storage.list().filter(Segment.isName).count == 1)
        try fill(&journal, batches: 12)
    }
}
