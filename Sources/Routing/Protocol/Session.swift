/// An agent's client asks to speak for agents.
package struct Attach: Equatable, Sendable {
    package let instance: ClientInstance
    package let agents: [String]
    /// What these of the agents were when another router was heard last: they stay so. The others are available.
    package let states: [AgentState]
    package init(instance: ClientInstance, agents: [String], states: [AgentState] = []) {
        self.instance = instance
        self.agents = agents
        self.states = states
    }
}

/// An agent's status as his client knows it.
package struct AgentState: Equatable, Sendable {
    package let name: String
    package let status: Status
    package let reason: String
    package init(name: String, status: Status, reason: String) {
        self.name = name
        self.status = status
        self.reason = reason
    }
}

/// Why nobody may speak for an agent in this session any more.
package enum SessionEnd: UInt8, Sendable, CaseIterable {
    /// A newer session has taken over.
    case superseded = 1
    /// The policy does not have the agent any more.
    case dismissed = 2
}

package struct AttachResult: Equatable, Sendable {
    package let name: String
    package let agent: AgentID
    package let agentEpoch: AgentEpoch
    /// Nil when attached.
    package let refusal: Refusal?
    package init(name: String, agent: AgentID, agentEpoch: AgentEpoch, refusal: Refusal?) {
        self.name = name
        self.agent = agent
        self.agentEpoch = agentEpoch
        self.refusal = refusal
    }
}

package struct Attached: Equatable, Sendable {
    package let results: [AttachResult]
    /// Addresses of all live routers, the region's own first: where to go when this one is lost.
    package let routers: [String]
    package init(results: [AttachResult], routers: [String]) {
        self.results = results
        self.routers = routers
    }
}

/// What an agent's client says on the agent's behalf.
package enum AgentAction: Equatable, Sendable {
    case accept(OfferID)
    /// The reason is one of the policy's, or empty; `retryAfter` is when he wants to be asked again.
    case decline(OfferID, reason: String = "", retryAfter: Interval? = nil)
    case work(TicketID, Fence, WorkAction)
    /// The reason is one of the policy's, and only for `away`; else empty.
    case setStatus(Status, reason: String)
    /// Ready for the next one before the time is over.
    case endWrapUp
    /// Takes a waiting ticket of a group that lets its agents choose.
    case take(TicketID, Fence)
}

package struct AgentCommand: Equatable, Sendable {
    package let agent: AgentID
    package let sequence: UInt64
    package let action: AgentAction
    package init(agent: AgentID, sequence: UInt64, action: AgentAction) {
        self.agent = agent
        self.sequence = sequence
        self.action = action
    }
}

/// "Here is what my agents did, and what I have seen; what is new for them?"
/// With commands it is answered as soon as their outcomes are known; without, when something is new, or after the park.
package struct SessionPoll: Equatable, Sendable {
    package let instance: ClientInstance
    /// Versions of views that have arrived since the last poll: they acknowledge offers and assignments.
    package let seen: [SeenView]
    package let commands: [AgentCommand]
    package init(instance: ClientInstance, seen: [SeenView], commands: [AgentCommand]) {
        self.instance = instance
        self.seen = seen
        self.commands = commands
    }
}

package struct SeenView: Equatable, Sendable {
    package let agent: AgentID
    package let agentEpoch: AgentEpoch
    package let version: UInt32
    package init(agent: AgentID, agentEpoch: AgentEpoch, version: UInt32) {
        self.agent = agent
        self.agentEpoch = agentEpoch
        self.version = version
    }
}

/// All that concerns one agent now. State, not a message of a queue: whatever was lost, the next one has it.
package struct AgentView: Equatable, Sendable {
    package let agent: AgentID
    package let agentEpoch: AgentEpoch
    package let version: UInt32
    package let status: Status
    /// Nil while the session speaks for him; final.
    package let end: SessionEnd?
    package let offers: [OfferView]
    package let work: [WorkView]
    package init(
        agent: AgentID, agentEpoch: AgentEpoch, version: UInt32, status: Status, end: SessionEnd? = nil,
        offers: [OfferView], work: [WorkView]
    ) {
        self.agent = agent
        self.agentEpoch = agentEpoch
        self.version = version
        self.status = status
        self.end = end
        self.offers = offers
        self.work = work
    }
}

package struct OfferView: Equatable, Sendable {
    package let id: OfferID
    package let group: String
    package let priority: Priority
    package let age: Interval
    package let remaining: Interval
    package let subject: String
    package init(
        id: OfferID, group: String, priority: Priority, age: Interval, remaining: Interval, subject: String
    ) {
        self.id = id
        self.group = group
        self.priority = priority
        self.age = age
        self.remaining = remaining
        self.subject = subject
    }
}

package struct WorkView: Equatable, Sendable {
    package let ticket: TicketID
    package let fence: Fence
    package let isPending: Bool
    package let group: String
    package let priority: Priority
    /// The ticket's content; nil when the client has acknowledged it before.
    package let submission: Submission?
    /// When the customer wrote last, after the submission; nil for never.
    package let wroteAt: WallTime?
    package init(
        ticket: TicketID, fence: Fence, isPending: Bool, group: String, priority: Priority, submission: Submission?,
        wroteAt: WallTime? = nil
    ) {
        self.wroteAt = wroteAt
        self.ticket = ticket
        self.fence = fence
        self.isPending = isPending
        self.group = group
        self.priority = priority
        self.submission = submission
    }
}

package enum CommandResult: Equatable, Sendable {
    /// Done; for an accept the fence that later commands carry.
    case done(Fence)
    case refused(Refusal)
}

package struct SessionAnswer: Equatable, Sendable {
    /// One for each command of the poll, in order.
    package let results: [CommandResult]
    package let views: [AgentView]
    package init(results: [CommandResult], views: [AgentView]) {
        self.results = results
        self.views = views
    }
}

/// A ticket with its key, as a submitter sends it.
package struct KeyedSubmission: Equatable, Sendable {
    package let key: SubmitKey
    package let submission: Submission
    /// It starts to wait so long after it was accepted; `Limits.delayMax` at most.
    package let delay: Interval
    package init(key: SubmitKey, submission: Submission, delay: Interval = .zero) {
        self.key = key
        self.submission = submission
        self.delay = delay
    }
}

package enum SubmitResult: Equatable, Sendable {
    /// The ledger has it.
    case accepted(TicketID)
    /// With the field at fault for `invalid`, else empty.
    case refused(Refusal, field: String)
}
