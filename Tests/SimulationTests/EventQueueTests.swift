import Testing

@testable import Simulation

@Suite("the queue of a world's events")
struct EventQueueTests {
    @Test("events come in order of time, and of scheduling where times are equal, as a sorted list has them")
    func order() {
        var random = SplitMix64(seed: 4)
        var queue = EventQueue()
        var list: [(due: UInt64, number: Int)] = []
        var taken: [Int] = []
        var expected: [Int] = []
        for number in 0..<2_000 {
            let due = random.between(0, 500)
            queue.add(.submit(number), at: due)
            list.append((due, number))
            guard random.chance(1, of: 3) else { continue }
            let now = random.between(0, 500)
            guard case .submit(let next)? = queue.popDue(at: now) else {
                #expect(list.allSatisfy { $0.due > now })
                continue
            }
            taken.append(next)
            let first = list.enumerated().min { ($0.element.due, $0.offset) < ($1.element.due, $1.offset) }
            expected.append(list.remove(at: first?.offset ?? 0).number)
        }
        while case .submit(let next)? = queue.popDue(at: 1_000) { taken.append(next) }
        expected += list.enumerated().sorted { ($0.element.due, $0.offset) < ($1.element.due, $1.offset) }
            .map(\.element.number)
        #expect(taken == expected)
        #expect(queue.count == 0 && queue.next == nil)
    }
}
