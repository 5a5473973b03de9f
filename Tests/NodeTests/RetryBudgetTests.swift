import Routing
import Testing

@testable import AgentClient

@Suite("retries of a client") struct RetryBudgetTests {
    private let start = Instant(milliseconds: 5_000)

    @Test("when everything fails, a tenth is asked again, and the few of the start")
    func tenth() {
        var budget = RetryBudget(at: start)
        var retries = 0
        for _ in 0..<1_000 {
            budget.asked()
            while budget.take(at: start) { retries += 1 }
        }
        #expect(retries == RetryBudget.least + 100)
    }

    @Test("who asks rarely has ten more after ten seconds, and not more after a day")
    func comesBack() {
        var budget = RetryBudget(at: start)
        func all(_ now: Instant) -> Int { (0..<1_000).count { _ in budget.take(at: now) } }
        #expect(all(start) == 10)
        #expect(all(start + .seconds(3)) == 3)
        #expect(all(start + .seconds(13)) == 10)
        #expect(all(start + .seconds(90_000)) == 10)
    }

    @Test("what a busy hour has earned is kept for bad times, up to a hundred")
    func saved() {
        var budget = RetryBudget(at: start)
        for _ in 0..<100_000 { budget.asked() }
        #expect((0..<1_000).count { _ in budget.take(at: start) } == RetryBudget.most)
    }

    @Test("a pause is never shorter than the refusal says, grows, and differs from client to client")
    func pauses() {
        let pauses = (0..<200).map { random in
            Backoff.pause(1, retryAfter: .seconds(2), random: UInt64(random) &* 0x9e37_79b9_7f4a_7c15).milliseconds
        }
        #expect(pauses.allSatisfy { (2_000..<3_100).contains($0) })
        #expect(Set(pauses).count > 100)
        #expect(Backoff.pause(9, retryAfter: .zero, random: 4_999).milliseconds == 4_999)
        #expect(Backoff.pause(1_000_000, retryAfter: .zero, random: .max).milliseconds < 5_000)
    }
}
