/// A calendar as a cluster file gives it: hours by the clock on the wall of a time zone.
package struct DraftCalendar: Equatable, Sendable {
    /// Minutes after midnight, as in "08:00-12:00". An end beyond 24 hours lies on the next day.
    package struct Span: Equatable, Sendable {
        package var from: Int
        package var to: Int
        package init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }
    }

    package var name: String
    /// As in "Europe/Warsaw"; known to this machine.
    package var zone = "UTC"
    /// From Monday to Sunday, each in order and without overlap.
    package var week = [[Span]](repeating: [], count: 7)
    /// Days on which nobody works.
    package var holidays: [CivilDate: String] = [:]
    /// Days with other intervals than their weekday's.
    package var days: [CivilDate: [Span]] = [:]
    package init(name: String) { self.name = name }
}

/// A day in the Gregorian calendar, by its number since 1970-01-01.
package struct CivilDate: Hashable, Comparable, Sendable {
    package let day: Int
    package init(day: Int) { self.day = day }
    package static func < (a: CivilDate, b: CivilDate) -> Bool { a.day < b.day }

    /// Nil for days that do not exist, and outside of 1970...2199.
    package init?(year: Int, month: Int, dayOfMonth: Int) {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1970...2199).contains(year), (1...12).contains(month), (1...lengths[month - 1]).contains(dayOfMonth)
        else { return nil }
        let before = year - 1
        let leaps = before / 4 - before / 100 + before / 400 - 477
        day = (year - 1970) * 365 + leaps + lengths[..<(month - 1)].reduce(0, +) + dayOfMonth - 1
    }

    /// As in "2026-12-24", with all its digits.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } })
        else { return nil }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == 3 else { return nil }
        self.init(year: numbers[0], month: numbers[1], dayOfMonth: numbers[2])
    }

    /// 0 for Monday to 6 for Sunday; 1970-01-01 was a Thursday.
    package var weekday: Int { ((day + 3) % 7 + 7) % 7 }
}
