import Foundation
import Routing
import Synchronization
import Wire

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

/// A customers' program: a ticket every so often, each with its key, asked again, at the next router, until it is
/// accepted.
final class Submitter: Sendable {
    private struct State {
        var isOver = false
        var sent = 0
        var acknowledged: [SubmitKey: UInt64] = [:]
        var slowest = Duration.zero
        var again = 0
        var refused: [String: Int] = [:]
    }
    /// After so long without an acceptance it gives up, which no test forgives.
    private static let patience = Duration.seconds(Program.isLong ? 120 : 40)

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

    var seen: [Sighting] { state.withLock { $0.acknowledged.values.sorted().map { Sighting(.acknowledged, $0) } } }
    /// Which ticket was acknowledged to each key.
    var keys: [SubmitKey: UInt64] { state.withLock { $0.acknowledged } }
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
            let router = routers[(Int(number) + attempt) % routers.count]
            attempt += 1
            do {
                switch try await router.submit(key, submission, patience: .seconds(2)) {
                case .accepted(let ticket):
                    let took = ContinuousClock.now - began
                    state.withLock { state in
                        state.acknowledged[key] = ticket.value
                        state.slowest = max(state.slowest, took)
                    }
                    return
                case .refused(let refusal, _, _): state.withLock { $0.refused["\(refusal)", default: 0] += 1 }
                }
            } catch {
                // No answer: nobody knows whether it was done, hence the key.
            }
            state.withLock { $0.again += 1 }
            // As clients are asked to: a crowd of them that does not rest takes the nodes' processors from them.
            try? await Task.sleep(for: .milliseconds(min(50 * attempt, 1_000)))
        }
    }
}
