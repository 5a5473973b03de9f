/// A waiting ticket at a region's owner.
struct QueuedTicket: Sendable {
    enum Phase: Equatable, Sendable {
        case queued
        /// One agent is being asked.
        case offered(OpenOffer)
        /// Its home region's owner has been asked to offer it to an agent of ours.
        case claiming(AgentID)
    }
    var waiting: WaitingTicket
    var phase = Phase.queued
    /// Changes whenever the ticket leaves a queue, so that its old entries there are void.
    var stamp: UInt64
    var attempts: UInt32 = 0
    /// Who is not asked until when.
    var excluded: [(agent: AgentID, until: Instant)] = []
    /// Local age zero: when it entered its queue.
    var since: Instant

    func excludes(_ agent: AgentID, at now: Instant) -> Bool {
        excluded.contains { $0.agent == agent && $0.until > now }
    }
    mutating func exclude(_ agent: AgentID, until: Instant, at now: Instant) {
        excluded.removeAll { $0.agent == agent || $0.until <= now }
        if excluded.count == Limits.exclusionsPerTicketMax { excluded.removeFirst() }
        excluded.append((agent, until))
    }
}

/// An offer as its owner sees it, until it has ended.
struct OpenOffer: Equatable, Sendable {
    let offer: Offer
    let home: Incarnation
    let madeAt: Instant
    /// Whether the home router has said that it shows it.
    var isReserved: Bool
}

/// The order in which waiting tickets are served: priority, then a region's own before widened ones, then age.
/// Total: the ticket's number decides last. Ages are the ledger's wall times, so every owner ranks alike.
struct Rank: Equatable, Comparable, Sendable {
    let priority: Priority
    let isForeign: Bool
    let enteredAt: WallTime
    let ticket: TicketID

    static func < (a: Rank, b: Rank) -> Bool {
        if a.priority != b.priority { return a.priority > b.priority }
        if a.isForeign != b.isForeign { return b.isForeign }
        if a.enteredAt != b.enteredAt { return a.enteredAt < b.enteredAt }
        return a.ticket < b.ticket
    }
}

/// All waiting tickets of the regions this router owns, one queue a group. Within a queue, tickets with the same
/// requirements form a lane: a freed agent looks at the head of each lane he fits, never at the whole queue, and a
/// ticket that nobody can take now blocks nobody else's.
struct Queues: Sendable {
    private var tickets: [TicketID: QueuedTicket] = [:]
    private var groups: [Table<Signature, Lane>] = []
    private var stampLast: UInt64 = 0
    /// By group: queued tickets of the group itself.
    private var counts: [UInt32] = []

    init(groups count: Int = 0) { resize(to: count) }

    var count: Int { tickets.count }
    subscript(id: TicketID) -> QueuedTicket? { tickets[id] }
    /// In order of their numbers; not for every turn.
    var ids: [TicketID] { tickets.keys.sorted() }
    func waiting(in group: GroupID) -> UInt32 { group.index < counts.count ? counts[group.index] : 0 }

    mutating func resize(to count: Int) {
        while groups.count < count {
            groups.append(Table())
            counts.append(0)
        }
    }

    mutating func insert(_ waiting: WaitingTicket, since: Instant) {
        stampLast += 1
        tickets[waiting.ticket] = QueuedTicket(waiting: waiting, stamp: stampLast, since: since)
        counts[waiting.group.index] += 1
    }

    @discardableResult
    mutating func remove(_ id: TicketID) -> QueuedTicket? {
        guard let ticket = tickets.removeValue(forKey: id) else { return nil }
        counts[ticket.waiting.group.index] -= 1
        return ticket
    }

    mutating func update<Result>(_ id: TicketID, _ change: (inout QueuedTicket) -> Result) -> Result? {
        guard tickets[id] != nil else { return nil }
        return change(&tickets[id]!)
    }

    /// Makes the ticket available in these groups' lanes, voiding earlier entries.
    mutating func enqueue(_ id: TicketID, in wanted: [(group: GroupID, isForeign: Bool)]) {
        stampLast += 1
        tickets[id]?.phase = .queued
        tickets[id]?.stamp = stampLast
        guard let ticket = tickets[id]?.waiting else { return }
        for (group, isForeign) in wanted {
            let rank = Rank(
                priority: ticket.priority, isForeign: isForeign, enteredAt: ticket.enteredAt, ticket: id)
            if groups[group.index][ticket.signature] == nil { groups[group.index][ticket.signature] = Lane() }
            _ = groups[group.index].update(ticket.signature) { $0.push(Lane.Entry(rank: rank, stamp: stampLast)) }
        }
    }

    /// Takes the ticket out of all lanes while somebody is asked.
    mutating func occupy(_ id: TicketID, _ phase: QueuedTicket.Phase) {
        stampLast += 1
        tickets[id]?.phase = phase
        tickets[id]?.stamp = stampLast
    }

    /// The best ticket of a group for an agent with these skills: the highest ranked of the lanes' heads he fits.
    mutating func best(in group: GroupID, for agent: AgentID, _ skills: [SkillLevel], at now: Instant) -> Rank? {
        guard group.index < groups.count else { return nil }
        var best: Rank?
        for signature in groups[group.index].keys where signature.isMet(by: skills) {
            let head = groups[group.index].update(signature) { lane in
                lane.head { entry in
                    guard let ticket = tickets[entry.rank.ticket], ticket.stamp == entry.stamp else { return .void }
                    return ticket.excludes(agent, at: now) ? .passOver : .take
                }
            }
            if let head = head.flatMap({ $0 }), best.map({ head < $0 }) ?? true { best = head }
            if groups[group.index][signature]?.isEmpty ?? false { groups[group.index][signature] = nil }
        }
        return best
    }

    /// The heads of all lanes of a group: what the sweep looks at.
    mutating func heads(of group: GroupID) -> [TicketID] {
        guard group.index < groups.count else { return [] }
        return groups[group.index].keys.compactMap { signature in
            groups[group.index].update(signature) { lane in
                lane.head { entry in tickets[entry.rank.ticket]?.stamp == entry.stamp ? .take : .void }
            }.flatMap { $0?.ticket }
        }
    }

    func oldest(in group: GroupID) -> Instant? {
        var oldest: Instant?
        for ticket in tickets.values where ticket.waiting.group == group {
            oldest = oldest.map { min($0, ticket.since) } ?? ticket.since
        }
        return oldest
    }
}

/// Tickets with equal requirements, best rank first: a binary heap whose void entries are dropped when met.
struct Lane: Sendable {
    struct Entry: Sendable {
        let rank: Rank
        let stamp: UInt64
    }
    enum Verdict { case take, passOver, void }
    private var heap: [Entry] = []

    var isEmpty: Bool { heap.isEmpty }

    mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if heap[parent].rank < heap[child].rank { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The best entry that is taken, left in place. What is void goes; what is passed over stays, and after
    /// `Limits.exclusionScanMax` of those the lane has nothing for this asker.
    mutating func head(_ judge: (Entry) -> Verdict) -> Rank? {
        var passed: [Entry] = []
        defer { for entry in passed { push(entry) } }
        while let first = heap.first, passed.count < Limits.exclusionScanMax {
            switch judge(first) {
            case .take: return first.rank
            case .void: pop()
            case .passOver:
                passed.append(first)
                pop()
            }
        }
        return nil
    }

    private mutating func pop() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            let left = 2 * parent + 1
            if left < heap.count && heap[left].rank < heap[least].rank { least = left }
            if left + 1 < heap.count && heap[left + 1].rank < heap[least].rank { least = left + 1 }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
