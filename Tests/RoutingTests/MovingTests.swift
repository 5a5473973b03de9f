import Testing

@testable import Routing

@Suite("sessions that go to other routers") struct MovingTests {
    private static let people = [
        Company.Person(name: "ana", groups: ["north-agents"], skills: [("truck", 5)], capacity: 2),
        Company.Person(name: "ida", groups: ["north-agents"], skills: [("truck", 5)], capacity: 1),
    ]
    private static let ticket = Submission(customer: "ACME", region: "north", product: "truck")
    private static let drain = Fault.order(.drain(router: "r0", isOn: true))

    private func bench(_ people: [Company.Person] = MovingTests.people) -> Bench {
        Bench(Company(people: people), routersIn: ["north", "north", "hq"])
    }

    @Test("a drained router's idle agents are elsewhere at once, and who is being asked goes when he has answered")
    func drained() throws {
        var bench = bench()
        let asked = try bench.ask("ana", at: 0, Self.ticket, by: 1)
        let ana = asked.client
        let offer = asked.offer
        let ida = bench.attach("ida", at: 0)
        bench.run(for: 100)
        bench.apply(Self.drain)
        bench.run(for: 200)
        #expect(bench.clients[ida].isAttached && bench.clients[ida].router == 1, "she goes to her own region's other")
        #expect(bench.clients[ana].router == 0)
        bench.command(client: ana, .accept(offer))
        bench.run(for: 200)
        #expect(bench.clients[ana].isAttached && bench.clients[ana].router == 1)
        #expect(bench.clients[ana].view?.work.map(\.ticket) == [offer.ticket])
        #expect(bench.routers[0].core.isDrained)
        #expect(bench.routers[1].core.ownedRegions[RegionID(1)] != nil)
        #expect(bench.watch.wrong == [])
    }

    @Test("a drained router gets no new regions or sessions, until it is told that it may")
    func undone() {
        var bench = bench()
        bench.apply(Self.drain)
        bench.run(for: 300)
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 5000)
        #expect(bench.clients[ana].isAttached && bench.clients[ana].router != 0)
        bench.apply(.routerDies(1))
        bench.run(for: 5000)
        #expect(bench.routers[2].core.ownedRegions.count == 3)
        bench.apply(.order(.drain(router: "r0", isOn: false)))
        bench.run(for: 500)
        #expect(bench.routers[0].core.ownedRegions[RegionID(1)] != nil, "the region comes home")
        #expect(!bench.routers[0].core.isDraining)
    }

    @Test("nobody seems to be off duty on the way")
    func onDuty() throws {
        var bench = bench()
        for name in ["ana", "ida"] { bench.attach(name, at: 0) }
        bench.run(for: 300)
        bench.apply(Self.drain)
        var least: Int32 = 2
        for _ in 0..<400 {
            bench.run(for: 1)
            least = min(least, try #require(bench.coordinator.core).duty.count(in: GroupID(3)))
        }
        #expect(bench.clients.allSatisfy { $0.router == 1 })
        #expect(least == 2)
    }

    @Test("who did not respond, and who is away, is so at the next router too")
    func statusGoesAlong() throws {
        var bench = bench()
        let ana = bench.attach("ana", at: 0)
        let ida = bench.attach("ida", at: 0)
        bench.run(for: 200)
        bench.command(client: ida, .setStatus(.away, reason: ""))
        bench.run(for: 200)
        bench.submit(Self.ticket, at: 1)
        bench.run(for: 5000)
        #expect(bench.clients[ana].view?.status == .notResponding)
        bench.apply(Self.drain)
        bench.run(for: 300)
        #expect(bench.clients[ana].router == 1 && bench.clients[ida].router == 1)
        #expect(bench.clients[ana].view?.status == .notResponding)
        #expect(bench.clients[ida].view?.status == .away)
        bench.command(client: ana, .setStatus(.available, reason: ""))
        bench.run(for: 6000)
        #expect(bench.clients[ana].view?.offers.count == 1)
    }

    @Test("so many sessions go at a time and no more")
    func lots() {
        let people = (0..<150).map { Company.Person(name: "p\($0)", groups: ["north-agents"]) }
        var bench = bench(people)
        for person in people { bench.attach(person.name, at: 0) }
        bench.run(for: 500)
        bench.apply(Self.drain)
        bench.run(for: 20)
        #expect(bench.routers[0].core.counters.sessionsMoved == UInt64(Limits.sessionsMovedPerLot))
        bench.run(for: 50)
        #expect(bench.routers[0].core.counters.sessionsMoved == 2 * UInt64(Limits.sessionsMovedPerLot))
        bench.run(for: 200)
        #expect(bench.clients.allSatisfy { $0.isAttached && $0.router == 1 })
    }

    @Test("a router that has lost the coordinator sends its agents to one that has not, with what they hold")
    func cutFromCoordinator() throws {
        var bench = bench()
        let asked = try bench.ask("ana", at: 0, Self.ticket, by: 1)
        let ana = asked.client
        bench.command(client: ana, .accept(asked.offer))
        bench.run(for: 200)
        bench.apply(.cut(0, fromCoordinator: true, fromPeers: false))
        bench.run(for: 5000)
        #expect(bench.clients[ana].isAttached && bench.clients[ana].router == 1)
        #expect(bench.clients[ana].view?.work.count == 1)
        bench.apply(.heal(0))
        bench.run(for: 3000)
        #expect(bench.clients[ana].router == 1)
        #expect(bench.watch.wrong == [])
    }

    @Test("an agent whom the policy does not have any more is told just that")
    func dismissed() throws {
        var bench = bench()
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 200)
        let policy = bench.company.policy
        let gone = policy.agents.map { $0?.name == "ana" ? nil : $0 }
        bench.apply(
            .reload(
                Policy(
                    version: 2, catalog: policy.catalog, groups: policy.groups, agents: gone, regions: policy.regions,
                    rules: policy.rules, timing: policy.timing)))
        bench.run(for: 300)
        #expect(bench.clients[ana].endings == [.dismissed])
        var other = self.bench()
        let phone = other.attach("ana", at: 0)
        other.run(for: 200)
        other.attach("ana", at: 1, device: 2)
        other.run(for: 300)
        #expect(other.clients[phone].endings == [.superseded])
    }

    @Test("whoever gives a ticket back is not asked for it at once; without a colleague he is after a while")
    func giverIsExcluded() throws {
        var bench = bench()
        let asked = try bench.ask("ana", at: 0, Self.ticket, by: 1)
        let ana = asked.client
        bench.command(client: ana, .accept(asked.offer))
        bench.run(for: 200)
        let held = try #require(bench.clients[ana].view?.work.first)
        bench.command(client: ana, .work(held.ticket, held.fence, .handOver(to: "ida")))
        bench.run(for: 4000)
        #expect(bench.clients[ana].view?.offers == [], "ida is not there: it is everybody's, but not ana's")
        bench.run(for: 1500)
        #expect(bench.clients[ana].view?.offers.map(\.id.ticket) == [held.ticket])
        #expect(bench.watch.wrong == [])
    }
}
