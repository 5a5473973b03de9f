import Dispatch
import NNG
package import Routing
import Synchronization
import Wire

/// One thread for any number of sessions: their requests, timers and news. Sessions belong to it; others post.
package final class ClientLoop: Sendable {
    /// Says what happened to a session; called on the loop's thread, must not block.
    package typealias Listener = @Sendable (AgentSession.Effect) -> Void

    private enum Post: Sendable {
        case add(Int, AgentSession, Listener)
        case step(Int, AgentSession.Event)
        case end
    }

    private struct Box: Sendable {
        var posts: [Post] = []
        var isSleeping = false
        var sessionLast = 0
    }

    /// How often a turn looks for what its own listeners have asked for.
    private static let roundsMax = 4

    private let box = Mutex(Box())
    private let wake = DispatchSemaphore(value: 0)
    private let clock: @Sendable () -> Now
    private let ended = DispatchSemaphore(value: 0)
    private let dog: ReaperDog?
    private let asked = Atomic<Int>(0)

    /// Requests sent so far, by all sessions.
    package var askedCount: Int { asked.load(ordering: .relaxed) }

    /// `onStuck` is called when nng's reaper is stuck, for which there is no cure inside the process: a program leaves
    /// to be started again, a library can only say so.
    package init(clock: @escaping @Sendable () -> Now, onStuck: @escaping @Sendable () -> Void = {}) {
        self.clock = clock
        dog = try? ReaperDog(onStuck: onStuck)
        let thread = ThreadStart { [self] in
            run()
            ended.signal()
        }
        thread.start()
    }

    /// Takes a session in and starts it. The number names it in `step`.
    package func add(_ session: AgentSession, listener: @escaping Listener) -> Int {
        let number = box.withLock { box in
            box.sessionLast += 1
            return box.sessionLast
        }
        post(.add(number, session, listener))
        return number
    }

    package func step(_ session: Int, _ event: AgentSession.Event) { post(.step(session, event)) }

    /// Stops all sessions, closes their connections, ends the thread.
    package func end() {
        post(.end)
        ended.wait()
    }

    package func now() -> Now { clock() }

    private func post(_ post: Post) {
        let mustWake = box.withLock { box in
            box.posts.append(post)
            defer { box.isSleeping = false }
            return box.isSleeping
        }
        if mustWake { wake.signal() }
    }

    // MARK: - the thread

    private final class Seat {
        var session: AgentSession
        let listener: Listener
        var sockets: [String: NodeLine] = [:]
        init(_ session: AgentSession, _ listener: @escaping Listener) {
            self.session = session
            self.listener = listener
        }
    }

    private func run() {
        var seats: [Int: Seat] = [:]
        /// Sessions that wait for a time, not for an answer: few, unless a router was just lost.
        var alarms: [Int: Instant] = [:]
        var nextRound = clock().instant
        while true {
            let posts = take(patience: patience(alarms))
            var isEnd = false
            let now = clock()
            var touched: Set<Int> = []
            var turn: [Int] = []
            var batch = posts
            for _ in 0..<Self.roundsMax where !batch.isEmpty {
                for post in batch {
                    if case .end = post { isEnd = true }
                    let number = handle(post, &seats, at: now)
                    if let number, touched.insert(number).inserted { turn.append(number) }
                }
                // What listeners asked for meanwhile goes into the same polls as what they were told.
                batch = swap(sleeping: false)
            }
            for post in batch {
                if case .end = post { isEnd = true }
                if let number = handle(post, &seats, at: now), touched.insert(number).inserted { turn.append(number) }
            }
            for number in alarms.keys.sorted() where alarms[number].map({ $0 <= now.instant }) ?? false {
                if touched.insert(number).inserted { turn.append(number) }
            }
            if nextRound <= now.instant {
                // Everybody looks at the time once a second.
                nextRound = now.instant + .seconds(1)
                turn += seats.keys.sorted().filter { touched.insert($0).inserted }
            }
            for number in turn {
                guard let seat = seats[number] else { continue }
                step(seat, number, .turnEnds, at: now)
                alarms[number] = seat.session.nextDeadline
            }
            if isEnd {
                for number in seats.keys.sorted() { if let seat = seats[number] { step(seat, number, .stop, at: now) } }
                return
            }
        }
    }

    /// The session that the post was for.
    private func handle(_ post: Post, _ seats: inout [Int: Seat], at now: Now) -> Int? {
        switch post {
        case .add(let number, let session, let listener):
            seats[number] = Seat(session, listener)
            return number
        case .step(let number, let event):
            guard let seat = seats[number] else { return nil }
            step(seat, number, event, at: now)
            return number
        case .end: return nil
        }
    }

    private func patience(_ alarms: [Int: Instant]) -> Interval {
        guard !alarms.isEmpty else { return Interval(milliseconds: 200) }
        let now = clock().instant
        return alarms.values.reduce(Interval(milliseconds: 200)) { min($0, $1.since(now)) }
    }

    private func take(patience: Interval) -> [Post] {
        var posts = swap(sleeping: patience > .zero)
        if posts.isEmpty && patience > .zero {
            _ = wake.wait(timeout: .now() + .milliseconds(Int(patience.milliseconds)))
            posts = swap(sleeping: false)
            while wake.wait(timeout: .now()) == .success {}
        }
        return posts
    }

    private func swap(sleeping: Bool) -> [Post] {
        box.withLock { box in
            box.isSleeping = sleeping && box.posts.isEmpty
            var posts: [Post] = []
            Swift.swap(&posts, &box.posts)
            return posts
        }
    }

    private func step(_ seat: Seat, _ number: Int, _ event: AgentSession.Event, at now: Now) {
        var effects: [AgentSession.Effect] = []
        seat.session.step(event, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .ask(let router, let request, let call, let patience):
                asked.add(1, ordering: .relaxed)
                ask(seat, number, router, request, call, patience)
            case .leave(let router):
                guard let socket = seat.sockets.removeValue(forKey: router) else { continue }
                // nng waits inside a close.
                Closing.run { socket.close() }
            case .news, .result, .browsed: seat.listener(effect)
            }
        }
    }

    private func ask(
        _ seat: Seat, _ number: Int, _ router: String, _ request: Request, _ call: UInt64, _ patience: Interval
    ) {
        guard let socket = seat.sockets[router] ?? connect(number, router) else {
            return step(number, .failed(call))
        }
        seat.sockets[router] = socket
        socket.send(tag: call, request, timeout: Int32(patience.milliseconds))
    }

    private func connect(_ number: Int, _ router: String) -> NodeLine? {
        do {
            return try NodeLine(
                url: try TransportTable.current.url(for: router), contexts: 8, waitingMax: 64
            ) { [weak self] event in
                switch event {
                case .answered(let call, let reply): self?.step(number, .answered(call, reply))
                case .notUnderstood(let call), .failed(let call): self?.step(number, .failed(call))
                }
            }
        } catch {
            return nil
        }
    }
}

/// nng's closing calls wait for its threads: they run here, one after the other.
enum Closing {
    private static let queue = DispatchQueue(label: "switchyard.client-closing")
    static func run(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }
}
