import AgentClient
import Foundation
import Routing
import Synchronization
import Wire

/// Customers in masses: as many as there may be are always asking at each router, and when one is answered, whatever he
/// is told, the next one comes at once. They know no manners and no budget.
final class Spate: Sendable {
    struct Seen: Sendable {
        /// Which ticket was acknowledged to which key.
        var keys: [SubmitKey: UInt64] = [:]
        var refused: [String: Int] = [:]
        /// Milliseconds that somebody was told to wait, the least and the most.
        var pauseLeast = UInt64.max
        var pauseMost: UInt64 = 0
        var unanswered = 0
        var answered: Int { keys.count + refused.values.reduce(0, +) }
    }
    private struct State {
        var isOver = false
        var number: UInt64 = 0
        var open = 0
        var seen = Seen()
    }
    private static let perMessage = 16
    private static let clientsPerRouter = 12
    private static let messagesPerClient = 64

    private let state = Mutex(State())
    private let clients: [TicketClient]
    private let salt = UInt64.random(in: .min ... .max)

    init(at routers: [Member]) throws {
        clients = try routers.flatMap { router in
            try (0..<Self.clientsPerRouter).map { _ in
                try TicketClient(node: router.address, contexts: Self.messagesPerClient)
            }
        }
        for client in clients { for _ in 0..<Self.messagesPerClient { ask(client) } }
    }

    /// No more come; waits until all have been answered.
    func finish() async -> Seen {
        state.withLock { $0.isOver = true }
        _ = try? await eventually(within: 30) { state.withLock { $0.open == 0 } }
        for client in clients { client.close() }
        return state.withLock { $0.seen }
    }

    private func ask(_ client: TicketClient) {
        let first = state.withLock { state -> UInt64? in
            guard !state.isOver else { return nil }
            state.open += 1
            defer { state.number += UInt64(Self.perMessage) }
            return state.number
        }
        guard let first else { return }
        let lot = (first..<(first + UInt64(Self.perMessage))).map { number in
            KeyedSubmission(
                key: SubmitKey(high: salt, low: number),
                submission: Submission(channel: "load", product: "skill-\(number % 2)", subject: "of many"))
        }
        client.ask(.submit(lot), patience: .seconds(20)) { [weak self] result in
            self?.take(result, lot)
            self?.ask(client)
        }
    }

    private func take(_ result: Result<Reply, TicketClient.Failure>, _ lot: [KeyedSubmission]) {
        state.withLock { state in
            state.open -= 1
            switch result {
            case .success(.submitted(let results)) where results.count == lot.count:
                for (one, result) in zip(lot, results) {
                    switch result {
                    case .accepted(let ticket): state.seen.keys[one.key] = ticket.value
                    case .refused(let refusal, _, let pause): state.seen.note(refusal, pause, 1)
                    }
                }
            case .failure(.refused(let refusal, let pause)): state.seen.note(refusal, pause, lot.count)
            case .success, .failure: state.seen.unanswered += lot.count
            }
        }
    }
}

extension Spate.Seen {
    fileprivate mutating func note(_ refusal: Refusal, _ pause: Interval, _ count: Int) {
        refused["\(refusal)", default: 0] += count
        pauseLeast = min(pauseLeast, pause.milliseconds)
        pauseMost = max(pauseMost, pause.milliseconds)
    }
}
