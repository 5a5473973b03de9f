import Routing
import Testing

@testable import Routing

@Suite("records of decisions") struct DecisionTests {
    typealias Desk = StickingTests.Desk

    private func decision(_ desk: Desk, of id: UInt64) throws -> DecisionRecord {
        let offer = desk.effects.compactMap { effect -> Offer? in
            guard case .ask(_, .reserve(let offer, _), _) = effect, offer.id.ticket.value == id else { return nil }
            return offer
        }.last
        return try #require(offer?.decision)
    }

    @Test("an offer says who could have been asked and what they were ranked by")
    func offered() throws {
        var desk = Desk(StickingTests.policy())
        desk.hear(StickingTests.ana, .available)
        desk.hear(StickingTests.ben, .available)
        desk.learn([desk.ticket(1)])
        let decision = try decision(desk, of: 1)
        #expect(decision.policyVersion == 1 && decision.group == GroupID(0) && decision.strategy == .longestIdle)
        #expect(!decision.isSticky && !decision.isClaim && !decision.counts.mayBeMore)
        let counts = decision.counts
        #expect([counts.members, counts.ready, counts.able, counts.notExcluded] == [2, 2, 2, 2])
        #expect(decision.chosen == DecisionRecord.Candidate(agent: StickingTests.ben, score: 500_000))
        #expect(
            decision.best == [decision.chosen, DecisionRecord.Candidate(agent: StickingTests.ana, score: 5000)])
    }

    @Test("who is asked first because he knows the customer is marked, though another stands before him")
    func sticky() throws {
        var desk = Desk(StickingTests.policy())
        desk.hear(StickingTests.ana, .available)
        desk.hear(StickingTests.ben, .available)
        desk.learn([desk.ticket(1, preferred: StickingTests.ana)])
        let decision = try decision(desk, of: 1)
        #expect(decision.isSticky)
        #expect(decision.chosen.agent == StickingTests.ana)
        #expect(decision.best.first?.agent == StickingTests.ben)
    }

    @Test("of a large group so many ready agents are counted as the bound says, and that there may be more")
    func bound() {
        let count = Limits.decisionScanMax + 10
        let group = Group(
            id: GroupID(0), name: "g", region: RegionID(0), tier: .agents, escalatesTo: nil,
            offerTimeout: .seconds(1), refuseAt: 10)
        let agents = (0..<count).map {
            Agent(id: AgentID(UInt32($0)), name: "a", groups: [GroupID(0)], skills: [], capacity: 1)
        }
        var view = PresenceView()
        view.adopt(
            Policy(
                version: 1, catalog: Catalog(), groups: [group], agents: agents, regions: [true], rules: [],
                timing: Timing()))
        for agent in agents {
            _ = view.update(
                Presence(
                    agent: agent.id, agentEpoch: AgentEpoch(1), version: 1, status: .available, load: 0, capacity: 1,
                    idleSince: Instant(milliseconds: 0), skills: []), home: Incarnation(1))
        }
        let now = Instant(milliseconds: 1000)
        let survey = view.survey(GroupID(0), for: Demand(Signature([])), at: now)
        #expect(Int(survey.counts.ready) == count)
        #expect(Int(survey.counts.able) == Limits.decisionScanMax && survey.counts.mayBeMore)
        #expect(survey.best.count == DecisionRecord.bestMax)
    }

    @Test("an accepted offer's record, a claimed one's too, is kept with the ticket")
    func kept() throws {
        var bench = Bench(Company(people: EndToEndTests.people), routersIn: ["hq", "north"])
        let ben = bench.attach("ben", at: 0)
        bench.run(for: 500)
        let place = bench.submit(EndToEndTests.ticket, at: 1)
        bench.run(for: 6000)
        let id = try #require(bench.submissions[place].accepted)
        let offer = try #require(bench.clients[ben].view?.offers.first)
        #expect(bench.record(of: id)?.decision == nil, "nobody holds it yet")
        bench.command(client: ben, .accept(offer.id))
        bench.run(for: 100)
        let decision = try #require(bench.record(of: id)?.decision)
        #expect(decision.isClaim && decision.group == GroupID(0))
        #expect(decision.chosen.agent == bench.company.id(of: "ben"))
        #expect(decision.counts.members == 1 && decision.counts.notExcluded == 1)
        #expect(bench.watch.wrong == [])
    }
}

@Suite("channel limits of agents at other routers") struct FullChannelTests {
    typealias Desk = StickingTests.Desk

    @Test("who is full for a channel is passed over for it and gets other tickets, until his gossip says otherwise")
    func passedOver() {
        var desk = Desk(StickingTests.policy())
        desk.hear(StickingTests.ben, .available, full: ["chat"])
        desk.learn([desk.ticket(1, channel: "chat")])
        #expect(desk.offered(1).isEmpty)
        desk.hear(StickingTests.ana, .available)
        #expect(desk.offered(1) == [StickingTests.ana])
        desk.learn([desk.ticket(2, channel: "mail")])
        #expect(desk.offered(2) == [StickingTests.ben])
    }

    @Test("a channel that is no longer full brings him what waits")
    func freed() {
        var desk = Desk(StickingTests.policy())
        desk.hear(StickingTests.ben, .available, full: ["chat"])
        desk.learn([desk.ticket(1, channel: "chat")])
        #expect(desk.offered(1).isEmpty)
        desk.hear(StickingTests.ben, .available)
        #expect(desk.offered(1) == [StickingTests.ben])
    }

    @Test("a home router tells the others which channels of its agents are full")
    func told() throws {
        var home = RestingTests.Home(limits: [ChannelLimit(channel: "chat", most: 1)])
        home.wait(1, channel: "chat")
        home.pass(seconds: 1)
        let told = home.effects.compactMap { effect -> PresenceRecord? in
            guard case .publish(let gossip) = effect else { return nil }
            return gossip.presence.last
        }
        #expect(told.last?.fullChannels == ["chat"])
    }
}

@Suite("expected waits in the status") struct StatusWaitTests {
    @Test("counts by priority are those of a recount, whatever happens, and replay finds them again")
    func recount() throws {
        for seed: UInt64 in 1...3 {
            var world = World(seed: seed, tickets: 60)
            for _ in 0..<12 {
                world.bench.run(for: 3000)
                let ledger = try #require(world.bench.coordinator.core?.ledger)
                for group in ledger.groups.indices {
                    var counted = [Int32](repeating: 0, count: 10)
                    for ticket in ledger.tickets.all where ticket.state == .waiting && ticket.group.index == group {
                        counted[Int(ticket.priority)] += 1
                    }
                    let kept = ledger.groups[group]
                    #expect(kept.waitingByPriority.isEmpty ? counted.allSatisfy { $0 == 0 } : true)
                    if !kept.waitingByPriority.isEmpty { #expect(kept.waitingByPriority == counted) }
                    #expect(kept.waiting == counted.reduce(0, +))
                }
                #expect(world.bench.coordinator.replayed.groups == ledger.groups)
            }
        }
    }

    @Test("the next ticket of a priority comes behind all of its own and of higher ones")
    func positions() {
        var count = GroupCount()
        for second in 1...11 {
            count.left(after: .seconds(UInt64(second)), at: WallTime(milliseconds: UInt64(second) * 1000))
        }
        for priority: Priority in [9, 5, 5, 2] { count.add(.waiting, false, priority, 1) }
        let wall = WallTime(milliseconds: 11_000)
        let waits = count.expectedWaits(at: wall)
        #expect(waits.map(\.priority) == [9, 5, 2])
        #expect(waits.map(\.waiting) == [1, 2, 1])
        for (wait, position) in zip(waits, [2, 4, 5]) {
            let estimate = WaitEstimate(
                position: position, departures: count.departures, at: Instant(milliseconds: 11_000))
            #expect(wait.estimate != nil && wait.estimate == estimate)
        }
        #expect(count.waits.usual == WaitEstimate(p50: .seconds(6), p90: .seconds(10)))
    }

    @Test("without departures nothing is estimated; of many the last 64 say what was usual")
    func unknown() {
        var count = GroupCount()
        count.add(.waiting, false, 7, 1)
        let waits = count.expectedWaits(at: WallTime(milliseconds: 5))
        #expect(waits == [ClusterStatus.PriorityWait(priority: 7, waiting: 1, estimate: nil)])
        #expect(count.waits.usual == nil)
        for second: UInt64 in 1...100 { count.left(after: .seconds(second), at: WallTime(milliseconds: second)) }
        #expect(count.waits.usual == WaitEstimate(p50: .seconds(68), p90: .seconds(94)), "of the last 64: 37...100")
    }
}
