import Routing

/// A ticket's clocks and where its time went, with names in place of numbers.
struct ShownPromises: Encodable {
    struct Clock: Encodable {
        let clock: String
        let state: String
        let started: String
        let targetMilliseconds: UInt64
        /// Counted so far; of a closed ticket, when it was set last.
        let workedMilliseconds: UInt64
        /// Absent while it is paused, or when it stopped in time.
        let due: String?
        /// The step that was taken last: a percentage of the target, 100 for the breach.
        let taken: Int
        let nextStep: String?
        let calendar: String?
        let parts: [Part]
    }
    /// A stretch of the ticket's time after the clock's start.
    struct Part: Encodable {
        let from: String
        let until: String
        let phase: String
        let group: String
        let paused: Bool
        let countedMilliseconds: UInt64
    }
    struct Change: Encodable {
        let at: String
        let clock: String
        let before: String?
        let after: String?
        let dropped: Bool
    }
    let policy: String?
    let clocks: [Clock]
    /// Deadlines that a change of rules, hours, priority or group moved or dropped.
    let changes: [Change]
    /// Milliseconds; their sum is the ticket's life.
    let time: [String: UInt64]
    private let timeInOrder: [(bucket: String, milliseconds: UInt64)]

    enum CodingKeys: CodingKey { case policy, clocks, changes, time }

    init(_ ticket: TicketClocks, _ record: TicketRecord, _ catalog: Catalog) {
        policy = ticket.policy.isEmpty ? nil : ticket.policy
        clocks = ticket.clocks.map { clock in
            let count = record.deadlines.first { $0.kind == clock.kind }
            return Clock(
                clock: "\(clock.kind)", state: "\(clock.state)", started: ShownTicket.words(clock.startedAt),
                targetMilliseconds: clock.target.milliseconds,
                workedMilliseconds: (count?.worked ?? clock.worked).milliseconds, due: clock.due.map(ShownTicket.words),
                taken: Int(clock.fired), nextStep: clock.next.map(ShownTicket.words),
                calendar: count.flatMap { $0.zone.isEmpty ? nil : "\($0.calendar), \($0.zone)" },
                parts: (count?.parts ?? []).map { part in
                    Part(
                        from: ShownTicket.words(part.from), until: ShownTicket.words(part.until),
                        phase: "\(part.phase)", group: catalog.groups.name(part.group.value), paused: part.isPaused,
                        countedMilliseconds: part.worked.milliseconds)
                })
        }
        changes = ticket.changes.map {
            Change(
                at: ShownTicket.words($0.at), clock: "\($0.kind)", before: $0.before.map(ShownTicket.words),
                after: $0.after.map(ShownTicket.words), dropped: $0.isDropped)
        }
        timeInOrder = record.buckets.map { ("\($0.bucket)", $0.time.milliseconds) }
        time = Dictionary(timeInOrder.map { ($0.bucket, $0.milliseconds) }) { first, _ in first }
    }

    /// For `ticket show`.
    var lines: [String] {
        var lines: [String] = []
        if !timeInOrder.isEmpty {
            let all = timeInOrder.reduce(0) { $0 + $1.milliseconds }
            let parts = timeInOrder.map { "\($0.bucket) \(duration($0.milliseconds))" }.joined(separator: ", ")
            lines.append("  time      \(duration(all)): \(parts)")
        }
        if let policy { lines.append("  promise   \(policy)") }
        return lines + clocks.map { "    \(Self.words($0))" }
    }

    private static func words(_ clock: Clock) -> String {
        let progress = "\(duration(clock.workedMilliseconds)) of \(duration(clock.targetMilliseconds))"
        let end: String
        if clock.taken == 100 {
            end = "BROKEN" + (clock.due.map { " at \($0)" } ?? "")
        } else if clock.state == "running" {
            end = clock.due.map { "due \($0)" } ?? "due after the end of its calendar"
        } else {
            end = clock.state
        }
        return "\(clock.clock): \(end), \(progress) counted"
    }

    /// For `explain deadline`.
    func explanation(of ticket: TicketID) -> String {
        guard let policy else { return "ticket \(ticket.value) is under no SLA policy" }
        var lines = ["ticket \(ticket.value) is under the SLA policy \(policy)"]
        for clock in clocks {
            lines.append(
                "\(Self.words(clock))" + (clock.calendar.map { " by the calendar \($0)" } ?? ", every hour counts"))
            lines.append("  started \(clock.started)")
            for part in clock.parts {
                let counted = part.paused ? "paused" : "counts \(duration(part.countedMilliseconds))"
                lines.append("  \(part.from) to \(part.until)  \(part.phase) in \(part.group): \(counted)")
            }
            if let next = clock.nextStep { lines.append("  next step at \(next)") }
        }
        for change in changes {
            let after = change.dropped ? "dropped" : "now \(change.after ?? "open")"
            lines.append("\(change.at) by a change: \(change.clock), was \(change.before ?? "open"), \(after)")
        }
        return lines.joined(separator: "\n")
    }
}
