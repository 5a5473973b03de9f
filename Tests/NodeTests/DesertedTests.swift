import Routing
import Testing
import Wire

@testable import Node

@Suite("questions of connections that have ended") struct DesertedTests {
    private static let submission = Frame.encode(Request.submit([]))
    private static let exchange = Frame.encode(
        Request.exchange(
            Exchange(
                incarnation: Incarnation(1), cursor: .zero, park: .zero, firstCommand: 1, acknowledged: 0,
                commands: [])))
    private static let leave = Frame.encode(Request.leave(Incarnation(1)))
    private static let poll = Frame.encode(
        Request.poll(SessionPoll(instance: ClientInstance(1), seen: [], commands: [])))

    /// The tokens of the questions that are left, in their order.
    private func left(_ arrivals: [Arrival], _ traffic: inout Traffic) -> [UInt64] {
        arrivals.withoutDeserted(&traffic).compactMap {
            if case .request(let token, _, _) = $0 { token } else { nil }
        }
    }

    @Test("what is asked again anyhow is not done for a connection that has ended; all else is")
    func ended() {
        var traffic = Traffic()
        let arrivals: [Arrival] = [
            .request(token: 1, pipe: 7, bytes: Self.submission), .request(token: 2, pipe: 7, bytes: Self.exchange),
            .request(token: 3, pipe: 7, bytes: Self.leave), .request(token: 4, pipe: 7, bytes: Self.poll),
            .request(token: 5, pipe: 8, bytes: Self.submission), .disconnected(pipe: 7),
        ]
        #expect(left(arrivals, &traffic) == [3, 4, 5])
        #expect(traffic.deserted == 2)
        #expect(arrivals.withoutDeserted(&traffic).contains { if case .disconnected(7) = $0 { true } else { false } })
    }

    @Test("a new connection that has the number of one that ended is answered")
    func again() {
        var traffic = Traffic()
        let arrivals: [Arrival] = [
            .request(token: 1, pipe: 7, bytes: Self.exchange), .disconnected(pipe: 7),
            .request(token: 2, pipe: 7, bytes: Self.exchange),
        ]
        #expect(left(arrivals, &traffic) == [2])
        #expect(left([.request(token: 1, pipe: 7, bytes: Self.exchange)], &traffic) == [1])
        #expect(left([.disconnected(pipe: 7)], &traffic) == [])
    }
}
