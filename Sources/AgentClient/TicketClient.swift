import NNG
package import Routing
import Synchronization
package import Wire

/// Asks routers on behalf of submitters and operators: one connection to one node, many questions at once.
package final class TicketClient: Sendable {
    package enum Failure: Error, Equatable, CustomStringConvertible {
        /// Nobody answered in time; whether it was done is not known.
        case noAnswer(String)
        /// Nobody listens there, or there is no such host: certainly not done.
        case unreachable(String, String)
        case refused(Refusal, retryAfter: Interval = .zero)
        case notUnderstood

        package var description: String {
            switch self {
            case .noAnswer(let node): "no answer from \(node)"
            case .unreachable(let node, let why): "no node answers at \(node): \(why)"
            case .refused(let refusal, _): "refused: \(refusal)"
            case .notUnderstood: "the answer was not understood: is it a node of another version?"
            }
        }
    }

    /// Called on a thread of nng, once; must not block.
    package typealias Answer = @Sendable (Result<Reply, Failure>) -> Void

    private struct State {
        var tagLast: UInt64 = 0
        var open: [UInt64: Answer] = [:]
    }

    private let node: String
    private let state: Shared
    private let line: NodeLine
    /// For all of this client's submissions together.
    let open = Atomic<Int>(0)
    let budget = Mutex(RetryBudget(at: MonotonicClock.now().instant))

    private final class Shared: Sendable {
        let state = Mutex(State())
        func take(_ tag: UInt64) -> Answer? { state.withLock { $0.open.removeValue(forKey: tag) } }
    }

    /// `contexts` questions are on their way at once, 1...64; more wait.
    package init(node: String, contexts: Int = 32) throws {
        self.node = node
        let state = Shared()
        self.state = state
        line = try NodeLine(
            url: try TransportTable.current.url(for: node), contexts: contexts, waitingMax: 100_000
        ) { event in
            switch event {
            case .answered(let tag, .refused(let refusal, let pause)):
                state.take(tag)?(.failure(.refused(refusal, retryAfter: pause)))
            case .answered(let tag, let reply): state.take(tag)?(.success(reply))
            case .notUnderstood(let tag): state.take(tag)?(.failure(.notUnderstood))
            case .failed(let tag): state.take(tag)?(.failure(.noAnswer(node)))
            }
        }
    }

    package func ask(_ request: Request, patience: Interval = .seconds(10), _ answer: @escaping Answer) {
        let tag = state.state.withLock { state in
            state.tagLast += 1
            state.open[state.tagLast] = answer
            return state.tagLast
        }
        line.send(tag: tag, request, timeout: Int32(patience.milliseconds))
    }

    package func ask(_ request: Request, patience: Interval = .seconds(10)) async throws(Failure) -> Reply {
        let result: Result<Reply, Failure> = await withCheckedContinuation { continuation in
            ask(request, patience: patience) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    package func close() { Closing.run { [line] in line.close() } }
}
