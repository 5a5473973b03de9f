/// The brain of the coordinator node: the ledger, who is a member, which timers run. Events in, effects out.
///
/// `decide…` functions check and answer; what they decide becomes `LedgerRecord`s, and only `commit` applies them.
/// Safety comes from here alone: fence, agent epoch and capacity are checked at `assign`, and nothing else has to be
/// right.
package struct Coordinator: Sendable {
    /// Names a request whose reply is awaited; given by the shell.
    package struct RequestToken: Hashable, Sendable {
        package let value: UInt64
        package init(_ value: UInt64) { self.value = value }
    }

    package enum Event: Sendable {
        /// First of every turn: what is due fires before commands.
        case turnBegins
        case policyLoaded(Policy, text: String, additions: Catalog.Additions)
        case join(Join, RequestToken)
        case leave(Incarnation, RequestToken)
        case exchange(Exchange, RequestToken)
        case query(Command, RequestToken)
        /// What the archive has of a ticket that somebody asks for in this turn.
        case recalled(TicketRecord)
        /// While the ledger's disk is nearly full, new tickets are refused; what is there already goes on.
        case diskChanged(isNearlyFull: Bool)
        /// Last of every turn: leases are judged after the whole inbox, parked polls are answered once.
        case turnEnds
    }

    /// Done in order by the shell: all records of a turn are journaled and synced before any reply leaves.
    package enum Effect: Equatable, Sendable {
        case journal(LSN, WallTime, LedgerRecord)
        /// A ticket that the record before has closed, as it was at its end.
        case archive(TicketRecord)
        case joined(Joined, RequestToken)
        case exchanged(Exchanged, RequestToken)
        case answered(Outcome, RequestToken)
        case refused(RouterRefusal, RequestToken)
        /// For the log: something an operator wants to know.
        case report(Report)
    }

    package enum Report: Equatable, Sendable {
        case routerJoined(String, Incarnation)
        case routerLeft(String)
        case routerLost(String)
        case regionOwned(String, by: String)
        case graceEnded(String, tickets: Int)
        case policyAdopted(UInt32)
        case alert(TicketID, Cause)
        case quarantined(TicketID, Cause)
        /// A home router had other tickets for the agent than the ledger, twice in a row: a bug, put right.
        case loadRepaired(String)
    }

    enum Timer: Equatable, Sendable {
        /// A time that a step of the ticket's group names; see `Reviews`.
        case review(TicketID, at: UInt64)
        case reviewGroups
        case close(TicketID, Fence)
        case start(TicketID, Fence)
        case pauseEnds(TicketID, Fence, WallTime)
        case grace(AgentID, AgentEpoch)
        /// Lives that end, once a minute.
        case lives
        /// Somebody's hours begin or end; only the newest of these counts.
        case hours(due: UInt64)
    }

    package private(set) var ledger: Ledger
    package internal(set) var policy = Policy.empty
    package internal(set) var counters = ClusterStatus.Counters()
    package internal(set) var refusals = RefusalCounts()
    package internal(set) var reconciling = Reconciling()
    /// Of the shell's program and libnng, for `status`.
    package var versions: (program: String, library: String) = ("", "")
    var members = Membership.Members()
    var deadlines = Deadlines<Timer>()
    var reviews = Reviews()
    var duty = Duty()
    var lives = Lives()
    /// When groups' hours are looked at next.
    var hoursDue: UInt64 = 0
    /// With so many timers armed, those that mean nothing any more are thrown away.
    var timersMost = 1024
    var time = WallTime(milliseconds: 0)
    var isDiskNearlyFull = false
    /// For this turn's questions.
    var recalled: [TicketID: TicketRecord] = [:]

    /// Takes up a ledger folded from the journal and begins a new reign.
    package init(ledger: Ledger, at now: Now, into effects: inout [Effect]) {
        self.ledger = ledger
        time = max(now.wall, ledger.wall)
        commit(.reignBegan(ledger.reign + 1), &effects)
        for router in ledger.routers {
            members.resume(router, leaseUntil: now.instant + Timing().lease, at: self.ledger.lsn)
        }
    }

    package mutating func step(_ event: Event, at now: Now, into effects: inout [Effect]) {
        time = max(now.wall, ledger.wall)
        switch event {
        case .turnBegins: fireDue(at: now, &effects)
        case .policyLoaded(let policy, let text, let additions): adopt(policy, text, additions, at: now, &effects)
        case .join(let join, let token): admit(join, token, at: now, &effects)
        case .leave(let incarnation, let token): leave(incarnation, token, at: now, &effects)
        case .exchange(let exchange, let token): serve(exchange, token, at: now, &effects)
        case .query(let command, let token):
            effects.append(.answered(decide(command, from: .none, at: now, &effects), token))
        case .recalled(let record): recalled[record.ticket] = record
        case .diskChanged(let isNearlyFull): isDiskNearlyFull = isNearlyFull
        case .turnEnds:
            recalled = [:]
            judgeLeases(at: now, &effects)
            reviewGroups(at: now, &effects)
            answerParked(at: now, &effects)
        }
    }

    /// When the next timer is due; the shell steps a turn then at the latest.
    package var nextDeadline: Instant? { deadlines.next.map { Instant(milliseconds: $0) } }

    // MARK: - records

    /// Applies an outcome, notes whom it concerns, and hands it to the journal.
    mutating func commit(_ record: LedgerRecord, _ effects: inout [Effect]) {
        let ticket = record.ticket
        let before = ticket.map { interest(in: $0) } ?? []
        let left = ledger.apply(record, at: time)
        counters.records += 1
        if let ticket {
            for region in before { members.changed(ticket, in: region, at: ledger.lsn, owner(of: region)) }
            for region in interest(in: ticket) where !before.contains(region) {
                members.changed(ticket, in: region, at: ledger.lsn, owner(of: region))
            }
        }
        effects.append(.journal(ledger.lsn, time, record))
        if let left { effects.append(.archive(left)) }
        switch record {
        case .attached(let agent, _, _, _):
            duty.report(agent, isOnDuty: true)
            refreshDuty(of: agent)
        case .detached(let agent, _): refreshDuty(of: agent)
        default: break
        }
    }

    /// The regions whose owners queue the ticket now.
    private func interest(in id: TicketID) -> [RegionID] {
        guard let ticket = ledger.tickets[id], ticket.state == .waiting else { return [] }
        var regions: [RegionID] = []
        for group in [ticket.group] + ticket.widened {
            if let region = policy.group(group)?.region, !regions.contains(region) { regions.append(region) }
        }
        return regions
    }

    func owner(of region: RegionID) -> Incarnation { ledger.owner(of: region)?.owner ?? .none }

    // MARK: - timers

    /// What is due, earliest first; after a long absence, or when many groups open at nine, in lots.
    private mutating func fireDue(at now: Now, _ effects: inout [Effect]) {
        throwAwayTimers()
        var left = Limits.timersPerTurnMax
        while left > 0, let timer = deadlines.popDue(at: now.instant.milliseconds) {
            left -= 1
            switch timer {
            case .review(let id, let moment):
                if reviews.takes(id, at: moment) { review(id, .later, at: now, &effects) }
            case .reviewGroups: reviews.isArmed = false
            case .close(let id, let fence): closeResolved(id, fence, at: now, &effects)
            case .start(let id, let fence): start(id, fence, at: now, &effects)
            case .pauseEnds(let id, let fence, let until): endPause(of: id, fence, until, at: now, &effects)
            case .grace(let agent, let epoch): endGrace(of: agent, epoch, at: now, &effects)
            case .lives: endLives(at: now, &effects)
            case .hours(let due): if due == hoursDue { changeHours(at: now) }
            }
        }
    }

    /// Timers are not cancelled, and some are due in a year: when there are twice as many as the last time, those whose
    /// reason has gone leave.
    private mutating func throwAwayTimers() {
        guard deadlines.count > timersMost else { return }
        let ledger = ledger
        reviews.forget { ledger.tickets[$0]?.state != .waiting }
        // Taken out meanwhile, so that asking about a timer does not copy them all.
        var timers = Deadlines<Timer>()
        swap(&timers, &deadlines)
        timers.keep { isAlive($0) }
        deadlines = timers
        timersMost = max(1024, 2 * deadlines.count)
    }

    private func isAlive(_ timer: Timer) -> Bool {
        switch timer {
        case .review(let id, let moment): return reviews.isDue(id, at: moment)
        case .close(let id, let fence):
            guard let ticket = ledger.tickets[id], case .resolved = ticket.state else { return false }
            return ticket.fence == fence
        case .start(let id, let fence):
            return ledger.tickets[id].map { $0.fence == fence && $0.state == .scheduled } ?? false
        case .pauseEnds(let id, let fence, let until):
            return ledger.tickets[id].map { $0.fence == fence && $0.standing.pause?.until == until } ?? false
        case .grace(let agent, let epoch):
            guard let row = ledger.agent(agent), case .inGrace = row.presence else { return false }
            return row.epoch == epoch
        case .hours(let due): return due == hoursDue
        case .reviewGroups, .lives: return true
        }
    }
    /// Whether something is due that has not fired yet.
    func isLate(at now: Now) -> Bool { deadlines.next.map { $0 <= now.instant.milliseconds } ?? false }

    /// A moment of the ledger's time on the clock that never jumps.
    func moment(of due: WallTime, at now: Now) -> UInt64 { (now.instant + due.since(time)).milliseconds }
}
