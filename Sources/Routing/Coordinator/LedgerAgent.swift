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
    private var kept: [(sequence: UInt64, answer: Kept)] = []

    package init() {}

    package static func == (a: LedgerAgent, b: LedgerAgent) -> Bool {
        a.presence == b.presence && a.epoch == b.epoch && a.work == b.work && a.instance == b.instance
            && a.kept.map(\.sequence) == b.kept.map(\.sequence) && a.kept.map(\.answer) == b.kept.map(\.answer)
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
        kept.append((command.sequence, answer))
    }

    package func answer(to command: CommandID) -> Kept? {
        guard command.instance == instance else { return nil }
        return kept.last { $0.sequence == command.sequence }?.answer
    }
}
