import Glibc
package import Routing

/// The machine's clocks: BOOTTIME, which counts suspend and never jumps, and the wall clock.
package struct SystemClock: Clock {
    package init() {}

    package func now() -> Now {
        Now(
            instant: Instant(milliseconds: Self.nanoseconds(CLOCK_BOOTTIME) / 1_000_000),
            wall: WallTime(milliseconds: Self.nanoseconds(CLOCK_REALTIME) / 1_000_000))
    }

    /// For measuring: nanoseconds of the clock that never jumps.
    package static func nanoseconds() -> UInt64 { nanoseconds(CLOCK_BOOTTIME) }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        // Cannot fail for these clocks; the pointer lives through the call.
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Random bits for names that must differ between processes; never for a decision.
package enum Draw {
    package static func bits() -> UInt64 { UInt64.random(in: .min ... .max) }
}

/// What the kernel says of this process.
package enum Process {
    /// Processor time used so far, user and system, in microseconds.
    package static func processorMicroseconds() -> UInt64 {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func microseconds(_ time: timeval) -> UInt64 { UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_usec) }
        return microseconds(usage.ru_utime) + microseconds(usage.ru_stime)
    }

    /// Resident memory in KiB, 0 when /proc does not say.
    package static func residentKiB() -> UInt64 {
        guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
        defer { unsafe fclose(file) }
        var buffer = [CChar](repeating: 0, count: 128)
        guard unsafe fgets(&buffer, Int32(buffer.count), file) != nil else { return 0 }
        let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let fields = text.split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = UInt64(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
        return pages * 4
    }

    /// Ends at once, without nng's own clean-up, which can hang under load (nng 1.5). Flush before.
    package static func exit(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }
}
