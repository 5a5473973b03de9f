/// An agent as the policy knows him: a person, or a vendor's system.
package struct Agent: Equatable, Sendable {
    package let id: AgentID
    package let name: String
    package let groups: [GroupID]
    package let skills: [SkillLevel]
    /// Units he may spend at once; what a ticket takes of it is its `Cost`. At least 1.
    package let capacity: UInt32
    /// In order of the channels' names.
    package let channelLimits: [ChannelLimit]
    /// How long he is left alone after a ticket, which keeps its units so long. His own, whatever the ticket's group.
    package let wrapUp: Interval
    /// When he works; outside of it he is offered nothing. Nil for always.
    package let hours: CalendarID?

    package init(
        id: AgentID, name: String, groups: [GroupID], skills: [SkillLevel], capacity: UInt32,
        channelLimits: [ChannelLimit] = [], wrapUp: Interval = .zero, hours: CalendarID? = nil
    ) {
        self.id = id
        self.name = name
        self.groups = groups
        self.skills = skills
        self.capacity = capacity
        self.channelLimits = channelLimits
        self.wrapUp = wrapUp
        self.hours = hours
    }
}

/// What is known of an agent's readiness.
/// `available`, `availableForOne`, `away` and `draining` are set by people; the rest by the cluster.
/// Moves: `offline` -> any by attach; `available` <-> `away` <-> `draining` by the agent;
/// `available` -> `notResponding` when he let an offer expire that he had seen; -> `unreachable` when his client did
/// not take what was sent; both end with his own next sign; any -> `offline` by detach.
package enum Status: UInt8, Sendable, CaseIterable {
    case offline = 0
    case available = 1
    case away = 2
    case draining = 3
    case notResponding = 4
    case unreachable = 5
    /// Takes one ticket, then is `away` until he says otherwise.
    case availableForOne = 6
    /// Available, but left alone for a while by the engine: his fair share is reached, his status flaps, or it is
    /// outside of his hours. Only in presence; his own status stays what he set.
    case resting = 7

    /// Only such an agent is offered tickets.
    package var takesOffers: Bool { self == .available || self == .availableForOne }
    /// Only these may be asked for by an agent's client.
    package var isSettable: Bool {
        self == .available || self == .availableForOne || self == .away || self == .draining
    }
}

/// An agent's presence as his home router tells it to all others. A hint: capacity is checked again at the home router
/// when reserving and by the coordinator when assigning.
package struct Presence: Equatable, Sendable {
    package let agent: AgentID
    /// Names the session; an older epoch's presence is ignored.
    package let agentEpoch: AgentEpoch
    /// Rises with each change within the epoch.
    package let version: UInt32
    package let status: Status
    /// Units held or reserved now, and the most there may be.
    package let load: UInt32
    package let capacity: UInt32
    /// When he last got or finished a ticket, or became available first: the key of "longest idle".
    package let idleSince: Instant
    /// When he was last offered a ticket: the key of "round robin".
    package let offeredAt: Instant
    /// Tickets he finished in the window that counts: the key of "fewest handled".
    package let handled: UInt32
    package let skills: [SkillLevel]

    package init(
        agent: AgentID, agentEpoch: AgentEpoch, version: UInt32, status: Status, load: UInt32, capacity: UInt32,
        idleSince: Instant, offeredAt: Instant = Instant(milliseconds: 0), handled: UInt32 = 0, skills: [SkillLevel]
    ) {
        self.agent = agent
        self.agentEpoch = agentEpoch
        self.version = version
        self.status = status
        self.load = load
        self.capacity = capacity
        self.idleSince = idleSince
        self.offeredAt = offeredAt
        self.handled = handled
        self.skills = skills
    }

    package var freeUnits: UInt32 { load < capacity ? capacity - load : 0 }
}
