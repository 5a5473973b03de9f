/// A live router, as members know each other.
package struct RouterInfo: Equatable, Sendable {
    package let incarnation: Incarnation
    package let name: String
    package let region: RegionID
    /// Where clients and other routers reach it.
    package let address: String
    /// Where it publishes its gossip.
    package let gossipAddress: String
    /// The newest wire version that it understands; 1 from whoever cannot say.
    package let speaks: UInt8
    package init(
        incarnation: Incarnation, name: String, region: RegionID, address: String, gossipAddress: String,
        speaks: UInt8 = 1
    ) {
        self.incarnation = incarnation
        self.name = name
        self.region = region
        self.address = address
        self.gossipAddress = gossipAddress
        self.speaks = speaks
    }
}

/// Which router holds a region's queues.
package struct RegionOwner: Equatable, Sendable {
    package let region: RegionID
    package let owner: Incarnation
    package let epoch: OwnerEpoch
    package init(region: RegionID, owner: Incarnation, epoch: OwnerEpoch) {
        self.region = region
        self.owner = owner
        self.epoch = epoch
    }
}

/// A router asks to be a member. It brings nothing but where it is; all policy comes with the answer.
package struct Join: Equatable, Sendable {
    package let name: String
    package let region: String
    package let address: String
    package let gossipAddress: String
    /// The wire version of the frame that it came in: that is how a router says it.
    package let speaks: UInt8
    package init(name: String, region: String, address: String, gossipAddress: String, speaks: UInt8 = 1) {
        self.name = name
        self.region = region
        self.address = address
        self.gossipAddress = gossipAddress
        self.speaks = speaks
    }
}

package struct Joined: Equatable, Sendable {
    package let incarnation: Incarnation
    package let reign: UInt32
    package let policy: Policy
    package init(incarnation: Incarnation, reign: UInt32, policy: Policy) {
        self.incarnation = incarnation
        self.reign = reign
        self.policy = policy
    }
}

/// A router's one call to the coordinator: "here is what was done; what changed for me after `cursor`?"
/// It renews the lease. Without commands it is parked until something changes, for `park` at most.
package struct Exchange: Equatable, Sendable {
    package let incarnation: Incarnation
    package let cursor: LSN
    package let park: Interval
    /// The number of the first command; commands are numbered per incarnation without gaps.
    package let firstCommand: UInt64
    /// Outcomes up to here have arrived and need not be kept.
    package let acknowledged: UInt64
    package let commands: [Command]
    /// Who of the router's agents is on duty now, as far as that changed or was not answered yet. Not journaled.
    package let duty: [DutyReport]
    /// Only with a poll.
    package let slice: LoadSlice?
    /// Regions whose waiting tickets are not all listed yet, with where the list is to go on.
    package let listing: [RegionListing]
    package init(
        incarnation: Incarnation, cursor: LSN, park: Interval, firstCommand: UInt64, acknowledged: UInt64,
        commands: [Command], duty: [DutyReport] = [], slice: LoadSlice? = nil, listing: [RegionListing] = []
    ) {
        self.listing = listing
        self.duty = duty
        self.slice = slice
        self.incarnation = incarnation
        self.cursor = cursor
        self.park = park
        self.firstCommand = firstCommand
        self.acknowledged = acknowledged
        self.commands = commands
    }
}

/// Whether an agent would be given tickets if his hands were free. Whoever attaches is, until he says otherwise.
package struct DutyReport: Equatable, Sendable {
    package let agent: AgentID
    package let agentEpoch: AgentEpoch
    package let isOnDuty: Bool
    /// Rises with each report on the agent in this epoch: exchanges may overtake each other.
    package let version: UInt32
    package init(agent: AgentID, agentEpoch: AgentEpoch, isOnDuty: Bool, version: UInt32) {
        self.version = version
        self.agent = agent
        self.agentEpoch = agentEpoch
        self.isOnDuty = isOnDuty
    }
}

/// A ticket that no longer waits, and who holds it now: an owner need not withdraw the offer that this agent accepted.
package struct Departed: Equatable, Sendable {
    package let ticket: TicketID
    package let holder: AgentID?
    package init(ticket: TicketID, holder: AgentID?) {
        self.ticket = ticket
        self.holder = holder
    }
}

/// Ticket numbers after the first, up to the second.
package struct TicketRange: Equatable, Sendable {
    package let after: TicketID
    package let through: TicketID
    package init(after: TicketID, through: TicketID) {
        self.after = after
        self.through = through
    }
    package static let whole = TicketRange(after: TicketID(0), through: TicketID(.max))
    package var isEmpty: Bool { after >= through }
    package func contains(_ id: TicketID) -> Bool { after < id && id <= through }
}

/// Where the list of a region's waiting tickets is to go on.
package struct RegionListing: Equatable, Sendable {
    package let region: RegionID
    package let after: TicketID
    package init(region: RegionID, after: TicketID) {
        self.region = region
        self.after = after
    }
}

/// What changed in a region that the router owns. Where too much changed for that, or the region is new to the router,
/// all that waits there is listed, a part with each poll: a hundred thousand tickets in one answer would take longer to
/// make, to send and to read than whoever asked waits for it, and then he asks for them again.
package struct RegionChanges: Equatable, Sendable {
    package let region: RegionID
    /// Whether what the router knew is not to be relied on, wherever it is not listed here or later. Then there is a
    /// range, which may be empty.
    package let isAnew: Bool
    /// Of the tickets with these numbers, no others than those in `waiting` wait.
    package let listed: TicketRange?
    package let waiting: [WaitingTicket]
    package let noLonger: [Departed]
    package init(
        region: RegionID, isAnew: Bool = false, listed: TicketRange? = nil, waiting: [WaitingTicket],
        noLonger: [Departed]
    ) {
        self.region = region
        self.isAnew = isAnew
        self.listed = listed
        self.waiting = waiting
        self.noLonger = noLonger
    }
}

/// What changed for an agent by somebody else's doing.
package struct AgentChange: Equatable, Sendable {
    package let agent: AgentID
    package let agentEpoch: AgentEpoch
    /// False when another router, or none, is his home now.
    package let isHome: Bool
    /// The client of his newest session: the same client elsewhere has not superseded itself.
    package let instance: ClientInstance
    /// All tickets he holds; empty when he is not at home here.
    package let work: [Assignment]
    package init(
        agent: AgentID, agentEpoch: AgentEpoch, isHome: Bool, instance: ClientInstance, work: [Assignment]
    ) {
        self.agent = agent
        self.agentEpoch = agentEpoch
        self.isHome = isHome
        self.instance = instance
        self.work = work
    }
}

/// Who is a member and who owns what: sent whole whenever it changed.
package struct Membership: Equatable, Sendable {
    package var routers: [RouterInfo] = []
    package var owners: [RegionOwner] = []
    /// Routers that give their regions and sessions away.
    package var draining: [Incarnation] = []
    /// Routers that are late: no new offers to their agents until they are heard of again.
    package var suspect: [Incarnation] = []
    /// Regions whose former owner lives and has something to hand over.
    package var handovers: [Handover] = []
    package init() {}

    /// Those that take sessions and regions.
    package func takes(_ router: Incarnation) -> Bool { !draining.contains(router) && !suspect.contains(router) }
}

package struct Exchanged: Equatable, Sendable {
    package let reign: UInt32
    /// The state that the changes reflect; the router's next cursor.
    package let lsn: LSN
    /// One for each command, in order, from the number the exchange began with.
    package let outcomes: [Outcome]
    package let membership: Membership?
    package var policy: Policy? { news.first }
    /// One or none: a policy is large, and hardly an answer has one.
    private let news: [Policy]
    package let regions: [RegionChanges]
    package let agents: [AgentChange]
    /// The age zero of `enteredAt`: the coordinator's wall time now, so that no two nodes' clocks are compared.
    package let wall: WallTime
    /// Agents of whom the router said something else than the ledger, twice in a row.
    package let repairs: [AgentChange]
    package init(
        reign: UInt32, lsn: LSN, outcomes: [Outcome], membership: Membership?, policy: Policy?,
        regions: [RegionChanges], agents: [AgentChange], wall: WallTime, repairs: [AgentChange] = []
    ) {
        self.repairs = repairs
        self.reign = reign
        self.lsn = lsn
        self.outcomes = outcomes
        self.membership = membership
        news = policy.map { [$0] } ?? []
        self.regions = regions
        self.agents = agents
        self.wall = wall
    }
}

/// The coordinator's no to a router.
package enum RouterRefusal: UInt8, Sendable, CaseIterable {
    /// The incarnation is over: join anew.
    case notMember = 1
    /// A command number is missing.
    case gap = 2
    /// The region's name is not in the policy.
    case unknownRegion = 3
    case tooManyRouters = 4
    /// Another live router has this name.
    case nameTaken = 5
    case notUnderstood = 6
}
