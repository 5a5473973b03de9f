import Testing

@testable import Routing

@Suite("how the coordinator serves routers") struct ServingTests {
    private func exchange(
        _ desk: Desk, first: UInt64, _ commands: [Command], acknowledged: UInt64 = 0, cursor: LSN = LSN(1)
    ) -> Exchange {
        Exchange(
            incarnation: desk.router, cursor: cursor, park: .seconds(1), firstCommand: first,
            acknowledged: acknowledged, commands: commands)
    }

    /// The one answer to one exchange.
    private func serve(_ desk: inout Desk, _ exchange: Exchange) -> Coordinator.Effect? {
        let token = desk.token()
        desk.effects = []
        desk.step(.exchange(exchange, token))
        return desk.effects.first {
            switch $0 {
            case .exchanged(_, let answered), .refused(_, let answered): answered == token
            default: false
            }
        }
    }

    private func outcomes(_ effect: Coordinator.Effect?) -> [Outcome]? {
        guard case .exchanged(let exchanged, _)? = effect else { return nil }
        return exchanged.outcomes
    }

    @Test("a repeated batch gets its first outcomes, and nothing is done twice")
    func repeatedBatch() {
        var desk = Desk()
        let batch = exchange(desk, first: 1, [desk.open(1), desk.open(2), .show(TicketID(9))])
        let first = outcomes(serve(&desk, batch))
        #expect(first == [.opened(TicketID(1)), .opened(TicketID(2)), .refused(.notFound)])
        #expect(outcomes(serve(&desk, batch)) == first)
        let longer = exchange(desk, first: 2, [desk.open(2), .show(TicketID(9)), desk.open(3)], acknowledged: 1)
        #expect(outcomes(serve(&desk, longer)) == [.opened(TicketID(2)), .refused(.notFound), .opened(TicketID(3))])
        #expect(desk.core.ledger.ticketsOpened == 3)
    }

    @Test("a batch that overtook an earlier one is refused until that one has come")
    func gap() {
        var desk = Desk()
        let second = exchange(desk, first: 2, [desk.open(2)])
        #expect(serve(&desk, second) == .refused(.gap, Coordinator.RequestToken(2)))
        #expect(outcomes(serve(&desk, exchange(desk, first: 1, [desk.open(1)]))) == [.opened(TicketID(1))])
        #expect(outcomes(serve(&desk, second)) == [.opened(TicketID(2))])
    }

    @Test("in a new reign neither a poll nor a later batch that comes first makes an earlier batch count as done")
    func newReign() {
        var desk = Desk()
        _ = serve(&desk, exchange(desk, first: 1, [desk.open(1)]))
        var restarted = desk
        restarted.core = Coordinator(ledger: desk.core.ledger, at: Desk.time(desk.now), into: &restarted.effects)
        restarted.step(.policyLoaded(desk.company.policy, text: "{}", additions: Catalog.Additions()))
        _ = serve(&restarted, exchange(desk, first: 4, [], acknowledged: 1))
        let later = exchange(desk, first: 3, [desk.open(3)], acknowledged: 1)
        #expect(outcomes(serve(&restarted, later)) == nil)
        let earlier = exchange(desk, first: 2, [desk.open(2)], acknowledged: 1)
        #expect(outcomes(serve(&restarted, earlier)) == [.opened(TicketID(2))])
        #expect(outcomes(serve(&restarted, later)) == [.opened(TicketID(3))])
    }

    @Test("numbers from a hostile router are refused or taken, and end nothing")
    func hostileNumbers() {
        var desk = Desk()
        for number in [UInt64.max, UInt64.max - 1, 1 << 63, 0] {
            let hostile = Exchange(
                incarnation: desk.router, cursor: LSN(number), park: Interval(milliseconds: number),
                firstCommand: number, acknowledged: number, commands: [.status])
            #expect(serve(&desk, hostile) != nil)
            let poll = Exchange(
                incarnation: desk.router, cursor: LSN(number), park: Interval(milliseconds: number),
                firstCommand: number, acknowledged: number, commands: [])
            _ = serve(&desk, poll)
        }
        desk.pass(1)
        #expect(desk.core.ledger.router(desk.router) != nil)
    }

    @Test("a lease that is not renewed ends with its router, and a judge who was away adds his own pause")
    func leases() {
        var desk = Desk()
        desk.now += 2999
        desk.pass(0)
        #expect(desk.core.ledger.router(desk.router) != nil, "the judge was away for all that time")
        for _ in 0..<29 { desk.pass(100) }
        #expect(desk.core.ledger.router(desk.router) != nil)
        for _ in 0..<2 { desk.pass(100) }
        #expect(desk.core.ledger.router(desk.router) == nil)
        #expect(desk.effects.contains(.report(.routerLost("r"))))
        #expect(serve(&desk, exchange(desk, first: 1, [])) == .refused(.notMember, Coordinator.RequestToken(2)))
    }

    @Test("a name that a living router has is refused to a stranger and given to the same place's next process")
    func names() {
        var desk = Desk()
        let token = desk.token()
        desk.step(.join(Join(name: "r", region: "hq", address: "elsewhere", gossipAddress: ""), token))
        #expect(desk.effects.last == .refused(.nameTaken, token))
        desk.step(.join(Join(name: "r", region: "moon", address: "a", gossipAddress: ""), token))
        #expect(desk.effects.last == .refused(.unknownRegion, token))
        desk.step(.join(Join(name: "r", region: "north", address: "a", gossipAddress: "g"), token))
        #expect(desk.core.ledger.routers.map(\.incarnation) == [Incarnation(2)])
    }
}
