@testable import Node

extension ConfigurationTests.Wrong {
    /// One of each kind that there is.
    static let all = names + numbers + shapes + ways + calendars + offers + slas

    private static func replacing(
        _ part: any WritableKeyPath<CompanyText, String> & Sendable, _ old: String, _ new: String
    ) -> @Sendable (inout CompanyText) -> Void {
        { text in text[keyPath: part] = text[keyPath: part].replacing(old, with: new) }
    }

    private static let names: [Self] = [
        Self("an unknown group of an agent", [#"agents.ben.groups[0]: unknown group "a-9""#]) {
            $0.agents = $0.agents.replacing(#"ben: { groups: ["a-1"]"#, with: #"ben: { groups: ["a-9"]"#)
        },
        Self(
            "an unknown group to escalate to", [#"groups["b-1"].escalatesTo: unknown group "a-9""#],
            replacing(\.groups, #"escalatesTo: "a-2", steps"#, #"escalatesTo: "a-9", steps"#)),
        Self(
            "an unknown group to widen to", [#"groups["b-1"].steps[0].widen[0]: unknown group "a-9""#],
            replacing(\.groups, #"widen: ["a-1"]"#, #"widen: ["a-9"]"#)),
        Self(
            "an unknown group of a rule", [#"rules[0].group: unknown group "b-9""#],
            replacing(\.rules, #"group: "b-1""#, #"group: "b-9""#)),
        Self("an unknown group of the default", [#"default.group: unknown group "x""#]) {
            $0.fallback = #"{ group: "x" }"#
        },
        Self(
            "an unknown skill of an agent", [#"agents.bob.skills.flying: unknown skill "flying""#],
            replacing(\.agents, "general: 4", "flying: 4")),
        Self(
            "an unknown skill of a rule", [#"rules[0].requires[0].skill: unknown skill "flying""#],
            replacing(\.rules, #"skill: "general""#, #"skill: "flying""#)),
        Self(
            "an unknown region of a group", [#"groups["b-1"].region: unknown region "c""#],
            replacing(\.groups, #"region: "b""#, #"region: "c""#)),
        Self(
            "an unknown region of a rule", [#"rules[0].when.region: unknown region "c""#],
            replacing(\.rules, #"region: ["b"]"#, #"region: ["c"]"#)),
        Self(
            "a group given twice to an agent", [#"agents.bob.groups[1]: the group "b-1" is given twice"#],
            replacing(\.agents, #"["b-1"]"#, #"["b-1", "b-1"]"#)),
        Self(
            "a skill given twice", [#"skills[2]: the skill "billing" is given twice"#],
            replacing(\.skills, "]", #", "billing"]"#)),
        Self(
            "a rule given twice", [#"rules[1]: the rule "beta" is given twice"#],
            replacing(\.rules, #""bills""#, #""beta""#)),
        Self(
            "a range that counts downwards",
            [#"agents["z-{3..1}"]: expected a name, or one with a range as in "pl-{01..14}" that counts upwards"#],
            replacing(\.agents, "bob:", #""z-{3..1}": { groups: ["a-1"] }, bob:"#)),
    ]

    private static let numbers: [Self] = [
        Self(
            "capacity 0", ["agents.ana.capacity: expected a whole number from 1 to 100, found the number 0"],
            replacing(\.agents, "capacity: 2", "capacity: 0")),
        Self(
            "capacity beyond all bounds",
            ["agents.ana.capacity: expected a whole number from 1 to 100, found the number 1e+300"],
            replacing(\.agents, "capacity: 2", "capacity: 1e300")),
        Self(
            "half a capacity", ["agents.ana.capacity: expected a whole number from 1 to 100, found the number 1.5"],
            replacing(\.agents, "capacity: 2", "capacity: 1.5")),
        Self(
            "level 11", ["agents.bob.skills.general: expected a whole number from 1 to 10, found the number 11"],
            replacing(\.agents, "general: 4", "general: 11")),
        Self(
            "tier 4", [#"groups["b-1"].tier: expected a whole number from 1 to 3, found the number 4"#],
            replacing(\.groups, #"region: "b", tier: 1"#, #"region: "b", tier: 4"#)),
        Self(
            "priority 10", ["rules[1].priority: expected a whole number from 0 to 9, found the number 10"],
            replacing(\.rules, "priority: 7", "priority: 10")),
        Self(
            "a bad duration",
            [
                #"settings.lease: expected a duration such as "400ms", "30s", "5m", "4h" or "2d", "#
                    + #"found the text "soon""#
            ], replacing(\.settings, "3s", "soon")),
        Self(
            "a duration without a unit",
            [
                #"settings.lease: expected a duration such as "400ms", "30s", "5m", "4h" or "2d", "#
                    + "found the number 3"
            ], replacing(\.settings, #""3s""#, "3")),
        Self(
            "a lease that is too short", ["settings.lease: expected a duration from 1s to 10m"],
            replacing(\.settings, "3s", "10ms")),
        Self(
            "polls that park longer than clients wait", ["settings.sessionPark: expected a duration from 500ms to 10s"],
            replacing(\.settings, "lease:", #"sessionPark: "30s", lease:"#)),
    ]

    private static let shapes: [Self] = [
        Self(
            "an unknown setting",
            [
                "settings.leas: unknown key; known here: awayReasons, declineExclusion, declineReasons, "
                    + "expiredPause, fairShare, gossipDigest, gossipGather, grace, handOverFor, "
                    + "headStarts, homecomingAfter, hopBudget, lease, lifeMax, lifeWarning, offerTimeout, "
                    + "order, pendingMax, quarantineAfterAttempts, quarantineAfterDeaths, regionReturn, "
                    + "reopenKeepsAge, reopenWindow, sessionPark, sessionTimeout, stickyFor, targets, wrapUp"
            ], replacing(\.settings, "lease:", "leas:")),
        Self(
            "an unknown key of an agent",
            ["agents.ana.capacty: unknown key; known here: capacity, groups, hours, limits, skills, wrapUp"],
            replacing(\.agents, "capacity: 2", "capacty: 2")),
        Self(
            "a section that does not exist",
            [
                "team: unknown key; known here: agents, calendars, channels, default, groups, regions, rules, "
                    + "settings, skills, slas"
            ],
            replacing(\.skills, "]", "], team: {}")),
        Self("a text for a list", [#"agents.ben.groups: expected a list, found the text "a-1""#]) {
            $0.agents = $0.agents.replacing(#"ben: { groups: ["a-1"]"#, with: #"ben: { groups: "a-1""#)
        },
        Self("a list for an object", ["settings: expected an object, found a list"]) { $0.settings = "[]" },
        Self(
            "a number among a rule's words",
            ["rules[0].when.region[1]: expected a text of 1 to 128 bytes, found the number 5"],
            replacing(\.rules, #"["b"]"#, #"["b", 5]"#)),
        Self(
            "a group without a region", [#"groups["a-2"]: "region" is missing"#],
            replacing(\.groups, #"region: "a", tier: 2"#, "tier: 2")),
        Self(
            "a rule without a group", [#"rules[0]: "group" is missing"#],
            replacing(\.rules, #"group: "b-1", "#, "")),
        Self(
            "a key that stands twice", ["settings.lease: the key stands twice: in line 1 and in line 1"],
            replacing(\.settings, "lease:", #"lease: "5s", lease:"#)),
    ]

    private static let ways: [Self] = [
        Self("no default", ["default: missing: every ticket must have somewhere to go, as in { group: \"...\" }"]) {
            $0.fallback = nil
        },
        Self(
            "a group nobody is in", [#"groups["b-1"]: nobody is in this group"#],
            replacing(\.agents, #"["b-1"]"#, #"["a-1"]"#)),
        Self(
            "a step to itself", [#"groups["b-1"].steps[0]: leads back to "b-1" itself"#],
            replacing(\.groups, #"widen: ["a-1"]"#, #"widen: ["b-1"]"#)),
        Self(
            "a step to another tier",
            [#"groups["b-1"].steps[0].widen: "a-2" is of another tier: that is what "escalate" is for"#],
            replacing(\.groups, #"widen: ["a-1"]"#, #"widen: ["a-2"]"#)),
        Self(
            "a step that does nothing",
            [
                #"groups["b-1"].steps[0]: says nothing to do: "#
                    + "one of alert, answer, escalate, move, notify, raise, widen"
            ],
            replacing(\.groups, #", widen: ["a-1"]"#, "")),
        Self(
            "a step without a condition",
            [#"groups["b-1"].steps[0]: "when" is missing"#],
            replacing(\.groups, #"{ when: { waited: "300ms" }, widen: ["a-1"] }"#, "{ raise: 1 }")),
        Self(
            "a step that names one group twice", [#"groups["b-1"].steps[0].widen: a group is given twice"#],
            replacing(\.groups, #"widen: ["a-1"]"#, #"widen: ["a-1", "a-1"]"#)),
        Self(
            "a condition that is false",
            [#"groups["b-1"].steps[0].when.closed: expected true, or nothing at all"#],
            replacing(\.groups, #"waited: "300ms""#, #"waited: "300ms", closed: false"#)),
        Self(
            "a step up where there is no way up", [#"groups["a-2"].steps[0]: the group has no "escalatesTo""#],
            replacing(\.groups, #"tier: 2 }"#, #"tier: 2, steps: [{ when: { attempts: 3 }, escalate: true }] }"#)),
        Self(
            "escalation in a circle",
            [
                #"groups["a-1"].escalatesTo: leads back to "a-1""#, #"groups["a-2"].escalatesTo: leads back to "a-2""#,
                #"groups["a-2"].escalatesTo: "a-1" is not of a higher tier"#,
            ], replacing(\.groups, "tier: 2", #"tier: 2, escalatesTo: "a-1""#)),
        Self(
            "escalation to a tier that is not higher",
            [#"groups["b-1"].escalatesTo: "a-1" is not of a higher tier"#],
            replacing(\.groups, #"escalatesTo: "a-2", steps"#, #"escalatesTo: "a-1", steps"#)),
    ]

    private static let offers: [Self] = [
        Self(
            "more asked at once than may be",
            [#"groups["a-2"].offersAtOnce: expected a whole number from 1 to 8, found the number 9"#],
            replacing(\.groups, "tier: 2", "tier: 2, offersAtOnce: 9")),
        Self(
            "a group that asks nobody, twice over",
            [#"groups["a-2"]: expected "autoAccept" or "pull", not both"#],
            replacing(\.groups, "tier: 2", "tier: 2, autoAccept: true, pull: true")),
        Self(
            "several asked at once where nobody is",
            [#"groups["a-2"].offersAtOnce: has no meaning where nothing is offered"#],
            replacing(\.groups, "tier: 2", "tier: 2, pull: true, offersAtOnce: 2")),
        Self(
            "a reason for declining that is given twice, and one without a name",
            [
                "settings.declineReasons[1]: the reason is given twice",
                #"settings.declineReasons[2]: "name" is missing"#,
            ],
            replacing(
                \.settings, "lease:",
                #"declineReasons: [{ name: "busy" }, { name: "busy" }, { pause: "30s" }], lease:"#)),
        Self(
            "a reason that keeps a ticket away for too long",
            ["settings.declineReasons[0].exclude: expected a duration from 0ms to 1d"],
            replacing(\.settings, "lease:", #"declineReasons: [{ name: "busy", exclude: "2d" }], lease:"#)),
    ]
}
