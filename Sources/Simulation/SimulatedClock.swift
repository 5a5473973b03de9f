import Routing

/// A node's clocks as a world gives them: its monotonic clock began at another time and runs a little fast or slow; its
/// wall clock is wrong, and may jump.
struct SimulatedClock {
    /// UTC when a world's clock is at zero: 2026-11-22 11:59, a Sunday, so that hours begin and end early in a run.
    static let epoch: UInt64 = 1_795_348_740_000

    /// What the monotonic clock showed when the world began.
    var origin: UInt64 = 0
    /// Millionths by which it runs fast, or slow.
    var drift = 0
    /// How wrong the wall clock is, in milliseconds.
    var skew = 0

    func now(_ time: UInt64) -> Now {
        Now(
            instant: Instant(milliseconds: origin &+ time &+ drifted(time)),
            wall: WallTime(milliseconds: UInt64(Int(Self.epoch + time) + skew)))
    }

    /// The world's time at which the monotonic clock shows `instant`, or a millisecond before.
    func time(of instant: Instant) -> UInt64 {
        guard instant.milliseconds > origin else { return 0 }
        let elapsed = instant.milliseconds - origin
        return elapsed &- drifted(elapsed)
    }

    private func drifted(_ time: UInt64) -> UInt64 {
        drift == 0 ? 0 : UInt64(bitPattern: Int64(time) * Int64(drift) / 1_000_000)
    }
}
