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

    @Test("what is planned before the world begins comes among the rest as if it had been added in its place")
    func planned() {
        var random = SplitMix64(seed: 5)
        var (queue, twin) = (EventQueue(), EventQueue())
        for number in 0..<1_000 {
            let due = random.between(0, 300)
            queue.plan(.submit(number), at: due)
            twin.add(.submit(number), at: due)
        }
        queue.begin()
        var (taken, expected): ([Int], [Int]) = ([], [])
        for now in UInt64(0)..<400 {
            let soonest = queue.next
            #expect(soonest == twin.next)
            while case .submit(let number)? = queue.popDue(at: now) {
                taken.append(number)
                // Some events bring others, now or later.
                let delay = random.between(0, 20)
                guard random.chance(1, of: 3) else { continue }
                queue.add(.submit(number), at: now + delay)
                twin.add(.submit(number), at: now + delay)
            }
            while case .submit(let number)? = twin.popDue(at: now) { expected.append(number) }
        }
        #expect(taken == expected)
        #expect(queue.count == 0 && queue.next == nil)
    }
}
