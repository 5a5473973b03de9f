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
        /// The node speaks an older wire version than this program.
        case older(UInt8)

        package var description: String {
            switch self {
            case .noAnswer(let node): "no answer from \(node)"
            case .unreachable(let node, let why): "no node answers at \(node): \(why)"
            case .refused(let refusal, _): "refused: \(refusal)"
            case .notUnderstood: "the answer was not understood: is it a node of another version?"
            case .older(let version):
                "the node speaks wire version \(version), this program \(wireVersion): upgrade the node, or use the "
                    + "program of its version"
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
    private let socket: RequestSocket
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
        socket = try RequestSocket(
            url: try TransportTable.current.url(for: node), contexts: contexts, waitingMax: 100_000,
            replyBytesMax: Limits.nodeMessageBytesMax
        ) { event in
            switch event {
            case .answered(let tag, let bytes):
                guard let answer = state.take(tag) else { return }
                do throws(WireError) {
                    let reply = try Frame.decode(Reply.self, bytes)
                    if reply == .refused(.notUnderstood), bytes[0] < wireVersion {
                        answer(.failure(.older(bytes[0])))
                    } else if case .refused(let refusal, let pause) = reply {
                        answer(.failure(.refused(refusal, retryAfter: pause)))
                    } else {
                        answer(.success(reply))
                    }
                } catch {
                    answer(.failure(.notUnderstood))
                }
            case .failed(let tag, _): state.take(tag)?(.failure(.noAnswer(node)))
            case .connected, .disconnected: break
            }
        }
    }

    package func ask(_ request: Request, patience: Interval = .seconds(10), _ answer: @escaping Answer) {
        let tag = state.state.withLock { state in
            state.tagLast += 1
            state.open[state.tagLast] = answer
            return state.tagLast
        }
        socket.send(tag: tag, Frame.encode(request), timeout: Int32(patience.milliseconds))
    }

    package func ask(_ request: Request, patience: Interval = .seconds(10)) async throws(Failure) -> Reply {
        let result: Result<Reply, Failure> = await withCheckedContinuation { continuation in
            ask(request, patience: patience) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    package func close() { Closing.run { [socket] in socket.close() } }
}
