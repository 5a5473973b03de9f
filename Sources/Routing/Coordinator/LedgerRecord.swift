/// One outcome, as the journal holds it. The ledger is the fold of these and of nothing else: replay reads no policy
/// and decides nothing. Whatever a rule of today says, what was recorded stays what happened.
package enum LedgerRecord: Equatable, Sendable {
    /// A coordinator has started; its reign is in every batch after this.
    case reignBegan(UInt32)
    /// The cluster file's own text, and the names that get their numbers with it.
    case policyAdopted(version: UInt32, text: String, additions: Catalog.Additions)
    case routerJoined(RouterInfo)
    /// Left, or its lease ran out: its sessions are over, its agents' graces begin.
    case routerEnded(Incarnation)
    case regionOwned(RegionOwner)
    case attached(AgentID, AgentEpoch, Incarnation, ClientInstance)
    case detached(AgentID, AgentEpoch)
    case graceEnded(AgentID, AgentEpoch)
    case opened(Opened)
    /// The fence is the new holder's.
    case assigned(TicketID, Fence, AgentID, CommandID?)
    /// Offered under that fence and not accepted; with the reason the agent gave, if he did.
    case attempted(TicketID, Fence, AgentID, OfferEnd, String)
    case noted(TicketID, Noted, AgentID, CommandID?)
    /// Into a group's queue, with the fence it has there.
    case moved(Moved)
    case widened(TicketID, GroupID)
    case resolved(TicketID, AgentID, CommandID?)
    case closed(TicketID, Fence)

    package struct Opened: Equatable, Sendable {
        package let ticket: TicketID
        package let key: SubmitKey
        package let hash: UInt64
        package let classification: Classification
        package let submission: Submission
        /// The agent who last resolved a ticket of this customer.
        package let preferred: AgentID?
        package init(
            ticket: TicketID, key: SubmitKey, hash: UInt64, classification: Classification, submission: Submission,
            preferred: AgentID? = nil
        ) {
            self.ticket = ticket
            self.key = key
            self.hash = hash
            self.classification = classification
            self.submission = submission
            self.preferred = preferred
        }
    }

    /// What a holder did without letting go.
    package enum Noted: Equatable, Sendable {
        case replied(text: String)
        case noted(text: String)
        case paused(reason: String)
        case resumed
    }

    package struct Moved: Equatable, Sendable {
        package let ticket: TicketID
        package let fence: Fence
        package let group: GroupID
        package let cause: MoveCause
        /// Who did it; nil for the cluster itself.
        package let agent: AgentID?
        package let id: CommandID?
        package init(
            ticket: TicketID, fence: Fence, group: GroupID, cause: MoveCause, agent: AgentID?, id: CommandID?
        ) {
            self.ticket = ticket
            self.fence = fence
            self.group = group
            self.cause = cause
            self.agent = agent
            self.id = id
        }
    }

    /// The ticket it is about, if it is about one.
    package var ticket: TicketID? {
        switch self {
        case .opened(let opened): opened.ticket
        case .assigned(let ticket, _, _, _), .noted(let ticket, _, _, _), .widened(let ticket, _),
            .resolved(let ticket, _, _), .closed(let ticket, _), .attempted(let ticket, _, _, _, _):
            ticket
        case .moved(let moved): moved.ticket
        case .reignBegan, .policyAdopted, .routerJoined, .routerEnded, .regionOwned, .attached, .detached, .graceEnded:
            nil
        }
    }
}
