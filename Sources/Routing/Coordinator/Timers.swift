/// What is due when, each timer by what it is for: arming it anew moves it, and what is over is disarmed. So there are
/// never more timers than reasons, whatever happened before.
struct Timers: Sendable {
    enum Reason: Hashable, Sendable {
        /// The next step of a ticket's clocks.
        case clocks(TicketID)
        /// A time that a step of its group names, while it waits there.
        case review(TicketID)
        /// Where its state ends by itself: its start, the end of its pause, of the time in which it may be reopened.
        case term(TicketID)
        /// An agent who has vanished is waited for no longer.
        case grace(AgentID)
        /// Lives that end, once a minute.
        case lives
        /// Somebody's hours begin or end.
        case hours
        /// Tickets of groups that changed are still to be looked at.
        case reviewGroups
    }

    private var wheel: TimingWheel
    /// By the handle's place.
    private var codes: [Code] = []
    private var handles = Shards<Code, TimingWheel.Handle>()

    init(at position: UInt64) { wheel = TimingWheel(at: position) }

    var count: Int { wheel.count }
    /// When the wheel is to be turned again, at the latest.
    var next: UInt64? { wheel.next }

    func due(_ reason: Reason) -> UInt64? { handles[Code(reason)].map { wheel.due($0) } }

    /// In the ledger's time; nil disarms.
    mutating func arm(_ reason: Reason, at due: WallTime?) { arm(reason, due: due?.milliseconds) }

    /// Nil disarms.
    mutating func arm(_ reason: Reason, due: UInt64?) {
        let code = Code(reason)
        if let handle = handles[code] {
            if wheel.due(handle) == due { return }
            wheel.cancel(handle)
            if due == nil { handles[code] = nil }
        }
        guard let due else { return }
        let handle = wheel.arm(due: due)
        let place = TimingWheel.place(handle)
        if place == codes.count { codes.append(code) } else { codes[place] = code }
        handles[code] = handle
    }

    /// The next one that is due at `now`, disarmed; nil when there is none, or when `work` is used up.
    mutating func popDue(at now: UInt64, work: inout Int) -> Reason? {
        guard let handle = wheel.popDue(at: now, work: &work) else { return nil }
        let code = codes[TimingWheel.place(handle)]
        handles[code] = nil
        return code.reason
    }
}

/// A reason in eight bytes.
private struct Code: Sharded {
    private let value: UInt64

    init(_ reason: Timers.Reason) {
        value =
            switch reason {
            case .clocks(let ticket): ticket.value << 3
            case .review(let ticket): ticket.value << 3 | 1
            case .term(let ticket): ticket.value << 3 | 2
            case .grace(let agent): UInt64(agent.value) << 3 | 3
            case .lives: 4
            case .hours: 5
            case .reviewGroups: 6
            }
    }

    var reason: Timers.Reason {
        switch value & 7 {
        case 0: .clocks(TicketID(value >> 3))
        case 1: .review(TicketID(value >> 3))
        case 2: .term(TicketID(value >> 3))
        case 3: .grace(AgentID(UInt32(value >> 3)))
        case 4: .lives
        case 5: .hours
        default: .reviewGroups
        }
    }

    /// Tickets are numbered; the multiplier is that of Fibonacci hashing (Knuth, 6.4).
    var spread: UInt64 { value &* 0x9e37_79b9_7f4a_7c15 }
}

/// Two wheels: `timers` turn with the ledger's own time, in which everything about a ticket is counted, so that a clock
/// on the wall that jumps has no part in them until it is believed; `delays` with the clock that never jumps.
extension Coordinator {
    /// When something is due next, as of now.
    var earliestDeadline: Instant? {
        if recount.next != nil { return Instant(milliseconds: 0) }
        var first = members.nextDeadline
        if let next = delays.next.map({ Instant(milliseconds: $0) }) { first = min(first ?? next, next) }
        if let due = timers.next {
            let next = wallClock.instant(of: WallTime(milliseconds: due))
            first = min(first ?? next, next)
        }
        return first
    }

    /// Whether something is due that has not fired yet.
    var isLate: Bool { timers.next.map { $0 <= time.milliseconds } ?? false }

    /// What is due fires before commands, earliest first; after a long absence, or when many groups open at nine, in
    /// lots: what is left follows in the next turns.
    mutating func fireDue(at now: Now, _ effects: inout [Effect]) {
        var left = points.bound(Limits.timersPerTurnMax, .fewTimers)
        var clocks = points.bound(Limits.clocksPerTurnMax, .fewTimers)
        var work = Limits.timerWorkPerTurnMax
        while left > 0, clocks > 0, let reason = timers.popDue(at: time.milliseconds, work: &work) {
            left -= 1
            if case .clocks = reason { clocks -= 1 }
            fire(reason, at: now, &effects)
        }
        while left > 0, let reason = delays.popDue(at: now.instant.milliseconds, work: &work) {
            left -= 1
            fire(reason, at: now, &effects)
        }
    }

    private mutating func fire(_ reason: Timers.Reason, at now: Now, _ effects: inout [Effect]) {
        switch reason {
        case .clocks(let id): fireClocks(of: id, at: now, &effects)
        case .review(let id): review(id, .later, at: now, &effects)
        case .term(let id): endTerm(of: id, at: now, &effects)
        case .grace(let agent): members.gracesDue.append(agent)
        case .lives: endLives(at: now, &effects)
        case .hours: changeHours()
        // It was armed for the turn alone: its end looks at the groups.
        case .reviewGroups: break
        }
    }
}
