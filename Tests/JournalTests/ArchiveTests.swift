import Testing

@testable import Journal

@Suite struct ArchiveTests {
    private func records(_ storage: MemoryStorage, upTo length: UInt64? = nil) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        try Archive.verify(in: storage, of: cluster, upTo: length) { found.append([$0] + $1) }
        return found
    }

    /// An archive with records of these sizes, and its length after each.
    private func filled(_ sizes: [Int]) throws -> (storage: MemoryStorage, lengths: [UInt64]) {
        let storage = MemoryStorage()
        var archive = try Archive.open(in: storage, of: cluster, contentVersion: 1, cutTo: 0)
        var lengths: [UInt64] = []
        for size in sizes {
            try archive.append(type: 6, bytes: [UInt8](repeating: UInt8(size % 256), count: size))
            lengths.append(archive.length)
        }
        try archive.sync()
        storage.crash()
        return (storage, lengths)
    }

    @Test("what was synced is read back, also records larger than what is read at once")
    func roundTrip() throws {
        let sizes = [3, 0, 3 << 20, 700_000, 700_000, 1]
        let (storage, lengths) = try filled(sizes)
        let all = try records(storage)
        #expect(all.map { $0.count - 1 } == sizes)
        #expect(try records(storage, upTo: lengths[2]).count == 3)
    }

    @Test("what lies behind the snapshot's length is cut, and written anew once")
    func cut() throws {
        let (storage, lengths) = try filled([3, 4, 5])
        var archive = try Archive.open(in: storage, of: cluster, contentVersion: 1, cutTo: lengths[0])
        let cutTo = archive.length
        #expect(cutTo == lengths[0])
        try archive.append(type: 7, bytes: [9])
        let length = try archive.sync()
        #expect(try records(storage, upTo: length) == [[6, 3, 3, 3], [7, 9]])
        #expect(try records(storage) == [[6, 3, 3, 3], [7, 9]])
    }

    @Test("an archive that is missing, or shorter than its snapshot says, is refused")
    func tooShort() throws {
        let (storage, lengths) = try filled([3, 4, 5])
        let size = Int(lengths[2])
        #expect(throws: JournalError.damagedFile(file: Archive.fileName, offset: size)) {
            _ = try Archive.open(in: storage, of: cluster, contentVersion: 1, cutTo: lengths[2] + 1)
        }
        #expect(throws: JournalError.damagedFile(file: Archive.fileName, offset: 0)) {
            _ = try Archive.open(in: MemoryStorage(), of: cluster, contentVersion: 1, cutTo: 99)
        }
    }

    @Test("every flipped bit in the part that a snapshot covers is refused with its offset")
    func flippedBits() throws {
        let (whole, lengths) = try filled([3, 4, 5])
        for bit in 0..<Int(lengths[2]) * 8 {
            let storage = whole.copy()
            storage.tamper(Archive.fileName) { $0[bit / 8] ^= 1 << UInt8(bit % 8) }
            var refused: JournalError?
            do throws(JournalError) {
                try Archive.verify(in: storage, of: cluster, upTo: lengths[2])
            } catch { refused = error }
            #expect(refused?.isDamage == true, "bit \(bit)")
            if case .damagedFile(_, let offset) = refused { #expect(offset <= bit / 8) }
        }
    }
}
