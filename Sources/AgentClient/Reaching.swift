import Dispatch
import NNG
package import Routing
import Synchronization

extension TicketClient {
    /// Throws `unreachable` at once when nobody listens at the node's address, in place of a silence for as long as a
    /// question is patient. Returns when somebody does, or when that is not known after `patience`.
    package static func reach(_ node: String, patience: Interval = .seconds(2)) async throws(Failure) {
        let found: Failure? = await withCheckedContinuation { continuation in
            let state = Looking(continuation)
            // A thread of its own: a process that hangs lets the handshake wait for ever.
            ThreadStart { state.end(Self.look(node)) }.start()
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(patience.milliseconds))) {
                state.end(nil)
            }
        }
        if let found { throw found }
    }

    private static func look(_ node: String) -> Failure? {
        let url: String
        do throws(TransportError) {
            url = try TransportTable.current.url(for: node)
        } catch {
            return .unreachable(node, "\(error)")
        }
        do throws(NNGError) {
            try Reach.check(url)
        } catch {
            // Anything else, such as a handshake that is not answered, is left to the question itself.
            if error == .connectionRefused { return .unreachable(node, "nobody listens there") }
            if error == .addressInvalid { return .unreachable(node, "there is no such host") }
        }
        return nil
    }
}

/// Whichever comes first, the finding or the end of patience, answers; the other is nothing any more.
private final class Looking: Sendable {
    private let isOver = Atomic<Bool>(false)
    private let continuation: CheckedContinuation<TicketClient.Failure?, Never>

    init(_ continuation: CheckedContinuation<TicketClient.Failure?, Never>) { self.continuation = continuation }

    func end(_ found: TicketClient.Failure?) {
        if !isOver.exchange(true, ordering: .relaxed) { continuation.resume(returning: found) }
    }
}
