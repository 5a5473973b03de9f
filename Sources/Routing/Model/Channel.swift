/// What one ticket takes of an agent's capacity, in units.
package struct Cost: Hashable, Sendable {
    /// While he works on it, and while it is offered to him.
    package let active: UInt8
    /// While it waits for somebody else; `active` at most.
    package let pending: UInt8
    package init(active: UInt8, pending: UInt8) {
        self.active = active
        self.pending = pending
    }
    package static let one = Cost(active: 1, pending: 1)
}

/// A way by which customers write or call. A ticket of a channel that the policy does not name costs one unit.
package struct Channel: Equatable, Sendable {
    package let name: String
    package let cost: Cost
    package init(name: String, cost: Cost) {
        self.name = name
        self.cost = cost
    }
}

/// The most tickets of one channel that an agent may hold, whatever his free units.
package struct ChannelLimit: Equatable, Sendable {
    package let channel: String
    package let most: UInt32
    package init(channel: String, most: UInt32) {
        self.channel = channel
        self.most = most
    }
}
