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
        indirect case policyLoaded(Policy, text: String, additions: Catalog.Additions)
        case join(Join, RequestToken)
        case leave(Incarnation, RequestToken)
        case exchange(Exchange, RequestToken)
        case query(Command, RequestToken)
        /// What the archive has of a ticket that somebody asks for in this turn.
        indirect case recalled(TicketRecord)
        /// While the ledger's disk is nearly full, new tickets are refused; what is there already goes on.
        case diskChanged(isNearlyFull: Bool)
        /// Last of every turn: leases are judged after the whole inbox, parked polls are answered once.
        case turnEnds
    }

    /// Done in order by the shell: all records of a turn are journaled and synced before any reply leaves.
    package enum Effect: Equatable, Sendable {
        case journal(LSN, WallTime, LedgerRecord)
        /// A ticket that the record before has closed, as it was at its end.
        indirect case archive(TicketRecord)
        indirect case joined(Joined, RequestToken)
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
        /// It is late; nothing new is given to it.
        case routerSuspect(String)
        case routerDrains(String)
        case routerDrainsNoMore(String)
        case regionOwned(String, by: String)
        case graceEnded(String, tickets: Int)
        case policyAdopted(UInt32)
        case alert(TicketID, Cause)
        case notified(TicketID, to: String, Cause)
        case quarantined(TicketID, Cause)
        /// A home router had other tickets for the agent than the ledger, twice in a row: a bug, put right.
        case loadRepaired(String)
        /// The wall clock differs by so many milliseconds from what the clock that never jumps says; not believed yet.
        case wallClockJumped(by: Int64)
        /// It has kept its new time for `WallClock.patience`.
        case wallClockBelieved(by: Int64)
    }

    package private(set) var ledger: Ledger
    package internal(set) var policy = Policy.empty
    package internal(set) var counters = ClusterStatus.Counters()
    package internal(set) var refusals = RefusalCounts()
    package internal(set) var reconciling = Reconciling()
    /// Of the shell's program and libnng, for `status`.
    package var versions: (program: String, library: String) = ("", "")
    var members = Membership.Members()
    var timers: Timers
    var delays: Timers
    var reviews = Reviews()
    var duty = Duty()
    var lives = Lives()
    var risks = Risks()
    var recount = Recount()
    var wallClock: WallClock
    var time = WallTime(milliseconds: 0)
    var isDiskNearlyFull = false
    let flaws: Flaws
    package let points: Points
    /// For this turn's questions.
    var recalled: [TicketID: TicketRecord] = [:]

    /// Takes up a ledger folded from the journal and begins a new reign.
    package init(
        ledger: Ledger, flaws: Flaws = .none, points: Points = .none, at now: Now, into effects: inout [Effect]
    ) {
        self.ledger = ledger
        self.flaws = flaws
        self.points = points
        members.changesKept = points.bound(Limits.changesKept, .fewChangesKept)
        if flaws.contains(.keysForgottenAtRestart) { self.ledger.keys = KeyStore() }
        time = max(now.wall, ledger.wall)
        members.beginTurn(at: now.instant)
        // A clock that is behind the ledger was set back since: a jump like any other, and time does not stand still.
        wallClock = WallClock(Now(instant: now.instant, wall: time))
        timers = Timers(at: time.milliseconds)
        delays = Timers(at: now.instant.milliseconds)
        commit(.reignBegan(ledger.reign + 1), &effects)
        nextDeadline = now.instant
        for router in ledger.routers {
            members.resume(router, leaseUntil: now.instant + Timing().lease, at: self.ledger.lsn)
        }
    }

    package mutating func step(_ event: Event, at now: Now, into effects: inout [Effect]) {
        readClock(now, &effects)
        switch event {
        case .turnBegins:
            members.beginTurn(at: now.instant)
            fireDue(at: now, &effects)
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
            recountClocks(&effects)
            answerParked(at: now, &effects)
            nextDeadline = earliestDeadline
        }
    }

    /// When the next timer is due; the shell steps a turn then at the latest.
    /// Stored, as asking a core in a class copies all of it.
    package private(set) var nextDeadline: Instant?

    // MARK: - records

    /// Applies an outcome, notes whom it concerns, and hands it to the journal.
    mutating func commit(_ record: LedgerRecord, _ effects: inout [Effect]) {
        let ticket = record.ticket
        if let ticket { settleOverdue(ticket, before: record, &effects) }
        let before = ticket.map { interest(in: $0) } ?? []
        let risk = ticket.flatMap { ledger.tickets.read($0) { $0.risk } ?? nil }
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
            delays.arm(.grace(agent), due: nil)
            members.graces[agent] = nil
            duty.report(agent, isOnDuty: true)
            refreshDuty(of: agent)
        case .detached(let agent, _): refreshDuty(of: agent)
        default: break
        }
        if let ticket {
            risks.change(ticket, from: risk, to: ledger.tickets.read(ticket) { $0.risk } ?? nil)
            armTerm(of: ticket, after: record)
            countClocks(of: ticket, after: record, &effects)
        }
    }

    /// The regions whose owners queue the ticket now.
    private func interest(in id: TicketID) -> [RegionID] {
        let groups = ledger.tickets.read(id) { $0.state == .waiting ? [$0.group] + $0.widened : [] }
        var regions: [RegionID] = []
        for group in groups ?? [] {
            if let region = policy.group(group)?.region, !regions.contains(region) { regions.append(region) }
        }
        return regions
    }

    func owner(of region: RegionID) -> Incarnation { ledger.owner(of: region)?.owner ?? .none }
}
