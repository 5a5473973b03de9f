import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("a region that changes hands in peace") struct HandoverTests {
    private static let people = [
        Company.Person(name: "ana", groups: ["north-agents"], skills: [("truck", 5)], capacity: 1),
        Company.Person(name: "ida", groups: ["north-agents"], skills: [("truck", 5)], capacity: 1),
        Company.Person(name: "ben", groups: ["hq-agents"], skills: [("truck", 9)], capacity: 1),
    ]
    private static let ticket = Submission(customer: "ACME", region: "north", product: "truck")
    private static let toSecond = Fault.order(.own(region: "north", router: "r1"))

    /// r0 owns north, r1 is its second router, r2 is headquarters'.
    private func bench(_ people: [Company.Person] = HandoverTests.people) -> Bench {
        Bench(Company(people: people), routersIn: ["north", "north", "hq"])
    }

    @Test(
        "an offer stays on the agent's screen, wherever he is at home, and his yes counts", arguments: [0, 1, 2])
    func offerGoesOn(home: Int) throws {
        var bench = bench()
        let asked = try bench.ask("ana", at: home, Self.ticket, by: 2)
        let ana = asked.client
        let offer = asked.offer
        let id = try #require(bench.submissions[asked.place].accepted)
        bench.apply(Self.toSecond)
        bench.run(for: 100)
        #expect(bench.routers[0].core.ownedRegions[RegionID(1)] == nil)
        #expect(bench.routers[1].core.ownedRegions[RegionID(1)] != nil)
        #expect(bench.clients[ana].view?.offers.map(\.id) == [offer])
        #expect(bench.routers[1].core.queues[id]?.openOffers.map(\.offer.id) == [offer])
        #expect(bench.routers[1].core.counters.offersAdopted == 1)
        bench.command(client: ana, .accept(offer))
        bench.run(for: 100)
        #expect(bench.record(of: id)?.state == .assigned(bench.company.id(of: "ana")))
        #expect(bench.routers.allSatisfy { $0.core.queues[id] == nil })
        #expect(bench.watch.wrong == [])
    }

    @Test("a no after the change reaches the new owner: somebody else is asked at once, and he not again for a while")
    func declinedAfter() throws {
        for home in 0...2 {
            var bench = bench()
            let asked = try bench.ask("ana", at: home, Self.ticket, by: 2)
            let ana = asked.client
            let first = asked.offer
            bench.apply(Self.toSecond)
            bench.run(for: 100)
            bench.command(client: ana, .decline(first))
            bench.run(for: 3000)
            #expect(bench.clients[ana].view?.offers == [])
            let ida = bench.attach("ida", at: 2)
            bench.run(for: 100)
            #expect(bench.clients[ida].view?.offers.count == 1)
            #expect(bench.watch.wrong == [])
        }
    }

    @Test("who declined before the change is not asked again by the new owner until his time is over")
    func exclusionsGoAlong() throws {
        var bench = bench()
        let asked = try bench.ask("ana", at: 0, Self.ticket, by: 2)
        let ana = asked.client
        bench.command(client: ana, .decline(asked.offer))
        bench.run(for: 100)
        bench.apply(Self.toSecond)
        bench.run(for: 4000)
        #expect(bench.clients[ana].view?.offers == [])
        bench.run(for: 1500)
        #expect(bench.clients[ana].view?.offers.count == 1)
    }

    @Test("an offer that nobody answers expires at its old time, and is offered to the next at once")
    func expiresInTime() throws {
        var bench = bench()
        let asked = try bench.ask("ana", at: 0, Self.ticket, by: 2)
        let ana = asked.client
        bench.run(for: 800)
        bench.apply(Self.toSecond)
        bench.run(for: 2800)
        #expect(bench.clients[ana].view?.offers.count == 1)
        let ida = bench.attach("ida", at: 1)
        bench.run(for: 500)
        #expect(bench.clients[ana].view?.offers == [])
        #expect(bench.clients[ida].view?.offers.count == 1)
    }

    @Test("a former owner who says nothing is waited for half a second, then others are asked")
    func silentFormerOwner() throws {
        var bench = bench()
        let asked = try bench.ask("ana", at: 0, Self.ticket, by: 2)
        let ana = asked.client
        let former = asked.offer
        let ida = bench.attach("ida", at: 1)
        bench.run(for: 200)
        bench.apply(.cut(0, fromCoordinator: false, fromPeers: true))
        bench.apply(Self.toSecond)
        bench.run(for: 400)
        #expect(bench.clients[ida].view?.offers == [])
        bench.run(for: 300)
        let offered = try #require(bench.clients[ida].view?.offers.first)
        #expect(offered.id.ticket == former.ticket)
        // What was let go of is nobody's after a while, and leaves the screen.
        bench.run(for: 1800)
        #expect(bench.clients[ana].view?.offers == [])
        #expect(bench.submissions[asked.place].accepted != nil)
    }

    @Test("a thousand waiting tickets are offered by the new owner as soon as there is somebody")
    func manyTickets() throws {
        var bench = bench()
        let timeout = bench.company.policy.timing.offerTimeout
        for _ in 0..<300 { bench.submit(Self.ticket, at: 0) }
        bench.run(for: 500)
        let ana = bench.attach("ana", at: 1)
        bench.run(for: 100)
        let before = try bench.offer(to: ana)
        bench.apply(Self.toSecond)
        bench.run(for: 50)
        #expect(bench.routers[1].core.queues.count == 300)
        bench.command(client: ana, .decline(before))
        bench.run(for: 50)
        let after = try bench.offer(to: ana)
        #expect(after.ticket != before.ticket && timeout > .zero)
        let ida = bench.attach("ida", at: 0)
        bench.run(for: 50)
        #expect(bench.clients[ida].view?.offers.count == 1)
        #expect(bench.watch.wrong == [])
    }

    @Test("an offer for a ticket that stands far back in a list of many parts goes on, once the list has come to it")
    func listedLate() throws {
        let company = Company(people: Self.people)
        var bench = Bench(company, routersIn: ["north", "north", "hq"], points: Points([.fewListed]))
        let places = (0..<300).map { _ in bench.submit(Self.ticket, at: 0) }
        bench.run(for: 500)
        let last = try #require(bench.submissions[places[299]].accepted)
        let raised = Command.Manage(
            ticket: last, key: SubmitKey(high: 9, low: 9), action: .setPriority(9), cause: Cause(.supervisor, by: "p"))
        bench.apply(.order(.manage(raised)))
        bench.run(for: 50)
        let ana = bench.attach("ana", at: 2)
        bench.run(for: 100)
        let offer = try bench.offer(to: ana)
        #expect(offer.ticket == last)
        bench.apply(Self.toSecond)
        var knownWhenTold: Int?
        for _ in 0..<60 {
            bench.run(for: 1)
            let core = bench.routers[1].core
            if core.handovers.awaited[RegionID(1)]?.told != nil, knownWhenTold == nil {
                knownWhenTold = core.queues.count
                #expect(core.isUnlisted(last, in: RegionID(1)))
            }
            #expect(bench.clients[ana].view?.offers.map(\.id) == [offer])
        }
        #expect(try #require(knownWhenTold) < 300)
        #expect(bench.routers[1].core.handovers.awaited[RegionID(1)] == nil)
        #expect(bench.routers[1].core.queues.count == 300)
        #expect(bench.routers[1].core.queues[last]?.openOffers.map(\.offer.id) == [offer])
        #expect(bench.routers[1].core.counters.offersAdopted == 1)
        #expect(bench.watch.wrong == [])
    }

    @Test("a ticket that is still being handed over does not stand before others that may be offered (seed 60076)")
    func awaitedHidesNothing() throws {
        var bench = Bench(Company(people: [Self.people[2]]), routersIn: ["north", "hq"])
        let north = bench.submit(Self.ticket, at: 1)
        bench.run(for: 6000)
        let first = try #require(bench.submissions[north].accepted)
        #expect(bench.record(of: first)?.widened == [GroupID(0)])
        let raised = Command.Manage(
            ticket: first, key: SubmitKey(high: 9, low: 9), action: .setPriority(9), cause: Cause(.supervisor, by: "p"))
        bench.apply(.order(.manage(raised)))
        let place = bench.submit(Submission(region: "hq"), at: 1)
        bench.run(for: 200)
        let second = try #require(bench.submissions[place].accepted)
        bench.apply(.cut(0, fromCoordinator: false, fromPeers: true))
        bench.apply(.order(.own(region: "north", router: "r1")))
        bench.run(for: 100)
        #expect(bench.routers[1].core.handovers.awaited[RegionID(1)] != nil)
        let ben = bench.attach("ben", at: 1)
        bench.run(for: 50)
        #expect(bench.clients[ben].view?.offers.map(\.id.ticket) == [second])
        #expect(bench.routers[1].core.handovers.awaited[RegionID(1)] != nil)
        bench.run(for: 600)
        #expect(bench.routers[1].core.queues.hasQueued(in: GroupID(3)))
    }

    @Test(
        "whatever operators move and drain while routers die and messages are lost, the promises are kept",
        arguments: UInt64(1)...12)
    func randomOrders(seed: UInt64) {
        var world = World(seed: 7000 + seed, tickets: 120, isMixed: seed % 2 == 0)
        for _ in 0..<12 {
            let router = "r\(world.bench.random.below(3))"
            let command: Command =
                switch world.bench.random.below(4) {
                case 0: .drain(router: router, isOn: true)
                case 1: .drain(router: router, isOn: false)
                default: .own(region: world.bench.random.pick(Company.regions), router: router)
                }
            world.bench.schedule(.fault(.order(command)), in: world.bench.random.between(2000, World.workTime))
        }
        #expect(world.play() == [], "seed \(7000 + seed)")
    }
}
