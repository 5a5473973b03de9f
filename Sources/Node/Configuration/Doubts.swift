import Routing

/// What may be meant in a cluster file and probably is not: told by `switchyard check`, and never a reason to refuse.
extension Company {
    /// In order of groups and steps, each a sentence that begins with the group's name.
    package var doubts: [String] {
        groups.flatMap { group in
            deliveryDoubts(of: group)
                + group.steps.indices.flatMap { index in
                    doubts(of: group, group.steps[index], index + 1, earlier: group.steps[..<index])
                }
        }
    }

    private func deliveryDoubts(of group: DraftGroup) -> [String] {
        let asksAttempts = group.steps.contains { step in
            step.when.contains { if case .attempts = $0 { true } else { false } }
        }
        guard asksAttempts, case .offered = group.delivery else {
            return asksAttempts ? ["\(group.name): \"attempts\" is never so: nothing is offered there"] : []
        }
        return []
    }

    private func doubts(
        of group: DraftGroup, _ step: DraftStep, _ number: Int, earlier: ArraySlice<DraftStep>
    ) -> [String] {
        let place = "\(group.name), step \(number)"
        var doubts: [String] = []
        if step.when.contains(.closed) && group.hours == nil {
            doubts.append("\(place): \"closed\" is never so: the group has no hours")
        }
        for condition in step.when {
            if case .length(let most) = condition, most >= group.refuseAt {
                doubts.append("\(place): \"length\" \(most) is never so: at \(group.refuseAt) tickets are refused")
            }
            if case .attempts(let most) = condition, most >= timing.attemptsMax {
                doubts.append(
                    "\(place): \"attempts\" \(most) is never so: at \(timing.attemptsMax) a ticket is quarantined")
            }
        }
        if let former = earlier.firstIndex(where: { $0.alwaysMoves && $0.holdsWhenever(step) }) {
            doubts.append("\(place): never reached: step \(former + 1) has moved every such ticket away by then")
        }
        return doubts + targetDoubts(of: group, step, place)
    }

    private func targetDoubts(of group: DraftGroup, _ step: DraftStep, _ place: String) -> [String] {
        let targets = step.targets.compactMap { name in groups.first { $0.name == name } }
        var doubts = targets.compactMap { target -> String? in
            if let hours = target.hours, calendars.first(where: { $0.name == hours })?.neverOpens ?? false {
                return "\(place): \(target.name) is never open: its calendar \"\(hours)\" has no hours"
            }
            let members = agents.filter { $0.groups.contains(target.name) }
            return members.allSatisfy { $0.groups.contains(group.name) }
                ? "\(place): \(target.name) has nobody who is not in \(group.name) too" : nil
        }
        if let hours = group.hours, step.when.contains(.closed), !targets.isEmpty,
            targets.allSatisfy({ $0.hours == hours })
        {
            doubts.append("\(place): where it sends tickets is closed then too, by the same calendar")
        }
        return doubts
    }
}

extension DraftCalendar {
    fileprivate var neverOpens: Bool { week.allSatisfy(\.isEmpty) && days.values.allSatisfy(\.isEmpty) }
}

extension Company.DraftStep {
    /// Whether it takes a ticket out of its group once it is taken, whatever the ticket is.
    fileprivate var alwaysMoves: Bool {
        operations.contains { operation in
            switch operation {
            case .move, .escalate: true
            case .widen, .raise, .answer, .alert, .alertLead, .notify: false
            }
        }
    }

    /// Whether each of its conditions holds as soon as the other step's do.
    fileprivate func holdsWhenever(_ other: Company.DraftStep) -> Bool {
        when.allSatisfy { mine in other.when.contains { mine.holds(whenever: $0) } }
    }
}

extension Condition {
    fileprivate func holds(whenever other: Condition) -> Bool {
        switch (self, other) {
        case (.waited(let mine), .waited(let other)): mine <= other
        case (.age(let mine), .age(let other)): mine <= other
        // Who has waited so long is at least so old.
        case (.age(let mine), .waited(let other)): mine <= other
        case (.attempts(let mine), .attempts(let other)): mine <= other
        case (.length(let mine), .length(let other)): mine <= other
        case (.priority(let mine), .priority(let other)): mine <= other
        case (.predictedWait(let mine), .predictedWait(let other)): mine <= other
        case (.segment(let mine), .segment(let other)): Set(other).isSubset(of: mine)
        case (.channel(let mine), .channel(let other)): Set(other).isSubset(of: mine)
        default: self == other
        }
    }
}
