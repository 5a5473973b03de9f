import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("offers to several at once") struct OffersAtOnceTests {
    private static let people =
        ["ana", "eva", "ida"].map {
            Company.Person(name: $0, groups: ["north-agents"], skills: [("truck", 5)], capacity: 1)
        } + [Company.Person(name: "ben", groups: ["hq-agents"], skills: [("truck", 9)], capacity: 1)]

    private func company(_ atOnce: UInt8, _ change: (inout Timing) -> Void = { _ in }) -> Company {
        var timing = Timing.brisk
        change(&timing)
        let one = Delivery.offered(atOnce: 1)
        return Company(people: Self.people, timing: timing, deliveries: [one, one, one, .offered(atOnce: atOnce)])
    }

    private func bench(_ atOnce: UInt8, _ names: [String] = ["ana", "eva", "ida"]) -> Bench {
        var bench = Bench(company(atOnce), routersIn: ["north"])
        for name in names {
            bench.attach(name, at: 0)
            bench.run(for: 100)
        }
        return bench
    }

    private func asked(_ bench: Bench) -> [Int] {
        bench.clients.indices.filter { !(bench.clients[$0].view?.offers.isEmpty ?? true) }
    }

    @Test("as many are asked as the group says, the first who accepts has it, and the others lose their offers")
    func firstWins() throws {
        var bench = bench(2)
        let place = bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 200)
        #expect(asked(bench) == [0, 1])
        let offers = try asked(bench).map { try #require(bench.clients[$0].view?.offers.first?.id) }
        bench.command(client: 1, .accept(offers[1]))
        bench.run(for: 20)
        #expect(asked(bench).isEmpty)
        bench.command(client: 0, .accept(offers[0]))
        bench.run(for: 20)
        #expect(bench.clients[0].results == [.refused(.gone)])
        let id = try #require(bench.submissions[place].accepted)
        #expect(bench.record(of: id)?.state == .assigned(bench.clients[1].agent))
        #expect(bench.record(of: id)?.standing.attempts == 0)
        #expect(bench.watch.wrong == [])
    }

    @Test("of two who accept at the same time the ledger chooses one, and the other hears gone")
    func race() throws {
        var bench = bench(2)
        bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 200)
        for client in asked(bench) {
            bench.command(client: client, .accept(try #require(bench.clients[client].view?.offers.first?.id)))
        }
        bench.run(for: 100)
        #expect(bench.clients.flatMap(\.results).count { $0 == .refused(.gone) } == 1)
        #expect(bench.clients.count { !($0.view?.work.isEmpty ?? true) } == 1)
        #expect(asked(bench).isEmpty)
        #expect(bench.watch.wrong == [])
    }

    @Test("who declines is replaced while others are asked, and the ticket is in the lanes only when all have ended")
    func replaced() throws {
        var bench = bench(2)
        let place = bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 200)
        let id = try #require(bench.submissions[place].accepted)
        var left: [Int] = []
        for (client, others) in [(0, [1, 2]), (2, [1]), (1, [])] {
            bench.command(client: client, .decline(try #require(bench.clients[client].view?.offers.first?.id)))
            bench.run(for: 50)
            #expect(asked(bench) == others)
            left.append(bench.routers[0].core.queues.heads(of: GroupID(3)).count)
        }
        #expect(left == [0, 0, 1])
        #expect(bench.record(of: id)?.standing.attempts == 3)
        #expect(bench.watch.wrong == [])
    }

    @Test("one who goes away or whose offer expires leaves the others theirs")
    func others() throws {
        var bench = bench(3)
        bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 200)
        #expect(asked(bench) == [0, 1, 2])
        bench.command(client: 0, .setStatus(.away, reason: ""))
        bench.run(for: 50)
        #expect(asked(bench) == [1, 2])
        bench.step(client: 1, .connectionLost(bench.clients[1].pipe))
        bench.run(for: 10)
        let open = bench.routers[0].core.queues.ids.flatMap { bench.routers[0].core.queues[$0]?.openOffers ?? [] }
        #expect(open.map(\.offer.agent) == [bench.clients[2].agent])
        #expect(bench.watch.wrong == [])
    }

    @Test("an agent of another region may be one of them: the claim is granted while there is room", arguments: [1, 2])
    func claimed(_ atOnce: UInt8) throws {
        var bench = Bench(company(atOnce) { $0.offerTimeout = .seconds(30) }, routersIn: ["north", "hq"])
        bench.attach("ana", at: 0)
        let ben = bench.attach("ben", at: 1)
        bench.run(for: 200)
        bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 4000)
        #expect(asked(bench) == [0])
        bench.run(for: 4000)
        #expect(asked(bench) == (atOnce == 1 ? [0] : [0, ben]))
        #expect(bench.routers[1].core.counters.claims > 0)
        #expect(bench.watch.wrong == [])
    }

    @Test("those who are asked are the best by the group's strategy (twin: filter, sort, take three)")
    func best() throws {
        let three = [Delivery](repeating: .offered(atOnce: 3), count: 5)
        var bench = Bench(Company(people: Company.twenty, deliveries: three), routersIn: ["north"], seed: 3)
        for person in Company.twenty { bench.attach(person.name, at: 0) }
        bench.run(for: 300)
        for _ in 0..<15 {
            let submission = Submission(
                region: bench.random.pick(["north", "south", "hq"]), product: bench.random.pick(["truck", "bus"]))
            let wanted = try #require(bench.company.policy.classify(submission))
            let router = bench.routers[0].core
            let expected = router.policy.members(of: wanted.group).compactMap { router.presence[$0] }
                .filter { router.isReady($0, at: bench.time.instant) && wanted.signature.isMet(by: $0.presence.skills) }
                .sorted {
                    ($0.presence.idleSince.milliseconds, $0.presence.agent.value)
                        < ($1.presence.idleSince.milliseconds, $1.presence.agent.value)
                }.prefix(3).map(\.presence.agent)
            let place = bench.submit(submission, at: 0)
            bench.run(for: 50)
            let id = try #require(bench.submissions[place].accepted)
            let open = bench.routers[0].core.queues[id]?.openOffers ?? []
            #expect(open.map(\.offer.agent) == expected)
            if let first = bench.clients.firstIndex(where: { $0.agent == expected.first }) {
                let offer = try #require(bench.clients[first].view?.offers.first { $0.id.ticket == id })
                bench.command(client: first, .accept(offer.id))
                bench.run(for: 50)
                bench.command(client: first, .work(id, offer.id.fence.next, .resolve))
                bench.run(for: 50)
            }
        }
        #expect(bench.watch.wrong == [])
    }
}
