import Testing

@testable import Routing

/// What finds nothing proves nothing: each check has its canary.
@Suite("invariants of a router") struct InvariantsTests {
    private func bench() -> Bench {
        var bench = Bench(Company(people: Desk.people), routersIn: ["north"])
        bench.attach("ana", at: 0)
        bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 200)
        return bench
    }

    @Test("an honest router has none broken")
    func honest() {
        let bench = bench()
        #expect(bench.routers[0].core.checkInvariants(at: bench.time) == [])
    }

    @Test("an index that was not told of a change is caught")
    func index() {
        var bench = Bench(Company(people: Desk.people), routersIn: ["north"])
        bench.attach("ana", at: 0)
        bench.run(for: 200)
        var router = bench.routers[0].core
        // Ana has changed her group, and only the policy knows.
        let moved = Desk.people.map { Company.Person(name: $0.name, groups: ["vendors"], skills: $0.skills) }
        router.policy = Company(people: moved).policy
        let wrong = router.checkInvariants(at: bench.time)
        #expect(wrong == ["r0 at \(bench.now): the index of ready agents is not its recount"])
    }

    @Test("a load that others were not told is caught")
    func load() {
        let bench = bench()
        var router = bench.routers[0].core
        router.hosted[bench.company.id(of: "ana")]?.offers = []
        let wrong = router.checkInvariants(at: bench.time)
        #expect(wrong == ["r0 at \(bench.now): agent 0 is said to have 1, and has 0"])
    }

    @Test("who accepts one of two owners' offers of a ticket is shown no other", arguments: [UInt64(1036), 1056])
    func offeredByTwoOwners(seed: UInt64) {
        var world = World(seed: seed)
        #expect(world.play() == [])
    }

    @Test("a unit that is held for nothing and an offer that nobody made are caught")
    func offers() throws {
        let bench = bench()
        var router = bench.routers[0].core
        let ana = bench.company.id(of: "ana")
        let shown = try #require(router.hosted[ana]?.offers.first)
        router.queues.remove(shown.offer.id.ticket)
        #expect(
            router.checkInvariants(at: bench.time).contains {
                $0.hasSuffix("agent 0 is shown \(shown.offer.id.ticket.value), which is not offered")
            })
        router.presence.hold(
            ana, for: OfferID(ticket: TicketID(9), fence: Fence(1), ownerEpoch: OwnerEpoch(1), attempt: 1))
        #expect(
            router.checkInvariants(at: bench.time).contains { $0.hasSuffix("a unit of agent 0 is held for nothing") })
    }
}
