import Routing

/// What an agent's program hears.
public enum AgentEvent: Sendable {
    case attached(agent: String)
    /// The cluster does not know the agent, or does not let him in; final.
    case refused(agent: String, AgentError)
    case offered(AgentOffer)
    /// The offer is no more: withdrawn, expired, or accepted.
    case offerEnded(AgentOffer.Name)
    /// The ticket is this agent's, durably.
    case assigned(AgentTicket, AgentContent)
    /// He paused it or goes on with it: by his own command, because the customer wrote, or because the time was over.
    case pendingChanged(agent: String, ticket: UInt64, isPending: Bool)
    /// The customer wrote something more; the ledger has what.
    case customerWrote(agent: String, ticket: UInt64)
    /// The ticket is not this agent's any more: by his own command, a supervisor's or the customer's.
    case released(AgentTicket)
    case status(agent: String, AgentStatus)
    /// A newer session of the agent has taken over; final for this one.
    case superseded(agent: String)
    /// The company does not have the agent any more; final.
    case dismissed(agent: String)
    case connected(router: String)
    case disconnected(router: String)
    /// There was no answer for so long that the agent's tickets may be somebody else's by now.
    case uncertain

    init(_ news: AgentSession.News) {
        switch news {
        case .attached(let agent): self = .attached(agent: agent)
        case .refused(let agent, let refusal): self = .refused(agent: agent, AgentError(refusal))
        case .offered(let agent, let offer): self = .offered(AgentOffer(agent: agent, offer))
        case .offerEnded(let agent, let id): self = .offerEnded(AgentOffer.Name(agent: agent, id: id))
        case .assigned(let agent, let work):
            self = .assigned(
                AgentTicket(agent: agent, ticket: work.ticket, fence: work.fence), AgentContent(work))
        case .pendingChanged(let agent, let ticket, let isPending):
            self = .pendingChanged(agent: agent, ticket: ticket.value, isPending: isPending)
        case .customerWrote(let agent, let ticket): self = .customerWrote(agent: agent, ticket: ticket.value)
        case .released(let agent, let ticket, let fence):
            self = .released(AgentTicket(agent: agent, ticket: ticket, fence: fence))
        case .status(let agent, let status): self = .status(agent: agent, AgentStatus(status))
        case .superseded(let agent): self = .superseded(agent: agent)
        case .dismissed(let agent): self = .dismissed(agent: agent)
        case .connected(let router): self = .connected(router: router)
        case .disconnected(let router): self = .disconnected(router: router)
        case .uncertain: self = .uncertain
        }
    }
}

/// A ticket shown to the agent, who may take it for as long as it lasts.
public struct AgentOffer: Sendable {
    /// What tells this offer from all others.
    public struct Name: Hashable, Sendable {
        public let agent: String
        let id: OfferID
        public var ticket: UInt64 { id.ticket.value }
    }
    public let agent: String
    public let ticket: UInt64
    /// The group through which the agent gets it.
    public let group: String
    /// 0...9, higher first.
    public let priority: Int
    public let subject: String
    /// How long the ticket had waited when the offer was made.
    public let ageMilliseconds: UInt64
    /// How long the agent has.
    public let remainingMilliseconds: UInt64
    public var name: Name { Name(agent: agent, id: id) }
    let id: OfferID

    init(agent: String, _ view: OfferView) {
        self.agent = agent
        ticket = view.id.ticket.value
        group = view.group
        priority = Int(view.priority)
        subject = view.subject
        ageMilliseconds = view.age.milliseconds
        remainingMilliseconds = view.remaining.milliseconds
        id = view.id
    }
}

/// A ticket that waits in a group whose agents choose for themselves, and that the agent may take.
public struct AgentChoice: Sendable {
    public let ticket: UInt64
    /// The group it waits in.
    public let group: String
    /// 0...9, higher first.
    public let priority: Int
    public let subject: String
    public let ageMilliseconds: UInt64
    let agent: String
    let id: TicketID
    let fence: Fence

    init(agent: String, _ waiting: BrowsedTicket, _ catalog: Catalog) {
        self.agent = agent
        ticket = waiting.ticket.value
        group = catalog.groups.name(waiting.group.value)
        priority = Int(waiting.priority)
        subject = waiting.subject
        ageMilliseconds = waiting.age.milliseconds
        id = waiting.ticket
        fence = waiting.fence
    }
}

/// A ticket in an agent's hands: what his commands name. It is of no use once the ticket is in other hands.
public struct AgentTicket: Hashable, Sendable {
    public let agent: String
    public var number: UInt64 { ticket.value }
    let ticket: TicketID
    let fence: Fence
    init(agent: String, ticket: TicketID, fence: Fence) {
        self.agent = agent
        self.ticket = ticket
        self.fence = fence
    }
}

/// What the customer wrote, with where the ticket stands.
public struct AgentContent: Sendable {
    public let group: String
    public let priority: Int
    public let isPending: Bool
    public let customer: String
    public let channel: String
    public let segment: String
    public let language: String
    public let region: String
    public let product: String
    public let labels: [String]
    public let subject: String
    public let text: String
    public let attachments: [String]
    /// Whether the customer wrote more since; the ledger has what.
    public let hasMore: Bool

    init(_ work: WorkView) {
        let submission = work.submission ?? Submission()
        group = work.group
        priority = Int(work.priority)
        isPending = work.isPending
        customer = submission.customer
        channel = submission.channel
        segment = submission.segment
        language = submission.language
        region = submission.region
        product = submission.product
        labels = submission.labels
        subject = submission.subject
        text = submission.text
        attachments = submission.attachments
        hasMore = work.wroteAt != nil
    }
}

/// Whom a paused ticket waits for.
public enum AgentPause: String, Sendable, CaseIterable {
    case customer
    /// Somebody else: another company, a delivery, a date.
    case hold

    var kind: PauseKind {
        switch self {
        case .customer: .customer
        case .hold: .hold
        }
    }
}

/// Whether an agent takes offers, and why not.
public enum AgentStatus: String, Sendable, CaseIterable {
    case offline
    case available
    /// Takes one ticket, then is away.
    case availableForOne
    case away
    /// Finishes what he has and takes nothing more.
    case draining
    /// Set by the cluster: he let an offer pass that he had seen. He is asked again when he sets himself available.
    case notResponding
    /// Set by the cluster: his program did not fetch what was sent. Ends with its next sign.
    case unreachable

    init(_ status: Status) {
        switch status {
        case .offline: self = .offline
        case .available: self = .available
        case .away: self = .away
        case .draining: self = .draining
        case .notResponding: self = .notResponding
        case .unreachable: self = .unreachable
        case .availableForOne: self = .availableForOne
        // Never in an agent's own view.
        case .resting: self = .available
        }
    }

    var settable: Status? {
        switch self {
        case .available: .available
        case .availableForOne: .availableForOne
        case .away: .away
        case .draining: .draining
        case .offline, .notResponding, .unreachable: nil
        }
    }
}

/// Why something was not done.
public struct AgentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One word, the same on every channel, as in `gone` or `notAllowed`.
    public let code: String
    let refusal: Refusal

    init(_ refusal: Refusal) {
        self.refusal = refusal
        code = "\(refusal)"
    }

    /// Whether the same again may succeed.
    public var isRetriable: Bool {
        switch refusal {
        case .hold, .unknown, .unavailable, .busy, .full, .stalePolicy, .diskFull: true
        case .already, .gone, .superseded, .closed, .wrongState, .notFound, .notAllowed, .staleEpoch, .overCapacity,
            .keyReused, .invalid, .notUnderstood:
            false
        }
    }

    public var description: String {
        switch refusal {
        case .gone: "gone: the ticket or offer is no longer to be had"
        case .already: "already: it is so already"
        case .notFound: "notFound: there is no such group, agent or ticket"
        case .invalid: "invalid: a word is not one of the company's, or a text or time is beyond its bound"
        case .overCapacity: "overCapacity: your hands are full"
        case .unavailable: "unavailable: certainly not done; the cluster cannot do it now"
        case .unknown: "unknown: no answer came; look at the ticket before you do it again"
        case .superseded: "superseded: a newer session of this agent has taken over"
        case .notAllowed: "notAllowed: there is nowhere to hand it, or it is not yours to do"
        case .closed: "closed: the ticket is closed"
        default: code
        }
    }
}

enum AgentTier {
    static func named(_ number: Int?) throws(AgentError) -> Tier? {
        guard let number else { return nil }
        guard let tier = UInt8(exactly: number).flatMap({ Tier(rawValue: $0) }) else { throw AgentError(.invalid) }
        return tier
    }
}
