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
    /// An operator wants the region to stay with its owner of now: it does not go home while that router lives.
    case ownerChosen(RegionID)
    /// It gives its regions and sessions away, or does so no more.
    case routerDraining(Incarnation, Bool)
    /// It is late, or is heard of again. The ledger keeps nothing of it: it is recorded for its number, by which
    /// routers know that there is something new.
    case routerSuspect(Incarnation, Bool)
    case attached(AgentID, AgentEpoch, Incarnation, ClientInstance)
    case detached(AgentID, AgentEpoch)
    case graceEnded(AgentID, AgentEpoch)
    indirect case opened(Opened)
    /// The fence is the new holder's; with why he was asked.
    case assigned(TicketID, Fence, AgentID, CommandID?, DecisionRecord? = nil)
    /// Offered under that fence and not accepted; with the reason the agent gave, if he did, and which offer it was, if
    /// that is known.
    case attempted(TicketID, Fence, AgentID, OfferEnd, String, OfferNumber? = nil)
    case noted(TicketID, Noted, AgentID, CommandID?)
    /// Into a group's queue, with the fence it has there.
    case moved(Moved)
    /// By the step of that number.
    case widened(TicketID, GroupID, step: UInt32, Cause)
    case narrowed(TicketID, GroupID, Cause)
    case resolved(TicketID, AgentID, CommandID?, handedOut: Cause?)
    case closed(TicketID, Fence, Disposition, Cause)
    /// A step of its group was taken with it, and is not taken again in this stay unless it repeats.
    case stepTaken(TicketID, step: UInt32)
    case raised(TicketID, Priority, Cause)
    /// Written to the customer by the cluster; with the opening that the text may speak of.
    case answered(TicketID, text: String, opens: WallTime?, Cause)
    /// Something that operators should see.
    case alerted(TicketID, Cause)
    /// Something that the group's lead should see, or who follows a topic.
    case notified(TicketID, Audience, Cause)
    case scheduled(Scheduled)
    case quarantined(TicketID, Fence, Cause)
    case callback(TicketID, contact: String, cost: Cost, Cause)
    case customerWrote(TicketID, text: String, Cause)
    /// Another ticket was merged into this one.
    case absorbed(TicketID, from: TicketID, Cause)
    /// A command on the ticket, remembered for a repeat.
    case keyKept(SubmitKey, hash: UInt64, TicketID)
    case clocksSet(ClocksSet)
    case clockFired(ClockFired)

    package struct Opened: Equatable, Sendable {
        package let ticket: TicketID
        package let key: SubmitKey
        package let hash: UInt64
        package let classification: Classification
        /// What the submitter said, as the ticket keeps it.
        package let said: PackedSubmission
        package var submission: Submission { said.unpacked }
        /// The agent who last resolved a ticket of this customer.
        package let preferred: Preference?
        /// When it starts to wait; nil for at once.
        package let startsAt: WallTime?
        package init(
            ticket: TicketID, key: SubmitKey, hash: UInt64, classification: Classification, submission: Submission,
            preferred: Preference? = nil, startsAt: WallTime? = nil
        ) {
            self.init(
                ticket: ticket, key: key, hash: hash, classification: classification,
                said: PackedSubmission(submission), preferred: preferred, startsAt: startsAt)
        }
        package init(
            ticket: TicketID, key: SubmitKey, hash: UInt64, classification: Classification, said: PackedSubmission,
            preferred: Preference?, startsAt: WallTime?
        ) {
            self.ticket = ticket
            self.key = key
            self.hash = hash
            self.classification = classification
            self.said = said
            self.preferred = preferred
            self.startsAt = startsAt
        }
    }

    /// What a holder did without letting go.
    package enum Noted: Equatable, Sendable {
        case replied(text: String)
        case noted(text: String)
        case paused(Pause)
        case resumed(Cause?)
    }

    package struct Moved: Equatable, Sendable {
        package let ticket: TicketID
        package let fence: Fence
        package let group: GroupID
        package let cause: MoveCause
        /// Who did it; nil for the cluster itself, customers and supervisors.
        package let agent: AgentID?
        package let id: CommandID?
        package let why: Cause?
        /// Who is asked first.
        package let preferred: Preference?
        /// Whether it is ranked by its age so far, even in another group.
        package let keepsAge: Bool
        /// Whether its holder had vanished with it.
        package let isDeath: Bool
        package init(
            ticket: TicketID, fence: Fence, group: GroupID, cause: MoveCause, agent: AgentID?, id: CommandID?,
            why: Cause? = nil, preferred: Preference? = nil, keepsAge: Bool = false, isDeath: Bool = false
        ) {
            self.ticket = ticket
            self.fence = fence
            self.group = group
            self.cause = cause
            self.agent = agent
            self.id = id
            self.why = why
            self.preferred = preferred
            self.keepsAge = keepsAge
            self.isDeath = isDeath
        }
    }

    package struct Scheduled: Equatable, Sendable {
        package let ticket: TicketID
        package let fence: Fence
        package let startsAt: WallTime
        /// The holder who put it off, who is asked first then.
        package let agent: AgentID?
        package let id: CommandID?
        package let why: Cause
        package init(
            ticket: TicketID, fence: Fence, startsAt: WallTime, agent: AgentID?, id: CommandID?, why: Cause
        ) {
            self.ticket = ticket
            self.fence = fence
            self.startsAt = startsAt
            self.agent = agent
            self.id = id
            self.why = why
        }
    }

    /// The ticket it is about, if it is about one.
    package var ticket: TicketID? {
        switch self {
        case .opened(let opened): opened.ticket
        case .assigned(let ticket, _, _, _, _), .noted(let ticket, _, _, _), .widened(let ticket, _, _, _),
            .resolved(let ticket, _, _, _), .closed(let ticket, _, _, _), .narrowed(let ticket, _, _),
            .stepTaken(let ticket, _), .raised(let ticket, _, _), .answered(let ticket, _, _, _),
            .alerted(let ticket, _), .notified(let ticket, _, _), .quarantined(let ticket, _, _),
            .callback(let ticket, _, _, _),
            .customerWrote(let ticket, _, _), .absorbed(let ticket, _, _), .keyKept(_, _, let ticket),
            .attempted(let ticket, _, _, _, _, _):
            ticket
        case .moved(let moved): moved.ticket
        case .clocksSet(let set): set.ticket
        case .clockFired(let fired): fired.ticket
        case .scheduled(let scheduled): scheduled.ticket
        case .reignBegan, .policyAdopted, .routerJoined, .routerEnded, .regionOwned, .ownerChosen,
            .routerDraining, .routerSuspect, .attached, .detached, .graceEnded:
            nil
        }
    }
}
