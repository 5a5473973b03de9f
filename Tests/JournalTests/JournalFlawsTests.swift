import Testing

@testable import Journal

@Suite("flaws of the journal") struct JournalFlawsTests {
    @Test("a batch that is torn: cut, or read as if it were whole", arguments: [false, true])
    func tornTailAccepted(_ isOn: Bool) throws {
        let storage = MemoryStorage()
        var journal = try open(storage)
        try journal.append(type: 1, bytes: [1, 2, 3, 4])
        try journal.commit(reign: 1, wall: 1)
        try journal.append(type: 1, bytes: [UInt8](repeating: 9, count: 64))
        try journal.commit(reign: 1, wall: 2)
        storage.tamper(firstSegment) { bytes in
            guard let last = bytes.lastIndex(of: 9) else { return }
            for index in last - 10...last { bytes[index] = 0 }
        }
        storage.crash()
        var kept: [[UInt8]] = []
        _ = try Journal.open(
            storage: storage, clusterID: .known(cluster), segmentBytes: 512, flaws: isOn ? .tornTailAccepted : []
        ) { kept.append([UInt8]($0.bytes)) }
        #expect(kept.count == (isOn ? 2 : 1))
        #expect(kept.last?.last == (isOn ? 0 : 4))
    }

    @Test("a sync that fails once: the journal ends, or tries again and believes it", arguments: [false, true])
    func syncRetried(_ isOn: Bool) throws {
        let storage = MemoryStorage()
        var journal = try Journal.open(
            storage: storage, clusterID: .known(cluster), segmentBytes: 512, flaws: isOn ? .syncRetried : []
        ) { _ in }
        storage.failSyncs(once: true)
        try journal.append(type: 1, bytes: [1])
        var isPoisoned = false
        do throws(JournalError) { try journal.commit(reign: 1, wall: 1) } catch { isPoisoned = true }
        #expect(isPoisoned == !isOn)
        #expect(journal.durableLSN == Journal.LSN(isOn ? 1 : 0))
    }
}
