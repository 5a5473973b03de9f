import Routing
import Synchronization
import Wire

/// Speaks for one agent or several: attaches to a router, says what comes, does what the agent does, and moves to
/// another router by itself when that one is lost.
///
///     let client = AgentClient(agents: ["pl-1-07"], routers: ["10.0.0.5:7100", "10.0.1.5:7100"])
///     for await event in client.events {
///         if case .offered(let offer) = event { _ = try await client.accept(offer) }
///     }
///
/// A ticket is the agent's only after `.assigned`; between an accept and that event the program shows "being
/// confirmed".
public final class AgentClient: Sendable {
    /// What happens to the client's agents, each thing once, in order. Ends with `stop`, and when no agent is left who
    /// is neither refused, superseded nor dismissed.
    public let events: AsyncStream<AgentEvent>

    private let loop: ClientLoop
    private let ownsLoop: Bool
    private let session: Int
    private let state: Waiting

    /// Attaches at once and keeps trying. `routers` are HOST:PORT, the nearest first. `grace` is the cluster's, in
    /// milliseconds: an agent who is away for longer loses his tickets. `onStuck` is called, once, when nng can close
    /// no connection any more (a fault of nng 1.5): end the process and start it again.
    public convenience init(
        agents: [String], routers: [String], graceMilliseconds: UInt64 = 60_000,
        onStuck: @escaping @Sendable () -> Void = {}
    ) {
        self.init(
            agents: agents, routers: routers, graceMilliseconds: graceMilliseconds,
            loop: ClientLoop(clock: MonotonicClock.now, onStuck: onStuck), ownsLoop: true)
    }

    package init(
        agents: [String], routers: [String], graceMilliseconds: UInt64, loop: ClientLoop, ownsLoop: Bool = false
    ) {
        let (stream, feed) = AsyncStream.makeStream(of: AgentEvent.self, bufferingPolicy: .unbounded)
        events = stream
        self.loop = loop
        self.ownsLoop = ownsLoop
        let state = Waiting(feed, agents: agents)
        self.state = state
        let core = AgentSession(
            instance: ClientInstance(UInt64.random(in: .min ... .max)), agents: agents, routers: routers,
            grace: Interval(milliseconds: graceMilliseconds), park: Timing().sessionPark, at: loop.now())
        session = loop.add(core) { effect in state.take(effect) }
    }

    deinit {
        state.finish()
        if ownsLoop { Closing.run { [loop] in loop.end() } }
    }

    /// Takes the ticket. Throws `gone` when another was quicker or the time was over.
    public func accept(_ offer: AgentOffer) async throws(AgentError) -> AgentTicket {
        let fence = try await send(offer.agent, .accept(offer.id))
        return AgentTicket(agent: offer.agent, ticket: offer.id.ticket, fence: fence)
    }
    /// Leaves the ticket to others; this agent is not asked for it again for a while, or until the time he asks for,
    /// 24 h at most. The reason is one of the company's words for declining; other words are `invalid`.
    public func decline(_ offer: AgentOffer, reason: String = "", retryAfterMilliseconds: UInt64? = nil)
        async throws(AgentError)
    {
        let retryAfter = retryAfterMilliseconds.map { Interval(milliseconds: $0) }
        _ = try await send(offer.agent, .decline(offer.id, reason: reason, retryAfter: retryAfter))
    }
    /// What waits in groups whose agents choose for themselves, the highest ranked 100; and whether all routers that
    /// should know were heard.
    public func choices(for agent: String) async throws(AgentError) -> (tickets: [AgentChoice], isWhole: Bool) {
        let answer = await withCheckedContinuation { continuation in
            let tag = state.browse(continuation)
            loop.step(session, .browse(agent: agent, tag: tag))
        }
        guard let browsed = answer.browsed else { throw AgentError(.unavailable) }
        return (
            browsed.tickets.map { AgentChoice(agent: agent, $0, answer.catalog) }, browsed.isWhole
        )
    }
    /// Takes one of them. Throws `gone` when another was quicker, `busy` when another is being asked.
    public func take(_ choice: AgentChoice) async throws(AgentError) -> AgentTicket {
        let fence = try await send(choice.agent, .take(choice.id, choice.fence))
        return AgentTicket(agent: choice.agent, ticket: choice.id, fence: fence)
    }
    /// Answers the customer.
    public func reply(_ ticket: AgentTicket, _ text: String) async throws(AgentError) {
        try await work(ticket, .reply(text: text))
    }
    /// Notes something for colleagues.
    public func note(_ ticket: AgentTicket, _ text: String) async throws(AgentError) {
        try await work(ticket, .note(text: text))
    }
    /// Waits for the customer or for somebody else; the ticket stays with the agent. It goes on when the customer
    /// writes, when the agent resumes it, or after `milliseconds`; without them after the cluster's `pendingMax`.
    public func pause(
        _ ticket: AgentTicket, reason: String, kind: AgentPause = .customer, milliseconds: UInt64? = nil
    ) async throws(AgentError) {
        let length = milliseconds.map { Interval(milliseconds: $0) }
        try await work(ticket, .pause(reason: reason, kind: kind.kind, for: length))
    }
    public func resume(_ ticket: AgentTicket) async throws(AgentError) { try await work(ticket, .resume) }
    /// Hands up: to the next tier, or to tier 2 or 3. A reason, here and below, is kept in the ticket's history; 256
    /// bytes at most.
    public func escalate(_ ticket: AgentTicket, toTier tier: Int? = nil, reason: String = "") async throws(AgentError) {
        try await work(ticket, .escalate(to: try AgentTier.named(tier), reason: reason))
    }
    /// Hands back down: to where it came from, or to tier 1 or 2.
    public func sendDown(_ ticket: AgentTicket, toTier tier: Int? = nil, reason: String = "") async throws(AgentError) {
        try await work(ticket, .sendDown(to: try AgentTier.named(tier), reason: reason))
    }
    public func transfer(_ ticket: AgentTicket, toGroup group: String, reason: String = "") async throws(AgentError) {
        try await work(ticket, .transfer(to: group, reason: reason))
    }
    /// To a colleague, who is asked alone for the cluster's `handOverFor`; then it is his group's.
    public func handOver(_ ticket: AgentTicket, to agent: String, reason: String = "") async throws(AgentError) {
        try await work(ticket, .handOver(to: agent, reason: reason))
    }
    /// To somebody outside of the cluster: resolved, as far as the cluster is concerned.
    public func handOut(_ ticket: AgentTicket, to party: String, reason: String = "") async throws(AgentError) {
        try await work(ticket, .handOut(to: party, reason: reason))
    }
    /// Out of his hands until its time has come, a year ahead at most; then he is asked first.
    public func putOff(_ ticket: AgentTicket, milliseconds: UInt64, reason: String = "") async throws(AgentError) {
        try await work(ticket, .putOff(for: Interval(milliseconds: milliseconds), reason: reason))
    }
    /// Back to its queue, with its age.
    public func giveBack(_ ticket: AgentTicket, reason: String = "") async throws(AgentError) {
        try await work(ticket, .giveBack(reason: reason))
    }
    public func resolve(_ ticket: AgentTicket) async throws(AgentError) { try await work(ticket, .resolve) }

    /// Says whether the agent takes offers.
    /// `reason` is one of the company's words for being away; only with `away`.
    public func setStatus(_ status: AgentStatus, reason: String = "", for agent: String) async throws(AgentError) {
        guard let wanted = status.settable else { throw AgentError(.notAllowed) }
        _ = try await send(agent, .setStatus(wanted, reason: reason))
    }

    /// Ready for the next ticket before the time after the last one is over.
    public func endWrapUp(for agent: String) async throws(AgentError) { _ = try await send(agent, .endWrapUp) }

    /// Ends the session: what is open fails, offers go to others, tickets wait for the cluster's grace.
    public func stop() {
        loop.step(session, .stop)
        state.finish()
    }

    private func work(_ ticket: AgentTicket, _ work: WorkAction) async throws(AgentError) {
        _ = try await send(ticket.agent, .work(ticket.ticket, ticket.fence, work))
    }

    private func send(_ agent: String, _ action: AgentAction) async throws(AgentError) -> Fence {
        let result = await withCheckedContinuation { continuation in
            let tag = state.wait(continuation)
            loop.step(session, .command(agent: agent, action, tag: tag))
        }
        switch result {
        case .done(let fence): return fence
        case .refused(let refusal): throw AgentError(refusal)
        }
    }
}

/// Who waits for which command's result, and where events go.
private final class Waiting: Sendable {
    private struct State {
        var tagLast: UInt64 = 0
        var open: [UInt64: CheckedContinuation<CommandResult, Never>] = [:]
        var browses: [UInt64: CheckedContinuation<Answer, Never>] = [:]
        /// Agents for whom something may still come.
        var agents: Set<String>
    }
    struct Answer: Sendable {
        let browsed: Browsed?
        let catalog: Catalog
    }
    private let state: Mutex<State>
    private let feed: AsyncStream<AgentEvent>.Continuation

    init(_ feed: AsyncStream<AgentEvent>.Continuation, agents: [String]) {
        self.feed = feed
        state = Mutex(State(agents: Set(agents)))
    }

    /// No event comes any more; results still do.
    func finish() { feed.finish() }

    func wait(_ continuation: CheckedContinuation<CommandResult, Never>) -> UInt64 {
        state.withLock { state in
            state.tagLast += 1
            state.open[state.tagLast] = continuation
            return state.tagLast
        }
    }

    func browse(_ continuation: CheckedContinuation<Answer, Never>) -> UInt64 {
        state.withLock { state in
            state.tagLast += 1
            state.browses[state.tagLast] = continuation
            return state.tagLast
        }
    }

    func take(_ effect: AgentSession.Effect) {
        switch effect {
        case .browsed(let tag, let browsed, let catalog):
            let continuation = state.withLock { $0.browses.removeValue(forKey: tag) }
            continuation?.resume(returning: Answer(browsed: browsed, catalog: catalog))
        case .result(let tag, let result):
            state.withLock { $0.open.removeValue(forKey: tag) }?.resume(returning: result)
        case .news(let news):
            feed.yield(AgentEvent(news))
            end(of: news)
        case .ask, .leave: break
        }
    }

    private func end(of news: AgentSession.News) {
        let agent: String
        switch news {
        case .superseded(let name), .dismissed(let name), .refused(let name, _): agent = name
        default: return
        }
        let isLast = state.withLock { state in
            state.agents.remove(agent)
            return state.agents.isEmpty
        }
        if isLast { finish() }
    }
}
