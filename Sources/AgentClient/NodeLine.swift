import NNG
import Routing
import Synchronization
import Wire

/// Questions to one node, asked in the newest wire version that it understands: a node of the version before refuses
/// the first ones, and is asked again in its own. So a program may be newer than the node, as well as older.
///
/// Must be closed.
final class NodeLine: Sendable {
    /// What came of a question, by its tag, on threads of nng: see `RequestSocket`.
    enum Event: Sendable {
        case answered(UInt64, Reply)
        /// There was an answer, in no form that is known here.
        case notUnderstood(UInt64)
        case failed(UInt64)
    }

    private struct Asked: Sendable {
        let request: Request
        let timeout: Int32
        let version: UInt8
    }

    private struct State: Sendable {
        var version = wireVersion
        /// Whether the node has understood that version on this connection; until then questions are kept.
        var isKnown = false
        var kept: [UInt64: Asked] = [:]

        /// What the answer says of the node; the question to ask again, if it has not been understood.
        mutating func heard(_ tag: UInt64, _ reply: Reply, in version: UInt8) -> Asked? {
            let asked = kept.removeValue(forKey: tag)
            if case .refused(.notUnderstood, _) = reply, let asked, version < asked.version {
                self.version = min(self.version, version)
                return asked
            }
            if version == self.version {
                isKnown = true
                kept = [:]
            }
            return nil
        }
    }

    private final class Inside: Sendable {
        let state = Mutex(State())
        /// For what is asked again; none once it is closed.
        let socket = Mutex<RequestSocket?>(nil)

        func send(_ tag: UInt64, _ request: Request, timeout: Int32, by socket: RequestSocket) {
            let version = state.withLock { state in
                if !state.isKnown && state.version > wireVersionOldest {
                    state.kept[tag] = Asked(request: request, timeout: timeout, version: state.version)
                }
                return state.version
            }
            socket.send(tag: tag, Frame.encode(request, version: version), timeout: timeout)
        }
    }

    private let inside = Inside()
    private let socket: RequestSocket

    init(
        url: String, contexts: Int, waitingMax: Int, onEvent: @escaping @Sendable (Event) -> Void
    ) throws(NNGError) {
        let inside = inside
        socket = try RequestSocket(
            url: url, contexts: contexts, waitingMax: waitingMax, replyBytesMax: Limits.nodeMessageBytesMax
        ) { event in
            switch event {
            case .answered(let tag, let bytes):
                do throws(WireError) {
                    let reply = try Frame.decode(Reply.self, bytes)
                    let asked = inside.state.withLock { $0.heard(tag, reply, in: bytes[0]) }
                    if let asked, let socket = inside.socket.withLock({ $0 }) {
                        inside.send(tag, asked.request, timeout: asked.timeout, by: socket)
                    } else {
                        onEvent(.answered(tag, reply))
                    }
                } catch {
                    inside.state.withLock { $0.kept[tag] = nil }
                    onEvent(.notUnderstood(tag))
                }
            case .failed(let tag, _):
                inside.state.withLock { $0.kept[tag] = nil }
                onEvent(.failed(tag))
            case .connected:
                // It may be another process by now.
                inside.state.withLock {
                    $0.version = wireVersion
                    $0.isKnown = false
                }
            case .disconnected: break
            }
        }
        inside.socket.withLock { $0 = socket }
    }

    /// As `RequestSocket.send`; a question that is asked again has its time anew.
    func send(tag: UInt64, _ request: Request, timeout milliseconds: Int32) {
        inside.send(tag, request, timeout: milliseconds, by: socket)
    }

    func close() {
        inside.socket.withLock { $0 = nil }
        socket.close()
    }
}
