/// What made something happen to a ticket: told apart in its history, in `status` and in every report.
package enum Trigger: UInt8, Sendable, CaseIterable {
    /// A person: the agent who holds it, a supervisor, the customer.
    case agent = 1
    case supervisor = 2
    case customer = 3
    /// It waited for so long itself.
    case waited = 4
    /// When it came, it was expected to wait for so long.
    case predictedWait = 5
    /// When it came, so many were waiting.
    case length = 6
    /// Nobody of the group is on duty: attached, and ready to take offers or busy with one.
    case nobodyOnDuty = 7
    /// The group's hours are over.
    case closed = 8
    /// So many agents declined it or let it pass.
    case attempts = 9
    /// So many holders vanished with it.
    case deaths = 10
    /// A time that was set has come: a start, the end of a pause, the end of a life.
    case time = 11
    /// What made it spill over is over.
    case recovered = 12
    /// The company's rules changed under it.
    case policy = 13
    /// The cluster moved it about so often by itself that a person must look.
    case hops = 14
    /// A step of one of its clocks has come.
    case sla = 15
}

/// Who is told of a ticket, besides the operators.
package enum Audience: Hashable, Sendable {
    /// The lead of the ticket's group.
    case lead(AgentID)
    /// Whoever follows what is told under that name.
    case topic(String)
}

/// Who asked for something and why; kept with the ticket.
package struct Cause: Hashable, Sendable {
    package let trigger: Trigger
    /// The supervisor's or customer's own name; empty for agents, whom the history names, and for the cluster.
    package let by: String
    /// The reason given, or the note of the group's step; `Limits.noteBytesMax` at most.
    package let note: String
    package init(_ trigger: Trigger, by: String = "", note: String = "") {
        self.trigger = trigger
        self.by = by
        self.note = note
    }

    /// The beginning of a text that was written, as a note: `Limits.noteBytesMax` at most. Nil for an empty one.
    package static func excerpt(_ trigger: Trigger, by: String = "", of text: String) -> Cause? {
        if text.isEmpty { return nil }
        if text.utf8.count <= Limits.noteBytesMax { return Cause(trigger, by: by, note: text) }
        var end = text.utf8.index(text.startIndex, offsetBy: Limits.noteBytesMax - 3)
        while end > text.startIndex, end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
        return Cause(trigger, by: by, note: text[..<end] + "...")
    }
}
