import Foundation
import Testing
import Wire

@testable import Node
@testable import Routing

@Suite("calendars in a cluster file") struct CalendarFileTests {
    private static func poland(_ calendar: String) throws -> Policy {
        var text = CompanyText()
        text.calendars = "{ poland: \(calendar) }"
        text.agents = text.agents.replacing("capacity: 2 }", with: #"capacity: 2, hours: "poland" }"#)
        text.groups = text.groups.replacing(#"tier: 2 }"#, with: #"tier: 2, hours: "poland" }"#)
        return try text.read().compile(adding: Catalog(), version: 1, today: CompanyText.today).policy
    }

    /// Minutes by the clock of Warsaw in winter.
    private static func warsaw(_ date: String, _ hour: Int, _ minute: Int = 0) -> WallTime {
        let minutes = CivilDate(date)!.day * 1440 + (hour - 1) * 60 + minute
        return WallTime(milliseconds: UInt64(minutes) * 60_000)
    }

    @Test("the calendar of a cluster file is that of the group and the agent who name it")
    func file() throws {
        let policy = try Self.poland(
            """
            { zone: "Europe/Warsaw",
              open: { mon: ["12:30-17:00", "08:00-12:00"], "tue-fri": ["08:00-17:00"], sat: ["22:00-02:00"] },
              holidays: { "2026-12-25": "Christmas" }, days: { "2026-12-24": ["08:00-12:00"] } }
            """)
        let agent = try #require(policy.agent(named: "ana"))
        let group = try #require(policy.group(named: "a-2"))
        let hours = policy.hours(of: agent)
        #expect(hours.name == "poland" && policy.hours(of: group) == hours)
        #expect(policy.agent(named: "ben").map { policy.hours(of: $0) } == .always)
        // Sunday 22 November to Monday.
        #expect(hours.isOpen(at: Self.warsaw("2026-11-22", 1, 59)) && !hours.isOpen(at: Self.warsaw("2026-11-22", 2)))
        #expect(hours.nextOpening(after: Self.warsaw("2026-11-22", 3)) == Self.warsaw("2026-11-23", 8))
        #expect(!hours.isOpen(at: Self.warsaw("2026-11-23", 12, 15)))
        // Thursday and Friday.
        #expect(hours.nextClosing(after: Self.warsaw("2026-12-24", 9)) == Self.warsaw("2026-12-24", 12))
        #expect(hours.holiday(at: Self.warsaw("2026-12-25", 0)) == "Christmas")
        #expect(hours.nextOpening(after: Self.warsaw("2026-12-24", 12)) == Self.warsaw("2026-12-26", 22))
        #expect(
            hours.adding(worked: .seconds(5 * 3600), to: Self.warsaw("2026-12-24", 9)) == Self.warsaw("2026-12-27", 0))
    }

    @Test("a night ends where a holiday begins, and goes on into a day with hours of its own")
    func nights() throws {
        let night = #"{ zone: "Europe/Warsaw", open: { "mon-sun": ["22:00-06:00"] }"#
        let policy = try Self.poland(
            night + #", holidays: { "2026-12-25": "Christmas" }, days: { "2026-12-10": ["05:00-07:00"] } }"#)
        let hours = policy.calendars[0]
        #expect(hours.nextClosing(after: Self.warsaw("2026-12-24", 23)) == Self.warsaw("2026-12-25", 0))
        #expect(hours.nextOpening(after: Self.warsaw("2026-12-25", 0)) == Self.warsaw("2026-12-26", 22))
        #expect(hours.nextClosing(after: Self.warsaw("2026-12-09", 23)) == Self.warsaw("2026-12-10", 7))
        #expect(hours.nextOpening(after: Self.warsaw("2026-12-10", 7)) == Self.warsaw("2026-12-11", 22))
    }

    @Test("days that follow each other around the clock are one interval, until the table ends")
    func aroundTheClock() throws {
        let hours = try Self.poland(#"{ zone: "Europe/Warsaw", open: { "mon-sun": ["00:00-24:00"] } }"#).calendars[0]
        #expect(hours.edges == [hours.from, hours.until])
        #expect(hours.covers(CompanyText.today) && hours.isOpen(at: CompanyText.today))
        let back = CompanyText.today.since(hours.from).milliseconds / 86_400_000
        let ahead = hours.until.since(CompanyText.today).milliseconds / 86_400_000
        #expect(Int(back) == Limits.calendarDaysBack && Int(ahead) == Limits.calendarDaysAhead - 1)
    }

    @Test("a table is made wherever the clock stands, also where there is no time for it")
    func strangeClocks() {
        var draft = DraftCalendar(name: "c")
        draft.zone = "Pacific/Kiritimati"
        draft.week = [[DraftCalendar.Span]](repeating: [DraftCalendar.Span(from: 0, to: 1440)], count: 7)
        for wall in [0, 5_000_000, UInt64(UInt32.max) * 1000, .max] {
            let hours = draft.compile(around: WallTime(milliseconds: wall))
            #expect(hours.edges.count <= 2 && hours.from <= hours.until)
        }
    }

    @Test("two intervals a day over the whole horizon take less than 30 KB on the wire, and come back equal")
    func size() throws {
        let two = #"{ zone: "America/New_York", open: { "mon-sun": ["08:00-12:00", "12:30-17:00"] } }"#
        let hours = try Self.poland(two).calendars[0]
        #expect(hours.edges.count > 8_800)
        let bytes = Frame.encode(hours)
        #expect(bytes.count < 30_000)
        #expect(try Frame.decode(Hours.self, bytes) == hours)
    }

    @Test("days are what the calendar says, leap years and all")
    func civilDates() {
        #expect(CivilDate("1970-01-01")?.day == 0 && CivilDate("2000-03-01")?.day == 11_017)
        #expect(CivilDate("2026-11-22")?.day == 20_779 && CivilDate("2026-11-22")?.weekday == 6)
        for wrong in [
            "2026-02-29", "2100-02-29", "2026-13-01", "2026-00-01", "2026-1-01", "26-01-01", "2026-04-31", "",
        ] {
            #expect(CivilDate(wrong) == nil, "\(wrong)")
        }
        var calendar = Foundation.Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        for day in stride(from: 0, to: 84_000, by: 13) {
            let parts = calendar.dateComponents(
                [.year, .month, .day, .weekday], from: Date(timeIntervalSince1970: TimeInterval(day) * 86_400))
            let date = CivilDate(year: parts.year!, month: parts.month!, dayOfMonth: parts.day!)
            #expect(date?.day == day && date.map { ($0.weekday + 1) % 7 + 1 } == parts.weekday)
        }
    }

    @Test("times are told by the clock on the wall, with the date when the weekday is not enough")
    func words() {
        let local = LocalTime(zone: "Europe/Warsaw")
        let now = CompanyText.today
        #expect(local.words(Self.warsaw("2026-11-23", 8), seenAt: now) == "Mon 08:00")
        #expect(local.words(Self.warsaw("2026-11-30", 8, 5), seenAt: now) == "Mon 2026-11-30 08:05")
        #expect(local.date(Self.warsaw("2026-11-23", 0)) == "2026-11-23")
    }
}
