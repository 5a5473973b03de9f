extension ClusterStatus {
    /// How the coordinator sees a router.
    package struct MemberStatus: Equatable, Sendable {
        package let incarnation: Incarnation
        /// What is left of its lease.
        package let lease: Interval
        /// Agents who are at home with it.
        package let agents: UInt32
        package init(incarnation: Incarnation, lease: Interval, agents: UInt32) {
            self.incarnation = incarnation
            self.lease = lease
            self.agents = agents
        }
    }
}
