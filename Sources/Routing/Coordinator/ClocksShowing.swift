/// What people ask about clocks.
extension Coordinator {
    /// The ticket as the ledger has it, with its time added up and its deadlines explained.
    func explained(_ ticket: LedgerTicket) -> TicketRecord {
        var record = ticket.record
        record.buckets = ticket.clocks.buckets(at: time, policy).map { BucketTime(bucket: $0.bucket, time: $0.time) }
        guard let sla = policy.slas.first(where: { $0.name == ticket.clocks.policy }) else { return record }
        let hours = policy.hours(sla.calendar)
        record.deadlines = ticket.clocks.clocks.compactMap { clock in
            guard let terms = sla.clocks.first(where: { $0.kind == clock.kind }),
                let count = ClockCount(terms, of: ticket.clocks, policy, hours)
            else { return nil }
            return DeadlineCount(
                kind: clock.kind, calendar: hours.name, zone: hours.zone, worked: count.worked(at: time), at: time,
                parts: count.parts(until: time).map { part in
                    DeadlineCount.Part(
                        from: part.from, until: part.until, phase: part.span.phase, group: part.span.group,
                        isPaused: part.isPaused, worked: part.worked)
                })
        }
        return record
    }

    /// What runs out within `Limits.atRiskWithin`: counted by group, the first ones by name.
    var atRisk: ClusterStatus.AtRisk {
        var risk = ClusterStatus.AtRisk()
        let end = time + Limits.atRiskWithin
        risk.first = risks.first(Limits.atRiskNamedMax, after: time, until: end).compactMap { row in
            guard let ticket = ledger.tickets[row.ticket], let clock = ticket.clocks.nextDue else { return nil }
            return ClusterStatus.AtRisk.Row(ticket: row.ticket, group: ticket.group, kind: clock.kind, due: row.due)
        }
        let counts = risks.counts(after: time, until: end) { ledger.tickets[$0]?.group }
        for (group, count) in counts.sorted(by: { $0.key < $1.key }) {
            risk.groupIDs.append(group)
            risk.counts.append(count)
        }
        return risk
    }
}

/// How a clock came to its deadline: each part of the ticket's life since its start, and what of it counted.
package struct DeadlineCount: Equatable, Sendable {
    package struct Part: Equatable, Sendable {
        package let from: WallTime
        package let until: WallTime
        package let phase: Phase
        package let group: GroupID
        package let isPaused: Bool
        package let worked: Interval
        package init(
            from: WallTime, until: WallTime, phase: Phase, group: GroupID, isPaused: Bool, worked: Interval
        ) {
            self.from = from
            self.until = until
            self.phase = phase
            self.group = group
            self.isPaused = isPaused
            self.worked = worked
        }
    }
    package let kind: ClockKind
    package let calendar: String
    package let zone: String
    package let worked: Interval
    package let at: WallTime
    package let parts: [Part]
    package init(kind: ClockKind, calendar: String, zone: String, worked: Interval, at: WallTime, parts: [Part]) {
        self.kind = kind
        self.calendar = calendar
        self.zone = zone
        self.worked = worked
        self.at = at
        self.parts = parts
    }
}

/// A part of a ticket's life.
package struct BucketTime: Equatable, Sendable {
    package let bucket: Bucket
    package let time: Interval
    package init(bucket: Bucket, time: Interval) {
        self.bucket = bucket
        self.time = time
    }
}
