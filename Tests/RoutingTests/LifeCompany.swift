@testable import Routing

/// The company of `LifeWorld`: groups with steps of every kind and with hours, and several policies of one catalog, in
/// which groups, agents, skills and a region are missing by turns.
struct LifeCompany {
    let seed: UInt64
    /// The wall time at which the world's clock is zero.
    static let epoch: UInt64 = 1_700_000_000_000

    var first: Company {
        Company(policy: policy(version: 1, variant: 0), additions: Company(people: Company.twenty).additions)
    }

    /// Variant 0 has everything.
    func policy(version: UInt32, variant: Int) -> Policy {
        let base = Company(people: Company.twenty).policy
        let lacksNorth = variant == 1
        let lacksBus = variant == 2
        let lacks: Set<GroupID> = lacksNorth ? [GroupID(3)] : variant == 3 ? [GroupID(2), GroupID(4)] : []
        let groups = base.groups.map { group in group.flatMap { lacks.contains($0.id) ? nil : self.group($0, lacks) } }
        let agents = base.agents.map { agent in
            agent.flatMap { variant > 0 && ($0.id.value + UInt32(seed)) % 4 == 0 ? nil : $0 }.flatMap {
                self.agent($0, lacks, lacksBus, variant)
            }
        }
        let rules = base.rules.filter { !lacks.contains($0.group) }
        return Policy(
            version: version, catalog: base.catalog, groups: groups, agents: agents,
            regions: [true, !lacksNorth, true], rules: rules, timing: timing,
            channels: [
                Channel(name: "callback", cost: Cost(active: 1, pending: 0)),
                Channel(name: "mail", cost: Cost(active: 1, pending: 0)),
            ], order: variant == 2 ? .aging(headStarts: []) : .priority, calendars: [hours, shift])
    }

    private func agent(_ agent: Agent, _ lacks: Set<GroupID>, _ lacksBus: Bool, _ variant: Int) -> Agent? {
        var groups = agent.groups.filter { !lacks.contains($0) }
        if groups.isEmpty && variant == 1 { groups = [GroupID(0)] }
        let skills = agent.skills.filter { !lacksBus || $0.skill != SkillID(1) }
        return Agent(
            id: agent.id, name: agent.name, groups: groups, skills: skills,
            capacity: variant == 2 ? 1 : agent.capacity,
            channelLimits: agent.id.value % 3 == 0 ? [ChannelLimit(channel: "mail", most: 1)] : [],
            hours: agent.id.value % 7 == 1 ? CalendarID(1) : nil)
    }

    private var timing: Timing {
        var timing = Timing.brisk
        timing.homecomingAfter = .seconds(2)
        timing.handOverFor = .seconds(3)
        timing.pendingMax = .seconds(8)
        timing.attemptsMax = 6
        timing.deathsMax = 2
        timing.hopBudget = UInt32(seed % 5 * 2)
        if seed % 3 == 0 { timing.stickyFor = .seconds(2) }
        if seed % 4 == 0 { timing.lifeMax = .seconds(90) }
        timing.reopenKeepsAge = seed % 2 == 0
        return timing
    }

    private func group(_ group: Group, _ lacks: Set<GroupID>) -> Group {
        let ways: [Delivery] = [.offered(atOnce: 2), .assigned, .offered(atOnce: 1), .offered(atOnce: 1)]
        return Group(
            id: group.id, name: group.name, region: group.region, tier: group.tier,
            escalatesTo: group.escalatesTo.flatMap { lacks.contains($0) ? nil : $0 }, steps: steps(of: group.id),
            offerTimeout: group.offerTimeout, refuseAt: group.refuseAt, strategy: group.strategy, overflowAt: 8,
            hours: group.id.value == 4 ? CalendarID(0) : nil,
            delivery: ways[(Int(seed) + Int(group.id.value)) % ways.count])
    }

    /// Some name groups that another policy does not have: a cluster file could not, and nothing may come of it.
    private func steps(of group: GroupID) -> [GroupStep] {
        let (hq, engineers, north, south) = (GroupID(0), GroupID(1), GroupID(3), GroupID(4))
        switch group.value {
        case 0:
            return [
                GroupStep(note: "empty", when: [.nobodyOnDuty], do: [.widen([north, south])]),
                GroupStep(note: "long", when: [.length(6)], do: [.widen([north]), .alert]),
                GroupStep(note: "refused", when: [.attempts(2)], do: [.raise(2)]),
                GroupStep(note: "slow", when: [.waited(.seconds(12))], do: [.escalate(nil)]),
            ]
        case 1:
            return [
                GroupStep(note: "again", when: [.waited(.seconds(3))], do: [.raise(1)], every: .seconds(4)),
                GroupStep(note: "told", when: [.sinceStep(.seconds(2)), .priority(7)], do: [.alert]),
            ]
        case 2: return [GroupStep(note: "nobody", when: [.nobodyOnDuty], do: [.move(engineers)], every: .seconds(5))]
        case 3:
            return [
                GroupStep(note: "vip", when: [.segment(["vip"])], do: [.move(south)]),
                GroupStep(note: "help", when: [.waited(.seconds(4))], do: [.widen([hq, south])]),
                GroupStep(note: "late", when: [.predictedWait(.seconds(20))], do: [.widen([hq])]),
                GroupStep(note: "empty", when: [.nobodyOnDuty], do: [.widen([hq, south])], every: .seconds(3)),
                GroupStep(note: "old", when: [.age(.seconds(40))], do: [.escalate(.vendors), .alert]),
            ]
        default:
            return [
                GroupStep(note: "vip", when: [.segment(["vip"])], do: [.move(north)]),
                GroupStep(
                    note: "closed", when: [.closed], do: [.answer("we open at {opens}"), .widen([north, hq])]),
                GroupStep(note: "mail", when: [.channel(["mail"]), .waited(.seconds(2))], do: [.move(hq)]),
                GroupStep(note: "tries", when: [.attempts(2)], do: [.widen([hq])], every: .seconds(2)),
            ]
        }
    }

    /// Open for a while, closed for a while, until the world's work is over; open from then on.
    private var hours: Hours { Self.hours(every: 6 + seed % 9, until: 70) }
    private var shift: Hours { Self.hours(every: 9 + seed % 5, until: 72) }

    private static func hours(every pace: UInt64, until end: UInt64) -> Hours {
        var edges: [WallTime] = []
        var second: UInt64 = 1 + pace % 4
        while second < end || edges.count % 2 == 1 {
            edges.append(WallTime(milliseconds: epoch + second * 1000))
            second += pace
        }
        edges.append(WallTime(milliseconds: epoch + second * 1000))
        let until = WallTime(milliseconds: epoch + 1_000_000_000)
        edges.append(until)
        return Hours(
            name: "h\(pace)", zone: "UTC", from: WallTime(milliseconds: epoch - 1_000_000), until: until, edges: edges)!
    }
}

extension Company {
    init(policy: Policy, additions: Catalog.Additions) {
        self.policy = policy
        self.additions = additions
    }
}
