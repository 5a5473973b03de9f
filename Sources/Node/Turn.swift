import Routing

/// The loop of a node's one thread: drain the inbox, read the clocks once, step.
package enum Turn {
    /// How long a node may sleep without a deadline: leases are judged at least so often.
    static let pauseMax = Interval(milliseconds: 100)

    /// Runs until the node is over. The node, and the core in it, belong to the calling thread.
    package static func run(_ node: any Steppable, inbox: Inbox, clock: any Clock) {
        while !node.isOver {
            let now = clock.now().instant
            let patience = node.nextDeadline.map { min($0.since(now), pauseMax) } ?? pauseMax
            let arrivals = inbox.take(patience: patience, worthwhile: node.bytesWorthATurn)
            node.turn(arrivals, at: clock.now())
            if let code = node.exitCode { Process.exit(code) }
        }
    }
}
