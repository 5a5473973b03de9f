/// Names a request of a client or peer whose reply is awaited; given by the shell.
package struct RequestToken: Hashable, Sendable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
}

/// One connection of a client; given by the shell.
package struct PipeID: Hashable, Sendable {
    package let value: UInt32
    package init(_ value: UInt32) { self.value = value }
}

extension Router {
    /// What can happen to a router. The shell passes `turnBegins` first and `turnEnds` last in every turn. What is rare
    /// and large is kept aside (`indirect`, here and in messages), so that the others are small to hand on.
    package enum Event: Sendable {
        case turnBegins
        indirect case joined(Joined)
        case submit([KeyedSubmission], RequestToken, patience: Interval = Limits.submitPatience)
        case attach(Attach, RequestToken, PipeID)
        case poll(SessionPoll, RequestToken, PipeID)
        case disconnected(PipeID)
        /// A question that only the ledger can answer.
        case query(Command, RequestToken)
        /// Why a ticket waits, or why an agent gets nothing.
        case explain(ExplainRequest, RequestToken)
        /// What an agent may take of what waits.
        case browse(AgentID, RequestToken)
        case exchanged(UInt64, Exchanged)
        /// Without an answer: the coordinator may or may not have done it.
        case exchangeFailed(UInt64)
        /// A batch before it has not come to the coordinator, which did nothing.
        case exchangeRefused(UInt64)
        case membershipLost
        case peerAsked(PeerRequest, RequestToken)
        /// Nil when no answer came.
        case peerAnswered(UInt64, PeerReply?)
        case gossiped(Gossip)
        /// The process is to end: regions and sessions should go elsewhere.
        case leaves
        /// The process ends, whatever is left here.
        case ends
        case turnEnds
    }

    /// What a router wants done. All is plain data; the shell does it in order after the turn.
    package enum Effect: Equatable, Sendable {
        case exchange(Exchange, UInt64)
        case rejoin
        case submitted([SubmitResult], RequestToken)
        case attached(Attached, RequestToken)
        case sessionAnswer(SessionAnswer, RequestToken)
        /// The session is wanted at one of these, the first if possible.
        case move([String], RequestToken)
        /// The session is not known here: attach first.
        case noSession(RequestToken)
        case answered(Outcome, RequestToken)
        case explained(Explained, RequestToken)
        case browsed(Browsed, RequestToken)
        case ask(Incarnation, PeerRequest, UInt64)
        case peerReply(PeerReply, RequestToken)
        case publish(Gossip)
        /// Whom to listen to and talk to from now on.
        case membership(Membership)
        case report(Report)
    }

    /// For the log, each once.
    package enum Report: Equatable, Sendable {
        case owns(String, OwnerEpoch)
        case noLongerOwns(String)
        case sessionEnded(agents: Int)
        /// The agent had other tickets here than in the ledger: a bug, put right.
        case loadRepaired(String)
    }

    /// Totals since the process started.
    package struct Counters: Equatable, Sendable {
        package var submitted: UInt64 = 0
        package var refused: UInt64 = 0
        /// Submissions that were given up before they left, as nobody waited for them any more.
        package var stale: UInt64 = 0
        package var offersMade: UInt64 = 0
        package var offersToOtherRouters: UInt64 = 0
        package var offersDeclined: UInt64 = 0
        package var offersExpiredSeen: UInt64 = 0
        package var offersExpiredUnseen: UInt64 = 0
        package var offersWithdrawn: UInt64 = 0
        package var claims: UInt64 = 0
        /// Begun by a region's former owner, run on by this one.
        package var offersAdopted: UInt64 = 0
        package var sessionsMoved: UInt64 = 0
        /// Ended offers that the ledger was not told of: too many commands were waiting.
        package var attemptsUnreported: UInt64 = 0
        package var accepted: UInt64 = 0
        /// Tickets opened and assigned in one command.
        package var openedAssigned: UInt64 = 0
        package var acceptedLate: UInt64 = 0
        package var givenBack: UInt64 = 0
        /// Pairs that only the sweep found: each is a bug.
        package var sweepFound: UInt64 = 0
        package var snapshotsAsked: UInt64 = 0
        /// How often another member was not heard for so long that its agents were left alone.
        package var peersLost: UInt64 = 0
        /// Agents whose tickets were put right as the ledger has them: each is a bug.
        package var loadsRepaired: UInt64 = 0
        /// What clients were refused, by the router or through it.
        package var refusals = RefusalCounts()
        package init() {}
    }
}
