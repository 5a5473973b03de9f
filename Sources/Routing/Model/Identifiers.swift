/// A ticket's number, given by the coordinator in order of acceptance, from 1. Never reused.
package struct TicketID: Numbered, Comparable, Sendable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
    package static func < (a: TicketID, b: TicketID) -> Bool { a.value < b.value }
}

/// An agent's row in the `Catalog`. The name is what people and files use; the number is what the cluster uses.
package struct AgentID: Numbered, Comparable, Sendable {
    package let value: UInt32
    package init(_ value: UInt32) { self.value = value }
    package static func < (a: AgentID, b: AgentID) -> Bool { a.value < b.value }
    package var index: Int { Int(value) }
}

/// A group's row in the `Catalog`.
package struct GroupID: Numbered, Comparable, Sendable {
    package let value: UInt32
    package init(_ value: UInt32) { self.value = value }
    package static func < (a: GroupID, b: GroupID) -> Bool { a.value < b.value }
    package var index: Int { Int(value) }
}

/// A region's row in the `Catalog`.
package struct RegionID: Numbered, Comparable, Sendable {
    package let value: UInt32
    package init(_ value: UInt32) { self.value = value }
    package static func < (a: RegionID, b: RegionID) -> Bool { a.value < b.value }
    package var index: Int { Int(value) }
}

/// A skill's row in the `Catalog`.
package struct SkillID: Numbered, Comparable, Sendable {
    package let value: UInt32
    package init(_ value: UInt32) { self.value = value }
    package static func < (a: SkillID, b: SkillID) -> Bool { a.value < b.value }
    package var index: Int { Int(value) }
}

/// The place of one `Hours` among those of a policy. Another policy may number them otherwise: never journaled.
package struct CalendarID: Hashable, Comparable, Sendable {
    package let value: UInt32
    package init(_ value: UInt32) { self.value = value }
    package static func < (a: CalendarID, b: CalendarID) -> Bool { a.value < b.value }
    package var index: Int { Int(value) }
}

/// One life of a router in the membership: rising, given by the coordinator at each join, never reused.
package struct Incarnation: Numbered, Comparable, Sendable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
    package static func < (a: Incarnation, b: Incarnation) -> Bool { a.value < b.value }
    /// Nobody: before the first join.
    package static let none = Incarnation(0)
}

/// Rises whenever the ticket's holder may change; a call that names an older fence is refused.
package struct Fence: Hashable, Comparable, Sendable {
    package let value: UInt32
    package init(_ value: UInt32) { self.value = value }
    package static func < (a: Fence, b: Fence) -> Bool { a.value < b.value }
    package var next: Fence { Fence(value &+ 1) }
}

/// Rises with each attach of an agent; names the one home router that may spend the agent's capacity.
package struct AgentEpoch: Hashable, Comparable, Sendable {
    package let value: UInt32
    package init(_ value: UInt32) { self.value = value }
    package static func < (a: AgentEpoch, b: AgentEpoch) -> Bool { a.value < b.value }
    package var next: AgentEpoch { AgentEpoch(value &+ 1) }
}

/// Rises with each change of the router that holds a region's queues.
package struct OwnerEpoch: Hashable, Comparable, Sendable {
    package let value: UInt32
    package init(_ value: UInt32) { self.value = value }
    package static func < (a: OwnerEpoch, b: OwnerEpoch) -> Bool { a.value < b.value }
    package var next: OwnerEpoch { OwnerEpoch(value &+ 1) }
}

/// The number of a journal record, from 1. The state "as of LSN n" is the fold of records 1...n.
package struct LSN: Hashable, Comparable, Sendable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
    package static func < (a: LSN, b: LSN) -> Bool { a.value < b.value }
    package static let zero = LSN(0)
}

/// 64 random bits drawn by an agent's client program at its start; tells one program's repeat from another program.
package struct ClientInstance: Hashable, Sendable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
}

/// 128 bits made by the submitter and kept by it until the ticket is acknowledged; the same key is the same ticket.
package struct SubmitKey: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}
