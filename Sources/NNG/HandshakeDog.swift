import CNNG
import Dispatch
import Synchronization

/// Cuts connections that never become pipes. nng gives a peer of a ws listener for ever to shake hands, in every
/// release (nng.md 5 and 7: the HTTP server has no read timeout): each silent peer keeps a file, `connectionsMax` does
/// not count it, and once there are no files left the accept loop spins.
///
/// nng does not show such connections, so the dog looks at the open files of the process: a socket of a watched port
/// whose two ends are those of no pipe is shut down after a while, and nng closes it as if the peer had left. One dog
/// serves all sockets of the process, because two of them may share a port.
package final class HandshakeDog: Sendable {
    /// A socket that listens at a port.
    private struct Watcher {
        let socket: Socket
        let port: UInt16
        let connectionsMax: Int
        let onCut: @Sendable () -> Void
    }

    private struct State {
        var watchers: [Watcher] = []
        /// Of all sockets, of whatever port: a pipe may come before its port is watched.
        var connectionByPipe: [UInt32: TCPConnection] = [:]
        var pipeByConnection: [TCPConnection: UInt32] = [:]
        var eyesOpenedCount = 0
    }

    /// What the dog looks with, and which looks are its own: one ordered for former eyes does nothing.
    private struct Eyes: ~Copyable {
        let number: Int
        let sockets: OpenSockets
        var watch: HandshakeWatch
        var hurriesLeft = 0
    }

    /// While there are too many connections, and for a while after, the next look comes this soon: they may come faster
    /// than they are cut, and a flood does not end with one cut.
    private static let hurryMilliseconds = 100
    private static let hurriesMax = 50

    /// The dog of every socket that is given no other.
    package static let shared = HandshakeDog()

    private let periodMilliseconds: Int
    private let limitMilliseconds: Int
    private let filesMax: Int
    private let queue = DispatchQueue(label: "switchyard.handshake-dog")
    private let state = Mutex(State())
    /// Open while somebody is watched. Locked before `state`, never after it, and never by a thread of nng.
    private let eyes = Mutex<Eyes?>(nil)
    private let cuts = Atomic<Int>(0)

    /// `periodMilliseconds` is the pause between two looks; `limitMilliseconds` how long a connection may be without a
    /// pipe; `filesMax` the files the process may have open, by default what the kernel says.
    package init(periodMilliseconds: Int = 2_000, limitMilliseconds: Int = 10_000, filesMax: Int? = nil) {
        invariant(periodMilliseconds > 0 && limitMilliseconds > 0, "the times of a watchdog must be positive")
        self.periodMilliseconds = periodMilliseconds
        self.limitMilliseconds = limitMilliseconds
        self.filesMax = filesMax ?? OpenSockets.filesMax
    }

    /// Connections cut so far, for `status`.
    package var cutCount: Int { cuts.load(ordering: .relaxed) }

    /// Begins to watch the port at which `socket` listens; does nothing unless it is one of ws, as the other transports
    /// bound their negotiation themselves. `onCut` is called on the dog's queue, once for each connection cut, until
    /// `leave`; at a port of several sockets it is the first one's that is called.
    func watch(_ socket: Socket, _ url: String, port: Int, connectionsMax: Int, onCut: @escaping @Sendable () -> Void)
        throws(NNGError)
    {
        guard url.hasPrefix("ws://") || url.hasPrefix("wss://"), let port = UInt16(exactly: port) else { return }
        let watcher = Watcher(socket: socket, port: port, connectionsMax: connectionsMax, onCut: onCut)
        try eyes.withLock { eyes throws(NNGError) in
            if eyes == nil { eyes = try openEyes() }
            state.withLock { $0.watchers.append(watcher) }
        }
    }

    /// Forgets the ports of a socket that is about to close.
    func leave(_ socket: Socket) {
        eyes.withLock { eyes in
            let isLast = state.withLock { state in
                state.watchers.removeAll { $0.socket.id.id == socket.id.id }
                return state.watchers.isEmpty
            }
            if isLast { eyes = nil }
        }
    }

    /// A pipe taken in; called before its first message, when it can be asked for its ends.
    func added(_ pipe: nng_pipe) {
        guard let connection = TCPConnection(of: pipe) else { return }
        state.withLock { state in
            state.connectionByPipe[pipe.id] = connection
            state.pipeByConnection[connection] = pipe.id
        }
    }

    /// A pipe that is gone. Its connection has the limit to follow.
    func removed(_ pipe: nng_pipe) {
        state.withLock { state in
            guard let connection = state.connectionByPipe.removeValue(forKey: pipe.id) else { return }
            // The peer may be back already, from the same port.
            if state.pipeByConnection[connection] == pipe.id { state.pipeByConnection[connection] = nil }
        }
    }

    private func openEyes() throws(NNGError) -> Eyes {
        let sockets = try OpenSockets()
        let number = state.withLock { state in
            state.eyesOpenedCount += 1
            return state.eyesOpenedCount
        }
        lookLater(milliseconds: periodMilliseconds, eyesNumber: number)
        let watch = HandshakeWatch(
            limitMilliseconds: limitMilliseconds, periodMilliseconds: periodMilliseconds, filesMax: filesMax)
        return Eyes(number: number, sockets: sockets, watch: watch)
    }

    private func lookLater(milliseconds: Int, eyesNumber: Int) {
        queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in self?.look(eyesNumber) }
    }

    private func look(_ eyesNumber: Int) {
        let outcome = eyes.withLock { eyes -> (onCuts: [@Sendable () -> Void], isHurried: Bool)? in
            guard var open = eyes.take() else { return nil }
            let outcome = open.number == eyesNumber ? lookAndCut(&open) : nil
            eyes = consume open
            return outcome
        }
        guard let outcome else { return }
        for onCut in outcome.onCuts { onCut() }
        let pause = outcome.isHurried ? min(Self.hurryMilliseconds, periodMilliseconds) : periodMilliseconds
        lookLater(milliseconds: pause, eyesNumber: eyesNumber)
    }

    private func lookAndCut(_ eyes: inout Eyes) -> (onCuts: [@Sendable () -> Void], isHurried: Bool) {
        let watchers = state.withLock { $0.watchers }
        let connectionsMax = Dictionary(watchers.map { ($0.port, $0.connectionsMax) }, uniquingKeysWith: +)
        let sight = eyes.sockets.look(at: Set(connectionsMax.keys))
        let pipes = state.withLock { $0.pipeByConnection }
        let found = eyes.watch.look(
            sight, isPipe: { pipes[$0] != nil }, connectionsMax: connectionsMax, now: Uptime.milliseconds())
        var onCuts: [@Sendable () -> Void] = []
        for socket in found.overdue + found.crowding where cut(socket, eyes.sockets) {
            if let watcher = watchers.first(where: { $0.port == socket.connection.local.port }) {
                onCuts.append(watcher.onCut)
            }
        }
        eyes.hurriesLeft = found.crowding.isEmpty ? max(0, eyes.hurriesLeft - 1) : Self.hurriesMax
        return (onCuts, eyes.hurriesLeft > 0)
    }

    // The last moment at which the handshake may have ended well.
    private func cut(_ socket: OpenSocket, _ sockets: borrowing OpenSockets) -> Bool {
        let isPipe = state.withLock { $0.pipeByConnection[socket.connection] != nil }
        guard !isPipe, sockets.shutDown(socket) else { return false }
        cuts.add(1, ordering: .relaxed)
        return true
    }
}
