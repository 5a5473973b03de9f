extension Membership {
    /// The coordinator's view of one router beyond what the ledger holds: its lease, its commands, what it was told.
    struct Member: Sendable {
        let router: RouterInfo
        let joinedAt: Instant
        var leaseUntil: Instant
        /// The number of the next command; nil until the first commands of this reign.
        var nextCommand: UInt64?
        /// Outcomes of the commands before `nextCommand` that are not acknowledged yet.
        var kept: [Outcome] = []
        var parked: Parked?
        var cursorHighest = LSN.zero
        /// The newest state that a reply to it reflects.
        var toldThrough = LSN.zero
        /// The newest record that concerns it.
        var newsThrough = LSN.zero
        var agents: ChangeLog<AgentID>
        /// When the newest of its regions came to it: before this it knew nothing of them.
        var ownsSince: [RegionID: LSN] = [:]
        /// The state that its policy reflects at least: the one it joined with.
        var policyAsOf = LSN.zero
        /// Agents of whom it said something else than the ledger when they were compared last.
        var suspects: Set<AgentID> = []
        /// Whom it is told of anew with the next answer.
        var repairs: [AgentID] = []
    }

    struct Parked: Sendable {
        let token: Coordinator.RequestToken
        let cursor: LSN
        let until: Instant
        /// It asks for news that it was told once, and lost.
        let isBehind: Bool
        /// Where lists of its regions are to go on: with that it does not wait.
        let listing: [RegionListing]
    }

    /// What every turn looks at of each member, beside its row: a row is large, and to look at it copies it.
    struct Watch: Sendable {
        let incarnation: Incarnation
        let region: RegionID
        let leaseUntil: Instant
        let parkedUntil: Instant?
        /// Whether there is something that its parked poll has not been told.
        let hasNews: Bool

        init(_ member: Member) {
            incarnation = member.router.incarnation
            region = member.router.region
            leaseUntil = member.leaseUntil
            parkedUntil = member.parked?.until
            hasNews =
                member.parked.map { parked in
                    let told = parked.isBehind ? parked.cursor : max(parked.cursor, member.toldThrough)
                    return member.newsThrough > told || parked.cursor == .zero || !parked.listing.isEmpty
                } ?? false
        }
    }

    /// The live routers with what each has still to be told.
    struct Members: Sendable {
        private(set) var table = Table<Incarnation, Member>()
        /// In the order of `table`.
        private(set) var watches: [Watch] = []
        var changesKept = Limits.changesKept
        private var regions: [ChangeLog<TicketID>] = []
        private(set) var membershipChanged = LSN.zero
        private(set) var policyChangedAt = LSN.zero
        private var lastJudged: Instant?
        /// How long the judge was away in all, in pauses of more than `Limits.pauseNoticed`.
        private(set) var paused = Interval.zero
        /// Live routers that are late.
        var suspects: [Incarnation] = []
        /// Who had the region before its owner of now, while both live.
        var formerOwners: [RegionID: Incarnation] = [:]
        /// Graces that ran out in this turn.
        var gracesDue: [AgentID] = []
        /// When each grace ends, on the time that stands still while the judge is away.
        var graces: [AgentID: Instant] = [:]

        /// A judge who was himself away must not blame others for it: leases and graces do not run meanwhile.
        mutating func beginTurn(at now: Instant) {
            let pause = lastJudged.map { now.since($0) } ?? .zero
            lastJudged = now
            if pause > Limits.pauseNoticed { paused = paused + pause }
        }
        func judgeTime(_ now: Instant) -> Instant { now - paused }

        /// How often a judge looks at least while there are members, or agents in grace, so that he knows when he was
        /// away himself.
        static let judgedEvery = Interval(milliseconds: 400)

        /// When a lease or a parked poll ends, or the judge should look again; nil without members and graces.
        var nextDeadline: Instant? {
            guard let lastJudged, !(table.isEmpty && graces.isEmpty) else { return nil }
            var next = lastJudged + Self.judgedEvery
            for watch in watches { next = min(next, watch.leaseUntil + paused, watch.parkedUntil ?? next) }
            return next
        }

        /// Nil for one who is no member.
        func region(of incarnation: Incarnation) -> RegionID? {
            watches.first { $0.incarnation == incarnation }?.region
        }

        /// Takes up a router of the reign before; what it was told then, and what not, is not known.
        mutating func resume(_ router: RouterInfo, leaseUntil: Instant, at lsn: LSN) {
            insert(
                Member(
                    router: router, joinedAt: Instant(milliseconds: 0), leaseUntil: leaseUntil,
                    agents: ChangeLog(since: lsn, keeping: changesKept)))
            // Whether it heard of the last change of the reign before is not known: it is told once more.
            changedMembership(at: lsn)
        }
        mutating func add(_ router: RouterInfo, at now: Instant, leaseUntil: Instant, _ lsn: LSN) {
            insert(
                Member(
                    router: router, joinedAt: now, leaseUntil: leaseUntil, nextCommand: 1,
                    agents: ChangeLog(keeping: changesKept), policyAsOf: lsn))
            changedMembership(at: lsn)
        }
        private mutating func insert(_ member: Member) {
            invariant(table[member.router.incarnation] == nil, "incarnations are never given twice")
            table[member.router.incarnation] = member
            watches.append(Watch(member))
        }
        mutating func remove(_ incarnation: Incarnation, at lsn: LSN) {
            table[incarnation] = nil
            watches.removeAll { $0.incarnation == incarnation }
            suspects.removeAll { $0 == incarnation }
            changedMembership(at: lsn)
        }
        mutating func renew(_ incarnation: Incarnation, until: Instant) {
            _ = update(incarnation) { $0.leaseUntil = max($0.leaseUntil, until) }
        }
        mutating func update<Result>(_ incarnation: Incarnation, _ change: (inout Member) -> Result) -> Result? {
            guard let place = watches.firstIndex(where: { $0.incarnation == incarnation }) else { return nil }
            return table.update(incarnation) { member in
                defer { watches[place] = Watch(member) }
                return change(&member)
            }
        }

        /// Where groups are gone, have come back, or are in other regions now, whoever owns a region is told all of it
        /// anew: what had waited there and does not any more, or does again, is nobody's single change.
        mutating func policyChanged(at lsn: LSN, regions count: Int, isRedrawn: Bool) {
            if isRedrawn { regions = regions.map { _ in ChangeLog(since: lsn, keeping: changesKept) } }
            while regions.count < count { regions.append(ChangeLog(since: lsn, keeping: changesKept)) }
            policyChangedAt = lsn
            tellAll(lsn)
        }
        mutating func changedMembership(at lsn: LSN) {
            membershipChanged = lsn
            tellAll(lsn)
        }
        /// A region has a new owner, who must be told all of it.
        mutating func owned(_ region: RegionID, by owner: Incarnation, at lsn: LSN) {
            _ = update(owner) { $0.ownsSince[region] = lsn }
            changedMembership(at: lsn)
        }
        mutating func changed(_ ticket: TicketID, in region: RegionID, at lsn: LSN, _ owner: Incarnation) {
            regions[region.index].append(ticket, at: lsn)
            _ = update(owner) { $0.newsThrough = lsn }
        }
        mutating func changed(_ agent: AgentID, for router: Incarnation, at lsn: LSN) {
            _ = update(router) {
                $0.agents.append(agent, at: lsn)
                $0.newsThrough = lsn
            }
        }
        /// The router has the outcome of something older than it may know: it is told the agent with the answer, and
        /// with all that reflect no later state, in whichever order they come.
        mutating func retell(_ agent: AgentID, to router: Incarnation, as lsn: LSN) {
            _ = update(router) { $0.agents.append(agent, at: LSN(lsn.value + 1)) }
        }
        private mutating func tellAll(_ lsn: LSN) {
            for incarnation in table.keys { _ = update(incarnation) { $0.newsThrough = lsn } }
        }

        /// Tickets of a region that changed after `cursor`; nil when that is longer ago than is remembered.
        func changes(in region: RegionID, after cursor: LSN) -> [TicketID]? {
            region.index < regions.count ? regions[region.index].keys(after: cursor) : nil
        }
    }
}

/// What changed when, bounded: whoever asks from before its memory gets everything instead.
struct ChangeLog<Key: Hashable & Sendable>: Sendable {
    private var entries: [(lsn: LSN, key: Key)] = []
    private var since = LSN.zero
    private let kept: Int
    /// Remembers so many changes at least, and less than twice as many.
    init(since: LSN = .zero, keeping kept: Int = Limits.changesKept) {
        self.since = since
        self.kept = kept
    }

    mutating func append(_ key: Key, at lsn: LSN) {
        entries.append((lsn, key))
        if entries.count > 2 * kept {
            since = entries[kept - 1].lsn
            entries.removeFirst(kept)
        }
    }

    /// All that are remembered, each once.
    var remembered: [Key] { keys(after: since) ?? [] }

    /// Keys that changed after `cursor`, each once, the latest change last; nil when the memory begins later.
    func keys(after cursor: LSN) -> [Key]? {
        if cursor < since { return nil }
        var low = entries.count
        while low > 0 && entries[low - 1].lsn > cursor { low -= 1 }
        var seen = Set<Key>()
        return entries[low...].reversed().filter { seen.insert($0.key).inserted }.map(\.key).reversed()
    }
}
