import CNNG
import Dispatch
import Synchronization

/// Hears what any number of publishers say: one SUB socket with one dialer to each of them. Messages of one publisher
/// come in its order, with gaps where somebody was too slow.
///
/// Must be closed: until then nng holds it.
package final class SubscribeSocket: Sendable {
    private struct State {
        /// In the order of `connect`.
        var links: [Link] = []
        /// Disconnected ones, until their dialers may be closed. What they bring is not reported.
        var leaving: [Link] = []
        var isClosed = false

        /// Those of `leaving` whose dialers may be closed now.
        mutating func takeLeft(now: UInt64) -> [nng_dialer] {
            let left = leaving.filter { $0.mayClose(now: now) }
            leaving.removeAll { $0.mayClose(now: now) }
            return left.compactMap(\.dialer)
        }
    }

    /// How often the dialer dog looks; its patience is 10 s.
    private static let tickMilliseconds = 1_000

    private let socket: Socket
    private let messageBytesMax: Int
    private let silenceMillisecondsMax: Int
    private let onMessage: @Sendable ([UInt8]) -> Void
    private let state = Mutex(State())
    private let queue: DispatchQueue
    private let ticker: Ticker
    private let observer = Mutex<PipeObserver?>(nil)

    /// `receiveBuffer` is the messages kept while `onMessage` is busy, 1...8192, beyond which the oldest are dropped.
    /// A message longer than `messageBytesMax` closes its connection, which is then dialled anew. `onMessage` is called
    /// on threads of nng, one call at a time; it posts to an inbox and returns.
    ///
    /// A publisher that says nothing for `silenceMillisecondsMax` is dialled anew, so publishers must speak more often:
    /// on nng 1.5 the loss of a ws connection between two receives is never noticed (`ws_str_recv` does not look at
    /// `closed`).
    package init(
        receiveBuffer: Int, messageBytesMax: Int, silenceMillisecondsMax: Int = 15_000,
        onMessage: @escaping @Sendable ([UInt8]) -> Void
    ) throws(NNGError) {
        invariant(silenceMillisecondsMax > 0, "a publisher must be allowed some silence")
        invariant((1...8_192).contains(receiveBuffer), "1...8192 messages of buffer, got \(receiveBuffer)")
        socket = try Socket(.subscribe)
        self.messageBytesMax = messageBytesMax
        self.silenceMillisecondsMax = silenceMillisecondsMax
        self.onMessage = onMessage
        queue = DispatchQueue(label: "switchyard.subscribe-socket")
        ticker = Ticker(milliseconds: min(Self.tickMilliseconds, silenceMillisecondsMax), queue: queue)
        try configure(receiveBuffer: Int32(receiveBuffer))
        let observer = try socket.observePipes { [self] event, pipe in changed(event, pipe) }
        self.observer.withLock { $0 = observer }
        let receiver = try Completion { [self] completion in received(completion) }
        receiver.receive(from: socket)
        ticker.start { [weak self] in self?.tick() }
    }

    /// Dials a publisher, at once and for ever. A second call with the same URL does nothing.
    package func connect(_ url: String) throws(NNGError) {
        let now = Uptime.milliseconds()
        let isNew = state.withLock { state in
            guard !state.isClosed, !state.links.contains(where: { $0.url == url }) else { return false }
            state.links.append(Link(url: url, now: now))
            return true
        }
        if !isNew { return }
        do {
            try dial(url)
        } catch {
            disconnect(url)
            throw error
        }
    }

    /// Closes the connection to a publisher and stops dialling it, when that is safe (`Link.mayClose`). Messages
    /// already received may still be reported.
    package func disconnect(_ url: String) {
        state.withLock { state in
            guard let place = state.links.firstIndex(where: { $0.url == url }) else { return }
            state.leaving.append(state.links.remove(at: place))
        }
        queue.async { [weak self] in self?.closeLeft() }
    }

    /// Ends everything; waits for nng, but for a socket that dials: that one is closed when it is safe. Never inside
    /// `onMessage`.
    package func close() {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            state.leaving += state.links
            state.links = []
            return !state.isClosed
        }
        guard isFirst else { return }
        ticker.stop()
        closeSocket()
    }

    private func closeSocket() {
        let isOver = queue.sync {
            closeLeft()
            guard state.withLock({ $0.leaving.isEmpty }) else { return false }
            if let observer = observer.withLock({ $0.take() }) { socket.close(observer) }
            return true
        }
        if !isOver { Leaving.lookAgain { [self] in closeSocket() } }
    }

    /// On the queue only: nng 1.5 ends the process when a dialer and its socket are closed at the same time.
    private func closeLeft() {
        for dialer in state.withLock({ $0.takeLeft(now: Uptime.milliseconds()) }) { nng_dialer_close(dialer) }
    }

    private func configure(receiveBuffer: Int32) throws(NNGError) {
        try socket.limitMessages(bytesMax: messageBytesMax)
        try socket.setBuffers(receive: receiveBuffer)
        try socket.setReconnectTimes()
        try check(unsafe nng_socket_set_bool(socket.id, NNG_OPT_SUB_PREFNEW, true))
        // Everything: nng filters at the subscriber anyway.
        try check(unsafe nng_socket_set(socket.id, NNG_OPT_SUB_SUBSCRIBE, nil, 0))
    }

    private func dial(_ url: String) throws(NNGError) {
        let dialer = try socket.makeDialer(url)
        let isWanted = state.withLock { state in
            guard let place = state.links.firstIndex(where: { $0.url == url }) else { return false }
            state.links[place].dialer = dialer
            return true
        }
        // Disconnected in the meantime: a dialer is closed only once, by whoever took it out of the table.
        guard isWanted else {
            nng_dialer_close(dialer)
            return
        }
        try socket.start(dialer)
    }

    private func received(_ completion: Completion) {
        switch completion.failure {
        case nil:
            if let buffer = completion.takeMessage() { take(buffer) }
        case .closed, .canceled:
            return
        case .some:
            break
        }
        completion.receive(from: socket)
    }

    private func take(_ buffer: consuming Buffer) {
        let pipe = buffer.pipe
        let now = Uptime.milliseconds()
        let isWanted = state.withLock { state in
            for place in state.links.indices { state.links[place].heard(by: pipe, now: now) }
            return !state.isClosed && !state.leaving.contains { $0.has(pipe) }
        }
        // inproc does not know RECVMAXSZ.
        if isWanted, buffer.count <= messageBytesMax { onMessage(buffer.bytes()) }
    }

    private func changed(_ event: PipeEvent, _ pipe: nng_pipe) {
        let id = UInt32(bitPattern: nng_pipe_id(pipe))
        let dialer = nng_pipe_dialer(pipe).id
        let now = Uptime.milliseconds()
        func note(_ link: inout Link) {
            switch event {
            case .added where link.dialer?.id == dialer: link.added(id, now: now)
            case .removed: _ = link.removed(id, now: now)
            case .added: break
            }
        }
        let areSomeLeaving = state.withLock { state in
            for place in state.links.indices { note(&state.links[place]) }
            for place in state.leaving.indices { note(&state.leaving[place]) }
            return !state.leaving.isEmpty
        }
        // Not here: the socket is half locked.
        if areSomeLeaving { queue.async { [weak self] in self?.closeLeft() } }
    }

    private func tick() {
        closeLeft()
        let now = Uptime.milliseconds()
        let overdue = state.withLock { state in
            state.links.indices
                .filter { place in
                    state.links[place].needsNewDialer(now: now)
                        || state.links[place].isSilent(milliseconds: silenceMillisecondsMax, now: now)
                }
                .map { place in (state.links[place].url, state.links[place].takeDialer(now: now)) }
        }
        for (url, dialer) in overdue {
            if let dialer { nng_dialer_close(dialer) }
            do {
                try dial(url)
            } catch {
                // The socket has been closed, or there is no memory: then the dialer dog tries again.
            }
        }
    }
}
