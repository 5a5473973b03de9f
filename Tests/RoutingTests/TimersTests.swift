import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("the coordinator's timers") struct TimersTests {
    @Test(
        "each reason is armed once: arming it anew moves it, disarming takes it away, as in a list", arguments: 1...10)
    func list(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var timers = Timers(at: 1000)
        var armed: [Timers.Reason: UInt64] = [:]
        var now: UInt64 = 1000
        for _ in 0..<800 {
            let ticket = TicketID(UInt64(1 + random.below(20)))
            let reason = random.pick([
                Timers.Reason.clocks(ticket), .review(ticket), .term(ticket), .grace(AgentID(3)), .lives, .hours,
                .reviewGroups,
            ])
            let due = random.chance(1, of: 4) ? nil : now + UInt64(random.below(5000))
            timers.arm(reason, due: due)
            armed[reason] = due
            #expect(timers.due(reason) == due)
            #expect(timers.count == armed.count)
            guard random.chance(1, of: 5) else { continue }
            now += UInt64(random.below(2000))
            var work = 1000
            var out: [UInt64] = []
            while let reason = timers.popDue(at: now, work: &work) {
                out.append(armed[reason] ?? 0)
                armed[reason] = nil
                #expect(timers.due(reason) == nil)
            }
            #expect(out == out.sorted() && out.allSatisfy { $0 > 0 && $0 <= now })
            #expect(armed.values.allSatisfy { $0 > now })
        }
    }

    @Test("after an outage all that is overdue comes in order of its time, whatever it is and whichever ticket's")
    func overdue() {
        var slow = SLAPolicy.promise("slow", [(.resolution, 50)])
        slow.priorityMin = 8
        var desk = PromiseDesk([slow, .promise("quick", [(.resolution, 20)])])
        // A long promise, a short one, a start before both and one between them.
        let (long, short) = (desk.open(priority: 9), desk.open())
        let (early, middle) = (desk.open(sla: "slow"), desk.open(sla: "slow"))
        desk.manage(.schedule(in: .seconds(600)), early)
        desk.manage(.schedule(in: .seconds(1800)), middle)
        desk.run(to: 5)
        let known = desk.journal.count
        desk.restart(at: 45)
        for _ in 0..<5 { desk.turn() }
        let happened = desk.journal.dropFirst(known).compactMap { entry -> TicketID? in
            switch entry.record {
            case .clockFired(let fired): fired.ticket
            case .moved(let moved): moved.ticket
            default: nil
            }
        }
        #expect(happened == [early, short, middle])
        desk.run(to: 50)
        #expect(desk.fired.map(\.ticket) == [short, long])
    }
}
