import Testing

@testable import NNG

@Suite struct ParkedRequestsTests {
    private let limits = ReplyLimits(messageBytesMax: 100, connectionsMax: 2, parkedPerConnectionMax: 2)

    @Test("tokens rise, are taken once, and make room when taken")
    func tokensRise() throws {
        var requests = ParkedRequests(limits: limits)
        let isIn = requests.connect(7, now: 0)
        let first = requests.park(try message(), pipe: 7, now: 0)
        let second = requests.park(try message(), pipe: 7, now: 0)
        let spare = try message()
        let refused = requests.park(spare, pipe: 7, now: 0)
        #expect(isIn && first == .parked(token: 1) && second == .parked(token: 2) && refused == .connectionFull)
        let taken = requests.take(1)
        let takenTwice = requests.take(1)
        #expect(taken?.pipe == 7 && takenTwice == nil)
        let third = requests.park(spare, pipe: 7, now: 0)
        #expect(third == .parked(token: 3))
        let orphans = requests.disconnect(7) ?? []
        #expect(orphans.count == 2 && requests.parkedCount == 0)
        for orphan in orphans + [taken?.message].compactMap({ $0 }) { _ = Buffer(adopting: orphan) }
    }

    @Test("a connection beyond the bound is refused, and one that has gone parks nothing")
    func connectionsAreBounded() throws {
        var requests = ParkedRequests(limits: limits)
        let admitted = [requests.connect(1, now: 0), requests.connect(2, now: 0), requests.connect(3, now: 0)]
        #expect(admitted == [true, true, false])
        let stranger = requests.disconnect(3)
        let leaver = requests.disconnect(1)
        #expect(stranger == nil && leaver?.count == 0)
        let late = try message()
        let outcome = requests.park(late, pipe: 1, now: 0)
        #expect(outcome == .connectionGone)
        _ = Buffer(adopting: late)
        let next = requests.connect(3, now: 0)
        #expect(next && requests.connectionsCount == 2)
        let closings = [requests.close(), requests.close()]
        let afterwards = requests.connect(4, now: 0)
        #expect(closings == [true, false] && !afterwards)
    }

    @Test("a connection that asks nothing for too long is silent, whatever it has parked")
    func silenceIsMeasured() throws {
        var requests = ParkedRequests(limits: limits)
        let areIn = [requests.connect(9, now: 0), requests.connect(4, now: 0)]
        let parked = requests.park(try message(), pipe: 9, now: 1_000)
        #expect(areIn == [true, true] && parked == .parked(token: 1))
        #expect(requests.silent(now: 60_000) == [])
        #expect(requests.silent(now: 60_001) == [4])
        #expect(requests.silent(now: 61_001) == [4, 9])
        for orphan in requests.disconnect(9) ?? [] { _ = Buffer(adopting: orphan) }
    }

    private func message() throws -> MessageHandle {
        try Buffer([1, 2, 3]).release()
    }
}
