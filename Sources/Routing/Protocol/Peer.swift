/// What routers ask of each other. All are repeatable.
package enum PeerRequest: Equatable, Sendable {
    /// Hold a unit of the agent's capacity and show him the offer. From the region's owner to the agent's home router.
    indirect case reserve(Offer, owner: Incarnation)
    /// Take the offer off his screen, or never show it if it has not come yet.
    case withdraw(OfferID, AgentID)
    /// How an offer ended. From the home router to the owner.
    case ended(OfferID, OfferEnd, DeclineTerms = .none)
    /// "I have an agent for your widened ticket": the ticket's own owner runs the offer.
    case claim(Claim)
    /// All presence that the asked router publishes, after a gap.
    case snapshot
    /// Why a ticket of the asked router's queues waits, or why an agent gets nothing from them.
    case explain(ExplainRequest)
    /// An agent of ours wants this ticket of a group that lets its agents choose.
    case take(Take)
    /// What the agent may take of what the asked router's queues hold.
    case browse(AgentID)
    /// "The region is mine in that epoch: what have you begun there?" From its new owner to its former one.
    case release(RegionID, OwnerEpoch, to: Incarnation)
    /// "I run these offers to your agents from now on: which of them do they still look at?"
    case adopt([OfferID], owner: Incarnation)
    /// Whether the asked router may offer and accept; from one that may not.
    case lease
}

package struct Take: Equatable, Sendable {
    package let ticket: TicketID
    package let fence: Fence
    package let agent: AgentID
    package let agentEpoch: AgentEpoch
    /// The agent's home router, which asks.
    package let home: Incarnation
    package init(ticket: TicketID, fence: Fence, agent: AgentID, agentEpoch: AgentEpoch, home: Incarnation) {
        self.ticket = ticket
        self.fence = fence
        self.agent = agent
        self.agentEpoch = agentEpoch
        self.home = home
    }
}

package enum TakeReply: Equatable, Sendable {
    /// To be accepted for him at once; the ledger decides.
    case offered(Offer)
    /// `gone`, `notAllowed`, `overCapacity` or `busy` (somebody else is being asked).
    case refused(Refusal)
}

/// A waiting ticket that an agent may take.
package struct BrowsedTicket: Equatable, Sendable {
    package let ticket: TicketID
    package let fence: Fence
    /// The group it waits in.
    package let group: GroupID
    package let priority: Priority
    package let age: Interval
    package let subject: String
    package init(
        ticket: TicketID, fence: Fence, group: GroupID, priority: Priority, age: Interval, subject: String
    ) {
        self.ticket = ticket
        self.fence = fence
        self.group = group
        self.priority = priority
        self.age = age
        self.subject = subject
    }
}

/// What an agent may take, in order of rank, `Limits.browsedMax` at most.
package struct Browsed: Equatable, Sendable {
    package let tickets: [BrowsedTicket]
    /// False when a router that owns one of the agent's groups did not answer.
    package let isWhole: Bool
    package init(tickets: [BrowsedTicket], isWhole: Bool) {
        self.tickets = tickets
        self.isWhole = isWhole
    }
}

package struct Claim: Equatable, Sendable {
    package let ticket: TicketID
    package let fence: Fence
    package let ownerEpoch: OwnerEpoch
    package let agent: AgentID
    package let agentEpoch: AgentEpoch
    /// The agent's home router.
    package let home: Incarnation
    /// The group, of the claimer's region, through which he gets it.
    package let group: GroupID
    /// Why the claimer picked him.
    package let decision: DecisionRecord?
    package init(
        ticket: TicketID, fence: Fence, ownerEpoch: OwnerEpoch, agent: AgentID, agentEpoch: AgentEpoch,
        home: Incarnation, group: GroupID, decision: DecisionRecord? = nil
    ) {
        self.decision = decision
        self.ticket = ticket
        self.fence = fence
        self.ownerEpoch = ownerEpoch
        self.agent = agent
        self.agentEpoch = agentEpoch
        self.home = home
        self.group = group
    }
}

package enum PeerReply: Equatable, Sendable {
    case reserved
    /// Not shown: the agent is full, away, or at home elsewhere.
    case notReserved
    case taken
    case claim(ClaimReply)
    case snapshot(Gossip)
    case explained(Explained)
    case take(TakeReply)
    /// In order of rank.
    case browsed([BrowsedTicket])
    /// `Limits.releasedTicketsMax` at most.
    case released([ReleasedTicket])
    /// Those of the offers that are still shown.
    case adopted([OfferID])
    case leased(Bool)
}

package enum ClaimReply: Equatable, Sendable {
    /// The ticket's owner is offering it to that agent.
    case offered
    /// He declined it, or let it pass, not long ago.
    case excluded(Interval)
    /// Somebody else is being asked.
    case busy
    case gone
}

/// One publication of a router: presence that changed, or all of it.
package struct Gossip: Equatable, Sendable {
    package let incarnation: Incarnation
    /// Rises by 1 with each publication; a gap makes the receiver ask for a snapshot.
    package let number: UInt64
    package let isFull: Bool
    package let presence: [PresenceRecord]
    /// What all presence of this router should add up to for a receiver that has missed nothing.
    package let digest: UInt64
    package let loads: [GroupLoad]
    package init(
        incarnation: Incarnation, number: UInt64, isFull: Bool, presence: [PresenceRecord], digest: UInt64,
        loads: [GroupLoad]
    ) {
        self.incarnation = incarnation
        self.number = number
        self.isFull = isFull
        self.presence = presence
        self.digest = digest
        self.loads = loads
    }
}

/// `Presence` on its way: with an age in place of an instant.
package struct PresenceRecord: Equatable, Sendable {
    package let agent: AgentID
    package let agentEpoch: AgentEpoch
    package let version: UInt32
    package let status: Status
    package let load: UInt32
    package let capacity: UInt32
    package let idle: Interval
    /// Since he was last offered a ticket.
    package let offered: Interval
    package let handled: UInt32
    package let skills: [SkillLevel]
    /// Names of the channels of which he may have no more; `Limits.channelsMax` at most. Names, since the receiver may
    /// have another version of the policy.
    package let fullChannels: [String]
    package init(
        agent: AgentID, agentEpoch: AgentEpoch, version: UInt32, status: Status, load: UInt32, capacity: UInt32,
        idle: Interval, offered: Interval, handled: UInt32, skills: [SkillLevel], fullChannels: [String] = []
    ) {
        self.agent = agent
        self.agentEpoch = agentEpoch
        self.version = version
        self.status = status
        self.load = load
        self.capacity = capacity
        self.idle = idle
        self.offered = offered
        self.handled = handled
        self.skills = skills
        self.fullChannels = fullChannels
    }
}

/// How long a group's queue is at its owner.
package struct GroupLoad: Equatable, Sendable {
    package let group: GroupID
    package let waiting: UInt32
    package let oldest: Interval
    package init(group: GroupID, waiting: UInt32, oldest: Interval) {
        self.group = group
        self.waiting = waiting
        self.oldest = oldest
    }
}
