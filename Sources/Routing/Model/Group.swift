/// A line of support: 1 agents, 2 engineers, 3 vendors.
package enum Tier: UInt8, Comparable, Sendable, CaseIterable {
    case agents = 1
    case engineers = 2
    case vendors = 3
    package static func < (a: Tier, b: Tier) -> Bool { a.rawValue < b.rawValue }
}

/// Whom a group prefers among the agents who could take a ticket now. Every order is total: the agent's number decides
/// last, so that any router with the same view picks the same agent.
package enum Strategy: UInt8, Sendable, CaseIterable {
    /// Whoever has been without a new ticket longest. Changing one's status does not count as work or rest.
    case longestIdle = 1
    /// The smallest share of capacity in use; then longest idle.
    case leastLoaded = 2
    /// Whoever was asked least recently, whether or not he accepted; then longest idle.
    case roundRobin = 3
    /// The highest sum of levels in the skills the ticket names, preferred ones included; then longest idle.
    case bestSkilled = 4
    /// The fewest tickets finished in the group's window; then longest idle.
    case fewestHandled = 5
}

/// How a group's tickets come to its agents.
package enum Delivery: Equatable, Sendable {
    /// Offered to so many agents at once, 1...`Limits.offersAtOnceMax`: the first who accepts has it.
    case offered(atOnce: UInt8)
    /// Assigned without a question; nobody can decline.
    case assigned
    /// To nobody: an agent looks at what waits and takes one.
    case taken
}

/// A named team: one tier, one region. An agent may belong to many groups, also of other regions.
package struct Group: Equatable, Sendable {
    package let id: GroupID
    package let name: String
    package let region: RegionID
    package let tier: Tier
    /// The group of a higher tier that takes what this one cannot solve.
    package let escalatesTo: GroupID?
    /// What is done with tickets that wait too long, top to bottom; `Limits.groupStepsMax` at most.
    package let steps: [GroupStep]
    /// With so many waiting the group takes no other's overflow while there is a better one.
    package let overflowAt: UInt32
    /// How long one agent is asked before the next one is.
    package let offerTimeout: Interval
    /// With so many waiting, `open` is refused as `full`: the last bound, for this group only.
    package let refuseAt: UInt32
    package let strategy: Strategy
    /// 1...100: an agent of several groups is given tickets of the heaviest first; among equals the rank decides.
    package let weight: UInt8
    package let delivery: Delivery
    /// When it is open; nil for always.
    package let hours: CalendarID?
    /// Who is told when `alertLead` says so; he need not be a member.
    package let lead: AgentID?

    package init(
        id: GroupID, name: String, region: RegionID, tier: Tier, escalatesTo: GroupID?, steps: [GroupStep] = [],
        offerTimeout: Interval, refuseAt: UInt32, strategy: Strategy = .longestIdle, weight: UInt8 = 50,
        overflowAt: UInt32 = .max, hours: CalendarID? = nil,
        delivery: Delivery = .offered(atOnce: 1), lead: AgentID? = nil
    ) {
        self.id = id
        self.name = name
        self.region = region
        self.tier = tier
        self.escalatesTo = escalatesTo
        self.steps = steps
        self.overflowAt = overflowAt
        self.offerTimeout = offerTimeout
        self.refuseAt = refuseAt
        self.strategy = strategy
        self.weight = weight
        self.delivery = delivery
        self.hours = hours
        self.lead = lead
    }

    /// The groups that its steps widen to, each once.
    package var widenTargets: [GroupID] {
        var targets: [GroupID] = []
        for case .widen(let groups) in steps.flatMap(\.operations) {
            for group in groups where !targets.contains(group) { targets.append(group) }
        }
        return targets
    }
}
