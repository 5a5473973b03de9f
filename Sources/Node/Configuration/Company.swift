package import Routing

/// The cluster file as read: names in place of numbers, every name known to exist.
package struct Company: Equatable, Sendable {
    package var timing = Timing()
    package var channels: [Channel] = []
    package var fairness = Fairness()
    package var order = Order.priority
    package var awayReasons: [String] = []
    /// `Limits.calendarsMax` at most; their order is that of their numbers.
    package var calendars: [DraftCalendar] = []
    package var declineReasons: [DeclineReason] = []
    package var slas: [DraftSLA] = []
    package var regions: [String] = []
    package var skills: [String] = []
    package var groups: [DraftGroup] = []
    package var agents: [DraftAgent] = []
    /// The default is the last.
    package var rules: [DraftRule] = []
    /// The files' own words, for the journal.
    package var text = ""
    package init() {}

    package struct DraftGroup: Equatable, Sendable {
        package var name: String
        package var region = ""
        package var tier = Tier.agents
        package var escalatesTo: String?
        package var steps: [DraftStep] = []
        package var overflowAt = UInt32.max
        package var offerTimeout: Interval?
        package var refuseAt = Limits.waitingPerGroup
        package var lead: String?
        package var strategy = Strategy.longestIdle
        package var weight: UInt8 = 50
        package var hours: String?
        package var delivery = Delivery.offered(atOnce: 1)
    }

    package struct DraftAgent: Equatable, Sendable {
        package var name: String
        package var groups: [String] = []
        /// In order of the skills' names.
        package var skills: [DraftSkill] = []
        package var capacity: UInt32 = 1
        package var channelLimits: [ChannelLimit] = []
        package var wrapUp = Interval.zero
        package var hours: String?
    }

    package struct DraftSkill: Equatable, Sendable {
        package var name: String
        package var level: UInt8
    }

    package struct DraftRule: Equatable, Sendable {
        package struct Requirement: Equatable, Sendable {
            /// The skill, or where `isFromProduct` the one taken when the product names none.
            package var skill: String
            package var isFromProduct = false
            package var level: UInt8 = 1
            package var isPreferred = false
            package var relaxations: [Relaxation] = []
        }
        package var name: String
        package var when: [String: [String]] = [:]
        package var group = ""
        package var priority: Priority = 5
        package var requires: [Requirement] = []
        package var sla = ""
    }
}

extension Company {
    /// The names this company adds to a catalog, and the policy in the numbers of the catalog with them. Calendars are
    /// laid out around `today`.
    package func compile(
        adding to: Catalog, version: UInt32, today: WallTime
    ) -> (policy: Policy, additions: Catalog.Additions) {
        var additions = Catalog.Additions()
        additions.regions = regions.filter { to.regions.number(of: $0) == nil }
        additions.skills = skills.filter { to.skills.number(of: $0) == nil }
        additions.groups = groups.map(\.name).filter { to.groups.number(of: $0) == nil }
        additions.agents = agents.map(\.name).filter { to.agents.number(of: $0) == nil }
        var catalog = to
        catalog.add(additions)
        var groupRows = [Group?](repeating: nil, count: catalog.groups.count)
        for draft in groups {
            let group = compile(draft, catalog)
            groupRows[group.id.index] = group
        }
        var agentRows = [Agent?](repeating: nil, count: catalog.agents.count)
        for draft in agents {
            let agent = compile(draft, catalog)
            agentRows[agent.id.index] = agent
        }
        var regionRows = [Bool](repeating: false, count: catalog.regions.count)
        for name in regions { regionRows[Int(catalog.regions.numbered(name))] = true }
        let policy = Policy(
            version: version, catalog: catalog, groups: groupRows, agents: agentRows, regions: regionRows,
            rules: rules.map { compile($0, catalog) }, timing: timing, channels: channels, fairness: fairness,
            order: order, awayReasons: awayReasons, declineReasons: declineReasons,
            calendars: calendars.map { $0.compile(around: today) },
            slas: slas.map { sla in
                sla.compile({ GroupID(catalog.groups.numbered($0)) }, calendar(sla.calendar))
            })
        return (policy, additions)
    }

    private func compile(_ draft: DraftGroup, _ catalog: Catalog) -> Group {
        Group(
            id: GroupID(catalog.groups.numbered(draft.name)), name: draft.name,
            region: RegionID(catalog.regions.numbered(draft.region)), tier: draft.tier,
            escalatesTo: draft.escalatesTo.map { GroupID(catalog.groups.numbered($0)) },
            steps: draft.steps.map { step in step.compile { GroupID(catalog.groups.numbered($0)) } },
            offerTimeout: draft.offerTimeout ?? timing.offerTimeout, refuseAt: draft.refuseAt,
            strategy: draft.strategy, weight: draft.weight,
            overflowAt: draft.overflowAt, hours: calendar(draft.hours), delivery: draft.delivery,
            lead: draft.lead.map { AgentID(catalog.agents.numbered($0)) })
    }

    private func compile(_ draft: DraftAgent, _ catalog: Catalog) -> Agent {
        Agent(
            id: AgentID(catalog.agents.numbered(draft.name)), name: draft.name,
            groups: draft.groups.map { GroupID(catalog.groups.numbered($0)) },
            skills: draft.skills.map { SkillLevel(skill: SkillID(catalog.skills.numbered($0.name)), level: $0.level) },
            capacity: draft.capacity, channelLimits: draft.channelLimits, wrapUp: draft.wrapUp,
            hours: calendar(draft.hours))
    }

    private func calendar(_ name: String?) -> CalendarID? {
        guard let name else { return nil }
        let index = calendars.firstIndex { $0.name == name }
        invariant(index != nil, "the calendar \"\(name)\" was checked and is not there")
        return index.map { CalendarID(UInt32($0)) }
    }

    private func compile(_ draft: DraftRule, _ catalog: Catalog) -> Rule {
        var rule = Rule(
            name: draft.name, group: GroupID(catalog.groups.numbered(draft.group)), priority: draft.priority)
        rule.regions = draft.when["region"] ?? []
        rule.channels = draft.when["channel"] ?? []
        rule.segments = draft.when["segment"] ?? []
        rule.languages = draft.when["language"] ?? []
        rule.products = draft.when["product"] ?? []
        rule.labels = draft.when["label"] ?? []
        rule.sla = draft.sla
        rule.requirements = draft.requires.map { requirement in
            let skill = SkillID(catalog.skills.numbered(requirement.skill))
            return RuleRequirement(
                requirement.isFromProduct ? .product(otherwise: skill) : .skill(skill), levelMin: requirement.level,
                isPreferred: requirement.isPreferred, relaxations: requirement.relaxations)
        }
        return rule
    }
}

extension NameList {
    /// The number of a name that was checked to exist.
    fileprivate func numbered(_ name: String) -> UInt32 {
        let known = number(of: name)
        invariant(known != nil, "the name \"\(name)\" was checked and is not in the catalog")
        return known ?? 0
    }
}
