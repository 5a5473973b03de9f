import CNNG
import Dispatch
import Synchronization

/// A timer on a queue of its own, never on a thread of nng, which it must be able to judge.
/// @unchecked Sendable: a dispatch source may be used from any thread; only its protocol does not say so.
final class Ticker: @unchecked Sendable {
    private let source: any DispatchSourceTimer

    init(milliseconds: Int, queue: DispatchQueue) {
        source = DispatchSource.makeTimerSource(queue: queue)
        source.schedule(
            deadline: .now() + .milliseconds(milliseconds), repeating: .milliseconds(milliseconds),
            leeway: .milliseconds(milliseconds / 10))
    }

    deinit {
        // Dispatch crashes when a source is released that was never activated.
        source.activate()
        source.cancel()
    }

    func start(_ tick: @escaping @Sendable () -> Void) {
        source.setEventHandler(handler: tick)
        source.activate()
    }

    func stop() {
        source.cancel()
    }
}

/// When a dialer counts as dead. A dialer of nng stops for ever, on every release and transport, when a peer accepts
/// and resets at once; only a new one dials again.
enum DialerDog {
    /// Three times the longest pause between two attempts, and at least 10 s.
    static let patienceMilliseconds = max(3 * UInt64(Socket.reconnectMillisecondsMax), 10_000)

    /// `downSince` and `now` in milliseconds of `Uptime`.
    static func isOverdue(downSince: UInt64, now: UInt64) -> Bool {
        now > downSince && now - downSince > patienceMilliseconds
    }
}

/// How long the reaper dog waits for its pipe: for so many looks at which the reaper had freed nothing since the last
/// one. One that frees other pipes is not stuck, but has thousands to free, as when a router with as many sessions
/// dies.
struct ReaperPatience: Sendable {
    /// On a machine whose processors are all busy a healthy one was seen to free nothing for a second; a stuck one does
    /// no harm in three.
    static let looksMax = 6
    private var looks = 0
    private var removals: Int

    /// `removals` are the pipes that the process has lost so far.
    init(removals: Int) { self.removals = removals }

    /// A look at which the dog's pipe is still there.
    mutating func isOver(removals now: Int) -> Bool {
        guard now == removals else {
            self = ReaperPatience(removals: now)
            return false
        }
        looks += 1
        return looks >= Self.looksMax
    }
}

/// Finds out that nng's one reaper thread is stuck, after which no closed connection is ever freed or redialled: it
/// closes a pipe of its own every 2 s and expects to hear of it. There is no cure inside the process; `onStuck` logs
/// and leaves by `_exit`, and the supervisor starts a new one. (nng.md 0: the reaper waits for an aio that never ends.)
package final class ReaperDog: Sendable {
    /// What the dog is doing: idle -> waiting when it closes a pipe, waiting -> idle when the removal is reported,
    /// waiting -> barked when it is not.
    private enum Watch {
        case idle
        case waiting(pipe: UInt32, ReaperPatience)
        case barked
    }

    private struct State {
        var watch = Watch.idle
        var pipe: UInt32?
        var closed = false
        var roundsCount = 0
    }

    private static let names = Atomic<Int>(0)

    private let listener: Socket
    private let dialer: Socket
    private let limit: DispatchTimeInterval
    private let onStuck: @Sendable () -> Void
    private let state = Mutex(State())
    private let queue: DispatchQueue
    private let ticker: Ticker
    private let observer = Mutex<PipeObserver?>(nil)

    /// `periodMilliseconds` is the pause between two looks; `limitMilliseconds` how long a healthy reaper may take, by
    /// default what the running nng needs. More limits must pass before `onStuck` is called, once: a process that was
    /// itself stopped for a while must not take its own absence for the reaper's. See `ReaperPatience`.
    package init(
        periodMilliseconds: Int = 2_000,
        limitMilliseconds: Int = TransportTable.current.reaperLimitMilliseconds,
        onStuck: @escaping @Sendable () -> Void
    ) throws(NNGError) {
        invariant(periodMilliseconds > 0 && limitMilliseconds > 0, "the times of a watchdog must be positive")
        listener = try Socket(.pair)
        dialer = try Socket(.pair)
        limit = .milliseconds(limitMilliseconds)
        self.onStuck = onStuck
        queue = DispatchQueue(label: "switchyard.reaper-dog")
        ticker = Ticker(milliseconds: periodMilliseconds, queue: queue)
        let observer = try listener.observePipes { [self] event, pipe in changed(event, pipe) }
        self.observer.withLock { $0 = observer }
        let name = Self.names.wrappingAdd(1, ordering: .relaxed).newValue
        try dialer.setReconnectTimes(min: 10, max: 10)
        _ = try listener.listen("inproc://switchyard-reaper-dog-\(name)")
        try dialer.start(try dialer.makeDialer("inproc://switchyard-reaper-dog-\(name)"))
        ticker.start { [weak self] in self?.look() }
    }

    /// Pipes closed and reported so far, for `status`: it must rise.
    package var roundsCount: Int { state.withLock { $0.roundsCount } }

    /// Stops watching. Waits for nng, so never when the reaper is stuck.
    package func close() {
        guard let observer = observer.withLock({ $0.take() }) else { return }
        state.withLock { $0.closed = true }
        ticker.stop()
        nng_close(dialer.id)
        listener.close(observer)
    }

    private func changed(_ event: PipeEvent, _ pipe: nng_pipe) {
        let id = UInt32(bitPattern: nng_pipe_id(pipe))
        state.withLock { state in
            switch event {
            case .added:
                state.pipe = id
            case .removed:
                if state.pipe == id { state.pipe = nil }
                guard case .waiting(let pipe, _) = state.watch, pipe == id else { return }
                state.watch = .idle
                state.roundsCount += 1
            }
        }
    }

    // A pipe that is not there yet is left for the next look: dialling is another dog's business.
    private func look() {
        let pipe = state.withLock { state -> UInt32? in
            guard !state.closed, case .idle = state.watch, let pipe = state.pipe else { return nil }
            state.watch = .waiting(pipe: pipe, ReaperPatience(removals: PipeObserver.removals))
            return pipe
        }
        guard let pipe else { return }
        var target = nng_pipe()
        target.id = pipe
        nng_pipe_close(target)
        queue.asyncAfter(deadline: .now() + limit) { [weak self] in self?.judge(pipe) }
    }

    private func judge(_ pipe: UInt32) {
        let isStuck = state.withLock { state -> Bool? in
            guard !state.closed, case .waiting(pipe, var patience) = state.watch else { return nil }
            let isOver = patience.isOver(removals: PipeObserver.removals)
            state.watch = isOver ? .barked : .waiting(pipe: pipe, patience)
            return isOver
        }
        switch isStuck {
        case true: onStuck()
        case false: queue.asyncAfter(deadline: .now() + limit) { [weak self] in self?.judge(pipe) }
        case nil: break
        }
    }
}
