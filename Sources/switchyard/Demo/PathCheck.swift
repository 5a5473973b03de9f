import AgentClient
import Node
import Routing
import Wire

/// Asks the ledger for every acknowledged ticket, and compares its way with the trace.
struct PathCheck: Sendable {
    var closed = 0
    var right = 0
    /// Acknowledged, and the ledger does not say "closed".
    var lost = 0
    var wrong: [String] = []

    static func run(
        _ played: Played, _ trace: Trace, _ client: TicketClient, _ company: Company
    ) async throws -> PathCheck {
        let tiers = Dictionary(uniqueKeysWithValues: company.groups.map { ($0.name, Int($0.tier.rawValue)) })
        var check = PathCheck()
        for (ticket, index) in played.tickets.sorted(by: { $0.key < $1.key }) {
            let one = trace.cases[index]
            guard
                case .answered(.shown(let record), let catalog) = try await client.ask(.query(.show(TicketID(ticket))))
            else {
                check.lost += 1
                check.wrong.append("case \(one.number): the ledger does not know ticket \(ticket)")
                continue
            }
            guard record.state == .closed else {
                check.lost += 1
                check.wrong.append("case \(one.number): ticket \(ticket) is \(record.state), not closed")
                continue
            }
            check.closed += 1
            let path = path(of: record, catalog, tiers)
            if path == one.tiers {
                check.right += 1
            } else {
                check.wrong.append("case \(one.number): went \(path), should have gone \(one.tiers)")
            }
        }
        return check
    }

    /// The tiers a ticket went through, by the ledger's own steps.
    static func path(of record: TicketRecord, _ catalog: Catalog, _ tiers: [String: Int]) -> [Int] {
        record.steps.compactMap { step in
            switch step.kind {
            case .opened, .escalated, .sentDown, .transferred: tiers[catalog.groups.name(step.group.value)]
            case .widened, .assigned, .replied, .paused, .resumed, .returned, .resolved, .closed, .noted, .declined,
                .expired:
                nil
            }
        }
    }
}

extension Vital {
    /// The numbers of every process of a cluster, by its name.
    static func all(_ cluster: LocalCluster) async throws -> [String: Vitals] {
        var vitals: [String: Vitals] = [:]
        for member in [cluster.coordinator] + cluster.routers {
            let client = try TicketClient(node: member.address)
            if case .vitals(let answer) = try await client.ask(.vitals) { vitals[member.name] = answer }
            client.close()
        }
        return vitals
    }
}
