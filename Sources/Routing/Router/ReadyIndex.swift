/// Who could be asked now: for every group its ready agents (status, a free unit, not left alone) in the order of its
/// strategy. A ticket goes to the first of them who fits, so a decision costs as many looks as there are agents before
/// him, whatever the size of the company: about one in the share of the group's ready agents who have the skill.
///
/// One list a group, not one a skill: an agent of 4 groups and 6 skills would stand in 28 lists, and each change of his
/// presence would cost 28 removals and 28 insertions. Those who lack a skill are passed over by a mask, at about 2 ns.
struct ReadyIndex: Sendable {
    /// An agent's place in a group: the strategy's own key, then who has been idle longest, then the number.
    struct Entry: Comparable, Sendable {
        let key: UInt64
        let idleSince: UInt64
        let agent: UInt32
        /// His skills in what would be padding, so that most of those who lack one are passed over without a look at
        /// anything else. Not part of the order.
        let skills: UInt32

        static func < (a: Entry, b: Entry) -> Bool {
            if a.key != b.key { return a.key < b.key }
            if a.idleSince != b.idleSince { return a.idleSince < b.idleSince }
            return a.agent < b.agent
        }
    }

    /// What a ready agent's places depend on.
    struct Readiness: Equatable, Sendable {
        let idleSince: Instant
        let offeredAt: Instant
        let handled: UInt32
        /// Units in use, offers that gossip does not show yet included.
        let taken: UInt32
        let capacity: UInt32
        let skills: [SkillLevel]
        let fullChannels: [String]
    }

    private struct Team: Sendable {
        let strategy: Strategy
        var ready = SortedChunks<Entry>()
        /// For `bestSkilled` only.
        var levels = LevelCounts()
    }

    /// By `GroupID.index`.
    private var teams: [Team] = []
    /// By `AgentID.index`: the groups he is in, each once.
    private var groups: [[GroupID]] = []
    /// By `AgentID.index`: what a ticket is compared with; kept for those who are ready.
    private var profiles: [Profile] = []

    private struct Profile: Sendable {
        var mask = SkillMask()
        var free: UInt32 = 0
        var skills: [SkillLevel] = []
        var fullChannels: [String] = []
    }

    /// Begins anew, with nobody ready.
    init(_ policy: Policy = .empty) {
        teams = policy.groups.map { Team(strategy: $0?.strategy ?? .longestIdle) }
        groups = policy.agents.map { agent in
            var seen: [GroupID] = []
            for group in agent?.groups ?? [] where group.index < policy.groups.count && !seen.contains(group) {
                seen.append(group)
            }
            return seen.count == agent?.groups.count ? agent?.groups ?? [] : seen
        }
        profiles = [Profile](repeating: Profile(), count: groups.count)
    }

    // MARK: - who is ready

    /// The agent was ready like this, or was not, and now is like that, or is not.
    mutating func move(_ agent: AgentID, from old: Readiness?, to new: Readiness?) {
        guard old != nil || new != nil, agent.index < groups.count else { return }
        let hasSameSkills = old != nil && old?.skills == new?.skills
        let formerSkills = profiles[agent.index].mask.folded
        if let new {
            profiles[agent.index].free = new.capacity - new.taken
            if old?.fullChannels != new.fullChannels { profiles[agent.index].fullChannels = new.fullChannels }
            if !hasSameSkills {
                profiles[agent.index].mask = SkillMask(new.skills)
                profiles[agent.index].skills = new.skills
            }
        }
        let skills = profiles[agent.index].mask.folded
        for place in groups[agent.index].indices {
            let group = groups[agent.index][place].index
            let strategy = teams[group].strategy
            let left = old.map { Self.entry(of: agent, $0, formerSkills, strategy) }
            let entered = new.map { Self.entry(of: agent, $0, skills, strategy) }
            if left != entered {
                if let left { invariant(teams[group].ready.remove(left), "agent \(agent.value) was not in \(group)") }
                if let entered { invariant(teams[group].ready.insert(entered), "agent \(agent.value) was in \(group)") }
            }
            guard strategy == .bestSkilled, !hasSameSkills else { continue }
            if let old { teams[group].levels.remove(old.skills) }
            if let new { teams[group].levels.add(new.skills) }
        }
    }

    static func entry(
        of agent: AgentID, _ readiness: Readiness, _ skills: UInt32, _ strategy: Strategy
    ) -> Entry {
        let key: UInt64 =
            switch strategy {
            case .longestIdle, .bestSkilled: 0
            case .leastLoaded: share(readiness.taken, of: readiness.capacity)
            case .roundRobin: readiness.offeredAt.milliseconds
            case .fewestHandled: UInt64(readiness.handled)
            }
        return Entry(key: key, idleSince: readiness.idleSince.milliseconds, agent: agent.value, skills: skills)
    }

    /// taken / capacity as a fraction of 2^64. Two shares of 32-bit numbers that differ do so by more than 2^-64, so
    /// rounding down keeps every order and every equality.
    private static func share(_ taken: UInt32, of capacity: UInt32) -> UInt64 {
        invariant(taken < capacity, "\(taken) of \(capacity) units are no free unit")
        return UInt64(capacity).dividingFullWidth((high: UInt64(taken), low: 0)).quotient
    }

    // MARK: - who is asked

    /// The ready agent of a group whom its strategy prefers among those who can meet the demand.
    func best(in group: GroupID, for demand: Demand, excluding excluded: [Exclusion], at now: Instant) -> AgentID? {
        guard group.index < teams.count, !teams[group.index].ready.isEmpty else { return nil }
        let mask = SkillMask(demand.signature)
        if teams[group.index].strategy == .bestSkilled && !demand.signature.requirements.isEmpty {
            return bestSkilled(in: group, demand, mask, excluding: excluded, at: now)
        }
        let folded = mask.folded
        let first = teams[group.index].ready.first { entry in
            folded & ~entry.skills == 0 && meets(Int(entry.agent), demand, mask)
                && (excluded.isEmpty || !excluded.excludes(AgentID(entry.agent), at: now))
        }
        return first.map { AgentID($0.agent) }
    }

    @inline(__always)
    func meets(_ agent: Int, _ demand: Demand, _ mask: SkillMask) -> Bool {
        profiles[agent].mask.covers(mask) && profiles[agent].free >= UInt32(demand.cost.active)
            && demand.signature.isMet(by: profiles[agent].skills)
            && (profiles[agent].fullChannels.isEmpty || !profiles[agent].fullChannels.contains(demand.channel))
    }

    /// The order depends on the ticket here, so all who may fit are looked at, longest idle first, until one has the
    /// highest levels that any ready agent of the group has: with one skill that is the first of the best.
    private func bestSkilled(
        in group: GroupID, _ demand: Demand, _ mask: SkillMask, excluding excluded: [Exclusion], at now: Instant
    ) -> AgentID? {
        guard let bound = teams[group.index].levels.bound(demand.signature) else { return nil }
        let folded = mask.folded
        var best: (sum: Int, agent: UInt32)?
        _ = teams[group.index].ready.first { entry in
            guard folded & ~entry.skills == 0, meets(Int(entry.agent), demand, mask) else { return false }
            let sum = demand.signature.sumOfLevels(in: profiles[Int(entry.agent)].skills)
            if let best, best.sum >= sum { return false }
            if excluded.excludes(AgentID(entry.agent), at: now) { return false }
            best = (sum, entry.agent)
            return sum >= bound
        }
        return best.map { AgentID($0.agent) }
    }

    // MARK: - for records of decisions

    func strategy(of group: GroupID) -> Strategy { teams[group.index].strategy }
    func readyCount(in group: GroupID) -> Int { teams[group.index].ready.count }
    @inline(__always)
    func firstReady(in group: GroupID, where isWanted: (Entry) -> Bool) {
        _ = teams[group.index].ready.first(where: isWanted)
    }
    func sumOfLevels(_ agent: Int, for demand: Demand) -> Int {
        demand.signature.sumOfLevels(in: profiles[agent].skills)
    }

    // MARK: - for checks

    func hasReady(in group: GroupID) -> Bool { group.index < teams.count && !teams[group.index].ready.isEmpty }
    /// In the order of the strategy.
    func ready(in group: GroupID) -> [Entry] { group.index < teams.count ? teams[group.index].ready.all : [] }
    var groupCount: Int { teams.count }
}

extension ReadyIndex: Equatable {
    /// Whether the same agents stand in the same places: compares an index with its recount.
    static func == (a: ReadyIndex, b: ReadyIndex) -> Bool {
        guard a.teams.count == b.teams.count else { return false }
        return a.teams.indices.allSatisfy { index in
            let agents = a.teams[index].ready.all
            return agents == b.teams[index].ready.all
                && a.teams[index].levels.isSame(as: b.teams[index].levels)
                && agents.allSatisfy { a.isSame(Int($0.agent), as: b) }
        }
    }

    private func isSame(_ agent: Int, as other: ReadyIndex) -> Bool {
        profiles[agent].skills == other.profiles[agent].skills && profiles[agent].free == other.profiles[agent].free
            && profiles[agent].fullChannels == other.profiles[agent].fullChannels
    }
}
