import Dispatch
package import Routing
import Synchronization
import Wire

extension TicketClient {
    /// What became of tickets that were handed in.
    package struct Submitted: Sendable {
        /// One for each ticket, in order. `unknown` where no answer came: the same key again tells.
        package internal(set) var results: [SubmitResult]
        /// How often something was asked again.
        package internal(set) var retries = 0
        /// Of these, an attempt ended without an answer: what a later one is refused for says nothing of that one.
        private var lost: Set<Int> = []

        init(results: [SubmitResult]) { self.results = results }

        /// Nothing was heard of any of them: another router may know more.
        package var isLost: Bool {
            results.allSatisfy { if case .refused(.unknown, _, _) = $0 { true } else { false } }
        }
    }

    /// Hands tickets in. What was refused for the moment, or not answered, is asked again with the same keys, after a
    /// pause with jitter that is no shorter than the refusal says, as long as the client's budget of retries lasts and
    /// the answer would still come within `patience`. `answer` is called once, on some thread, and must not block.
    package func submit(
        _ tickets: [KeyedSubmission], patience: Interval = Limits.submitPatience,
        _ answer: @escaping @Sendable (Submitted) -> Void
    ) {
        budget.withLock { $0.asked() }
        let until = MonotonicClock.now().instant + patience
        let open = Submitted(results: tickets.map { _ in .refused(.unknown, field: "") })
        attempt(Errand(tickets: tickets, until: until, open: open, answer: answer), Array(tickets.indices))
    }

    package func submit(
        _ tickets: [KeyedSubmission], patience: Interval = Limits.submitPatience
    ) async -> Submitted {
        await withCheckedContinuation { continuation in
            submit(tickets, patience: patience) { continuation.resume(returning: $0) }
        }
    }

    private struct Errand: Sendable {
        let tickets: [KeyedSubmission]
        let until: Instant
        var open: Submitted
        let answer: @Sendable (Submitted) -> Void
    }

    /// The longest that one attempt waits: longer than a router lets a submission wait, so most end with an answer.
    private static let attemptPatience = Interval.seconds(3)

    /// Messages with submissions that are open at once. Beyond it they are `busy` without being sent: what waits here
    /// for longer than its patience would only be asked in vain.
    private static let openMax = 1_024

    private func attempt(_ errand: Errand, _ places: [Int]) {
        guard open.add(1, ordering: .relaxed).newValue <= Self.openMax else {
            return ended(errand, places, .failure(.refused(.busy, retryAfter: Limits.retryAfterLeast)))
        }
        let rest = errand.until.since(MonotonicClock.now().instant)
        let patience = min(rest, Self.attemptPatience)
        ask(.submit(places.map { errand.tickets[$0] }, patience: patience), patience: patience) { [self] result in
            ended(errand, places, result)
        }
    }

    private func ended(_ errand: Errand, _ places: [Int], _ result: Result<Reply, Failure>) {
        open.subtract(1, ordering: .relaxed)
        var errand = errand
        let pause = errand.open.take(result, at: places)
        let again = places.filter { errand.open.results[$0].mayBeRepeated }
        let now = MonotonicClock.now().instant
        let wait = Backoff.pause(errand.open.retries + 1, retryAfter: pause, random: UInt64.random(in: .min ... .max))
        guard !again.isEmpty, now + wait < errand.until, budget.withLock({ $0.take(at: now) }) else {
            return errand.answer(errand.open)
        }
        errand.open.retries += 1
        Retrying.queue.asyncAfter(deadline: .now() + .milliseconds(Int(wait.milliseconds))) { [self, errand] in
            attempt(errand, again)
        }
    }
}

private enum Retrying {
    static let queue = DispatchQueue(label: "switchyard.client-retries")
}

extension TicketClient.Submitted {
    /// Notes the end of an attempt; gives the longest pause that was asked for.
    mutating func take(_ result: Result<Reply, TicketClient.Failure>, at places: [Int]) -> Interval {
        var pause = Interval.zero
        switch result {
        case .success(.submitted(let answers)) where answers.count == places.count:
            for (place, answer) in zip(places, answers) {
                note(answer, at: place)
                if case .refused(_, _, let after) = answer { pause = max(pause, after) }
            }
        case .failure(.refused(let refusal, let after)):
            for place in places { note(.refused(refusal, field: "", retryAfter: after), at: place) }
            pause = after
        case .success, .failure:
            for place in places { note(.refused(.unknown, field: ""), at: place) }
        }
        return pause
    }

    private mutating func note(_ answer: SubmitResult, at place: Int) {
        results[place] = answer
        if case .refused(.unknown, _, _) = answer { lost.insert(place) }
        if lost.contains(place), answer.isOfThisAttempt, case .refused(_, let field, let pause) = answer {
            results[place] = .refused(.unknown, field: field, retryAfter: pause)
        }
    }
}

extension SubmitResult {
    /// Whether the same may be answered otherwise in a moment.
    fileprivate var mayBeRepeated: Bool {
        switch self {
        case .accepted: false
        case .refused(let refusal, _, _): [.busy, .unavailable, .unknown, .hold, .full].contains(refusal)
        }
    }

    /// Whether it was refused for how the cluster was just then, and not for what it is.
    fileprivate var isOfThisAttempt: Bool {
        if case .refused(.diskFull, _, _) = self { true } else { mayBeRepeated }
    }
}
