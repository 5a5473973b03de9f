/// When a group is open or an agent works: open intervals in UTC, laid out ahead from local hours, so that no question
/// needs a time zone. An interval is open from its opening up to its closing, at which it is closed.
///
/// The table covers a horizon, from `from` up to `until`. **Outside of the horizon everything counts as closed**: no
/// edge lies there, no open time passes there, and `adding` has no answer there. `covers` tells such a closed time from
/// a known one. All questions take a binary search; no answer depends on who asks or when.
package struct Hours: Equatable, Sendable {
    /// A day on which nobody works, from its first instant to its last in local time.
    package struct Holiday: Equatable, Sendable {
        package let from: WallTime
        package let until: WallTime
        package let name: String
        package init(from: WallTime, until: WallTime, name: String) {
            self.from = from
            self.until = until
            self.name = name
        }
    }

    package let name: String
    /// As in "Europe/Warsaw": where the local hours were read; for people only.
    package let zone: String
    package let from: WallTime
    package let until: WallTime
    /// In order of time; only those within the horizon.
    package let holidays: [Holiday]
    /// Whether there are no hours at all, only `always`.
    package let isAlways: Bool
    /// Opening, closing, opening, closing ... in seconds since 1970, strictly rising: 8 bytes an interval.
    private let seconds: [UInt32]
    /// Open seconds before each interval, and as the last one those of the whole horizon: 4 bytes an interval.
    private let before: [UInt32]

    /// Open without end; what everybody has who is given no hours.
    package static let always = Hours()

    private init() {
        name = "always"
        zone = ""
        from = WallTime(milliseconds: 0)
        until = WallTime(milliseconds: .max)
        holidays = []
        isAlways = true
        seconds = []
        before = [0]
    }

    /// Nil unless `edges` are openings and closings in turn, strictly rising, whole seconds before 2106 and within the
    /// horizon, and the holidays stand in order of time without overlap. So intervals neither touch nor are empty.
    package init?(
        name: String, zone: String, from: WallTime, until: WallTime, edges: [WallTime], holidays: [Holiday] = []
    ) {
        guard from <= until, until.milliseconds <= UInt64(UInt32.max) * 1000, edges.count % 2 == 0 else { return nil }
        var seconds: [UInt32] = []
        var before: [UInt32] = [0]
        seconds.reserveCapacity(edges.count)
        before.reserveCapacity(edges.count / 2 + 1)
        for edge in edges {
            guard edge >= from, edge <= until, edge.milliseconds % 1000 == 0 else { return nil }
            let second = UInt32(edge.milliseconds / 1000)
            if let last = seconds.last {
                guard last < second else { return nil }
                // The edge closes what the last one opened.
                if seconds.count % 2 == 1 { before.append(before[before.count - 1] + second - last) }
            }
            seconds.append(second)
        }
        guard holidays.allSatisfy({ $0.from < $0.until }),
            zip(holidays, holidays.dropFirst()).allSatisfy({ $0.until <= $1.from })
        else { return nil }
        self.name = name
        self.zone = zone
        self.from = from
        self.until = until
        self.holidays = holidays
        isAlways = false
        self.seconds = seconds
        self.before = before
    }

    /// Openings and closings in turn.
    package var edges: [WallTime] { seconds.map { WallTime(milliseconds: UInt64($0) * 1000) } }

    /// Whether the table knows anything of this time.
    package func covers(_ time: WallTime) -> Bool { isAlways || (from <= time && time < until) }

    package func isOpen(at time: WallTime) -> Bool { isAlways || passed(at: time) % 2 == 1 }

    /// The first opening later than `time`; nil when the horizon ends before, and for `always`.
    package func nextOpening(after time: WallTime) -> WallTime? {
        let next = passed(at: time)
        return edge(next % 2 == 0 ? next : next + 1)
    }

    /// The first closing later than `time`, the end of the horizon among them; nil when there is none.
    package func nextClosing(after time: WallTime) -> WallTime? {
        let next = passed(at: time)
        return edge(next % 2 == 1 ? next : next + 1)
    }

    /// The first opening or closing later than `time`; nil when there is none.
    package func nextEdge(after time: WallTime) -> WallTime? { edge(passed(at: time)) }

    /// The open time between two times; zero if the second is not later.
    package func worked(from: WallTime, to: WallTime) -> Interval {
        guard from < to else { return .zero }
        return isAlways ? to.since(from) : Interval(milliseconds: open(before: to) - open(before: from))
    }

    /// The first time by which so much open time has passed since `time`: `time` itself for zero, a closing rather than
    /// the opening after it. Nil when the horizon ends before.
    package func adding(worked: Interval, to time: WallTime) -> WallTime? {
        if worked == .zero || isAlways { return time + worked }
        let (target, isOver) = open(before: time).addingReportingOverflow(worked.milliseconds)
        let interval = Self.first(in: before.count - 1) { UInt64(before[$0 + 1]) * 1000 >= target }
        guard !isOver, interval < before.count - 1 else { return nil }
        let rest = target - UInt64(before[interval]) * 1000
        return WallTime(milliseconds: UInt64(seconds[2 * interval]) * 1000 + rest)
    }

    /// The name of the holiday that it is then.
    package func holiday(at time: WallTime) -> String? {
        let next = Self.first(in: holidays.count) { holidays[$0].until > time }
        return next < holidays.count && holidays[next].from <= time ? holidays[next].name : nil
    }

    // MARK: - searching

    /// How many edges there are up to `time`; it is open after an odd number of them.
    private func passed(at time: WallTime) -> Int {
        let second = time.milliseconds / 1000
        return Self.first(in: seconds.count) { UInt64(seconds[$0]) > second }
    }

    private func edge(_ index: Int) -> WallTime? {
        index < seconds.count ? WallTime(milliseconds: UInt64(seconds[index]) * 1000) : nil
    }

    /// Open milliseconds from the start of the horizon to `time`.
    private func open(before time: WallTime) -> UInt64 {
        let edges = passed(at: time)
        let whole = UInt64(before[edges / 2]) * 1000
        return edges % 2 == 0 ? whole : whole + time.milliseconds - UInt64(seconds[edges - 1]) * 1000
    }

    /// The first of `count` indices for which `holds`, which holds for all after it; `count` when there is none.
    private static func first(in count: Int, where holds: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Policy {
    /// The hours by their number; `always` for none.
    package func hours(_ id: CalendarID?) -> Hours {
        guard let id, id.index < calendars.count else { return .always }
        return calendars[id.index]
    }
    package func hours(of group: Group) -> Hours { hours(group.hours) }
    /// His own; those of his groups are theirs.
    package func hours(of agent: Agent) -> Hours { hours(agent.hours) }
}
