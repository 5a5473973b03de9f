/// A waiting ticket at a region's owner, as `Queues` shows it: put together on demand from what it keeps.
package struct QueuedTicket: Sendable {
    package enum Phase: Equatable, Sendable {
        case queued
        /// At least one agent is being asked, each once; as many at once as the group's `Delivery` lets.
        case offered([OpenOffer])
        /// Its home region's owner has been asked to offer it to an agent of ours.
        case claiming(AgentID)
    }
    package var waiting: WaitingTicket
    /// What it asks of an agent now: after a while less than what it came with.
    package let asked: Demand
    package internal(set) var phase = Phase.queued
    /// Changes whenever the ticket enters or leaves the lanes, so that a late answer about its former stay is known.
    package internal(set) var stamp: UInt64
    /// Who is not asked until when.
    package internal(set) var excluded: [Exclusion] = []
    /// Local age zero: when it entered its queue.
    package let since: Instant

    /// Who is being asked, in the order in which they were.
    var openOffers: [OpenOffer] {
        if case .offered(let open) = phase { open } else { [] }
    }

    func excludes(_ agent: AgentID, at now: Instant) -> Bool { excluded.excludes(agent, at: now) }

    mutating func exclude(_ agent: AgentID, until: Instant, at now: Instant) {
        excluded.removeAll { $0.agent == agent || $0.until <= now }
        if excluded.count == Limits.exclusionsPerTicketMax { excluded.removeFirst() }
        excluded.append(Exclusion(agent: agent, until: until))
    }
}

/// An agent who is not asked for a ticket for a while.
package struct Exclusion: Equatable, Sendable {
    package let agent: AgentID
    package let until: Instant
}

extension [Exclusion] {
    func excludes(_ agent: AgentID, at now: Instant) -> Bool { contains { $0.agent == agent && $0.until > now } }
}

/// An offer as its owner sees it, until it has ended.
package struct OpenOffer: Equatable, Sendable {
    let offer: Offer
    let home: Incarnation
    let madeAt: Instant
    /// The last stamp that any ticket of the owner had when it was made; zero for what an earlier owner made.
    var stampLast: UInt64 = 0
    /// Whether the home router has said that it shows it.
    var isReserved: Bool
}

extension [OpenOffer] {
    /// What does not hold of a ticket's offers: an agent is asked once at a time, under a name of his own, and not too
    /// many are.
    var fault: String? {
        if isEmpty { return "is offered to nobody" }
        if count > Limits.offersAtOnceMax { return "is offered to \(count)" }
        if Set(map(\.offer.agent)).count < count { return "is offered twice to one agent" }
        return Set(map(\.offer.id)).count < count ? "has two offers of one name" : nil
    }
}

/// The order in which waiting tickets are served: priority, then a region's own before widened ones, then age.
/// Total: the ticket's number decides last. Ages are the ledger's wall times, so every owner ranks alike.
package struct Rank: Equatable, Comparable, Sendable {
    package let priority: Priority
    package let isForeign: Bool
    package let enteredAt: WallTime
    package let ticket: TicketID

    package static func < (a: Rank, b: Rank) -> Bool {
        if a.priority != b.priority { return a.priority > b.priority }
        if a.isForeign != b.isForeign { return b.isForeign }
        if a.enteredAt != b.enteredAt { return a.enteredAt < b.enteredAt }
        return a.ticket < b.ticket
    }
}

/// A rank in 16 bytes: 8 bits of priority, highest first, one for foreign, 55 of wall time (a million years).
struct LaneEntry: Comparable, Sendable {
    private static let timeMask: UInt64 = (1 << 55) - 1
    private let order: UInt64
    let ticket: TicketID

    init(_ rank: Rank) {
        let time = min(rank.enteredAt.milliseconds, Self.timeMask)
        order = UInt64(UInt8.max - rank.priority) << 56 | (rank.isForeign ? 1 << 55 : 0) | time
        ticket = rank.ticket
    }

    var rank: Rank {
        Rank(
            priority: UInt8.max - UInt8(truncatingIfNeeded: order >> 56), isForeign: order & (1 << 55) != 0,
            enteredAt: WallTime(milliseconds: order & Self.timeMask), ticket: ticket)
    }

    static func < (a: LaneEntry, b: LaneEntry) -> Bool {
        a.order != b.order ? a.order < b.order : a.ticket < b.ticket
    }
}

extension Order {
    /// A ticket's place. Where age counts alone all have one priority, and what the ticket's own is worth is taken
    /// from, or added to, the time at which it came.
    func rank(_ priority: Priority, _ enteredAt: WallTime, isForeign: Bool, _ ticket: TicketID) -> Rank {
        switch self {
        case .priority: Rank(priority: priority, isForeign: isForeign, enteredAt: enteredAt, ticket: ticket)
        case .aging(let headStarts):
            Rank(
                priority: 0, isForeign: isForeign, enteredAt: enteredAt.earlier(by: headStarts[at: priority]),
                ticket: ticket)
        case .deadline(let targets):
            Rank(priority: 0, isForeign: isForeign, enteredAt: enteredAt + targets[at: priority], ticket: ticket)
        }
    }
}

extension WallTime {
    fileprivate func earlier(by interval: Interval) -> WallTime {
        WallTime(milliseconds: milliseconds - min(milliseconds, interval.milliseconds))
    }
}

extension [Interval] {
    fileprivate subscript(at priority: Priority) -> Interval { priority < count ? self[Int(priority)] : .zero }
}
