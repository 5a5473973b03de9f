import Foundation
import Routing
import Synchronization

import struct Simulation.SplitMix64

@testable import AgentClient

/// How the agents of a desk are. Chances are of a hundred, drawn for each offer and each ticket.
struct Temper: Sendable {
    var worksMillisecondsMax = 0
    var declines = 0
    /// Lets the offer pass; it expires.
    var ignores = 0
    var replies = 0
    var pauses = 0
    var escalates = 0
    /// To this group, if any.
    var transfers = 0
    var transfersTo = ""
    var givesBack = 0
    /// Resolves what he has just given away, as a second window of his might.
    var insists = 0
    /// Goes away for a moment after a ticket, and comes back.
    var rests = 0

    /// Takes what is offered and resolves it.
    static let plain = Temper()
    /// Looks at offers and lets them pass.
    static let idle = Temper(ignores: 100)
    /// Takes nothing.
    static let unwilling = Temper(declines: 100)
    /// Does everything that a person does, at a program's pace.
    static func human(transfersTo group: String) -> Temper {
        Temper(
            worksMillisecondsMax: 200, declines: 8, ignores: 2, replies: 30, pauses: 15, escalates: 8, transfers: 8,
            transfersTo: group, givesBack: 5, insists: 50, rests: 5)
    }
}

/// That a desk was let in at a router, or knew that it had lost it. Nanoseconds of the tests' own clock.
struct Passage: Sendable {
    let router: String
    let isArrival: Bool
    let at: UInt64
}

/// Agents of the tests over the public client library, with a log of what they were told.
final class Desk: Sendable {
    private struct State {
        var random: SplitMix64
        var client: AgentClient?
        /// How often it has come; what an earlier client says is not heard any more.
        var coming = 0
        var seen: [Sighting] = []
        var holdings: [Holding] = []
        var showings: [Showing] = []
        /// Places in `holdings` of what is held, by agent, ticket and fence.
        var open: [Sighting: Int] = [:]
        var attached: Set<String> = []
        var superseded: Set<String> = []
        var refused: [String: Int] = [:]
        var passages: [Passage] = []
        var isHolding = false
        var isClosing = false
        var held: [AgentTicket] = []
        var unresolved: [String] = []
        /// The last refusal of each ticket.
        var refusals: [UInt64: String] = [:]
    }
    private let agents: [String]
    private let routers: [String]
    private let graceMilliseconds: UInt64
    private let temper: Temper
    private let log: String?
    private let state: Mutex<State>

    /// `log` is a file that gets a line of what is seen at once, for a desk whose process will be killed.
    init(
        _ agents: [String], at routers: [String], graceMilliseconds: UInt64 = 10_000, temper: Temper = .plain,
        seed: UInt64 = 1, log: String? = nil
    ) {
        self.agents = agents
        self.routers = routers
        self.graceMilliseconds = graceMilliseconds
        self.temper = temper
        self.log = log
        state = Mutex(State(random: SplitMix64(seed: seed)))
        come()
    }

    var seen: [Sighting] { state.withLock { $0.seen } }
    var holdings: [Holding] { state.withLock { $0.holdings } }
    var showings: [Showing] { state.withLock { $0.showings } }
    var resolved: Int { state.withLock { state in state.seen.count { $0.kind == .resolved } } }
    var refusals: [String: Int] { state.withLock { $0.refused } }
    /// Tickets that it was not let resolve, and why.
    var unresolved: [String] { state.withLock { $0.unresolved } }
    /// The routers it has been at, in order.
    var moves: [String] { passages.filter(\.isArrival).map(\.router) }
    var passages: [Passage] { state.withLock { $0.passages } }
    var isAttached: Bool { state.withLock { $0.attached.count == agents.count } }
    /// Between `stop` and `come`.
    var isGone: Bool { state.withLock { $0.client == nil } }
    var held: [AgentTicket] { state.withLock { $0.held } }
    var superseded: Set<String> { state.withLock { $0.superseded } }

    /// Keeps what it gets, until `letGo`.
    func hold() { state.withLock { $0.isHolding = true } }

    /// Resolves what it has kept, and everything from now on.
    func letGo() {
        let held = state.withLock { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        for ticket in held { Task { [self] in await resolve(ticket) } }
    }

    /// From now on everything is taken and resolved.
    func closeUp() { state.withLock { $0.isClosing = true } }

    // MARK: - coming and going

    /// All agents come, with a client of their own that knows nothing.
    func come() {
        let client = AgentClient(agents: agents, routers: routers, graceMilliseconds: graceMilliseconds)
        let coming = state.withLock { state in
            state.client = client
            state.coming += 1
            return state.coming
        }
        let events = client.events
        Task { [weak self] in
            for await event in events { self?.take(event, coming) }
        }
    }

    /// The client ends as a program does that is closed: nobody says good-bye.
    func stop() {
        let client = state.withLock { state in
            defer { state.client = nil }
            state.coming += 1
            state.attached = []
            Self.end(&state) { _ in true }
            return state.client
        }
        client?.stop()
    }

    private var client: AgentClient? { state.withLock { $0.client } }

    private func chance(_ ofHundred: Int) -> Bool {
        ofHundred > 0 && state.withLock { $0.isClosing ? false : $0.random.below(100) < ofHundred }
    }

    // MARK: - events

    private func take(_ event: AgentEvent, _ coming: Int) {
        guard state.withLock({ $0.coming == coming }) else { return }
        switch event {
        case .attached(let agent): state.withLock { _ = $0.attached.insert(agent) }
        case .connected(let router): pass(router, isArrival: true)
        case .disconnected(let router): pass(router, isArrival: false)
        case .offered(let offer): decide(offer)
        case .assigned(let ticket, let content): begin(ticket, content)
        case .released(let ticket):
            state.withLock { state in Self.end(&state) { $0.ticket == ticket.number && $0.agent == ticket.agent } }
            note(Sighting(.released, ticket))
        case .uncertain: state.withLock { state in Self.end(&state) { _ in true } }
        case .superseded(let agent):
            state.withLock { state in
                state.superseded.insert(agent)
                Self.end(&state) { $0.agent == agent }
            }
        case .status(let agent, let status) where status == .notResponding:
            Task { [self] in
                try? await Task.sleep(for: .milliseconds(100))
                await attempt { client throws(AgentError) in try await client.setStatus(.available, for: agent) }
            }
        case .refused, .dismissed, .offerEnded, .pendingChanged, .customerWrote, .status: break
        }
    }

    private func pass(_ router: String, isArrival: Bool) {
        let passage = Passage(router: router, isArrival: isArrival, at: DispatchTime.now().uptimeNanoseconds)
        state.withLock { $0.passages.append(passage) }
    }

    private func decide(_ offer: AgentOffer) {
        let showing = Showing(
            agent: offer.agent, ticket: offer.ticket, fence: UInt64(offer.id.fence.value), group: offer.group,
            ownerEpoch: UInt64(offer.id.ownerEpoch.value), at: DispatchTime.now().uptimeNanoseconds)
        state.withLock { $0.showings.append(showing) }
        if chance(temper.ignores) { return }
        let isDeclined = chance(temper.declines)
        Task { [self] in
            await attempt { client throws(AgentError) in
                if isDeclined { try await client.decline(offer) } else { _ = try await client.accept(offer) }
            }
        }
    }

    private func begin(_ ticket: AgentTicket, _ content: AgentContent) {
        let sighting = Sighting(.yours, ticket)
        note(sighting)
        let isHeld = state.withLock { state in
            let now = DispatchTime.now().uptimeNanoseconds
            state.open[sighting] = state.holdings.count
            state.holdings.append(
                Holding(
                    agent: ticket.agent, ticket: ticket.number, fence: sighting.fence, product: content.product,
                    from: now))
            if state.isHolding { state.held.append(ticket) }
            return state.isHolding
        }
        if !isHeld { Task { [self] in await work(ticket) } }
    }

    /// The agent's certainty of these tickets ends now.
    private static func end(_ state: inout State, _ isOver: (Sighting) -> Bool) {
        let now = DispatchTime.now().uptimeNanoseconds
        for (sighting, place) in state.open where isOver(sighting) {
            state.holdings[place].to = now
            state.open[sighting] = nil
        }
    }

    // MARK: - work

    private func work(_ ticket: AgentTicket) async {
        await think()
        if chance(temper.replies) {
            await attempt { client throws(AgentError) in try await client.reply(ticket, "we are on it") }
        }
        if chance(temper.pauses) {
            await attempt { client throws(AgentError) in
                try await client.pause(ticket, reason: "waits", kind: .hold, milliseconds: 1_000)
            }
            await think()
            if chance(50) { await attempt { client throws(AgentError) in try await client.resume(ticket) } }
        }
        if chance(temper.rests) { Task { [self] in await rest(ticket.agent) } }
        var isGone = false
        if chance(temper.escalates) {
            isGone = await giveUp(ticket) { client throws(AgentError) in try await client.escalate(ticket) }
        } else if chance(temper.transfers) {
            let group = temper.transfersTo
            isGone = await giveUp(ticket) { client throws(AgentError) in
                try await client.transfer(ticket, toGroup: group)
            }
        } else if chance(temper.givesBack) {
            isGone = await giveUp(ticket) { client throws(AgentError) in try await client.giveBack(ticket) }
        }
        if !isGone { return await resolve(ticket) }
        guard chance(temper.insists), let client else { return }
        await think()
        do {
            try await client.resolve(ticket)
            note(Sighting(.resolved, ticket))
        } catch { note(error) }
    }

    private func think() async {
        guard temper.worksMillisecondsMax > 0 else { return }
        let milliseconds = state.withLock { $0.random.below(temper.worksMillisecondsMax) }
        try? await Task.sleep(for: .milliseconds(milliseconds))
    }

    private func rest(_ agent: String) async {
        await attempt { client throws(AgentError) in try await client.setStatus(.away, for: agent) }
        await think()
        // Whatever became of the first: an agent who stays away would let his tickets wait for ever.
        for _ in 0..<100 {
            if await attempt({ client throws(AgentError) in try await client.setStatus(.available, for: agent) }) {
                return
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private func resolve(_ ticket: AgentTicket) async {
        state.withLock { $0.refusals[ticket.number] = nil }
        if await giveUp(ticket, { client throws(AgentError) in try await client.resolve(ticket) }) {
            return note(Sighting(.resolved, ticket))
        }
        state.withLock { state in
            guard let refusal = state.refusals[ticket.number] else { return }
            state.unresolved.append("ticket \(ticket.number) of \(ticket.agent): \(refusal)")
        }
    }

    /// Does what ends the agent's holding, again while it may succeed; he is not certain of the ticket from the first
    /// try on. Whether it was done.
    private func giveUp(_ ticket: AgentTicket, _ action: (AgentClient) async throws(AgentError) -> Void) async -> Bool {
        state.withLock { state in Self.end(&state) { $0 == Sighting(.yours, ticket) } }
        while let client {
            do {
                try await action(client)
                return true
            } catch {
                note(error)
                guard error.isRetriable else {
                    // An engineer who escalates hears `notAllowed`: there is nobody above him.
                    state.withLock { $0.refusals[ticket.number] = error.code }
                    return false
                }
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    @discardableResult
    private func attempt(_ action: (AgentClient) async throws(AgentError) -> Void) async -> Bool {
        guard let client else { return true }
        do {
            try await action(client)
            return true
        } catch {
            note(error)
            return !error.isRetriable
        }
    }

    private func note(_ sighting: Sighting) {
        state.withLock { $0.seen.append(sighting) }
        guard let log, let file = unsafe fopen(log, "a") else { return }
        unsafe fputs("\(sighting.line)\n", file)
        unsafe fclose(file)
    }

    private func note(_ error: AgentError) { state.withLock { $0.refused[error.code, default: 0] += 1 } }
}

extension Sighting {
    init(_ kind: Kind, _ ticket: AgentTicket) {
        self.init(kind, ticket.number, fence: UInt64(ticket.fence.value), agent: ticket.agent)
    }
}
