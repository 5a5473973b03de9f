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

    @Test("an agent whose accept is on its way may be asked anew by his router as the ticket's new owner")
    func askedWhileAccepting() {
        var world = World(seed: 330, isMixed: true)
        #expect(world.play() == [])
    }

    @Test("a ticket that is offered to nobody, to too many, or twice to one agent is caught")
    func open() {
        func offer(_ agent: UInt32, _ attempt: UInt32) -> OpenOffer {
            let id = OfferID(ticket: TicketID(1), fence: Fence(1), ownerEpoch: OwnerEpoch(1), attempt: attempt)
            return OpenOffer(
                offer: Offer(
                    id: id, agent: AgentID(agent), agentEpoch: AgentEpoch(1), group: GroupID(0), priority: 5,
                    age: .zero, timeout: .zero, subject: ""), home: Incarnation(1),
                madeAt: Instant(milliseconds: 0), isReserved: true)
        }
        var queues = Queues(groups: 1)
        queues.insert(
            WaitingTicket(
                ticket: TicketID(1), fence: Fence(1), group: GroupID(0), widened: [], priority: 5,
                enteredAt: WallTime(milliseconds: 0), signature: Signature([]), subject: ""),
            since: Instant(milliseconds: 0))
        let most = UInt32(Limits.offersAtOnceMax)
        for (open, fault) in [
            ([], "1 is offered to nobody"), ([offer(0, 1), offer(0, 2)], "1 is offered twice to one agent"),
            ([offer(0, 1), offer(1, 1)], "1 has two offers of one name"),
            ((0...most).map { offer($0, $0) }, "1 is offered to \(most + 1)"),
        ] {
            queues.occupy(TicketID(1), .offered(open))
            #expect(queues.faults() == [fault])
        }
        queues.occupy(TicketID(1), .offered((1...most).map { offer($0, $0) }))
        #expect(queues.faults() == [])
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
