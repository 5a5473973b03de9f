import Node
package import Routing

/// One run of a world from its seed to its judgement.
package struct Run: Sendable {
    package let options: Options
    package let faults: [Fault]
    /// Empty when every promise was kept.
    package let wrong: [String]
    package let digest: UInt64
    package let steps: UInt64
    package let effort: Effort
    /// Virtual milliseconds.
    package let time: UInt64
    package let ticketsClosed: Int

    /// After all is done, so long is waited for what should not come any more.
    private static let restTime: UInt64 = 15_000

    /// Works, with faults; heals; and demands that everything comes to an end in time. For one who only wants to know
    /// whether a checker complains at all, it ends a second after the first that does.
    package init(
        _ options: Options, faults: [Fault]? = nil, flaws: Flaws = .none,
        trace: WorldTrace? = nil, checkers: [any Checker] = Checkers.all(), endsEarly: Bool = false
    ) throws {
        let world = try World(options, faults: faults, flaws: flaws, checkers: checkers, trace: trace)
        let isOver = endsEarly && world.runUntilWrong(for: options.workTime + 6_000)
        if !endsEarly { world.run(for: options.workTime + 6_000) }
        if !isOver { Self.end(world, healTime: options.healTime) }
        self.options = options
        self.faults = world.faults
        wrong = world.wrong
        digest = world.digest.value
        steps = world.steps
        effort = world.effort
        time = world.time
        ticketsClosed = Int(world.withCoordinator { $0.ledger.ticketsClosed } ?? 0)
    }
}

extension Run {
    /// Heals the world, and waits until all is done.
    private static func end(_ world: World, healTime: UInt64) {
        world.heal()
        var isDone = false
        for turn in 0..<max(1, healTime / 10_000) where !isDone {
            if turn > 0 { world.releaseQuarantined() }
            isDone = world.run(atMost: 10_000) { world.isDone }
        }
        if !isDone { world.note("after the heal: \(world.unfinished)") }
        world.run(for: restTime)
        world.finish(isDone: isDone)
    }
}

extension World {
    /// True when a checker has complained, which is looked at once a second.
    fileprivate func runUntilWrong(for milliseconds: UInt64) -> Bool {
        for _ in 0..<milliseconds / 1_000 {
            run(for: 1_000)
            if checkers.contains(where: { !$0.wrong.isEmpty }) { return true }
        }
        return false
    }

    /// Whether every ticket that was accepted has closed, and everybody has his answer.
    var isDone: Bool {
        // Not by the records that were told: what a power cut interrupted may be durable and was told to nobody.
        guard withCoordinator({ $0.ledger.tickets.count }) == 0 else { return false }
        return submissions.allSatisfy { $0.ticket != nil || $0.isGivenUp }
            && managed.allSatisfy { $0?.isAnswered ?? false }
    }

    var unfinished: String {
        let known = withCoordinator { core in
            core.ledger.tickets.all.map { ticket in
                "\(ticket.id.value) \(ticket.state) in \(core.policy.group(ticket.group)?.name ?? "?")"
            }
        }
        guard let open = known else { return "no coordinator" }
        let unheard = submissions.indices.filter { submissions[$0].ticket == nil && !submissions[$0].isGivenUp }
        let unanswered = managed.indices.filter { !(managed[$0]?.isAnswered ?? false) }
        return "\(open.count) open \(open.prefix(6)), unheard \(unheard.prefix(6)), unanswered \(unanswered.prefix(6))"
    }

    func finish(isDone: Bool) {
        tell(.ended(isDone: isDone))
        for index in checkers.indices { checkers[index].finish(self) }
    }
}
