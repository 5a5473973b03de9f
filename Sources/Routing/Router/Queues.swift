/// All waiting tickets of the regions this router owns. A ticket is a row of 80 bytes; what few tickets have (an open
/// offer, exclusions, a preference, a second queue) lies beside, in tables of its own, and what many have in common is
/// kept once (`DemandTable`). Who may be offered now stands in the `Lanes` of the groups it waits in.
package struct Queues: Sendable {
    private enum Phase: UInt8 { case idle, queued, offered, claiming }

    private struct Row: Sendable {
        let ticket: TicketID
        var enteredAt: WallTime
        let since: Instant
        var stamp: UInt64
        var subject: String
        var widened: [GroupID]
        var fence: Fence
        let group: GroupID
        /// What it asked for when it came, and what is left of that by now (`relax`).
        var demand: DemandID
        var asked: DemandID
        /// For whom it is claimed, while it is.
        var claimant = AgentID(0)
        var priority: Priority
        var phase = Phase.idle
        /// Whether it stands in other lanes than its own group's, or there as a foreign one: see `standings`.
        var standsElsewhere = false
    }

    /// One group in whose lanes a ticket stands.
    private struct Standing: Sendable {
        let group: GroupID
        let isForeign: Bool
    }

    private struct Age: Comparable, Sendable {
        let since: Instant
        let ticket: TicketID
        static func < (a: Age, b: Age) -> Bool { a.since != b.since ? a.since < b.since : a.ticket < b.ticket }
    }

    private struct Desk: Sendable {
        var lanes: Lanes
        /// The group's own tickets, whatever is being done with them, by age.
        var ages = SortedChunks<Age>()
    }

    private static let pageBits = 8
    private static let pageMask = 1 << pageBits - 1

    /// Rows in pages, so that growing moves none of them; a free one is used again.
    private var pages: [[Row]] = []
    private var rowCount = 0
    private var free: [UInt32] = []
    private(set) var slots: [TicketID: UInt32] = [:]
    private(set) var offers: [TicketID: [OpenOffer]] = [:]
    private var exclusions: [TicketID: [Exclusion]] = [:]
    private var givers: [TicketID: Giver] = [:]
    private var preferences: [TicketID: Preference] = [:]
    private var standings: [TicketID: [Standing]] = [:]
    private var demands = DemandTable()
    /// By `GroupID.index`.
    private var desks: [Desk] = []
    /// Tickets that entered or left the lanes later have a greater one.
    private(set) var stampLast: UInt64 = 0
    private let lanesMax: Int

    /// In which order tickets are served; see `reorder`.
    private(set) var order = Order.priority

    /// With so many lanes a group at most.
    package init(groups count: Int = 0, order: Order = .priority, lanes: Int = Limits.signaturesPerGroupMax) {
        self.order = order
        lanesMax = lanes
        resize(to: count)
    }

    /// Serves in another order from now on: every ticket that may be offered now takes its new place.
    mutating func reorder(_ order: Order) {
        guard order != self.order else { return }
        let queued = ids.compactMap { slots[$0] }.filter { row($0).phase == .queued }
        for slot in queued {
            let row = row(slot)
            visit(row) { lanes, entry in lanes.remove(entry, row.asked) }
        }
        self.order = order
        for slot in queued {
            let row = row(slot)
            let asked = demands[row.asked]
            visit(row) { lanes, entry in lanes.insert(entry, row.asked, asked) }
        }
    }

    package mutating func resize(to count: Int) {
        while desks.count < count { desks.append(Desk(lanes: Lanes(most: lanesMax))) }
    }

    package var count: Int { slots.count }
    /// Each ticket with the groups in which it waits, in no order.
    func forEach(_ body: (TicketID, Fence, Priority, [GroupID]) -> Void) {
        for row in slots.values.map(row) { body(row.ticket, row.fence, row.priority, [row.group] + row.widened) }
    }
    /// In order of their numbers; not for every turn.
    var ids: [TicketID] { slots.keys.sorted() }
    /// Of the group itself.
    func waiting(in group: GroupID) -> UInt32 { group.index < desks.count ? UInt32(desks[group.index].ages.count) : 0 }
    func oldest(in group: GroupID) -> Instant? {
        group.index < desks.count ? desks[group.index].ages.first?.since : nil
    }
    /// How many tickets stand in no lane of their own, since their group has `Limits.signaturesPerGroupMax` of them.
    var mixedCount: Int { desks.reduce(0) { $0 + $1.lanes.mixed.count } }
    func laneCount(in group: GroupID) -> Int { group.index < desks.count ? desks[group.index].lanes.laneCount : 0 }
    /// Whether anything may be offered now.
    package func hasQueued(in group: GroupID) -> Bool {
        group.index < desks.count && !desks[group.index].lanes.isEmpty
    }

    package subscript(id: TicketID) -> QueuedTicket? { slots[id].map { show(row($0)) } }

    /// Those that somebody is asked for, in order of their numbers.
    var offered: [QueuedTicket] { offers.keys.sorted().compactMap { self[$0] } }

    /// Its own group, and its rank there.
    func place(of id: TicketID) -> (group: GroupID, rank: Rank)? {
        slots[id].map { slot in
            let row = row(slot)
            return (row.group, order.rank(row.priority, row.enteredAt, isForeign: false, id))
        }
    }

    private func show(_ row: Row) -> QueuedTicket {
        let demand = demands[row.demand]
        let waiting = WaitingTicket(
            ticket: row.ticket, fence: row.fence, group: row.group, widened: row.widened, priority: row.priority,
            enteredAt: row.enteredAt, signature: demand.signature, subject: row.subject, cost: demand.cost,
            channel: demand.channel, preferred: preferences.isEmpty ? nil : preferences[row.ticket],
            giver: givers.isEmpty ? nil : givers[row.ticket])
        var phase = QueuedTicket.Phase.queued
        switch row.phase {
        case .idle, .queued: break
        case .offered: if let offer = offers[row.ticket] { phase = .offered(offer) }
        case .claiming: phase = .claiming(row.claimant)
        }
        return QueuedTicket(
            waiting: waiting, asked: row.asked == row.demand ? demand : demands[row.asked], phase: phase,
            stamp: row.stamp, excluded: exclusions.isEmpty ? [] : exclusions[row.ticket] ?? [], since: row.since)
    }

    // MARK: - rows

    private func row(_ slot: UInt32) -> Row { pages[Int(slot) >> Self.pageBits][Int(slot) & Self.pageMask] }

    private mutating func change(_ slot: UInt32, _ body: (inout Row) -> Void) {
        body(&pages[Int(slot) >> Self.pageBits][Int(slot) & Self.pageMask])
    }

    private mutating func place(_ row: Row) {
        if let slot = free.popLast() {
            change(slot) { $0 = row }
            slots[row.ticket] = slot
            return
        }
        if rowCount & Self.pageMask == 0 {
            pages.append([])
            pages[pages.count - 1].reserveCapacity(Self.pageMask + 1)
        }
        pages[pages.count - 1].append(row)
        slots[row.ticket] = UInt32(rowCount)
        rowCount += 1
    }

    private mutating func nextStamp() -> UInt64 {
        stampLast += 1
        return stampLast
    }

    package mutating func insert(_ waiting: WaitingTicket, since: Instant) {
        invariant(slots[waiting.ticket] == nil, "ticket \(waiting.ticket.value) waits already")
        let demand = demands.take(waiting.demand)
        demands.share(demand)
        place(
            Row(
                ticket: waiting.ticket, enteredAt: waiting.enteredAt, since: since, stamp: nextStamp(),
                subject: waiting.subject, widened: waiting.widened, fence: waiting.fence, group: waiting.group,
                demand: demand, asked: demand, priority: waiting.priority))
        if let preferred = waiting.preferred { preferences[waiting.ticket] = preferred }
        if let giver = waiting.giver { givers[waiting.ticket] = giver }
        desks[waiting.group.index].ages.insert(Age(since: since, ticket: waiting.ticket))
    }

    @discardableResult
    package mutating func remove(_ id: TicketID) -> QueuedTicket? {
        guard let slot = slots[id] else { return nil }
        let shown = show(row(slot))
        leave(slot)
        let row = row(slot)
        invariant(desks[row.group.index].ages.remove(Age(since: row.since, ticket: id)), "\(id.value) has no age")
        demands.giveBack(row.demand)
        demands.giveBack(row.asked)
        slots[id] = nil
        if !offers.isEmpty { offers[id] = nil }
        if !exclusions.isEmpty { exclusions[id] = nil }
        if !givers.isEmpty { givers[id] = nil }
        if !preferences.isEmpty { preferences[id] = nil }
        change(slot) { row in
            row.subject = ""
            row.widened = []
        }
        free.append(slot)
        return shown
    }

    /// Changes what is known of a ticket. If that is where or how it waits, it stands in no lane until it is enqueued.
    package mutating func update<Result>(_ id: TicketID, _ body: (inout QueuedTicket) -> Result) -> Result? {
        guard let slot = slots[id] else { return nil }
        var shown = show(row(slot))
        let before = shown.waiting
        let result = body(&shown)
        if before != shown.waiting { replace(slot, before, shown.waiting) }
        if !shown.excluded.isEmpty || !exclusions.isEmpty {
            exclusions[id] = shown.excluded.isEmpty ? nil : shown.excluded
        }
        return result
    }

    private mutating func replace(_ slot: UInt32, _ old: WaitingTicket, _ new: WaitingTicket) {
        invariant(
            old.ticket == new.ticket && old.group == new.group, "ticket \(old.ticket.value) cannot become another one")
        leave(slot)
        if old.giver != new.giver { givers[new.ticket] = new.giver }
        if old.preferred != new.preferred { preferences[new.ticket] = new.preferred }
        let demand = demands.take(new.demand)
        demands.share(demand)
        demands.giveBack(row(slot).demand)
        demands.giveBack(row(slot).asked)
        change(slot) { row in
            row.demand = demand
            row.asked = demand
            row.enteredAt = new.enteredAt
            row.subject = new.subject
            row.widened = new.widened
            row.fence = new.fence
            row.priority = new.priority
        }
    }

    // MARK: - lanes

    /// Gives in as far as its wait says; it keeps its place. Says whether anything was given up.
    package mutating func relax(_ id: TicketID, at now: Instant) -> Bool {
        guard let slot = slots[id] else { return false }
        let row = row(slot)
        let whole = demands[row.demand]
        let signature = whole.signature.relaxed(after: now.since(row.since))
        guard signature != demands[row.asked].signature else { return false }
        let asked = demands.take(Demand(signature, cost: whole.cost, channel: whole.channel))
        if row.phase == .queued { visit(row) { lanes, entry in lanes.remove(entry, row.asked) } }
        change(slot) { $0.asked = asked }
        if row.phase == .queued {
            let demand = demands[asked]
            visit(row) { lanes, entry in lanes.insert(entry, asked, demand) }
        }
        demands.giveBack(row.asked)
        return true
    }

    /// Makes the ticket available in these groups' lanes, and in no others.
    package mutating func enqueue(_ id: TicketID, in wanted: [(group: GroupID, isForeign: Bool)]) {
        guard let slot = slots[id] else { return }
        leave(slot)
        let row = row(slot)
        let isAtHome = wanted.count == 1 && wanted[0].group == row.group && !wanted[0].isForeign
        if !isAtHome {
            var standing: [Standing] = []
            for (group, isForeign) in wanted where !standing.contains(where: { $0.group == group }) {
                standing.append(Standing(group: group, isForeign: isForeign))
            }
            standings[id] = standing
        }
        if row.phase == .offered { offers[id] = nil }
        let stamp = nextStamp()
        change(slot) { row in
            row.phase = .queued
            row.standsElsewhere = !isAtHome
            row.stamp = stamp
        }
        let asked = demands[row.asked]
        visit(self.row(slot)) { lanes, entry in lanes.insert(entry, row.asked, asked) }
    }

    /// Takes the ticket out of all lanes while somebody is asked.
    package mutating func occupy(_ id: TicketID, _ phase: QueuedTicket.Phase) {
        guard let slot = slots[id] else { return }
        leave(slot)
        if row(slot).phase == .offered { offers[id] = nil }
        let stamp = nextStamp()
        change(slot) { row in
            row.stamp = stamp
            switch phase {
            case .queued: row.phase = .idle
            case .offered: row.phase = .offered
            case .claiming(let agent):
                row.phase = .claiming
                row.claimant = agent
            }
        }
        if case .offered(let offer) = phase { offers[id] = offer }
    }

    /// Out of all lanes, if it is in any.
    private mutating func leave(_ slot: UInt32) {
        let row = row(slot)
        guard row.phase == .queued else { return }
        visit(row) { lanes, entry in lanes.remove(entry, row.asked) }
        if row.standsElsewhere { standings[row.ticket] = nil }
        change(slot) { row in
            row.phase = .idle
            row.standsElsewhere = false
        }
    }

    private mutating func visit(_ row: Row, _ body: (inout Lanes, LaneEntry) -> Void) {
        if !row.standsElsewhere {
            return body(&desks[row.group.index].lanes, entry(row, isForeign: false))
        }
        for standing in standings[row.ticket] ?? [] {
            body(&desks[standing.group.index].lanes, entry(row, isForeign: standing.isForeign))
        }
    }

    private func entry(_ row: Row, isForeign: Bool) -> LaneEntry {
        LaneEntry(order.rank(row.priority, row.enteredAt, isForeign: isForeign, row.ticket))
    }

    // MARK: - the best for an agent

    /// The best ticket of a group for an agent with these skills, free units and channels that are full: the highest
    /// ranked of those he can take, if it is better than `bound`.
    package func best(
        in group: GroupID, for agent: AgentID, _ skills: [SkillLevel], free: UInt32 = .max, full: [String] = [],
        below bound: Rank? = nil, at now: Instant
    ) -> Rank? {
        guard group.index < desks.count else { return nil }
        let asker = Lanes.Asker(skills: skills, free: free, full: full)
        return desks[group.index].lanes.best(for: asker, demands, below: bound.map { LaneEntry($0) }) { entry in
            exclusions.isEmpty || !(exclusions[entry.ticket]?.excludes(agent, at: now) ?? false)
        }?.rank
    }

    /// The first so many tickets of a group that an agent with these skills could take, were he free.
    func best(_ count: Int, in group: GroupID, for skills: [SkillLevel]) -> [Rank] {
        guard group.index < desks.count else { return [] }
        return desks[group.index].lanes.best(count, demands) { $0.signature.isMet(by: skills) }.map(\.rank)
    }

    /// The heads of all lanes of a group: what the sweep looks at.
    func heads(of group: GroupID) -> [TicketID] {
        group.index < desks.count ? desks[group.index].lanes.heads.map(\.ticket) : []
    }
}

// MARK: - checks

extension Queues {
    /// What does not hold, as sentences: lanes and ages against a recount from the tickets, tables against rows.
    func faults() -> [String] {
        var wrong: [String] = []
        var entries = [[LaneEntry]](repeating: [], count: desks.count)
        var ages = [[Age]](repeating: [], count: desks.count)
        var uses: Set<DemandID> = []
        for id in ids {
            guard let slot = slots[id], row(slot).ticket == id else { return ["ticket \(id.value) has another's row"] }
            let row = row(slot)
            uses.insert(row.demand)
            if row.asked != row.demand { uses.insert(row.asked) }
            ages[row.group.index].append(Age(since: row.since, ticket: id))
            let (open, standing) = (offers[id], standings.isEmpty ? nil : standings[id])
            if (row.phase == .offered) != (open != nil) { wrong.append("\(id.value) is offered and is not") }
            if let fault = open?.fault { wrong.append("\(id.value) \(fault)") }
            if row.standsElsewhere != (standing != nil) { wrong.append("\(id.value) stands nowhere") }
            guard row.phase == .queued else { continue }
            let places = standing ?? [Standing(group: row.group, isForeign: false)]
            for place in places { entries[place.group.index].append(entry(row, isForeign: place.isForeign)) }
        }
        for (index, desk) in desks.enumerated() {
            if desk.lanes.all != entries[index].sorted() { wrong.append("group \(index): lanes are not its tickets") }
            if desk.ages.all != ages[index].sorted() { wrong.append("group \(index): ages are not its tickets'") }
            if let fault = desk.lanes.fault(demands) { wrong.append("group \(index): \(fault)") }
        }
        let beside = [Array(offers.keys), Array(exclusions.keys), Array(preferences.keys)]
        let gone = beside.contains { $0.contains { slots[$0] == nil } }
        if gone { wrong.append("something is kept of a ticket that has gone") }
        if uses.count != demands.count { wrong.append("\(demands.count) demands, \(uses.count) in use") }
        if free.count + slots.count != rowCount { wrong.append("rows are lost") }
        return wrong
    }

    /// Whether it waits for a requirement longer than the policy says.
    func asksTooMuch(_ id: TicketID, at now: Instant) -> Bool {
        guard let row = slots[id].map(row) else { return false }
        return demands[row.asked].signature != demands[row.demand].signature.relaxed(after: now.since(row.since))
    }
}
