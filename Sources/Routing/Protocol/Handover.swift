/// A region that was given to another router while its former owner lives: who that is.
package struct Handover: Equatable, Sendable {
    package let region: RegionID
    package let from: Incarnation
    package init(region: RegionID, from: Incarnation) {
        self.region = region
        self.from = from
    }
}

/// What the former owner of a region knows of its waiting tickets that no ledger has. Preferences need no word here:
/// they are the ledger's, and run by the ticket's age.
package struct ReleasedTicket: Equatable, Sendable {
    package let ticket: TicketID
    package let fence: Fence
    /// Offers that an agent is looking at.
    package let offers: [ReleasedOffer]
    /// `Limits.exclusionsPerTicketMax` at most.
    package let excluded: [ReleasedExclusion]
    package init(ticket: TicketID, fence: Fence, offers: [ReleasedOffer], excluded: [ReleasedExclusion]) {
        self.ticket = ticket
        self.fence = fence
        self.offers = offers
        self.excluded = excluded
    }
}

package struct ReleasedOffer: Equatable, Sendable {
    package let offer: Offer
    /// The agent's home router.
    package let home: Incarnation
    /// Until it expires.
    package let remaining: Interval
    package init(offer: Offer, home: Incarnation, remaining: Interval) {
        self.offer = offer
        self.home = home
        self.remaining = remaining
    }
}

/// An agent who is not asked for the ticket for so long.
package struct ReleasedExclusion: Equatable, Sendable {
    package let agent: AgentID
    package let remaining: Interval
    package init(agent: AgentID, remaining: Interval) {
        self.agent = agent
        self.remaining = remaining
    }
}
