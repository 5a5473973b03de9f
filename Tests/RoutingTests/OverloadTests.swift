import Testing

@testable import Routing

@Suite("too much for a router") struct OverloadTests {
    private typealias Desk = StickingTests.Desk

    private func ticket(_ number: Int) -> KeyedSubmission {
        KeyedSubmission(key: SubmitKey(high: 1, low: UInt64(number)), submission: Submission(subject: "t"))
    }

    private func later(_ desk: inout Desk, _ milliseconds: UInt64) {
        let pause = Interval(milliseconds: milliseconds)
        desk.now = Now(instant: desk.now.instant + pause, wall: desk.now.wall + pause)
    }

    private func answers(_ desk: Desk) -> [UInt64: SubmitResult] {
        var answers: [UInt64: SubmitResult] = [:]
        for case .submitted(let results, let token) in desk.effects { answers[token.value] = results[0] }
        return answers
    }

    @Test("while a submission has waited for a second, new ones are refused and told to wait as long")
    func late() {
        var desk = Desk(StickingTests.policy())
        desk.turn(.submit([ticket(1)], RequestToken(1)))
        later(&desk, 900)
        desk.turn(.submit([ticket(2)], RequestToken(2)))
        later(&desk, 600)
        desk.turn(.submit([ticket(3)], RequestToken(3)))
        #expect(answers(desk) == [3: .refused(.busy, field: "", retryAfter: Interval(milliseconds: 1_500))])
        #expect(desk.router.counters.refusals[.busy] == 1)
    }

    @Test("what has not left when its submitter gives up does not leave, and certainly was not done")
    func stale() {
        var desk = Desk(StickingTests.policy())
        let sent = Limits.batchesOutstandingMax * Limits.commandsPerBatchMax
        for number in 1...(sent + 5) {
            desk.router.step(
                .submit([ticket(number)], RequestToken(UInt64(number)), patience: Interval(milliseconds: 500)),
                at: desk.now, into: &desk.effects)
        }
        desk.turn()
        #expect(answers(desk).isEmpty)
        later(&desk, 600)
        desk.turn()
        #expect(desk.router.counters.stale == 5)
        #expect(answers(desk).keys.sorted() == (1...5).map { UInt64(sent + $0) })
        #expect(answers(desk).values.allSatisfy { if case .refused(.busy, _, _) = $0 { true } else { false } })
        // What has left may have been done: it keeps its number and is asked for until it is answered.
        #expect(desk.router.outbox.count == sent)
    }

    @Test("without a lease a submission is refused at once, with a second to wait")
    func unleased() {
        var router = Router(name: "r")
        var effects: [Router.Effect] = []
        let now = Now(instant: Instant(milliseconds: 1000), wall: WallTime(milliseconds: 1000))
        router.step(.submit([ticket(1)], RequestToken(1)), at: now, into: &effects)
        let refused = SubmitResult.refused(.unavailable, field: "", retryAfter: .seconds(1))
        #expect(effects == [.submitted([refused], RequestToken(1))])
    }
}
