import Dispatch
package import Routing
import Synchronization

/// Where other threads leave what has arrived for a node.
package final class Inbox: Sendable {
    private struct State {
        var arrivals: [Arrival] = []
        var isSleeping = false
    }
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    package init() {}

    /// From any thread; never blocks. The node's thread is woken only if it sleeps.
    package func post(_ arrival: Arrival) {
        let mustWake = state.withLock { state in
            state.arrivals.append(arrival)
            defer { state.isSleeping = false }
            return state.isSleeping
        }
        if mustWake { wake.signal() }
    }

    /// Everything that has arrived, at once; waits for the first of it, but no longer than `patience`.
    package func take(patience: Interval) -> [Arrival] {
        if let arrivals = swap(sleeping: patience > .zero) { return arrivals }
        if patience > .zero { _ = wake.wait(timeout: .now() + .milliseconds(Int(patience.milliseconds))) }
        let arrivals = swap(sleeping: false) ?? []
        // A signal that came as the wait ran out must not wake the next one.
        while wake.wait(timeout: .now()) == .success {}
        return arrivals
    }

    private func swap(sleeping: Bool) -> [Arrival]? {
        state.withLock { state in
            state.isSleeping = sleeping && state.arrivals.isEmpty
            guard !state.arrivals.isEmpty || !sleeping else { return nil }
            var arrivals: [Arrival] = []
            arrivals.reserveCapacity(state.arrivals.count)
            Swift.swap(&arrivals, &state.arrivals)
            return arrivals
        }
    }
}

/// The loop of a node's one thread: drain the inbox, read the clocks once, step.
package enum Turn {
    /// How long a node may sleep without a deadline: leases are judged at least so often.
    static let pauseMax = Interval(milliseconds: 100)

    /// Runs until the node is over. The node, and the core in it, belong to the calling thread.
    package static func run(_ node: any Steppable, inbox: Inbox, clock: any Clock) {
        while !node.isOver {
            let now = clock.now().instant
            let patience = node.nextDeadline.map { min($0.since(now), pauseMax) } ?? pauseMax
            let arrivals = inbox.take(patience: patience)
            node.turn(arrivals, at: clock.now())
            if let code = node.exitCode { Process.exit(code) }
        }
    }
}
