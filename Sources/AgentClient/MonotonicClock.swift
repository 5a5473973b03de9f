import Glibc
package import Routing

/// The clocks of a client program.
package enum MonotonicClock {
    @Sendable package static func now() -> Now {
        Now(
            instant: Instant(milliseconds: read(CLOCK_BOOTTIME) / 1_000_000),
            wall: WallTime(milliseconds: read(CLOCK_REALTIME) / 1_000_000))
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        // Cannot fail for these clocks; the pointer lives through the call.
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
