import Foundation
import Testing

@testable import Node
@testable import Routing

@Suite("the cluster's files") struct ConfigurationTests {
    static let demo = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("cluster/company").path

    @Test("the demo company loads: 177 agents in 11 groups of 5 regions")
    func demoCompany() throws {
        let company = try Configuration.load(Self.demo)
        #expect(company.agents.count == 177)
        #expect(company.groups.count == 11)
        #expect(Set(company.regions) == ["hq", "pl", "us", "in", "be"])
        #expect(company.skills.count == 21)
        #expect(company.rules.last?.name == "default")
        #expect(company.timing.offerTimeout == .seconds(3))
        #expect(company.timing.routerPark == .seconds(1))
        #expect(company.text.hasPrefix("// agents-be.json5\n"))
    }

    @Test("what a file says is what the company has")
    func content() throws {
        let company = try CompanyText().read()
        #expect(company.regions == ["a", "b"])
        let beta = try #require(company.groups.first { $0.name == "b-1" })
        #expect(beta.region == "b" && beta.tier == .agents && beta.escalatesTo == "a-2")
        #expect(beta.steps.map(\.when) == [[.waited(Interval(milliseconds: 300))]])
        #expect(beta.steps.map(\.operations) == [[.widen(["a-1"])]])
        let ana = try #require(company.agents.first { $0.name == "ana" })
        #expect(ana.capacity == 2)
        #expect(ana.skills.map(\.name) == ["billing", "general"] && ana.skills.map(\.level) == [7, 5])
        #expect(company.agents.first { $0.name == "ben" }?.capacity == 1)
        #expect(company.rules.map(\.name) == ["beta", "bills", "default"])
        #expect(
            company.rules[1].requires == [
                Company.DraftRule.Requirement(skill: "general", isFromProduct: true, level: 2)
            ])
        #expect(company.rules[1].when == ["product": ["billing"]])
    }

    @Test("what a file does not say is safe: one ticket at a time, a bound on every queue, an end of every offer")
    func safeDefaults() throws {
        var text = CompanyText()
        text.settings = "{}"
        text.groups = #"{ "a-1": { region: "a", tier: 1 } }"#
        text.agents = #"{ ana: { groups: ["a-1"] } }"#
        text.rules = "[]"
        let company = try text.read()
        #expect(company.agents.map(\.capacity) == [1])
        let bounds = company.groups.map(\.refuseAt)
        #expect(bounds == [Limits.waitingPerGroup] && Limits.waitingPerGroup > 0)
        #expect(company.timing.offerTimeout > .zero && company.timing.offerTimeout <= .seconds(60))
        #expect(company.timing.grace > .zero && company.timing.declineExclusion > .zero)
    }

    @Test("how tickets come to a group's agents, and what follows from declining, is what the policy has")
    func offers() throws {
        var text = CompanyText()
        text.settings = """
            { expiredPause: "4s", declineReasons: [{ name: "busy", pause: "30s", exclude: "5m" }, { name: "tired" }] }
            """
        text.groups = text.groups.replacing("tier: 2", with: "tier: 2, offersAtOnce: 3")
            .replacing(#""b", tier: 1"#, with: #""b", tier: 1, pull: true"#)
            .replacing(#""a", tier: 1"#, with: #""a", tier: 1, autoAccept: true"#)
        let policy = try text.read().compile(adding: Catalog(), version: 1, today: WallTime(milliseconds: 0)).policy
        #expect(policy.timing.expiredPause == .seconds(4))
        #expect(
            policy.declineReasons == [
                DeclineReason(name: "busy", pause: .seconds(30), exclude: .seconds(300)), DeclineReason(name: "tired"),
            ])
        #expect(policy.group(named: "a-1")?.delivery == .assigned)
        #expect(policy.group(named: "a-2")?.delivery == .offered(atOnce: 3))
        #expect(policy.group(named: "b-1")?.delivery == .taken)
    }

    /// One thing put wrong, and what must be said of it: nothing less and nothing more.
    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout CompanyText) -> Void
        let said: [String]
        init(_ name: String, _ said: [String], _ change: @escaping @Sendable (inout CompanyText) -> Void) {
            testDescription = name
            self.change = change
            self.said = said.map { "company.json5: \($0)" }
        }
    }

    @Test("one mistake is said once, with file, path and what was expected", arguments: Wrong.all)
    func oneMistake(_ wrong: Wrong) {
        var text = CompanyText()
        wrong.change(&text)
        #expect(text.mistakes == wrong.said)
    }

    @Test("all mistakes are said at once")
    func allAtOnce() {
        var text = CompanyText()
        text.settings = #"{ leas: "3s" }"#
        text.agents = #"{ ana: { groups: ["a-1", "x"], skills: { flying: 1 }, capacity: 0 } }"#
        text.fallback = nil
        let said = text.mistakes
        for part in [
            "settings.leas: unknown key", "agents.ana.groups[1]: unknown group \"x\"",
            "agents.ana.skills.flying: unknown skill", "agents.ana.capacity: expected a whole number from 1 to 100",
            "default: missing", "groups[\"a-2\"]: nobody is in this group",
            "groups[\"b-1\"]: nobody is in this group",
        ] { #expect(said.contains { $0.contains(part) }, "\(part)") }
        #expect(said.count == 7)
    }

    @Test("what two files both give is a mistake of the second")
    func twoFiles() {
        let more = """
            { settings: { lease: "4s" }, regions: { a: {} }, skills: ["general"],
              groups: { "a-1": { region: "a", tier: 1 } }, agents: { ben: { groups: ["a-1"] } },
              rules: [{ name: "beta", group: "a-1" }], default: { group: "a-1" } }
            """
        let said = CompanyText.mistakes([("one.json5", CompanyText().whole), ("two.json5", more)])
        #expect(
            said == [
                "two.json5: settings.lease: the setting is given already in one.json5",
                "two.json5: regions.a: the region is given twice",
                "two.json5: skills[0]: the skill \"general\" is given twice",
                "two.json5: groups[\"a-1\"]: the group is given twice",
                "two.json5: agents.ben: the agent \"ben\" is given already at one.json5: agents.ben",
                "two.json5: default: given twice",
                "two.json5: rules[0]: the rule \"beta\" is given twice",
            ])
    }

    @Test("agents are the same through overlapping ranges, too")
    func overlappingRanges() {
        var text = CompanyText()
        text.agents.removeLast()
        text.agents += #""x-{1..3}": { groups: ["a-1"] }, "x-{3..4}": { groups: ["a-1"] } }"#
        #expect(
            text.mistakes == [
                "company.json5: agents[\"x-{3..4}\"]: the agent \"x-3\" is given already at "
                    + "company.json5: agents[\"x-{1..3}\"]"
            ])
    }

    @Test("a text that is not JSON5 is named with its file, beside the mistakes of the others")
    func notJSON5() {
        let said = CompanyText.mistakes([("good.json5", CompanyText().whole), ("bad.json5", "{ groups: ]")])
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix("bad.json5: not JSON5: ") ?? false)
        #expect(CompanyText.mistakes([("empty.json5", "")]).first == "empty.json5: the file is empty: expected { ... }")
        let deep = String(repeating: "[", count: 100_000)
        #expect(CompanyText.mistakes([("deep.json5", deep)]).first?.hasPrefix("deep.json5: not JSON5: ") ?? false)
    }

    @Test("a folder without files, no folder at all, and bytes that are no text are mistakes, not crashes")
    func folders() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("company-\(Draw.bits())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func said() -> [String] {
            do {
                _ = try Configuration.load(folder)
                return []
            } catch let invalid as Configuration.Invalid { return invalid.mistakes.map(\.what) } catch {
                return ["another error: \(error)"]
            }
        }
        #expect(said() == ["no .json5 or .json file in this folder"])
        try Data([0x7b, 0xff, 0xfe, 0x7d]).write(to: URL(fileURLWithPath: "\(folder)/bytes.json5"))
        #expect(said().first?.hasPrefix("cannot be read as UTF-8 text") ?? false)
        try FileManager.default.removeItem(atPath: "\(folder)/bytes.json5")
        try Data(CompanyText().whole.utf8).write(to: URL(fileURLWithPath: "\(folder)/company.json5"))
        try Data("this is no configuration".utf8).write(to: URL(fileURLWithPath: "\(folder)/notes.txt"))
        #expect(said() == [])
        try FileManager.default.removeItem(atPath: folder)
        #expect(said() == ["no such file or folder"])
    }

    @Test("a name with a range stands for all of its names, with as many zeros as its first number")
    func ranges() {
        #expect(CompanyReader.expand("ana") == ["ana"])
        #expect(CompanyReader.expand("pl-{01..14}")?.first == "pl-01")
        #expect(CompanyReader.expand("pl-{01..14}")?.last == "pl-14")
        #expect(CompanyReader.expand("pl-{01..14}")?.count == 14)
        #expect(CompanyReader.expand("{8..11}-x") == ["8-x", "9-x", "10-x", "11-x"])
        #expect(CompanyReader.expand("{098..101}") == ["098", "099", "100", "101"])
        #expect(CompanyReader.expand("{7..7}") == ["7"])
    }

    @Test(
        "braces that say nothing are no name",
        arguments: [
            "{}", "{1}", "{1..}", "{..2}", "{2..1}", "{1.2}", "{1...2}", "{a..b}", "{-1..2}", "{+1..2}", "}1..2{", "x}",
            "{1..2", "{1..2}}", "{1..2}{3..4}", "{0..100000}", "{-9223372036854775808..9223372036854775807}",
        ])
    func noRange(_ pattern: String) { #expect(CompanyReader.expand(pattern) == nil) }

    @Test("durations are numbers with a unit, and nothing else is")
    func durations() {
        let good: [(String, UInt64)] = [
            ("400ms", 400), ("30s", 30_000), ("1.5s", 1500), ("5m", 300_000), ("4h", 14_400_000), ("2d", 172_800_000),
            ("0s", 0),
        ]
        for (text, milliseconds) in good { #expect(Configuration.duration(text) == milliseconds, "\(text)") }
        for text in ["", "s", "30", "30 seconds", "-1s", "1y", "infs", "nans", "1e40d", "ten s"] {
            #expect(Configuration.duration(text) == nil, "\(text)")
        }
    }
}
