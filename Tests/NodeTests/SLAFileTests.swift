import Foundation
import Routing
import Testing

@testable import Node

extension ConfigurationTests.Wrong {
    private static func sla(_ what: String, _ mistakes: [String], _ body: String) -> Self {
        Self(what, mistakes) { $0.slas = "[{ name: \"gold\", \(body) }]" }
    }
    private static let clocks = #"clocks: { resolution: "2h" }"#

    /// What can be wrong with promises.
    static let slas: [Self] = [
        sla("a promise of nothing", [#"slas[0]: "clocks" is missing"#], "warn: [50]"),
        sla("a promise with no clock", ["slas[0].clocks: names no clock"], "clocks: {}"),
        sla(
            "a target that is too short", ["slas[0].clocks.resolution: expected a duration from 15s to 366d"],
            #"clocks: { resolution: "1s" }, pausedBy: {}"#),
        sla(
            "an unknown calendar of a promise", [#"slas[0].calendar: unknown calendar "moon""#],
            clocks + #", calendar: "moon""#),
        sla(
            "an unknown group of a promise", [#"slas[0].when.group[0]: unknown group "a-9""#],
            clocks + #", when: { group: ["a-9"] }"#),
        sla(
            "a pause of a clock that is not there",
            [#"slas[0].pausedBy.groupTime: there is no such clock in "clocks""#],
            clocks + #", pausedBy: { groupTime: ["customer"] }"#),
        sla("warnings that do not rise", ["slas[0].warn: expected rising percents"], clocks + ", warn: [80, 50]"),
        sla(
            "an action at a step that is none", [#"slas[0].actions.70: unknown key; known here: 50, breach"#],
            clocks + #", warn: [50], actions: { "70": { alert: true } }"#),
        sla(
            "an action that does nothing",
            ["slas[0].actions.breach: says nothing to do: one of alert, answer, escalate, move, notify, raise, widen"],
            clocks + ", actions: { breach: {} }"),
        sla(
            "an alert of somebody", [#"slas[0].actions.breach.alert: expected true for the operators, or "lead""#],
            clocks + #", actions: { breach: { alert: "ana" } }"#),
        sla(
            "a topic without a name",
            [#"slas[0].actions.breach.notify: expected a text of 1 to 128 bytes, found the text """#],
            clocks + #", actions: { breach: { notify: "" } }"#),
        Self("a lead who is no agent", [#"groups["a-2"].lead: unknown agent "zed""#]) {
            $0.groups = $0.groups.replacingOccurrences(of: "tier: 2", with: #"tier: 2, lead: "zed""#)
        },
        Self("a step that tells a lead where there is none", [#"groups["b-1"].steps[0]: the group has no "lead""#]) {
            $0.groups = $0.groups.replacingOccurrences(of: #"widen: ["a-1"]"#, with: #"alert: "lead""#)
        },
        Self("a rule with an unknown promise", [#"default.sla: unknown SLA policy "gold""#]) {
            $0.fallback = #"{ group: "a-1", sla: "gold" }"#
        },
        Self("a promise given twice", [#"slas[1]: the SLA policy "x" is given twice"#]) {
            $0.slas = "[{ name: \"x\", \(clocks) }, { name: \"x\", \(clocks) }]"
        },
    ]
}

@Suite("promises in the cluster file") struct SLAFileTests {
    @Test("all of a promise is read, with numbers in place of names")
    func whole() throws {
        var text = CompanyText()
        text.calendars = #"{ office: { zone: "Europe/Warsaw", open: { "mon-fri": ["08:00-16:00"] } } }"#
        text.slas = """
            [
              { name: "gold", when: { segment: ["vip", "key"], priority: 7, channel: "mail", group: ["a-1", "b-1"] },
                calendar: "office", clocks: { firstResponse: "2h", resolution: "2d" },
                pausedBy: { resolution: ["customer", "hold"] }, warn: [50, 80],
                actions: { "80": { raise: 1 },
                           breach: { escalate: true, alert: "lead", notify: "crisis", widen: ["a-1"] } } },
              { name: "named", onlyNamed: true, clocks: { nextResponse: "30m" } },
            ]
            """
        text.fallback = #"{ group: "a-1", sla: "named" }"#
        text.groups = text.groups.replacingOccurrences(of: "tier: 2", with: #"tier: 2, lead: "ana""#)
        let policy = try text.read().compile(adding: Catalog(), version: 1, today: CompanyText.today).policy
        var gold = SLAPolicy(name: "gold")
        gold.segments = ["vip", "key"]
        gold.channels = ["mail"]
        let groups = ["a-1", "b-1"].compactMap { policy.group(named: $0)?.id }
        gold.groups = groups
        gold.priorityMin = 7
        gold.calendar = CalendarID(0)
        gold.clocks = [
            SLAPolicy.Terms(kind: .firstResponse, target: .seconds(7200)),
            SLAPolicy.Terms(kind: .resolution, target: .seconds(172_800), pausedBy: [.customer, .hold]),
        ]
        gold.warn = [50, 80]
        gold.actions = [
            SLAPolicy.Action(percent: 80, operations: [.raise(1)]),
            SLAPolicy.Action(
                percent: 100, operations: [.alertLead, .notify(topic: "crisis"), .widen([groups[0]]), .escalate(nil)]),
        ]
        #expect(policy.slas.first == gold)
        #expect(policy.group(named: "a-2")?.lead == policy.catalog.agents.number(of: "ana").map { AgentID($0) })
        #expect(policy.slas.last?.isNamedOnly == true)
        #expect(policy.rules.last?.sla == "named")
    }
}
