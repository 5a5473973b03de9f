import Node
import Routing
import Synchronization

/// Does a coordinator's work on its disk when the world says so, a moment after the turn that asked for it; as the
/// thread does that a real one has.
final class LateHand: LedgerHand {
    private let job = Mutex<(@Sendable () -> Void)?>(nil)

    func run(_ job: @escaping @Sendable () -> Void) {
        let isFree = self.job.withLock { waiting in
            defer { waiting = job }
            return waiting == nil
        }
        invariant(isFree, "a job for the disk while the last one is not done")
    }

    func hurry() { work() }

    func work() {
        let job = job.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        job?()
    }

    var hasWork: Bool { job.withLock { $0 != nil } }
    var takesShort: Bool { true }
    var hasThreads: Bool { false }
}
