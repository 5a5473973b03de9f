import Routing

/// The clockwork and the company-wide rules: `settings` and `channels`, and what rules ask of agents.
extension CompanyReader {
    mutating func readSettings(_ node: ConfigurationNode) {
        let durations: [String: (WritableKeyPath<Timing, Interval>, ClosedRange<UInt64>)] = [
            "lease": (\.lease, 1000...600_000), "offerTimeout": (\.offerTimeout, 100...86_400_000),
            "grace": (\.grace, 0...86_400_000), "reopenWindow": (\.reopenWindow, 0...31_536_000_000),
            "declineExclusion": (\.declineExclusion, 0...86_400_000), "stickyFor": (\.stickyFor, 0...86_400_000),
            "expiredPause": (\.expiredPause, 0...86_400_000),
            // Clients of every cluster give up on a router 3 s after the default.
            "sessionPark": (\.sessionPark, 500...Timing().sessionPark.milliseconds),
            "sessionTimeout": (\.sessionTimeout, 1000...600_000),
            "regionReturn": (\.regionReturn, 0...3_600_000), "gossipGather": (\.gossipGather, 1...1000),
            "gossipDigest": (\.gossipDigest, 100...60_000), "handOverFor": (\.handOverFor, 0...86_400_000),
            "pendingMax": (\.pendingMax, 1000...31_536_000_000), "lifeMax": (\.lifeMax, 60_000...31_536_000_000),
            "lifeWarning": (\.lifeWarning, 0...31_536_000_000),
            "homecomingAfter": (\.homecomingAfter, 0...86_400_000),
        ]
        let counts: [String: (WritableKeyPath<Timing, UInt32>, ClosedRange<Int>)] = [
            "hopBudget": (\.hopBudget, 0...1000), "quarantineAfterAttempts": (\.attemptsMax, 1...10_000),
            "quarantineAfterDeaths": (\.deathsMax, 1...1000),
        ]
        let others: Set<String> = [
            "wrapUp", "fairShare", "order", "headStarts", "targets", "awayReasons", "reopenKeepsAge",
            "declineReasons",
        ]
        for (key, value) in node.members(allowed: Set(durations.keys).union(counts.keys).union(others)) {
            if let former = settingNodes.updateValue(value, forKey: key) {
                value.wrong("the setting is given already in \(former.file)")
            }
            if let (path, range) = durations[key], let milliseconds = value.milliseconds(range) {
                company.timing[keyPath: path] = Interval(milliseconds: milliseconds)
            }
            if let (path, range) = counts[key], let count = value.whole(range) {
                company.timing[keyPath: path] = UInt32(count)
            }
        }
        if let keepsAge = node["reopenKeepsAge"]?.flag { company.timing.reopenKeepsAge = keepsAge }
        // A third of the lease: two lost polls in a row do not end a router.
        company.timing.routerPark = Interval(milliseconds: company.timing.lease.milliseconds / 3)
        if let share = node["fairShare"] { readFairShare(share) }
        if let reasons = node["declineReasons"] { readDeclineReasons(reasons) }
        readOrder(node)
        if let reasons = node["awayReasons"] {
            company.awayReasons = reasons.elements.compactMap(\.text)
            if company.awayReasons.count > Limits.awayReasonsMax {
                reasons.wrong("more than \(Limits.awayReasonsMax) reasons")
            }
        }
    }

    /// Names with what follows: a pause for the agent, and how long this ticket is not his again.
    private mutating func readDeclineReasons(_ node: ConfigurationNode) {
        for element in node.elements {
            _ = element.members(allowed: ["name", "pause", "exclude"])
            guard let name = element.require("name")?.text else { continue }
            if company.declineReasons.contains(where: { $0.name == name }) {
                element.wrong("the reason is given twice")
            }
            let pause = element["pause"]?.milliseconds(0...86_400_000) ?? 0
            let exclude = element["exclude"]?.milliseconds(0...Limits.retryAfterMax.milliseconds)
            company.declineReasons.append(
                DeclineReason(
                    name: name, pause: Interval(milliseconds: pause),
                    exclude: exclude.map { Interval(milliseconds: $0) }))
        }
        if company.declineReasons.count > Limits.declineReasonsMax {
            node.wrong("more than \(Limits.declineReasonsMax) reasons")
        }
    }

    /// How a group's tickets come to its agents: offered to one or several, assigned, or taken; one of these.
    func delivery(of group: ConfigurationNode) -> Delivery {
        let atOnce = group["offersAtOnce"].map { $0.whole(1...Limits.offersAtOnceMax) ?? 1 } ?? 1
        let isAssigned = group["autoAccept"].map { $0.flag ?? false } ?? false
        let isTaken = group["pull"].map { $0.flag ?? false } ?? false
        if isAssigned && isTaken { group.wrong("expected \"autoAccept\" or \"pull\", not both") }
        if (isAssigned || isTaken) && group["offersAtOnce"] != nil {
            group["offersAtOnce"]?.wrong("has no meaning where nothing is offered")
        }
        if isAssigned { return .assigned }
        return isTaken ? .taken : .offered(atOnce: UInt8(atOnce))
    }

    private mutating func readFairShare(_ node: ConfigurationNode) {
        _ = node.members(allowed: ["most", "window"])
        if let most = node.require("most")?.whole(1...Limits.givenKept) { company.fairness.most = UInt32(most) }
        if let window = node.require("window")?.milliseconds(1000...604_800_000) {
            company.fairness.window = Interval(milliseconds: window)
        }
    }

    private mutating func readOrder(_ node: ConfigurationNode) {
        guard let order = node["order"] else {
            for key in ["headStarts", "targets"] { node[key]?.wrong("has no meaning without \"order\"") }
            return
        }
        switch order.oneOf([("priority", 0), ("aging", 1), ("deadline", 2)]) {
        case 1: company.order = .aging(headStarts: byPriority(node.require("headStarts")))
        case 2: company.order = .deadline(targets: byPriority(node.require("targets")))
        default: break
        }
    }

    /// Ten durations from an object such as { "9": "1h", "8": "30m" }; a priority that is not named takes that of the
    /// next lower one that is, the lowest zero.
    private func byPriority(_ node: ConfigurationNode?) -> [Interval] {
        let named = node?.members(allowed: Set((0...9).map(String.init))) ?? []
        var intervals: [Interval] = []
        for priority in 0...9 {
            let value = named.first { $0.key == String(priority) }?.node.milliseconds(0...31_536_000_000)
            intervals.append(value.map { Interval(milliseconds: $0) } ?? intervals.last ?? .zero)
        }
        return intervals
    }

    mutating func readChannels(_ node: ConfigurationNode) {
        for (name, channel) in node.members() {
            _ = channel.members(allowed: ["cost", "pendingCost"])
            if company.channels.contains(where: { $0.name == name }) { channel.wrong("the channel is given twice") }
            guard let cost = channel.require("cost")?.whole(1...Limits.capacityMax) else { continue }
            let pending = channel["pendingCost"].map { $0.whole(0...cost) ?? cost } ?? cost
            company.channels.append(
                Channel(name: name, cost: Cost(active: UInt8(cost), pending: UInt8(pending))))
        }
        if company.channels.count > Limits.channelsMax { node.wrong("more than \(Limits.channelsMax) channels") }
    }

    // MARK: - agents

    func agentWrapUp(_ node: ConfigurationNode) -> Interval {
        let duration = node["wrapUp"] ?? settingNodes["wrapUp"]
        return Interval(milliseconds: duration?.milliseconds(0...3_600_000) ?? 0)
    }

    func agentLimits(_ node: ConfigurationNode) -> [ChannelLimit] {
        (node["limits"]?.members() ?? []).compactMap { name, value in
            if !company.channels.contains(where: { $0.name == name }) { value.wrong("unknown channel \"\(name)\"") }
            return value.whole(0...Limits.capacityMax).map { ChannelLimit(channel: name, most: UInt32($0)) }
        }
    }

    // MARK: - requirements

    func readRequirement(_ node: ConfigurationNode) -> Company.DraftRule.Requirement? {
        _ = node.members(allowed: ["skill", "skillFrom", "otherwise", "level", "preferred", "relax"])
        var requirement: Company.DraftRule.Requirement?
        if let from = node["skillFrom"] {
            if from.text != "product" { from.wrong("expected \"product\"") }
            requirement = node.require("otherwise").flatMap { skillName($0) }
                .map { Company.DraftRule.Requirement(skill: $0, isFromProduct: true) }
        } else {
            requirement = node.require("skill").flatMap { skillName($0) }
                .map { Company.DraftRule.Requirement(skill: $0) }
        }
        requirement?.level = UInt8(node["level"].map { $0.whole(1...10) ?? 1 } ?? 1)
        requirement?.isPreferred = node["preferred"].map { $0.flag ?? false } ?? false
        let relaxations = readRelaxations(node["relax"], below: requirement?.level ?? 10)
        requirement?.relaxations = relaxations
        return requirement
    }

    private func readRelaxations(_ node: ConfigurationNode?, below level: UInt8) -> [Relaxation] {
        guard let node else { return [] }
        var steps: [Relaxation] = []
        for step in node.elements {
            _ = step.members(allowed: ["after", "level", "drop"])
            guard let after = step.require("after")?.milliseconds(1...604_800_000) else { continue }
            let drops = step["drop"].map { $0.flag ?? false } ?? false
            if drops && step["level"] != nil { step.wrong("expected \"level\" or \"drop\", not both") }
            guard let least = drops ? 0 : step.require("level")?.whole(1...10) else { continue }
            if least >= (steps.last.map { Int($0.levelMin) } ?? Int(level)) {
                step.wrong("expected less than before: a step only ever gives something up")
            }
            if let last = steps.last, last.after.milliseconds >= after {
                step.wrong("steps must stand in the order of \"after\"")
            }
            steps.append(Relaxation(after: Interval(milliseconds: after), levelMin: UInt8(least)))
        }
        if steps.count > Limits.relaxationsMax { node.wrong("more than \(Limits.relaxationsMax) steps") }
        return steps
    }
}
