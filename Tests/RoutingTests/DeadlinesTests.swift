import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("deadlines") struct DeadlinesTests {
    @Test("timers come out by due time, and in the order of arming where that is equal (twin: a sorted array)")
    func sameAsSorting() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<50 {
            var deadlines = Deadlines<Int>()
            var twin: [(due: UInt64, order: Int)] = []
            for order in 0..<random.below(200) {
                let due = random.below(50) as UInt64
                deadlines.arm(order, due: due)
                twin.append((due, order))
            }
            twin.sort { $0.due != $1.due ? $0.due < $1.due : $0.order < $1.order }
            var out: [Int] = []
            while let timer = deadlines.popDue(at: 1000) { out.append(timer) }
            #expect(out == twin.map(\.order))
        }
    }

    @Test("nothing comes before it is due")
    func notEarly() {
        var deadlines = Deadlines<String>()
        deadlines.arm("b", due: 20)
        deadlines.arm("a", due: 10)
        #expect(deadlines.next == 10)
        #expect(deadlines.popDue(at: 9) == nil)
        #expect(deadlines.popDue(at: 10) == "a")
        #expect(deadlines.popDue(at: 19) == nil)
        #expect(deadlines.popDue(at: 25) == "b")
        #expect(deadlines.next == nil)
        #expect(deadlines.count == 0)
    }
}
