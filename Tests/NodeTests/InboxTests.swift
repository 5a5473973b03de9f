import Node
import Routing
import Testing
import Wire

@Suite("a node's inbox") struct InboxTests {
    private static let query = Frame.encode(Request.vitals)
    private static let poll = Frame.encode(
        Request.poll(SessionPoll(instance: ClientInstance(1), seen: [], commands: [])))

    private func ask(_ inbox: Inbox, _ bytes: [UInt8], _ count: Int) -> Int {
        (0..<count).count { inbox.post(.request(token: UInt64($0), pipe: 1, bytes: bytes)) }
    }
    private func shed(_ arrivals: [Arrival]) -> [UInt64] {
        for case .shed(let requests, let publications) in arrivals { return [requests, publications] }
        return [0, 0]
    }

    @Test("what outsiders ask is refused at the bound, what the cluster's work hangs on at twice as much")
    func requests() {
        let inbox = Inbox()
        #expect(ask(inbox, Self.query, Limits.inboxRequestsMax + 7) == Limits.inboxRequestsMax)
        #expect(ask(inbox, Self.poll, Limits.inboxRequestsMax + 3) == Limits.inboxRequestsMax)
        let arrivals = inbox.take(patience: .zero)
        #expect(arrivals.count == 2 * Limits.inboxRequestsMax + 1)
        #expect(shed(arrivals) == [10, 0])
        #expect(ask(inbox, Self.query, 1) == 1, "drained")
        #expect(shed(inbox.take(patience: .zero)) == [0, 0])
    }

    @Test("publications go first: at their own bound, and as soon as half of the requests' is reached")
    func publications() {
        let inbox = Inbox()
        let taken = (0..<(Limits.inboxPublicationsMax + 5)).count { _ in inbox.post(.published([1])) }
        #expect(taken == Limits.inboxPublicationsMax)
        #expect(shed(inbox.take(patience: .zero)) == [0, 5])
        #expect(ask(inbox, Self.query, Limits.inboxRequestsMax / 2) == Limits.inboxRequestsMax / 2)
        #expect(!inbox.post(.published([1])))
        #expect(ask(inbox, Self.query, 1) == 1, "submissions still come in")
        #expect(shed(inbox.take(patience: .zero)) == [0, 1])
    }

    @Test("bytes have a bound of their own, and answers to the node's own questions are always taken")
    func bytes() {
        let inbox = Inbox()
        let large = [UInt8](repeating: 0, count: Limits.inboxBytesMax / 4)
        #expect(ask(inbox, large, 5) == 4)
        #expect(inbox.post(.answered(tag: 1, bytes: large)))
        #expect(inbox.post(.failed(tag: 2)))
        #expect(inbox.take(patience: .zero).count == 7)
    }
}
