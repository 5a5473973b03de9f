import Routing

/// Turns the files' trees into a `Company`, in two passes: what there is, then whether all that is named exists.
struct CompanyReader {
    let mistakes: Mistakes
    var company = Company()
    var settingNodes: [String: ConfigurationNode] = [:]
    private var groupNodes: [String: ConfigurationNode] = [:]
    private var agentNodes: [String: ConfigurationNode] = [:]
    var skillNames: Set<String> = []
    private var defaultNode: ConfigurationNode?
    private var ruleNodes: [ConfigurationNode] = []

    init(mistakes: Mistakes) { self.mistakes = mistakes }

    mutating func read(_ roots: [ConfigurationNode]) {
        let keys: Set<String> = [
            "settings", "regions", "skills", "groups", "agents", "channels", "rules", "default", "calendars",
            "slas",
        ]
        var sections: [String: [ConfigurationNode]] = [:]
        for root in roots {
            for (key, node) in root.members(allowed: keys) { sections[key, default: []].append(node) }
        }
        for node in sections["settings"] ?? [] { readSettings(node) }
        for node in sections["channels"] ?? [] { readChannels(node) }
        for node in sections["calendars"] ?? [] { readCalendars(node) }
        for node in sections["regions"] ?? [] { readRegions(node) }
        for node in sections["skills"] ?? [] { readSkills(node) }
        for node in sections["groups"] ?? [] { nameGroups(node) }
        for node in sections["agents"] ?? [] { nameAgents(node) }
        for node in sections["groups"] ?? [] { readGroups(node) }
        for node in sections["agents"] ?? [] { readAgents(node) }
        for node in sections["slas"] ?? [] { readSLAs(node) }
        for node in sections["rules"] ?? [] { ruleNodes += node.elements }
        for node in sections["default"] ?? [] {
            if defaultNode != nil { node.wrong("given twice") }
            defaultNode = node
        }
        readRules()
        checkWhole(roots.first?.file ?? "cluster file")
    }

    // MARK: - names

    private mutating func readRegions(_ node: ConfigurationNode) {
        for (name, region) in node.members() {
            for (_, title) in region.members(allowed: ["title"]) { _ = title.text }
            if company.regions.contains(name) { region.wrong("the region is given twice") }
            company.regions.append(name)
        }
        if company.regions.count > Limits.regionsMax { node.wrong("more than \(Limits.regionsMax) regions") }
    }

    private mutating func readSkills(_ node: ConfigurationNode) {
        for element in node.elements {
            guard let name = element.text else { continue }
            if !skillNames.insert(name).inserted { element.wrong("the skill \"\(name)\" is given twice") }
            company.skills.append(name)
        }
        if company.skills.count > Limits.skillsMax { node.wrong("more than \(Limits.skillsMax) skills") }
    }

    private mutating func nameGroups(_ node: ConfigurationNode) {
        for (name, group) in node.members() {
            if groupNodes[name] != nil { group.wrong("the group is given twice") }
            groupNodes[name] = group
        }
        if groupNodes.count > Limits.groupsMax { node.wrong("more than \(Limits.groupsMax) groups") }
    }

    private mutating func nameAgents(_ node: ConfigurationNode) {
        for (pattern, agent) in node.members() {
            guard let names = Self.expand(pattern) else {
                agent.wrong("expected a name, or one with a range as in \"pl-{01..14}\" that counts upwards")
                continue
            }
            for name in names {
                if let former = agentNodes[name] {
                    agent.wrong("the agent \"\(name)\" is given already at \(former.file): \(former.path)")
                }
                agentNodes[name] = agent
            }
        }
        if agentNodes.count > Limits.agentsMax { node.wrong("more than \(Limits.agentsMax) agents") }
    }

    /// "pl-{01..14}" stands for pl-01 to pl-14; a name without braces for itself. Nil for braces that say nothing.
    static func expand(_ pattern: String) -> [String]? {
        guard let open = pattern.firstIndex(of: "{") else { return pattern.contains("}") ? nil : [pattern] }
        guard let close = pattern.firstIndex(of: "}"), open < close else { return nil }
        let inside = pattern[pattern.index(after: open)..<close]
        let rest = pattern[pattern.index(after: close)...]
        let parts = inside.split(separator: "..", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let first = Int(parts[0]), let last = Int(parts[1]), first <= last, last - first < Limits.agentsMax,
            !rest.contains("{"), !rest.contains("}")
        else { return nil }
        let width = parts[0].hasPrefix("0") ? parts[0].count : 0
        return (first...last).map { number in
            let digits = String(number)
            let zeros = String(repeating: "0", count: max(0, width - digits.count))
            return pattern[..<open] + zeros + digits + rest
        }
    }

    // MARK: - groups and agents

    private mutating func readGroups(_ node: ConfigurationNode) {
        let keys: Set<String> = [
            "region", "tier", "escalatesTo", "steps", "overflowAt", "offerTimeout", "refuseAt", "strategy", "weight",
            "hours", "offersAtOnce", "autoAccept", "pull", "lead",
        ]
        for (name, group) in node.members() {
            _ = group.members(allowed: keys)
            var draft = Company.DraftGroup(name: name)
            if let region = group.require("region"), let text = region.text {
                draft.region = text
                if !company.regions.contains(text) { region.wrong("unknown region \"\(text)\"") }
            }
            if let tier = group.require("tier")?.whole(1...3) { draft.tier = Tier(rawValue: UInt8(tier)) ?? .agents }
            draft.escalatesTo = group["escalatesTo"].flatMap { groupName($0) }
            draft.steps = readSteps(group["steps"])
            if let overflowAt = group["overflowAt"]?.whole(1...Int(Limits.waitingPerGroup)) {
                draft.overflowAt = UInt32(overflowAt)
            }
            draft.offerTimeout = group["offerTimeout"]?.milliseconds(100...86_400_000)
                .map { Interval(milliseconds: $0) }
            if let strategy = group["strategy"]?.oneOf(Strategy.allCases.map { ("\($0)", $0) }) {
                draft.strategy = strategy
            }
            draft.delivery = delivery(of: group)
            if let weight = group["weight"]?.whole(1...100) { draft.weight = UInt8(weight) }
            if let refuseAt = group["refuseAt"]?.whole(1...Int(Limits.waitingPerGroup)) {
                draft.refuseAt = UInt32(refuseAt)
            }
            draft.hours = calendarName(group["hours"])
            draft.lead = group["lead"]?.text
            company.groups.append(draft)
        }
    }

    func groupName(_ node: ConfigurationNode) -> String? {
        guard let name = node.text else { return nil }
        if groupNodes[name] == nil { node.wrong("unknown group \"\(name)\"") }
        return name
    }

    private mutating func readAgents(_ node: ConfigurationNode) {
        for (pattern, agent) in node.members() {
            _ = agent.members(allowed: ["groups", "skills", "capacity", "limits", "wrapUp", "hours"])
            var draft = Company.DraftAgent(name: pattern)
            draft.wrapUp = agentWrapUp(agent)
            draft.hours = calendarName(agent["hours"])
            draft.channelLimits = agentLimits(agent)
            for group in agent.require("groups")?.elements ?? [] {
                guard let name = groupName(group) else { continue }
                if draft.groups.contains(name) { group.wrong("the group \"\(name)\" is given twice") }
                draft.groups.append(name)
            }
            for (name, level) in agent["skills"]?.members() ?? [] {
                if !skillNames.contains(name) { level.wrong("unknown skill \"\(name)\"") }
                if let value = level.whole(1...10) {
                    draft.skills.append(Company.DraftSkill(name: name, level: UInt8(value)))
                }
            }
            if draft.groups.count > Limits.groupsPerAgentMax {
                agent.wrong("more than \(Limits.groupsPerAgentMax) groups")
            }
            if draft.skills.count > Limits.skillsPerAgentMax {
                agent.wrong("more than \(Limits.skillsPerAgentMax) skills")
            }
            if let capacity = agent["capacity"]?.whole(1...Limits.capacityMax) { draft.capacity = UInt32(capacity) }
            for name in Self.expand(pattern) ?? [] {
                var one = draft
                one.name = name
                company.agents.append(one)
            }
        }
    }

    // MARK: - rules

    private mutating func readRules() {
        if ruleNodes.count > Limits.rulesMax { ruleNodes[0].wrong("more than \(Limits.rulesMax) rules") }
        var names: Set<String> = []
        for node in ruleNodes {
            _ = node.members(allowed: ["name", "when", "group", "priority", "requires", "sla"])
            var rule = readRoute(node, name: node.require("name")?.text ?? "?")
            if !names.insert(rule.name).inserted { node.wrong("the rule \"\(rule.name)\" is given twice") }
            let keys: Set<String> = ["region", "channel", "segment", "language", "product", "label"]
            for (key, value) in node["when"]?.members(allowed: keys) ?? [] {
                let texts = value.texts
                rule.when[key] = texts
                for region in texts where key == "region" && !company.regions.contains(region) {
                    value.wrong("unknown region \"\(region)\"")
                }
            }
            company.rules.append(rule)
        }
        if let defaultNode {
            _ = defaultNode.members(allowed: ["group", "priority", "requires", "sla"])
            company.rules.append(readRoute(defaultNode, name: "default"))
        }
    }

    private func readRoute(_ node: ConfigurationNode, name: String) -> Company.DraftRule {
        var rule = Company.DraftRule(name: name)
        rule.group = node.require("group").flatMap { groupName($0) } ?? ""
        if let priority = node["priority"]?.whole(0...9) { rule.priority = Priority(priority) }
        rule.sla = node["sla"]?.text ?? ""
        if rule.sla.utf8.count > Limits.wordBytesMax { node["sla"]?.wrong("longer than \(Limits.wordBytesMax) bytes") }
        if !rule.sla.isEmpty && !company.slas.contains(where: { $0.policy.name == rule.sla }) {
            node["sla"]?.wrong("unknown SLA policy \"\(rule.sla)\"")
        }
        for requirement in node["requires"]?.elements ?? [] {
            if let requirement = readRequirement(requirement) { rule.requires.append(requirement) }
        }
        if rule.requires.count > Limits.requirementsMax {
            node.wrong("more than \(Limits.requirementsMax) requirements")
        }
        return rule
    }

    func skillName(_ node: ConfigurationNode) -> String? {
        guard let name = node.text else { return nil }
        if !skillNames.contains(name) { node.wrong("unknown skill \"\(name)\"") }
        return name
    }

    // MARK: - the whole

    private func checkWhole(_ file: String) {
        if company.regions.isEmpty { mistakes.add(file, "regions", "expected at least one region") }
        if company.groups.isEmpty { mistakes.add(file, "groups", "expected at least one group") }
        if defaultNode == nil {
            mistakes.add(file, "default", "missing: every ticket must have somewhere to go, as in { group: \"...\" }")
        }
        let staffed = Set(company.agents.flatMap(\.groups))
        for group in company.groups where !staffed.contains(group.name) {
            groupNodes[group.name]?.wrong("nobody is in this group")
        }
        let agents = Set(company.agents.map(\.name))
        for group in company.groups {
            guard let lead = group.lead, !agents.contains(lead) else { continue }
            groupNodes[group.name]?["lead"]?.wrong("unknown agent \"\(lead)\"")
        }
        checkCycles("escalatesTo") { $0.escalatesTo.map { [$0] } ?? [] }
        checkTiers()
    }

    private func checkTiers() {
        let tiers = Dictionary(company.groups.map { ($0.name, $0.tier) }, uniquingKeysWith: { first, _ in first })
        for group in company.groups {
            if let above = group.escalatesTo, let tier = tiers[above], tier <= group.tier {
                groupNodes[group.name]?["escalatesTo"]?.wrong("\"\(above)\" is not of a higher tier")
            }
            checkTargets(of: group, tiers)
        }
    }

    private func checkTargets(of group: Company.DraftGroup, _ tiers: [String: Tier]) {
        let nodes = groupNodes[group.name]?["steps"]?.elements ?? []
        for (step, node) in zip(group.steps, nodes) {
            for target in step.targets where target == group.name { node.wrong("leads back to \"\(target)\" itself") }
            for case .widen(let names) in step.operations {
                for name in names where tiers[name].map({ $0 != group.tier }) ?? false {
                    node["widen"]?.wrong("\"\(name)\" is of another tier: that is what \"escalate\" is for")
                }
            }
            let escalates = step.operations.contains { if case .escalate = $0 { true } else { false } }
            if step.operations.contains(.alertLead) && group.lead == nil { node.wrong("the group has no \"lead\"") }
            if escalates && group.escalatesTo == nil { node.wrong("the group has no \"escalatesTo\"") }
        }
    }

    /// Reports each group from which one comes back to it.
    private func checkCycles(_ key: String, _ next: (Company.DraftGroup) -> [String]) {
        let groups = Dictionary(company.groups.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for start in company.groups {
            var seen: Set<String> = []
            var ahead = next(start)
            while let name = ahead.popLast() {
                if name == start.name {
                    groupNodes[start.name]?[key]?.wrong("leads back to \"\(start.name)\"")
                    break
                }
                if seen.insert(name).inserted, let group = groups[name] { ahead += next(group) }
            }
        }
    }
}
