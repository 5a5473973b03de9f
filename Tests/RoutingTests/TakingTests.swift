import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("groups whose agents choose") struct TakingTests {
    private static let people = [
        Company.Person(name: "ana", groups: ["north-agents"], skills: [("truck", 5)], capacity: 1),
        Company.Person(name: "eva", groups: ["north-agents", "south-agents"], skills: [("bus", 5)], capacity: 2),
        Company.Person(name: "ben", groups: ["hq-agents"], skills: [("truck", 9)], capacity: 1),
    ]

    private func bench(_ names: [String], at router: Int = 0, in regions: [String] = ["north"]) -> Bench {
        let one = Delivery.offered(atOnce: 1)
        var bench = Bench(
            Company(people: Self.people, deliveries: [one, one, one, .taken, .taken]), routersIn: regions)
        for name in names { bench.attach(name, at: router) }
        bench.run(for: 200)
        return bench
    }

    private func submit(_ bench: inout Bench, _ product: String = "truck", region: String = "north") throws -> TicketID
    {
        let place = bench.submit(Submission(region: region, product: product, subject: product), at: 0)
        bench.run(for: 100)
        return try #require(bench.submissions[place].accepted)
    }

    private func browse(_ bench: inout Bench, _ client: Int) throws -> Browsed {
        let token = bench.browse(client, asVisitor: true)
        bench.run(for: 500)
        return try #require(bench.browsed[token])
    }

    @Test("nobody is offered a ticket of such a group, and the reason is that it waits to be taken")
    func offeredToNobody() throws {
        var bench = bench(["ana"])
        let id = try submit(&bench)
        bench.run(for: 3000)
        #expect(bench.clients[0].view?.offers == [])
        guard case .ticket(let explanation) = bench.routers[0].core.explain(.ticket(id), at: bench.time) else {
            return #expect(Bool(false))
        }
        #expect(explanation.phase == .waitsToBeTaken)
        #expect(bench.routers[0].core.counters.sweepFound == 0)
        #expect(bench.watch.wrong == [])
    }

    @Test("an agent sees what he may take in order of rank, takes one, and has it")
    func takes() throws {
        var bench = bench(["ana"])
        let first = try submit(&bench)
        _ = try submit(&bench, "bus")
        let third = try submit(&bench)
        let browsed = try browse(&bench, 0)
        #expect(browsed.tickets.map(\.ticket) == [first, third])
        #expect(browsed.isWhole)
        #expect(browsed.tickets.first?.subject == "truck")
        bench.command(client: 0, .take(third, browsed.tickets[1].fence))
        bench.run(for: 100)
        #expect(bench.clients[0].results == [.done(Fence(2))])
        #expect(bench.clients[0].view?.work.map(\.ticket) == [third])
        #expect(bench.record(of: third)?.state == .assigned(bench.clients[0].agent))
        #expect(try browse(&bench, 0).tickets.map(\.ticket) == [first])
        bench.command(client: 0, .take(third, Fence(1)))
        bench.command(client: 0, .work(third, Fence(2), .resolve))
        bench.run(for: 100)
        #expect(bench.clients[0].results[1] == .done(Fence(2)), "a repeat")
        #expect(bench.watch.wrong == [])
    }

    @Test("what may not be taken is refused with the reason")
    func refused() throws {
        var bench = bench(["ana", "ben"])
        let truck = try submit(&bench)
        let bus = try submit(&bench, "bus")
        let second = try submit(&bench)
        func result(_ client: Int, _ ticket: TicketID, _ fence: UInt32 = 1) -> CommandResult? {
            bench.command(client: client, .take(ticket, Fence(fence)))
            bench.run(for: 100)
            return bench.clients[client].results.last
        }
        #expect(result(0, truck, 7) == .refused(.gone))
        #expect(result(0, TicketID(99)) == .refused(.notFound))
        #expect(result(0, bus) == .refused(.notAllowed))
        #expect(result(1, truck) == .refused(.notAllowed))
        bench.command(client: 0, .setStatus(.away, reason: ""))
        #expect(result(0, truck) == .refused(.notAllowed))
        bench.command(client: 0, .setStatus(.available, reason: ""))
        #expect(result(0, truck) == .done(Fence(2)))
        #expect(result(0, second) == .refused(.overCapacity))
        #expect(bench.watch.wrong == [])
    }

    @Test("widened to a group that asks, it is offered there, and meanwhile nobody takes it")
    func widened() throws {
        var bench = bench(["ana", "ben"])
        let id = try submit(&bench)
        bench.run(for: 5500)
        #expect(bench.clients[1].view?.offers.map(\.id.ticket) == [id])
        #expect(try browse(&bench, 0).tickets.isEmpty)
        bench.command(client: 0, .take(id, Fence(1)))
        bench.run(for: 50)
        #expect(bench.clients[0].results == [.refused(.busy)])
        bench.command(client: 1, .decline(try #require(bench.clients[1].view?.offers.first?.id)))
        bench.run(for: 50)
        bench.command(client: 0, .take(id, Fence(1)))
        bench.run(for: 50)
        #expect(bench.clients[0].results.last == .done(Fence(2)))
        #expect(bench.watch.wrong == [])
    }

    @Test("at home at another router he sees and takes the same, and of two who take one the second hears gone")
    func elsewhere() throws {
        var bench = bench(["ana"], at: 1, in: ["north", "hq"])
        let id = try submit(&bench)
        #expect(try browse(&bench, 0).tickets.map(\.ticket) == [id])
        bench.command(client: 0, .take(id, Fence(1)))
        bench.run(for: 200)
        #expect(bench.clients[0].results == [.done(Fence(2))])
        #expect(bench.clients[0].view?.work.map(\.ticket) == [id])
        let eva = bench.attach("eva", at: 0)
        bench.run(for: 200)
        bench.command(client: eva, .take(id, Fence(1)))
        bench.run(for: 200)
        #expect(bench.clients[eva].results == [.refused(.gone)])
        #expect(bench.watch.wrong == [])
    }

    @Test("what waits in several regions is one list, and a region without an answer makes it less than whole")
    func severalRegions() throws {
        var bench = bench(["eva"], in: ["north", "south"])
        let first = try submit(&bench, "bus", region: "south")
        let second = try submit(&bench, "bus")
        let third = try submit(&bench, "bus", region: "south")
        var browsed = try browse(&bench, 0)
        #expect(browsed.tickets.map(\.ticket) == [first, second, third])
        #expect(browsed.isWhole)
        bench.network.cutFromPeers = [1]
        browsed = try browse(&bench, 0)
        #expect(browsed.tickets.map(\.ticket) == [second])
        #expect(!browsed.isWhole)
    }

    @Test("of more tickets than are shown the highest ranked are (twin: filter, sort, take)")
    func best() {
        var random = SplitMix64(seed: 5)
        var queues = Queues(groups: 1)
        var all: [Rank] = []
        let skills = [SkillLevel(skill: SkillID(0), level: 5)]
        for number in 1...2000 {
            let skill = UInt32(random.below(2))
            let waiting = WaitingTicket(
                ticket: TicketID(UInt64(number)), fence: Fence(1), group: GroupID(0), widened: [],
                priority: Priority(random.below(3)), enteredAt: WallTime(milliseconds: random.below(500)),
                signature: Signature([Requirement(skill: SkillID(skill), levelMin: UInt8(random.between(1, 9)))]),
                subject: "")
            queues.insert(waiting, since: Instant(milliseconds: 0))
            queues.enqueue(waiting.ticket, in: [(GroupID(0), false)])
            guard waiting.signature.isMet(by: skills) else { continue }
            all.append(
                Rank(
                    priority: waiting.priority, isForeign: false, enteredAt: waiting.enteredAt, ticket: waiting.ticket))
        }
        let expected = Array(all.sorted().prefix(Limits.browsedMax))
        #expect(queues.best(Limits.browsedMax, in: GroupID(0), for: skills) == expected)
        #expect(all.count > Limits.browsedMax)
    }
}
