import Testing

@testable import Routing

@Suite("the outbox") struct OutboxTests {
    private let now = Now(instant: Instant(milliseconds: 5), wall: WallTime(milliseconds: 5))

    private func outbox(with count: Int) -> Outbox {
        var outbox = Outbox()
        for number in 0..<count {
            outbox.add(.show(TicketID(UInt64(number + 1))), for: .query(RequestToken(UInt64(number + 1))))
        }
        return outbox
    }

    private func due(_ outbox: inout Outbox) -> [(UInt64, Exchange)] {
        outbox.due(Incarnation(1), cursor: LSN(9), at: now, park: .seconds(1))
    }

    /// Two batches that are out, of a command each.
    private func twoBatches() -> (outbox: Outbox, first: (UInt64, Exchange), second: (UInt64, Exchange)) {
        var outbox = outbox(with: 1)
        let first = due(&outbox)[0]
        outbox.add(.status, for: .query(RequestToken(2)))
        let second = due(&outbox)[0]
        return (outbox, first, second)
    }

    @Test("commands of a turn leave in one batch, numbered from 1, with one parked poll beside it")
    func oneBatch() {
        var outbox = outbox(with: 3)
        let sent = due(&outbox)
        #expect(sent.map(\.1.commands.count) == [3, 0])
        #expect(sent.map(\.1.firstCommand) == [1, 4])
        #expect(sent[0].1.park == .zero)
        #expect(sent[1].1.park == .seconds(1))
        #expect(sent.map(\.1.acknowledged) == [0, 0])
        #expect(due(&outbox).isEmpty)
    }

    @Test("what comes while a batch is out is the next one, until the bound of batches is reached")
    func severalBatches() {
        var outbox = outbox(with: 1)
        _ = due(&outbox)
        for _ in 1..<Limits.batchesOutstandingMax {
            outbox.add(.status, for: .query(RequestToken(0)))
            #expect(due(&outbox).map(\.1.commands.count) == [1])
        }
        outbox.add(.status, for: .query(RequestToken(0)))
        #expect(due(&outbox).isEmpty)
        #expect(outbox.count == Limits.batchesOutstandingMax + 1)
    }

    @Test("an answer settles its commands in order, and the next batch acknowledges them")
    func settles() {
        var outbox = outbox(with: 2)
        let sent = due(&outbox)
        let answer = outbox.answered(sent[0].0, [.refused(.notFound), .detached])
        #expect(answer?.settled.map(\.1) == [.refused(.notFound), .detached])
        #expect(answer?.settled.map(\.0.purpose) == [.query(RequestToken(1)), .query(RequestToken(2))])
        #expect(answer?.sentAt == now.instant)
        outbox.add(.status, for: .query(RequestToken(3)))
        let next = due(&outbox)
        #expect(next.map(\.1.firstCommand) == [3])
        #expect(next.map(\.1.acknowledged) == [2])
    }

    @Test("two thousand attaches leave in lots, and other commands pass them")
    func attachesInLots() {
        var outbox = Outbox()
        for number in 0..<2000 {
            let agent = AgentID(UInt32(number))
            outbox.add(.attach(agent, ClientInstance(1), renewing: nil), for: .reattach(agent, AgentEpoch(1)))
        }
        outbox.add(.status, for: .query(RequestToken(1)))
        let most = Limits.attachesOutstandingMax
        var (sent, attaches) = (due(&outbox), 0)
        #expect(sent[0].1.commands.first == .status)
        while let batch = sent.first(where: { !$0.1.commands.isEmpty }) {
            let lot = batch.1.commands.count { if case .attach = $0 { true } else { false } }
            #expect(lot <= most)
            attaches += lot
            _ = outbox.answered(batch.0, batch.1.commands.map { _ in .refused(.notFound) })
            sent = due(&outbox)
        }
        #expect(attaches == 2000 && outbox.count == 0)
    }

    @Test("after a loss everything from the first unanswered command on is sent again under its old number")
    func lost() {
        var outbox = outbox(with: 2)
        let first = due(&outbox)[0]
        outbox.add(.status, for: .query(RequestToken(3)))
        let second = due(&outbox)[0]
        outbox.lost(first.0)
        let again = due(&outbox)
        #expect(again.map(\.1.firstCommand) == [1])
        #expect(again.map(\.1.commands.count) == [3])
        #expect(outbox.answered(second.0, [.detached]) == nil)
        #expect(outbox.answered(first.0, [.detached, .detached]) == nil)
        #expect(outbox.answered(again[0].0, [.detached, .detached, .detached])?.settled.count == 3)
    }

    @Test("an answer that overtakes an earlier batch's waits for it, and both take effect in order")
    func overtaken() {
        var (outbox, first, second) = twoBatches()
        #expect(outbox.answered(second.0, [.detached])?.settled.count == 0)
        #expect(due(&outbox).isEmpty)
        let settled = outbox.answered(first.0, [.refused(.notFound)])?.settled
        #expect(settled?.map(\.1) == [.refused(.notFound), .detached])
        #expect(settled?.map(\.0.purpose) == [.query(RequestToken(1)), .query(RequestToken(2))])
        #expect(outbox.count == 0)
    }

    @Test("an answer that has overtaken a lost one is forgotten with it")
    func overtakenAndLost() {
        var (outbox, first, second) = twoBatches()
        _ = outbox.answered(second.0, [.detached])
        outbox.lost(first.0)
        #expect(due(&outbox).map(\.1.commands.count) == [2])
    }

    @Test("when a later batch is lost the earlier one is still awaited, and only the later one is sent again")
    func laterLost() {
        var (outbox, first, second) = twoBatches()
        outbox.lost(second.0)
        #expect(due(&outbox).map(\.1.firstCommand) == [2])
        #expect(outbox.answered(first.0, [.detached])?.settled.count == 1)
    }

    @Test("when a later batch is refused, as the coordinator lacks one before it, all are sent again in order")
    func laterRefused() {
        var (outbox, first, second) = twoBatches()
        outbox.refused(second.0)
        #expect(due(&outbox).map(\.1.firstCommand) == [1])
        #expect(outbox.answered(first.0, [.detached]) == nil)
    }

    @Test("in a new incarnation numbers begin anew with what was not answered")
    func newIncarnation() {
        var outbox = outbox(with: 3)
        let first = due(&outbox)[0]
        _ = outbox.answered(first.0, [.detached, .detached, .detached])
        outbox.add(.status, for: .query(RequestToken(4)))
        let second = due(&outbox)[0]
        outbox.beginIncarnation()
        #expect(outbox.answered(second.0, [.detached]) == nil)
        let again = due(&outbox)
        #expect(again.map(\.1.firstCommand) == [1, 2])
        #expect(again[0].1.acknowledged == 0)
    }

    @Test("a batch has its bound, and the outbox its own")
    func bounds() {
        var outbox = outbox(with: Limits.commandsWaitingMax)
        #expect(outbox.isFull)
        let sent = due(&outbox)
        #expect(
            sent.map(\.1.commands.count) == [Int](
                repeating: Limits.commandsPerBatchMax, count: Limits.batchesOutstandingMax) + [0])
    }
}
