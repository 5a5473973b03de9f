import Node
import Routing

/// What a calendar of a cluster file comes to now.
struct ShownCalendar: Encodable {
    let name: String
    let zone: String
    let isOpen: Bool
    /// The holiday that it is today.
    let holiday: String?
    /// When it opens or closes next, by its own clock; missing when it never does.
    let next: String?
    let nextMilliseconds: UInt64?
    let hoursInComingWeek: Double
    /// The last day of which anything is known: outside of the table everything counts as closed.
    let knownUntil: String

    init(_ hours: Hours, now: WallTime) {
        let local = LocalTime(zone: hours.zone)
        let edge = hours.nextEdge(after: now)
        name = hours.name
        zone = hours.zone
        isOpen = hours.isOpen(at: now)
        holiday = hours.holiday(at: now)
        next = edge.map { local.words($0, seenAt: now) }
        nextMilliseconds = edge?.milliseconds
        let worked = hours.worked(from: now, to: now + .seconds(7 * 86_400)).milliseconds
        hoursInComingWeek = (Double(worked) / 360_000).rounded() / 10
        knownUntil = local.date(WallTime(milliseconds: max(1, hours.until.milliseconds) - 1))
    }

    var text: String {
        let day = holiday.map { " for \($0)" } ?? ""
        let edge = next.map { ", \(isOpen ? "closes" : "opens") \($0)" } ?? ""
        return
            "  calendar \(name) (\(zone)): \(isOpen ? "open" : "closed")\(day) now\(edge); \(hoursInComingWeek) h in "
            + "the coming week; known until \(knownUntil)"
    }
}
