import Dispatch
import Synchronization

/// Who does what a coordinator has to do on its disk: one job at a time.
package protocol LedgerHand: AnyObject, Sendable {
    /// Does the job, at once or beside the caller.
    func run(_ job: @escaping @Sendable () -> Void)
    /// The caller is about to wait for the job.
    func hurry()
    /// Whether threads may be used; not where all must happen in the same order each time.
    var hasThreads: Bool { get }
}

/// Does each job in its caller's time.
package final class PlainHand: LedgerHand {
    package init() {}
    package func run(_ job: @escaping @Sendable () -> Void) { job() }
    package func hurry() {}
    package var hasThreads: Bool { false }
}

/// A thread of its own, so that the core can go on while its last batch is written and synced.
package final class ThreadHand: LedgerHand {
    private let jobs = BoundedQueue<@Sendable () -> Void>(1)

    package init() {
        Background.start("journal") { [jobs] in
            while let job = jobs.take() { job() }
        }
    }

    deinit { jobs.end() }

    package func run(_ job: @escaping @Sendable () -> Void) { jobs.put(job) }
    package func hurry() {}
    package var hasThreads: Bool { true }
}
