/// A line of support: 1 agents, 2 engineers, 3 vendors.
package enum Tier: UInt8, Comparable, Sendable, CaseIterable {
    case agents = 1
    case engineers = 2
    case vendors = 3
    package static func < (a: Tier, b: Tier) -> Bool { a.rawValue < b.rawValue }
}

/// One step of a group's overflow: a ticket that has waited `after` since it entered the group is widened to `target`.
package struct OverflowStep: Equatable, Sendable {
    package let after: Interval
    package let target: GroupID
    package init(after: Interval, target: GroupID) {
        self.after = after
        self.target = target
    }
}

/// A named team: one tier, one region. An agent may belong to many groups, also of other regions.
package struct Group: Equatable, Sendable {
    package let id: GroupID
    package let name: String
    package let region: RegionID
    package let tier: Tier
    /// The group of a higher tier that takes what this one cannot solve.
    package let escalatesTo: GroupID?
    /// In rising order of `after`, `Limits.overflowStepsMax` at most.
    package let overflow: [OverflowStep]
    /// How long one agent is asked before the next one is.
    package let offerTimeout: Interval
    /// With so many waiting, `open` is refused as `full`: the last bound, for this group only.
    package let refuseAt: UInt32

    package init(
        id: GroupID, name: String, region: RegionID, tier: Tier, escalatesTo: GroupID?, overflow: [OverflowStep],
        offerTimeout: Interval, refuseAt: UInt32
    ) {
        self.id = id
        self.name = name
        self.region = region
        self.tier = tier
        self.escalatesTo = escalatesTo
        self.overflow = overflow
        self.offerTimeout = offerTimeout
        self.refuseAt = refuseAt
    }
}
