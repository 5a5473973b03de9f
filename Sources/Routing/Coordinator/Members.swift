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
        var agents = ChangeLog<AgentID>()
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
    }

    /// The live routers with what each has still to be told.
    struct Members: Sendable {
        private(set) var table = Table<Incarnation, Member>()
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
            table.forEach { next = min(next, $0.leaseUntil + paused, $0.parked?.until ?? next) }
            return next
        }

        /// Takes up a router of the reign before; what it was told then, and what not, is not known.
        mutating func resume(_ router: RouterInfo, leaseUntil: Instant, at lsn: LSN) {
            table[router.incarnation] = Member(
                router: router, joinedAt: Instant(milliseconds: 0), leaseUntil: leaseUntil,
                agents: ChangeLog(since: lsn))
            // Whether it heard of the last change of the reign before is not known: it is told once more.
            changedMembership(at: lsn)
        }
        mutating func add(_ router: RouterInfo, at now: Instant, leaseUntil: Instant, _ lsn: LSN) {
            table[router.incarnation] = Member(
                router: router, joinedAt: now, leaseUntil: leaseUntil, nextCommand: 1, policyAsOf: lsn)
            changedMembership(at: lsn)
        }
        mutating func remove(_ incarnation: Incarnation, at lsn: LSN) {
            table[incarnation] = nil
            suspects.removeAll { $0 == incarnation }
            changedMembership(at: lsn)
        }
        mutating func renew(_ incarnation: Incarnation, until: Instant) {
            _ = table.update(incarnation) { $0.leaseUntil = max($0.leaseUntil, until) }
        }
        mutating func update<Result>(_ incarnation: Incarnation, _ change: (inout Member) -> Result) -> Result? {
            table.update(incarnation, change)
        }

        /// Where groups are gone, have come back, or are in other regions now, whoever owns a region is told all of it
        /// anew: what had waited there and does not any more, or does again, is nobody's single change.
        mutating func policyChanged(at lsn: LSN, regions count: Int, isRedrawn: Bool) {
            if isRedrawn { regions = regions.map { _ in ChangeLog(since: lsn) } }
            while regions.count < count { regions.append(ChangeLog(since: lsn)) }
            policyChangedAt = lsn
            tellAll(lsn)
        }
        mutating func changedMembership(at lsn: LSN) {
            membershipChanged = lsn
            tellAll(lsn)
        }
        /// A region has a new owner, who must be told all of it.
        mutating func owned(_ region: RegionID, by owner: Incarnation, at lsn: LSN) {
            _ = table.update(owner) { $0.ownsSince[region] = lsn }
            changedMembership(at: lsn)
        }
        mutating func changed(_ ticket: TicketID, in region: RegionID, at lsn: LSN, _ owner: Incarnation) {
            regions[region.index].append(ticket, at: lsn)
            _ = table.update(owner) { $0.newsThrough = lsn }
        }
        mutating func changed(_ agent: AgentID, for router: Incarnation, at lsn: LSN) {
            _ = table.update(router) {
                $0.agents.append(agent, at: lsn)
                $0.newsThrough = lsn
            }
        }
        private mutating func tellAll(_ lsn: LSN) {
            for incarnation in table.keys { _ = table.update(incarnation) { $0.newsThrough = lsn } }
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
    init(since: LSN = .zero) { self.since = since }

    mutating func append(_ key: Key, at lsn: LSN) {
        entries.append((lsn, key))
        if entries.count > 2 * Limits.changesKept {
            since = entries[Limits.changesKept - 1].lsn
            entries.removeFirst(Limits.changesKept)
        }
    }

    /// Keys that changed after `cursor`, each once, the latest change last; nil when the memory begins later.
    func keys(after cursor: LSN) -> [Key]? {
        if cursor < since { return nil }
        var low = entries.count
        while low > 0 && entries[low - 1].lsn > cursor { low -= 1 }
        var seen = Set<Key>()
        return entries[low...].reversed().filter { seen.insert($0.key).inserted }.map(\.key).reversed()
    }
}
