import Testing

@testable import Routing

@Suite("the way of a ticket") struct EndToEndTests {
    static let people = [
        Company.Person(name: "ana", groups: ["north-agents"], skills: [("truck", 5)], capacity: 1),
        Company.Person(name: "ben", groups: ["hq-agents"], skills: [("truck", 9)], capacity: 1),
        Company.Person(name: "eva", groups: ["hq-engineers"], skills: [("truck", 9)], capacity: 1),
    ]
    static let ticket = Submission(
        customer: "ACME", region: "north", product: "truck", subject: "it smokes", text: "since Tuesday")

    private func accept(_ bench: inout Bench, _ client: Int) throws -> WorkView {
        let offer = try #require(bench.clients[client].view?.offers.first)
        bench.command(client: client, .accept(offer.id))
        bench.run(for: 100)
        #expect(bench.clients[client].results.last == .done(offer.id.fence.next))
        return try #require(bench.clients[client].view?.work.first)
    }

    private func work(_ bench: inout Bench, _ client: Int, _ held: WorkView, _ work: WorkAction) {
        bench.command(client: client, .work(held.ticket, held.fence, work))
        bench.run(for: 100)
    }

    @Test("submitted at one router, offered, accepted, escalated, sent back down, resolved and closed")
    func escalatedAndSentDown() throws {
        var bench = Bench(Company(people: Self.people), routersIn: ["hq", "north"])
        let ana = bench.attach("ana", at: 1)
        let eva = bench.attach("eva", at: 0)
        bench.run(for: 500)
        let place = bench.submit(Self.ticket, at: 0)
        bench.run(for: 200)
        let id = try #require(bench.submissions[place].accepted)

        let first = try accept(&bench, ana)
        #expect(first.submission?.text == "since Tuesday")
        #expect(bench.record(of: id)?.state == .assigned(bench.company.id(of: "ana")))
        work(&bench, ana, first, .reply(text: "we look into it"))
        work(&bench, ana, first, .escalate(to: nil))
        #expect(bench.clients[ana].view?.work.isEmpty == true)

        let second = try accept(&bench, eva)
        #expect(second.group == "hq-engineers")
        work(&bench, eva, second, .sendDown(to: nil))
        let third = try accept(&bench, ana)
        #expect(third.group == "north-agents")
        work(&bench, ana, third, .resolve)
        #expect(bench.clients[ana].results.last == .done(third.fence))
        bench.run(for: 11_000)

        #expect(bench.watch.closed == [id])
        let kinds = bench.coordinator.core?.ledger.closed[id]?.steps.map(\.kind)
        #expect(
            kinds == [
                .opened, .assigned, .replied, .escalated, .assigned, .sentDown, .assigned, .resolved, .closed,
            ])
        #expect(bench.watch.wrong == [])
    }

    @Test("a branch ticket with nobody free is widened to HQ and served by an agent attached to another router")
    func widenedToHeadquarters() throws {
        var bench = Bench(Company(people: Self.people), routersIn: ["hq", "north", "south"])
        let ben = bench.attach("ben", at: 2)
        bench.run(for: 500)
        let place = bench.submit(Self.ticket, at: 1)
        bench.run(for: 4500)
        #expect(bench.clients[ben].view?.offers.isEmpty == true)
        bench.run(for: 1500)
        let id = try #require(bench.submissions[place].accepted)
        #expect(bench.record(of: id)?.widened == [GroupID(0)])
        #expect(bench.routers[0].core.counters.claims >= 1)
        #expect(bench.routers[1].core.counters.offersToOtherRouters == 1)
        let held = try accept(&bench, ben)
        work(&bench, ben, held, .resolve)
        bench.run(for: 11_000)
        #expect(bench.watch.closed == [id])
        #expect(bench.watch.wrong == [])
        #expect(bench.routers.map(\.core.counters.sweepFound) == [0, 0, 0])
    }
}
