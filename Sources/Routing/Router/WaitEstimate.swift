/// How long a ticket may have to wait, as P50 and P90.
///
/// The n-th ticket of a queue goes when n tickets have left it. While a group is busy tickets leave it at a rate r, one
/// after the other at random times, so that the time to the n-th departure follows a gamma distribution of shape n and
/// rate r (the sum of n exponential times; e.g. Kleinrock, Queueing Systems I, 2.4). Its quantiles are taken by
/// Wilson and Hilferty's formula (1931): n/r * (1 - 1/(9n) + z / (3 sqrt(n)))^3, with z = 0 for P50 and 1.2816 for P90;
/// within 2 % for n >= 2 and 6 % for n = 1. The rate is measured over the last departures; see `Departures`.
package struct WaitEstimate: Equatable, Sendable {
    package let p50: Interval
    package let p90: Interval

    package init(p50: Interval, p90: Interval) {
        self.p50 = p50
        self.p90 = p90
    }

    /// For the ticket at `position` (1 is next). Nil while nothing is known of how fast tickets leave.
    package init?(position: Int, departures: Departures, at now: Instant) {
        guard position >= 1, let pace = departures.millisecondsEach(at: now) else { return nil }
        let shape = Double(position)
        func quantile(_ z: Double) -> Interval {
            let root = 1 - 1 / (9 * shape) + z / (3 * shape.squareRoot())
            let milliseconds = shape * pace * root * root * root
            return Interval(milliseconds: UInt64(min(max(0, milliseconds), 1e12)))
        }
        p50 = quantile(0)
        p90 = quantile(1.2816)
    }
}

/// When tickets left a queue for an agent: the last 64 of them within an hour.
package struct Departures: Equatable, Sendable {
    private static let kept = 64
    private static let window = Interval.seconds(3600)
    /// A ring; `next` is the oldest once it is full.
    private var times: [Instant] = []
    private var next = 0

    package init() {}

    package mutating func note(at now: Instant) {
        if times.count < Self.kept {
            times.append(now)
        } else {
            times[next] = now
            next = (next + 1) % Self.kept
        }
    }

    /// The oldest first.
    package var inOrder: [Instant] { [Instant](times[next...] + times[..<next]) }

    /// The mean time between departures, up to now: a queue that has stood still since its last departure is slower
    /// for it. Nil with fewer than two in the window.
    package func millisecondsEach(at now: Instant) -> Double? {
        let recent = times.filter { now.since($0) <= Self.window }
        guard recent.count >= 2, let oldest = recent.min() else { return nil }
        return Double(max(1, now.since(oldest).milliseconds)) / Double(recent.count - 1)
    }
}
