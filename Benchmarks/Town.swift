import Routing

/// A company of so many agents: a group to every 50, each agent in one to four of them (so about 125 to a group), with
/// three to eight of 60 skills; 500 signatures of one to three requirements, any of which any group's tickets may have;
/// all strategies, in turn.
struct Town {
    let policy: Policy
    let signatures: [Signature]
    private var random: SplitMix64

    init(agents count: Int, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let groupCount = max(1, count / 50)
        let groups = (0..<groupCount).map { index -> Group? in
            Group(
                id: GroupID(UInt32(index)), name: "g\(index)", region: RegionID(0), tier: .agents, escalatesTo: nil,
                offerTimeout: .seconds(20), refuseAt: 100_000,
                strategy: Strategy.allCases[index % Strategy.allCases.count], weight: UInt8(1 + index % 3 * 40))
        }
        let agents = (0..<count).map { index -> Agent? in
            var mine: [GroupID] = []
            for _ in 0..<random.between(1, 4) {
                let group = GroupID(UInt32(random.below(groupCount)))
                if !mine.contains(group) { mine.append(group) }
            }
            return Agent(
                id: AgentID(UInt32(index)), name: "a\(index)", groups: mine, skills: Self.skills(&random), capacity: 4)
        }
        policy = Policy(
            version: 1, catalog: Catalog(), groups: groups, agents: agents, regions: [true], rules: [],
            timing: Timing())
        signatures = (0..<500).map { _ in
            Signature(
                (0..<random.between(1, 3)).map { _ in
                    Requirement(skill: SkillID(UInt32(random.below(60))), levelMin: UInt8(random.between(1, 6)))
                })
        }
        self.random = random
    }

    /// With the agents' names, so that they can attach.
    var named: Policy {
        var catalog = Catalog()
        var additions = Catalog.Additions()
        additions.agents = policy.agents.map { $0?.name ?? "?" }
        additions.groups = policy.groups.map { $0?.name ?? "?" }
        additions.regions = ["r"]
        catalog.add(additions)
        return Policy(
            version: 1, catalog: catalog, groups: policy.groups, agents: policy.agents, regions: [true], rules: [],
            timing: Timing())
    }

    private static func skills(_ random: inout SplitMix64) -> [SkillLevel] {
        var skills: [SkillLevel] = []
        for _ in 0..<random.between(3, 8) {
            let skill = SkillID(UInt32(random.below(60)))
            if skills.contains(where: { $0.skill == skill }) { continue }
            skills.append(SkillLevel(skill: skill, level: UInt8(random.between(1, 10))))
        }
        return skills
    }

    mutating func draw(_ bound: Int) -> Int { random.below(bound) }

    /// Half of the agents are free; each has skills of his own, as gossip brings them.
    mutating func presence(_ index: Int, version: UInt32) -> Presence {
        Presence(
            agent: AgentID(UInt32(index)), agentEpoch: AgentEpoch(1), version: version, status: .available,
            load: random.below(2) == 0 ? 4 : UInt32(random.below(4)), capacity: 4,
            idleSince: Instant(milliseconds: UInt64(random.below(1_000_000))),
            offeredAt: Instant(milliseconds: UInt64(random.below(1_000_000))), handled: UInt32(random.below(100)),
            skills: policy.agents[index]?.skills.map { SkillLevel(skill: $0.skill, level: $0.level) } ?? [])
    }

    mutating func ticket(_ number: Int) -> WaitingTicket {
        WaitingTicket(
            ticket: TicketID(UInt64(number)), fence: Fence(1),
            group: GroupID(UInt32(random.below(policy.groups.count))), widened: [],
            priority: UInt8(random.below(10)), enteredAt: WallTime(milliseconds: UInt64(1_700_000_000_000 + number)),
            signature: signatures[random.below(signatures.count)], subject: "")
    }
}
