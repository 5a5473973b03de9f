import Routing
import Synchronization
import Wire

/// 64 bits of everything that happened in a run, in order: the same seed must give the same in any process.
package struct Digest: Equatable, Sendable {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ number: UInt64) {
        value = (value ^ number) &* 0x9e37_79b9_7f4a_7c15
        value ^= value >> 29
    }

    /// A message that has arrived.
    mutating func add(_ time: UInt64, _ from: Int, _ to: Int, _ bytes: [UInt8]) {
        add(time << 24 | UInt64(from) << 12 | UInt64(to))
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        add(hash)
    }

    mutating func add(_ observation: Observation, at time: UInt64) {
        switch observation {
        case .acknowledged(let key, let ticket):
            add(key.low)
            add(ticket.value)
        case .journaled(let lsn, let wall, _):
            add(lsn.value)
            add(wall.milliseconds)
        case .commanded(_, _, let tag), .commandAnswered(_, _, _, let tag), .asked(_, let tag), .told(_, let tag):
            add(tag)
        case .programStarted(_, let instance): add(instance.value)
        case .submitted, .submitRefused, .managed, .manageAnswered, .programEnded, .news, .coordinatorStarted,
            .coordinatorRefusedToStart, .decayed, .policyInForce, .coordinatorDied, .routerStarted,
            .routerDied, .fault, .healed, .ended:
            add(time)
        }
    }
}

/// The last lines of what happened, for people who read why a run failed. Only a run that is repeated for it has one.
package final class WorldTrace: Sendable {
    private struct State {
        var lines: [String] = []
        var next = 0
        var time: UInt64 = 0
    }
    private let state = Mutex(State())
    private let most: Int

    package init(most: Int = 20_000) { self.most = most }

    /// Oldest first.
    package var lines: [String] {
        state.withLock { state in Array(state.lines[state.next...] + state.lines[..<state.next]) }
    }

    func line(_ text: String, at time: UInt64? = nil) {
        state.withLock { state in
            if let time { state.time = time }
            let words = text.replacing("Routing.", with: "").replacing("AgentClient.AgentSession.", with: "")
                .replacing("(value: ", with: "(")
            let line = "\(state.time / 1000).\(threeDigits(state.time % 1000)) \(words.prefix(500))"
            if state.lines.count < most {
                state.lines.append(line)
            } else {
                state.lines[state.next] = line
                state.next = (state.next + 1) % most
            }
        }
    }

    func add(_ observation: Observation, at time: UInt64) {
        switch observation {
        case .coordinatorStarted(let ledger, let policy):
            line(
                "coordinator started: reign \(ledger.reign), policy \(policy.version), LSN \(ledger.lsn.value)",
                at: time)
        case .policyInForce(let policy): line("policy \(policy.version) is in force", at: time)
        case .journaled(let lsn, _, .policyAdopted(let version, _, _)):
            line("journaled \(lsn.value) policyAdopted \(version)", at: time)
        case .journaled(let lsn, _, let record): line("journaled \(lsn.value) \(record)", at: time)
        case .fault(let what): line("FAULT \(what)", at: time)
        default: line("\(observation)", at: time)
        }
    }

    func request(_ call: Call, _ world: World) {
        line(
            "\(world.name(call.asker)) > \(world.name(call.target)) \(Self.words(request: call.bytes))", at: world.time)
    }

    func reply(_ call: Call, _ bytes: [UInt8], _ world: World) {
        line("\(world.name(call.asker)) < \(world.name(call.target)) \(Self.words(reply: bytes))", at: world.time)
    }

    private static func words(request bytes: [UInt8]) -> String {
        do throws(WireError) {
            return "\(try Frame.decode(Request.self, bytes))"
        } catch { return "\(bytes.count) bytes: \(error)" }
    }

    private static func words(reply bytes: [UInt8]) -> String {
        do throws(WireError) {
            let reply = try Frame.decode(Reply.self, bytes)
            if case .joined(let joined) = reply { return "joined as \(joined.incarnation.value)" }
            if case .answered(let outcome, _) = reply { return "answered \(outcome)" }
            if case .exchanged(let exchanged) = reply, exchanged.policy != nil { return "exchanged, with a policy" }
            return "\(reply)"
        } catch { return "\(bytes.count) bytes: \(error)" }
    }
}

extension World {
    /// An endpoint, as people call it.
    func name(_ endpoint: Int) -> String {
        if endpoint < seats.count { return seats[endpoint].name }
        return endpoint < customers ? "\(programs[endpoint - seats.count].device)" : "customer"
    }
}
