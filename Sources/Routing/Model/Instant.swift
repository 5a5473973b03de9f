/// A length of time in milliseconds.
package struct Interval: Hashable, Comparable, Sendable {
    package let milliseconds: UInt64
    package init(milliseconds: UInt64) { self.milliseconds = milliseconds }
    package static func seconds(_ count: UInt64) -> Interval { Interval(milliseconds: count * 1000) }
    package static let zero = Interval(milliseconds: 0)
    package static func < (a: Interval, b: Interval) -> Bool { a.milliseconds < b.milliseconds }
    package static func + (a: Interval, b: Interval) -> Interval {
        Interval(milliseconds: a.milliseconds.addingWithoutOverflow(b.milliseconds))
    }
}

/// A point on one process's clock that never jumps and counts suspend; milliseconds since an unknown origin.
/// It never leaves its node: between nodes travel ages.
package struct Instant: Hashable, Comparable, Sendable {
    package let milliseconds: UInt64
    package init(milliseconds: UInt64) { self.milliseconds = milliseconds }
    package static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }
    package static func + (a: Instant, b: Interval) -> Instant {
        Instant(milliseconds: a.milliseconds.addingWithoutOverflow(b.milliseconds))
    }
    /// The instant that lies `age` back; the origin if the clock is younger than that.
    package static func - (a: Instant, age: Interval) -> Instant {
        Instant(milliseconds: a.milliseconds > age.milliseconds ? a.milliseconds - age.milliseconds : 0)
    }
    /// How long ago `earlier` was; zero if it is still to come.
    package func since(_ earlier: Instant) -> Interval {
        Interval(milliseconds: milliseconds > earlier.milliseconds ? milliseconds - earlier.milliseconds : 0)
    }
}

/// UTC in milliseconds since 1970; for the journal, the wire and people.
package struct WallTime: Hashable, Comparable, Sendable {
    package let milliseconds: UInt64
    package init(milliseconds: UInt64) { self.milliseconds = milliseconds }
    package static func < (a: WallTime, b: WallTime) -> Bool { a.milliseconds < b.milliseconds }
    package static func + (a: WallTime, b: Interval) -> WallTime {
        WallTime(milliseconds: a.milliseconds.addingWithoutOverflow(b.milliseconds))
    }
    package func since(_ earlier: WallTime) -> Interval {
        Interval(milliseconds: milliseconds > earlier.milliseconds ? milliseconds - earlier.milliseconds : 0)
    }

    /// To the minute, as in "2026-12-24 07:00 UTC".
    package var utc: String {
        // Days since 0000-03-01, so that a leap day is the last of its year.
        let days = milliseconds / 86_400_000 + 719_468
        let inEra = days % 146_097
        let yearOfEra = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365
        let inYear = inEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * inYear + 2) / 153
        let day = inYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = days / 146_097 * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = milliseconds / 60_000 % 1440
        return "\(year)-\(two(month))-\(two(day)) \(two(minutes / 60)):\(two(minutes % 60)) UTC"
    }
}

extension UInt64 {
    /// Times come from outside too: a sum that has no room stays at the end of time.
    fileprivate func addingWithoutOverflow(_ other: UInt64) -> UInt64 {
        let (sum, isOver) = addingReportingOverflow(other)
        return isOver ? .max : sum
    }
}

/// Both clocks, read once a turn by the shell and passed to every `step` of it.
package struct Now: Equatable, Sendable {
    package let instant: Instant
    package let wall: WallTime
    package init(instant: Instant, wall: WallTime) {
        self.instant = instant
        self.wall = wall
    }
}
