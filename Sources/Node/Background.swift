import Dispatch
import Foundation

/// Threads for what may block: never a node's thread, never the global queues (2 cores, 2 threads).
package enum Background {
    private static let queue = DispatchQueue(label: "switchyard.background")
    package static func run(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    /// On a thread of its own, until it returns.
    static func start(_ name: String, _ work: @escaping @Sendable () -> Void) {
        let thread = Thread(block: work)
        thread.stackSize = 8 << 20
        thread.name = name
        thread.start()
    }
}
