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

    package func answer(to command: CommandID) -> Kept? {
        guard command.instance == instance else { return nil }
        return kept.last { $0.sequence == command.sequence }?.answer
    }
}
