/// Why an agent was asked for a ticket: made when the offer is, it travels with it to the coordinator and is kept with
/// the assignment. Which rule classified the ticket is kept with the ticket itself.
package struct DecisionRecord: Equatable, Sendable {
    /// One of those who could be asked, with what they were ranked by.
    package struct Candidate: Equatable, Sendable {
        package let agent: AgentID
        /// By strategy. `longestIdle`: milliseconds without a new ticket; `leastLoaded`: thousandths of his units in
        /// use; `roundRobin`: milliseconds since he was last asked (since his router's clock began, if he never was);
        /// `bestSkilled`: the sum of his levels in the skills named; `fewestHandled`: tickets in the window.
        package let score: UInt64
        package init(agent: AgentID, score: UInt64) {
            self.agent = agent
            self.score = score
        }
    }
    /// Candidates that a record names at most.
    package static let bestMax = 3

    /// How many of the group's members passed each filter, each count of those that passed the one before. The last two
    /// are of the first `Limits.decisionScanMax` ready ones.
    package struct Counts: Equatable, Sendable {
        package var members: UInt32 = 0
        /// Available, with a free unit, and not left alone.
        package var ready: UInt32 = 0
        /// With the skills, the units and room in the ticket's channel.
        package var able: UInt32 = 0
        /// Had not declined it, or let it pass, not long before.
        package var notExcluded: UInt32 = 0
        /// There were more ready ones, who were not counted further.
        package var mayBeMore = false
        package init() {}
    }

    package let policyVersion: UInt32
    /// Through which he gets it: the ticket's own, or one it was widened to.
    package let group: GroupID
    /// What the candidates were ranked by: the group's strategy, but `longestIdle` where `bestSkilled` had no skill to
    /// go by.
    package let strategy: Strategy
    /// He knows the customer or the case, and was asked before the strategy was.
    package let isSticky: Bool
    /// The owner of another region picked him, for a ticket that was widened to it.
    package let isClaim: Bool
    package let counts: Counts
    package let chosen: Candidate
    /// The first of those counted in `notExcluded`, best first; `bestMax` at most. The chosen one is among them unless
    /// he was asked first because he knows the customer, or stands behind the last one counted.
    package let best: [Candidate]

    package init(
        policyVersion: UInt32, group: GroupID, strategy: Strategy, isSticky: Bool, isClaim: Bool, counts: Counts,
        chosen: Candidate, best: [Candidate]
    ) {
        self.policyVersion = policyVersion
        self.group = group
        self.strategy = strategy
        self.isSticky = isSticky
        self.isClaim = isClaim
        self.counts = counts
        self.chosen = chosen
        self.best = best
    }
}
