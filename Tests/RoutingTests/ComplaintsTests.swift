import Routing
import Testing

@testable import Routing

/// What users of other systems complain about, each as a test that it cannot happen here. The whole list, with its
/// sources, is Tests/COMPLAINTS.md; the numbers are its numbers.
@Suite("complaints about other systems") struct ComplaintsTests {
    static func person(_ name: String, capacity: UInt32 = 1, wrapUp: Interval = .zero) -> Company.Person {
        Company.Person(
            name: name, groups: ["north-agents"], skills: [("truck", 5)], capacity: capacity, wrapUp: wrapUp)
    }

    /// One router, the region north.
    static func bench(_ people: [Company.Person], strategy: Strategy = .longestIdle) -> Bench {
        Bench(Company(people: people, strategy: strategy), routersIn: ["north"])
    }

    // MARK: - who is free gets what waits

    @Test("a slot that becomes free goes to the ticket that has waited longest, not to the one that comes next")
    func oldestFirst() throws {
        var bench = Self.bench([Self.person("ana")])
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 100)
        bench.submitTruck(3)
        try bench.accept(ana)
        // In the very moment in which she is free again another one comes.
        bench.resolve(ana)
        bench.submitTruck(1)
        #expect(bench.offered(ana) == [2])
        #expect(bench.watch.wrong == [])
    }

    @Test("a backlog that came while nobody was there is worked off when somebody comes, oldest first")
    func backlog() throws {
        var bench = Self.bench([Self.person("ana")])
        bench.submitTruck(3)
        bench.run(for: 20_000)
        let ana = bench.attach("ana", at: 0)
        for id: UInt64 in 1...3 {
            bench.run(for: 200)
            #expect(bench.offered(ana) == [id])
            try bench.accept(ana)
            bench.resolve(ana)
        }
        #expect(bench.routers[0].core.queues.count == 0 && bench.watch.wrong == [])
    }

    @Test("a ticket that nobody could take is a standing want: whoever becomes available gets it, unasked")
    func standingWant() {
        var bench = Self.bench([Self.person("ana")])
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 100)
        bench.say(ana, .setStatus(.away, reason: ""))
        bench.submitTruck(1)
        bench.run(for: 3_000)
        #expect(bench.offered(ana) == [])
        bench.say(ana, .setStatus(.available, reason: ""))
        #expect(bench.offered(ana) == [1])
    }

    @Test("an agent who is deleted leaves nothing behind that would stop the others")
    func deleted() throws {
        let people = [Self.person("ana"), Self.person("ben")]
        var bench = Self.bench(people)
        let ana = bench.attach("ana", at: 0)
        let ben = bench.attach("ben", at: 0)
        bench.run(for: 100)
        bench.submitTruck(1)
        #expect(bench.offered(ana) == [1])
        let old = bench.company.policy
        let policy = Policy(
            version: 2, catalog: old.catalog, groups: old.groups, agents: [nil, old.agents[1]], regions: old.regions,
            rules: old.rules, timing: old.timing)
        bench.adopt(policy)
        // What she was shown goes on, and so does everything that comes after.
        let isPassedOn = bench.run(atMost: 6_000) { $0.offered(ben) == [1] }
        #expect(isPassedOn)
        try bench.accept(ben)
        bench.resolve(ben)
        bench.submitTruck(1)
        #expect(bench.offered(ben) == [2])
    }

    @Test("who joins a group by a new policy gets at once what waits there, and the sweep has nothing to find")
    func joinsGroup() {
        var bench = Self.bench([Company.Person(name: "ana", groups: ["vendors"], skills: [("truck", 5)], capacity: 1)])
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 100)
        bench.submit(Submission(region: "north", product: "truck", subject: "s"), at: 0)
        bench.run(for: 500)
        #expect(bench.offered(ana) == [])
        let policy = Company(people: [Self.person("ana")], version: 2).policy
        bench.adopt(policy)
        bench.run(for: 1_500)
        #expect(bench.offered(ana) == [1])
        #expect(bench.routers[0].core.counters.sweepFound == 0)
    }

    // MARK: - capacity and load

    @Test("a burst is spread by load, with offers that are not answered yet counted as load")
    func spreadByLoad() {
        let names = ["ana", "ben", "cas", "dan"]
        var bench = Self.bench(names.map { Self.person($0, capacity: 4) }, strategy: .leastLoaded)
        let clients = names.map { bench.attach($0, at: 0) }
        bench.run(for: 100)
        bench.submitTruck(8)
        #expect(clients.map { bench.offered($0).count } == [2, 2, 2, 2])
    }

    @Test("a burst asks each agent for as many as he can hold, though he is attached to another router")
    func burst() {
        var bench = Bench(
            Company(people: ["ana", "ben", "cas"].map { Self.person($0) }), routersIn: ["north", "south"])
        let clients = ["ana", "ben", "cas"].map { bench.attach($0, at: 1) }
        bench.run(for: 500)
        bench.submitTruck(10)
        #expect(clients.map { bench.offered($0).count } == [1, 1, 1])
        #expect(bench.routers[0].core.counters.offersMade == 3)
        #expect(bench.watch.wrong == [])
    }

    @Test("an agent of two groups has his capacity once, whichever group he is asked through")
    func oneCapacity() {
        var ana = Self.person("ana", capacity: 2)
        ana = Company.Person(name: "ana", groups: ["north-agents", "hq-agents"], skills: ana.skills, capacity: 2)
        var bench = Bench(Company(people: [ana]), routersIn: ["north", "hq"])
        let client = bench.attach("ana", at: 0)
        bench.run(for: 500)
        // Both regions' owners want him at once, for two tickets each.
        for _ in 0..<2 {
            bench.submit(EndToEndTests.ticket, at: 0)
            bench.submit(Submission(region: "hq", subject: "s"), at: 1)
        }
        bench.run(for: 2_000)
        #expect(bench.offered(client).count == 2)
        #expect(bench.watch.wrong == [])
    }

    @Test("a ticket that is accepted twice is given once: in his load, his share and the ledger")
    func countedOnce() {
        var home = RestingTests.Home()
        home.wait(1)
        guard let offer = home.router.hosted[home.ana]?.offers.first?.offer.id else {
            Issue.record("nothing is offered")
            return
        }
        home.take(1)
        home.command(.accept(offer))
        home.command(.accept(offer))
        #expect(home.router.hosted[home.ana]?.handled == 1)
        #expect(home.router.hosted[home.ana]?.load == 1)
    }

    @Test("of an agent's fair share everything counts that he is shown, taken or not")
    func shareOfABurst() {
        var fairness = Fairness()
        fairness.most = 3
        fairness.window = .seconds(60)
        var home = RestingTests.Home(fairness: fairness, capacity: 9)
        home.wait(1)
        home.take(1)
        for id: UInt64 in 2...6 { home.wait(id) }
        #expect((2...6).filter { home.isOffered($0) } == [2, 3])
        guard let offer = home.router.hosted[home.ana]?.offers.first?.offer.id else { return }
        home.command(.decline(offer))
        #expect((3...6).filter { home.isOffered($0) } == [3, 4])
    }

    // MARK: - turns and shares

    @Test("who comes back from leave does not get everything: what others were given long ago does not count")
    func backFromLeave() throws {
        var fairness = Fairness()
        fairness.window = .seconds(20)
        let people = [Self.person("ana", capacity: 9), Self.person("ben", capacity: 9)]
        var bench = Bench(
            Company(people: people, strategy: .fewestHandled, fairness: fairness), routersIn: ["north"])
        let ana = bench.attach("ana", at: 0)
        bench.run(for: 100)
        for _ in 0..<5 {
            bench.submitTruck(1)
            try bench.accept(ana)
            bench.resolve(ana)
        }
        bench.run(for: 21_000)
        let ben = bench.attach("ben", at: 0)
        bench.run(for: 500)
        var given = [0, 0]
        for _ in 0..<6 {
            bench.submitTruck(1)
            for (place, client) in [ana, ben].enumerated() where !bench.offered(client).isEmpty {
                try bench.accept(client)
                given[place] += 1
                bench.resolve(client)
            }
        }
        #expect(given == [3, 3])
    }

    @Test("in a cluster round robin asks each in his turn, whatever routers they are attached to")
    func roundRobin() throws {
        let names = ["ana", "ben", "cas"]
        var bench = Bench(
            Company(people: names.map { Self.person($0, capacity: 9) }, strategy: .roundRobin),
            routersIn: ["north", "south", "hq"])
        let clients = names.indices.map { bench.attach(names[$0], at: $0) }
        bench.run(for: 500)
        var turns: [Int] = []
        for number in 0..<9 {
            let before = clients.map { bench.clients[$0].view?.work.count ?? 0 }
            bench.submit(EndToEndTests.ticket, at: number % 3)
            bench.run(for: 200)
            let asked = try #require(clients.indices.first { !bench.offered(clients[$0]).isEmpty })
            try bench.accept(clients[asked])
            #expect(bench.clients[clients[asked]].view?.work.count == before[asked] + 1)
            turns.append(asked)
        }
        #expect(turns == [0, 1, 2, 0, 1, 2, 0, 1, 2])
        #expect(bench.watch.wrong == [])
    }
}
