import Dispatch

/// A queue of its own for what may block: never a node's thread, never the global queues (2 cores, 2 threads).
enum Background {
    private static let queue = DispatchQueue(label: "switchyard.background")
    static func run(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }
}
