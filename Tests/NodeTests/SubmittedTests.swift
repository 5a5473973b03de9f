import Routing
import Testing
import Wire

@testable import AgentClient

@Suite("what a submitter is told at the end") struct SubmittedTests {
    private func told(_ attempts: [Result<Reply, TicketClient.Failure>]) -> SubmitResult {
        var submitted = TicketClient.Submitted(results: [.refused(.unknown, field: "")])
        for attempt in attempts { _ = submitted.take(attempt, at: [0]) }
        return submitted.results[0]
    }
    private let lost = Result<Reply, TicketClient.Failure>.failure(.noAnswer("r"))

    @Test("a ticket of which an attempt was lost is never certainly not taken, whatever a later attempt heard")
    func lostOnce() {
        for refusal in [Refusal.unavailable, .busy, .hold, .full, .diskFull] {
            let later = Reply.submitted([.refused(refusal, field: "", retryAfter: .seconds(2))])
            #expect(told([lost, .success(later)]) == .refused(.unknown, field: "", retryAfter: .seconds(2)))
            #expect(told([.success(later)]) == .refused(refusal, field: "", retryAfter: .seconds(2)))
            #expect(told([.success(later), lost]) == .refused(.unknown, field: ""))
        }
        #expect(told([lost, .failure(.refused(.busy, retryAfter: .zero))]) == .refused(.unknown, field: ""))
        let unknown = Reply.submitted([.refused(.unknown, field: "")])
        let unavailable = Reply.submitted([.refused(.unavailable, field: "")])
        #expect(told([.success(unknown), .success(unavailable)]) == .refused(.unknown, field: ""))
    }

    @Test("what a later attempt says of the ticket itself counts")
    func settled() {
        #expect(told([lost, .success(.submitted([.accepted(TicketID(7))]))]) == .accepted(TicketID(7)))
        let invalid = SubmitResult.refused(.invalid, field: "subject")
        #expect(told([lost, .success(.submitted([invalid]))]) == invalid)
    }
}
