package import Routing

extension Company {
    /// A step of a group, with names in place of numbers.
    package struct DraftStep: Equatable, Sendable {
        package enum Operation: Equatable, Sendable {
            case widen([String])
            case move(String)
            case escalate(Tier?)
            case raise(UInt8)
            case answer(String)
            case alert
            case alertLead
            case notify(topic: String)
        }
        package var note = ""
        package var when: [Condition] = []
        package var operations: [Operation] = []
        package var every: Interval?
        package init() {}

        /// The groups that a ticket may go to by it.
        package var targets: [String] {
            operations.flatMap { operation -> [String] in
                switch operation {
                case .widen(let names): names
                case .move(let name): [name]
                case .escalate, .raise, .answer, .alert, .alertLead, .notify: []
                }
            }
        }

        func compile(_ group: (String) -> GroupID) -> GroupStep {
            let operations = operations.map { operation -> StepOperation in
                switch operation {
                case .widen(let names): .widen(names.map(group))
                case .move(let name): .move(group(name))
                case .escalate(let tier): .escalate(tier)
                case .raise(let by): .raise(by)
                case .answer(let text): .answer(text)
                case .alert: .alert
                case .alertLead: .alertLead
                case .notify(let topic): .notify(topic: topic)
                }
            }
            return GroupStep(note: note, when: when, do: operations, every: every)
        }
    }
}
