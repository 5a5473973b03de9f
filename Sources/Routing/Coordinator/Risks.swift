/// Which promises run out first: so that who asks what is at risk is answered without a look at every ticket.
struct Risks: Sendable {
    /// The first deadline of a ticket's running clocks, and where the ticket is.
    struct Risk: Equatable, Sendable {
        let due: WallTime
        let group: GroupID
    }
    struct Row: Comparable, Sendable {
        let due: WallTime
        let ticket: TicketID
        static func < (a: Row, b: Row) -> Bool { (a.due, a.ticket) < (b.due, b.ticket) }
    }

    private var rows = SortedChunks<Row>()
    /// How many of each group run out in each minute.
    private var minutes: [UInt64: [GroupID: UInt32]] = [:]

    mutating func change(_ ticket: TicketID, from before: Risk?, to after: Risk?) {
        if before == after { return }
        if let before {
            rows.remove(Row(due: before.due, ticket: ticket))
            add(before, nil)
        }
        if let after {
            rows.insert(Row(due: after.due, ticket: ticket))
            add(after, 1)
        }
    }

    /// One more, or one less.
    private mutating func add(_ risk: Risk, _ one: UInt32?) {
        let minute = risk.due.milliseconds / 60_000
        var groups = minutes[minute] ?? [:]
        let count = groups[risk.group] ?? 0
        groups[risk.group] = one.map { count + $0 } ?? (count > 1 ? count - 1 : nil)
        minutes[minute] = groups.isEmpty ? nil : groups
    }

    /// The first of those that run out after `start` and by `end`.
    func first(_ most: Int, after start: WallTime, until end: WallTime) -> [Row] {
        let rows = rows.elements(after: Row(due: start, ticket: TicketID(.max)), atMost: most)
        return Array(rows.prefix { $0.due <= end })
    }

    /// How many of each group run out after `start` and by `end`: whole minutes are counted as such, those at both ends
    /// ticket by ticket. `group` says where a ticket is.
    func counts(after start: WallTime, until end: WallTime, _ group: (TicketID) -> GroupID?) -> [GroupID: UInt32] {
        var counts: [GroupID: UInt32] = [:]
        let (first, last) = (start.milliseconds / 60_000 + 1, end.milliseconds / 60_000)
        func add(after start: WallTime, until end: WallTime) {
            for row in self.first(.max, after: start, until: end) {
                if let group = group(row.ticket) { counts[group, default: 0] += 1 }
            }
        }
        guard first <= last else {
            add(after: start, until: end)
            return counts
        }
        add(after: start, until: WallTime(milliseconds: first * 60_000 - 1))
        for minute in first..<last {
            for (group, count) in minutes[minute] ?? [:] { counts[group, default: 0] += count }
        }
        add(after: WallTime(milliseconds: last * 60_000 - 1), until: end)
        return counts
    }
}

extension LedgerTicket {
    var risk: Risks.Risk? {
        clocks.nextDue.flatMap { clock in clock.due.map { Risks.Risk(due: $0, group: group) } }
    }
}
