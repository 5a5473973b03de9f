import Foundation
import Glibc
import Synchronization

import struct Simulation.SplitMix64

/// The cluster files of these tests.
enum Companies {
    static let regions: [Post] = ["branch", "hq"]

    /// A branch that overflows to headquarters, quick in everything. `load-` agents belong to `switchyard load --agents
    /// 16 --skills 2`; the others to clients in the tests.
    static let two = """
        {
          settings: { reopenWindow: "0s", lease: "2s", grace: "3s", regionReturn: "1s", offerTimeout: "4s",
                      declineExclusion: "1s" },
          regions: { branch: {}, hq: {} },
          skills: ["skill-0", "skill-1"],
          groups: {
            "branch-1": { region: "branch", tier: 1, steps: [{ when: { waited: "200ms" }, widen: ["hq-1"] }] },
            "hq-1": { region: "hq", tier: 1 },
          },
          agents: {
            "load-{00001..00008}": { groups: ["branch-1"], skills: { "skill-0": 5, "skill-1": 5 } },
            "load-{00009..00016}": { groups: ["hq-1"], skills: { "skill-0": 5, "skill-1": 5 } },
            "branch-{01..04}": { groups: ["branch-1"], skills: { "skill-0": 5, "skill-1": 5 }, capacity: 4 },
            "late-{01..04}": { groups: ["hq-1", "branch-1"], skills: { "skill-0": 9, "skill-1": 9 }, capacity: 4 },
            "hq-{01..04}": { groups: ["hq-1"], skills: { "skill-0": 5, "skill-1": 5 }, capacity: 4 },
          },
          rules: [
            { name: "hq", when: { product: "skill-1" }, group: "hq-1", requires: [{ skill: "skill-1" }] },
          ],
          default: { group: "branch-1", requires: [{ skill: "skill-0" }] },
        }
        """

    /// Those of `switchyard load`, in all companies here.
    static let loadAgents = (1...16).map { String(format: "load-%05d", $0) }
    static let branchAgents = (1...4).map { "branch-0\($0)" }
    static let lateAgents = (1...4).map { "late-0\($0)" }
    static let hqAgents = (1...4).map { "hq-0\($0)" }
}

extension Companies {
    /// Two regions with two tiers each. The lease is 1 s; the grace is long enough for a client to become uncertain of
    /// its tickets before anybody else gets them (`AgentSession`), and no ticket is put aside however it fares.
    static let faults = """
        {
          settings: { reopenWindow: "0s", lease: "1s", grace: "20s", regionReturn: "1s", offerTimeout: "4s",
                      declineExclusion: "1s", quarantineAfterDeaths: 1000, quarantineAfterAttempts: 10000 },
          regions: { branch: {}, hq: {} },
          skills: ["skill-0", "skill-1"],
          groups: {
            "branch-1": { region: "branch", tier: 1, escalatesTo: "branch-2",
                          steps: [{ when: { waited: "200ms" }, widen: ["hq-1"] }] },
            "branch-2": { region: "branch", tier: 2, steps: [{ when: { waited: "200ms" }, widen: ["hq-2"] }] },
            "hq-1": { region: "hq", tier: 1, escalatesTo: "hq-2" },
            "hq-2": { region: "hq", tier: 2 },
          },
          agents: {
            "load-{00001..00008}": { groups: ["branch-1"], skills: { "skill-0": 5, "skill-1": 5 } },
            "load-{00009..00016}": { groups: ["hq-1"], skills: { "skill-0": 5, "skill-1": 5 } },
            "branch-{01..03}": { groups: ["branch-1"], skills: { "skill-0": 5 }, capacity: 3 },
            "branch-{04..06}": { groups: ["branch-1", "hq-1"], skills: { "skill-1": 5 }, capacity: 3 },
            "hq-{01..06}": { groups: ["hq-1"], skills: { "skill-0": 5, "skill-1": 5 }, capacity: 3 },
            "engineer-{01..04}": { groups: ["branch-2", "hq-2"], skills: { "skill-0": 5, "skill-1": 5 }, capacity: 2 },
          },
          rules: [
            { name: "hq", when: { product: "skill-1" }, group: "hq-1", requires: [{ skill: "skill-1" }] },
          ],
          default: { group: "branch-1", requires: [{ skill: "skill-0" }] },
        }
        """

    static let faultsBranch = (1...6).map { "branch-0\($0)" }
    static let faultsHeadquarters = (1...6).map { "hq-0\($0)" }
    static let faultsEngineers = (1...4).map { "engineer-0\($0)" }
    /// Two agents at a desk.
    static var faultsDesks: [[String]] {
        let all = faultsBranch + faultsHeadquarters + faultsEngineers
        return stride(from: 0, to: all.count, by: 2).map { Array(all[$0..<($0 + 2)]) }
    }
}

/// Ports that nobody listens at just now, and below those that the kernel gives to outgoing connections: while a node
/// is down nobody takes its port, and no dialer on loopback can connect to itself.
enum Ports {
    private static let next = Atomic<Int>(Int.random(in: 10_000..<30_000))

    static func number(_ address: String) -> Int { address.split(separator: ":").last.flatMap { Int($0) } ?? 0 }

    static func free(_ count: Int) -> [Int] {
        var ports: [Int] = []
        while ports.count < count {
            let port = 10_000 + next.wrappingAdd(1, ordering: .relaxed).newValue % 20_000
            if let listener = try? RawSocket(listen: port) {
                listener.close()
                ports.append(port)
            }
        }
        return ports
    }
}
