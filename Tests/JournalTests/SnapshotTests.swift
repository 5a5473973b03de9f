import Testing

@testable import Journal

@Suite struct SnapshotTests {
    private static let file = "snapshot-0000000000000009.snap"

    /// A disk with a snapshot of so many records.
    private func disk(records: Int, recordBytes: Int = 5) throws -> MemoryStorage {
        let storage = MemoryStorage()
        var writer = try SnapshotWriter(in: storage, of: cluster, lsn: Journal.LSN(9), contentVersion: 4)
        for index in 0..<records {
            try writer.append(type: UInt8(index % 256), bytes: [UInt8](repeating: 7, count: recordBytes))
        }
        try writer.finish(stateHash: 0xABCD)
        storage.crash()
        return storage
    }

    @Test("what was written is read back, in order, with what it says of itself")
    func roundTrip() throws {
        let storage = MemoryStorage()
        var writer = try SnapshotWriter(
            in: storage, of: cluster, lsn: Journal.LSN(9), contentVersion: 4, archiveBytes: 77)
        try writer.append(type: 1, bytes: [])
        try writer.append(type: 2, bytes: [1, 2, 3])
        try writer.finish(stateHash: 0xABCD)
        storage.crash()
        var reader = try SnapshotReader(storage, Self.file, of: cluster)
        var read: [[UInt8]] = []
        while let record = try reader.next() { read.append([record.type] + record.bytes) }
        #expect(read == [[1], [2, 1, 2, 3]])
        let bytes = UInt64(64 + 9 + 12 + 40)
        let summary = Snapshot.Summary(
            file: Self.file, lsn: Journal.LSN(9), contentVersion: 4, archiveBytes: 77, records: 2, stateHash: 0xABCD,
            bytes: bytes)
        #expect(reader.summary == summary)
        #expect(try storage.size(of: Self.file) == Int(bytes))
    }

    @Test("a large one is written, read back and read in slices, and records larger than a slice fit")
    func slices() throws {
        let storage = MemoryStorage()
        var writer = try SnapshotWriter(in: storage, of: cluster, lsn: Journal.LSN(9), contentVersion: 4)
        for size in [700_000, 700_000, 3 << 20, 1, 0] {
            try writer.append(type: 1, bytes: [UInt8](repeating: 5, count: size))
        }
        try writer.end(stateHash: 1)
        var slices = 1
        while try !writer.verify() { slices += 1 }
        #expect(slices > 2)
        try writer.publish()
        let summary = try Snapshots.verify(storage, Self.file, of: cluster)
        #expect(summary.records == 5)
    }

    @Test("every flipped bit, every cut and anything behind the end is refused with the file's name")
    func damage() throws {
        let whole = try disk(records: 6)
        let size = try whole.size(of: Self.file)
        func refusal(_ harm: (inout [UInt8]) -> Void) -> JournalError? {
            let storage = whole.copy()
            storage.tamper(Self.file, harm)
            do throws(JournalError) {
                _ = try Snapshots.verify(storage, Self.file, of: cluster)
                return nil
            } catch { return error }
        }
        for bit in 0..<size * 8 {
            let refused = refusal { $0[bit / 8] ^= 1 << UInt8(bit % 8) }
            #expect(refused?.isDamage == true && refused?.description.contains(Self.file) == true, "bit \(bit)")
            if bit >= 64 * 8, case .damagedFile(_, let offset) = refused { #expect(offset <= bit / 8, "bit \(bit)") }
        }
        for length in 0..<size { #expect(refusal { $0.removeSubrange(length...) } != nil, "cut to \(length)") }
        #expect(refusal { $0.append(0) } != nil)
    }

    @Test("records in another order, or left out, are refused though each is right by itself")
    func shuffled() throws {
        let storage = try disk(records: 4)
        let start = 64
        let step = 14
        storage.tamper(Self.file) { bytes in
            let first = [UInt8](bytes[start..<start + step])
            bytes.replaceSubrange(start..<start + step, with: bytes[start + step..<start + 2 * step])
            bytes.replaceSubrange(start + step..<start + 2 * step, with: first)
        }
        #expect(throws: JournalError.damagedFile(file: Self.file, offset: start + 4 * step)) {
            try Snapshots.verify(storage, Self.file, of: cluster)
        }
    }

    @Test("another cluster's snapshot is refused, and one under another name")
    func foreign() throws {
        let storage = try disk(records: 1)
        let other = Journal.ClusterID(high: 1, low: 1)
        #expect(throws: JournalError.wrongCluster(file: Self.file)) {
            try Snapshots.verify(storage, Self.file, of: other)
        }
        let misnamed = Snapshot.name(of: Journal.LSN(10))
        try storage.rename(Self.file, to: misnamed)
        #expect(throws: JournalError.damagedHeader(file: misnamed)) {
            try Snapshots.verify(storage, misnamed, of: cluster)
        }
    }

    @Test("a draft that changed between writing and reading back is never published")
    func brokenDraft() throws {
        let storage = MemoryStorage()
        var writer = try SnapshotWriter(in: storage, of: cluster, lsn: Journal.LSN(9), contentVersion: 4)
        try writer.append(type: 1, bytes: [1, 2, 3])
        try writer.end(stateHash: 0)
        let draft = Self.file + ".new"
        storage.tamper(draft) { $0[70] ^= 1 }
        var refused: JournalError?
        do throws(JournalError) { _ = try writer.verify() } catch { refused = error }
        #expect(refused == .damagedFile(file: draft, offset: 64))
        writer.abandon()
        #expect(try storage.list() == [])
    }

    @Test("no space while a snapshot is written harms nothing but the draft")
    func noSpace() throws {
        let storage = MemoryStorage()
        var writer = try SnapshotWriter(in: storage, of: cluster, lsn: Journal.LSN(9), contentVersion: 4)
        try writer.append(type: 1, bytes: [1, 2, 3])
        storage.fill(true)
        var refused: JournalError?
        do throws(JournalError) { try writer.end(stateHash: 0) } catch { refused = error }
        #expect(refused?.isDiskFull == true)
        writer.abandon()
        #expect(try storage.list() == [])
    }
}
