import Dispatch

/// Does jobs in the order in which they are handed over: on a thread of its own, if there is one, else at once.
final class JobLine: Sendable {
    private let queue: BoundedQueue<@Sendable () -> Void>?

    /// Of `most` jobs that wait; when there are more, whoever hands one over waits. The thread lives until `end`.
    init(_ name: String, most: Int, hasThread: Bool = true) {
        queue = hasThread ? BoundedQueue(most) : nil
        guard let queue else { return }
        Background.start(name) { while let job = queue.take() { job() } }
    }

    func run(_ job: @escaping @Sendable () -> Void) { if let queue { queue.put(job) } else { job() } }

    /// Returns when all that was handed over is done.
    func drain() {
        let isDone = DispatchSemaphore(value: 0)
        run { isDone.signal() }
        isDone.wait()
    }

    /// Nothing more is handed over.
    func end() { queue?.end() }
}
