import Routing

/// All promises that a simulated world is held to: those of the design, and what must be so for them to be kept.
package enum Checkers {
    package static func all() -> [any Checker] {
        [
            NothingLost(), ExactlyOnce(), OneHolder(), FencesRise(), AcceptsAreCurrent(), CapacityKept(), OneSession(),
            ClosedStaysClosed(), JournalInOrder(), RecoveryFolds(), TimersFire(), ClocksFire(), GraceEnds(),
            ResolverFirst(), DeclinesRespected(), AttemptsCounted(), AnswersAlike(), LeasesHonoured(), OwnersAgree(),
            QueuesComplete(), OffersEnd(), NobodyWaitsInVain(), AgentsKnow(), SkillsKept(), OrderKept(),
            ExplainedRight(), AgentsExplained(), DecayNoticed(), HistoryWhole(), LoadsAgree(), EveryTicketEnds(),
        ]
    }
}

/// The first few sentences; a broken world has thousands.
struct Complaints {
    private(set) var sentences: [String] = []
    mutating func add(_ sentence: @autoclosure () -> String) {
        if sentences.count < 5 { sentences.append(sentence()) }
    }
    /// Adds the sentence unless it is so.
    mutating func expect(_ isSo: Bool, _ sentence: @autoclosure () -> String) {
        if !isSo { add(sentence()) }
    }
}

/// How long a world has been without faults: what is learned by messages may lag a little after one.
struct Calm {
    private var since: UInt64 = 0

    /// Milliseconds without a fault, as far as was looked.
    mutating func length(_ cores: any Cores) -> UInt64 {
        let now = cores.now.instant.milliseconds
        if cores.isFaulty || !cores.hasCoordinator { since = now }
        return now - since
    }
}

/// What must not last: a complaint is one only when it is still there after a while.
struct Lasting<Key: Hashable> {
    private var since: [Key: UInt64] = [:]

    /// What was wrong for at least so long, by looks without a gap; each is told once.
    mutating func look(_ now: UInt64, at wrong: [Key], for length: UInt64) -> [Key] {
        var next: [Key: UInt64] = [:]
        var told: [Key] = []
        for key in wrong {
            let first = since[key] ?? now
            next[key] = first
            if first != .max && now - first >= length {
                told.append(key)
                next[key] = .max
            }
        }
        since = next
        return told
    }

    mutating func forget() { since = [:] }
}

/// When to look: not at each step of a world, which would take longer than the world itself.
struct Pace {
    private var next: UInt64 = 0
    mutating func isDue(_ cores: any Cores, every pause: UInt64) -> Bool {
        let now = cores.now.instant.milliseconds
        guard now >= next else { return false }
        next = now + pause
        return true
    }
}
