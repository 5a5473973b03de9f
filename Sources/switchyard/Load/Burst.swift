/// Too much for a while, and then the usual again: what of it was good, and when all of it was again.
struct Burst: Sendable {
    /// Times the usual rate.
    let factor: Int
    let seconds: Int
    /// How long the usual rate goes on afterwards.
    let secondsAfter: Int
}

/// A phase of an open loop.
struct LoadPhase: Sendable {
    let rate: Int
    let seconds: Int
}

/// What became of the tickets that were due in one second.
struct LoadSecond: Sendable {
    var due = 0
    var acknowledged = 0
    /// For good: after the retries that the client's budget had.
    var refused = 0
    /// Resolved within a second of when they were due.
    var inTime = 0

    /// So much of it must be in time.
    static let share = 0.99
    var isGood: Bool { Double(inTime) >= Double(due) * Self.share }
}

/// A burst as it was seen from outside, second by second.
struct BurstReport: Encodable {
    struct Phase: Encodable {
        let name: String
        let ticketsPerSecond: Int
        let seconds: Int
        let due: Int
        let acknowledged: Int
        let refused: Int
        let inTime: Int
        let inTimePerSecond: Int
    }
    let phases: [Phase]
    /// From the end of the burst to the first second from which on every one was good; nil when the last was not.
    let secondsToRecover: Int?
    /// Of each second after the burst, how many of its tickets were resolved in time.
    let inTimeAfter: [Int]
    let retries: Int

    /// `warmup` seconds come before what is counted.
    init(_ seconds: [LoadSecond], phases: [LoadPhase], warmup: Int, retries: Int) {
        var start = warmup
        var shown: [Phase] = []
        for (name, phase) in zip(["before", "burst", "after"], phases) {
            let length = name == "before" ? phase.seconds - warmup : phase.seconds
            let part = seconds[min(start, seconds.count)..<min(start + length, seconds.count)]
            start += length
            let inTime = part.map(\.inTime).reduce(0, +)
            shown.append(
                Phase(
                    name: name, ticketsPerSecond: phase.rate, seconds: length, due: part.map(\.due).reduce(0, +),
                    acknowledged: part.map(\.acknowledged).reduce(0, +), refused: part.map(\.refused).reduce(0, +),
                    inTime: inTime, inTimePerSecond: inTime / max(1, length)))
        }
        self.phases = shown
        self.retries = retries
        let end = phases.dropLast().map(\.seconds).reduce(0, +)
        secondsToRecover = Self.recovery(seconds.dropFirst(end))
        inTimeAfter = seconds.dropFirst(end).map(\.inTime)
    }

    /// How many seconds passed until all were good.
    static func recovery(_ after: some BidirectionalCollection<LoadSecond>) -> Int? {
        let good = after.reversed().prefix { $0.isGood }.count
        return good == 0 ? nil : after.count - good
    }

    var text: String {
        var lines = phases.map { phase in
            "  \(phase.name): \(phase.seconds) s at \(phase.ticketsPerSecond)/s: due \(phase.due), acknowledged "
                + "\(phase.acknowledged), refused \(phase.refused), resolved within 1 s \(phase.inTime) "
                + "(\(phase.inTimePerSecond)/s)"
        }
        lines.append(
            secondsToRecover.map { "  the good rate was back \($0) s after the burst; \(retries) retries" }
                ?? "  THE GOOD RATE DID NOT COME BACK; \(retries) retries")
        return lines.joined(separator: "\n")
    }
}
