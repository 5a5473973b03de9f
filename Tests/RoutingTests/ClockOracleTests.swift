import Testing

import struct Simulation.ClockOracle
import struct Simulation.SplitMix64

@testable import Routing

/// Random lives of tickets under random promises; after each turn the ledger's clocks are compared with the oracle's.
private struct RandomLives {
    var desk: PromiseDesk
    var oracle: ClockOracle
    var random: SplitMix64
    var slas: [SLAPolicy] = []
    var calendars: [Hours] = []
    var ids: [TicketID] = []
    private var read = 0
    /// When a ticket's clocks were set last: a promise that is owed already when it is made is broken at once.
    private var setAt: [TicketID: WallTime] = [:]
    private(set) var compared = 0
    private(set) var firedCount = 0

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        desk = PromiseDesk([])
        oracle = ClockOracle([], [], vendors: [GroupID(2)])
        adopt()
    }

    mutating func adopt() {
        calendars = (0..<2).map { _ in
            var edges: [Double] = []
            var at = Double(random.below(60))
            for _ in 0..<(2 * (20 + random.below(60))) {
                edges.append(at)
                at += Double(1 + random.below(150))
            }
            return PromiseDesk.hours(edges)
        }
        slas = (0..<3).map { index in
            let kinds = ClockKind.allCases.filter { _ in random.chance(2, of: 3) }
            let pauses: [Phase] = [.customer, .hold, .scheduled, .quarantined, .queue].filter { _ in
                random.chance(1, of: 2)
            }
            let targets = (kinds.isEmpty ? [.resolution] : kinds).map { ($0, Double(1 + random.below(400))) }
            let actions: [SLAPolicy.Action] =
                random.chance(1, of: 2)
                ? [
                    SLAPolicy.Action(percent: 50, operations: [.raise(1)]),
                    SLAPolicy.Action(percent: 100, operations: [.escalate(nil), .alert]),
                ] : []
            var sla = SLAPolicy.promise(
                "p\(index)", targets, pausedBy: pauses, calendar: random.chance(1, of: 2) ? UInt32(index % 2) : nil,
                warn: random.pick([[], [50], [50, 80]]), actions: actions)
            if index == 0 { sla.priorityMin = 7 }
            if index == 1 { sla.groups = [GroupID(3), GroupID(2)] }
            return sla
        }
        desk.adopt(slas, calendars: calendars)
        oracle.slas = slas
        oracle.calendars = calendars
    }

    mutating func act() {
        guard let id = ids.isEmpty || random.chance(1, of: 8) ? nil : random.pick(ids) else {
            return ids.append(
                desk.open(
                    group: UInt32(random.below(4)), priority: Priority(random.below(10)),
                    sla: random.chance(1, of: 6) ? "p2" : ""))
        }
        switch random.below(16) {
        case 0...2: desk.assign(id)
        case 3, 4: desk.work(.reply(text: "a"), id)
        case 5: desk.work(.pause(reason: "", kind: random.chance(1, of: 2) ? .customer : .hold), id)
        case 6: desk.work(.resume, id)
        case 7: desk.work(.resolve, id)
        case 8: desk.manage(.reopen, id)
        case 9, 10: desk.manage(.write(text: "b"), id)
        case 11: desk.manage(.transfer(to: random.pick(["hq-agents", "vendors", "north-agents"])), id)
        case 12: desk.manage(.setPriority(Priority(random.below(10))), id)
        case 13: desk.manage(.schedule(in: .seconds(UInt64(random.below(20_000)))), id)
        case 14: desk.work(.giveBack(), id)
        default: if random.chance(1, of: 3) { desk.manage(.cancel, id) }
        }
    }

    /// The records since the last time; each fire must be of the clock, at the time and as late as the oracle says.
    mutating func learn() {
        let journal = desk.desk.effects
        for effect in journal[read...] {
            guard case .journal(_, let wall, let record) = effect else { continue }
            guard case .clockFired(let fired) = record else {
                oracle.read(record, at: wall)
                if case .clocksSet(let set) = record { setAt[set.ticket] = wall }
                continue
            }
            firedCount += 1
            #expect(fired.due <= wall && fired.late == wall.since(fired.due), "as late as it says, and never early")
            let owed = max(fired.due, setAt[fired.ticket] ?? fired.due)
            #expect(wall.since(owed) < .seconds(1) || isOutage, "the coordinator lived")
            let expected = oracle.expected(fired.ticket, at: wall).first { $0.kind == fired.kind }
            // What it set off is in the journal after it, so the oracle is still where the coordinator was.
            #expect(expected?.fired == fired.percent, "\(fired)")
            if fired.percent == 100 { #expect(expected?.due == fired.due.milliseconds) }
        }
        read = journal.count
    }

    var isOutage = false

    mutating func compare() {
        learn()
        let now = desk.desk.core.time
        for ticket in desk.desk.core.ledger.tickets.all {
            let actual = ticket.clocks.clocks.map {
                ClockOracle.Expected(
                    kind: $0.kind, state: $0.state, startedAt: $0.startedAt.milliseconds, due: $0.due?.milliseconds,
                    fired: $0.fired)
            }
            let expected = oracle.expected(ticket.id, at: now)
            #expect(actual == expected, "ticket \(ticket.id.value)")
            let sum = ticket.clocks.buckets(at: now, desk.desk.core.policy).reduce(UInt64(0)) {
                $0 + $1.time.milliseconds
            }
            #expect(sum == ticket.clocks.life(at: now).milliseconds)
            compared += actual.count
        }
    }
}

@Suite("the oracle of clocks") struct ClockOracleTests {
    @Test(
        "every deadline and every fire of a random history is what its records alone say, and every second has a place",
        arguments: 1...12)
    func histories(seed: UInt64) {
        var lives = RandomLives(seed: seed)
        for round in 0..<120 {
            for _ in 0..<lives.random.below(4) { lives.act() }
            let minutes = lives.random.chance(1, of: 4) ? 200.0 : 8
            let end = lives.desk.minutes + Double(lives.random.below(1000)) * minutes / 1000
            if round % 40 == 39 {
                lives.compare()
                lives.isOutage = true
                lives.desk.restart(at: end)
                for _ in 0..<8 { lives.desk.turn() }
                lives.learn()
                lives.isOutage = false
            } else {
                lives.desk.run(to: end)
            }
            lives.compare()
            if round % 50 == 49 {
                lives.adopt()
                lives.isOutage = true
                lives.desk.run(to: lives.desk.minutes)
                lives.learn()
                lives.isOutage = false
                lives.compare()
            }
        }
        #expect(lives.compared > 500 && lives.firedCount > 20)
        #expect(lives.desk.replayed.tickets.all == lives.desk.desk.core.ledger.tickets.all)
    }
}
