import AgentClient
import Foundation
import Node
import Routing
import Synchronization
import Wire

/// One run of traffic: submitters and agents over real sockets, each ticket followed from when it was due to its end.
/// Agents accept at once and resolve at once.
final class LoadRun: Sendable {
    struct Plan: Sendable {
        /// The doors.
        var routers: [String]
        /// Of which region each door's tickets are; empty for none.
        var regions: [String] = []
        var company: LoadCompany
        /// Tickets a second; nil for a closed loop.
        var rate: Int?
        /// Tickets outstanding in a closed loop.
        var outstanding: Int
        var seconds: Int
        var warmup: Int
        /// Submissions in one message.
        var batch: Int
        var agentsPerConnection: Int
        /// Submitters' connections to each door.
        var connections: Int
        var burst: Burst?
        /// Where the clients write what they saw, a line an event; for checks after faults.
        var log: ClientLog?
    }

    /// The phases of an open loop, the first with the seconds of warming up.
    static func phases(_ plan: Plan, _ rate: Int) -> [LoadPhase] {
        let usual = LoadPhase(rate: rate, seconds: plan.warmup + plan.seconds)
        guard let burst = plan.burst else { return [usual] }
        return [
            usual, LoadPhase(rate: rate * burst.factor, seconds: burst.seconds),
            LoadPhase(rate: rate, seconds: burst.secondsAfter),
        ]
    }

    struct Counts: Sendable {
        var submitted = 0
        var retries = 0
        var acknowledged = 0
        var refused = 0
        var unknown = 0
        var offered = 0
        var completed = 0
        var completedMeasured = 0
        var acknowledge = Histogram()
        var offer = Histogram()
        var complete = Histogram()
        var attached = 0
        var refusals: [String: Int] = [:]
        /// By the second in which they were due, from the start.
        var seconds: [LoadSecond] = []
    }

    private struct Ticket: Sendable {
        var due: UInt64
        var isAcknowledged = false
        var isOffered = false
        var isCompleted = false
    }

    /// A ticket whose resolution is on its way.
    private struct Resolving: Sendable {
        let index: Int
        let ticket: TicketID
        let agent: String
    }

    private struct State: Sendable {
        var tickets: [Ticket] = []
        var counts = Counts()
        var startedAt: UInt64 = 0
        var measureFrom: UInt64 = .max
        var measureUntil: UInt64 = .max
        var tags: [UInt64: Resolving] = [:]
        var tagLast: UInt64 = 0
        var isOver = false
        /// Tickets of a closed loop that wait for the rest of their message.
        var owed = 0

        mutating func note(_ due: UInt64, _ change: (inout LoadSecond) -> Void) {
            guard due >= startedAt else { return }
            let second = Int((due - startedAt) / 1_000_000_000)
            while counts.seconds.count <= second { counts.seconds.append(LoadSecond()) }
            change(&counts.seconds[second])
        }
    }

    let plan: Plan
    let loop: ClientLoop
    /// One to each door after the other, and again.
    private let clients: [TicketClient]
    private let state = Mutex(State())
    /// Makes this run's keys unlike any other's.
    private let salt: UInt64
    private let saltText: String

    init(_ plan: Plan) throws {
        self.plan = plan
        salt = Draw.bits()
        saltText = String(salt, radix: 36)
        loop = ClientLoop(clock: MonotonicClock.now, onStuck: Program.leaveStuck)
        clients = try (0..<plan.connections).flatMap { _ in
            try plan.routers.map { try TicketClient(node: $0, contexts: 64) }
        }
    }

    var counts: Counts { state.withLock { $0.counts } }
    var askedCount: Int { loop.askedCount }

    // MARK: - agents

    func attach() {
        let names = plan.company.names
        for start in stride(from: 0, to: names.count, by: plan.agentsPerConnection) {
            let home = plan.company.region(ofAgent: start) % plan.routers.count
            let some = Array(names[start..<min(start + plan.agentsPerConnection, names.count)])
            let core = AgentSession(
                instance: ClientInstance(Draw.bits()), agents: some,
                routers: Array(plan.routers[home...] + plan.routers[..<home]),
                grace: .seconds(10), park: Timing().sessionPark, at: loop.now())
            let place = Place()
            let number = loop.add(core) { [self] effect in take(effect, place) }
            place.set(number)
        }
    }

    /// The session's number, known only after its listener was made.
    private final class Place: Sendable {
        private let number = Mutex(0)
        func set(_ value: Int) { number.withLock { $0 = value } }
        var value: Int { number.withLock { $0 } }
    }

    private func take(_ effect: AgentSession.Effect, _ place: Place) {
        switch effect {
        case .news(.attached): state.withLock { $0.counts.attached += 1 }
        case .news(.offered(let agent, let offer)):
            let now = SystemClock.nanoseconds()
            let tag = state.withLock { state -> UInt64 in
                if let index = own(offer.subject), index < state.tickets.count, !state.tickets[index].isOffered {
                    state.tickets[index].isOffered = true
                    state.counts.offered += 1
                    let due = state.tickets[index].due
                    if due >= state.measureFrom && due < state.measureUntil { state.counts.offer.add(now - due) }
                }
                state.tagLast += 1
                return state.tagLast
            }
            loop.step(place.value, .command(agent: agent, .accept(offer.id), tag: tag))
        case .news(.released(let agent, let ticket, let fence)):
            plan.log?.write("released \(ticket.value) \(fence.value) \(agent)")
        case .news(.assigned(let agent, let work)):
            plan.log?.write("yours \(work.ticket.value) \(work.fence.value) \(agent)")
            // Another run's tickets, come back from the ledger, are worked too, and not counted.
            let index = work.submission.flatMap { own($0.subject) } ?? -1
            let tag = state.withLock { state -> UInt64 in
                state.tagLast += 1
                state.tags[state.tagLast] = Resolving(index: index, ticket: work.ticket, agent: agent)
                return state.tagLast
            }
            loop.step(place.value, .command(agent: agent, .work(work.ticket, work.fence, .resolve), tag: tag))
        case .result(let tag, let result): finished(tag, result)
        case .news, .ask, .leave, .browsed: break
        }
    }

    private func finished(_ tag: UInt64, _ result: CommandResult) {
        let now = SystemClock.nanoseconds()
        let next = state.withLock { state -> Int in
            let resolving = state.tags.removeValue(forKey: tag)
            if case .refused(let refusal) = result { state.counts.refusals["\(refusal)", default: 0] += 1 }
            guard let resolving, case .done(let fence) = result else { return 0 }
            plan.log?.write("resolved \(resolving.ticket.value) \(fence.value) \(resolving.agent)")
            let index = resolving.index
            guard state.tickets.indices.contains(index), !state.tickets[index].isCompleted else { return 0 }
            state.tickets[index].isCompleted = true
            state.counts.completed += 1
            let due = state.tickets[index].due
            if now - due <= 1_000_000_000 { state.note(due) { $0.inTime += 1 } }
            if due >= state.measureFrom && due < state.measureUntil { state.counts.complete.add(now - due) }
            if now >= state.measureFrom && now < state.measureUntil { state.counts.completedMeasured += 1 }
            return owed(&state, index)
        }
        if next > 0 { submit(next) }
    }

    /// The number of a ticket of this run, by its subject.
    private func own(_ subject: String) -> Int? {
        subject.hasPrefix(saltText + "-") ? Int(subject.dropFirst(saltText.count + 1)) : nil
    }

    // MARK: - submitters

    /// In a closed loop a ticket makes room for the next when it is both acknowledged and completed.
    private func owed(_ state: inout State, _ index: Int) -> Int {
        guard plan.rate == nil, !state.isOver, state.tickets[index].isAcknowledged, state.tickets[index].isCompleted
        else { return 0 }
        state.owed += 1
        guard state.owed >= plan.batch else { return 0 }
        defer { state.owed = 0 }
        return state.owed
    }

    /// Runs for the planned time on the calling thread, then waits until all is done or 10 s have passed.
    func run() {
        let start = SystemClock.nanoseconds()
        state.withLock { state in
            state.startedAt = start
            state.measureFrom = start + UInt64(plan.warmup) * 1_000_000_000
            state.measureUntil = start + UInt64(plan.warmup + plan.seconds) * 1_000_000_000
        }
        let end = start + UInt64(plan.warmup + plan.seconds) * 1_000_000_000
        if let rate = plan.rate {
            var phaseStart = start
            for phase in Self.phases(plan, rate) {
                offer(phase, from: phaseStart)
                phaseStart += UInt64(phase.seconds) * 1_000_000_000
            }
        } else {
            var left = plan.outstanding
            while left > 0 {
                submit(min(plan.batch, left))
                left -= plan.batch
            }
            sleep(until: end)
        }
        state.withLock { $0.isOver = true }
        let patience = SystemClock.nanoseconds() + 10_000_000_000
        while SystemClock.nanoseconds() < patience {
            let isDone = state.withLock { $0.counts.completed + $0.counts.refused >= $0.counts.submitted }
            if isDone { break }
            sleep(until: SystemClock.nanoseconds() + 5_000_000)
        }
    }

    private func offer(_ phase: LoadPhase, from start: UInt64) {
        var sent = 0
        while sent < phase.rate * phase.seconds {
            let due = start + UInt64(sent) * 1_000_000_000 / UInt64(phase.rate)
            sleep(until: due)
            submit(plan.batch, due: due)
            sent += plan.batch
        }
    }

    /// The kernel wakes a sleeper up to 50 us late: the rest of the way is spun.
    private func sleep(until due: UInt64) {
        let slack: UInt64 = 60_000
        while true {
            let now = SystemClock.nanoseconds()
            if now >= due { return }
            if due - now > slack { usleep(UInt32(min((due - now - slack) / 1000 + 1, 1_000_000))) }
        }
    }

    private func submit(_ count: Int, due: UInt64? = nil) {
        let due = due ?? SystemClock.nanoseconds()
        let first = state.withLock { state in
            let first = state.tickets.count
            for _ in 0..<count { state.tickets.append(Ticket(due: due)) }
            state.counts.submitted += count
            state.note(due) { $0.due += count }
            return first
        }
        let place = first / plan.batch % clients.count
        let region = plan.regions[place % plan.routers.count]
        let tickets = (first..<(first + count)).map { index in
            KeyedSubmission(
                key: SubmitKey(high: salt, low: UInt64(index)),
                submission: Submission(
                    channel: "load", region: region, product: plan.company.skill((index / plan.routers.count) &* 7),
                    subject: "\(saltText)-\(index)",
                    text: "0123456789012345678901234567890123456789"))
        }
        send(tickets, first, due, by: place, tries: 0)
    }

    private func send(_ tickets: [KeyedSubmission], _ first: Int, _ due: UInt64, by place: Int, tries: Int) {
        clients[place].submit(tickets) { [self] submitted in
            let now = SystemClock.nanoseconds()
            if plan.routers.count > 1, tries < 20, submitted.isLost {
                // That router is gone: another one is asked, with the same keys, so that no ticket is there twice.
                state.withLock { $0.counts.retries += submitted.retries + 1 }
                return send(tickets, first, due, by: (place + 1) % clients.count, tries: tries + 1)
            }
            let next = state.withLock { state in
                var next = 0
                state.counts.retries += submitted.retries
                for (offset, result) in submitted.results.enumerated() {
                    next += settle(&state, first + offset, result, due, now)
                }
                return next
            }
            if next > 0 { submit(next) }
        }
    }

    private func settle(
        _ state: inout State, _ index: Int, _ result: SubmitResult, _ due: UInt64, _ now: UInt64
    ) -> Int {
        switch result {
        case .accepted(let ticket):
            plan.log?.write("acknowledged \(ticket.value) \(index)")
            state.tickets[index].isAcknowledged = true
            state.counts.acknowledged += 1
            state.note(due) { $0.acknowledged += 1 }
            if due >= state.measureFrom && due < state.measureUntil { state.counts.acknowledge.add(now - due) }
            return owed(&state, index)
        case .refused(let refusal, _, _):
            if refusal == .unknown { state.counts.unknown += 1 }
            state.counts.refused += 1
            state.note(due) { $0.refused += 1 }
            state.counts.refusals["\(refusal)", default: 0] += 1
            return 0
        }
    }
}

/// A file of lines, each written at once, so that what a killed client had seen is on record.
final class ClientLog: Sendable {
    private let handle: FileHandle

    init(_ path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seekToEnd()
    }

    func write(_ line: String) { handle.write(Data("\(line)\n".utf8)) }
}
