package import Routing

/// Every step of every clock is taken once, not before its time, and a second after it at the latest while the
/// coordinator lives (promise 4): held against an oracle that counts each ticket's whole life anew from the records.
package struct ClocksFire: Checker {
    package let name = "ClocksFire"
    /// A step that was taken, of one run of a clock.
    private struct Step: Hashable {
        let ticket: TicketID
        let kind: ClockKind
        let startedAt: UInt64
        let percent: UInt8
    }
    /// When a ticket's clocks were set last: a promise that is owed already when it is made is broken at once.
    private struct Setting {
        let policy: String
        let wall: WallTime
        let instant: Instant
    }
    private var complaints = Complaints()
    private var oracle = ClockOracle([], [], vendors: [])
    private var settings: [TicketID: Setting] = [:]
    /// Under the policy that the ticket is under now.
    private var taken: [TicketID: Set<Step>] = [:]
    /// Under whichever: the last step of each run of a clock.
    private var reached: [TicketID: Set<Step>] = [:]
    /// Before that wall time no step is missing, unless something happens to the ticket.
    private var quietUntil: [TicketID: UInt64] = [:]
    private var lsn = LSN.zero
    private var isBehind = false
    /// Until then clocks may still be counted by the policy before.
    private var settledAt = Instant(milliseconds: 0)
    /// The coordinator had counted all anew when it was there; with a disk beside, what it wrote is told later.
    private var recountEnd: LSN?
    /// Whose clocks were set since then, as the recount under a new policy does, so many tickets a turn.
    private var recounted: Set<TicketID> = []
    /// Whether the coordinator died before it was through with that; the next reign begins it anew.
    private var isUnsettled = false
    private var trouble = Trouble()
    private var pace = Pace()
    private var lasting = Lasting<Step>()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        trouble.see(observation, at: now.instant)
        switch observation {
        case .journaled(let lsn, let wall, let record):
            if lsn.value != self.lsn.value + 1 { isBehind = true }
            self.lsn = lsn
            if !isBehind { read(record, wall, now) }
        case .coordinatorStarted(let ledger, let policy):
            if isBehind {
                oracle.forget()
                (taken, reached, quietUntil) = ([:], [:], [:])
            }
            isBehind = false
            lsn = ledger.lsn
            adopt(policy, now)
            if isUnsettled { settledAt = now.instant + .seconds(2) }
        case .coordinatorDied:
            isUnsettled = now.instant < settledAt
            recountEnd = nil
        case .policyInForce(let policy): adopt(policy, now)
        default: break
        }
    }

    private mutating func adopt(_ policy: Policy, _ now: Now) {
        guard policy.slas != oracle.slas || policy.calendars != oracle.calendars else { return }
        oracle.slas = policy.slas
        oracle.calendars = policy.calendars
        oracle.vendors = policy.groups.compactMap { $0 }.filter { $0.tier == .vendors }.map(\.id)
        // What was taken of the clocks of before is another matter.
        (taken, recounted, quietUntil) = ([:], [], [:])
        recountEnd = nil
        settledAt = now.instant + .seconds(2)
    }

    private mutating func read(_ record: LedgerRecord, _ wall: WallTime, _ now: Now) {
        if let id = record.ticket { quietUntil[id] = nil }
        switch record {
        case .clockFired(let fired): check(fired, wall, now)
        case .clocksSet(let set):
            // Until its recount a ticket's clocks go on as before: what they did meanwhile is another matter too.
            let isRecount = now.instant < settledAt && recounted.insert(set.ticket).inserted
            if isRecount || settings[set.ticket]?.policy != set.policy { taken[set.ticket] = nil }
            settings[set.ticket] = Setting(policy: set.policy, wall: wall, instant: now.instant)
        case .closed(let id, _, _, _):
            if now.instant > settledAt, let step = overdue(id, at: wall).first {
                complaints.add("ticket \(id.value) is closed, and \(step.kind) at \(step.percent) % was to come before")
            }
            (settings[id], taken[id], reached[id], quietUntil[id]) = (nil, nil, nil, nil)
        default: break
        }
        oracle.read(record, at: wall)
    }

    // MARK: - what happens

    private mutating func check(_ fired: ClockFired, _ wall: WallTime, _ now: Now) {
        let what = "ticket \(fired.ticket.value): \(fired.kind) at \(fired.percent) %"
        complaints.expect(
            fired.due <= wall && fired.late == wall.since(fired.due),
            "\(what), due at \(fired.due.milliseconds), comes at \(wall.milliseconds)")
        if let set = settings[fired.ticket] {
            let due = max(fired.due, set.wall)
            let instant = set.instant + due.since(set.wall)
            // A wall clock that jumps makes it late by one of the two.
            let late = min(wall.since(due).milliseconds, now.instant.since(instant).milliseconds)
            complaints.expect(late <= trouble.latenessMost(of: instant), "\(what) is \(late) ms late")
        }
        let expected = oracle.expected(fired.ticket, at: wall).first { $0.kind == fired.kind }
        if let expected {
            let step = Step(
                ticket: fired.ticket, kind: fired.kind, startedAt: expected.startedAt, percent: fired.percent)
            complaints.expect(taken[fired.ticket, default: []].insert(step).inserted, "\(what) comes twice")
            reached[fired.ticket, default: []].insert(step)
        }
        guard now.instant > settledAt, oracle.knows(fired.ticket) else { return }
        complaints.expect(
            expected?.fired == fired.percent,
            "\(what) comes, and \(expected.map { "\($0.fired)" } ?? "nothing") was to, by its history")
        guard fired.percent == 100, let due = expected?.due else { return }
        complaints.expect(
            due == fired.due.milliseconds, "\(what) was due at \(fired.due.milliseconds), by its history \(due)")
    }

    // MARK: - what does not

    package mutating func look(at cores: any Cores) {
        trouble.look(cores)
        let now = cores.now.instant
        if now < settledAt {
            cores.withCoordinator { core in
                if core.isRecounting { recountEnd = nil } else if recountEnd == nil { recountEnd = core.ledger.lsn }
            }
            if lsn < recountEnd ?? LSN(.max) { settledAt = now + .seconds(2) }
        }
        guard pace.isDue(cores, every: 500) else { return }
        let isAway = cores.isCoordinatorAway || now.since(trouble.awayAt) < .seconds(1)
        let isSettled = !isAway && !isBehind && now > settledAt
        let late: [Step]?? = cores.withCoordinator { core in
            isSettled && core.ledger.lsn == lsn ? missing(core.ledger) : nil
        }
        guard let late = late ?? nil else { return lasting.forget() }
        for step in lasting.look(now.milliseconds, at: late, for: 1_000) {
            complaints.add("ticket \(step.ticket.value): \(step.kind) at \(step.percent) % should have come")
        }
    }

    private mutating func missing(_ ledger: Ledger) -> [Step] {
        var missing: [Step] = []
        // The ledger's own time may have gone on since its last record: then it is seen at the next look.
        for id in oracle.ids where quietUntil[id].map({ $0 <= ledger.wall.milliseconds }) ?? true {
            guard ledger.tickets.contains(id) else { continue }
            let (clocks, next) = oracle.lookAhead(id, at: ledger.wall)
            let overdue = overdue(id, clocks)
            quietUntil[id] = overdue.isEmpty ? next : nil
            missing += overdue
        }
        return missing
    }

    private func overdue(_ id: TicketID, at wall: WallTime) -> [Step] { overdue(id, oracle.expected(id, at: wall)) }

    /// Steps that have come by its history, and neither they nor later ones were taken.
    private func overdue(_ id: TicketID, _ clocks: [ClockOracle.Expected]) -> [Step] {
        clocks.compactMap { clock in
            let isTaken = (reached[id] ?? []).contains {
                $0.kind == clock.kind && $0.startedAt == clock.startedAt && $0.percent >= clock.fired
            }
            guard clock.fired > 0, !isTaken else { return nil }
            return Step(ticket: id, kind: clock.kind, startedAt: clock.startedAt, percent: clock.fired)
        }
    }
}
