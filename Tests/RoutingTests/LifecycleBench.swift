@testable import Routing

/// A coordinator with one ticket in a given state, which ana holds or was the last to hold, if anybody did; then one
/// thing happens to it, and what came of it is said as the cells of the table say it.
struct LifecycleBench {
    enum Start: CaseIterable, Sendable {
        case waiting, assigned, pending, resolved, scheduled, quarantined, closed
    }

    private(set) var desk: Desk
    private(set) var ticket = TicketID(0)
    private(set) var epoch = AgentEpoch(0)
    private var epochOfBen = AgentEpoch(0)
    private var keyLast: UInt64 = 100
    /// A second ticket, to merge into and to fill hands with.
    private var other = TicketID(0)

    static let timing: Timing = {
        var timing = Timing.brisk
        timing.attemptsMax = 2
        timing.deathsMax = 2
        timing.lifeMax = .seconds(3600)
        return timing
    }()

    init(_ start: Start, deaths: UInt32 = 0, attempts: UInt32 = 0) {
        desk = Desk(company: Company(people: Desk.people, timing: Self.timing))
        epoch = desk.attach(desk.ana)
        epochOfBen = desk.attach(desk.ben)
        ticket = open(1)
        other = open(2)
        for _ in 0..<deaths {
            _ = assign()
            _ = desk.decide(.detach(desk.ana, epoch))
            desk.live(6_000)
            epoch = desk.attach(desk.ana)
        }
        // With the engineers, so that there is a way up and one down.
        _ = manage(.escalate(to: nil))
        for _ in 0..<attempts { _ = attempt() }
        bring(to: start)
    }

    private mutating func open(_ key: UInt64) -> TicketID {
        let submission = Submission(customer: "c", region: "north")
        let command = Command.Open(
            key: SubmitKey(high: 0, low: key), hash: key, policyVersion: 1,
            classification: Classification(
                group: GroupID(3), priority: 5, signature: Signature([]), rule: "r",
                cost: Cost(active: 1, pending: 0)), submission: submission)
        guard case .opened(let ticket) = desk.decide(.open(command)) else { return TicketID(0) }
        return ticket
    }

    private mutating func bring(to start: Start) {
        switch start {
        case .waiting: break
        case .assigned: _ = assign()
        case .pending:
            _ = assign()
            _ = work(.pause(reason: "", for: .seconds(60)))
        case .resolved:
            _ = assign()
            _ = work(.resolve)
        case .scheduled:
            _ = assign()
            _ = work(.putOff(for: .seconds(60)))
        case .quarantined: for _ in 0..<2 { _ = attempt() }
        case .closed:
            _ = assign()
            _ = manage(.cancel)
        }
    }

    var record: TicketRecord? { desk.core.ledger.tickets[ticket]?.record ?? desk.core.ledger.closed[ticket] }
    var fence: Fence { record?.fence ?? Fence(0) }

    // MARK: - commands

    mutating func manage(_ action: ManageAction, key: UInt64? = nil, note: String = "why not") -> Outcome {
        keyLast += 1
        return desk.decide(
            .manage(
                Command.Manage(
                    ticket: ticket, key: SubmitKey(high: 1, low: key ?? keyLast), action: action,
                    cause: Cause(.supervisor, by: "eva", note: note))))
    }

    mutating func assign(fence: Fence? = nil, id: CommandID? = nil) -> Outcome {
        desk.assign(ticket, fence ?? self.fence, to: desk.ana, epoch, id: id)
    }

    mutating func work(_ action: WorkAction, fence: Fence? = nil, id: CommandID? = nil) -> Outcome {
        desk.work(action, ticket, fence ?? self.fence, by: desk.ana, epoch, id: id)
    }

    /// By somebody who never had it.
    mutating func workAsBen(_ action: WorkAction) -> Outcome {
        desk.work(action, ticket, fence, by: desk.ben, epochOfBen)
    }

    mutating func attempt(fence: Fence? = nil) -> Outcome {
        let attempted = Command.Attempted(
            ticket: ticket, fence: fence ?? self.fence, agent: desk.ana, end: .declined, reason: "")
        return desk.decide(.attempted(attempted))
    }

    /// With the fence before, if there was one.
    var olderFence: Fence { Fence(fence.value - 1) }

    func action(_ name: String) -> ManageAction? {
        switch name.split(separator: ",")[0] {
        case "write": .write(text: "hello")
        case "cancel": .cancel
        case "reopen": .reopen
        case "merge": .merge(into: other)
        case "schedule": .schedule(in: .seconds(60))
        case "callback": .callback(contact: "+46 8 1")
        case "requeue": .requeue
        case "assign": .assign("ben")
        case "transfer": .transfer(to: "vendors")
        case "escalate": .escalate(to: nil)
        case "release": .release
        case "setPriority": .setPriority(9)
        case "close": .close
        default: nil
        }
    }

    static let works: [String: WorkAction] = [
        "reply": .reply(text: "hello"), "note": .note(text: "hm"), "pause": .pause(reason: "customer"),
        "resume": .resume, "escalate": .escalate(to: nil, reason: "hard"), "sendDown": .sendDown(to: nil),
        "transfer": .transfer(to: "vendors"), "handOver": .handOver(to: "ben"), "handOut": .handOut(to: "a dealer"),
        "putOff": .putOff(for: .seconds(60)), "giveBack": .giveBack(), "resolve": .resolve,
    ]

    /// As the row's name says beside the action: what is so of ana.
    mutating func prepare(_ name: String) {
        if name.hasSuffix("holder full") {
            _ = desk.assign(other, Fence(1), to: desk.ana, epoch)
        } else if name.hasSuffix("holder away") {
            _ = desk.decide(.detach(desk.ana, epoch))
        }
    }

    // MARK: - timers

    /// False when there is no such timer.
    mutating func fire(_ timer: String) -> Bool {
        let now = Desk.time(desk.now)
        switch timer.split(separator: ",")[0] {
        case "grace":
            _ = desk.decide(.detach(desk.ana, epoch))
            desk.live(6_000)
        case "pause":
            desk.core.endPause(of: ticket, &desk.effects)
        case "reopen window": desk.core.closeResolved(ticket, &desk.effects)
        case "start": desk.core.start(ticket, at: now, &desk.effects)
        case "maximum life": desk.core.endLives(at: now, &desk.effects)
        default: return false
        }
        return true
    }

    /// Lets the time come without what would come with it.
    mutating func wait(for timer: String) {
        switch timer {
        case "start", "pause": desk.now += 60_000
        case "reopen window": desk.now += 10_000
        case "maximum life": desk.now += 3_600_000
        default: break
        }
        desk.step(.diskChanged(isNearlyFull: false))
    }
}

extension LifecycleBench {
    /// The letter of the table.
    static func letter(_ state: TicketState?) -> String {
        switch state {
        case .waiting?: "w"
        case .assigned?: "a"
        case .pending?: "p"
        case .resolved?: "r"
        case .scheduled?: "s"
        case .quarantined?: "q"
        case .closed?: "c"
        case nil: "?"
        }
    }

    /// What the cell should say, after `happen`, which gives an outcome or, for a timer, nil.
    mutating func cell(_ happen: (inout LifecycleBench) -> Outcome?) -> String {
        let before = record
        let lsn = desk.core.ledger.lsn
        let outcome = happen(&self)
        guard let before, let after = record else { return "no ticket" }
        let rise = after.fence.value - before.fence.value
        let isSame = after.state == before.state && rise == 0
        switch outcome {
        case .refused(let refusal)?: return desk.core.ledger.lsn == lsn ? "\(refusal)" : "\(refusal) with a record"
        case .done(let fence)? where fence != after.fence: return "answered with \(fence.value)"
        case .assigned(let assignment)? where assignment.fence != after.fence: return "answered with another fence"
        case .done?, .assigned?, nil: break
        case let other?: return "answered with \(other)"
        }
        if isSame { return outcome == nil ? "-" : "=" }
        return Self.letter(after.state) + (rise == 0 ? "" : rise == 1 ? "+" : "+\(rise)")
    }
}
