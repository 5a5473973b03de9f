import AgentClient
import Routing
import Wire

/// What a router says of itself, to whoever asks for the cluster's status.
struct ShownNode: Encodable, Sendable {
    let name: String
    /// False when no answer came within a second; the rest is empty then.
    let answers: Bool
    var program = ""
    var nng = ""
    var policy: UInt64 = 0
    var sessions: UInt64 = 0
    var waiting: UInt64 = 0
    /// Routers that it has not heard for some digests, and agents who are at home with them: unreachable from there.
    var routersNotHeard: UInt64 = 0
    var agentsUnreachableFromThere: UInt64 = 0
    var agents: [String: UInt64] = [:]

    /// Asks all at once: the slowest says how long it takes.
    static func ask(_ routers: [ShownStatus.Router]) async -> [ShownNode] {
        await withTaskGroup(of: (Int, ShownNode).self) { group in
            for (place, router) in routers.enumerated() {
                group.addTask { (place, await ask(router.name, at: router.address)) }
            }
            var nodes: [(Int, ShownNode)] = []
            for await node in group { nodes.append(node) }
            return nodes.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func ask(_ name: String, at address: String) async -> ShownNode {
        guard let client = try? TicketClient(node: address, contexts: 1) else { return ShownNode(name, nil) }
        defer { client.close() }
        guard case .vitals(let vitals)? = try? await client.ask(.vitals, patience: .seconds(1)) else {
            return ShownNode(name, nil)
        }
        return ShownNode(name, vitals)
    }

    init(_ name: String, _ vitals: Vitals?) {
        self.name = name
        answers = vitals != nil
        guard let vitals else { return }
        program = vitals.program
        nng = vitals.library
        policy = vitals["policy"]
        sessions = vitals["sessions"]
        waiting = vitals["waiting"]
        routersNotHeard = vitals["peersCutOff"]
        agentsUnreachableFromThere = vitals["agentsCutOff"]
        for vital in vitals.values where vital.name.hasPrefix("agents.") {
            agents[String(vital.name.dropFirst("agents.".count))] = vital.value
        }
    }

    /// Behind its name and lease.
    func sentence(policy current: UInt32) -> String {
        guard answers else { return "DOES NOT ANSWER from here" }
        var parts = ["switchyard \(program), nng \(nng), policy \(policy)", "\(sessions) sessions"]
        if policy != UInt64(current) { parts[0] += " (NOT \(current))" }
        if routersNotHeard > 0 {
            parts.append(
                "DOES NOT HEAR \(routersNotHeard) routers: \(agentsUnreachableFromThere) agents unreachable from there"
            )
        }
        return parts.joined(separator: ", ")
    }

    static func agents(of nodes: [ShownNode]) -> [String: UInt64] {
        nodes.reduce(into: [:]) { sum, node in sum.merge(node.agents) { $0 + $1 } }
    }

    /// Only the states that somebody is in.
    static func sentence(_ agents: [String: UInt64]) -> String {
        agents.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(
            separator: ", ")
    }
}
