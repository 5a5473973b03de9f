package import Routing

/// What has a time fires once: never before it, and a second after it at the latest while nothing is wrong with the
/// coordinator (promise 4). Here: starts, ends of pauses, and the close after the reopen window.
package struct TimersFire: Checker {
    package let name = "TimersFire"
    private enum Kind: String {
        case start, pause, close
    }
    private struct Due {
        let kind: Kind
        /// Of the ticket that waits for its start.
        let fence: Fence?
        /// By the ledger's own clock.
        let wall: WallTime
        /// By the world's, if neither runs fast.
        let instant: Instant
    }
    private var complaints = Complaints()
    private var policy = Policy.empty
    private var armed: [TicketID: Due] = [:]
    private var trouble = Trouble()
    private var wall = WallTime(milliseconds: 0)

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        trouble.see(observation, at: now.instant)
        switch observation {
        case .journaled(_, let wall, let record):
            self.wall = wall
            if let id = record.ticket {
                fire(id, record, wall, now)
                arm(id, record, wall, now)
            }
        case .coordinatorStarted(let ledger, let policy):
            self.policy = policy
            // What changed unseen before the death is not known: a ticket may have been put off once more.
            armed = armed.filter { id, due in
                guard let ticket = ledger.tickets[id], isArmed(due.kind, ticket.state) else { return false }
                return due.fence.map { $0 == ticket.fence } ?? true
            }
        case .policyInForce(let policy): self.policy = policy
        default: break
        }
    }

    private func isArmed(_ kind: Kind, _ state: TicketState) -> Bool {
        switch (kind, state) {
        case (.start, .scheduled), (.pause, .pending), (.close, .resolved): true
        default: false
        }
    }

    private mutating func arm(_ id: TicketID, _ record: LedgerRecord, _ wall: WallTime, _ now: Now) {
        switch record {
        case .opened(let opened): if let due = opened.startsAt { arm(id, .start, due, wall, now, Fence(1)) }
        case .scheduled(let scheduled): arm(id, .start, scheduled.startsAt, wall, now, scheduled.fence)
        case .noted(_, .paused(let pause), _, _): arm(id, .pause, pause.until, wall, now)
        case .resolved: arm(id, .close, wall + policy.timing.reopenWindow, wall, now)
        case .noted(_, .resumed, _, _), .moved, .closed, .quarantined, .assigned: armed[id] = nil
        default: break
        }
    }

    private mutating func arm(
        _ id: TicketID, _ kind: Kind, _ due: WallTime, _ wall: WallTime, _ now: Now, _ fence: Fence? = nil
    ) {
        armed[id] = Due(kind: kind, fence: fence, wall: due, instant: now.instant + due.since(wall))
    }

    /// Something was done because its time had come.
    private mutating func fire(_ id: TicketID, _ record: LedgerRecord, _ wall: WallTime, _ now: Now) {
        var kind: Kind?
        switch record {
        case .moved(let moved) where moved.cause == .started && moved.why?.trigger == .time: kind = .start
        case .noted(_, .resumed(let why?), _, _) where why.trigger == .time: kind = .pause
        case .closed(_, _, let disposition, let why) where why.trigger == .time && disposition != .expired:
            kind = .close
        default: break
        }
        guard let kind, let due = armed[id] else { return }
        complaints.expect(due.kind == kind, "ticket \(id.value): \(kind) fires, and \(due.kind) was to")
        // The window to reopen counts by the clock that never jumps.
        let isEarly = wall < due.wall && (kind != .close || now.instant.withDrift < due.instant)
        complaints.expect(
            !isEarly, "ticket \(id.value): \(kind) fires \(due.wall.since(wall).milliseconds) ms before its time")
        checkLate(id, due, wall, now)
    }

    private mutating func checkLate(_ id: TicketID, _ due: Due, _ wall: WallTime, _ now: Now) {
        // A wall clock that jumps makes it late by one of the two.
        let late = min(wall.since(due.wall).milliseconds, now.instant.since(due.instant).milliseconds)
        let most = trouble.latenessMost(of: due.instant)
        complaints.expect(late <= most, "ticket \(id.value): \(due.kind) is \(late) ms late")
    }

    package mutating func look(at cores: any Cores) { trouble.look(cores) }

    package mutating func finish(_ cores: any Cores) {
        cores.withCoordinator { core in
            for (id, due) in armed where core.ledger.tickets[id].map({ isArmed(due.kind, $0.state) }) ?? false {
                checkLate(id, due, core.ledger.wall, cores.now)
            }
        }
    }
}

/// An agent who vanished has his grace, as long as the policy says and no longer; then he is offline, and what he held
/// is not his any more. A new reign begins running graces anew.
package struct GraceEnds: Checker {
    package let name = "GraceEnds"
    private var complaints = Complaints()
    private var policy = Policy.empty
    private var since: [AgentID: Instant] = [:]
    /// When each grace began by its record; of a new reign's no record says so.
    private var writtenSince: [AgentID: WallTime] = [:]
    /// Milliseconds that the coordinator was away in all, and those before each grace: it runs on the time of a judge
    /// who was not.
    private var away: UInt64 = 0
    private var awayBefore: [AgentID: UInt64] = [:]
    private var lookedAt: Instant?
    private var trouble = Trouble()
    private var pace = Pace()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        trouble.see(observation, at: now.instant)
        switch observation {
        case .journaled(_, let wall, let record): follow(record, at: wall, books, now)
        case .coordinatorStarted(let ledger, let policy):
            self.policy = policy
            since = [:]
            writtenSince = [:]
            for (index, row) in ledger.agents.enumerated() {
                if case .inGrace = row.presence { begin(AgentID(UInt32(index)), at: nil, now) }
            }
        case .policyInForce(let policy): self.policy = policy
        default: break
        }
    }

    /// A record is seen when it is durable, which on a slow disk is later for one than for another; what it says itself
    /// is when it was written, but by a clock that may be set. A grace is too short when it is by both.
    private mutating func ended(_ id: AgentID, at wall: WallTime, _ now: Now) {
        // Whom a new policy does not have any more is dismissed at once.
        guard policy.agent(id) != nil, let since = since[id] else { return }
        let written = writtenSince[id].map { wall.since($0) } ?? .zero
        let length = max(now.instant.since(since), written)
        complaints.expect(
            length + .drift >= policy.timing.grace,
            "the grace of agent \(id.value) ends after \(length.milliseconds) ms")
    }

    private mutating func follow(_ record: LedgerRecord, at wall: WallTime, _ books: Books, _ now: Now) {
        switch record {
        case .attached(let agent, _, _, _): since[agent] = nil
        case .detached(let agent, _): begin(agent, at: wall, now)
        case .routerEnded(let incarnation):
            for (id, agent) in books.agents where agent.presence == .attached(incarnation) { begin(id, at: wall, now) }
        case .graceEnded(let agent, _):
            ended(agent, at: wall, now)
            since[agent] = nil
        default: break
        }
    }

    private mutating func begin(_ id: AgentID, at wall: WallTime?, _ now: Now) {
        guard since[id] == nil else { return }
        since[id] = now.instant
        writtenSince[id] = wall
        awayBefore[id] = away
    }

    package mutating func look(at cores: any Cores) {
        trouble.look(cores)
        if cores.isCoordinatorAway, let lookedAt { away += cores.now.instant.since(lookedAt).milliseconds }
        lookedAt = cores.now.instant
        guard pace.isDue(cores, every: 1_000), !cores.isCoordinatorAway else { return }
        check(cores.now)
    }
    package mutating func finish(_ cores: any Cores) { check(cores.now) }

    private mutating func check(_ now: Now) {
        for (id, since) in since {
            let due = since + policy.timing.grace
            let late = now.instant.since(due).milliseconds
            complaints.expect(
                late <= trouble.latenessMost(of: due) + away - (awayBefore[id] ?? 0),
                "the grace of agent \(id.value) should have ended \(late) ms ago")
        }
    }
}

/// How late a timer may be: a second, or longer when the coordinator was not there, paused, or waited for its disk.
struct Trouble {
    /// When it was last known not to be at work.
    private(set) var awayAt = Instant(milliseconds: 0)

    mutating func see(_ observation: Observation, at now: Instant) {
        switch observation {
        case .coordinatorStarted, .coordinatorDied: awayAt = now
        default: break
        }
    }

    mutating func look(_ cores: any Cores) { if cores.isCoordinatorAway { awayAt = cores.now.instant } }

    func latenessMost(of due: Instant) -> UInt64 {
        // Clocks that run slow by half a percent, on a wait of a minute; and looks are some way apart.
        awayAt.since(due).milliseconds + 1_600
    }
}

extension Instant {
    /// What a clock that runs a little fast may show at this time.
    fileprivate var withDrift: Instant { self + .drift }
}

extension Interval {
    /// By so much a clock that runs a little fast may be ahead after a wait of less than a minute.
    fileprivate static let drift = Interval(milliseconds: 320)
}
