import Testing

@testable import Routing

@Suite("change logs") struct ChangeLogTests {
    @Test("after a cursor each changed key comes once, the latest change last")
    func eachOnce() {
        var log = ChangeLog<Int>()
        for (lsn, key) in [(1, 10), (2, 11), (3, 10), (5, 12)] { log.append(key, at: LSN(UInt64(lsn))) }
        #expect(log.keys(after: LSN(0)) == [11, 10, 12])
        #expect(log.keys(after: LSN(1)) == [11, 10, 12])
        #expect(log.keys(after: LSN(2)) == [10, 12])
        #expect(log.keys(after: LSN(5)) == [])
    }

    @Test("a cursor older than its memory gets nil, and nothing else does")
    func bounded() {
        var log = ChangeLog<Int>()
        for lsn in 1...(2 * Limits.changesKept + 1) { log.append(lsn, at: LSN(UInt64(lsn))) }
        let since = UInt64(Limits.changesKept)
        #expect(log.keys(after: LSN(since - 1)) == nil)
        #expect(log.keys(after: LSN(since))?.count == Limits.changesKept + 1)
        #expect(log.keys(after: LSN(since))?.first == Limits.changesKept + 1)
    }

    @Test("a log that begins in the middle of things knows nothing of before")
    func beginsLater() {
        let log = ChangeLog<Int>(since: LSN(7))
        #expect(log.keys(after: LSN(6)) == nil)
        #expect(log.keys(after: LSN(7)) == [])
    }
}
