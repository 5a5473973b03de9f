import Foundation
import Glibc
import Routing
import Synchronization
import Testing

import struct Simulation.SplitMix64

/// What can go wrong around a cluster.
enum Fault: String, CaseIterable, Sendable {
    /// kill -9, and started again.
    case routerKilled
    case coordinatorKilled
    /// SIGTERM: it leaves in peace, and comes back.
    case routerLeaves
    /// SIGSTOP for one, two or five leases.
    case routerStopped
    case coordinatorStopped
    /// Two routers do not reach each other, all else does.
    case routersApart
    /// One of them does not reach the other, which reaches it.
    case routersHalfApart
    /// A router and the coordinator do not reach each other; its agents are still connected to it.
    case routerCutOff
    case routerHalfCutOff
    /// The branch reaches nothing of headquarters, where the coordinator is.
    case branchCutOff
    /// The branch's clients do not reach its routers.
    case clientsCutOff
    case connectionsReset
    /// A node's connections stay up and swallow everything; new ones work.
    case connectionsSwallowed
    /// Loss, delay and reordering on a router's link.
    case badWeather
    /// All agents go, and come back at once as strangers.
    case agentsReturn
    /// The process with half of the agents is killed, and comes back.
    case agentsKilled
    /// Submitters who are killed in mid-sentence; whoever comes back with their keys must get their tickets.
    case submittersKilled

    var needsNetwork: Bool {
        switch self {
        case .routersApart, .routersHalfApart, .routerCutOff, .routerHalfCutOff, .branchCutOff, .clientsCutOff,
            .connectionsReset, .connectionsSwallowed, .badWeather:
            true
        case .routerKilled, .coordinatorKilled, .routerLeaves, .routerStopped, .coordinatorStopped, .agentsReturn,
            .agentsKilled, .submittersKilled:
            false
        }
    }

    /// Those that can be made here.
    static var possible: [Fault] { allCases.filter { !$0.needsNetwork || Ground.hasNamespaces } }
}

/// One fault with all that was drawn for it.
struct Strike: Sendable, CustomStringConvertible {
    let fault: Fault
    /// The node it is about, and another where it takes two.
    let victim: String
    let other: String
    /// Milliseconds after the one before it.
    let after: Int
    let length: Int
    let weather: Weather.Kind
    /// For what it wants besides.
    let salt: UInt64

    var description: String { "\(fault) \(victim)\(other.isEmpty ? "" : " \(other)") for \(length) ms" }

    /// Whatever is drawn is drawn for every fault, so that one more kind changes as little as can be.
    init(_ fault: Fault, _ random: inout SplitMix64, lease: Int, _ cluster: Cluster) {
        self.fault = fault
        let names = cluster.routers.map(\.child.name)
        let first = random.below(names.count)
        let second = (first + 1 + random.below(names.count - 1)) % names.count
        let (short, leases, turn) = (random.below(900), [1, 2, 5][random.below(3)], random.below(2))
        after = 200 + random.below(1_200)
        weather = Weather.Kind(
            lossPerMille: 10 + random.below(90), delayMilliseconds: random.below(40),
            jitterMilliseconds: random.below(60))
        salt = random.next()
        switch fault {
        case .routerKilled:
            (victim, other) = (names[first], "")
            // Back before its lease is over, or long after.
            length = turn == 0 ? short : lease * 2 + short
        case .routerLeaves: (victim, other, length) = (names[first], "", short)
        case .coordinatorKilled: (victim, other, length) = ("coordinator", "", short)
        case .routerStopped: (victim, other, length) = (names[first], "", leases * lease + 100)
        case .coordinatorStopped: (victim, other, length) = ("coordinator", "", leases * lease + 100)
        case .routersApart, .routersHalfApart:
            (victim, other, length) = (names[first], names[second], lease + 2 * short)
        case .routerCutOff: (victim, other, length) = (names[first], "coordinator", leases * lease + 100)
        case .routerHalfCutOff:
            length = leases * lease + 100
            (victim, other) = turn == 0 ? (names[first], "coordinator") : ("coordinator", names[first])
        case .branchCutOff, .clientsCutOff: (victim, other, length) = ("branch", "", leases * lease + 100)
        case .connectionsReset, .connectionsSwallowed:
            (victim, other, length) = ((names + ["coordinator"])[random.below(names.count + 1)], "", 0)
        case .badWeather: (victim, other, length) = (cluster.net?.weather.keys.sorted().first ?? "", "", 3_000)
        case .agentsReturn, .agentsKilled, .submittersKilled: (victim, other, length) = ("", "", short)
        }
    }
}

/// Does faults to a driven cluster, and undoes them.
final class Striker: Sendable {
    private let drive: Drive
    private let cluster: Cluster
    private let killed = Mutex<[KilledSubmission]>([])

    init(_ drive: Drive) {
        self.drive = drive
        cluster = drive.cluster
    }

    func begin(_ strike: Strike) async throws {
        switch strike.fault {
        case .routerKilled, .coordinatorKilled:
            let child = cluster[strike.victim].child
            child.kill(SIGKILL)
            child.waitForEnd()
        case .routerLeaves:
            let child = cluster[strike.victim].child
            // One that is stopped would hear of it later; and a supervisor waits for so long.
            child.kill(SIGCONT)
            child.kill(SIGTERM)
            _ = try await eventually(within: 5) { !child.isRunning }
            child.kill(SIGKILL)
            child.waitForEnd()
        case .routerStopped, .coordinatorStopped: cluster[strike.victim].child.kill(SIGSTOP)
        case .connectionsReset: cluster.net?.reset(strike.victim)
        case .connectionsSwallowed: _ = cluster.net?.swallow(strike.victim)
        case .badWeather: cluster.net?.weather[strike.victim]?.set(strike.weather)
        case .agentsReturn: for desk in drive.desks { desk.stop() }
        case .agentsKilled:
            drive.load.kill(SIGKILL)
            drive.load.waitForEnd()
        case .submittersKilled: try await killSubmitters(SplitMix64(seed: strike.salt))
        case .routersApart, .routersHalfApart, .routerCutOff, .routerHalfCutOff, .branchCutOff, .clientsCutOff:
            for (from, to) in ways(strike) { cluster.net?.cut(from: from, to: to) }
        }
    }

    func end(_ strike: Strike) throws {
        switch strike.fault {
        // Another fault may have brought it back already.
        case .routerKilled, .coordinatorKilled, .routerLeaves:
            let child = cluster[strike.victim].child
            if !child.isRunning { try child.start() }
        case .routerStopped, .coordinatorStopped: cluster[strike.victim].child.kill(SIGCONT)
        case .badWeather: cluster.net?.weather[strike.victim]?.set(.fine)
        case .agentsReturn: for desk in drive.desks where desk.isGone { desk.come() }
        case .agentsKilled: if !drive.load.isRunning { try drive.load.start() }
        case .connectionsReset, .connectionsSwallowed, .submittersKilled: break
        case .routersApart, .routersHalfApart, .routerCutOff, .routerHalfCutOff, .branchCutOff, .clientsCutOff:
            for (from, to) in ways(strike) { cluster.net?.mend(from: from, to: to) }
        }
    }

    /// Which node's packets do not reach which.
    private func ways(_ strike: Strike) -> [(String, String)] {
        let (one, other) = (strike.victim, strike.other)
        let branch = cluster.routers.map(\.child.name).filter { $0.hasPrefix("branch") }
        let rest = ["coordinator"] + cluster.routers.map(\.child.name).filter { !$0.hasPrefix("branch") }
        switch strike.fault {
        case .routersApart, .routerCutOff: return [(one, other), (other, one)]
        case .routersHalfApart, .routerHalfCutOff: return [(one, other)]
        case .branchCutOff: return branch.flatMap { near in rest.flatMap { [(near, $0), ($0, near)] } }
        case .clientsCutOff: return branch.map { ($0, "clients") }
        default: return []
        }
    }

    // MARK: - submitters

    /// A submission whose submitter was killed: what he had heard of it, if anything.
    private struct KilledSubmission {
        let key: SubmitKey
        let subject: String
        let heard: UInt64?
    }

    /// `switchyard ticket submit` with a key, killed while it may or may not have been heard.
    private func killSubmitters(_ random: SplitMix64) async throws {
        var random = random
        for number in 0..<4 {
            let key = SubmitKey(high: random.next(), low: random.next())
            let subject = "killed-\(number)"
            let child = cluster.client(
                "submit-\(String(key.low, radix: 16))",
                [
                    "ticket", "submit", "--at", cluster.routers[number % cluster.routers.count].address, "--product",
                    "skill-1", "--subject", subject, "--key", Self.hex(key.high) + Self.hex(key.low),
                ])
            try child.start()
            try await Task.sleep(for: .milliseconds(random.below(60)))
            child.kill(SIGKILL)
            child.waitForEnd()
            let words = child.text.split(separator: " ")
            let heard = words.count > 2 && words[0] == "ticket" ? UInt64(words[1]) : nil
            killed.withLock { $0.append(KilledSubmission(key: key, subject: subject, heard: heard)) }
        }
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Whoever comes back for a killed submitter, with his key, gets his ticket, at whatever router.
    func repeatKeys() async throws {
        let all = killed.withLock { $0 }
        for one in all {
            let submission = Submission(product: "skill-1", subject: one.subject)
            var tickets: Set<UInt64> = one.heard.map { [$0] } ?? []
            for router in cluster.routers {
                let heard = Mutex<UInt64?>(nil)
                let isAccepted = try await eventually(within: 20, every: 100) {
                    guard case .accepted(let ticket)? = try? await router.submit(one.key, submission) else {
                        return false
                    }
                    heard.withLock { $0 = ticket.value }
                    return true
                }
                guard isAccepted, let ticket = heard.withLock({ $0 }) else {
                    throw Trouble("\(one.subject) is not accepted at \(router.child.name)")
                }
                tickets.insert(ticket)
            }
            #expect(tickets.count == 1, "\(one.subject) became the tickets \(tickets.sorted())")
        }
        if !all.isEmpty {
            print("\(all.count) submitters killed, \(all.count { $0.heard != nil }) had their answer")
        }
    }
}
