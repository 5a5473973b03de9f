@testable import Node

extension ConfigurationTests.Wrong {
    private static func poland(_ what: String, _ mistakes: [String], _ body: String) -> Self {
        Self(what, mistakes) { $0.calendars = "{ poland: { \(body) } }" }
    }
    private static let zone = #"zone: "Europe/Warsaw", "#

    /// What can be wrong with hours.
    static let calendars: [Self] = [
        poland(
            "an unknown time zone",
            [
                #"calendars.poland.zone: unknown time zone "Europe/Krakow"; "#
                    + "known are those of the machine's tzdata"
            ], #"zone: "Europe/Krakow", open: {}"#),
        poland(
            "a calendar without a zone and hours",
            [#"calendars.poland: "zone" is missing"#, #"calendars.poland: "open" is missing"#], ""),
        poland(
            "a day that is none",
            [#"calendars.poland.open.monday: expected a day from mon to sun, or several as in "tue-fri""#],
            zone + #"open: { monday: ["08:00-12:00"] }"#),
        poland(
            "a day given twice",
            [#"calendars.poland.open.tue: tue is given already at calendars.poland.open["mon-fri"]"#],
            zone + #"open: { "mon-fri": ["08:00-12:00"], tue: [] }"#),
        poland(
            "hours that are none",
            [
                "calendars.poland.open.mon[0]: expected hours as in \"08:00-12:00\", or past midnight "
                    + "\"22:00-02:00\", found \"8-12\"",
                "calendars.poland.open.mon[1]: expected hours as in \"08:00-12:00\", or past midnight "
                    + "\"22:00-02:00\", found \"08:00-24:01\"",
                "calendars.poland.open.mon[2]: expected hours as in \"08:00-12:00\", or past midnight "
                    + "\"22:00-02:00\", found \"08:00-08:00\"",
            ], zone + #"open: { mon: ["8-12", "08:00-24:01", "08:00-08:00"] }"#),
        poland(
            "hours that overlap", ["calendars.poland.open.mon[1]: overlaps another interval of the day"],
            zone + #"open: { mon: ["08:00-12:00", "11:59-13:00"] }"#),
        poland(
            "a night that overlaps the next morning",
            ["calendars.poland.open.mon: begins before sun has ended after midnight"],
            zone + #"open: { sun: ["22:00-09:00"], mon: ["08:00-12:00"] }"#),
        poland(
            "days that do not exist",
            [
                #"calendars.poland.holidays["2026-02-29"]: expected a day as in "2026-12-24", found "2026-02-29""#,
                #"calendars.poland.days["24.12."]: expected a day as in "2026-12-24", found "24.12.""#,
            ], zone + #"open: {}, holidays: { "2026-02-29": "x" }, days: { "24.12.": [] }"#),
        poland(
            "a holiday with hours", [#"calendars.poland.days["2026-12-25"]: the day is a holiday already"#],
            zone + #"open: {}, holidays: { "2026-12-25": "x" }, days: { "2026-12-25": ["08:00-12:00"] }"#),
        poland(
            "more intervals than a day may have", ["calendars.poland.open.mon: more than 8 intervals"],
            zone + "open: { mon: [" + (0..<9).map { "\"0\($0):00-0\($0):30\"" }.joined(separator: ", ") + "] }"),
        poland(
            "more holidays than a calendar may have", ["calendars.poland: more than 512 holidays and days"],
            zone + "open: {}, holidays: { "
                + (0..<513).map { "\"\(2000 + $0 / 22)-01-\(10 + $0 % 22)\": \"x\"" }.joined(separator: ", ") + " }"),
        Self("more calendars than there may be", ["calendars: more than 128 calendars"]) {
            $0.calendars = "{ " + (0..<129).map { "c\($0): { zone: \"UTC\", open: {} }" }.joined(separator: ", ") + " }"
        },
        Self("an unknown calendar of a group", [#"groups["a-2"].hours: unknown calendar "x""#]) {
            $0.groups = $0.groups.replacing("tier: 2", with: #"tier: 2, hours: "x""#)
        },
        Self("an unknown calendar of an agent", [#"agents.ana.hours: unknown calendar "x""#]) {
            $0.agents = $0.agents.replacing("capacity: 2", with: #"capacity: 2, hours: "x""#)
        },
    ]
}
