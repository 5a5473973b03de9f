/// A skill an agent has, with its level: 1 (knows of it) to 10 (best).
package struct SkillLevel: Hashable, Sendable {
    package let skill: SkillID
    package let level: UInt8
    package init(skill: SkillID, level: UInt8) {
        self.skill = skill
        self.level = level
    }
}

/// A skill that a ticket needs, with the least level that will do.
package struct Requirement: Hashable, Sendable {
    package let skill: SkillID
    package let levelMin: UInt8
    package init(skill: SkillID, levelMin: UInt8) {
        self.skill = skill
        self.levelMin = levelMin
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
        for requirement in requirements {
            var met = false
            for skill in skills where skill.skill == requirement.skill && skill.level >= requirement.levelMin {
                met = true
                break
            }
            if !met { return false }
        }
        return true
    }
}
