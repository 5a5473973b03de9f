import Testing

import struct Simulation.SplitMix64

@testable import Routing

/// The wheel, and beside it all timers sorted by their times.
private struct Twin {
    var wheel: TimingWheel
    var sorted: [(due: UInt64, handle: TimingWheel.Handle)] = []
    var random: SplitMix64
    var now: UInt64

    init(seed: UInt64, at now: UInt64) {
        wheel = TimingWheel(at: now)
        random = SplitMix64(seed: seed)
        self.now = now
    }

    mutating func below(_ bound: UInt64) -> UInt64 { random.next() % bound }

    /// From 1 ms to years, all sizes alike.
    mutating func span() -> UInt64 { below(1 << (1 + below(38))) }

    mutating func arm() {
        let past = below(20) == 0 ? min(now, below(1_000)) : 0
        let due = past > 0 ? now - past : now + span()
        let handle = wheel.arm(due: due)
        // What is late already comes out after what the wheel holds for that very millisecond, or before: either way
        // its time counts as now.
        let place = sorted.firstIndex { $0.due > due } ?? sorted.count
        sorted.insert((due, handle), at: place)
    }

    mutating func cancel() {
        guard !sorted.isEmpty else { return }
        wheel.cancel(sorted.remove(at: Int(below(UInt64(sorted.count)))).handle)
    }

    /// Turns on to a later time, so many moves a call, and takes out what both say is due.
    mutating func turn(by step: UInt64, work most: Int) -> Int {
        now += step
        var calls = 0
        var out: [(due: UInt64, handle: TimingWheel.Handle)] = []
        while true {
            var work = most
            while let handle = wheel.popDue(at: now, work: &work) {
                guard let place = sorted.firstIndex(where: { $0.handle == handle }) else {
                    Issue.record("a timer came out that is not armed")
                    return calls
                }
                out.append(sorted.remove(at: place))
            }
            calls += 1
            if wheel.position >= now && (wheel.next ?? .max) > now { break }
        }
        #expect(out.allSatisfy { $0.due <= now }, "none is early")
        #expect(sorted.allSatisfy { $0.due > now }, "none is late")
        let onTime = out.map(\.due).filter { $0 > now - step }
        #expect(onTime == onTime.sorted(), "in order of their times")
        #expect(wheel.count == sorted.count)
        return calls
    }
}

@Suite("Timing wheel")
struct TimingWheelTests {
    @Test("over 40,000 random operations it agrees with a sorted list", arguments: [1, 2, 3, 4])
    func twin(seed: UInt64) {
        var twin = Twin(seed: seed, at: seed == 1 ? 0 : 1_700_000_000_000)
        for _ in 0..<10_000 {
            switch twin.below(8) {
            case 0...3: twin.arm()
            case 4: twin.cancel()
            default: _ = twin.turn(by: twin.span() % (1 << (1 + twin.below(30))), work: 1 + Int(twin.below(64)))
            }
            if twin.sorted.count > 400 { _ = twin.turn(by: 1 << 37, work: 1_000) }
        }
        _ = twin.turn(by: 1 << 40, work: 1_000)
        #expect(twin.wheel.count == 0 && twin.wheel.next == nil)
    }

    @Test("a turn does no more work than it was given, and the rest is done by the next ones")
    func bounded() {
        var wheel = TimingWheel(at: 0)
        for index in 0..<10_000 { _ = wheel.arm(due: 10_000_000 + UInt64(index) % 3) }
        var out = 0
        var calls = 0
        while wheel.count > 0 {
            var work = 100
            while wheel.popDue(at: 20_000_000, work: &work) != nil { out += 1 }
            #expect(work >= 0)
            calls += 1
        }
        #expect(out == 10_000)
        // Each is moved down three levels or four, and taken out.
        #expect(calls >= 400 && calls <= 600)
    }

    @Test("what comes next is moved down before its time begins, so that nothing has to wait for it")
    func early() {
        var wheel = TimingWheel(at: 0)
        for _ in 0..<10_000 { _ = wheel.arm(due: 1_000_000_000 + 5) }
        var moment: UInt64 = 0
        var longest = 0
        while let next = wheel.next, next < 1_000_000_000 {
            moment = max(moment + 1, next)
            var work = 200
            #expect(wheel.popDue(at: moment, work: &work) == nil)
            longest = max(longest, 200 - work)
        }
        // All have come to where they come out: 200 a turn were enough.
        var work = 10_000
        var out = 0
        while wheel.popDue(at: 1_000_000_005, work: &work) != nil { out += 1 }
        #expect(longest == 200)
        #expect(out == 10_000)
    }

    @Test("the next turn is never later than the first timer")
    func next() {
        var random = SplitMix64(seed: 9)
        for _ in 0..<2_000 {
            var wheel = TimingWheel(at: random.next() % (1 << 41))
            var first = UInt64.max
            for _ in 0..<(1 + random.next() % 4) {
                let due = wheel.position + random.next() % (1 << (1 + random.next() % 38))
                first = min(first, due)
                _ = wheel.arm(due: due)
            }
            #expect(wheel.next ?? .max <= first)
        }
    }

    @Test("a time beyond the reach is held to its end, and a past one is due at once")
    func ends() {
        var wheel = TimingWheel(at: 1_000)
        let far = wheel.arm(due: .max)
        _ = wheel.arm(due: 3)
        var work = 10
        #expect(wheel.popDue(at: 1_000, work: &work) != nil)
        #expect(wheel.popDue(at: 1_000, work: &work) == nil)
        wheel.cancel(far)
        #expect(wheel.next == nil)
    }
}
