import Foundation
package import Routing

/// Local hours become a table in UTC, once, when the file is loaded: a question to Foundation costs 0.3 ms, one to the
/// table less than a microsecond.
///
/// **A local time means the first moment at which the clock on the wall shows it or more.** So a time that daylight
/// saving leaves out is the moment of the change, and one that comes twice is its first coming; an interval whose ends
/// are both left out is none, and one within an hour that comes twice is open once. Being in order, ends stay in order.
///
/// A holiday is closed from midnight to midnight, also to what began on the day before and would last past midnight. A
/// special day replaces only what begins on that day; intervals that meet or overlap become one.
extension DraftCalendar {
    /// Over `Limits.calendarDaysBack` and `Limits.calendarDaysAhead`, from midnight to midnight.
    package func compile(around today: WallTime) -> Hours {
        let clock = WallClock(TimeZone(identifier: zone) ?? .gmt, around: today)
        let (first, last) = clock.days
        let horizon = clock.start(of: first)..<clock.start(of: last)
        var open: [Range<Int>] = []
        var closed: [Hours.Holiday] = []
        // From the day before: its night reaches into the horizon.
        for day in (first - 1)..<last {
            let date = CivilDate(day: day)
            if let name = holidays[date] {
                let start = clock.start(of: day)
                let range = (start..<clock.start(of: day + 1)).clamped(to: horizon)
                if !range.isEmpty {
                    closed.append(
                        Hours.Holiday(from: .at(range.lowerBound), until: .at(range.upperBound), name: name))
                }
                cut(&open, at: start)
                continue
            }
            for span in days[date] ?? week[date.weekday] {
                let range = clock.first(day, minute: span.from)..<clock.first(day, minute: span.to)
                append(range.clamped(to: horizon), to: &open)
            }
        }
        let hours = Hours(
            name: name, zone: zone, from: .at(horizon.lowerBound), until: .at(horizon.upperBound),
            edges: open.flatMap { [.at($0.lowerBound), .at($0.upperBound)] }, holidays: closed)
        invariant(hours != nil, "the calendar \"\(name)\" was laid out in disorder")
        return hours ?? .always
    }

    private func append(_ range: Range<Int>, to open: inout [Range<Int>]) {
        if range.isEmpty { return }
        if let last = open.last, range.lowerBound <= last.upperBound {
            open[open.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        } else {
            open.append(range)
        }
    }

    private func cut(_ open: inout [Range<Int>], at end: Int) {
        guard let last = open.last, last.upperBound > end else { return }
        open.removeLast()
        if last.lowerBound < end { open.append(last.lowerBound..<end) }
    }
}

/// The clock on the wall of a time zone for some years: since when it is how much ahead of UTC. All in seconds.
private struct WallClock {
    private var changes: [(from: Int, offset: Int)] = []
    /// The days of the horizon by their number since 1970: the first one, and the one after the last one.
    let days: (first: Int, last: Int)

    /// The last day whose seconds fit into a table.
    private static let dayMax = Int(UInt32.max) / 86_400 - 1

    init(_ zone: TimeZone, around today: WallTime) {
        let now = Int(min(today.milliseconds / 1000, UInt64(UInt32.max)))
        func offset(at second: Int) -> Int {
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second)))
        }
        let local = now + offset(at: now)
        let last = min(local / 86_400 + Limits.calendarDaysAhead, Self.dayMax)
        days = (min(max(0, local / 86_400 - Limits.calendarDaysBack), last), last)
        // No zone has changed its clock twice within six hours.
        let step = 6 * 3600
        var place = (days.first - 3) * 86_400
        changes = [(from: .min / 2, offset: offset(at: place))]
        while place < (days.last + 3) * 86_400 {
            let next = place + step
            let offsetNext = offset(at: next)
            if offsetNext != changes[changes.count - 1].offset {
                var (before, after) = (place, next)
                while after - before > 1 {
                    let middle = (before + after) / 2
                    if offset(at: middle) == offsetNext { after = middle } else { before = middle }
                }
                changes.append((after, offsetNext))
            }
            place = next
        }
    }

    func start(of day: Int) -> Int { first(day, minute: 0) }

    /// The first moment at which the clock shows so many minutes after a day's midnight, or more; none before 1970.
    func first(_ day: Int, minute: Int) -> Int {
        let shown = day * 86_400 + minute * 60
        for (index, change) in changes.enumerated() {
            let moment = max(change.from, shown - change.offset)
            if index + 1 == changes.count || moment < changes[index + 1].from { return max(0, moment) }
        }
        return 0
    }
}

extension WallTime {
    fileprivate static func at(_ second: Int) -> WallTime { WallTime(milliseconds: UInt64(second) * 1000) }
}
