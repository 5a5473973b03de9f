/// Names and their numbers. A number, once given, is never given to another name: journal and wire carry numbers, and a
/// later policy may drop a name and bring it back. Only the coordinator adds names, by a journaled record.
package struct Catalog: Equatable, Sendable {
    package private(set) var regions = NameList()
    package private(set) var skills = NameList()
    package private(set) var groups = NameList()
    package private(set) var agents = NameList()
    package init() {}

    /// The names of a policy that this catalog does not know yet, in the order in which they get their numbers.
    package struct Additions: Equatable, Sendable {
        package var regions: [String] = []
        package var skills: [String] = []
        package var groups: [String] = []
        package var agents: [String] = []
        package init() {}
    }

    package mutating func add(_ additions: Additions) {
        regions.add(additions.regions)
        skills.add(additions.skills)
        groups.add(additions.groups)
        agents.add(additions.agents)
    }
}

/// Names in the order of their numbers, with the way back.
package struct NameList: Equatable, Sendable {
    package private(set) var names: [String] = []
    private var numbers: [String: UInt32] = [:]
    package init() {}
    package var count: Int { names.count }
    package func number(of name: String) -> UInt32? { numbers[name] }
    package func name(_ number: UInt32) -> String { Int(number) < names.count ? names[Int(number)] : "?" }
    /// Gives the next number; a name that has one keeps it.
    package mutating func add(_ name: String) {
        // One look-up for a new name, as most are; each hashes it.
        if let known = numbers.updateValue(UInt32(names.count), forKey: name) {
            numbers[name] = known
        } else {
            names.append(name)
        }
    }
    mutating func add(_ more: [String]) {
        if names.isEmpty {
            names.reserveCapacity(more.count)
            numbers.reserveCapacity(more.count)
        }
        for name in more { add(name) }
    }
}

/// What a rule asks of a ticket's agent.
package struct RuleRequirement: Equatable, Sendable {
    package enum Source: Equatable, Sendable {
        case skill(SkillID)
        /// The skill that is called like the ticket's product; where there is none, `otherwise`.
        case product(otherwise: SkillID)
    }
    package let source: Source
    package let levelMin: UInt8
    package let isPreferred: Bool
    package let relaxations: [Relaxation]
    package init(_ source: Source, levelMin: UInt8, isPreferred: Bool = false, relaxations: [Relaxation] = []) {
        self.source = source
        self.levelMin = levelMin
        self.isPreferred = isPreferred
        self.relaxations = relaxations
    }
}

/// In which order a group's waiting tickets are served.
package enum Order: Equatable, Sendable {
    /// Strictly by priority, then by age.
    case priority
    /// By age, where a ticket of priority p is taken to have come `headStarts[p]` earlier: nobody starves.
    case aging(headStarts: [Interval])
    /// By the time by which a ticket of priority p should be answered: `targets[p]` after it came.
    case deadline(targets: [Interval])
}

/// One line of classification: when all of its conditions hold, the ticket goes to its group. An empty list holds.
package struct Rule: Equatable, Sendable {
    package var name: String
    package var regions: [String] = []
    package var channels: [String] = []
    package var segments: [String] = []
    package var languages: [String] = []
    package var products: [String] = []
    /// Holds if the ticket has any of them.
    package var labels: [String] = []
    package var group: GroupID
    package var priority: Priority
    package var requirements: [RuleRequirement] = []
    /// The name of the SLA policy that the ticket has; empty for the one that its own features choose.
    package var sla = ""
    package init(name: String, group: GroupID, priority: Priority) {
        self.name = name
        self.group = group
        self.priority = priority
    }

    package func holds(for ticket: Submission) -> Bool {
        (regions.isEmpty || regions.contains(ticket.region))
            && (channels.isEmpty || channels.contains(ticket.channel))
            && (segments.isEmpty || segments.contains(ticket.segment))
            && (languages.isEmpty || languages.contains(ticket.language))
            && (products.isEmpty || products.contains(ticket.product))
            && (labels.isEmpty || ticket.labels.contains { labels.contains($0) })
    }
}

/// How much one agent may be given in a window of time, and what "fewest handled" counts.
package struct Fairness: Equatable, Sendable {
    /// Tickets in the window after which he is left alone until the oldest leaves it; 0 for no limit.
    package var most: UInt32 = 0
    package var window = Interval.seconds(3600)
    package init() {}
}

/// A reason that an agent may give for declining, and what follows from it.
package struct DeclineReason: Equatable, Sendable {
    package let name: String
    /// He gets nothing at all for so long.
    package let pause: Interval
    /// He is not asked for this ticket again for so long; nil for `Timing.declineExclusion`.
    package let exclude: Interval?
    package init(name: String, pause: Interval = .zero, exclude: Interval? = nil) {
        self.name = name
        self.pause = pause
        self.exclude = exclude
    }
}

/// The rules of the company: who is where, who can do what, what goes where. Adopted by the coordinator, sent to
/// routers.
package struct Policy: Equatable, Sendable {
    /// Rises with each adoption.
    package let version: UInt32
    package let catalog: Catalog
    /// By `GroupID.index`; nil for a name that this policy no longer has.
    package let groups: [Group?]
    /// By `AgentID.index`; nil for a name that this policy no longer has.
    package let agents: [Agent?]
    /// By `RegionID.index`: whether this policy has the region.
    package let regions: [Bool]
    /// First match wins; the last one is the default and has no conditions.
    package let rules: [Rule]
    package let timing: Timing
    /// In order of their names.
    package let channels: [Channel]
    package let fairness: Fairness
    package let order: Order
    /// The reasons an agent may give for being away; any, when there is none.
    package let awayReasons: [String]
    /// By `CalendarID.index`.
    package let calendars: [Hours]
    /// What is promised for whom: the first that holds for a ticket is its.
    package let slas: [SLAPolicy]
    /// The reasons an agent may give for declining; any, when there is none.
    package let declineReasons: [DeclineReason]
    /// By `GroupID.index`: the agents who are in the group, in order of their numbers.
    package let members: [[AgentID]]

    package init(
        version: UInt32, catalog: Catalog, groups: [Group?], agents: [Agent?], regions: [Bool], rules: [Rule],
        timing: Timing, channels: [Channel] = [], fairness: Fairness = Fairness(), order: Order = .priority,
        awayReasons: [String] = [], declineReasons: [DeclineReason] = [], calendars: [Hours] = [],
        slas: [SLAPolicy] = []
    ) {
        self.slas = slas
        self.version = version
        self.catalog = catalog
        self.groups = groups
        self.agents = agents
        self.regions = regions
        self.rules = rules
        self.timing = timing
        self.channels = channels
        self.fairness = fairness
        self.order = order
        self.awayReasons = awayReasons
        self.calendars = calendars
        self.declineReasons = declineReasons
        var members = [[AgentID]](repeating: [], count: groups.count)
        for case let agent? in agents {
            for group in agent.groups where group.index < members.count { members[group.index].append(agent.id) }
        }
        self.members = members
    }

    /// Before the first adoption: nobody, nowhere.
    package static let empty = Policy(
        version: 0, catalog: Catalog(), groups: [], agents: [], regions: [], rules: [], timing: Timing())

    package func group(_ id: GroupID) -> Group? { id.index < groups.count ? groups[id.index] : nil }
    package func agent(_ id: AgentID) -> Agent? { id.index < agents.count ? agents[id.index] : nil }
    package func agent(named name: String) -> Agent? {
        catalog.agents.number(of: name).flatMap { agent(AgentID($0)) }
    }
    package func group(named name: String) -> Group? {
        catalog.groups.number(of: name).flatMap { group(GroupID($0)) }
    }
    package func members(of group: GroupID) -> [AgentID] { group.index < members.count ? members[group.index] : [] }

    /// The first rule that holds says where the ticket goes. Nil only while there is no policy.
    package func classify(_ ticket: Submission) -> Classification? {
        guard let rule = rules.first(where: { $0.holds(for: ticket) }) else { return nil }
        let requirements = rule.requirements.map { requirement in
            let skill =
                switch requirement.source {
                case .skill(let skill): skill
                case .product(let otherwise):
                    catalog.skills.number(of: ticket.product).map { SkillID($0) } ?? otherwise
                }
            return Requirement(
                skill: skill, levelMin: requirement.levelMin, isPreferred: requirement.isPreferred,
                relaxations: requirement.relaxations)
        }
        return Classification(
            group: rule.group, priority: rule.priority, signature: Signature(requirements), rule: rule.name,
            cost: cost(of: ticket.channel), sla: rule.sla)
    }

    /// The channel of a ticket whose customer is to be called back; its cost is the policy's for that name.
    package static let callbackChannel = "callback"

    package func declineReason(named name: String) -> DeclineReason? { declineReasons.first { $0.name == name } }

    package func cost(of channel: String) -> Cost { channels.first { $0.name == channel }?.cost ?? .one }

    /// The group that takes what `group` escalates: of the asked tier, or of the next one up. Nil when there is none.
    package func escalation(from group: GroupID, to tier: Tier?) -> GroupID? {
        var next = self.group(group)?.escalatesTo
        for _ in 0..<Limits.escalationDepthMax {
            guard let id = next, let candidate = self.group(id) else { return nil }
            if tier == nil || candidate.tier == tier { return id }
            next = candidate.escalatesTo
        }
        return nil
    }

    /// Where a ticket goes when `group` sends it down: the last group of the asked tier (any lower one, if none is
    /// asked) on its path; without one, a group of that tier that escalates, over whatever steps, to `group`, of the
    /// ticket's own region first.
    package func sendDown(from group: GroupID, path: [GroupID], region: RegionID?, to tier: Tier?) -> GroupID? {
        guard let from = self.group(group) else { return nil }
        func fits(_ candidate: Group) -> Bool { tier == nil ? candidate.tier < from.tier : candidate.tier == tier }
        if let tier, tier >= from.tier { return nil }
        for id in path.reversed() {
            if let candidate = self.group(id), fits(candidate) { return id }
        }
        let below = groups.compactMap { $0 }.filter { candidate in
            fits(candidate) && escalation(from: candidate.id, to: from.tier) == group
        }
        return (below.first { $0.region == region } ?? below.first)?.id
    }
}
