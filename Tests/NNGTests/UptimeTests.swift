import Glibc
import Testing

@testable import NNG

@Suite("the clock of waiting") struct UptimeTests {
    @Test("it is the one that never jumps, not the wall clock")
    func monotonic() {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let before = UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
        let between = Uptime.milliseconds()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let after = UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
        #expect(before <= between && between <= after)
    }
}
