import Routing
import Testing

@testable import Simulation

@Suite("clocks of a world")
struct SimulatedClockTests {
    @Test("a clock that runs fast or slow never goes back, and is woken within two milliseconds of its time")
    func drift() {
        for drift in [-5_000, 0, 5_000] {
            var clock = SimulatedClock()
            clock.origin = 12_345
            clock.drift = drift
            var former = clock.now(0).instant
            for time in stride(from: 1_000 as UInt64, to: 3_600_000, by: 7_919) {
                let now = clock.now(time).instant
                #expect(now > former)
                former = now
                let back = clock.time(of: now)
                #expect(back <= time && time - back <= time / 30_000 + 2)
            }
        }
    }

    @Test("a wall clock that jumps leaves the other one alone")
    func jumps() {
        var clock = SimulatedClock()
        let before = clock.now(5_000)
        clock.skew = -60_000
        let after = clock.now(5_000)
        #expect(after.instant == before.instant)
        #expect(before.wall.since(after.wall) == .seconds(60))
    }
}
