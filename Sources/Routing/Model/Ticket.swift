/// What the submitter said. The cluster reads it to classify and never changes it.
/// Bounds are `Limits.submission…`; a submission beyond them is refused with the field's name.
package struct Submission: Hashable, Sendable {
    package var customer: String
    package var channel: String
    package var segment: String
    package var language: String
    package var region: String
    package var product: String
    package var labels: [String]
    package var subject: String
    package var text: String
    /// URLs; the cluster carries them and never opens them.
    package var attachments: [String]

    package init(
        customer: String = "", channel: String = "", segment: String = "", language: String = "", region: String = "",
        product: String = "", labels: [String] = [], subject: String = "", text: String = "", attachments: [String] = []
    ) {
        self.customer = customer
        self.channel = channel
        self.segment = segment
        self.language = language
        self.region = region
        self.product = product
        self.labels = labels
        self.subject = subject
        self.text = text
        self.attachments = attachments
    }
}

/// 0...9, higher is served first.
package typealias Priority = UInt8

/// What classification said: where the ticket goes first and what it needs.
package struct Classification: Equatable, Sendable {
    package let group: GroupID
    package let priority: Priority
    package let signature: Signature
    /// The name of the rule that fired; kept with the ticket.
    package let rule: String
    /// Of the ticket's channel.
    package let cost: Cost
    /// The name of its SLA policy, if the rule names one; else empty.
    package let sla: String
    package init(
        group: GroupID, priority: Priority, signature: Signature, rule: String, cost: Cost = .one, sla: String = ""
    ) {
        self.sla = sla
        self.group = group
        self.priority = priority
        self.signature = signature
        self.rule = rule
        self.cost = cost
    }
}

/// Where a ticket stands; what may be done in which state is in `Lifecycle`.
package enum TicketState: Equatable, Sendable {
    case waiting
    case assigned(AgentID)
    /// The holder waits for someone else; the ticket takes its cost while pending of his capacity.
    case pending(AgentID)
    /// Solved by the agent, or handed to somebody outside; closes when the reopen window has passed.
    case resolved(AgentID)
    case closed
    /// Starts to wait when its time comes.
    case scheduled
    /// Harmed its handlers, or was refused by too many: nobody is asked until a supervisor releases it.
    case quarantined

    /// Who answers for it now, if anyone.
    package var holder: AgentID? {
        switch self {
        case .assigned(let agent), .pending(let agent): agent
        case .waiting, .resolved, .closed, .scheduled, .quarantined: nil
        }
    }
}

/// Whom a pending ticket waits for: clocks may count the two differently.
package enum PauseKind: UInt8, Sendable, CaseIterable {
    case customer = 1
    /// Somebody else: another company, a delivery, a date.
    case hold = 2
}

/// Why a ticket is pending, and until when at the latest.
package struct Pause: Equatable, Sendable {
    package let kind: PauseKind
    package let reason: String
    package let until: WallTime
    package init(kind: PauseKind, reason: String, until: WallTime) {
        self.kind = kind
        self.reason = reason
        self.until = until
    }
}

/// How a ticket came to its end.
package enum Disposition: Equatable, Sendable {
    /// Resolved, and the window to reopen it has passed.
    case solved
    /// Handed to somebody outside of the cluster.
    case handedOut(String)
    case cancelled
    case merged(into: TicketID)
    /// Its maximum life was over.
    case expired
}

/// Why a ticket left one group for another, or its agent for the queue.
package enum MoveCause: UInt8, Sendable, CaseIterable {
    case escalated = 1
    case sentDown = 2
    case transferred = 3
    /// Given back: by the agent, by his home router (unacknowledged), or because his grace ended.
    case returned = 4
    /// The customer was not content, within the window.
    case reopened = 5
    /// Its time has come.
    case started = 6
    /// Out of quarantine, by a supervisor.
    case released = 7
}

/// The agent who is asked first, and for how long alone.
package struct Preference: Equatable, Sendable {
    package let agent: AgentID
    /// As the ledger keeps it: from when the ticket began to wait. In `WaitingTicket`: the ticket's age until which it
    /// is his, so that no two clocks are compared.
    package let patience: Interval
    package init(_ agent: AgentID, for patience: Interval) {
        self.agent = agent
        self.patience = patience
    }
}

/// One line of a ticket's history.
package struct TicketStep: Equatable, Sendable {
    package enum Kind: UInt8, Sendable, CaseIterable {
        case opened = 1
        case widened = 2
        case assigned = 3
        case replied = 4
        case paused = 5
        case resumed = 6
        case escalated = 7
        case sentDown = 8
        case transferred = 9
        case returned = 10
        case resolved = 11
        case closed = 12
        case noted = 13
        case declined = 14
        case expired = 15
        case narrowed = 16
        case raised = 17
        case answered = 18
        case alerted = 19
        case scheduled = 20
        case started = 21
        case reopened = 22
        case quarantined = 23
        case released = 24
        case callback = 25
        case customerWrote = 26
        case cancelled = 27
        case merged = 28
        /// Another ticket was merged into this one.
        case absorbed = 29
        case handedOut = 30
        case lifeEnded = 31
        /// A step of one of its clocks was taken.
        case clock = 32
        /// The lead was told, or a topic; `cause.by` is the topic's name.
        case notified = 33
    }
    package let at: WallTime
    package let kind: Kind
    /// The group it is in after the step; for `widened`, the group it was widened to.
    package let group: GroupID
    package let agent: AgentID?
    /// Who asked for it and why, where the agent alone does not say it.
    package let cause: Cause?
    package init(at: WallTime, kind: Kind, group: GroupID, agent: AgentID?, cause: Cause? = nil) {
        self.at = at
        self.kind = kind
        self.group = group
        self.agent = agent
        self.cause = cause
    }
}

/// A waiting ticket as a region's owner needs it: enough to rank, match and offer, and no more.
package struct WaitingTicket: Equatable, Sendable {
    package let ticket: TicketID
    package let fence: Fence
    /// The group it waits in; that group's region is the ticket's home region.
    package let group: GroupID
    /// Groups it was widened to, in order.
    package let widened: [GroupID]
    package let priority: Priority
    /// When it entered the queue it keeps its place in: orders tickets of equal priority, on every node alike.
    package let enteredAt: WallTime
    package let signature: Signature
    package let subject: String
    package let cost: Cost
    package let channel: String
    /// Who knows the customer or the case, and is asked first until the ticket has that age.
    package let preferred: Preference?
    /// Who let it go last, and when: he is not asked again for `Timing.declineExclusion`.
    package let giver: Giver?
    package init(
        ticket: TicketID, fence: Fence, group: GroupID, widened: [GroupID], priority: Priority, enteredAt: WallTime,
        signature: Signature, subject: String, cost: Cost = .one, channel: String = "", preferred: Preference? = nil,
        giver: Giver? = nil
    ) {
        self.giver = giver
        self.ticket = ticket
        self.fence = fence
        self.group = group
        self.widened = widened
        self.priority = priority
        self.enteredAt = enteredAt
        self.signature = signature
        self.subject = subject
        self.cost = cost
        self.channel = channel
        self.preferred = preferred
    }
}

/// Somebody who had a ticket in his hands and gave it back, or on.
package struct Giver: Equatable, Sendable {
    package let agent: AgentID
    package let at: WallTime
    package init(_ agent: AgentID, at: WallTime) {
        self.agent = agent
        self.at = at
    }
}
