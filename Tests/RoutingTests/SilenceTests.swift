import Testing

@testable import Routing

@Suite("a region that is not heard") struct SilenceTests {
    private static let people = [
        Company.Person(name: "ben", groups: ["hq-agents"], capacity: 1),
        Company.Person(name: "eva", groups: ["hq-agents"], capacity: 1),
    ]
    private static let ticket = Submission(region: "hq", subject: "s")

    /// Ben is at home with the owner of his group, and eva, who has been idle for longer, with another router.
    private func bench() -> (Bench, ben: Int, eva: Int) {
        var bench = Bench(Company(people: Self.people), routersIn: ["hq", "north"])
        let eva = bench.attach("eva", at: 1)
        bench.run(for: 500)
        let ben = bench.attach("ben", at: 0)
        bench.run(for: 500)
        return (bench, ben, eva)
    }

    private func hq(_ bench: Bench) -> Router { bench.routers[0].core }

    @Test("its agents are unreachable from here, not absent, and others are asked in their place at once")
    func othersAreAsked() throws {
        var (bench, ben, eva) = bench()
        bench.apply(.cut(1, fromCoordinator: false, fromPeers: true))
        bench.run(for: 5_000)
        #expect(hq(bench).counters.peersLost == 1)
        bench.submit(Self.ticket, at: 0)
        bench.run(for: 50)
        #expect(bench.clients[ben].view?.offers.count == 1)
        #expect(hq(bench).counters.offersToOtherRouters == 0)
        bench.submit(Self.ticket, at: 0)
        bench.run(for: 50)
        let id = try #require(hq(bench).queues.ids.last)
        guard case .ticket(let why) = hq(bench).explain(.ticket(id), at: bench.time) else {
            return #expect(Bool(false), "not in the queue")
        }
        let evas = bench.company.id(of: "eva")
        #expect(why.groups[0].parts.first { $0.examples == [evas] }?.obstacle == .cutOff)
        guard case .agent(let agent) = hq(bench).explain(.agent(evas), at: bench.time) else {
            return #expect(Bool(false), "no explanation")
        }
        #expect(agent.obstacle == .cutOff)
        #expect(hq(bench).gauges.first { $0.name == "agentsCutOff" }?.value == 1)
        #expect(hq(bench).checkInvariants(at: bench.time) == [])
        // The coordinator hears both routers: to it nobody is gone.
        #expect(bench.coordinator.core?.ledger.agent(evas)?.presence == .attached(bench.routers[1].core.incarnation))
        #expect(bench.clients[eva].view?.offers == [])
    }

    @Test("nothing is begun with it, not even where nobody else is left, and with its first sign it is asked at once")
    func backAtOnce() {
        var (bench, ben, eva) = bench()
        bench.command(client: ben, .setStatus(.away, reason: ""))
        bench.apply(.cut(1, fromCoordinator: false, fromPeers: true))
        bench.run(for: 5_000)
        bench.submit(Self.ticket, at: 0)
        bench.run(for: 3_000)
        #expect(hq(bench).counters.offersMade == 0)
        bench.apply(.heal(1))
        // Its next digest, or the answer to the question that is asked each second.
        bench.run(for: 1_050)
        #expect(bench.clients[eva].view?.offers.count == 1)
        #expect(hq(bench).gauges.first { $0.name == "peersCutOff" }?.value == 0)
        #expect(hq(bench).counters.sweepFound == 0)
    }

    @Test("a router that has gone is no longer waited for, and its agents' entries go with it")
    func gone() {
        var (bench, _, _) = bench()
        bench.apply(.cut(1, fromCoordinator: true, fromPeers: true))
        bench.run(for: 12_000)
        #expect(hq(bench).presence[bench.company.id(of: "eva")] == nil)
        #expect(hq(bench).gossip.peers.isEmpty)
        #expect(hq(bench).presence.silentHomes.isEmpty)
    }

    @Test("one digest that is lost, or two, say nothing")
    func oneLost() {
        var (bench, _, eva) = bench()
        bench.apply(.cut(1, fromCoordinator: false, fromPeers: true))
        bench.run(for: 2_000)
        bench.apply(.heal(1))
        bench.run(for: 2_000)
        #expect(hq(bench).counters.peersLost == 0)
        bench.submit(Self.ticket, at: 0)
        bench.run(for: 50)
        #expect(bench.clients[eva].view?.offers.count == 1)
    }
}
