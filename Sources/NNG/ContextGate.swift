import Glibc
import Synchronization

/// Keeps a socket from being closed while a thread is inside a call on one of its contexts: nng 1.5 may then finalise a
/// context whose socket has been freed, and the process aborts (`pthread_mutex_lock: Invalid argument`, seen in 1 of 25
/// runs under load; newer versions let a context hold its socket).
final class ContextGate: Sendable {
    private struct State {
        var inside = 0
        var isClosed = false
    }
    private let state = Mutex(State())

    /// False once it is closed; otherwise `leave` must follow.
    func enter() -> Bool {
        state.withLock { state in
            if state.isClosed { return false }
            state.inside += 1
            return true
        }
    }

    func leave() { state.withLock { $0.inside -= 1 } }

    /// Lets nobody in any more and waits for those inside; their calls do not block.
    func close() {
        state.withLock { $0.isClosed = true }
        while state.withLock({ $0.inside }) > 0 { sched_yield() }
    }
}
