import AgentClient
import Foundation
import Routing
import Testing
import Wire

/// Holds what clients saw against what the ledger says, when everything has ended.
struct Judge {
    private let cluster: Cluster
    private let seen: [Sighting]

    /// What was looked at, for the printed line.
    struct Found: CustomStringConvertible {
        var acknowledged = 0
        var held = 0
        var resolved = 0
        var heldTwice = 0
        var description: String {
            "\(acknowledged) acknowledged tickets, all closed; \(held) holders seen, \(heldTwice) tickets had more "
                + "than one; \(resolved) resolutions seen"
        }
    }

    init(_ cluster: Cluster, _ seen: [[Sighting]]) {
        self.cluster = cluster
        self.seen = seen.flatMap { $0 }
    }

    func check() async throws -> Found {
        var found = Found()
        let acknowledged = Set(seen.filter { $0.kind == .acknowledged }.map(\.ticket)).sorted()
        let yours = seen.filter { $0.kind == .yours }
        let resolved = seen.filter { $0.kind == .resolved }
        found.acknowledged = acknowledged.count
        found.held = Set(yours).count
        found.resolved = resolved.count
        var agents: [[UInt64]: Set<String>] = [:]
        for one in yours { agents[[one.ticket, one.fence], default: []].insert(one.agent) }
        for (holding, names) in agents where names.count > 1 {
            Issue.record("ticket \(holding[0]) with fence \(holding[1]) was held by \(names.sorted())")
        }
        for (ticket, all) in Dictionary(grouping: resolved, by: \.ticket) where all.count > 1 {
            Issue.record("ticket \(ticket) was resolved \(all.count) times: \(all)")
        }
        let holders = Dictionary(grouping: Set(yours), by: \.ticket)
        found.heldTwice = holders.values.count { $0.count > 1 }
        let resolutions = Dictionary(grouping: resolved, by: \.ticket)
        for ticket in Set(acknowledged + yours.map(\.ticket)).sorted() {
            try await check(ticket, holders[ticket] ?? [], resolutions[ticket] ?? [])
        }
        return found
    }

    private func check(_ ticket: UInt64, _ holders: [Sighting], _ resolved: [Sighting]) async throws {
        let reply = try await cluster.coordinator.ask(.query(.show(TicketID(ticket))))
        guard case .answered(.shown(let record), let catalog) = reply else {
            Issue.record("ticket \(ticket) is not in the ledger: \(reply)")
            return
        }
        if record.state != .closed { Issue.record("ticket \(ticket) has not ended: \(record.state)") }
        let history = History(record, catalog)
        for trouble in history.troubles { Issue.record("ticket \(ticket): \(trouble); \(history.words)") }
        for one in holders where history.holders[one.fence] != one.agent {
            Issue.record("\(one.agent) saw ticket \(ticket) with fence \(one.fence); \(history.words)")
        }
        for one in resolved where history.resolvedBy != one.agent {
            Issue.record("\(one.agent) was told that he resolved ticket \(ticket); \(history.words)")
        }
    }
}

/// A ticket's history as the ledger tells it, replayed: who held it with which fence.
struct History {
    private(set) var holders: [UInt64: String] = [:]
    private(set) var resolvedBy: String?
    private(set) var troubles: [String] = []
    let words: String

    init(_ record: TicketRecord, _ catalog: Catalog) {
        func name(_ agent: AgentID?) -> String { agent.map { catalog.agents.name($0.value) } ?? "nobody" }
        words =
            "fence \(record.fence.value): "
            + record.steps.map { "\($0.kind)" + ($0.agent == nil ? "" : " \(name($0.agent))") }.joined(separator: ", ")
        // The fence rises with each of these; so the last one's fence gives that of all others.
        let raising: [TicketStep.Kind] = [
            .assigned, .returned, .transferred, .escalated, .sentDown, .closed, .started, .reopened, .quarantined,
            .released, .scheduled, .cancelled, .merged, .lifeEnded,
        ]
        var fence = Int(record.fence.value) - record.steps.count { raising.contains($0.kind) }
        if fence < 0 { troubles.append("the fence has not risen with each holder") }
        var holder: AgentID?
        var closings = 0
        for step in record.steps {
            if closings > 0 { troubles.append("\(step.kind) after it was closed") }
            if raising.contains(step.kind) { fence += 1 }
            switch step.kind {
            case .assigned:
                if let holder { troubles.append("given to \(name(step.agent)) while \(name(holder)) held it") }
                if resolvedBy != nil { troubles.append("given to \(name(step.agent)) after it was resolved") }
                holder = step.agent
                holders[UInt64(max(fence, 0))] = name(step.agent)
            case .returned, .transferred, .escalated, .sentDown, .scheduled, .quarantined: holder = nil
            case .resolved:
                if resolvedBy != nil { troubles.append("resolved twice") }
                if holder == nil || step.agent != holder { troubles.append("resolved by \(name(step.agent))") }
                resolvedBy = name(step.agent)
                holder = nil
            case .reopened:
                if resolvedBy == nil { troubles.append("reopened before it was resolved") }
                resolvedBy = nil
            case .handedOut:
                resolvedBy = name(step.agent)
                holder = nil
            case .closed, .cancelled, .merged, .lifeEnded:
                closings += 1
                holder = nil
            default: break
            }
        }
    }
}
