import Foundation
import Routing
import Synchronization
import Wire

@testable import AgentClient

/// One line of what a client has seen: as `switchyard load --log` writes them, and as clients in the tests note them.
struct Sighting: Hashable, Sendable {
    enum Kind: String, Sendable {
        case acknowledged
        case yours
        case resolved
        case released
    }
    let kind: Kind
    let ticket: UInt64
    /// 0 for `acknowledged`.
    let fence: UInt64
    let agent: String

    init(_ kind: Kind, _ ticket: UInt64, fence: UInt64 = 0, agent: String = "") {
        self.kind = kind
        self.ticket = ticket
        self.fence = fence
        self.agent = agent
    }

    /// Nil for the last line of a client that was killed while it wrote it.
    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard words.count >= 3, let kind = Kind(rawValue: String(words[0])), let ticket = UInt64(words[1]),
            let number = UInt64(words[2])
        else { return nil }
        guard kind != .acknowledged else {
            self.init(kind, ticket)
            return
        }
        guard words.count == 4 else { return nil }
        self.init(kind, ticket, fence: number, agent: String(words[3]))
    }

    var line: String { kind == .acknowledged ? "\(kind) \(ticket) 0" : "\(kind) \(ticket) \(fence) \(agent)" }

    static func read(_ path: String) -> [Sighting] {
        // What follows the last line's end was cut off by a death.
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap { Sighting($0) }
    }
}

/// Agents of the tests over the public client library: they take what is offered and resolve it.
final class Desk: Sendable {
    private struct State {
        var seen: [Sighting] = []
        var attached: Set<String> = []
        var refused: [String: Int] = [:]
        var moves: [String] = []
        var isHolding = false
        var held: [AgentTicket] = []
        var unresolved: [String] = []
    }
    private let client: AgentClient
    private let state = Mutex(State())
    private let count: Int
    private let log: String?
    private let worksMillisecondsMax: Int

    /// `log` is a file that gets a line of what is seen at once, for a desk whose process will be killed.
    init(_ agents: [String], at routers: [String], log: String? = nil, worksMillisecondsMax: Int = 0) {
        self.log = log
        self.worksMillisecondsMax = worksMillisecondsMax
        client = AgentClient(agents: agents, routers: routers, graceMilliseconds: 10_000)
        count = agents.count
        let events = client.events
        Task { [weak self] in
            for await event in events { self?.take(event) }
        }
    }

    var seen: [Sighting] { state.withLock { $0.seen } }
    var refusals: [String: Int] { state.withLock { $0.refused } }
    /// Tickets that it was not let resolve, and why.
    var unresolved: [String] { state.withLock { $0.unresolved } }
    /// The routers it has been at, in order.
    var moves: [String] { state.withLock { $0.moves } }
    var isAttached: Bool { state.withLock { $0.attached.count == count } }
    var held: [AgentTicket] { state.withLock { $0.held } }

    /// Keeps what it gets, until `letGo`.
    func hold() { state.withLock { $0.isHolding = true } }

    /// Resolves what it has kept, and everything from now on.
    func letGo() {
        let held = state.withLock { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        for ticket in held { resolve(ticket) }
    }

    func stop() { client.stop() }

    private func take(_ event: AgentEvent) {
        switch event {
        case .attached(let agent): state.withLock { _ = $0.attached.insert(agent) }
        case .connected(let router): state.withLock { $0.moves.append(router) }
        case .offered(let offer):
            Task { [self] in
                do throws(AgentError) { _ = try await client.accept(offer) } catch { note(error) }
            }
        case .assigned(let ticket, _):
            note(Sighting(.yours, ticket))
            let isHeld = state.withLock { state in
                if state.isHolding { state.held.append(ticket) }
                return state.isHolding
            }
            if !isHeld { resolve(ticket) }
        case .released(let ticket): note(Sighting(.released, ticket))
        case .refused, .offerEnded, .pendingChanged, .customerWrote, .status, .superseded, .disconnected, .uncertain:
            break
        }
    }

    private func resolve(_ ticket: AgentTicket) {
        Task { [self] in
            if worksMillisecondsMax > 0 {
                try? await Task.sleep(for: .milliseconds(Int.random(in: 0...worksMillisecondsMax)))
            }
            do throws(AgentError) {
                try await client.resolve(ticket)
                note(Sighting(.resolved, ticket))
            } catch {
                note(error)
                state.withLock { $0.unresolved.append("ticket \(ticket.number) of \(ticket.agent): \(error.code)") }
            }
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

/// A customers' program: a ticket every so often, each with its key, asked again, at the next router, until it is
/// accepted.
final class Submitter: Sendable {
    private struct State {
        var isOver = false
        var sent = 0
        var acknowledged: [UInt64] = []
        var slowest = Duration.zero
        var again = 0
        var refused: [String: Int] = [:]
    }
    /// After so long without an acceptance it gives up, which no test forgives.
    private static let patience = Duration.seconds(40)

    private let state = Mutex(State())
    private let routers: [Member]
    private let work = Mutex<Task<Void, Never>?>(nil)
    private let salt = UInt64.random(in: .min ... .max)

    init(at routers: [Member], every milliseconds: Int) {
        self.routers = routers
        let task = Task { [self] in
            await withTaskGroup { group in
                var number: UInt64 = 0
                while !state.withLock({ $0.isOver }) {
                    number += 1
                    group.addTask { [number, self] in await submit(number) }
                    try? await Task.sleep(for: .milliseconds(milliseconds))
                }
            }
        }
        work.withLock { $0 = task }
    }

    var seen: [Sighting] { state.withLock { $0.acknowledged.map { Sighting(.acknowledged, $0) } } }
    var sent: Int { state.withLock { $0.sent } }
    var acknowledged: Int { state.withLock { $0.acknowledged.count } }
    /// The longest wait for an acknowledgement.
    var slowest: Duration { state.withLock { $0.slowest } }
    /// How often a ticket had to be sent again.
    var again: Int { state.withLock { $0.again } }
    var refused: [String: Int] { state.withLock { $0.refused } }

    /// Sends no more tickets, and waits for those on their way.
    func finish() async {
        state.withLock { $0.isOver = true }
        await work.withLock { $0 }?.value
    }

    func forgetSlowest() { state.withLock { $0.slowest = .zero } }

    private func submit(_ number: UInt64) async {
        let began = ContinuousClock.now
        state.withLock { $0.sent += 1 }
        let key = SubmitKey(high: salt, low: number)
        let submission = Submission(product: "skill-\(number % 2)", subject: "of the tests")
        var attempt = 0
        while ContinuousClock.now - began < Self.patience {
            let router = routers[attempt % routers.count]
            attempt += 1
            do {
                switch try await router.submit(key, submission, patience: .seconds(2)) {
                case .accepted(let ticket):
                    let took = ContinuousClock.now - began
                    state.withLock { state in
                        state.acknowledged.append(ticket.value)
                        state.slowest = max(state.slowest, took)
                    }
                    return
                case .refused(let refusal, _, _): state.withLock { $0.refused["\(refusal)", default: 0] += 1 }
                }
            } catch {
                // No answer: nobody knows whether it was done, hence the key.
            }
            state.withLock { $0.again += 1 }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }
}
