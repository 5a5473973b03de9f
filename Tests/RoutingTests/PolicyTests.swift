import Testing

@testable import Routing

@Suite("policies") struct PolicyTests {
    private let policy = Company(people: EndToEndTests.people).policy
    private let hqAgents = GroupID(0)
    private let engineers = GroupID(1)
    private let vendors = GroupID(2)
    private let north = GroupID(3)
    private let south = GroupID(4)

    @Test("the first rule that holds decides; the last one holds for everybody")
    func firstRule() {
        #expect(policy.classify(Submission(segment: "vip", region: "north"))?.rule == "vip")
        #expect(policy.classify(Submission(region: "north"))?.rule == "north")
        let rest = policy.classify(Submission(region: "moon"))
        #expect(rest?.rule == "rest")
        #expect(rest?.group == hqAgents)
        #expect(rest?.signature == Signature([]))
        #expect(Policy.empty.classify(Submission()) == nil)
    }

    @Test("a product that is called like a skill asks for it, any other for the rule's own")
    func productSkill() {
        #expect(
            policy.classify(Submission(region: "north", product: "bus"))?.signature.requirements == [
                Requirement(skill: SkillID(1), levelMin: 3)
            ])
        #expect(
            policy.classify(Submission(region: "north", product: "boat"))?.signature.requirements == [
                Requirement(skill: SkillID(0), levelMin: 3)
            ])
    }

    @Test("all of a rule's conditions must hold, of its labels one")
    func conditions() {
        var rule = Rule(name: "r", group: hqAgents, priority: 1)
        rule.channels = ["mail"]
        rule.languages = ["de", "fr"]
        rule.labels = ["a", "b"]
        #expect(rule.holds(for: Submission(channel: "mail", language: "fr", labels: ["x", "b"])))
        #expect(!rule.holds(for: Submission(channel: "mail", language: "fr", labels: ["x"])))
        #expect(!rule.holds(for: Submission(channel: "mail", language: "en", labels: ["a"])))
        #expect(!rule.holds(for: Submission(channel: "phone", language: "de", labels: ["a"])))
    }

    @Test("escalation goes up one group, or over it to the asked tier, and ends at the top")
    func escalation() {
        #expect(policy.escalation(from: north, to: nil) == engineers)
        #expect(policy.escalation(from: north, to: .vendors) == vendors)
        #expect(policy.escalation(from: engineers, to: nil) == vendors)
        #expect(policy.escalation(from: engineers, to: .agents) == nil)
        #expect(policy.escalation(from: vendors, to: nil) == nil)
    }

    @Test("sent down, a ticket goes back the way it came; without one, to its own region's group first")
    func sendDown() {
        #expect(policy.sendDown(from: vendors, path: [south, engineers, vendors], region: nil, to: nil) == engineers)
        #expect(policy.sendDown(from: vendors, path: [south, engineers, vendors], region: nil, to: .agents) == south)
        #expect(policy.sendDown(from: engineers, path: [engineers], region: RegionID(2), to: nil) == south)
        #expect(policy.sendDown(from: engineers, path: [engineers], region: nil, to: nil) == hqAgents)
        #expect(policy.sendDown(from: engineers, path: [north, engineers], region: nil, to: .engineers) == nil)
        #expect(policy.sendDown(from: engineers, path: [north, engineers], region: nil, to: .vendors) == nil)
        #expect(policy.sendDown(from: north, path: [north], region: nil, to: nil) == nil)
    }

    @Test("a requirement is met by the skill at its level or above, and by nothing else")
    func requirements() {
        let signature = Signature([
            Requirement(skill: SkillID(2), levelMin: 5), Requirement(skill: SkillID(1), levelMin: 1),
        ])
        func skills(_ levels: (UInt32, UInt8)...) -> [SkillLevel] {
            levels.map { SkillLevel(skill: SkillID($0.0), level: $0.1) }
        }
        #expect(signature.isMet(by: skills((1, 1), (2, 5))))
        #expect(!signature.isMet(by: skills((1, 1), (2, 4))))
        #expect(!signature.isMet(by: skills((2, 9))))
        #expect(Signature([]).isMet(by: []))
        #expect(signature == Signature(signature.requirements.reversed()))
    }

    @Test("a name keeps its number for ever, and a new one gets the next")
    func numbers() {
        var names = NameList()
        for name in ["a", "b", "a", "c"] { names.add(name) }
        #expect(names.names == ["a", "b", "c"])
        #expect(names.number(of: "b") == 1)
        #expect(names.number(of: "z") == nil)
        #expect(names.name(2) == "c")
        #expect(names.name(9) == "?")
    }
}
