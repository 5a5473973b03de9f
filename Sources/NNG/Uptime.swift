import Glibc

/// The clock of everything that this module waits for: it never jumps. nng's own is the wall clock on Debian 12 (1.5.2
/// calls `clock_gettime` with CLOCK_REALTIME): when that is set back, nng's reconnection timers stand still for as
/// long, which the `DialerDog` mends by this clock.
enum Uptime {
    static func milliseconds() -> UInt64 {
        var time = timespec()
        // Cannot fail for this clock; the pointer lives through the call.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
