package import Routing

extension Company {
    /// An SLA policy, with names in place of numbers.
    package struct DraftSLA: Equatable, Sendable {
        package var policy: SLAPolicy
        package var groups: [String] = []
        package var calendar: String?
        /// By percent; of each step only its operations.
        package var actions: [(percent: UInt8, step: DraftStep)] = []

        package static func == (a: DraftSLA, b: DraftSLA) -> Bool {
            a.policy == b.policy && a.groups == b.groups && a.calendar == b.calendar
                && a.actions.map(\.percent) == b.actions.map(\.percent)
                && a.actions.map(\.step) == b.actions.map(\.step)
        }

        func compile(_ group: (String) -> GroupID, _ calendar: CalendarID?) -> SLAPolicy {
            var policy = policy
            policy.groups = groups.map(group)
            policy.calendar = calendar
            policy.actions = actions.sorted { $0.percent < $1.percent }.map {
                SLAPolicy.Action(percent: $0.percent, operations: $0.step.compile(group).operations)
            }
            return policy
        }
    }
}
