import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("lists of what waits in a region") struct ListingTests {
    @Test("a list comes in parts, and all of it comes")
    func parts() {
        var pair = Pair([.fewListed])
        for key in 1...100 { pair.open(UInt64(key)) }
        pair.talk(turns: 6)
        #expect(pair.known == pair.waiting)
        #expect(pair.known.count == 100)
        #expect(pair.lists.map(\.waiting.count) == [32, 32, 32, 4])
        #expect(pair.lists.map(\.isAnew) == [true, false, false, false])
    }

    @Test("whoever speaks version 1 is told everything at once")
    func older() {
        var pair = Pair([.fewListed], speaks: 1)
        for key in 1...100 { pair.open(UInt64(key)) }
        pair.talk(turns: 2)
        #expect(pair.known == pair.waiting)
        #expect(pair.lists.map(\.waiting.count) == [100])
        #expect(pair.lists.map(\.listed) == [.whole])
    }

    @Test("what changes while a list comes is told with its parts")
    func meanwhile() {
        var pair = Pair([.fewListed])
        for key in 1...200 { pair.open(UInt64(key)) }
        for turn in 1...12 {
            pair.talk(turns: 1)
            pair.open(UInt64(1_000 + turn))
            pair.cancel(TicketID(UInt64(20 * (turn % 10) + turn)))
        }
        pair.talk(turns: 2)
        #expect(pair.known == pair.waiting)
        #expect(pair.lists.count { $0.isAnew } == 1)
    }

    @Test("a list that must be begun anew again and again goes on where it was, and ends")
    func forgetful() {
        var pair = Pair([.fewListed, .fewChangesKept])
        for key in 1...100 { pair.open(UInt64(key)) }
        pair.talk(turns: 6)
        #expect(pair.known == pair.waiting)
        // More between two polls than is remembered: the oldest go, new ones come.
        for turn in 0..<10 {
            for change in 1...3 {
                pair.cancel(TicketID(UInt64(3 * turn + change)))
                pair.open(UInt64(1_000 + 3 * turn + change))
            }
            pair.talk(turns: 1)
            // A round of the list takes four polls; what came before the last one is known.
            let settled = 31...UInt64(100 + 3 * max(0, turn - 4))
            #expect(pair.known.filter { settled ~= $0.value } == pair.waiting.filter { settled ~= $0.value })
        }
        pair.talk(turns: 6)
        #expect(pair.known == pair.waiting)
        #expect(pair.lists.count { $0.isAnew } > 5)
        #expect(pair.router.unlisted.isEmpty)
    }

    @Test("an answer to commands begins a list, and only polls go on with it")
    func batches() {
        var pair = Pair([.fewListed])
        for key in 1...100 { pair.open(UInt64(key)) }
        pair.router.outbox.add(.show(TicketID(1)), for: .attempted)
        pair.talk(turns: 1)
        #expect(pair.lists.map(\.waiting.count) == [32, 32], "the batch's answer and the poll's")
        pair.talk(turns: 5)
        #expect(pair.known == pair.waiting)
    }

    @Test("a ticket that is narrowed leaves a region, and who declined it is not asked all the same (short seed 6719)")
    func narrowed() {
        var pair = Pair([])
        pair.open(1)
        pair.talk(turns: 3)
        let id = TicketID(1)
        let (home, other) = (RegionID(1), RegionID(0))
        #expect(pair.router.ownedRegions[home] != nil && pair.router.ownedRegions[other] != nil)
        pair.commit(.widened(id, GroupID(0), step: 1, Cause(.nobodyOnDuty)))
        pair.talk(turns: 2)
        #expect(pair.router.queues[id]?.waiting.widened == [GroupID(0)])
        pair.exclude(AgentID(0), from: id)
        pair.commit(.narrowed(id, GroupID(0), Cause(.recovered)))
        pair.talk(turns: 2)
        #expect(pair.router.queues[id]?.waiting.widened == [])
        #expect(pair.router.queues[id]?.excluded.map(\.agent) == [AgentID(0)])
        pair.cancel(id)
        pair.talk(turns: 2)
        #expect(pair.known == [])
    }

    @Test("ranges that were listed leave the others (twin: a set of numbers)")
    func ranges() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<300 {
            func range() -> TicketRange {
                let after = random.between(0, 40)
                let through = random.chance(1, of: 5) ? .max : after + random.between(0, 20)
                return TicketRange(after: TicketID(after), through: TicketID(through))
            }
            let first = range()
            var unlisted = Unlisted(but: first)
            let all = (1...64).map { TicketID($0) }
            var twin = all.filter { !first.contains($0) }
            for _ in 0..<8 {
                #expect(all.filter { id in unlisted.ranges.contains { $0.contains(id) } } == twin)
                let more = range()
                unlisted.remove(more)
                twin = twin.filter { !more.contains($0) }
            }
        }
    }
}

/// A router and the coordinator, who hear each other at once.
private struct Pair {
    var desk: Desk
    var router: Router
    private(set) var lists: [RegionChanges] = []
    private var effects: [Router.Effect] = []
    /// Questions of the router that are not answered: a poll waits for news.
    private var asked: [Coordinator.RequestToken: UInt64] = [:]

    init(_ points: [Point], speaks: UInt8 = 2) {
        desk = Desk(company: Company(people: Desk.people), points: Points(points), speaks: speaks)
        router = Router(name: "r")
        let joined = Joined(incarnation: desk.router, reign: 1, policy: desk.company.policy)
        router.step(.joined(joined), at: Desk.time(desk.now), into: &effects)
        effects = []
    }

    mutating func open(_ key: UInt64) { _ = desk.decide(desk.open(key)) }
    mutating func commit(_ record: LedgerRecord) { desk.core.commit(record, &desk.effects) }
    mutating func exclude(_ agent: AgentID, from ticket: TicketID) {
        let now = Desk.time(desk.now).instant
        _ = router.queues.update(ticket) { $0.exclude(agent, until: now + .seconds(60), at: now) }
    }
    mutating func cancel(_ ticket: TicketID) {
        _ = desk.decide(
            .manage(
                Command.Manage(
                    ticket: ticket, key: SubmitKey(high: 9, low: ticket.value), action: .cancel,
                    cause: Cause(.customer, by: "c", note: ""))))
    }

    /// Polls, and what else the router asks, with their answers.
    mutating func talk(turns: Int) {
        for _ in 0..<turns {
            let now = Desk.time(desk.now)
            router.step(.turnBegins, at: now, into: &effects)
            router.step(.turnEnds, at: now, into: &effects)
            desk.effects = []
            for case .exchange(let exchange, let id) in effects {
                let token = desk.token()
                asked[token] = id
                desk.step(.exchange(exchange, token))
            }
            effects = []
            desk.step(.turnEnds)
            for case .exchanged(let exchanged, let token) in desk.effects {
                guard let id = asked.removeValue(forKey: token) else { continue }
                lists += exchanged.regions.filter { $0.listed != nil && $0.region == RegionID(1) }
                router.step(.exchanged(id, exchanged), at: now, into: &effects)
            }
            desk.now += 10
        }
    }

    var known: [TicketID] { router.queues.ids.sorted() }
    var waiting: [TicketID] { desk.core.ledger.tickets.all.filter { $0.state == .waiting }.map(\.id) }
}
