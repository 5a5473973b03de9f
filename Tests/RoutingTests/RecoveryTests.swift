import Testing

@testable import Routing

/// Each of these was a bug once: found by reading, or by the seed that its comment names.
@Suite("bugs that were") struct RecoveryTests {
    private let people = EndToEndTests.people
    private let ticket = EndToEndTests.ticket

    @Test(
        "seeds that once broke a promise",
        arguments: [UInt64(228), 257, 269, 271, 279, 283, 286, 1093])
    func seeds(seed: UInt64) {
        var world = World(seed: seed)
        #expect(world.play() == [], "seed \(seed)")
    }

    @Test("a new owner queues widened tickets for the branch too, though it had them for HQ before")
    func ownerOfBothRegions() throws {
        var bench = Bench(Company(people: people), routersIn: ["hq", "north"])
        let place = bench.submit(ticket, at: 0)
        bench.run(for: 6000)
        let id = try #require(bench.submissions[place].accepted)
        #expect(bench.record(of: id)?.widened == [GroupID(0)])
        bench.apply(.routerDies(1))
        bench.run(for: 5000)
        #expect(bench.routers[0].core.ownedRegions.count == 3)
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 200)
        #expect(bench.clients[ana].view?.offers.map(\.id.ticket) == [id])
        #expect(bench.watch.wrong == [])
    }

    @Test("an agent whose client attaches anew loses his offers, and their tickets go on at once")
    func offersEndWithTheirSession() throws {
        var bench = Bench(Company(people: people), routersIn: ["hq", "north"])
        let ana = bench.attach("ana", at: 1)
        bench.run(for: 200)
        bench.submit(ticket, at: 0)
        bench.run(for: 200)
        let first = try #require(bench.clients[ana].view?.offers.first)
        bench.step(client: ana, .connectionLost(PipeID(99)))
        bench.clients[ana].isAttached = false
        bench.step(client: ana, .attach)
        bench.run(for: 200)
        #expect(bench.clients[ana].view?.offers == [])
        bench.run(for: 1000)
        let second = try #require(bench.clients[ana].view?.offers.first)
        #expect(second.id.attempt > first.id.attempt)
    }

    @Test("a late command for an earlier holding leaves the newer holding of the same ticket alone (seed 279)")
    func lateCommandOfAnEarlierHolding() throws {
        var bench = Bench(Company(people: people), routersIn: ["hq", "north"])
        let ana = bench.attach("ana", at: 1)
        bench.run(for: 200)
        bench.submit(ticket, at: 0)
        bench.run(for: 200)
        func accept() throws -> WorkView {
            bench.command(client: ana, .accept(try #require(bench.clients[ana].view?.offers.first).id))
            bench.run(for: 100)
            return try #require(bench.clients[ana].view?.work.first)
        }
        let first = try accept()
        bench.command(client: ana, .work(first.ticket, first.fence, .giveBack()))
        // He is not asked again at once.
        bench.run(for: 5200)
        let second = try accept()
        #expect(second.ticket == first.ticket && second.fence > first.fence)
        bench.command(client: ana, .work(first.ticket, first.fence, .resolve))
        bench.run(for: 100)
        #expect(bench.clients[ana].results.last == .refused(.gone))
        #expect(bench.clients[ana].view?.work.map(\.fence) == [second.fence])
    }

    @Test("a router that was cut off hears after the coordinator's restart that its agent is elsewhere")
    func supersededAcrossReigns() {
        var bench = Bench(Company(people: people), routersIn: ["hq", "north"])
        let older = bench.attach("ana", at: 0)
        bench.run(for: 200)
        bench.apply(.cut(0, fromCoordinator: true, fromPeers: false))
        let newer = bench.attach("ana", at: 1, device: 2)
        bench.run(for: 200)
        bench.apply(.coordinatorRestarts)
        bench.apply(.heal(0))
        bench.run(for: 2500)
        #expect(bench.clients[older].supersededCount == 1)
        #expect(bench.clients[newer].supersededCount == 0)
        #expect(bench.coordinator.core?.ledger.router(bench.routers[0].core.incarnation) != nil)
    }

    @Test("a router that joins anew does not take back an agent whose client has gone elsewhere (seed 257)")
    func renewalOfAnOldSession() {
        var bench = Bench(Company(people: people), routersIn: ["hq", "north"])
        let older = bench.attach("ana", at: 0)
        bench.run(for: 200)
        bench.apply(.cut(0, fromCoordinator: true, fromPeers: false))
        bench.run(for: 4000)
        let newer = bench.attach("ana", at: 1, device: 2)
        bench.run(for: 200)
        bench.apply(.heal(0))
        bench.run(for: 4000)
        #expect(bench.clients[older].supersededCount == 1)
        #expect(bench.clients[newer].supersededCount == 0)
        #expect(bench.routers[1].core.hosted[bench.company.id(of: "ana")]?.isCurrent == true)
    }

    @Test("while a ticket's home region has no owner a claim neither spins nor forgets")
    func claimWithoutAnOwner() throws {
        var bench = Bench(Company(people: people), routersIn: ["hq", "north"])
        bench.submit(ticket, at: 0)
        bench.run(for: 6000)
        let ben = bench.attach("ben", at: 0)
        for index in bench.routers[0].core.membership.owners.indices {
            let owner = bench.routers[0].core.membership.owners[index]
            guard owner.region == RegionID(1) else { continue }
            bench.routers[0].core.membership.owners[index] = RegionOwner(
                region: owner.region, owner: .none, epoch: owner.epoch)
        }
        bench.run(for: 3000)
        #expect(bench.clients[ben].view?.offers == [])
        #expect(bench.routers[0].core.queues.count == 1)
    }

    @Test("what a router was asking for when its membership ended holds nobody's unit afterwards (seed 30170, short)")
    func unitsAfterRejoining() {
        let people = [Company.Person(name: "eva", groups: ["hq-agents"], capacity: 1)]
        var bench = Bench(Company(people: people), routersIn: ["hq", "north"])
        let eva = bench.attach("eva", at: 1)
        bench.run(for: 500)
        bench.apply(.cut(1, fromCoordinator: false, fromPeers: true))
        bench.submit(Submission(region: "hq", subject: "s"), at: 0)
        bench.run(for: 50)
        let id = bench.company.id(of: "eva")
        #expect(bench.routers[0].core.presence[id]?.freeUnits == 0)
        bench.routers[0].inbox.append(.membershipLost)
        bench.run(for: 10)
        #expect(bench.routers[0].core.checkInvariants(at: bench.time) == [])
        bench.apply(.heal(1))
        bench.run(for: 2000)
        #expect(bench.clients[eva].view?.offers.count == 1)
    }

    @Test("who takes over on the same router hears everything, whatever the former client says later (seed 41456)")
    func formerClientSpeaks() {
        var home = RestingTests.Home()
        let (older, newer) = (home.instance, ClientInstance(8))
        let held = Assignment(
            ticket: TicketID(1), fence: Fence(2), group: GroupID(0), isPending: false, priority: 5, cost: .one,
            submission: Submission())
        func poll(_ instance: ClientInstance, _ token: UInt64, seen: [SeenView] = []) {
            home.step(.poll(SessionPoll(instance: instance, seen: seen, commands: []), RequestToken(token), PipeID(1)))
        }
        poll(older, 10)
        home.step(.attach(Attach(instance: newer, agents: ["ana"]), RequestToken(2), PipeID(2)))
        home.answer([.attached(AgentEpoch(2), [held])])
        poll(newer, 11)
        poll(older, 12)
        poll(newer, 13, seen: [SeenView(agent: home.ana, agentEpoch: AgentEpoch(2), version: 2)])
        home.wait(2)
        let views = home.effects.flatMap { effect -> [AgentView] in
            if case .sessionAnswer(let answer, RequestToken(13)) = effect { answer.views } else { [] }
        }
        #expect(views.map { $0.offers.map(\.id.ticket) } == [[TicketID(2)]])
    }

    @Test("what left with the answer to a poll that its client had given up is said again (seed 331193)")
    func answerForNobody() throws {
        var home = RestingTests.Home()
        func poll(_ token: UInt64, seen version: UInt32) {
            let seen = SeenView(agent: home.ana, agentEpoch: AgentEpoch(1), version: version)
            home.step(
                .poll(SessionPoll(instance: home.instance, seen: [seen], commands: []), RequestToken(token), PipeID(1)))
        }
        func views(_ token: UInt64) -> [AgentView] {
            home.effects.flatMap { effect -> [AgentView] in
                if case .sessionAnswer(let answer, RequestToken(token)) = effect { answer.views } else { [] }
            }
        }
        poll(9, seen: 0)
        poll(10, seen: .max)
        home.wait(2)
        let offered = try #require(views(10).last)
        #expect(offered.offers.map(\.id.ticket) == [TicketID(2)])
        poll(11, seen: offered.version)
        // The next poll and the answer to this one pass each other.
        home.answer([], ended: [TicketID(2)])
        #expect(views(11).last?.offers == [])
        poll(12, seen: offered.version)
        #expect(views(12).last?.offers == [])
    }

    @Test("what could not be given back, as its agent attached anew, stays his (seed 50007, short)")
    func notGivenBack() {
        var home = RestingTests.Home()
        home.wait(1)
        home.take(1)
        let held = home.router.hosted[home.ana]?.work.map(\.assignment) ?? []
        func live(seconds: UInt64) {
            home.now = Now(instant: home.now.instant + .seconds(seconds), wall: home.now.wall + .seconds(seconds))
            home.answer([])
        }
        for second in 0..<(Timing().offerTimeout.milliseconds / 1000 - 1) {
            live(seconds: 1)
            let poll = SessionPoll(instance: home.instance, seen: [], commands: [])
            home.step(.poll(poll, RequestToken(1000 + second), PipeID(1)))
        }
        // His time to acknowledge it is over in the turn in which his other device comes.
        live(seconds: 1)
        home.now = Now(instant: home.now.instant + .seconds(1), wall: home.now.wall)
        home.step(.attach(Attach(instance: ClientInstance(8), agents: ["ana"]), RequestToken(2), PipeID(2)))
        #expect(home.router.counters.givenBack == 1)
        home.answer([.attached(AgentEpoch(2), held), .refused(.staleEpoch)])
        #expect(home.router.hosted[home.ana]?.work.map(\.assignment) == held)
        #expect(held.count == 1)
    }

    @Test("a late copy of a reservation shows nothing that was taken back already (seed 50297, short)")
    func reservedTwice() {
        var home = RestingTests.Home()
        let id = OfferID(ticket: TicketID(9), fence: Fence(1), ownerEpoch: OwnerEpoch(1), attempt: 1)
        let offer = Offer(
            id: id, agent: home.ana, agentEpoch: AgentEpoch(1), group: GroupID(0), priority: 5, age: .zero,
            timeout: .seconds(20), subject: "")
        home.step(.peerAsked(.reserve(offer, owner: Incarnation(2)), RequestToken(50)))
        #expect(home.isOffered(9))
        home.step(.peerAsked(.withdraw(id, home.ana), RequestToken(51)))
        home.step(.peerAsked(.reserve(offer, owner: Incarnation(2)), RequestToken(52)))
        #expect(!home.isOffered(9))
    }
}
