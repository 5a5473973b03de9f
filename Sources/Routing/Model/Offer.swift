/// Names one showing of a ticket to one agent; no two offers of a cluster's life are equal.
package struct OfferID: Hashable, Sendable {
    package let ticket: TicketID
    package let fence: Fence
    package let ownerEpoch: OwnerEpoch
    /// Of all the offers of its owner; zero for none.
    package let attempt: UInt32
    package init(ticket: TicketID, fence: Fence, ownerEpoch: OwnerEpoch, attempt: UInt32) {
        self.ticket = ticket
        self.fence = fence
        self.ownerEpoch = ownerEpoch
        self.attempt = attempt
    }
}

/// Which of a ticket's offers under one fence: what an `OfferID` says besides those two.
package struct OfferNumber: Hashable, Sendable {
    package let ownerEpoch: OwnerEpoch
    package let attempt: UInt32
    package init(ownerEpoch: OwnerEpoch, attempt: UInt32) {
        self.ownerEpoch = ownerEpoch
        self.attempt = attempt
    }
    package init(_ id: OfferID) { self.init(ownerEpoch: id.ownerEpoch, attempt: id.attempt) }
}

/// A ticket shown to one agent, who may take it or not.
package struct Offer: Equatable, Sendable {
    package let id: OfferID
    package let agent: AgentID
    package let agentEpoch: AgentEpoch
    /// The group through which the agent gets it: the ticket's own, or one it was widened to.
    package let group: GroupID
    package let priority: Priority
    /// The ticket's age in its queue when the offer was made.
    package let age: Interval
    /// How long the agent has, from when the home router shows it.
    package let timeout: Interval
    package let subject: String
    package let cost: Cost
    package let channel: String
    /// Why he is asked.
    package let decision: DecisionRecord?
    /// His home router accepts it for him at once: his group asks nobody, or he took the ticket himself.
    package let isAccepted: Bool
    package init(
        id: OfferID, agent: AgentID, agentEpoch: AgentEpoch, group: GroupID, priority: Priority, age: Interval,
        timeout: Interval, subject: String, cost: Cost = .one, channel: String = "", decision: DecisionRecord? = nil,
        isAccepted: Bool = false
    ) {
        self.id = id
        self.agent = agent
        self.agentEpoch = agentEpoch
        self.group = group
        self.priority = priority
        self.age = age
        self.timeout = timeout
        self.subject = subject
        self.cost = cost
        self.channel = channel
        self.decision = decision
        self.isAccepted = isAccepted
    }
}

/// How an offer ended, told by the agent's home router to the region's owner.
package enum OfferEnd: UInt8, Sendable, CaseIterable {
    case declined = 1
    /// He had it on his screen.
    case expiredSeen = 2
    /// His client never fetched it.
    case expiredUnseen = 3
    /// His session ended, or his status changed.
    case withdrawn = 4
    /// The coordinator gave the ticket to nobody for him (`overCapacity`, `staleEpoch`): try another.
    case refused = 5
    /// The coordinator says the ticket no longer waits.
    case gone = 6
}

/// What an agent said when he declined.
package struct DeclineTerms: Equatable, Sendable {
    /// One of the policy's reasons, or any word where it names none; may be empty.
    package let reason: String
    /// When he wants to be asked again, if he said so; `Limits.retryAfterMax` at most.
    package let retryAfter: Interval?
    package init(reason: String = "", retryAfter: Interval? = nil) {
        self.reason = reason
        self.retryAfter = retryAfter
    }
    /// Nothing was said, or nobody declined.
    package static let none = DeclineTerms()
}

/// An accepted offer, durable in the ledger; (ticket, fence) is its id.
package struct Assignment: Equatable, Sendable {
    package let ticket: TicketID
    package let fence: Fence
    package let group: GroupID
    package let isPending: Bool
    package let priority: Priority
    package let cost: Cost
    package let submission: Submission
    /// When the customer wrote last, after the submission; nil for never.
    package let wroteAt: WallTime?
    package init(
        ticket: TicketID, fence: Fence, group: GroupID, isPending: Bool, priority: Priority, cost: Cost = .one,
        submission: Submission, wroteAt: WallTime? = nil
    ) {
        self.wroteAt = wroteAt
        self.ticket = ticket
        self.fence = fence
        self.group = group
        self.isPending = isPending
        self.priority = priority
        self.cost = cost
        self.submission = submission
    }

    /// The units it takes now.
    package var units: UInt32 { UInt32(isPending ? cost.pending : cost.active) }
}
