import Foundation
package import Routing

/// Times by the clock on the wall of a time zone, for people.
package struct LocalTime {
    private var calendar = Foundation.Calendar(identifier: .gregorian)

    /// An unknown zone is taken for UTC.
    package init(zone: String) { calendar.timeZone = TimeZone(identifier: zone) ?? .gmt }

    /// As in "Mon 08:00"; with the date, "Mon 2026-12-28 08:00", when the weekday alone could be another week's.
    package func words(_ time: WallTime, seenAt now: WallTime) -> String {
        let parts = parts(time)
        let isNear = time.since(now) < .seconds(6 * 86_400) && now.since(time) < .seconds(86_400)
        let clock = "\(Self.twoDigits(parts.hour)):\(Self.twoDigits(parts.minute))"
        return isNear ? "\(weekday(parts)) \(clock)" : "\(weekday(parts)) \(date(time)) \(clock)"
    }

    /// As in "2026-12-28".
    package func date(_ time: WallTime) -> String {
        let parts = parts(time)
        return "\(parts.year ?? 0)-\(Self.twoDigits(parts.month))-\(Self.twoDigits(parts.day))"
    }

    private func parts(_ time: WallTime) -> DateComponents {
        // Beyond the end of the world of `Date` nobody reads a clock.
        let seconds = TimeInterval(min(time.milliseconds / 1000, UInt64(UInt32.max)))
        return calendar.dateComponents(
            [.year, .month, .day, .weekday, .hour, .minute], from: Date(timeIntervalSince1970: seconds))
    }

    private func weekday(_ parts: DateComponents) -> String {
        ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][((parts.weekday ?? 1) + 6) % 7]
    }

    private static func twoDigits(_ number: Int?) -> String {
        let number = number ?? 0
        return number < 10 ? "0\(number)" : "\(number)"
    }
}
