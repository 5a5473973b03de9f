/// Names an agent's command: a repeat of it, over whatever router, gets the answer of the first.
package struct CommandID: Hashable, Sendable {
    package let instance: ClientInstance
    /// From 1, rising by 1 with each command of this client for this agent.
    package let sequence: UInt64
    package init(instance: ClientInstance, sequence: UInt64) {
        self.instance = instance
        self.sequence = sequence
    }
}

/// What an agent does with a ticket he holds.
package enum WorkAction: Equatable, Sendable {
    case reply(text: String)
    case note(text: String)
    /// Without a time of its own the pause ends after `Timing.pendingMax`.
    case pause(reason: String, kind: PauseKind = .customer, for: Interval? = nil)
    case resume
    /// To the next tier's group, or to the asked tier.
    case escalate(to: Tier?, reason: String = "")
    /// Back to the lower tier it came from, or to the asked tier.
    case sendDown(to: Tier?, reason: String = "")
    /// To the group of this name.
    case transfer(to: String, reason: String = "")
    /// To the colleague of this name, who is asked first for `Timing.handOverFor`; then it is his group's.
    case handOver(to: String, reason: String = "")
    /// To somebody outside of the cluster: resolved as far as we are concerned.
    case handOut(to: String, reason: String = "")
    /// Back to the queue later, to him first.
    case putOff(for: Interval, reason: String = "")
    case giveBack(reason: String = "")
    case resolve
}

/// What somebody who does not hold the ticket does with it: its customer, or a supervisor.
package enum ManageAction: Equatable, Sendable {
    /// The customer writes: a pending ticket goes on, a resolved one is reopened.
    case write(text: String)
    case cancel
    case reopen
    /// It ends, and `into` goes on for both.
    case merge(into: TicketID)
    /// It waits for its time, from now or anew.
    case schedule(in: Interval)
    /// The customer does not stay on the line: he is called there when it is his turn, and keeps his place.
    case callback(contact: String)
    /// Out of whosever hands, with its age.
    case requeue
    /// To the agent of this name first.
    case assign(String)
    /// To the group of this name.
    case transfer(to: String)
    case escalate(to: Tier?)
    /// Out of quarantine.
    case release
    case setPriority(Priority)
    /// Ends a resolved one before its window does.
    case close
}

/// What a router asks of the coordinator on somebody's behalf. Every number in it is checked there.
package enum Command: Equatable, Sendable {
    indirect case open(Open)
    /// A router that has joined anew renews a session of its former incarnation: only if it is still the newest.
    case attach(AgentID, ClientInstance, renewing: AgentEpoch?)
    /// The session ended; the agent's grace begins.
    case detach(AgentID, AgentEpoch)
    case assign(Assign)
    case work(Work)
    case manage(Manage)
    /// An offer ended without an assignment; from the region's owner.
    case attempted(Attempted)
    /// Opens and assigns at once; the ticket waits in its group if the agent cannot have it.
    indirect case openAssigned(Open, AgentID, AgentEpoch, DecisionRecord?)
    case show(TicketID)
    case status
    /// The router of that name gives its regions and sessions away and takes no more; or does so again.
    case drain(router: String, isOn: Bool)
    /// The region of that name goes to the router of that name at once, and stays with it while it is there.
    case own(region: String, router: String)

    package struct Open: Equatable, Sendable {
        package let key: SubmitKey
        /// Of the submission's own bytes: the same key with another payload is `keyReused`.
        package let hash: UInt64
        package let policyVersion: UInt32
        package let classification: Classification
        package let submission: Submission
        /// It starts to wait so long after it was opened; `Limits.delayMax` at most.
        package let delay: Interval
        package init(
            key: SubmitKey, hash: UInt64, policyVersion: UInt32, classification: Classification,
            submission: Submission, delay: Interval = .zero
        ) {
            self.key = key
            self.hash = hash
            self.policyVersion = policyVersion
            self.classification = classification
            self.submission = submission
            self.delay = delay
        }
    }

    /// A customer's or supervisor's command; the same key again is the same command.
    package struct Manage: Equatable, Sendable {
        package let ticket: TicketID
        package let key: SubmitKey
        package let action: ManageAction
        /// `customer` or `supervisor`, his name, and his reason.
        package let cause: Cause
        package init(ticket: TicketID, key: SubmitKey, action: ManageAction, cause: Cause) {
            self.ticket = ticket
            self.key = key
            self.action = action
            self.cause = cause
        }
    }

    package struct Assign: Equatable, Sendable {
        package let ticket: TicketID
        package let fence: Fence
        package let agent: AgentID
        package let agentEpoch: AgentEpoch
        /// The agent's own accept; nil when his home router accepts for him.
        package let id: CommandID?
        /// Why he was asked.
        package let decision: DecisionRecord?
        package init(
            ticket: TicketID, fence: Fence, agent: AgentID, agentEpoch: AgentEpoch, id: CommandID?,
            decision: DecisionRecord? = nil
        ) {
            self.decision = decision
            self.ticket = ticket
            self.fence = fence
            self.agent = agent
            self.agentEpoch = agentEpoch
            self.id = id
        }
    }

    package struct Attempted: Equatable, Sendable {
        package let ticket: TicketID
        package let fence: Fence
        package let agent: AgentID
        /// `declined`, `expiredSeen` or `expiredUnseen`.
        package let end: OfferEnd
        /// What the agent gave for it; `Limits.wordBytesMax` bytes at most.
        package let reason: String
        /// By which a repeat is known, also one that comes after the coordinator's or the router's restart; nil from a
        /// router that speaks wire version 1, whose repeats are counted anew then.
        package let offer: OfferNumber?
        package init(
            ticket: TicketID, fence: Fence, agent: AgentID, end: OfferEnd, reason: String, offer: OfferNumber? = nil
        ) {
            self.ticket = ticket
            self.fence = fence
            self.agent = agent
            self.end = end
            self.reason = reason
            self.offer = offer
        }
    }

    package struct Work: Equatable, Sendable {
        package let ticket: TicketID
        package let fence: Fence
        package let agent: AgentID
        package let agentEpoch: AgentEpoch
        /// Nil for a give-back by the home router itself.
        package let id: CommandID?
        package let action: WorkAction
        package init(
            ticket: TicketID, fence: Fence, agent: AgentID, agentEpoch: AgentEpoch, id: CommandID?, action: WorkAction
        ) {
            self.ticket = ticket
            self.fence = fence
            self.agent = agent
            self.agentEpoch = agentEpoch
            self.id = id
            self.action = action
        }
    }
}

/// The closed list of ways to say no. None of them is an error of the cluster.
package enum Refusal: UInt8, Sendable, CaseIterable, Error {
    /// It was done before by the same holder: a success.
    case already = 1
    /// The ticket or offer is no longer to be had.
    case gone = 2
    /// A newer session of the same agent has taken over.
    case superseded = 3
    case closed = 4
    case wrongState = 5
    case notFound = 6
    case notAllowed = 7
    /// Classified with a policy that is no longer in force: classify again.
    case stalePolicy = 8
    /// The session, router or region owner that asks is no longer the one that counts.
    case staleEpoch = 9
    case overCapacity = 10
    case keyReused = 11
    /// A bound of `Limits` or of the policy is reached.
    case full = 12
    /// The router has lost the coordinator: wait, nothing is lost.
    case hold = 13
    /// The outcome is not known: ask again with the same key or sequence.
    case unknown = 14
    /// Certainly not done.
    case unavailable = 15
    /// A field is out of its bounds.
    case invalid = 16
    /// Too much is waiting already: certainly not done, try again later.
    case busy = 17
    /// A message of another version or kind than this node speaks.
    case notUnderstood = 18
    /// The ledger's disk is nearly full: no new ticket is taken until there is space again.
    case diskFull = 19
}

/// What the coordinator answers to a command, once the journal holds it.
package enum Outcome: Equatable, Sendable {
    case opened(TicketID)
    case attached(AgentEpoch, [Assignment])
    case detached
    indirect case assigned(Assignment)
    /// A work command was done; the ticket's fence after it.
    case done(Fence)
    indirect case shown(TicketRecord)
    indirect case status(ClusterStatus)
    case refused(Refusal)
    /// What was asked for a router or a region is so from now on.
    case agreed
}

/// Everything the ledger says of one ticket.
package struct TicketRecord: Equatable, Sendable {
    package let ticket: TicketID
    package let fence: Fence
    package let state: TicketState
    package let group: GroupID
    package let widened: [GroupID]
    package let priority: Priority
    package let signature: Signature
    package let rule: String
    package let openedAt: WallTime
    package internal(set) var said: PackedSubmission
    package internal(set) var steps: [TicketStep]
    /// Why its latest holder was asked; nil before the first.
    package let decision: DecisionRecord?
    package var standing = Standing()
    package var clocks: TicketClocks?
    /// How each of its clocks came to its deadline; only of a live ticket, when asked for.
    package var deadlines: [DeadlineCount] = []
    /// Its time added up, as of when it was asked for or closed.
    package var buckets: [BucketTime] = []

    /// What its state alone does not say.
    package struct Standing: Equatable, Sendable {
        /// While it is pending.
        package var pause: Pause?
        /// While it is scheduled.
        package var startsAt: WallTime?
        /// Where the customer is to be called.
        package var callback: String?
        package var attempts: UInt32 = 0
        package var deaths: UInt32 = 0
        package var hops: UInt32 = 0
        /// Once it is closed.
        package var disposition: Disposition?
        package init() {}
    }

    package init(
        ticket: TicketID, fence: Fence, state: TicketState, group: GroupID, widened: [GroupID], priority: Priority,
        signature: Signature, rule: String, openedAt: WallTime, said: PackedSubmission, steps: [TicketStep],
        decision: DecisionRecord? = nil
    ) {
        self.decision = decision
        self.ticket = ticket
        self.fence = fence
        self.state = state
        self.group = group
        self.widened = widened
        self.priority = priority
        self.signature = signature
        self.rule = rule
        self.openedAt = openedAt
        self.said = said
        self.steps = steps
    }

    package var submission: Submission { said.unpacked }
}
