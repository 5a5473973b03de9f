import Testing

@testable import Routing

@Suite("the reconciler") struct ReconcilingTests {
    /// Ana holds a ticket.
    private func bench() throws -> (Bench, AgentID) {
        var bench = Bench(Company(people: EndToEndTests.people), routersIn: ["hq", "north"])
        let ana = bench.attach("ana", at: 1)
        bench.run(for: 500)
        bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 200)
        let offer = try #require(bench.clients[ana].view?.offers.first)
        bench.command(client: ana, .accept(offer.id))
        bench.run(for: 200)
        let id = bench.company.id(of: "ana")
        #expect(bench.routers[1].core.hosted[id]?.load == 1)
        return (bench, id)
    }

    private func counts(_ bench: Bench) -> Reconciling { bench.coordinator.core?.reconciling ?? Reconciling() }
    private var alert: Coordinator.Report { .loadRepaired("ana") }

    @Test("whoever holds what the ledger says is compared every ten seconds, and nothing else happens")
    func honest() throws {
        var (bench, _) = try bench()
        bench.run(for: 60_000)
        #expect((5...8).contains(counts(bench).compared))
        #expect(counts(bench).differed == 0)
    }

    @Test("canary: a ticket that his router has forgotten is his again after the second comparison, and counted")
    func forgotten() throws {
        var (bench, ana) = try bench()
        bench.routers[1].core.change(ana, at: bench.time) { $0.work = [] }
        let isPutRight = bench.run(atMost: 22_000) { $0.routers[1].core.hosted[ana]?.load == 1 }
        #expect(isPutRight)
        #expect(counts(bench).repaired == 1)
        #expect(counts(bench).differed == 2)
        #expect(bench.routers[1].core.counters.loadsRepaired == 1)
        #expect(bench.coordinator.reports.contains(alert))
        bench.run(for: 30_000)
        #expect(counts(bench).differed == 2)
        bench.judgeEnd()
        #expect(bench.watch.wrong.contains { $0.contains("not the ledger's") })
    }

    @Test("canary: a unit that is taken by a ticket that is another's, or over, is free again")
    func leaked() throws {
        var (bench, ana) = try bench()
        let held = try #require(bench.routers[1].core.hosted[ana]?.work.first?.assignment)
        let made = Assignment(
            ticket: TicketID(77), fence: Fence(2), group: held.group, isPending: false, priority: 5, cost: held.cost,
            submission: held.submission, wroteAt: nil)
        bench.routers[1].core.change(ana, at: bench.time) {
            $0.work.append(HostedWork(assignment: made, version: $0.seen))
        }
        let isPutRight = bench.run(atMost: 22_000) { $0.routers[1].core.hosted[ana]?.load == 1 }
        #expect(isPutRight)
        #expect(bench.routers[1].core.hosted[ana]?.work.map(\.assignment.ticket) == [held.ticket])
        #expect(counts(bench).repaired == 1)
    }

    @Test("canary: an agent of whom his router knows nothing is given his grace, and then his ticket is another's")
    func phantom() throws {
        var (bench, ana) = try bench()
        bench.routers[1].core.hosted[ana] = nil
        bench.routers[1].core.sessions = Table()
        // Nor does his client come back.
        bench.clients[0].isAttached = false
        bench.clients[0].attaching = nil
        bench.clients[0].parked = nil
        bench.clients[0].busy = nil
        let isPutRight = bench.run(atMost: 22_000) { bench in
            if case .inGrace? = bench.coordinator.core?.ledger.agent(ana)?.presence { true } else { false }
        }
        #expect(isPutRight)
        #expect(counts(bench).repaired == 1)
        bench.run(for: 8_000)
        #expect(bench.coordinator.core?.ledger.tickets[TicketID(1)]?.state == .waiting)
    }

    @Test("news that travel are no difference: through losses, crashes and cuts nothing is repaired", arguments: 1...6)
    func faultyWorlds(_ seed: UInt64) {
        var world = World(seed: 700 + seed, tickets: 120)
        #expect(world.play() == [])
        #expect(counts(world.bench).compared > 50)
        #expect(counts(world.bench).repaired == 0)
    }

    @Test("a router with more agents than a slice tells them all, slice by slice")
    func slices() {
        let people = (0..<2_500).map { Company.Person(name: "p\($0)", groups: ["north-agents"]) }
        var bench = Bench(Company(people: people), routersIn: ["north"])
        for person in people.prefix(1_100) { bench.attach(person.name, at: 0) }
        bench.run(for: 3_000)
        let before = counts(bench).compared
        bench.run(for: 10_500)
        #expect(counts(bench).compared - before >= 1_100)
        #expect(counts(bench).differed == 0)
    }
}
