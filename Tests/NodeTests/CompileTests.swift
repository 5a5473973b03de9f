import Testing
import Wire

import struct Simulation.SplitMix64

@testable import Node
@testable import Routing

@Suite("a company becomes a policy") struct CompileTests {
    @Test("names that are known keep their numbers, and new ones are appended")
    func numbers() throws {
        let first = try CompanyText().read().compile(adding: Catalog(), version: 1, today: CompanyText.today)
        #expect(first.additions.agents == ["ana", "ben", "bob", "eva"])
        var text = CompanyText()
        text.agents = text.agents.replacing("ben:", with: "aaron:")
        let second = try text.read().compile(adding: first.policy.catalog, version: 2, today: CompanyText.today)
        #expect(second.additions.agents == ["aaron"])
        #expect(second.additions.groups == [] && second.additions.regions == [] && second.additions.skills == [])
        for name in ["ana", "eva", "bob"] {
            #expect(second.policy.agent(named: name)?.id == first.policy.agent(named: name)?.id)
        }
        #expect(second.policy.agent(named: "aaron")?.id == AgentID(4))
        #expect(second.policy.agent(named: "ben") == nil)
        #expect(second.policy.catalog.agents.number(of: "ben") == 1)
    }

    @Test("a name that was dropped and comes back has its old number")
    func comesBack() throws {
        let with = try CompanyText().read()
        var text = CompanyText()
        text.agents = text.agents.replacing("ben:", with: "aaron:")
        let without = try text.read()
        let first = with.compile(adding: Catalog(), version: 1, today: CompanyText.today).policy
        let second = without.compile(adding: first.catalog, version: 2, today: CompanyText.today).policy
        let third = with.compile(adding: second.catalog, version: 3, today: CompanyText.today)
        #expect(third.additions == Catalog.Additions())
        #expect(third.policy.agents[1] == first.agents[1])
        #expect(third.policy.agent(named: "aaron") == nil)
    }

    @Test("the same company again adds nothing and is the same policy")
    func again() throws {
        let company = try CompanyText().read()
        let first = company.compile(adding: Catalog(), version: 1, today: CompanyText.today)
        let second = company.compile(adding: first.policy.catalog, version: 1, today: CompanyText.today)
        #expect(second.policy == first.policy)
        #expect(second.additions == Catalog.Additions())
    }

    @Test("the first rule that holds classifies, and what no rule knows goes where the default says")
    func classification() throws {
        let policy = try CompanyText().read().compile(adding: Catalog(), version: 1, today: CompanyText.today).policy
        let bill = try #require(policy.classify(Submission(region: "a", product: "billing")))
        let billing = try #require(policy.catalog.skills.number(of: "billing"))
        #expect(bill.rule == "bills" && bill.priority == 7)
        #expect(bill.signature.requirements == [Requirement(skill: SkillID(billing), levelMin: 2)])
        #expect(policy.classify(Submission(region: "b", product: "billing"))?.rule == "beta")
        #expect(policy.classify(Submission(region: "nowhere"))?.rule == "default")
    }

    @Test("a random policy comes through the wire as it was", arguments: 0..<200)
    func wire(_ seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let former = Self.company(&random, salt: "f").compile(adding: Catalog(), version: 1, today: CompanyText.today)
            .policy.catalog
        let policy = Self.company(&random, salt: random.pick(["f", "g"])).compile(
            adding: former, version: 2, today: CompanyText.today
        ).policy
        let joined = Reply.joined(Joined(incarnation: Incarnation(7), reign: 3, policy: policy))
        let bytes = Frame.encode(joined)
        let back = try Frame.decode(Reply.self, bytes)
        #expect(back == joined)
        #expect(Frame.encode(back) == bytes)
    }

    /// A company in which every name that is used exists.
    private static func company(_ random: inout SplitMix64, salt: String) -> Company {
        var company = Company()
        company.regions = (0...random.below(4)).map { "region-\(salt)-\($0)" }
        company.skills = (0..<random.below(6)).map { "skill \(salt) ü \($0)" }
        let groups = (0...random.below(6)).map { "\(salt)-\($0)" }
        let skills = company.skills
        for (index, name) in groups.enumerated() {
            var group = Company.DraftGroup(name: name)
            group.region = random.pick(company.regions)
            group.tier = random.pick(Tier.allCases)
            group.escalatesTo = index > 0 && random.below(2) == 0 ? groups[index - 1] : nil
            group.steps = (0..<(index > 0 ? random.below(3) : 0)).map {
                var step = Company.DraftStep()
                step.note = "step \($0)"
                step.when = [.waited(Interval(milliseconds: UInt64($0) * 1000 + UInt64(random.below(900))))]
                step.operations = [.widen([groups[random.below(index)]]), .move(groups[random.below(index)]), .alert]
                return step
            }
            group.offerTimeout = random.below(2) == 0 ? Interval(milliseconds: random.next() >> 20) : nil
            group.refuseAt = UInt32(1 + random.below(100_000))
            company.groups.append(group)
        }
        for index in 0..<random.below(20) {
            var agent = Company.DraftAgent(name: "agent-\(salt)-\(index)")
            agent.groups = groups.filter { _ in random.below(2) == 0 }
            agent.skills = skills.filter { _ in random.below(2) == 0 }
                .map { Company.DraftSkill(name: $0, level: UInt8(1 + random.below(10))) }
            agent.capacity = UInt32(1 + random.below(100))
            company.agents.append(agent)
        }
        for index in 0...random.below(5) {
            var rule = Company.DraftRule(name: "rule \(index)")
            rule.group = random.pick(groups)
            rule.priority = UInt8(random.below(10))
            for key in ["region", "channel", "segment", "language", "product", "label"] where random.below(3) == 0 {
                rule.when[key] = (0..<random.below(3)).map { "\(key)-\($0)" }
            }
            for skill in skills where random.below(4) == 0 {
                let level = UInt8(1 + random.below(10))
                rule.requires.append(
                    Company.DraftRule.Requirement(
                        skill: skill, isFromProduct: random.below(2) == 0, level: level,
                        isPreferred: random.below(4) == 0,
                        relaxations: level > 1 ? [Relaxation(after: .seconds(5), levelMin: 0)] : []))
            }
            company.rules.append(rule)
        }
        company.timing.lease = Interval(milliseconds: random.next())
        company.timing.gossipDigest = Interval(milliseconds: UInt64(random.below(1000)))
        return company
    }
}
