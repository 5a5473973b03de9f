import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("hours") struct HoursTests {
    private static func at(_ second: UInt64) -> WallTime { WallTime(milliseconds: second * 1000) }

    private static func hours(_ edges: [UInt64], from: UInt64 = 0, until: UInt64 = 10_000) -> Hours? {
        Hours(name: "h", zone: "UTC", from: at(from), until: at(until), edges: edges.map(at))
    }

    /// Second by second, as anybody would count.
    private struct Naive {
        var isOpen: [Bool]
        func worked(_ from: Int, _ to: Int) -> Int { from < to ? isOpen[from..<to].filter { $0 }.count : 0 }
        func adding(_ worked: Int, to from: Int) -> Int? {
            var rest = worked
            var second = from
            while rest > 0 && second < isOpen.count {
                if isOpen[second] { rest -= 1 }
                second += 1
            }
            return rest == 0 ? second : nil
        }
        func next(after second: Int, opens: Bool?) -> Int? {
            ((second + 1)..<(isOpen.count + 1)).first { later in
                let now = later < isOpen.count && isOpen[later]
                return now != isOpen[later - 1] && (opens == nil || opens == now)
            }
        }
    }

    @Test("every question has the answer of counting second by second", arguments: 0..<40)
    func counting(_ seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let count = 400
        var edges: [UInt64] = []
        for second in UInt64(0)...UInt64(count) where random.next() % 12 == 0 { edges.append(second) }
        if edges.count % 2 == 1 { edges.removeLast() }
        let hours = try #require(Self.hours(edges, until: UInt64(count)))
        let naive = Naive(isOpen: (0..<UInt64(count)).map { second in edges.filter { $0 <= second }.count % 2 == 1 })
        for second in 0..<count {
            let time = WallTime(milliseconds: UInt64(second) * 1000 + random.next() % 1000)
            #expect(hours.isOpen(at: time) == naive.isOpen[second])
            #expect(hours.nextEdge(after: time) == naive.next(after: second, opens: nil).map { Self.at(UInt64($0)) })
            #expect(
                hours.nextOpening(after: time) == naive.next(after: second, opens: true).map { Self.at(UInt64($0)) })
            #expect(
                hours.nextClosing(after: time) == naive.next(after: second, opens: false).map { Self.at(UInt64($0)) })
        }
        for _ in 0..<200 {
            let (from, to) = (Int(random.next() % UInt64(count)), Int(random.next() % UInt64(count)))
            let worked = naive.worked(from, to)
            #expect(
                hours.worked(from: Self.at(UInt64(from)), to: Self.at(UInt64(to))) == .seconds(UInt64(worked)),
                "\(from) to \(to)")
            let more = Int(random.next() % 120)
            #expect(
                hours.adding(worked: .seconds(UInt64(more)), to: Self.at(UInt64(from)))
                    == naive.adding(more, to: from).map { Self.at(UInt64($0)) }, "\(more) from \(from)")
        }
    }

    @Test("it is open at an opening, closed at a closing, and milliseconds count")
    func edges() throws {
        let hours = try #require(Self.hours([10, 20, 30, 40]))
        #expect(!hours.isOpen(at: WallTime(milliseconds: 9_999)) && hours.isOpen(at: Self.at(10)))
        #expect(hours.isOpen(at: WallTime(milliseconds: 19_999)) && !hours.isOpen(at: Self.at(20)))
        #expect(
            hours.worked(from: WallTime(milliseconds: 19_500), to: WallTime(milliseconds: 30_250))
                == Interval(milliseconds: 750))
        #expect(
            hours.adding(worked: Interval(milliseconds: 750), to: WallTime(milliseconds: 19_500))
                == WallTime(milliseconds: 30_250))
        #expect(hours.nextOpening(after: Self.at(10)) == Self.at(30))
        #expect(hours.nextClosing(after: Self.at(20)) == Self.at(40))
        #expect(hours.nextEdge(after: Self.at(40)) == nil)
    }

    @Test("a deadline falls on a closing rather than on the opening after it, and no time at all is now")
    func deadlines() throws {
        let hours = try #require(Self.hours([10, 20, 30, 40]))
        #expect(hours.adding(worked: .seconds(10), to: Self.at(5)) == Self.at(20))
        #expect(hours.adding(worked: Interval(milliseconds: 10_001), to: Self.at(5)) == WallTime(milliseconds: 30_001))
        #expect(hours.adding(worked: .zero, to: Self.at(25)) == Self.at(25))
    }

    @Test("outside of the horizon it is closed, no time is worked, no deadline is known, and it is known to be so")
    func horizon() throws {
        let hours = try #require(Self.hours([100, 200], from: 100, until: 200))
        for outside in [Self.at(0), Self.at(99), Self.at(200), Self.at(5_000_000_000), WallTime(milliseconds: .max)] {
            #expect(!hours.isOpen(at: outside) && !hours.covers(outside))
        }
        #expect(hours.covers(Self.at(100)) && hours.covers(Self.at(199)))
        #expect(hours.worked(from: Self.at(0), to: WallTime(milliseconds: .max)) == .seconds(100))
        #expect(hours.worked(from: Self.at(200), to: Self.at(300)) == .zero)
        #expect(hours.worked(from: Self.at(150), to: Self.at(120)) == .zero)
        #expect(hours.nextClosing(after: Self.at(150)) == Self.at(200))
        #expect(hours.adding(worked: .seconds(100), to: Self.at(0)) == Self.at(200))
        #expect(hours.adding(worked: Interval(milliseconds: 100_001), to: Self.at(0)) == nil)
        #expect(hours.adding(worked: Interval(milliseconds: .max), to: Self.at(150)) == nil)
        #expect(hours.nextEdge(after: WallTime(milliseconds: .max)) == nil)
    }

    @Test("always is open without end and has no edges")
    func always() {
        let hours = Hours.always
        #expect(hours.isAlways && hours.isOpen(at: Self.at(0)) && hours.isOpen(at: WallTime(milliseconds: .max)))
        #expect(hours.covers(WallTime(milliseconds: .max)))
        #expect(hours.nextEdge(after: Self.at(0)) == nil && hours.nextOpening(after: Self.at(0)) == nil)
        #expect(hours.worked(from: Self.at(5), to: Self.at(9)) == .seconds(4))
        #expect(hours.adding(worked: .seconds(4), to: Self.at(5)) == Self.at(9))
        #expect(hours.holiday(at: Self.at(0)) == nil)
    }

    @Test("a holiday has its name from its first instant to its last")
    func holidays() throws {
        let names = [("a", 10, 20), ("b", 20, 30), ("c", 50, 60)].map { name, from, until in
            Hours.Holiday(from: Self.at(UInt64(from)), until: Self.at(UInt64(until)), name: name)
        }
        let hours = try #require(
            Hours(name: "h", zone: "", from: Self.at(0), until: Self.at(99), edges: [], holidays: names))
        let found = [5, 10, 19, 20, 30, 49, 55, 60].map { hours.holiday(at: Self.at(UInt64($0))) }
        #expect(found == [nil, "a", "a", "b", nil, nil, "c", nil])
        #expect(
            Hours(name: "h", zone: "", from: Self.at(0), until: Self.at(99), edges: [], holidays: names.reversed())
                == nil)
    }

    @Test("a table in disorder is none")
    func disorder() {
        #expect(Self.hours([1]) == nil, "an opening without a closing")
        #expect(Self.hours([1, 1]) == nil, "an empty interval")
        #expect(Self.hours([1, 5, 5, 9]) == nil, "intervals that touch")
        #expect(Self.hours([1, 5, 4, 9]) == nil, "intervals that overlap")
        #expect(Self.hours([0, 5], from: 1) == nil, "before the horizon")
        #expect(Self.hours([9_000, 10_001]) == nil, "after the horizon")
        #expect(Self.hours([], from: 5, until: 4) == nil, "a horizon that ends before it begins")
        #expect(Self.hours([], until: 1 << 32) == nil, "a horizon beyond 2106")
        #expect(
            Hours(
                name: "h", zone: "", from: Self.at(0), until: Self.at(9),
                edges: [WallTime(milliseconds: 1), Self.at(5)]) == nil, "half a second")
        #expect(Self.hours([])?.isOpen(at: Self.at(5)) == false, "never open is a calendar too")
    }
}
