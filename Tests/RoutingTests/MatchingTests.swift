import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("matching") struct MatchingTests {
    /// Who gets it, by the rules as a person would read them: filter, sort, take.
    private func naive(_ bench: Bench, _ ticket: WaitingTicket) -> AgentID? {
        let router = bench.routers[0].core
        return router.policy.members(of: ticket.group).compactMap { router.presence[$0] }
            .filter { router.isReady($0, at: bench.time.instant) && ticket.signature.isMet(by: $0.presence.skills) }
            .sorted {
                $0.presence.idleSince != $1.presence.idleSince
                    ? $0.presence.idleSince < $1.presence.idleSince : $0.presence.agent < $1.presence.agent
            }
            .first?.presence.agent
    }

    @Test("a ticket is offered to the fit agent who has been idle longest (twin: filter, sort, take)")
    func longestIdle() throws {
        var bench = Bench(Company(people: Company.twenty), routersIn: ["north"], seed: 3)
        for person in Company.twenty { bench.attach(person.name, at: 0) }
        bench.run(for: 300)
        for _ in 0..<25 {
            let product = bench.random.pick(["truck", "bus"])
            let region = bench.random.pick(["north", "south", "hq"])
            let submission = Submission(region: region, product: product)
            let classification = try #require(bench.company.policy.classify(submission))
            let waiting = WaitingTicket(
                ticket: TicketID(0), fence: Fence(1), group: classification.group, widened: [], priority: 5,
                enteredAt: bench.time.wall, signature: classification.signature, subject: "")
            let expected = naive(bench, waiting)
            let place = bench.submit(submission, at: 0)
            bench.run(for: 50)
            let id = try #require(bench.submissions[place].accepted)
            let asked = bench.clients.filter { $0.view?.offers.contains { $0.id.ticket == id } ?? false }
            #expect(asked.map(\.agent) == [expected].compactMap { $0 })
            if let client = bench.clients.firstIndex(where: { $0.agent == expected }), bench.random.chance(1, of: 2) {
                let offer = try #require(bench.clients[client].view?.offers.first { $0.id.ticket == id })
                bench.command(client: client, .accept(offer.id))
                bench.run(for: bench.random.between(5, 60))
                bench.command(client: client, .work(id, offer.id.fence.next, .resolve))
                bench.run(for: 60)
            }
        }
        #expect(bench.watch.wrong == [])
    }

    @Test("a freed agent gets the ticket of the highest rank that he may take, and nothing that he may not")
    func highestRank() throws {
        let people = [
            Company.Person(name: "ana", groups: ["north-agents", "hq-agents"], skills: [("truck", 5)], capacity: 1)
        ]
        var bench = Bench(Company(people: people), routersIn: ["north"])
        for submission in [
            Submission(region: "north", product: "bus"), Submission(region: "north", product: "truck"),
            Submission(region: "hq"), Submission(segment: "vip"),
        ] {
            bench.submit(submission, at: 0)
            bench.run(for: 10)
        }
        let ana = bench.attach("ana", at: 0)
        var order: [UInt64] = []
        for _ in 0..<3 {
            bench.run(for: 100)
            let offer = try #require(bench.clients[ana].view?.offers.first)
            order.append(offer.id.ticket.value)
            bench.command(client: ana, .accept(offer.id))
            bench.run(for: 100)
            bench.command(client: ana, .work(offer.id.ticket, offer.id.fence.next, .resolve))
        }
        bench.run(for: 100)
        #expect(order == [4, 2, 3])
        #expect(bench.clients[ana].view?.offers == [])
        #expect(bench.routers[0].core.queues.ids == [TicketID(1)])
    }

    @Test("of tickets that come in one turn, an agent who is free already is asked for the highest of rank first")
    func oneTurn() throws {
        let people = [
            Company.Person(name: "ana", groups: ["north-agents", "hq-agents"], skills: [("truck", 5)], capacity: 1)
        ]
        var bench = Bench(Company(people: people), routersIn: ["north"])
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 200)
        for submission in [Submission(region: "hq"), Submission(segment: "vip")] { bench.submit(submission, at: 0) }
        bench.run(for: 200)
        #expect(bench.routers[0].core.queues.ids == [TicketID(1), TicketID(2)])
        #expect(bench.clients[ana].view?.offers.map(\.id.ticket) == [TicketID(2)])
    }

    /// Two agents come to their desks in one turn; ana can only do the second ticket, and ben either.
    private func bothCome(_ strategy: Strategy, _ deliveries: [Delivery] = []) -> Bench {
        let people = [
            Company.Person(name: "ana", groups: ["north-agents"], skills: [("truck", 5)], capacity: 1),
            Company.Person(name: "ben", groups: ["north-agents"], skills: [("truck", 9), ("bus", 9)], capacity: 1),
        ]
        var bench = Bench(
            Company(people: people, strategy: strategy, deliveries: deliveries), routersIn: ["north"])
        for person in people { bench.attach(person.name, at: 0) }
        bench.run(for: 200)
        for client in 0..<2 { bench.command(client: client, .setStatus(.away, reason: "")) }
        bench.run(for: 200)
        for product in ["bus", "truck"] {
            bench.submit(Submission(region: "north", product: product), at: 0)
            bench.run(for: 10)
        }
        for client in 0..<2 { bench.command(client: client, .setStatus(.available, reason: "")) }
        bench.run(for: 200)
        return bench
    }

    @Test(
        "of agents who become free in one turn, the one whom a ticket's group prefers is asked for what ranks higher",
        arguments: [Strategy.longestIdle, .bestSkilled, .leastLoaded])
    func preferredElsewhere(_ strategy: Strategy) {
        let bench = bothCome(strategy)
        #expect(bench.clients.map { $0.view?.offers.map(\.id.ticket.value) } == [[2], [1]])
        #expect(bench.watch.wrong == [])
    }

    @Test("who is asked beside another is asked for what ranks higher first, also when he became free just now")
    func beside() {
        let bench = bothCome(.longestIdle, [Delivery](repeating: .offered(atOnce: 2), count: 5))
        #expect(bench.clients.map { $0.view?.offers.map(\.id.ticket.value) } == [[2], [1]])
        #expect(bench.watch.wrong == [])
    }

    @Test("who declined is not asked again until the exclusion ends, and then is")
    func declined() throws {
        var bench = Bench(Company(people: Desk.people), routersIn: ["north"])
        let ana = bench.attach("ana", at: 0)
        bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 200)
        let first = try #require(bench.clients[ana].view?.offers.first)
        bench.command(client: ana, .decline(first.id))
        bench.run(for: 4800)
        #expect(bench.clients[ana].view?.offers == [])
        bench.run(for: 400)
        #expect(bench.clients[ana].view?.offers.first?.id.attempt == first.id.attempt + 1)
    }

    @Test("a seen offer that is let pass makes the agent notResponding until he says otherwise")
    func letPass() {
        var bench = Bench(Company(people: Desk.people), routersIn: ["north"])
        let ana = bench.attach("ana", at: 0)
        bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 4300)
        #expect(bench.clients[ana].view?.status == .notResponding)
        #expect(bench.routers[0].core.counters.offersExpiredSeen == 1)
        bench.command(client: ana, .setStatus(.available, reason: ""))
        bench.run(for: 5000)
        #expect(bench.clients[ana].view?.offers.count == 1)
    }

    @Test("an unseen offer that expires makes him unreachable, without penalty, until his client speaks")
    func unseen() {
        var bench = Bench(Company(people: Desk.people), routersIn: ["north"])
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 200)
        bench.clients[ana].isAttached = false
        bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 4300)
        let id = bench.company.id(of: "ana")
        #expect(bench.routers[0].core.hosted[id]?.status == .unreachable)
        #expect(bench.routers[0].core.counters.offersExpiredUnseen == 1)
        bench.clients[ana].isAttached = true
        bench.command(client: ana, .work(TicketID(9), Fence(1), .resolve))
        bench.run(for: 100)
        #expect(bench.routers[0].core.hosted[id]?.status == .available)
    }

    @Test("what is given up after a while lets an agent have the ticket who could not take it before")
    func relaxed() throws {
        var bench = Bench(Company(people: Desk.people), routersIn: ["north"])
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 200)
        let bus = Requirement(
            skill: SkillID(1), levelMin: 5,
            relaxations: [Relaxation(after: .seconds(2), levelMin: 2), Relaxation(after: .seconds(4), levelMin: 0)])
        let id = TicketID(77)
        bench.routers[0].core.queues.insert(
            WaitingTicket(
                ticket: id, fence: Fence(1), group: GroupID(3), widened: [], priority: 5,
                enteredAt: bench.time.wall, signature: Signature([bus]), subject: ""), since: bench.time.instant)
        bench.routers[0].core.relax(id, at: bench.time)
        bench.routers[0].core.requeue(id, at: bench.time)
        bench.run(for: 3900)
        #expect(bench.clients[ana].view?.offers == [])
        bench.run(for: 200)
        #expect(bench.clients[ana].view?.offers.map(\.id.ticket) == [id])
        #expect(bench.watch.wrong == [])
    }
}
