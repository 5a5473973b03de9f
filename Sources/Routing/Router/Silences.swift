/// Clients who were answered and have not asked again, in the order in which they will have been silent for too long.
/// Nearly all of them ask again at once, so one timer serves them all: it is armed for the first, and whoever has
/// spoken meanwhile is passed over.
struct Silences: Sendable {
    struct Silence: Sendable {
        let instance: ClientInstance
        /// When his session was heard last: if that has changed, he has spoken, or was answered anew.
        let lastHeard: Instant
        let due: Instant
    }
    /// Thinned when it is longer than two a session and `Limits.silencesSpare`.
    var queue = LongQueue<Silence>()
    var isArmed = false
}

extension Router {
    /// From now on the client is waited for. Told whenever a session is not parked any more, or speaks without parking.
    mutating func awaitWord(of instance: ClientInstance, at now: Now) {
        guard let lastHeard = sessions.update(instance, { $0.lastHeard }) else { return }
        let due = now.instant + policy.timing.sessionTimeout
        silences.queue.append(Silences.Silence(instance: instance, lastHeard: lastHeard, due: due))
        thinSilences()
        armSilences()
    }

    /// Who asks again and again without waiting is in the queue as often: only his last word counts.
    private mutating func thinSilences() {
        guard silences.queue.count > 2 * sessions.count + Limits.silencesSpare else { return }
        var seen: Set<ClientInstance> = []
        var kept = LongQueue<Silences.Silence>()
        for silence in silences.queue.all where isSilent(silence) && seen.insert(silence.instance).inserted {
            kept.append(silence)
        }
        silences.queue = kept
    }

    private mutating func armSilences() {
        guard !silences.isArmed, let first = silences.queue.first else { return }
        silences.isArmed = true
        deadlines.arm(.silenceEnds, due: first.due.milliseconds)
    }

    /// Sessions of clients who were silent for too long end; one whose command has no outcome yet is waited for on.
    mutating func judgeSilences(at now: Now, _ effects: inout [Effect]) {
        silences.isArmed = false
        for _ in 0..<silences.queue.count {
            guard let first = silences.queue.first, !isSilent(first) || first.due <= now.instant else { break }
            _ = silences.queue.removeFirst()
            guard isSilent(first) else { continue }
            if polls.rows.contains(where: { $0.instance == first.instance }) {
                awaitWord(of: first.instance, at: now)
            } else if let session = sessions[first.instance] {
                endSession(session, at: now, &effects)
            }
        }
        armSilences()
    }

    /// Whether he has said nothing since then, and nothing is said to him.
    private mutating func isSilent(_ silence: Silences.Silence) -> Bool {
        sessions.update(silence.instance) { $0.parked == nil && $0.lastHeard == silence.lastHeard } ?? false
    }

    /// Sessions that nobody waits for would stay for ever.
    func faultsOfSilences() -> [String] {
        let awaited = Set(silences.queue.all.map(\.instance))
        var wrong: [String] = []
        sessions.forEach { session in
            if session.parked != nil || awaited.contains(session.instance) { return }
            wrong.append("nobody waits for a word of session \(session.instance.value)")
        }
        return wrong
    }
}
