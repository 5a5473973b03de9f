@testable import Routing

/// A desk whose tickets are under promises. Times are minutes after its start.
struct PromiseDesk {
    var desk: Desk
    /// How much the clock on the wall is ahead of what it should show.
    var wallAhead: Int64 = 0

    static let people = [
        Company.Person(name: "ana", groups: ["north-agents"], capacity: 90),
        Company.Person(name: "ben", groups: ["hq-agents"], capacity: 90),
        Company.Person(name: "eva", groups: ["hq-engineers"], capacity: 90),
        Company.Person(name: "vik", groups: ["vendors"], capacity: 90),
    ]
    static let start = WallTime(milliseconds: 1_700_000_001_000)

    init(_ slas: [SLAPolicy], calendars: [Hours] = []) {
        desk = Desk(company: Self.company(slas, calendars, version: 1))
    }

    static func company(_ slas: [SLAPolicy], _ calendars: [Hours], version: UInt32) -> Company {
        var timing = Timing()
        timing.reopenWindow = .seconds(30 * 24 * 3600)
        timing.grace = .seconds(30 * 24 * 3600)
        timing.lease = .seconds(30 * 24 * 3600)
        timing.pendingMax = .seconds(30 * 24 * 3600)
        return Company(people: people, timing: timing, version: version, slas: slas, calendars: calendars)
    }

    static func at(_ minutes: Double) -> WallTime {
        WallTime(milliseconds: start.milliseconds + UInt64(minutes * 60_000))
    }

    /// Open from the first minute to the second, and so on.
    static func hours(_ minutes: [Double], until: Double = 100_000) -> Hours {
        Hours(
            name: "office", zone: "UTC", from: WallTime(milliseconds: start.milliseconds - 86_400_000),
            until: at(until), edges: minutes.map { at($0) })!
    }

    // MARK: - time

    var now: Now {
        let now = Desk.time(desk.now)
        return Now(
            instant: now.instant,
            wall: WallTime(milliseconds: UInt64(Int64(now.wall.milliseconds) + wallAhead)))
    }
    var minutes: Double { Double(desk.now - 1000) / 60_000 }

    mutating func step(_ event: Coordinator.Event) { desk.core.step(event, at: now, into: &desk.effects) }

    mutating func turn() {
        step(.turnBegins)
        step(.turnEnds)
    }

    /// Goes on to that minute, with a turn whenever the coordinator asks for one.
    mutating func run(to minutes: Double) {
        let end = 1000 + UInt64(minutes * 60_000)
        turn()
        for _ in 0..<100_000 {
            guard let next = desk.core.nextDeadline, next.milliseconds <= end else { break }
            desk.now = max(desk.now, next.milliseconds)
            turn()
        }
        desk.now = end
        turn()
    }

    /// The machine is away until that minute, and is started then.
    mutating func restart(at minutes: Double) {
        desk.now = 1000 + UInt64(minutes * 60_000)
        let policy = desk.core.policy
        desk.core = Coordinator(ledger: replayed, at: now, into: &desk.effects)
        step(.policyLoaded(policy, text: "{}", additions: Catalog.Additions()))
    }

    mutating func adopt(_ slas: [SLAPolicy], calendars: [Hours] = []) {
        let company = Self.company(slas, calendars, version: desk.core.policy.version + 1)
        step(.policyLoaded(company.policy, text: "{}", additions: Catalog.Additions()))
        turn()
        while desk.core.recount.next != nil { turn() }
    }

    // MARK: - what is journaled

    var journal: [(wall: WallTime, record: LedgerRecord)] {
        desk.effects.compactMap { effect in
            if case .journal(_, let wall, let record) = effect { return (wall, record) }
            return nil
        }
    }
    var replayed: Ledger {
        var ledger = Ledger()
        for (wall, record) in journal { ledger.apply(record, at: wall) }
        return ledger
    }
    var fired: [ClockFired] {
        journal.compactMap { entry in
            if case .clockFired(let fired) = entry.record { return fired }
            return nil
        }
    }
    var alerts: Int {
        desk.effects.count { effect in
            if case .report(.alert) = effect { return true }
            return false
        }
    }

    // MARK: - tickets

    mutating func open(group: UInt32 = 3, priority: Priority = 5, segment: String = "", sla: String = "") -> TicketID {
        desk.sequence += 1
        let submission = Submission(segment: segment, region: "north")
        let outcome = desk.decide(
            .open(
                Command.Open(
                    key: SubmitKey(high: 1, low: desk.sequence), hash: submission.digest,
                    policyVersion: desk.core.policy.version,
                    classification: Classification(
                        group: GroupID(group), priority: priority, signature: Signature([]), rule: "r", sla: sla),
                    submission: submission)))
        guard case .opened(let id) = outcome else { return TicketID(0) }
        return id
    }

    func ticket(_ id: TicketID) -> LedgerTicket? { desk.core.ledger.tickets[id] }
    func clock(_ id: TicketID, _ kind: ClockKind) -> Clock? {
        ticket(id)?.clocks.clocks.first { $0.kind == kind }
    }
    /// In minutes.
    func due(_ id: TicketID, _ kind: ClockKind) -> Double? {
        clock(id, kind)?.due.map { Double(Int64($0.milliseconds) - Int64(Self.start.milliseconds)) / 60_000 }
    }

    /// Gives a waiting ticket to the agent of its group.
    mutating func assign(_ id: TicketID) {
        guard let ticket = ticket(id) else { return }
        let agent = desk.core.policy.members(of: ticket.group)[0]
        var epoch = desk.core.ledger.agent(agent)?.epoch ?? AgentEpoch(0)
        if !desk.core.isAttached(agent) { epoch = desk.attach(agent) }
        _ = desk.assign(id, ticket.fence, to: agent, epoch)
    }

    @discardableResult
    mutating func work(_ action: WorkAction, _ id: TicketID) -> Outcome {
        guard let ticket = ticket(id), let agent = ticket.state.holder else { return .refused(.gone) }
        return desk.work(action, id, ticket.fence, by: agent, desk.core.ledger.agent(agent)?.epoch ?? AgentEpoch(0))
    }

    @discardableResult
    mutating func manage(_ action: ManageAction, _ id: TicketID) -> Outcome {
        desk.sequence += 1
        return desk.decide(
            .manage(
                Command.Manage(
                    ticket: id, key: SubmitKey(high: 2, low: desk.sequence), action: action,
                    cause: Cause(.supervisor, by: "sue"))))
    }
}

extension SLAPolicy {
    /// With targets in minutes.
    static func promise(
        _ name: String, _ targets: [(ClockKind, Double)], pausedBy: [Phase] = [.scheduled], calendar: UInt32? = nil,
        warn: [UInt8] = [], actions: [Action] = []
    ) -> SLAPolicy {
        var policy = SLAPolicy(name: name)
        policy.clocks = targets.map { kind, minutes in
            Terms(kind: kind, target: Interval(milliseconds: UInt64(minutes * 60_000)), pausedBy: pausedBy)
        }.sorted { $0.kind.rawValue < $1.kind.rawValue }
        policy.calendar = calendar.map { CalendarID($0) }
        policy.warn = warn
        policy.actions = actions
        return policy
    }
}
