import Routing
import Testing

@testable import Routing

@Suite("complaints about other systems: presence, offers, time after a ticket") struct ComplaintsPresenceTests {
    @Test("what a lost answer showed, the next poll shows again, without a change of status")
    func shownAgain() {
        var home = RestingTests.Home()
        let poll = SessionPoll(instance: home.instance, seen: [], commands: [])
        home.step(.poll(poll, RequestToken(900), PipeID(1)))
        home.wait(1)
        // Answered with the offer, or parked until now: the client hears nothing of it and asks again, at once.
        home.effects = []
        home.step(.poll(poll, RequestToken(901), PipeID(1)))
        let shown = home.effects.compactMap { effect -> [TicketID]? in
            guard case .sessionAnswer(let answer, RequestToken(901)) = effect else { return nil }
            return answer.views.last?.offers.map(\.id.ticket)
        }
        #expect(shown == [[TicketID(1)]])
    }

    @Test("who sets himself away is shown no longer what he has not accepted, and it goes on at once, with its age")
    func awayDuringOffer() {
        var bench = ComplaintsTests.bench([ComplaintsTests.person("ana"), ComplaintsTests.person("ben")])
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 100)
        let ben = bench.attach("ben", at: 0)
        bench.run(for: 100)
        bench.submitTruck(1)
        #expect(bench.offered(ana) == [1])
        bench.run(for: 1_000)
        bench.say(ana, .setStatus(.away, reason: ""))
        #expect(bench.offered(ana) == [] && bench.offered(ben) == [1])
        #expect((bench.clients[ben].view?.offers.first?.age ?? .zero) >= .seconds(1))
        #expect(bench.watch.wrong == [])
    }

    @Test("a status that changes during an offer makes no loop of offers")
    func noLoop() {
        var bench = ComplaintsTests.bench([ComplaintsTests.person("ana")])
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 100)
        bench.submitTruck(1)
        for _ in 0..<20 {
            bench.say(ana, .setStatus(.away, reason: ""))
            bench.say(ana, .setStatus(.available, reason: ""))
        }
        // 20 changes took two seconds: after each withdrawal he is left alone with it for one, and then he flaps.
        #expect(bench.routers[0].core.counters.offersMade <= 3)
        let isAskedAgain = bench.run(atMost: 35_000) { $0.offered(ana) == [1] }
        #expect(isAskedAgain)
        #expect(bench.watch.wrong == [])
    }

    @Test("a wrap-up is the agent's own: it lasts as long after a transfer, and ends whatever others do")
    func wrapUps() throws {
        var bench = ComplaintsTests.bench([
            ComplaintsTests.person("ana", wrapUp: .seconds(3)), ComplaintsTests.person("ben", wrapUp: .seconds(8)),
        ])
        let clients = ["ana", "ben"].map { bench.attach($0, at: 0) }
        bench.run(for: 100)
        bench.submitTruck(2)
        for client in clients { try bench.accept(client) }
        // Ana passes hers on, which begins her time; Ben resolves his.
        let work = try #require(bench.clients[clients[0]].view?.work.first)
        bench.say(clients[0], .work(work.ticket, work.fence, .transfer(to: "north-agents")))
        bench.resolve(clients[1])
        bench.submitTruck(1)
        bench.run(for: 2_500)
        #expect(clients.map { bench.offered($0).count } == [0, 0])
        bench.run(for: 600)
        #expect(clients.map { bench.offered($0).count } == [1, 0])
        bench.run(for: 3_500)
        #expect(bench.offered(clients[1]).isEmpty)
        bench.run(for: 2_000)
        #expect(bench.offered(clients[1]).count == 1)
    }

    @Test("available for one: in the time after the one ticket nothing comes either")
    func availableForOne() {
        var home = RestingTests.Home(wrapUp: .seconds(5))
        home.command(.setStatus(.availableForOne, reason: ""))
        home.wait(1)
        home.take(1)
        home.resolve(1)
        home.wait(2)
        #expect(!home.isOffered(2))
        home.pass(seconds: 6)
        #expect(!home.isOffered(2))
        #expect(home.router.hosted[home.ana]?.status == .away)
    }

    @Test("no agent stays reserved for a ticket that another one took or that is gone")
    func nobodyStaysReserved() throws {
        // An agent's router dies with an offer on his screen; the owner frees ticket and agent by itself.
        var bench = Bench(
            Company(people: ["ana", "ben"].map { ComplaintsTests.person($0) }), routersIn: ["north", "south", "hq"])
        let ana = bench.attach("ana", at: 1)
        bench.run(for: 500)
        bench.submitTruck(1)
        #expect(bench.offered(ana) == [1])
        let ben = bench.attach("ben", at: 0)
        bench.run(for: 500)
        bench.apply(.routerDies(1))
        func isOnScreen(_ bench: borrowing Bench, _ client: Int) -> Bool {
            bench.clients[client].isAttached && bench.offered(client) == [1]
        }
        bench.clients[ana].view = nil
        let isAskedAgain = bench.run(atMost: 10_000) { isOnScreen($0, ana) || isOnScreen($0, ben) }
        #expect(isAskedAgain)
        let holder = isOnScreen(bench, ben) ? ben : ana
        try bench.accept(holder)
        bench.resolve(holder)
        bench.run(for: 1_000)
        #expect(bench.routers[0].core.presence.all.allSatisfy { $0.held.isEmpty })
        #expect(bench.watch.wrong == [])
    }
}

extension Bench {
    /// Tickets of region north, one after the other in one moment.
    mutating func submitTruck(_ count: Int) {
        for _ in 0..<count { submit(EndToEndTests.ticket, at: 0) }
        run(for: 100)
    }
    /// The coordinator has a new cluster file, with the same names.
    mutating func adopt(_ policy: Policy) {
        let loaded = Coordinator.Event.policyLoaded(policy, text: "{ }", additions: Catalog.Additions())
        schedule(.atCoordinator(process: coordinator.process, loaded), in: 1)
    }
    func offered(_ client: Int) -> [UInt64] { clients[client].view?.offers.map(\.id.ticket.value) ?? [] }

    mutating func say(_ client: Int, _ action: AgentAction) {
        command(client: client, action)
        run(for: 50)
    }
    /// His oldest offer.
    mutating func accept(_ client: Int) throws {
        let offer = try #require(clients[client].view?.offers.first)
        say(client, .accept(offer.id))
    }
    /// What he has had longest.
    mutating func resolve(_ client: Int) {
        guard let work = clients[client].view?.work.first else { return }
        say(client, .work(work.ticket, work.fence, .resolve))
    }
}
