import Foundation
import Routing

/// The section `calendars`, and who goes by them.
extension CompanyReader {
    mutating func readCalendars(_ node: ConfigurationNode) {
        for (name, calendar) in node.members() {
            _ = calendar.members(allowed: ["zone", "open", "holidays", "days"])
            if company.calendars.contains(where: { $0.name == name }) { calendar.wrong("the calendar is given twice") }
            var draft = DraftCalendar(name: name)
            if let zone = calendar.require("zone"), let text = zone.text {
                draft.zone = text
                if TimeZone(identifier: text) == nil {
                    zone.wrong("unknown time zone \"\(text)\"; known are those of the machine's tzdata")
                }
            }
            if let open = calendar.require("open") { readWeek(open, into: &draft) }
            for (key, holiday) in calendar["holidays"]?.members() ?? [] {
                if let date = date(key, holiday), let title = holiday.text { draft.holidays[date] = title }
            }
            for (key, day) in calendar["days"]?.members() ?? [] {
                guard let date = date(key, day) else { continue }
                if draft.holidays[date] != nil { day.wrong("the day is a holiday already") }
                draft.days[date] = spans(day)
            }
            if draft.holidays.count + draft.days.count > Limits.calendarDatesMax {
                calendar.wrong("more than \(Limits.calendarDatesMax) holidays and days")
            }
            company.calendars.append(draft)
        }
        if company.calendars.count > Limits.calendarsMax { node.wrong("more than \(Limits.calendarsMax) calendars") }
    }

    /// The calendar that a group or an agent goes by.
    func calendarName(_ node: ConfigurationNode?) -> String? {
        guard let node, let name = node.text else { return nil }
        if !company.calendars.contains(where: { $0.name == name }) { node.wrong("unknown calendar \"\(name)\"") }
        return name
    }

    private static let weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    private func readWeek(_ node: ConfigurationNode, into draft: inout DraftCalendar) {
        var given = [ConfigurationNode?](repeating: nil, count: 7)
        for (key, value) in node.members() {
            guard let days = Self.days(key) else {
                value.wrong("expected a day from mon to sun, or several as in \"tue-fri\"")
                continue
            }
            let spans = spans(value)
            for day in days {
                if let former = given[day] {
                    value.wrong("\(Self.weekdays[day]) is given already at \(former.path)")
                }
                given[day] = value
                draft.week[day] = spans
            }
        }
        for day in 0..<7 {
            guard let last = draft.week[(day + 6) % 7].last, let first = draft.week[day].first else { continue }
            if last.to - 1440 > first.from {
                given[day]?.wrong("begins before \(Self.weekdays[(day + 6) % 7]) has ended after midnight")
            }
        }
    }

    /// "tue" and "tue-fri", also over the end of the week as in "sat-mon".
    static func days(_ key: String) -> [Int]? {
        let ends = key.split(separator: "-", omittingEmptySubsequences: false)
            .map { weekdays.firstIndex(of: String($0)) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2 else { return nil }
        return (0...((last - first + 7) % 7)).map { (first + $0) % 7 }
    }

    private func date(_ key: String, _ node: ConfigurationNode) -> CivilDate? {
        let date = CivilDate(key)
        if date == nil { node.wrong("expected a day as in \"2026-12-24\", found \"\(key)\"") }
        return date
    }

    /// The intervals of one day, in order.
    private func spans(_ node: ConfigurationNode) -> [DraftCalendar.Span] {
        var spans: [(span: DraftCalendar.Span, node: ConfigurationNode)] = []
        for element in node.elements {
            guard let text = element.text else { continue }
            guard let span = Self.span(text) else {
                element.wrong(
                    "expected hours as in \"08:00-12:00\", or past midnight \"22:00-02:00\", found \"\(text)\"")
                continue
            }
            spans.append((span, element))
        }
        if spans.count > Limits.intervalsPerDayMax { node.wrong("more than \(Limits.intervalsPerDayMax) intervals") }
        spans.sort { ($0.span.from, $0.span.to) < ($1.span.from, $1.span.to) }
        for (first, second) in zip(spans, spans.dropFirst()) where first.span.to > second.span.from {
            second.node.wrong("overlaps another interval of the day")
        }
        return spans.map(\.span)
    }

    /// An end that is not later than the beginning is meant for the next day; the same minute twice means nothing.
    static func span(_ text: String) -> DraftCalendar.Span? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(minutes)
        guard ends.count == 2, let from = ends[0], let to = ends[1], from < 1440, from != to else { return nil }
        return DraftCalendar.Span(from: from, to: to > from ? to : to + 1440)
    }

    /// Minutes after midnight, from "00:00" to "24:00".
    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [2, 2], parts.allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }
}
