@testable import Routing

/// The company that the tests play in: a head office with three tiers and two branches that overflow to it.
struct Company: Sendable {
    struct Person: Sendable {
        let name: String
        let groups: [String]
        var skills: [(String, UInt8)] = []
        var capacity: UInt32 = 2
        var wrapUp = Interval.zero
    }

    let policy: Policy
    let additions: Catalog.Additions

    static let regions = ["hq", "north", "south"]
    static let skills = ["truck", "bus"]
    static let groups = ["hq-agents", "hq-engineers", "vendors", "north-agents", "south-agents"]

    init(
        people: [Person], timing: Timing = .brisk, version: UInt32 = 1, strategy: Strategy = .longestIdle,
        order: Order = .priority, fairness: Fairness = Fairness(), deliveries: [Delivery] = [],
        declineReasons: [DeclineReason] = [], slas: [SLAPolicy] = [], calendars: [Hours] = []
    ) {
        var additions = Catalog.Additions()
        additions.regions = Self.regions
        additions.skills = Self.skills
        additions.groups = Self.groups
        additions.agents = people.map(\.name)
        var catalog = Catalog()
        catalog.add(additions)
        let agents = people.enumerated().map { index, person in
            Agent(
                id: AgentID(UInt32(index)), name: person.name,
                groups: person.groups.map { GroupID(catalog.groups.number(of: $0)!) },
                skills: person.skills.map { SkillLevel(skill: SkillID(catalog.skills.number(of: $0.0)!), level: $0.1) },
                capacity: person.capacity, wrapUp: person.wrapUp)
        }
        self.additions = additions
        policy = Policy(
            version: version, catalog: catalog, groups: Self.groups(timing, strategy, deliveries), agents: agents,
            regions: [true, true, true], rules: Self.rules(), timing: timing, fairness: fairness, order: order,
            declineReasons: declineReasons, calendars: calendars, slas: slas)
    }

    /// `deliveries` are by the groups' numbers; the rest are asked one by one.
    private static func groups(_ timing: Timing, _ strategy: Strategy, _ deliveries: [Delivery]) -> [Group?] {
        func group(
            _ id: UInt32, region: UInt32, _ tier: Tier, to next: UInt32?, widened: Bool = false
        ) -> Group {
            Group(
                id: GroupID(id), name: groups[Int(id)], region: RegionID(region), tier: tier,
                escalatesTo: next.map { GroupID($0) },
                steps: widened ? [.widen(after: .seconds(5), to: [GroupID(0)])] : [],
                offerTimeout: timing.offerTimeout, refuseAt: 1000, strategy: strategy,
                delivery: id < deliveries.count ? deliveries[Int(id)] : .offered(atOnce: 1))
        }
        return [
            group(0, region: 0, .agents, to: 1), group(1, region: 0, .engineers, to: 2),
            group(2, region: 0, .vendors, to: nil), group(3, region: 1, .agents, to: 1, widened: true),
            group(4, region: 2, .agents, to: 1, widened: true),
        ]
    }

    private static func rules() -> [Rule] {
        var vip = Rule(name: "vip", group: GroupID(0), priority: 9)
        vip.segments = ["vip"]
        var north = Rule(name: "north", group: GroupID(3), priority: 5)
        north.regions = ["north"]
        north.requirements = [RuleRequirement(.product(otherwise: SkillID(0)), levelMin: 3)]
        var south = Rule(name: "south", group: GroupID(4), priority: 5)
        south.regions = ["south"]
        south.requirements = [RuleRequirement(.product(otherwise: SkillID(0)), levelMin: 3)]
        let rest = Rule(name: "rest", group: GroupID(0), priority: 5)
        return [vip, north, south, rest]
    }

    func id(of agent: String) -> AgentID { policy.agent(named: agent)!.id }

    /// Twenty people: six a branch, four at the head office, three engineers and a vendor.
    static let twenty: [Person] = {
        let skills: [[(String, UInt8)]] = [[("truck", 5)], [("bus", 5)], [("truck", 3), ("bus", 9)]]
        var people: [Person] = []
        for index in 0..<6 {
            for branch in ["north", "south"] {
                people.append(
                    Person(
                        name: "\(branch)\(index)", groups: ["\(branch)-agents"], skills: skills[index % 3],
                        capacity: UInt32(1 + index % 3)))
            }
        }
        for index in 0..<4 {
            people.append(Person(name: "hq\(index)", groups: ["hq-agents"], skills: skills[2], capacity: 2))
        }
        for index in 0..<3 {
            let groups = index == 0 ? ["hq-engineers", "north-agents"] : ["hq-engineers"]
            people.append(Person(name: "engineer\(index)", groups: groups, skills: skills[2], capacity: 2))
        }
        people.append(Person(name: "vendor", groups: ["vendors"], skills: skills[2], capacity: 3))
        return people
    }()
}

extension Timing {
    /// Everything that takes hours in life takes seconds here.
    static let brisk: Timing = {
        var timing = Timing()
        timing.offerTimeout = .seconds(4)
        timing.grace = .seconds(6)
        timing.reopenWindow = .seconds(10)
        timing.declineExclusion = .seconds(5)
        return timing
    }()
}
