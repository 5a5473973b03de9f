/// The wall clock, taken with care: where it moves away from the clock that never jumps, time goes on as before until
/// the new time has held for a minute. So a jump fires nothing and delays nothing; small steps are followed at once.
struct WallClock: Sendable {
    /// How long a new time must hold before it is believed.
    static let patience = Interval.seconds(60)
    /// A difference up to this is a correction, not a jump.
    static let tolerance: Int64 = 1000

    enum News: Equatable {
        case jumped(by: Int64)
        case believed(by: Int64)
    }

    private var anchor: Now
    private var doubt: (difference: Int64, since: Instant)?

    init(_ now: Now) { anchor = now }

    /// The time that is believed, and what there is to say.
    mutating func read(_ now: Now) -> (wall: WallTime, news: News?) {
        let expected = wall(at: now.instant)
        let difference = Int64(clamping: now.wall.milliseconds) - Int64(clamping: expected.milliseconds)
        if difference.magnitude <= Self.tolerance {
            anchor = now
            doubt = nil
            return (now.wall, nil)
        }
        guard let doubt, (difference - doubt.difference).magnitude <= Self.tolerance else {
            doubt = (difference, now.instant)
            return (expected, .jumped(by: difference))
        }
        guard now.instant.since(doubt.since) >= Self.patience else { return (expected, nil) }
        anchor = now
        self.doubt = nil
        return (now.wall, .believed(by: difference))
    }

    private func wall(at instant: Instant) -> WallTime { anchor.wall + instant.since(anchor.instant) }

    /// When it will be that time, by the clock that never jumps.
    func instant(of wall: WallTime) -> Instant { anchor.instant + wall.since(anchor.wall) }
}
