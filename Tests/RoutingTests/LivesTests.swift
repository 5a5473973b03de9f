import Testing

@testable import Routing

@Suite("how long tickets live, and what is remembered of them") struct LivesTests {
    private static func desk(points: Points = .none) -> Desk {
        var timing = Timing.brisk
        timing.lifeMax = .seconds(600)
        timing.lifeWarning = .seconds(120)
        timing.lease = .seconds(86_400)
        return Desk(company: Company(people: Desk.people, timing: timing).with([:]), points: points)
    }

    private static func warned(_ desk: Desk) -> [UInt64] {
        desk.effects.compactMap { effect in
            guard case .report(.alert(let ticket, let why)) = effect, why.trigger == .time else { return nil }
            return ticket.value
        }
    }

    private static func live(_ desk: Desk) -> [UInt64] { desk.core.ledger.tickets.all.map(\.id.value) }

    @Test("each is told of once before its end, and ends then, within a minute; who is closed before is passed over")
    func inOrder() {
        var desk = Self.desk()
        for key in 1...4 {
            _ = desk.decide(desk.open(UInt64(key)))
            for _ in 0..<2 { desk.pass(60_000) }
        }
        _ = desk.manage(.cancel, TicketID(2))
        #expect(Self.warned(desk) == [1])
        #expect(Self.live(desk) == [1, 3, 4])
        for _ in 0..<2 { desk.pass(60_000) }
        #expect(Self.live(desk) == [3, 4])
        #expect(desk.core.ledger.closed[TicketID(1)]?.standing.disposition == .expired)
        for _ in 0..<20 { desk.pass(60_000) }
        #expect(Self.warned(desk) == [1, 3, 4])
        #expect(Self.live(desk) == [])
        #expect(desk.core.lives.end == TicketID(5))
        // One that comes now is looked at like the others.
        _ = desk.decide(desk.open(9))
        for _ in 0..<8 { desk.pass(60_000) }
        #expect(Self.warned(desk) == [1, 3, 4, 5])
        #expect(Self.live(desk) == [5])
    }

    @Test("with one look a turn all come to their end, and while nobody's is near nothing is looked at for a minute")
    func oneByOne() {
        var desk = Self.desk(points: Points([.fewReviews]))
        for key in 1...3 { _ = desk.decide(desk.open(UInt64(key))) }
        func passMinute() {
            desk.pass(60_000)
            for _ in 0..<8 { desk.pass(1) }
        }
        passMinute()
        #expect(desk.core.delays.due(.lives).map { $0 > desk.now + 50_000 } == true)
        for _ in 0..<8 { passMinute() }
        #expect(Self.warned(desk) == [1, 2, 3])
        #expect(Self.live(desk) == [1, 2, 3])
        for _ in 0..<3 { passMinute() }
        #expect(Self.live(desk) == [])
    }

    @Test("a new coordinator begins with the first that lives, and warns at most once more")
    func restarted() {
        var desk = Self.desk()
        for key in 1...3 { _ = desk.decide(desk.open(UInt64(key))) }
        _ = desk.manage(.cancel, TicketID(1))
        desk.restart()
        #expect(desk.core.lives.warn == TicketID(2))
        for _ in 0..<9 { desk.pass(60_000) }
        #expect(Self.warned(desk) == [2, 3])
        #expect(Self.live(desk) == [2, 3])
        for _ in 0..<2 { desk.pass(60_000) }
        #expect(Self.live(desk) == [])
    }

    @Test("more than a turn looks at end in the turns after it")
    func many() {
        var desk = Self.desk()
        let count = Limits.reviewsPerTurnMax + 10
        for key in 0..<count { _ = desk.decide(desk.open(UInt64(key), group: GroupID(UInt32(key % 5)))) }
        desk.now += 700_000
        desk.pass(1)
        #expect(Self.live(desk).count == count, "a turn of looking at warnings")
        desk.pass(1)
        #expect(Self.live(desk).count == 20)
        desk.pass(1)
        #expect(Self.live(desk) == [])
    }

    @Test("of one ticket's commands the last `keysPerTicketMax` are known again, and no more keys are kept")
    func keysOfOneTicket() {
        var desk = Self.desk()
        _ = desk.decide(desk.open(1))
        let ticket = TicketID(1)
        for key in 0...UInt64(Limits.keysPerTicketMax) {
            #expect(desk.manage(.setPriority(Priority(key % 9)), ticket, key: key) == .done(Fence(1)))
        }
        #expect(desk.core.ledger.keys.count == Limits.keysPerTicketMax + 1)
        let lsn = desk.core.ledger.lsn
        #expect(desk.manage(.setPriority(1), ticket, key: 1) == .done(Fence(1)))
        #expect(desk.core.ledger.lsn == lsn, "known again")
        #expect(desk.manage(.setPriority(0), ticket, key: 0) == .done(Fence(1)))
        #expect(desk.core.ledger.lsn > lsn, "forgotten, and so done anew")
        _ = desk.manage(.cancel, ticket, key: 999)
        #expect(desk.manage(.cancel, ticket, key: 999) == .done(Fence(2)))
        // A day later all of them are let go.
        desk.pass(Limits.keyLife.milliseconds + 1)
        _ = desk.decide(desk.open(2))
        #expect(desk.core.ledger.keys.count == 1)
        #expect(desk.manage(.cancel, ticket, key: 999) == .refused(.closed))
    }

    @Test(
        "a time says itself as a calendar does",
        arguments: [
            (0, "1970-01-01 00:00 UTC"), (951_782_400, "2000-02-29 00:00 UTC"), (1_774_746_300, "2026-03-29 01:05 UTC"),
            (1_798_761_599, "2026-12-31 23:59 UTC"), (4_107_542_400, "2100-03-01 00:00 UTC"),
        ])
    func calendar(_ seconds: UInt64, _ words: String) {
        #expect(WallTime(milliseconds: seconds * 1000).minuteInUTC == words)
    }
}
