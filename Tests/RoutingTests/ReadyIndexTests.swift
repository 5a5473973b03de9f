import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("the index of ready agents") struct ReadyIndexTests {
    private static let agentCount = 30
    private static let channels = ["chat", "mail"]
    private let now = Instant(milliseconds: 1000)

    /// Three groups; whoever is in which, and what their strategies are, changes with the version.
    private func policy(_ strategies: [Strategy], version: UInt32, _ random: inout SplitMix64) -> Policy {
        let groups = strategies.enumerated().map { index, strategy -> Group? in
            Group(
                id: GroupID(UInt32(index)), name: "g", region: RegionID(0), tier: .agents, escalatesTo: nil,
                offerTimeout: .seconds(1), refuseAt: 10, strategy: strategy)
        }
        let agents = (0..<Self.agentCount).map { index -> Agent? in
            if random.chance(1, of: 12) { return nil }
            let mine = groups.indices.filter { _ in random.chance(1, of: 2) }.map { GroupID(UInt32($0)) }
            // Named twice, he is in it once.
            let twice = random.chance(1, of: 5) ? mine + mine : mine
            return Agent(id: AgentID(UInt32(index)), name: "a", groups: twice, skills: [], capacity: 3)
        }
        return Policy(
            version: version, catalog: Catalog(), groups: groups, agents: agents, regions: [true], rules: [],
            timing: Timing())
    }

    private func skills(_ random: inout SplitMix64) -> [SkillLevel] {
        (0..<random.below(5)).map { _ in
            // The last one shares its bits with the first; a level of 200 only a broken peer would tell.
            let skill = random.pick([UInt32(0), 1, 2, 70, 128])
            let level = random.chance(1, of: 50) ? 200 : UInt8(random.between(1, 10))
            return SkillLevel(skill: SkillID(skill), level: level)
        }
    }

    private func presence(_ agent: AgentID, version: UInt32, _ random: inout SplitMix64) -> Presence {
        let status: Status = random.chance(3, of: 4) ? .available : random.pick(Status.allCases)
        return Presence(
            agent: agent, agentEpoch: AgentEpoch(random.chance(1, of: 9) ? 2 : 1), version: version, status: status,
            load: UInt32(random.below(4)), capacity: UInt32(random.between(1, 7)),
            idleSince: Instant(milliseconds: random.below(6)), offeredAt: Instant(milliseconds: random.below(6)),
            handled: UInt32(random.below(4)), skills: skills(&random))
    }

    private func demand(_ random: inout SplitMix64) -> Demand {
        let requirements = (0..<random.below(4)).map { _ in
            Requirement(
                skill: SkillID(random.pick([UInt32(0), 1, 2, 70, 128])), levelMin: UInt8(random.between(1, 6)),
                isPreferred: random.chance(1, of: 3))
        }
        let cost = UInt8(random.between(1, 2))
        return Demand(
            Signature(requirements), cost: Cost(active: cost, pending: 1), channel: random.pick(Self.channels))
    }

    /// One thing that happens to one agent.
    private func change(_ view: inout PresenceView, version: UInt32, _ random: inout SplitMix64) {
        let agent = AgentID(UInt32(random.below(Self.agentCount)))
        let offer = OfferID(
            ticket: TicketID(random.below(4)), fence: Fence(1), ownerEpoch: OwnerEpoch(1), attempt: 1)
        switch random.below(12) {
        case 0...4:
            let full = Self.channels.filter { _ in random.chance(1, of: 8) }
            let home = Incarnation(random.between(1, 2))
            _ = view.update(presence(agent, version: version, &random), home: home, fullChannels: full)
        case 5: view.remove(agent)
        case 6: view.hold(agent, for: offer, units: UInt8(random.between(1, 2)))
        case 7: view.confirm(agent, offer)
        case 8: view.release(agent, offer)
        case 9: view.block(agent, until: Instant(milliseconds: random.between(900, 1100)))
        case 10: view.unblock(agent, at: now)
        default: if random.chance(1, of: 20) { view.keep(homes: [Incarnation(1)]) }
        }
    }

    /// Filter, sort, take: the doc comments of `Strategy`, word for word. With how many passed each filter.
    private func naive(
        _ view: PresenceView, _ policy: Policy, _ group: GroupID, _ demand: Demand, _ excluded: [Exclusion]
    ) -> (counts: [Int], order: [PresenceView.Row]) {
        let ready = Set(policy.members(of: group)).compactMap { view[$0] }.filter { row in
            row.presence.status.takesOffers && row.blockedUntil == nil && row.freeUnits > 0
        }
        let able = ready.filter { $0.canMeet(demand) }
        let rest = able.filter { !excluded.excludes($0.presence.agent, at: now) }
        return (
            [ready.count, able.count, rest.count],
            rest.sorted { precedes($0, $1, policy.group(group)!.strategy, demand) }
        )
    }

    /// The doc comment of `DecisionRecord.Candidate.score`, word for word.
    private func score(_ row: PresenceView.Row, _ strategy: Strategy, _ demand: Demand) -> UInt64 {
        switch strategy {
        case .longestIdle: now.milliseconds - row.presence.idleSince.milliseconds
        case .leastLoaded: (UInt64(row.taken) * 2000 / UInt64(row.presence.capacity) + 1) / 2
        case .roundRobin: now.milliseconds - row.presence.offeredAt.milliseconds
        case .bestSkilled where demand.signature.requirements.isEmpty: score(row, .longestIdle, demand)
        case .bestSkilled: UInt64(sum(row.presence, demand))
        case .fewestHandled: UInt64(row.presence.handled)
        }
    }

    private func check(
        _ survey: DecisionSurvey, _ view: PresenceView, _ strategy: Strategy, _ demand: Demand,
        _ expected: (counts: [Int], order: [PresenceView.Row])
    ) {
        let counts = [survey.counts.ready, survey.counts.able, survey.counts.notExcluded].map { Int($0) }
        #expect(counts == expected.counts && !survey.counts.mayBeMore)
        #expect(
            survey.best
                == expected.order.prefix(3).map {
                    DecisionRecord.Candidate(agent: $0.presence.agent, score: score($0, strategy, demand))
                })
        if let first = survey.best.first {
            #expect(view.candidate(first.agent, in: GroupID(0), for: demand, at: now) == first)
        }
    }

    private func precedes(
        _ a: PresenceView.Row, _ b: PresenceView.Row, _ strategy: Strategy, _ demand: Demand
    ) -> Bool {
        let (left, right) = (a.presence, b.presence)
        switch strategy {
        case .longestIdle: break
        case .leastLoaded:
            let (x, y) = (UInt64(a.taken) * UInt64(right.capacity), UInt64(b.taken) * UInt64(left.capacity))
            if x != y { return x < y }
        case .roundRobin: if left.offeredAt != right.offeredAt { return left.offeredAt < right.offeredAt }
        case .bestSkilled:
            let (x, y) = (sum(left, demand), sum(right, demand))
            if x != y { return x > y }
        case .fewestHandled: if left.handled != right.handled { return left.handled < right.handled }
        }
        return left.idleSince != right.idleSince ? left.idleSince < right.idleSince : left.agent < right.agent
    }

    private func sum(_ presence: Presence, _ demand: Demand) -> Int {
        Set(demand.signature.requirements.map(\.skill)).reduce(0) { sum, skill in
            sum + Int(presence.skills.filter { $0.skill == skill }.map(\.level).max() ?? 0)
        }
    }

    @Test("picks, and records of decisions name, whom filtering and sorting bring first", arguments: Strategy.allCases)
    func sameAsSorting(strategy: Strategy) {
        var random = SplitMix64(seed: UInt64(strategy.rawValue))
        var found = 0
        for round in 0..<25 {
            var policy = policy([strategy, strategy, random.pick(Strategy.allCases)], version: 1, &random)
            var view = PresenceView()
            view.adopt(policy)
            for version: UInt32 in 1...120 {
                if random.chance(1, of: 60) {
                    let strategies = [strategy, random.pick(Strategy.allCases), strategy]
                    policy = self.policy(strategies, version: version, &random)
                    view.adopt(policy)
                }
                for _ in 0..<5 { change(&view, version: version, &random) }
                for index: UInt32 in 0..<3 {
                    let demand = demand(&random)
                    let excluded = (0..<random.below(4)).map { _ in
                        Exclusion(
                            agent: AgentID(UInt32(random.below(Self.agentCount))),
                            until: Instant(milliseconds: random.between(999, 1001)))
                    }
                    let best = view.best(in: GroupID(index), for: demand, excluding: excluded, at: now)
                    let expected = naive(view, policy, GroupID(index), demand, excluded)
                    #expect(
                        best == expected.order.first?.presence.agent,
                        "round \(round), version \(version), group \(index)")
                    if index == 0 {
                        let survey = view.survey(GroupID(0), for: demand, excluding: excluded, at: now)
                        check(survey, view, policy.group(GroupID(0))!.strategy, demand, expected)
                    }
                    if best != nil { found += 1 }
                }
                if version % 20 == 0 { #expect(view.ready == view.recount(policy)) }
            }
        }
        // Most questions have an answer, or the test asks the wrong ones.
        #expect(found > 4000)
    }

    @Test("shares of capacity are compared exactly: one of three is the same as two of six, and less than 3 of 8")
    func shares() {
        var view = PresenceView()
        let groups = [
            Group(
                id: GroupID(0), name: "g", region: RegionID(0), tier: .agents, escalatesTo: nil,
                offerTimeout: .seconds(1), refuseAt: 10, strategy: .leastLoaded)
        ]
        let agents = (0..<3).map {
            Agent(id: AgentID(UInt32($0)), name: "a", groups: [GroupID(0)], skills: [], capacity: 8)
        }
        view.adopt(
            Policy(
                version: 1, catalog: Catalog(), groups: groups, agents: agents, regions: [true], rules: [],
                timing: Timing()))
        let loads: [(load: UInt32, capacity: UInt32, idle: UInt64)] = [(3, 8, 0), (1, 3, 9), (2, 6, 8)]
        for (index, load) in loads.enumerated() {
            _ = view.update(
                Presence(
                    agent: AgentID(UInt32(index)), agentEpoch: AgentEpoch(1), version: 1, status: .available,
                    load: load.load, capacity: load.capacity, idleSince: Instant(milliseconds: load.idle), skills: []),
                home: Incarnation(1))
        }
        #expect(view.ready.ready(in: GroupID(0)).map(\.agent) == [2, 1, 0])
    }
}
