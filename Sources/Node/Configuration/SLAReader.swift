import Routing

/// `slas`: what is promised for which tickets, as in
/// `{ name: "gold", when: { segment: "vip" }, calendar: "office", clocks: { firstResponse: "2h" }, warn: [50, 80] }`.
extension CompanyReader {
    private static let kinds: [(word: String, value: ClockKind)] = ClockKind.allCases.map { ("\($0)", $0) }
    /// What may be said not to count; time as resolved never does.
    private static let pauses: [(word: String, value: Phase)] = [
        ("queue", .queue), ("customer", .customer), ("hold", .hold), ("scheduled", .scheduled),
        ("quarantined", .quarantined),
    ]

    mutating func readSLAs(_ node: ConfigurationNode) {
        for element in node.elements { readSLA(element) }
        if company.slas.count > Limits.slasMax { node.wrong("more than \(Limits.slasMax) SLA policies") }
    }

    private mutating func readSLA(_ node: ConfigurationNode) {
        _ = node.members(
            allowed: ["name", "when", "onlyNamed", "calendar", "clocks", "pausedBy", "warn", "actions"])
        var draft = Company.DraftSLA(policy: SLAPolicy(name: node.require("name")?.text ?? "?"))
        if company.slas.contains(where: { $0.policy.name == draft.policy.name }) {
            node.wrong("the SLA policy \"\(draft.policy.name)\" is given twice")
        }
        readWhen(node["when"], into: &draft)
        draft.policy.isNamedOnly = node["onlyNamed"]?.flag ?? false
        draft.calendar = calendarName(node["calendar"])
        readClocks(node, into: &draft.policy)
        readWarnings(node["warn"], into: &draft.policy)
        readActions(node["actions"], into: &draft)
        company.slas.append(draft)
    }

    private func readWhen(_ node: ConfigurationNode?, into draft: inout Company.DraftSLA) {
        for (key, value) in node?.members(allowed: ["segment", "priority", "channel", "group"]) ?? [] {
            switch key {
            case "segment": draft.policy.segments = value.texts
            case "channel": draft.policy.channels = value.texts
            case "group": draft.groups = value.nodes.compactMap { groupName($0) }
            default: draft.policy.priorityMin = value.whole(0...9).map { Priority($0) } ?? 0
            }
        }
    }

    private func readClocks(_ node: ConfigurationNode, into policy: inout SLAPolicy) {
        var targets: [ClockKind: Interval] = [:]
        let given = node.require("clocks")?.members(allowed: Set(Self.kinds.map(\.word))) ?? []
        for (key, value) in given {
            guard let kind = Self.kinds.first(where: { $0.word == key })?.value else { continue }
            targets[kind] = value.milliseconds(15_000...Limits.targetMax.milliseconds)
                .map { Interval(milliseconds: $0) }
        }
        var pauses: [ClockKind: [Phase]] = [:]
        for (key, value) in node["pausedBy"]?.members(allowed: Set(Self.kinds.map(\.word))) ?? [] {
            guard let kind = Self.kinds.first(where: { $0.word == key })?.value else { continue }
            if targets[kind] == nil { value.wrong("there is no such clock in \"clocks\"") }
            pauses[kind] = value.elements.compactMap { $0.oneOf(Self.pauses) }
        }
        policy.clocks = ClockKind.allCases.compactMap { kind in
            guard let target = targets[kind] else { return nil }
            return SLAPolicy.Terms(kind: kind, target: target, pausedBy: pauses[kind] ?? [.scheduled])
        }
        if given.isEmpty { node["clocks"]?.wrong("names no clock") }
    }

    private func readWarnings(_ node: ConfigurationNode?, into policy: inout SLAPolicy) {
        guard let node else { return }
        let percents = node.elements.compactMap { $0.whole(1...99) }
        if percents.count > Limits.warningsMax { node.wrong("more than \(Limits.warningsMax) warnings") }
        if zip(percents, percents.dropFirst()).contains(where: { $0 >= $1 }) { node.wrong("expected rising percents") }
        policy.warn = percents.map { UInt8($0) }
    }

    private func readActions(_ node: ConfigurationNode?, into draft: inout Company.DraftSLA) {
        let known = draft.policy.warn.map { "\($0)" } + ["breach"]
        for (key, value) in node?.members(allowed: Set(known)) ?? [] {
            _ = value.members(allowed: Self.operationWords)
            var step = Company.DraftStep()
            readOperations(value, into: &step)
            if step.operations.isEmpty {
                value.wrong("says nothing to do: one of \(Self.operationWords.sorted().joined(separator: ", "))")
            }
            draft.actions.append((UInt8(key) ?? 100, step))
        }
    }
}
