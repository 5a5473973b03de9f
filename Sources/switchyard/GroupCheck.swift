import Node
import Routing

/// What a group of a cluster file does with its tickets.
struct ShownGroup: Encodable {
    struct Step: Encodable {
        let when: [String]
        let does: [String]
        let every: String?
        let note: String
    }
    let name: String
    /// How its tickets come to its agents.
    let delivery: String
    /// Its calendar; missing when it is always open.
    let hours: String?
    let escalatesTo: String?
    let steps: [Step]

    init(_ group: Company.DraftGroup) {
        name = group.name
        delivery =
            switch group.delivery {
            case .offered(atOnce: 1): "offered"
            case .offered(let atOnce): "offered to \(atOnce) at once"
            case .assigned: "assigned without asking"
            case .taken: "taken by its agents"
            }
        hours = group.hours
        escalatesTo = group.escalatesTo
        steps = group.steps.map { step in
            Step(
                when: step.when.map(Self.words), does: step.operations.map(Self.words),
                every: step.every.map { duration($0.milliseconds) }, note: step.note)
        }
    }

    /// Nothing to say of it: always open, one agent asked after the other, and tickets wait until somebody is free.
    var isPlain: Bool { delivery == "offered" && hours == nil && steps.isEmpty }

    var text: String {
        var about = [delivery]
        if let hours { about.append("open by \(hours)") }
        if let escalatesTo { about.append("escalates to \(escalatesTo)") }
        let lines = steps.enumerated().map { index, step in
            "    \(index + 1). when \(step.when.joined(separator: " and ")): \(step.does.joined(separator: ", "))"
                + (step.every.map { ", again every \($0)" } ?? "") + (step.note.isEmpty ? "" : "  (\(step.note))")
        }
        return (["  group \(name): \(about.joined(separator: ", "))"] + lines).joined(separator: "\n")
    }

    private static func words(_ condition: Condition) -> String {
        switch condition {
        case .waited(let time): "waited \(duration(time.milliseconds))"
        case .age(let time): "opened \(duration(time.milliseconds)) ago"
        case .sinceStep(let time): "\(duration(time.milliseconds)) after the step before"
        case .predictedWait(let time): "expected on entry to wait more than \(duration(time.milliseconds))"
        case .length(let count): "\(count) others waiting on entry"
        case .nobodyOnDuty: "nobody on duty"
        case .closed: "closed"
        case .attempts(let count): "\(count) offers failed"
        case .segment(let words): "segment \(words.joined(separator: " or "))"
        case .channel(let words): "channel \(words.joined(separator: " or "))"
        case .priority(let least): "priority \(least) or more"
        }
    }

    private static func words(_ operation: Company.DraftStep.Operation) -> String {
        switch operation {
        case .widen(let groups): "also to \(groups.joined(separator: ", else "))"
        case .move(let group): "move to \(group)"
        case .escalate(let tier): tier.map { "escalate to tier \($0.rawValue)" } ?? "escalate"
        case .raise(let by): "raise the priority by \(by)"
        case .answer: "answer the customer"
        case .alert: "alert"
        case .alertLead: "alert the lead"
        case .notify(let topic): "tell \(topic)"
        }
    }
}
