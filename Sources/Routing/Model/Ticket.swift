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
    package init(group: GroupID, priority: Priority, signature: Signature, rule: String, cost: Cost = .one) {
        self.group = group
        self.priority = priority
        self.signature = signature
        self.rule = rule
        self.cost = cost
    }
}

/// Where a ticket stands.
/// Moves: `waiting` -> `assigned`, `closed` (cancelled); `assigned` <-> `pending`; either -> `waiting` (return,
/// transfer, escalate, send down) or `resolved`; `resolved` -> `closed`. Closed stays closed.
package enum TicketState: Equatable, Sendable {
    case waiting
    case assigned(AgentID)
    /// The holder waits for someone else; the ticket still fills his capacity.
    case pending(AgentID)
    /// Solved by the agent; closes when the reopen window has passed.
    case resolved(AgentID)
    case closed

    /// Who answers for it now, if anyone.
    package var holder: AgentID? {
        switch self {
        case .assigned(let agent), .pending(let agent): agent
        case .waiting, .resolved, .closed: nil
        }
    }
}

/// Why a ticket left one group for another, or its agent for the queue.
package enum MoveCause: UInt8, Sendable, CaseIterable {
    case escalated = 1
    case sentDown = 2
    case transferred = 3
    /// Given back: by the agent, by his home router (unacknowledged), or because his grace ended.
    case returned = 4
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
    }
    package let at: WallTime
    package let kind: Kind
    /// The group it is in after the step; for `widened`, the group it was widened to.
    package let group: GroupID
    package let agent: AgentID?
    package init(at: WallTime, kind: Kind, group: GroupID, agent: AgentID?) {
        self.at = at
        self.kind = kind
        self.group = group
        self.agent = agent
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
    /// Who knows the customer or the case, and is asked first for a while.
    package let preferred: AgentID?
    package init(
        ticket: TicketID, fence: Fence, group: GroupID, widened: [GroupID], priority: Priority, enteredAt: WallTime,
        signature: Signature, subject: String, cost: Cost = .one, channel: String = "", preferred: AgentID? = nil
    ) {
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
