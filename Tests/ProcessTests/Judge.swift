import AgentClient
import Foundation
import Node
import Routing
import Testing
import Wire

/// A ticket in an agent's hands as his client saw it: from when it was told "yours" until it was told otherwise, gave
/// it away, or could not be certain any more. Nanoseconds of the tests' own clock.
struct Holding: Sendable {
    let agent: String
    let ticket: UInt64
    let fence: UInt64
    let product: String
    let from: UInt64
    /// Nil while it lasts.
    var to: UInt64?
}

/// An offer as an agent's client was shown it. Nanoseconds of the tests' own clock.
struct Showing: Sendable {
    let agent: String
    let ticket: UInt64
    let fence: UInt64
    let group: String
    let ownerEpoch: UInt64
    let at: UInt64
}

/// Holds what clients saw against each other and against the ledger's files, when everything has ended. No node is
/// asked for anything.
struct Judge {
    private let audit: LedgerAudit
    private let company: Company
    private let seen: [Sighting]
    private let keys: [SubmitKey: UInt64]
    private let holdings: [Holding]
    private let showings: [Showing]

    /// How late a client may hear that a ticket is not its any more: the next holder's client may hear of it first.
    private static let hearingMax: UInt64 = 1_000_000_000
    /// How late a client may be shown an offer of a router whose lease is over by now: a margin of 300 ms is between
    /// the end of that router's own lease and the next owner's first offer, besides this.
    private static let showingMax: UInt64 = 200_000_000

    /// What was looked at, for the printed line; and what was found.
    struct Verdict: CustomStringConvertible {
        var acknowledged = 0
        var held = 0
        var resolved = 0
        var heldTwice = 0
        var records = 0
        var reigns = 0
        var heldMost = 0
        var troubles: [String] = []
        var description: String {
            "\(acknowledged) acknowledged tickets; \(held) holders seen, \(heldTwice) tickets had more than one; "
                + "\(resolved) resolutions seen; ledger: \(records) records, \(reigns) reigns, \(heldMost) tickets at "
                + "most in one agent's hands; \(troubles.count) troubles"
        }
    }

    /// `keys` are the submitters': which ticket was acknowledged to which key. `showings` are of clients whose links to
    /// their routers, and their routers' to the owners, were never disturbed: over others an offer may come late.
    init(
        _ cluster: Cluster, records: String? = nil, _ seen: [[Sighting]], keys: [SubmitKey: UInt64] = [:],
        holdings: [[Holding]] = [],
        showings: [[Showing]] = []
    ) throws {
        company = try Configuration.load("\(cluster.folder)/company.json5")
        audit = try LedgerAudit(folder: records ?? cluster.ledger, company: company)
        self.seen = seen.flatMap { $0 }
        self.keys = keys
        self.holdings = holdings.flatMap { $0 }
        self.showings = showings.flatMap { $0 }
    }

    /// For canaries.
    init(
        _ audit: LedgerAudit, _ company: Company, seen: [Sighting] = [], keys: [SubmitKey: UInt64] = [:],
        holdings: [Holding] = [], showings: [Showing] = []
    ) {
        self.audit = audit
        self.company = company
        self.seen = seen
        self.keys = keys
        self.holdings = holdings
        self.showings = showings
    }

    /// Judges, and records every trouble as an issue of the test.
    @discardableResult
    func check() -> Verdict {
        let verdict = judge()
        for trouble in verdict.troubles.prefix(20) { Issue.record("\(trouble)") }
        return verdict
    }

    func judge() -> Verdict {
        var verdict = Verdict()
        let yours = seen.filter { $0.kind == .yours }
        let resolved = seen.filter { $0.kind == .resolved }
        let acknowledged = Set(seen.filter { $0.kind == .acknowledged }.map(\.ticket)).union(keys.values).sorted()
        verdict.acknowledged = acknowledged.count
        verdict.held = Set(yours).count
        verdict.resolved = resolved.count
        verdict.records = audit.records
        verdict.reigns = audit.reigns
        verdict.heldMost = audit.heldMost
        verdict.heldTwice = Dictionary(grouping: Set(yours), by: \.ticket).values.count { $0.count > 1 }
        verdict.troubles = audit.troubles
        verdict.troubles += acknowledged.filter { audit.tickets[$0] == nil }.map {
            "ticket \($0) was acknowledged and is lost"
        }
        verdict.troubles += keys.compactMap { lost($0.key, $0.value) }.sorted()
        verdict.troubles += audit.tickets.filter { !$0.value.isEnded }.keys.sorted().map {
            "ticket \($0) has not ended: \(words($0))"
        }
        verdict.troubles += Set(yours).compactMap { unknown($0) }.sorted()
        verdict.troubles += Dictionary(grouping: resolved, by: \.ticket).sorted { $0.key < $1.key }.compactMap {
            wronglyResolved($0.key, $0.value)
        }
        verdict.troubles += heldByTwo() + overburdened() + unskilled() + shownByFormerOwners()
        return verdict
    }

    private func words(_ ticket: UInt64) -> String {
        audit.tickets[ticket]?.words.joined(separator: "; ") ?? "not in the ledger"
    }

    // MARK: - against the ledger

    /// A ticket that was lost leaves its number to another.
    private func lost(_ key: SubmitKey, _ ticket: UInt64) -> String? {
        guard let story = audit.tickets[ticket], story.key != key else { return nil }
        return "ticket \(ticket) was acknowledged and is lost: the ledger's has another key"
    }

    private func unknown(_ one: Sighting) -> String? {
        guard audit.tickets[one.ticket]?.holders[one.fence] != one.agent else { return nil }
        return "\(one.agent) was told he holds ticket \(one.ticket) with fence \(one.fence): \(words(one.ticket))"
    }

    private func wronglyResolved(_ ticket: UInt64, _ all: [Sighting]) -> String? {
        if all.count > 1 { return "ticket \(ticket) was resolved \(all.count) times: \(all.map(\.line))" }
        guard let one = all.first, audit.tickets[ticket]?.resolvedBy != one.agent else { return nil }
        return "\(one.agent) was told that he resolved ticket \(ticket): \(words(ticket))"
    }

    // MARK: - among the clients

    /// No two clients are certain of one ticket at a time.
    private func heldByTwo() -> [String] {
        var troubles: [String] = []
        for (ticket, all) in Dictionary(grouping: holdings, by: \.ticket).sorted(by: { $0.key < $1.key }) {
            let sorted = all.sorted { $0.from < $1.from }
            for (one, next) in zip(sorted, sorted.dropFirst()) where one.agent != next.agent {
                let until = one.to ?? .max
                guard until > next.from, min(until, next.to ?? .max) - next.from > Self.hearingMax else { continue }
                let milliseconds = (min(until, next.to ?? .max) - next.from) / 1_000_000
                troubles.append(
                    "ticket \(ticket) was held by \(one.agent) (fence \(one.fence)) and \(next.agent) "
                        + "(fence \(next.fence)) for \(until == .max ? "ever" : "\(milliseconds) ms"): \(words(ticket))"
                )
            }
        }
        return troubles
    }

    /// Once a region has a new owner, whoever owned it before shows nobody anything: its lease was over before.
    private func shownByFormerOwners() -> [String] {
        var troubles: [String] = []
        let home = Dictionary(company.groups.map { ($0.name, $0.region) }) { first, _ in first }
        let regions = Dictionary(grouping: showings) { home[$0.group] ?? "" }
        for (region, all) in regions.sorted(by: { $0.key < $1.key }) {
            var newest: Showing?
            for one in all.sorted(by: { $0.at < $1.at }) {
                // The first one of each epoch, for the time that has passed since.
                guard let known = newest, one.ownerEpoch <= known.ownerEpoch else {
                    newest = one
                    continue
                }
                guard one.ownerEpoch < known.ownerEpoch, one.at - known.at > Self.showingMax else { continue }
                troubles.append(
                    "ticket \(one.ticket) was shown to \(one.agent) by the owner of region \(region) of epoch "
                        + "\(one.ownerEpoch), \((one.at - known.at) / 1_000_000) ms after that of epoch "
                        + "\(known.ownerEpoch) had shown ticket \(known.ticket) to \(known.agent)")
            }
        }
        return troubles
    }

    /// No client holds more for an agent than his hands can carry.
    private func overburdened() -> [String] {
        let capacity = Dictionary(company.agents.map { ($0.name, Int($0.capacity)) }) { first, _ in first }
        var troubles: [String] = []
        for (agent, all) in Dictionary(grouping: holdings, by: \.agent).sorted(by: { $0.key < $1.key }) {
            // Of what ends and begins at a time, the end comes first.
            let changes = all.flatMap { [($0.from, 1), ($0.to ?? .max, -1)] }.sorted { $0 < $1 }
            var count = 0
            var most = 0
            for (_, change) in changes {
                count += change
                most = max(most, count)
            }
            if most > capacity[agent] ?? 0 { troubles.append("\(agent) held \(most) of \(capacity[agent] ?? 0)") }
        }
        return troubles
    }

    /// The tests' companies have a rule for each product, which asks for the skill of that name.
    private func unskilled() -> [String] {
        let skills = Dictionary(company.agents.map { ($0.name, Set($0.skills.map(\.name))) }) { first, _ in first }
        return holdings.filter { !$0.product.isEmpty && !(skills[$0.agent]?.contains($0.product) ?? false) }.map {
            "\($0.agent) holds ticket \($0.ticket), which needs \($0.product)"
        }
    }
}
