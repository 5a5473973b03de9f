import Routing

/// `groups[...].steps`: what a group does with tickets that wait too long, as in
/// `{ note: "HQ helps", when: { waited: "30s" }, widen: ["hq-1"] }`.
extension CompanyReader {
    /// What a widening step waits for when it does not say.
    static let waitDefault = Interval.seconds(30)

    static let operationWords: Set<String> = ["widen", "move", "escalate", "raise", "answer", "alert", "notify"]

    func readSteps(_ node: ConfigurationNode?) -> [Company.DraftStep] {
        let steps = (node?.elements ?? []).map { readStep($0) }
        if steps.count > Limits.groupStepsMax { node?.wrong("more than \(Limits.groupStepsMax) steps") }
        return steps
    }

    private func readStep(_ node: ConfigurationNode) -> Company.DraftStep {
        let operations = Self.operationWords
        _ = node.members(allowed: operations.union(["note", "when", "every"]))
        var step = Company.DraftStep()
        step.note = node["note"]?.text ?? ""
        if step.note.utf8.count > Limits.noteBytesMax {
            node["note"]?.wrong("longer than \(Limits.noteBytesMax) bytes")
        }
        step.every = node["every"]?.milliseconds(1000...604_800_000).map { Interval(milliseconds: $0) }
        readOperations(node, into: &step)
        if step.operations.isEmpty {
            node.wrong("says nothing to do: one of \(operations.sorted().joined(separator: ", "))")
        }
        if let when = node["when"] {
            step.when = readConditions(when)
        } else if step.operations.contains(where: { if case .widen = $0 { true } else { false } }) {
            step.when = [.waited(Self.waitDefault)]
        } else {
            node.wrong("\"when\" is missing")
        }
        return step
    }

    func readOperations(_ node: ConfigurationNode, into step: inout Company.DraftStep) {
        if let raise = node["raise"]?.whole(1...9) { step.operations.append(.raise(UInt8(raise))) }
        if let answer = node["answer"] {
            if let text = answer.text { step.operations.append(.answer(text)) }
            if answer.text?.utf8.count ?? 0 > Limits.textBytesMax {
                answer.wrong("longer than \(Limits.textBytesMax) bytes")
            }
        }
        if let alert = node["alert"] {
            if case .text("lead") = alert.tree {
                step.operations.append(.alertLead)
            } else if case .flag(true) = alert.tree {
                step.operations.append(.alert)
            } else {
                alert.wrong("expected true for the operators, or \"lead\"")
                step.operations.append(.alert)
            }
        }
        if let topic = node["notify"] { step.operations.append(.notify(topic: topic.text ?? "")) }
        if let widen = node["widen"] {
            let names = widen.nodes.compactMap { groupName($0) }
            if names.count > Limits.targetsPerStepMax { widen.wrong("more than \(Limits.targetsPerStepMax) groups") }
            if Set(names).count < names.count { widen.wrong("a group is given twice") }
            step.operations.append(.widen(names))
        }
        if let move = node["move"], let name = groupName(move) { step.operations.append(.move(name)) }
        if let escalate = node["escalate"] {
            if case .number = escalate.tree {
                if let tier = escalate.whole(2...3) {
                    step.operations.append(.escalate(Tier(rawValue: UInt8(tier))))
                }
            } else if escalate.isTrue {
                step.operations.append(.escalate(nil))
            }
        }
    }

    private func readConditions(_ node: ConfigurationNode) -> [Condition] {
        let keys: Set<String> = [
            "waited", "age", "sinceStep", "predictedWait", "length", "nobodyOnDuty", "closed", "attempts", "segment",
            "channel", "priority",
        ]
        let conditions = node.members(allowed: keys).compactMap { key, value -> Condition? in
            func time() -> Interval? { value.milliseconds(0...7_776_000_000).map { Interval(milliseconds: $0) } }
            switch key {
            case "waited": return time().map { .waited($0) }
            case "age": return time().map { .age($0) }
            case "sinceStep": return time().map { .sinceStep($0) }
            case "predictedWait": return time().map { .predictedWait($0) }
            case "length": return value.whole(0...Int(Limits.waitingPerGroup)).map { .length(UInt32($0)) }
            case "nobodyOnDuty": return value.isTrue ? .nobodyOnDuty : nil
            case "closed": return value.isTrue ? .closed : nil
            case "attempts": return value.whole(1...10_000).map { .attempts(UInt32($0)) }
            case "segment": return .segment(value.texts)
            case "channel": return .channel(value.texts)
            default: return value.whole(0...9).map { .priority(Priority($0)) }
            }
        }
        if conditions.isEmpty { node.wrong("names no condition") }
        return conditions
    }
}

extension ConfigurationNode {
    /// Only `true` says something; `false` would be the same as nothing.
    fileprivate var isTrue: Bool {
        if case .flag(true) = tree { return true }
        wrong("expected true, or nothing at all")
        return false
    }

    /// The elements of a list, or the one thing that stands in its place.
    var nodes: [ConfigurationNode] {
        if case .text = tree { return [self] }
        return elements
    }
}
