import Routing

/// When a session sends again what the router could not do just now. Each rest is twice as long as the one before, so
/// that a router without a coordinator is not asked ever more, and never as long as others' are, so that they do not
/// all come at once.
struct Rests: Sendable {
    /// The longest that anything waits of which the router did not say how long.
    private static let longest = Interval.seconds(2)

    /// Commands are not sent again before this.
    private(set) var commandsAt: Instant?
    /// Nothing is sent before this: the router has no time to read it.
    private(set) var pollsAt: Instant?
    /// How often in a row.
    private var count = 0

    mutating func begin(atLeast least: Interval = .zero, isForAll: Bool = false, at now: Instant, random: UInt64) {
        count += 1
        let most = min(UInt64(100) << UInt64(min(count, 6)), Self.longest.milliseconds) + least.milliseconds
        let pause = max(least.milliseconds, most / 2) + random % max(1, most / 2)
        commandsAt = now + Interval(milliseconds: pause)
        if isForAll { pollsAt = commandsAt }
    }

    /// What was sent was done.
    mutating func wentWell() { count = 0 }

    /// Forgets what is over.
    mutating func pass(to now: Instant) {
        if let until = commandsAt, until <= now { commandsAt = nil }
        if let until = pollsAt, until <= now { pollsAt = nil }
    }

    /// Another router has no part in it.
    mutating func end() { (commandsAt, pollsAt) = (nil, nil) }
}
