/// An agent's row in the ledger: where his session is, what he holds, what he was last answered.
package struct LedgerAgent: Equatable, Sendable {
    package enum Presence: Equatable, Sendable {
        /// Nobody speaks for him, and his tickets have gone back.
        case offline
        case attached(Incarnation)
        /// His session is over; his tickets wait for him until his grace ends.
        case inGrace(since: WallTime)
    }

    /// What a repeat of a command is answered.
    package enum Kept: Equatable, Sendable {
        case assigned(TicketID, Fence)
        case done(Fence)
    }

    package var presence = Presence.offline
    package private(set) var epoch = AgentEpoch(0)
    /// In the order in which he got them.
    package var work: [TicketID] = []
    package private(set) var instance = ClientInstance(0)
    /// The oldest first; `Limits.commandsKeptPerAgent`.
    package private(set) var kept: [Answer] = []

    /// An answer with the number of the command.
    package struct Answer: Equatable, Sendable {
        package let sequence: UInt64
        package let answer: Kept
        package init(sequence: UInt64, answer: Kept) {
            self.sequence = sequence
            self.answer = answer
        }
    }

    package init() {}

    /// As a snapshot has it.
    package init(
        presence: Presence, epoch: AgentEpoch, work: [TicketID], instance: ClientInstance, kept: [Answer]
    ) {
        self.presence = presence
        self.epoch = epoch
        self.work = work
        self.instance = instance
        self.kept = kept
    }

    mutating func attach(_ epoch: AgentEpoch, to home: Incarnation, _ instance: ClientInstance) {
        invariant(epoch > self.epoch, "agent epochs rise")
        self.epoch = epoch
        presence = .attached(home)
        if instance != self.instance {
            self.instance = instance
            kept = []
        }
    }

    mutating func detach(at wall: WallTime) { presence = .inGrace(since: wall) }

    mutating func keep(_ answer: Kept, for command: CommandID) {
        guard command.instance == instance else { return }
        if kept.count == Limits.commandsKeptPerAgent { kept.removeFirst() }
        kept.append(Answer(sequence: command.sequence, answer: answer))
    }

    /// Holds the ticket no more; one that he does not hold changes nothing.
    mutating func letGo(of ticket: TicketID) {
        if let place = Self.lastPlace(of: ticket, in: work.span) { work.remove(at: place) }
    }

    /// The newest are looked at first, eight at a time: without a branch for each, hundreds of them cost little.
    private static func lastPlace(of ticket: TicketID, in work: Span<TicketID>) -> Int? {
        var end = work.count
        while end >= 8 {
            let block = work.extracting(end - 8..<end)
            var found = 0
            for place in 0..<8 { found += block[place] == ticket ? 1 : 0 }
            if found > 0 { break }
            end -= 8
        }
        while end > 0 {
            end -= 1
            if work[end] == ticket { return end }
        }
        return nil
    }

    package func answer(to command: CommandID) -> Kept? {
        guard command.instance == instance else { return nil }
        return kept.last { $0.sequence == command.sequence }?.answer
    }
}
