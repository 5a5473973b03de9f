import CNNG
import Dispatch
import Synchronization

/// Asks one peer many questions at once: a REQ socket with several contexts, each carrying one request. Requests beyond
/// the contexts wait in a bounded line; so do all while there is no connection. Nothing is ever sent twice by itself.
///
/// Must be closed: until then nng holds it.
package final class RequestSocket: Sendable {
    /// What the socket reports, on threads of nng, on its timer, and for a refusal inside `send` itself: a handler
    /// posts to an inbox and returns; it must not call `close()`.
    package enum Event: Sendable {
        case answered(tag: UInt64, bytes: [UInt8])
        /// After `timedOut` or `connectionReset` nobody knows whether the peer did the work; after `full`, and `closed`
        /// out of the waiting line, it did not.
        case failed(tag: UInt64, NNGError)
        /// A pipe is there; it says nothing about the peer's health, hence the heartbeats of the caller.
        case connected
        case disconnected
    }

    private struct State {
        var line: RequestLine
        var link: Link
        /// A look at the deadlines of waiting requests is due.
        var isExpiryArmed = false
    }

    /// How often the dialer dog looks; its patience is 10 s.
    private static let tickMilliseconds = 1_000
    /// How often deadlines of requests that wait are looked at, while any do: a process with hundreds of sockets must
    /// not be woken by each of them. Sent requests have nng's own timeout.
    private static let expiryMilliseconds = 50

    private let socket: Socket
    private let gate = ContextGate()
    private let replyBytesMax: Int
    private let onEvent: @Sendable (Event) -> Void
    private let state: Mutex<State>
    private let queue: DispatchQueue
    private let ticker: Ticker
    private let observer = Mutex<PipeObserver?>(nil)

    /// Dials at once and for ever. `contexts` is 1...64, as nng's timer list is quadratic; `waitingMax` bounds the line
    /// behind them; `replyBytesMax` bounds one answer, in bytes, and a longer one closes the connection.
    package init(
        url: String, contexts: Int, waitingMax: Int, replyBytesMax: Int, onEvent: @escaping @Sendable (Event) -> Void
    ) throws(NNGError) {
        invariant((1...64).contains(contexts), "1...64 contexts, got \(contexts)")
        invariant(waitingMax >= 0, "the waiting line cannot be shorter than empty")
        socket = try Socket(.request)
        self.replyBytesMax = replyBytesMax
        self.onEvent = onEvent
        let line = RequestLine(contexts: contexts, waitingMax: waitingMax)
        state = Mutex(State(line: line, link: Link(url: url, now: Uptime.milliseconds())))
        queue = DispatchQueue(label: "switchyard.request-socket")
        ticker = Ticker(milliseconds: Self.tickMilliseconds, queue: queue)
        do {
            try configure()
            for index in 0..<contexts { try addSlot(index) }
            let observer = try socket.observePipes { [self] event, pipe in changed(event, pipe) }
            self.observer.withLock { $0 = observer }
            try dial(url)
        } catch {
            // A URL that nng cannot read: without this the contexts would keep the socket for ever.
            close()
            throw error
        }
        ticker.start { [weak self] in self?.tick() }
    }

    /// Asks. `tag` comes back in exactly one `answered` or `failed`; `milliseconds` bounds the whole stay, the waiting
    /// line included, to within 50 ms; negative is without end. Never blocks.
    package func send(tag: UInt64, _ bytes: [UInt8], timeout milliseconds: Int32) {
        let deadline = milliseconds < 0 ? .max : Uptime.milliseconds() + UInt64(milliseconds)
        let request = WaitingRequest(tag: tag, bytes: bytes, deadline: deadline)
        switch state.withLock({ $0.line.admit(request) }) {
        case .start(let slot): start(request, slot)
        case .wait: armExpiry()
        case .refuse(let error): onEvent(.failed(tag: tag, error))
        }
    }

    /// Closes the live pipe and the dialer, and dials anew, soon and on another thread: what was sent fails with
    /// `connectionReset`. For the caller's heartbeat, as TCP stays silent for longer than a peer may. Nothing happens
    /// while it dials anyway.
    package func redial() {
        queue.async { [weak self] in
            guard let self, state.withLock({ $0.link.mayClose(now: Uptime.milliseconds()) }) else { return }
            dialAnew()
        }
    }

    /// Fails whatever is open with `closed`, and waits for nng; the last of these events may come just after it has
    /// returned. A socket that dials is gone for its owner, and closed when that is safe (`Link.mayClose`). Never in an
    /// event.
    package func close() {
        guard let (unsent, receivers) = state.withLock({ $0.line.close() }) else { return }
        ticker.stop()
        gate.close()
        for receiver in receivers { receiver.end() }
        closeSocket()
        for tag in unsent { onEvent(.failed(tag: tag, .closed)) }
    }

    private func closeSocket() {
        guard state.withLock({ $0.link.mayClose(now: Uptime.milliseconds()) }) else {
            return Leaving.lookAgain { [self] in closeSocket() }
        }
        socket.close(observer.withLock { $0.take() })
    }

    private func configure() throws(NNGError) {
        try socket.limitMessages(bytesMax: replyBytesMax + 64)
        try socket.setReconnectTimes()
        // Infinite: by default nng asks again after 60 s, and at once when the pipe is lost; a hidden duplicate.
        try check(unsafe nng_socket_set_ms(socket.id, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE))
    }

    private func dial(_ url: String) throws(NNGError) {
        let dialer = try socket.makeDialer(url)
        state.withLock { $0.link.dialer = dialer }
        try socket.start(dialer)
    }

    private func addSlot(_ index: Int) throws(NNGError) {
        var context = nng_ctx()
        try check(unsafe nng_ctx_open(&context, socket.id))
        let sender = try Completion { [self] completion in sent(by: index, completion) }
        let receiver = try Completion { [self] completion in received(by: index, completion) }
        let slot = RequestSlot(index: index, context: context, sender: sender, receiver: receiver)
        state.withLock { $0.line.add(slot) }
    }

    private func start(_ request: WaitingRequest, _ slot: RequestSlot) {
        guard gate.enter() else { return sendEnded(slot.index, .closed) }
        defer { gate.leave() }
        do {
            slot.sender.send(try Buffer(request.bytes), by: slot.context)
        } catch {
            sendEnded(slot.index, error)
        }
    }

    private func sent(by index: Int, _ completion: Completion) {
        let failure = completion.failure
        // A failed send gives its message back, and dropping the buffer frees it.
        if failure != nil { _ = completion.takeMessage() }
        sendEnded(index, failure)
    }

    private func sendEnded(_ index: Int, _ failure: NNGError?) {
        let now = Uptime.milliseconds()
        let (outcome, next) = state.withLock { state in
            let outcome = state.line.sent(by: index, failure: failure, now: now)
            if case .receive = outcome { return (outcome, nil as (RequestSlot, WaitingRequest)?) }
            return (outcome, state.line.startNext())
        }
        if let (slot, request) = next { start(request, slot) }
        switch outcome {
        case .receive(let slot, let milliseconds):
            guard gate.enter() else {
                let tag = state.withLock { $0.line.received(by: index) }
                return onEvent(.failed(tag: tag, .closed))
            }
            slot.receiver.receive(by: slot.context, milliseconds: milliseconds)
            gate.leave()
        case .failed(let tag, let error): onEvent(.failed(tag: tag, error))
        case .forgotten: break
        }
    }

    private func received(by index: Int, _ completion: Completion) {
        let event = outcome(of: completion)
        let (tag, next) = state.withLock { state in (state.line.received(by: index), state.line.startNext()) }
        if let (slot, request) = next { start(request, slot) }
        switch event {
        case .success(let bytes): onEvent(.answered(tag: tag, bytes: bytes))
        case .failure(let error): onEvent(.failed(tag: tag, error))
        }
    }

    // Read before the context is released: the next request uses the same operation.
    private func outcome(of completion: Completion) -> Result<[UInt8], NNGError> {
        if let failure = completion.failure { return .failure(failure) }
        guard let buffer = completion.takeMessage() else { return .failure(.canceled) }
        // inproc does not know RECVMAXSZ.
        return buffer.count <= replyBytesMax ? .success(buffer.bytes()) : .failure(.messageTooLarge)
    }

    private func changed(_ event: PipeEvent, _ pipe: nng_pipe) {
        let id = UInt32(bitPattern: nng_pipe_id(pipe))
        switch event {
        case .added:
            let now = Uptime.milliseconds()
            let isClosed = state.withLock { state in
                state.link.added(id, now: now)
                state.line.isConnected = !state.line.isClosed
                return state.line.isClosed
            }
            guard !isClosed else { return }
            onEvent(.connected)
            // Not here: the socket is half locked.
            queue.async { [weak self] in self?.startWaiting() }
        case .removed:
            let now = Uptime.milliseconds()
            let wasLive = state.withLock { state in
                guard state.link.removed(id, now: now) else { return false }
                state.line.isConnected = false
                return true
            }
            if wasLive { onEvent(.disconnected) }
        }
    }

    private func startWaiting() {
        while let (slot, request) = state.withLock({ $0.line.startNext() }) { start(request, slot) }
    }

    private func armExpiry() {
        let isNew = state.withLock { state in
            defer { state.isExpiryArmed = true }
            return !state.isExpiryArmed
        }
        guard isNew else { return }
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.expiryMilliseconds)) { [weak self] in self?.expire() }
    }

    private func expire() {
        let now = Uptime.milliseconds()
        let (expired, isMore) = state.withLock { state in
            let expired = state.line.expire(now: now)
            state.isExpiryArmed = false
            return (expired, state.line.hasWaiting)
        }
        for tag in expired { onEvent(.failed(tag: tag, .timedOut)) }
        if isMore { armExpiry() }
    }

    private func tick() {
        let now = Uptime.milliseconds()
        if state.withLock({ $0.link.needsNewDialer(now: now) }) { dialAnew() }
    }

    // Only on `queue`, so that no two run at a time.
    private func dialAnew() {
        let now = Uptime.milliseconds()
        let (old, url, wasConnected) = state.withLock { state in
            let wasConnected = state.line.isConnected
            state.line.isConnected = false
            return (state.link.takeDialer(now: now), state.link.url, wasConnected)
        }
        if let old { nng_dialer_close(old) }
        if wasConnected { onEvent(.disconnected) }
        do {
            try dial(url)
        } catch {
            // The socket has been closed, or there is no memory: then the dialer dog tries again.
        }
    }
}
