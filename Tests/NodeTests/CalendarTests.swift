import Foundation
import Testing
import Wire

import struct Simulation.SplitMix64

@testable import Node
@testable import Routing

@Suite("calendars") struct CalendarTests {
    /// A time zone, and a day from which to look at it: some changes of clocks are long ago.
    struct Place: Sendable, CustomTestStringConvertible {
        let zone: String
        let today: CivilDate
        var testDescription: String { zone }
        init(_ zone: String, _ today: String) {
            self.zone = zone
            self.today = CivilDate(today)!
        }
        var wall: WallTime { WallTime(milliseconds: UInt64(today.day) * 86_400_000) }
        var timeZone: TimeZone { TimeZone(identifier: zone)! }
    }

    static let places = [
        Place("Europe/Warsaw", "2026-11-22"), Place("America/New_York", "2026-11-22"),
        // Half an hour of daylight saving.
        Place("Australia/Lord_Howe", "2026-11-22"), Place("Asia/Kolkata", "2026-11-22"),
        // Its clocks changed at midnight.
        Place("America/Sao_Paulo", "2016-06-01"),
        // There was no 30 December 2011.
        Place("Pacific/Apia", "2012-06-01"),
    ]

    /// Some days minute by minute, by what Foundation's calendar shows on the wall.
    struct Window {
        let first: Int
        let count: Int
        private(set) var isOpen: [Bool]

        /// `first` and `count` are minutes since 1970 and of the window.
        init(_ draft: DraftCalendar, _ zone: TimeZone, first: Int, count: Int) {
            self.first = first
            self.count = count
            isOpen = [Bool](repeating: false, count: count)
            // From two days before: a night may reach into the window.
            let margin = 2 * 1440
            var calendar = Foundation.Calendar(identifier: .gregorian)
            calendar.timeZone = zone
            var shown: [Int] = []
            var day = 0
            for minute in (first - margin)..<(first + count + margin) {
                let date = Date(timeIntervalSince1970: TimeInterval(minute * 60))
                let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
                day = CivilDate(year: parts.year!, month: parts.month!, dayOfMonth: parts.day!)!.day
                // What was shown before and is shown again changes nothing.
                shown.append(max(shown.last ?? 0, day * 1440 + parts.hour! * 60 + parts.minute!))
            }
            func mark(_ from: Int, _ to: Int, _ value: Bool) {
                for (index, now) in shown.enumerated() where now >= from {
                    if now >= to { return }
                    if (margin..<(margin + count)).contains(index) { isOpen[index - margin] = value }
                }
            }
            for day in (shown[0] / 1440)...day {
                let date = CivilDate(day: day)
                if draft.holidays[date] != nil { continue }
                for span in draft.days[date] ?? draft.week[date.weekday] {
                    mark(day * 1440 + span.from, day * 1440 + span.to, true)
                }
            }
            for date in draft.holidays.keys { mark(date.day * 1440, date.day * 1440 + 1440, false) }
        }

        func wall(_ minute: Int) -> WallTime { WallTime(milliseconds: UInt64(first + minute) * 60_000) }
        func worked(_ from: Int, _ to: Int) -> Int { from < to ? isOpen[from..<to].filter { $0 }.count : 0 }
        func adding(_ worked: Int, to from: Int) -> Int? {
            var rest = worked
            for minute in from..<count {
                if rest == 0 { return minute }
                if isOpen[minute] { rest -= 1 }
            }
            return nil
        }
    }

    /// Hours that lie where clocks change, too.
    private static func draft(_ place: Place, around minutes: [Int], _ random: inout SplitMix64) -> DraftCalendar {
        let days: [[(Int, Int)]] = [
            [(8, 12), (13, 17)], [(0, 24)], [(22, 30)], [(2, 3)], [(0, 1), (1, 2), (3, 4)], [(9, 17)], [],
            [(1, 2), (12, 20), (23, 26)], [(0, 3)],
        ]
        func spans() -> [DraftCalendar.Span] {
            random.pick(days).map { span in
                let shift = span.0 == 0 ? 0 : random.pick([0, 0, 15, 30])
                return DraftCalendar.Span(from: span.0 * 60 + shift, to: span.1 * 60 + (span.1 < 24 ? shift : 0))
            }
        }
        var draft = DraftCalendar(name: "c")
        draft.zone = place.zone
        draft.week = (0..<7).map { _ in spans() }
        for minute in minutes {
            let day = minute / 1440 + 2
            draft.holidays[CivilDate(day: day + random.below(7))] = "free"
            let special = CivilDate(day: day + random.below(7))
            if draft.holidays[special] == nil { draft.days[special] = spans() }
        }
        return draft
    }

    /// Beginnings of windows of nine days: around changes of clocks, and anywhere in the horizon.
    private static func windows(_ place: Place, _ random: inout SplitMix64) -> [Int] {
        var starts: [Int] = []
        var date = Date(timeIntervalSince1970: TimeInterval(place.today.day - 390) * 86_400)
        while starts.count < 6, let next = place.timeZone.nextDaylightSavingTimeTransition(after: date) {
            starts.append(Int(next.timeIntervalSince1970) / 60 - 4 * 1440)
            date = next
        }
        if place.zone == "Pacific/Apia" { starts.append((CivilDate("2011-12-26")!.day) * 1440) }
        while starts.count < 10 { starts.append((place.today.day - 380 + random.below(2100)) * 1440) }
        return starts
    }

    @Test("the table says what Foundation's clock on the wall says, minute by minute", arguments: places)
    func foundation(_ place: Place) {
        var random = SplitMix64(seed: UInt64(place.zone.utf8.count))
        var questions = 0
        for start in Self.windows(place, &random) {
            let draft = Self.draft(place, around: [start], &random)
            let hours = draft.compile(around: place.wall)
            let window = Window(draft, place.timeZone, first: start, count: 9 * 1440)
            let wrong = (0..<window.count).first { hours.isOpen(at: window.wall($0)) != window.isOpen[$0] }
            #expect(wrong == nil, "minute \(start + (wrong ?? 0)) of \(draft)")
            for _ in 0..<60 {
                let (from, to) = (random.below(window.count), random.below(window.count))
                #expect(
                    hours.worked(from: window.wall(from), to: window.wall(to))
                        == .seconds(60 * UInt64(window.worked(from, to))))
                let more = random.below(3000)
                if let end = window.adding(more, to: from) {
                    #expect(
                        hours.adding(worked: .seconds(60 * UInt64(more)), to: window.wall(from)) == window.wall(end))
                }
                if let next = (from + 1..<window.count).first(where: { window.isOpen[$0] != window.isOpen[$0 - 1] }) {
                    #expect(hours.nextEdge(after: window.wall(from)) == window.wall(next))
                }
                questions += 1
            }
        }
        #expect(questions >= 500)
    }

    @Test("a time that is left out or comes twice is what Foundation says with `nextTime` and `first`")
    func matching() throws {
        for place in Self.places {
            var calendar = Foundation.Calendar(identifier: .gregorian)
            calendar.timeZone = place.timeZone
            var random = SplitMix64(seed: 7)
            for start in Self.windows(place, &random) {
                var draft = DraftCalendar(name: "c")
                draft.zone = place.zone
                draft.week = [[DraftCalendar.Span]](repeating: [DraftCalendar.Span(from: 135, to: 700)], count: 7)
                let hours = draft.compile(around: place.wall)
                var noon = Date(timeIntervalSince1970: TimeInterval(start * 60 + 43_200))
                for _ in 0..<9 {
                    let morning = try #require(
                        calendar.date(
                            bySettingHour: 2, minute: 15, second: 0, of: noon, matchingPolicy: .nextTime,
                            repeatedTimePolicy: .first))
                    let wall = WallTime(milliseconds: UInt64(morning.timeIntervalSince1970) * 1000)
                    #expect(hours.isOpen(at: wall), "\(morning) in \(place.zone)")
                    #expect(
                        !hours.isOpen(at: WallTime(milliseconds: wall.milliseconds - 1)), "\(morning) is not the first")
                    noon = noon.addingTimeInterval(86_400)
                }
            }
        }
    }
}
