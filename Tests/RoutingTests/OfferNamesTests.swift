import Testing

@testable import Routing

@Suite("names of offers") struct OfferNamesTests {
    @Test("a ticket that left and came back as it was is offered under a new name, which late answers do not know")
    func cameBack() throws {
        var bench = Bench(Company(people: Desk.people), routersIn: ["north"])
        bench.attach("ana", at: 0)
        let place = bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 200)
        let id = try #require(bench.submissions[place].accepted)
        var core = bench.routers[0].core
        let former = try #require(core.queues[id])
        let first = try #require(former.openOffers.first)
        var effects: [Router.Effect] = []
        core.forget(id, holder: nil, at: bench.time, &effects)
        core.queues.insert(former.waiting, since: former.since)
        core.requeue(id, at: bench.time)
        core.match(at: bench.time, &effects)
        let second = try #require(core.queues[id]?.openOffers.first)
        #expect(second.offer.agent == first.offer.agent)
        #expect(second.offer.id != first.offer.id)
        core.peerCalls[1_000] = .reserve(first.offer.id)
        core.conclude(1_000, .notReserved, at: bench.time, &effects)
        #expect(core.queues[id]?.openOffers == [second])
        #expect(core.checkInvariants(at: bench.time) == [])
    }
}
