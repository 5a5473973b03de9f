/// A skill an agent has, with its level: 1 (knows of it) to 10 (best).
package struct SkillLevel: Hashable, Sendable {
    package let skill: SkillID
    package let level: UInt8
    package init(skill: SkillID, level: UInt8) {
        self.skill = skill
        self.level = level
    }
}

/// One step of giving in: when a ticket has waited `after`, less will do.
package struct Relaxation: Hashable, Sendable {
    package let after: Interval
    /// The least level from then on; 0 drops the requirement.
    package let levelMin: UInt8
    package init(after: Interval, levelMin: UInt8) {
        self.after = after
        self.levelMin = levelMin
    }
}

/// A skill that a ticket needs, with the least level that will do.
package struct Requirement: Hashable, Sendable {
    package let skill: SkillID
    package let levelMin: UInt8
    /// Preferred: counts for "best skilled", excludes nobody.
    package let isPreferred: Bool
    /// In rising order of `after`, `Limits.relaxationsMax` at most. The ticket keeps its place.
    package let relaxations: [Relaxation]
    package init(skill: SkillID, levelMin: UInt8, isPreferred: Bool = false, relaxations: [Relaxation] = []) {
        self.skill = skill
        self.levelMin = levelMin
        self.isPreferred = isPreferred
        self.relaxations = relaxations
    }
}

/// Everything a ticket needs, sorted by skill: two tickets with equal signatures fit the same agents.
package struct Signature: Hashable, Sendable {
    package let requirements: [Requirement]

    package init(_ requirements: [Requirement]) {
        self.requirements = requirements.sorted { $0.skill < $1.skill }
    }

    /// Whether an agent with these skills may take a ticket of this signature. Both lists are short (`Limits`).
    package func isMet(by skills: [SkillLevel]) -> Bool {
        for requirement in requirements where !requirement.isPreferred {
            var met = false
            for skill in skills where skill.skill == requirement.skill && skill.level >= requirement.levelMin {
                met = true
                break
            }
            if !met { return false }
        }
        return true
    }

    /// What is still asked for of a ticket that has waited so long.
    package func relaxed(after waited: Interval) -> Signature {
        guard requirements.contains(where: { $0.relaxations.first.map { $0.after <= waited } ?? false }) else {
            return self
        }
        return Signature(
            requirements.compactMap { requirement in
                guard let step = requirement.relaxations.last(where: { $0.after <= waited }) else { return requirement }
                guard step.levelMin > 0 else { return nil }
                return Requirement(
                    skill: requirement.skill, levelMin: step.levelMin, isPreferred: requirement.isPreferred,
                    relaxations: requirement.relaxations)
            })
    }

    /// The wait at which less will do than after `waited`; nil when nothing more is given up.
    package func nextRelaxation(after waited: Interval) -> Interval? {
        requirements.flatMap(\.relaxations).map(\.after).filter { $0 > waited }.min()
    }
}
