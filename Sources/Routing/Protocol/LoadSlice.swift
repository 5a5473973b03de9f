/// What a home router says of some of its agents' tickets, for the coordinator to compare with the ledger: all its
/// agents from `first` to `last`, as they are with all it has heard up to the exchange's cursor and all its commands
/// before `firstCommand` settled. Whoever has a command under way is only named.
package struct LoadSlice: Equatable, Sendable {
    package let first: AgentID
    package let last: AgentID
    package let loads: [LoadMark]
    package let unsettled: [AgentID]
    package init(first: AgentID, last: AgentID, loads: [LoadMark], unsettled: [AgentID]) {
        self.first = first
        self.last = last
        self.loads = loads
        self.unsettled = unsettled
    }
}

/// All that an agent holds, in one number.
package struct LoadMark: Equatable, Sendable {
    package let agent: AgentID
    package let agentEpoch: AgentEpoch
    package let mark: UInt64
    package init(agent: AgentID, agentEpoch: AgentEpoch, mark: UInt64) {
        self.agent = agent
        self.agentEpoch = agentEpoch
        self.mark = mark
    }

    /// The same for the same tickets, fences and units, in whatever order.
    static func mark(of work: some Sequence<Assignment>) -> UInt64 {
        work.reduce(0) { sum, assignment in
            var hash = StableHash()
            hash.add(assignment.ticket.value)
            hash.add(UInt64(assignment.fence.value))
            hash.add(UInt64(assignment.units) << 1 | (assignment.isPending ? 1 : 0))
            return sum &+ hash.value
        }
    }
}
