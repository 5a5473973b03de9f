import Node
import Routing
import Testing

@testable import Journal

/// The real ledger with its snapshots, segments and archive, struck at every operation and harmed in every file.
@Suite struct LedgerCrashTests {
    private static let modes: [MemoryStorage.Crash] =
        [.losingAll, .keepingAll, .tearingLast(keeping: 20)]
        + (1...2).map { .scattering(seed: $0) }

    @Test(
        "a crash at any operation, and at any of the next start: what was acknowledged is there once, live or archived",
        arguments: modes)
    func crashAnywhere(_ mode: MemoryStorage.Crash) throws {
        // The first mode is the one that a loss of power is; the others strike at fewer places.
        let stride = if case .losingAll = mode { 3 } else { 11 }
        var operations = 0
        var isOver = false
        while !isOver {
            let storage = MemoryStorage()
            storage.fail(afterOperations: operations)
            var acknowledged = 0
            isOver = RealLedger.work(on: storage, &acknowledged)
            storage.crash(mode)
            let twin = storage.copy()
            twin.fail(afterOperations: operations % 23)
            var later = acknowledged
            _ = RealLedger.work(on: twin, &later)
            twin.crash(mode)
            let fault = try RealLedger.fault(on: storage, acknowledged: acknowledged)
            #expect(fault == nil, "operation \(operations), \(mode)")
            let second = try RealLedger.fault(on: twin, acknowledged: later)
            #expect(second == nil, "operation \(operations), then \(operations % 23), \(mode)")
            operations += stride
        }
        #expect(operations > 300)
    }

    @Test("the scenario has snapshots, rolled and removed segments, and an archive")
    func scenario() throws {
        let storage = MemoryStorage()
        var acknowledged = 0
        #expect(RealLedger.work(on: storage, &acknowledged))
        let names = try storage.list()
        #expect(names.filter(Snapshot.isName).count == 2)
        #expect(names.contains(Archive.fileName))
        #expect(names.filter(Segment.isName).first != Segment.name(of: Journal.LSN(1)))
        let restored = try RealLedger(on: storage.copy())
        #expect(restored.disk.journal.opening.snapshot != nil)
        #expect(restored.disk.archived > 20)
    }

    @Test("any file lost, emptied, halved or with a flipped byte: the start refuses with its name, or all is there")
    func anyFileHarmed() throws {
        let whole = MemoryStorage()
        var acknowledged = 0
        #expect(RealLedger.work(on: whole, &acknowledged))
        whole.crash(.keepingAll)
        var refusals = 0
        for name in try whole.list() where name != "LOCK" {
            let size = try whole.bytes(of: name).count
            var harms: [(MemoryStorage) -> Void] = [
                { $0.lose(name) }, { $0.tamper(name) { $0 = [] } }, { $0.tamper(name) { $0.removeLast($0.count / 2) } },
            ]
            for byte in stride(from: 0, to: size, by: 5) {
                harms.append { $0.tamper(name) { $0[byte] ^= 1 << UInt8(byte % 8) } }
            }
            for (number, harm) in harms.enumerated() {
                let storage = whole.copy()
                harm(storage)
                do {
                    let fault = try RealLedger.fault(on: storage, acknowledged: acknowledged)
                    #expect(fault == nil, "\(name), harm \(number)")
                } catch let error as JournalError {
                    refusals += 1
                    let sentence = error.description
                    #expect(
                        sentence.contains(".log") || sentence.contains(name), "\(name), harm \(number): \(sentence)")
                }
            }
        }
        #expect(refusals > 100)
    }

    @Test("while the journal reaches back to the first record, nothing is missing for a damaged snapshot (seed 39)")
    func firstSnapshotDamaged() throws {
        let whole = MemoryStorage()
        var ledger = try RealLedger(on: whole)
        var acknowledged = 0
        while try whole.list().filter(Snapshot.isName).isEmpty {
            acknowledged = try ledger.turn(2)
            try ledger.tend()
        }
        let name = try #require(try whole.list().first(where: Snapshot.isName))
        let size = try whole.bytes(of: name).count
        for byte in stride(from: 0, to: size, by: 7) {
            for hasThreads in [false, true] {
                let storage = whole.copy()
                storage.tamper(name) { $0[byte] ^= 1 << UInt8(byte % 8) }
                let fault = try RealLedger.fault(on: storage, acknowledged: acknowledged, hasThreads: hasThreads)
                #expect(fault == nil, "byte \(byte)")
            }
        }
    }

    @Test("an old snapshot put back, alone or in place of the newer ones: all is there, or the start refuses")
    func oldSnapshotPutBack() throws {
        let storage = MemoryStorage()
        var ledger = try RealLedger(on: storage)
        var acknowledged = 0
        while try storage.list().filter(Snapshot.isName).isEmpty {
            acknowledged = try ledger.turn(2)
            try ledger.tend()
        }
        let old = storage.copy()
        let name = try #require(try old.list().first(where: Snapshot.isName))
        while acknowledged < RealLedger.records.count {
            acknowledged = try ledger.turn(2)
            try ledger.tend()
        }
        #expect(try !storage.list().contains(name))
        for isAlone in [false, true] {
            let disk = storage.copy()
            if isAlone { for newer in try disk.list() where Snapshot.isName(newer) { disk.lose(newer) } }
            try disk.create(name)
            try disk.syncDirectory()
            let bytes = try old.bytes(of: name)
            disk.tamper(name) { $0 = bytes }
            if isAlone {
                #expect(throws: JournalError.self) { _ = try RealLedger.fault(on: disk, acknowledged: acknowledged) }
            } else {
                let fault = try RealLedger.fault(on: disk, acknowledged: acknowledged)
                #expect(fault == nil)
            }
        }
    }
}
