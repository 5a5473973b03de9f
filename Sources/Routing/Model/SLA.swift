/// What is promised for tickets of some kind: the targets of clocks, by which hours they are counted, what does not
/// count, and what is done as they run out.
package struct SLAPolicy: Equatable, Sendable {
    /// One clock's part of it.
    package struct Terms: Equatable, Sendable {
        package let kind: ClockKind
        package let target: Interval
        /// Phases that are not counted; `resolved` never is.
        package let pausedBy: [Phase]
        package init(kind: ClockKind, target: Interval, pausedBy: [Phase] = [.scheduled]) {
            self.kind = kind
            self.target = target
            self.pausedBy = pausedBy
        }
    }
    /// What is done when a clock has come so far.
    package struct Action: Equatable, Sendable {
        /// Of the target; 100 is the breach.
        package let percent: UInt8
        package let operations: [StepOperation]
        package init(percent: UInt8, operations: [StepOperation]) {
            self.percent = percent
            self.operations = operations
        }
    }

    package let name: String
    /// A ticket must have one of each list that is not empty, and this priority or a higher one.
    package var segments: [String] = []
    package var channels: [String] = []
    package var groups: [GroupID] = []
    package var priorityMin: Priority = 0
    /// Only for tickets whose rule names it: it is found by no other feature.
    package var isNamedOnly = false
    /// Nil counts every hour.
    package var calendar: CalendarID?
    /// One of a kind, in order of the kinds.
    package var clocks: [Terms] = []
    /// Percents of the target at which a warning is given, rising, 1...99.
    package var warn: [UInt8] = []
    package var actions: [Action] = []

    package init(name: String) { self.name = name }

    /// The warnings, and the breach.
    var steps: [UInt8] { warn + [100] }

    func operations(at percent: UInt8) -> [StepOperation] {
        actions.first { $0.percent == percent }?.operations ?? []
    }

    fileprivate func holds(for ticket: LedgerTicket) -> Bool {
        !isNamedOnly && ticket.priority >= priorityMin
            && (segments.isEmpty || segments.contains(ticket.said.segment))
            && (channels.isEmpty || channels.contains(ticket.channel))
            && (groups.isEmpty || groups.contains(ticket.group))
    }
}

extension Policy {
    /// The SLA policy that the ticket's rule names; else the first that holds for it as it is now.
    package func sla(for ticket: LedgerTicket) -> SLAPolicy? {
        if !ticket.sla.isEmpty, let named = slas.first(where: { $0.name == ticket.sla }) { return named }
        return slas.first { $0.holds(for: ticket) }
    }
}
