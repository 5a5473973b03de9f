import Routing
import Testing

@testable import Simulation

@Suite("questions that wait for answers")
struct CallsTests {
    private static let call = Call(asker: 1, life: 1, target: 0, tag: 0, bytes: [])

    @Test("whoever gets no answer has waited long enough at his time and once, in order, as a sorted list has it")
    func patience() {
        var random = SplitMix64(seed: 11)
        var calls = Calls()
        var queue = EventQueue()
        var open: [(token: UInt64, due: UInt64)] = []
        var overdue: [UInt64] = []
        var expected: [UInt64] = []
        for now in UInt64(0)..<6_000 {
            while let happening = queue.popDue(at: now) {
                guard case .overdue(let patience) = happening else { continue }
                let token = calls.overdue(patience, &queue)
                if calls[token] != nil { overdue.append(token) }
                calls.remove(token)
            }
            expected += open.enumerated().filter { $0.element.due <= now }
                .sorted { ($0.element.due, $0.offset) < ($1.element.due, $1.offset) }.map(\.element.token)
            open.removeAll { $0.due <= now }
            if now < 5_000 && random.chance(1, of: 2) {
                let patience = random.pick([20, 100, UInt64(300)])
                let token = calls.add(Self.call)
                calls.wait(for: token, patience, from: now, &queue)
                open.append((token, now + patience))
            }
            if !open.isEmpty && random.chance(2, of: 5) {
                calls.remove(open.remove(at: random.below(open.count)).token)
            }
        }
        #expect(overdue == expected)
        #expect(overdue.count > 100 && open.isEmpty)
    }

    @Test("questions that are answered at once make hardly an event")
    func fewEvents() {
        var calls = Calls()
        var queue = EventQueue()
        var events = 0
        for now in UInt64(0)..<10_000 {
            while case .overdue(let patience)? = queue.popDue(at: now) {
                events += 1
                _ = calls.overdue(patience, &queue)
            }
            let token = calls.add(Self.call)
            calls.wait(for: token, 1_000, from: now, &queue)
            #expect(calls[token] != nil)
            calls.remove(token)
        }
        #expect(events < 20)
    }

    @Test("a token is one question's for ever, and says nothing when that has its answer")
    func tokens() {
        var calls = Calls()
        let first = calls.add(Self.call)
        calls.sent(first)
        #expect(calls[first]?.isSent == true)
        for _ in 0..<5_000 { calls.remove(calls.add(Self.call)) }
        #expect(calls[first] != nil && calls[first + 1] == nil)
        calls.remove(first)
        calls.remove(first)
        #expect(calls[first] == nil && calls.add(Self.call) == first + 5_001)
    }
}
