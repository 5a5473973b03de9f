import Testing

@testable import Journal

@Suite struct InspectionTests {
    @Test("a whole folder is described, with every record visited, and nothing is changed")
    func whole() throws {
        let storage = MemoryStorage()
        var ledger = try SmallLedger(on: storage)
        for round in 0..<30 {
            _ = try ledger.commit()
            if round % 10 == 9 { try ledger.snapshot() }
        }
        storage.crash()
        storage.fail(afterOperations: 0)
        var visited: [UInt64] = []
        let found = try Inspection(of: storage, visit: { visited.append($0.lsn.number) })
        let first = try #require(found.firstLSN)
        #expect(found.problems == [])
        #expect(found.clusterID == cluster)
        #expect(visited == [UInt64](first.number...30))
        #expect(found.lastLSN == Journal.LSN(30))
        #expect(found.snapshots.map(\.lsn.number) == [20, 30])
        #expect(found.report.snapshot?.lsn == Journal.LSN(30))
        #expect(found.archiveBytes > 64)
    }

    @Test("an inspection finds a problem exactly where a start is refused, with the same words")
    func agreesWithStart() throws {
        let whole = MemoryStorage()
        var ledger = try SmallLedger(on: whole)
        for round in 0..<40 {
            _ = try ledger.commit()
            if round % 15 == 14 { try ledger.snapshot() }
        }
        whole.crash()
        for name in try whole.list() where name != Archive.fileName {
            let size = try whole.bytes(of: name).count
            for byte in stride(from: 0, to: size, by: 3) {
                let storage = whole.copy()
                storage.tamper(name) { $0[byte] ^= 4 }
                let found = try Inspection(of: storage.copy())
                do throws(JournalError) {
                    let started = try SmallLedger(on: storage)
                    let opening = started.journal.opening
                    #expect(opening.snapshot == found.report.snapshot, "\(name), byte \(byte)")
                    // What a start skips, since a snapshot has it, may be damaged all the same.
                    #expect(found.problems == [] || opening.segmentsSkipped > 0, "\(name), byte \(byte)")
                } catch { #expect(found.problems.contains(error), "\(name), byte \(byte): \(error)") }
            }
        }
    }

    @Test("an empty folder and an emptied one are problems with a name")
    func empty() throws {
        #expect(try Inspection(of: MemoryStorage()).problems == [.noJournal])
        let (storage, _) = try disk(batches: 2)
        storage.lose(firstSegment)
        #expect(try Inspection(of: storage).problems == [.emptiedFolder])
    }

    @Test("cutting a torn tail keeps the bytes in a file of their own, and a start finds nothing to cut")
    func cutsTail() throws {
        let (storage, written) = try disk(batches: 3)
        let bytes = try storage.bytes(of: firstSegment)
        let offsets = try batchOffsets(bytes)
        storage.tamper(firstSegment) { $0[offsets[2] + 40] ^= 1 }
        let torn = try storage.bytes(of: firstSegment)
        let cut = try #require(try Journal.cutTail(in: storage))
        #expect(
            cut.tail == TornTail(file: firstSegment, offset: offsets[2], bytes: cut.tail.bytes, lsn: Journal.LSN(4)))
        let kept = try storage.bytes(of: cut.kept)
        #expect(kept == [UInt8](torn[offsets[2]..<offsets[2] + cut.tail.bytes]))
        storage.crash()
        let again = try Journal.cutTail(in: storage)
        #expect(again == nil)
        storage.crash()
        let (records, report) = try reopen(storage)
        #expect(records == [Kept](written[..<3]))
        #expect(report.tornTail == nil)
    }

    @Test("damage is not cut, a held folder is not touched, and a second cut gets a file of its own")
    func refusesToCut() throws {
        let (storage, _) = try disk(batches: 3)
        let offsets = try batchOffsets(try storage.bytes(of: firstSegment))
        let damaged = storage.copy()
        damaged.tamper(firstSegment) { $0[offsets[1] + 40] ^= 1 }
        let before = try damaged.bytes(of: firstSegment)
        let expected = JournalError.damaged(file: firstSegment, offset: offsets[1], lsn: Journal.LSN(2))
        #expect(throws: expected) { _ = try Journal.cutTail(in: damaged) }
        #expect(try damaged.bytes(of: firstSegment) == before)
        #expect(throws: JournalError.locked) { _ = try Journal.cutTail(in: damaged) }
        var names: [String] = []
        for _ in 0..<2 {
            storage.tamper(firstSegment) { $0[offsets[2]] = 99 }
            names.append(try #require(try Journal.cutTail(in: storage)).kept)
            storage.crash()
        }
        #expect(Set(names).count == 2)
    }
}
