import Testing

@testable import Journal

/// Journal, snapshots and archive together, struck at every operation.
@Suite struct SequenceCrashTests {
    private static let modes: [MemoryStorage.Crash] =
        [.losingAll, .keepingAll, .tearingLast(keeping: 20)] + (1...3).map { .scattering(seed: $0) }

    @Test(
        "a crash at any operation of commit, roll, snapshot, archive and removal keeps every acknowledged record once",
        arguments: modes)
    func crashAnywhere(_ mode: MemoryStorage.Crash) throws {
        var operations = 0
        while try life(operations, mode) { operations += 1 }
        #expect(operations > 150)
    }

    /// False once the work was done before the crash.
    private func life(_ operations: Int, _ mode: MemoryStorage.Crash) throws -> Bool {
        let storage = MemoryStorage()
        storage.fail(afterOperations: operations)
        var acknowledged: UInt64 = 0
        let isOver = work(on: storage, &acknowledged)
        storage.crash(mode)
        // The next start may be struck as well.
        let twin = storage.copy()
        twin.fail(afterOperations: operations % 17)
        var ignored: UInt64 = 0
        _ = work(on: twin, &ignored)
        twin.crash(mode)
        for (disk, least) in [(storage, acknowledged), (twin, max(acknowledged, ignored))] {
            var ledger = try SmallLedger(on: disk)
            let all = try ledger.everything()
            #expect(all == [UInt64](1..<UInt64(all.count + 1)), "\(operations), \(mode)")
            #expect(UInt64(all.count) >= least && UInt64(all.count) <= least + 4, "\(operations), \(mode)")
            let next = try ledger.commit()
            #expect(next == UInt64(all.count + 1))
        }
        return !isOver
    }

    /// Four snapshots between batches of one and two; true if all of it was done.
    private func work(on storage: MemoryStorage, _ acknowledged: inout UInt64) -> Bool {
        do {
            var ledger = try SmallLedger(on: storage)
            for round in 0..<24 {
                acknowledged = try ledger.commit(1 + round % 2)
                try ledger.tend(isIdle: round % 4 == 0)
                if round % 6 == 5 { try ledger.snapshot() }
            }
            return true
        } catch { return false }
    }

    @Test("the disk full at any operation: nothing acknowledged is lost, and the work goes on with space again")
    func diskFullAnywhere() throws {
        for operations in 0..<260 {
            let storage = MemoryStorage()
            storage.fail(afterOperations: operations, code: 28)
            var acknowledged: UInt64 = 0
            _ = work(on: storage, &acknowledged)
            storage.crash(.keepingAll)
            var ledger = try SmallLedger(on: storage)
            let all = try ledger.everything()
            #expect(all == [UInt64](1..<UInt64(all.count + 1)), "\(operations)")
            #expect(UInt64(all.count) >= acknowledged, "\(operations)")
        }
    }

    @Test("any file lost, emptied, halved or flipped: the start refuses, or everything is there")
    func anyFileHarmed() throws {
        let whole = MemoryStorage()
        var acknowledged: UInt64 = 0
        #expect(work(on: whole, &acknowledged))
        whole.crash(.keepingAll)
        let names = try whole.list()
        #expect(names.filter(Snapshot.isName).count == 2)
        #expect(names.filter(Segment.isName).count >= 2)
        var refusals = 0
        for name in names where name != "LOCK" {
            let size = try whole.bytes(of: name).count
            var harms: [(MemoryStorage) -> Void] = [
                { $0.lose(name) }, { $0.tamper(name) { $0 = [] } }, { $0.tamper(name) { $0.removeLast($0.count / 2) } },
            ]
            for byte in 0..<size {
                harms.append { $0.tamper(name) { $0[byte] ^= 1 << UInt8(byte % 8) } }
            }
            for (number, harm) in harms.enumerated() {
                let storage = whole.copy()
                harm(storage)
                do throws(JournalError) {
                    var ledger = try SmallLedger(on: storage)
                    let all = try ledger.everything()
                    #expect(all == [UInt64](1..<acknowledged + 1), "\(name), harm \(number)")
                } catch {
                    refusals += 1
                    let sentence = error.description
                    #expect(
                        sentence.contains(".log") || sentence.contains(name), "\(name), harm \(number): \(sentence)")
                }
            }
        }
        #expect(refusals > 500)
    }

    @Test("an older copy of the folder's snapshots, or of its segments, put back: everything is there or it refuses")
    func oldFilesPutBack() throws {
        let storage = MemoryStorage()
        var ledger = try SmallLedger(on: storage)
        for _ in 0..<9 { _ = try ledger.commit(2) }
        try ledger.snapshot()
        let old = storage.copy()
        var acknowledged: UInt64 = 0
        for round in 0..<40 {
            acknowledged = try ledger.commit(2)
            if round % 9 == 8 { try ledger.snapshot() }
        }
        for name in try old.list() where name != "LOCK" {
            let disk = storage.copy()
            let bytes = try old.bytes(of: name)
            if try !disk.list().contains(name) {
                try disk.create(name)
                try disk.syncDirectory()
            }
            disk.tamper(name) { $0 = bytes }
            do throws(JournalError) {
                var restored = try SmallLedger(on: disk)
                let all = try restored.everything()
                #expect(all == [UInt64](1..<acknowledged + 1), "\(name)")
            } catch {
                #expect(Segment.isName(name) || name == Archive.fileName, "\(name): \(error)")
            }
        }
        // All snapshots of today replaced by the old one: the journal no longer reaches back to it.
        let disk = storage.copy()
        for name in try disk.list() where Snapshot.isName(name) { disk.lose(name) }
        for name in try old.list() where Snapshot.isName(name) {
            let bytes = try old.bytes(of: name)
            try disk.create(name)
            try disk.syncDirectory()
            disk.tamper(name) { $0 = bytes }
        }
        var refused: JournalError?
        do throws(JournalError) { _ = try SmallLedger(on: disk) } catch { refused = error }
        #expect(refused == .missingSegment(lsn: Journal.LSN(19)))
    }
}
