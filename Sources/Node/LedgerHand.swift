/// Does what a coordinator has to do on its disk beside the node's own thread, one job at a time. Without one, and
/// where handing over would take longer than the work, the node's thread does it.
package protocol LedgerHand: AnyObject, Sendable {
    /// Does the job beside the caller.
    func run(_ job: @escaping @Sendable () -> Void)
    /// The caller is about to wait for the job.
    func hurry()
    /// Whether it is also given short jobs.
    var takesShort: Bool { get }
    /// Whether threads may be used; not where all must happen in the same order each time.
    var hasThreads: Bool { get }
}

/// A thread of its own, so that the core can go on while its last batch is written and synced.
package final class ThreadHand: LedgerHand {
    private let line = JobLine("journal", most: 1)
    package let takesShort: Bool

    package init(takesShort: Bool = false) { self.takesShort = takesShort }
    deinit { line.end() }

    package func run(_ job: @escaping @Sendable () -> Void) { line.run(job) }
    package func hurry() {}
    package var hasThreads: Bool { true }
}
