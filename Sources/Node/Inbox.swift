import Dispatch
package import Routing
import Synchronization
import Wire

/// Where other threads leave what has arrived for a node. It is bounded (`Limits.inbox...`): when the node falls
/// behind, what can be had again is dropped first, and the rest is refused while it is certain that nothing was done.
package final class Inbox: Sendable {
    private struct State {
        var arrivals: [Arrival] = []
        var isSleeping = false
        /// The sleeper is woken for so many bytes, or for what is not asked from outside.
        var worthwhile = 0
        var isPressing = false
        var requests = 0
        var publications = 0
        var bytes = 0
        /// What was not taken since the last turn.
        var requestsShed: UInt64 = 0
        var publicationsShed: UInt64 = 0

        /// Counts it in, or says that there is no room.
        mutating func admit(_ arrival: Arrival) -> Bool {
            switch arrival {
            case .published(let bytes):
                // Gossip before submissions: a digest tells what is missing, and a snapshot brings it.
                let isBehind = requests >= Limits.inboxRequestsMax / 2
                guard !isBehind, publications < Limits.inboxPublicationsMax, hasRoom(bytes) else {
                    publicationsShed += 1
                    return false
                }
                publications += 1
                self.bytes += bytes.count
            case .request(_, _, let bytes):
                let most = Frame.isEssential(bytes) ? 2 * Limits.inboxRequestsMax : Limits.inboxRequestsMax
                guard requests < most, hasRoom(bytes) else {
                    requestsShed += 1
                    return false
                }
                requests += 1
                self.bytes += bytes.count
            case .turnedAway, .shed: break
            case .answered, .failed, .disconnected, .silent, .reload, .loaded, .written, .stop: isPressing = true
            }
            return true
        }

        var isWorthATurn: Bool { !arrivals.isEmpty && (isPressing || bytes >= worthwhile) }

        private func hasRoom(_ bytes: [UInt8]) -> Bool { self.bytes + bytes.count <= Limits.inboxBytesMax }
    }
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    package init() {}

    /// From any thread; never blocks. The node's thread is woken only if it sleeps. False when it was not taken: a
    /// request is to be refused then. Answers to the node's own questions are always taken; it bounds those itself.
    @discardableResult
    package func post(_ arrival: Arrival) -> Bool {
        let (isTaken, mustWake) = state.withLock { state in
            guard state.admit(arrival) else { return (false, false) }
            state.arrivals.append(arrival)
            guard state.isSleeping, state.isWorthATurn else { return (true, false) }
            state.isSleeping = false
            return (true, true)
        }
        if mustWake { wake.signal() }
        return isTaken
    }

    /// Everything that has arrived, at once; waits for the first of it, or for `worthwhile` bytes of questions, but no
    /// longer than `patience`.
    package func take(patience: Interval, worthwhile: Int = 0) -> [Arrival] {
        if let arrivals = swap(sleeping: patience > .zero, worthwhile) { return arrivals }
        if patience > .zero { _ = wake.wait(timeout: .now() + .milliseconds(Int(patience.milliseconds))) }
        let arrivals = swap(sleeping: false, 0) ?? []
        // A signal that came as the wait ran out must not wake the next one.
        while wake.wait(timeout: .now()) == .success {}
        return arrivals
    }

    private func swap(sleeping: Bool, _ worthwhile: Int) -> [Arrival]? {
        state.withLock { state in
            state.worthwhile = worthwhile
            state.isSleeping = sleeping && !state.isWorthATurn
            guard !state.isSleeping else { return nil }
            var next = State()
            next.arrivals.reserveCapacity(state.arrivals.count)
            Swift.swap(&next, &state)
            if next.requestsShed + next.publicationsShed > 0 {
                next.arrivals.append(.shed(requests: next.requestsShed, publications: next.publicationsShed))
            }
            return next.arrivals
        }
    }
}
