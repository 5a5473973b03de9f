import AgentClient
import Dispatch
import Foundation
import Node
import Routing
import Wire

/// Plays the trace's people over real sockets: customers who submit, and agents who accept, work for as long as the
/// trace says, wait, hand on along the case's tiers, and resolve. One queue owns all of it.
final class Players: @unchecked Sendable {
    // Every member is touched on `queue` only; callers from outside hop onto it.

    /// One case on its way.
    struct Progress {
        let index: Int
        var stop = 0
        var isDone = false
        var submittedAt: UInt64 = 0
        var ticket: UInt64?
        var offeredAt: UInt64?
        /// When it began to wait at its present stop.
        var waitingSince: UInt64 = 0
    }

    private let trace: Trace
    private let speed: Double
    /// Index of a case by its number.
    private let numbers: [Int: Int]
    /// Groups by agent: who serves a ticket of another group helps out.
    private let groups: [String: Set<String>]
    private let submitters: [String: TicketClient]
    private let loop: ClientLoop
    private let queue = DispatchQueue(label: "switchyard.players")
    private var progress: [Progress]
    private var sessions: [String: Int] = [:]
    /// Which case a ticket is, by its number once known.
    private var cases: [UInt64: Int] = [:]
    private var tagLast: UInt64 = 0
    private var waiting: [UInt64: (CommandResult) -> Void] = [:]
    private var attached: Set<String> = []
    private(set) var result = Played()

    init(
        trace: Trace, speed: Double, groups: [String: Set<String>], routers: [String: String], loop: ClientLoop
    ) throws {
        self.trace = trace
        self.speed = speed
        self.groups = groups
        numbers = Dictionary(uniqueKeysWithValues: trace.cases.enumerated().map { ($1.number, $0) })
        self.loop = loop
        submitters = try routers.mapValues { try TicketClient(node: $0) }
        progress = trace.cases.indices.map { Progress(index: $0) }
    }

    var played: Played { queue.sync { result } }

    /// Attaches all agents, each region's over one connection to the region's router.
    func attach(_ agents: [String: [String]], routers: [String: String], grace: Interval) {
        queue.sync {
            for region in agents.keys.sorted() {
                guard let names = agents[region], let router = routers[region] else { continue }
                let others = routers.keys.sorted().compactMap { routers[$0] }.filter { $0 != router }
                let core = AgentSession(
                    instance: ClientInstance(Draw.bits()), agents: names, routers: [router] + others, grace: grace,
                    park: Timing().sessionPark, at: loop.now())
                let session = loop.add(core) { [self] effect in queue.async { self.take(effect) } }
                for name in names { sessions[name] = session }
            }
        }
    }

    var attachedCount: Int { queue.sync { attached.count } }

    // MARK: - customers

    /// Starts the clock: each case is submitted when it is due.
    func begin() {
        queue.async { [self] in
            let start = DispatchTime.now()
            for (index, one) in trace.cases.enumerated() {
                let due = one.arrival / speed
                queue.asyncAfter(deadline: start + due) { self.submit(index, tries: 0) }
            }
        }
    }

    private func submit(_ index: Int, tries: Int) {
        let one = trace.cases[index]
        guard let client = submitters[one.region] ?? submitters.values.first else { return }
        let first = one.stops.first?.tier ?? 1
        let submission = Submission(
            customer: "customer-\(one.number)", channel: "mail",
            segment: one.impact == "High" || one.impact == "Major" ? one.impact.lowercased() : "",
            region: one.region, product: one.product, labels: first > 1 ? ["line-\(first)"] : [],
            subject: "case \(one.number)", text: "Something is wrong with \(one.product).")
        if tries == 0 {
            result.submitted += 1
            progress[index].submittedAt = SystemClock.nanoseconds()
        }
        // The same key on every try: however often it is asked, it is one ticket.
        let key = SubmitKey(high: 0x5377_6974_6368, low: UInt64(one.number))
        result.clientMessages += 1
        client.submit([KeyedSubmission(key: key, submission: submission)]) { [self] submitted in
            queue.async { self.submitted(index, tries, submitted) }
        }
    }

    private func submitted(_ index: Int, _ tries: Int, _ submitted: TicketClient.Submitted) {
        result.clientMessages += submitted.retries
        if case .accepted(let ticket)? = submitted.results.first {
            let now = SystemClock.nanoseconds()
            result.acknowledged += 1
            result.acknowledgements.append(now - progress[index].submittedAt)
            progress[index].ticket = ticket.value
            progress[index].waitingSince = progress[index].submittedAt
            cases[ticket.value] = index
            result.tickets[ticket.value] = index
            return
        }
        guard tries < 100 else {
            result.refused += 1
            return
        }
        queue.asyncAfter(deadline: .now() + .milliseconds(100)) { self.submit(index, tries: tries + 1) }
    }

    // MARK: - agents

    private func take(_ effect: AgentSession.Effect) {
        switch effect {
        case .result(let tag, let outcome): waiting.removeValue(forKey: tag)?(outcome)
        case .news(.attached(let agent)): attached.insert(agent)
        case .news(.offered(let agent, let offer)): offered(agent, offer)
        case .news(.assigned(let agent, let work)): assigned(agent, work)
        case .news(.refused(let agent, let refusal)): result.troubles.append("\(agent): \(refusal)")
        case .news(.disconnected(let router)): result.moves.append(router)
        case .news, .ask, .leave, .browsed: break
        }
    }

    private func send(_ agent: String, _ action: AgentAction, then: @escaping (CommandResult) -> Void) {
        guard let session = sessions[agent] else { return }
        tagLast += 1
        waiting[tagLast] = then
        loop.step(session, .command(agent: agent, action, tag: tagLast))
    }

    private func offered(_ agent: String, _ offer: OfferView) {
        // The subject names the case, whether or not the submitter's answer has come.
        if let number = Int(offer.subject.dropFirst("case ".count)),
            let index = numbers[number], progress[index].offeredAt == nil
        {
            progress[index].offeredAt = SystemClock.nanoseconds()
            result.firstOffers.append(progress[index].offeredAt! - progress[index].submittedAt)
        }
        result.offers += 1
        send(agent, .accept(offer.id)) { _ in }
    }

    private func assigned(_ agent: String, _ work: WorkView) {
        guard let subject = work.submission?.subject, let number = Int(subject.dropFirst("case ".count)),
            let index = numbers[number]
        else {
            result.troubles.append("ticket \(work.ticket.value) came without its content")
            return
        }
        let now = SystemClock.nanoseconds()
        let one = trace.cases[index]
        guard !progress[index].isDone, progress[index].stop < one.stops.count else {
            result.troubles.append("\(subject) was assigned after its end")
            return
        }
        let stop = one.stops[progress[index].stop]
        result.assigned(
            region: one.region, tier: stop.tier, isAway: !(groups[agent]?.contains(work.group) ?? true),
            waited: now - progress[index].waitingSince)
        labour(agent, work.ticket, work.fence, index, stop.segments[...])
    }

    /// Goes through a stop's segments: work takes time, pending is paused and resumed, the end hands on.
    private func labour(
        _ agent: String, _ ticket: TicketID, _ fence: Fence, _ index: Int, _ segments: ArraySlice<Trace.Segment>
    ) {
        guard let segment = segments.first else { return handOn(agent, ticket, fence, index) }
        switch segment {
        case .work(let seconds):
            queue.asyncAfter(deadline: .now() + seconds / speed) {
                self.labour(agent, ticket, fence, index, segments.dropFirst())
            }
        case .pending(let seconds):
            send(agent, .work(ticket, fence, .pause(reason: "customer"))) { result in
                guard self.isMine(result) else { return }
                self.queue.asyncAfter(deadline: .now() + seconds / self.speed) {
                    self.send(agent, .work(ticket, fence, .resume)) { result in
                        guard self.isMine(result) else { return }
                        self.labour(agent, ticket, fence, index, segments.dropFirst())
                    }
                }
            }
        }
    }

    /// Whether the agent still has the ticket; if not, whoever gets it next begins the stop anew.
    private func isMine(_ outcome: CommandResult) -> Bool {
        switch outcome {
        case .done, .refused(.already): return true
        case .refused(let refusal):
            result.lostWork[refusal, default: 0] += 1
            return false
        }
    }

    private func handOn(_ agent: String, _ ticket: TicketID, _ fence: Fence, _ index: Int) {
        let stops = trace.cases[index].stops
        let next = progress[index].stop + 1
        let work: WorkAction
        if next == stops.count {
            work = .resolve
        } else if let tier = Tier(rawValue: UInt8(stops[next].tier)) {
            work = stops[next].tier > stops[next - 1].tier ? .escalate(to: tier) : .sendDown(to: tier)
        } else {
            return
        }
        // The next holder may have it before our own answer comes: the step is noted first, and taken back if refused.
        progress[index].stop = next
        progress[index].isDone = next == stops.count
        progress[index].waitingSince = SystemClock.nanoseconds()
        send(agent, .work(ticket, fence, work)) { outcome in
            if case .done = outcome { return }
            self.progress[index].stop = next - 1
            self.progress[index].isDone = false
            _ = self.isMine(outcome)
            if case .refused(.notAllowed) = outcome {
                self.result.troubles.append("case \(self.trace.cases[index].number): nowhere to hand it on")
            }
        }
    }
}

/// What the players saw.
struct Played: Sendable {
    struct Line: Sendable {
        var stops = 0
        var away = 0
        var waits: [UInt64] = []
    }
    var submitted = 0
    var acknowledged = 0
    var refused = 0
    var offers = 0
    var clientMessages = 0
    /// Nanoseconds from submission to the answer, and to the first offer at an agent's program.
    var acknowledgements: [UInt64] = []
    var firstOffers: [UInt64] = []
    /// Case by ticket.
    var tickets: [UInt64: Int] = [:]
    /// By "region tier".
    var lines: [String: Line] = [:]
    var lostWork: [Refusal: Int] = [:]
    var moves: [String] = []
    var troubles: [String] = []

    mutating func assigned(region: String, tier: Int, isAway: Bool, waited: UInt64) {
        lines["\(region) \(tier)", default: Line()].stops += 1
        lines["\(region) \(tier)", default: Line()].waits.append(waited)
        if isAway { lines["\(region) \(tier)", default: Line()].away += 1 }
    }
}
