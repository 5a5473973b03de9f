import CNNG
import Dispatch
import Synchronization

/// The bounds of a `ReplySocket`; what happens at each is an event or a closed connection.
package struct ReplyLimits: Sendable {
    /// The longest request, in bytes without the SP header. A longer one closes its connection.
    package let messageBytesMax: Int
    /// Connections at a time; the next is closed before the protocol sees it. Keep it below the limit of open files: on
    /// ws the accept loop of nng spins when files run out. What never becomes a connection is left to `HandshakeDog`.
    package let connectionsMax: Int
    /// Requests of one connection without an answer, 1...64: raw REP silently drops replies beyond 64 queued for a
    /// pipe.
    package let parkedPerConnectionMax: Int
    /// How long a connection may ask nothing before it is closed, in milliseconds; longer than the longest poll.
    /// Needed, not a courtesy: on nng 1.5 a ws peer that leaves while no receive is posted is never noticed
    /// (`ws_str_recv` does not look at `closed`), and keeps its file for ever.
    package let silenceMillisecondsMax: Int

    /// The first three suit nobody by default; a minute of silence is twice the longest poll.
    package init(
        messageBytesMax: Int, connectionsMax: Int, parkedPerConnectionMax: Int, silenceMillisecondsMax: Int = 60_000
    ) {
        invariant(silenceMillisecondsMax > 0, "a connection must be allowed some silence")
        invariant(messageBytesMax > 0 && connectionsMax > 0, "limits of a reply socket must be positive")
        invariant((1...64).contains(parkedPerConnectionMax), "1...64 parked, got \(parkedPerConnectionMax)")
        self.messageBytesMax = messageBytesMax
        self.connectionsMax = connectionsMax
        self.parkedPerConnectionMax = parkedPerConnectionMax
        self.silenceMillisecondsMax = silenceMillisecondsMax
    }
}

/// Answers requests at any time and in any order: a raw REP socket that parks each request under a token. Raw, because
/// a cooked REP needs a context for each request that waits, and agents' polls wait for half a minute.
///
/// Must be closed: until then nng holds it.
package final class ReplySocket: Sendable {
    /// What the socket reports, on threads of nng and of the dog: a handler posts to an inbox and returns; it must not
    /// call `close()`. Events of one connection come in the order connected, requests, disconnected, except that a
    /// request may still be on its way when its connection is reported lost.
    package enum Event: Sendable {
        /// Answer it with `reply(token, ...)`. Tokens rise and are never used twice.
        case request(token: UInt64, pipe: UInt32, bytes: [UInt8])
        case connected(pipe: UInt32)
        /// Its parked requests are forgotten; replies to them go nowhere.
        case disconnected(pipe: UInt32)
        /// The connection had its full number of requests parked; this one was answered with `busyAnswer` at once.
        case refusedBusy(pipe: UInt32)
        /// One connection too many, or one that did not end its handshake; it was closed before its first request.
        case refusedConnection
    }

    private let socket: Socket
    private let limits: ReplyLimits
    private let busyAnswer: [UInt8]
    private let dog: HandshakeDog
    private let onEvent: @Sendable (Event) -> Void
    private let requests: Mutex<ParkedRequests>
    private let outbox: Outbox
    private let ticker: Ticker
    private let observer = Mutex<PipeObserver?>(nil)

    /// `busyAnswer` answers a request beyond `parkedPerConnectionMax`; when empty such a request is dropped unanswered.
    package init(
        limits: ReplyLimits, busyAnswer: [UInt8], dog: HandshakeDog = .shared,
        onEvent: @escaping @Sendable (Event) -> Void
    ) throws(NNGError) {
        socket = try Socket(.rawReply)
        self.limits = limits
        self.busyAnswer = busyAnswer
        self.dog = dog
        self.onEvent = onEvent
        requests = Mutex(ParkedRequests(limits: limits))
        outbox = Outbox(socket: socket)
        ticker = Ticker(
            milliseconds: min(1_000, limits.silenceMillisecondsMax),
            queue: DispatchQueue(label: "switchyard.reply-socket"))
        // Up to 15 hops of 4 bytes each may precede the body; the body's own length is looked at in `take`.
        try socket.limitMessages(bytesMax: limits.messageBytesMax + 64)
        // A raw socket's queues are 0 unless set, and then each reply would wait for the one before it.
        try socket.setBuffers(send: 256, receive: 256)
        let observer = try socket.observePipes { [self] event, pipe in changed(event, pipe) }
        self.observer.withLock { $0 = observer }
        // One receiver only: two would let the requests of one connection overtake each other.
        let receiver = try Completion { [self] completion in received(completion) }
        receiver.receive(from: socket)
        ticker.start { [weak self] in self?.closeSilent() }
    }

    /// Listens at one more address and returns the bound port, 0 for inproc.
    package func listen(_ url: String) throws(NNGError) -> Int {
        let port = try socket.listen(url)
        try dog.watch(socket, url, port: port, connectionsMax: limits.connectionsMax) { [onEvent] in
            onEvent(.refusedConnection)
        }
        return port
    }

    /// Answers a parked request. Never blocks; does nothing when the asker is gone or has been answered.
    package func reply(_ token: UInt64, _ bytes: [UInt8]) {
        guard let parked = requests.withLock({ $0.take(token) }) else { return }
        answer(Buffer(adopting: parked.message), bytes)
    }

    /// Cuts one connection off; `disconnected` follows.
    package func close(pipe: UInt32) {
        var target = nng_pipe()
        target.id = pipe
        nng_pipe_close(target)
    }

    /// Ends everything; waits for nng, so not under load at the end of a process (leave by `_exit`), and never in an
    /// event.
    package func close() {
        guard requests.withLock({ $0.close() }) else { return }
        ticker.stop()
        dog.leave(socket)
        socket.close(observer.withLock { $0.take() })
        outbox.close()
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
        // inproc does not know RECVMAXSZ.
        guard buffer.count <= limits.messageBytesMax else { return close(pipe: pipe) }
        let bytes = buffer.bytes()
        let handle = buffer.release()
        let now = Uptime.milliseconds()
        switch requests.withLock({ $0.park(handle, pipe: pipe, now: now) }) {
        case .parked(let token):
            onEvent(.request(token: token, pipe: pipe, bytes: bytes))
        case .connectionFull:
            if busyAnswer.isEmpty { _ = Buffer(adopting: handle) } else { answer(Buffer(adopting: handle), busyAnswer) }
            onEvent(.refusedBusy(pipe: pipe))
        case .connectionGone:
            _ = Buffer(adopting: handle)
        }
    }

    private func answer(_ buffer: consuming Buffer, _ bytes: [UInt8]) {
        do {
            try buffer.replaceBody(with: bytes)
        } catch {
            // Only without memory. The asker's own timeout tells it.
            return
        }
        outbox.send(buffer.release())
    }

    private func changed(_ event: PipeEvent, _ pipe: nng_pipe) {
        let id = UInt32(bitPattern: nng_pipe_id(pipe))
        switch event {
        case .added:
            let now = Uptime.milliseconds()
            guard requests.withLock({ $0.connect(id, now: now) }) else {
                nng_pipe_close(pipe)
                return onEvent(.refusedConnection)
            }
            dog.added(pipe)
            onEvent(.connected(pipe: id))
        case .removed:
            dog.removed(pipe)
            guard let orphans = requests.withLock({ $0.disconnect(id) }) else { return }
            for orphan in orphans { _ = Buffer(adopting: orphan) }
            onEvent(.disconnected(pipe: id))
        }
    }

    private func closeSilent() {
        let now = Uptime.milliseconds()
        for pipe in requests.withLock({ $0.silent(now: now) }) { close(pipe: pipe) }
    }
}
