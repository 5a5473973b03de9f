package import Routing

/// How many requests a client may repeat: a tenth of those it makes, and a few more. Retries without a bound keep a
/// cluster down that was only slow for a moment (Bronson et al., "Metastable Failures", HotOS 2021): each of them is
/// one more request, and the more of them there are the more fail.
package struct RetryBudget: Sendable {
    /// What is there at the start, and comes back at one a second: a client that asks rarely may repeat, too.
    package static let least = 10
    /// The most that can be saved up.
    package static let most = 100
    private static let tenths = 10

    private var left = least * tenths
    private var refilledAt: Instant

    package init(at now: Instant) { refilledAt = now }

    /// A request is made for the first time.
    package mutating func asked() { left = min(left + 1, Self.most * Self.tenths) }

    /// Whether one may be made again now; it counts then.
    package mutating func take(at now: Instant) -> Bool {
        let seconds = now.since(refilledAt).milliseconds / 1000
        if seconds > 0 {
            refilledAt = refilledAt + .seconds(seconds)
            let floor = Self.least * Self.tenths
            if left < floor { left = min(floor, left + Int(min(seconds, UInt64(Self.least))) * Self.tenths) }
        }
        guard left >= Self.tenths else { return false }
        left -= Self.tenths
        return true
    }
}

/// How long to wait before a request is made again: at least as long as the refusal says, more with each attempt, and
/// never as long as others wait.
package enum Backoff {
    /// `attempt` counts from 1; `random` is any 64 bits.
    package static func pause(_ attempt: Int, retryAfter: Interval, random: UInt64) -> Interval {
        let step = min(UInt64(50) << UInt64(min(max(attempt, 1), 8)), 5_000)
        let spread = step + retryAfter.milliseconds / 2
        return Interval(milliseconds: retryAfter.milliseconds + random % max(1, spread))
    }
}
