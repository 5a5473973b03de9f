import Foundation
import Journal
import Node
import Routing
import Wire

/// What the ledger's files say, read record by record as they lie on the disk, without asking any node: who held which
/// ticket with which fence, how it ended, and every record that must not be there.
struct LedgerAudit {
    /// What one ticket's records tell.
    struct Story {
        let key: SubmitKey
        let signature: Signature
        var fence: UInt64
        var holder: AgentID?
        /// Everybody who ever held it, by fence.
        var holders: [UInt64: String] = [:]
        var resolvedBy: String?
        var isEnded = false
        /// Its records, as words, the newest 40.
        var words: [String] = []
    }

    private(set) var tickets: [UInt64: Story] = [:]
    /// Broken promises, each a sentence.
    private(set) var troubles: [String] = []
    private(set) var records = 0
    private(set) var reigns = 0
    /// The most that any one agent ever held at a time.
    private(set) var heldMost = 0
    private var agents: [String] = []
    private var catalog = Catalog()
    private var work: [UInt32: Set<UInt64>] = [:]
    private var keys: [SubmitKey: UInt64] = [:]
    private let company: Company

    /// Of an agent, by the cluster file.
    private struct Hands {
        let capacity: Int
        let skills: [SkillLevel]
    }
    private var hands: [UInt32: Hands] = [:]

    /// Reads a ledger's folder; a coordinator may work on it, if nothing happens just now.
    init(folder: String, company: Company) throws {
        self.company = company
        let storage = try FileStorage(folder: folder, isReadOnly: true)
        var records: [(UInt64, LedgerRecord)] = []
        let inspection = try Inspection(
            of: storage,
            visit: { record in
                var decoder = Decoder(record.bytes)
                let entry: LedgerRecord = try decoder.value()
                try decoder.finish()
                records.append((record.lsn.number, entry))
            })
        if let problem = inspection.problems.first { throw Trouble("the journal is damaged: \(problem)") }
        // None at all is an empty ledger: whoever was told of a ticket then misses it.
        if let first = inspection.firstLSN, first.number != 1 { throw Trouble("the journal's beginning is gone") }
        for (lsn, record) in records { take(record, lsn) }
    }

    /// As if these records were in the files; for canaries.
    init(_ records: [LedgerRecord], company: Company) {
        self.company = company
        for (index, record) in records.enumerated() { take(record, UInt64(index) + 1) }
    }

    private mutating func trouble(_ lsn: UInt64, _ ticket: TicketID, _ what: String) {
        let story = tickets[ticket.value]?.words.joined(separator: "; ") ?? ""
        troubles.append("record \(lsn): ticket \(ticket.value) \(what) [\(story)]")
    }

    private func name(_ agent: AgentID) -> String { catalog.agents.name(agent.value) }

    // MARK: - records

    private mutating func take(_ record: LedgerRecord, _ lsn: UInt64) {
        records += 1
        if let ticket = record.ticket { tell(record, lsn, ticket) }
        switch record {
        case .reignBegan: reigns += 1
        case .policyAdopted(_, _, let additions): learn(additions)
        case .opened(let opened): open(opened, lsn)
        case .assigned(let ticket, let fence, let agent, _, _): assign(ticket, fence, to: agent, lsn)
        case .noted(let ticket, _, let agent, _):
            if tickets[ticket.value]?.holder != agent { trouble(lsn, ticket, "was worked on by \(name(agent))") }
        case .moved(let moved):
            rise(moved.ticket, moved.fence, lsn)
            letGo(moved.ticket)
            if moved.cause == .reopened { tickets[moved.ticket.value]?.resolvedBy = nil }
        case .scheduled(let scheduled):
            rise(scheduled.ticket, scheduled.fence, lsn)
            letGo(scheduled.ticket)
        case .quarantined(let ticket, let fence, _):
            rise(ticket, fence, lsn)
            letGo(ticket)
        case .resolved(let ticket, let agent, _, _): resolve(ticket, by: agent, lsn)
        case .closed(let ticket, let fence, _, _):
            rise(ticket, fence, lsn)
            letGo(ticket)
            tickets[ticket.value]?.isEnded = true
        default: break
        }
    }

    private mutating func tell(_ record: LedgerRecord, _ lsn: UInt64, _ ticket: TicketID) {
        guard var story = tickets[ticket.value] else { return }
        if story.isEnded, case .keyKept = record {
        } else if story.isEnded {
            trouble(lsn, ticket, "lives after its end")
        }
        let words = "\(record)".prefix { $0 != "(" }
        if story.words.count == 40 { story.words.removeFirst() }
        switch record {
        case .assigned(_, let fence, let agent, _, _):
            story.words.append("\(lsn) \(words) \(fence.value) \(name(agent))")
        case .moved(let moved): story.words.append("\(lsn) \(moved.cause) \(moved.fence.value)")
        default: story.words.append("\(lsn) \(words)")
        }
        tickets[ticket.value] = story
    }

    private mutating func learn(_ additions: Catalog.Additions) {
        catalog.add(additions)
        for draft in company.agents {
            guard let number = catalog.agents.number(of: draft.name) else { continue }
            let skills = draft.skills.compactMap { skill in
                catalog.skills.number(of: skill.name).map { SkillLevel(skill: SkillID($0), level: skill.level) }
            }
            hands[number] = Hands(capacity: Int(draft.capacity), skills: skills)
        }
    }

    private mutating func open(_ opened: LedgerRecord.Opened, _ lsn: UInt64) {
        if tickets[opened.ticket.value] != nil { trouble(lsn, opened.ticket, "was opened twice") }
        if let former = keys.updateValue(opened.ticket.value, forKey: opened.key) {
            trouble(lsn, opened.ticket, "has the key of ticket \(former)")
        }
        tickets[opened.ticket.value] = Story(
            key: opened.key, signature: opened.classification.signature, fence: 0, words: ["\(lsn) opened"])
    }

    private mutating func rise(_ ticket: TicketID, _ fence: Fence, _ lsn: UInt64) {
        guard let story = tickets[ticket.value] else { return trouble(lsn, ticket, "was never opened") }
        if UInt64(fence.value) <= story.fence { trouble(lsn, ticket, "fence \(fence.value) after \(story.fence)") }
        tickets[ticket.value]?.fence = UInt64(fence.value)
    }

    private mutating func assign(_ ticket: TicketID, _ fence: Fence, to agent: AgentID, _ lsn: UInt64) {
        rise(ticket, fence, lsn)
        guard let story = tickets[ticket.value] else { return }
        if let holder = story.holder { trouble(lsn, ticket, "given to \(name(agent)) while \(name(holder)) held it") }
        if story.resolvedBy != nil { trouble(lsn, ticket, "given to \(name(agent)) after it was resolved") }
        letGo(ticket)
        tickets[ticket.value]?.holder = agent
        let held = name(agent)
        tickets[ticket.value]?.holders[UInt64(fence.value)] = held
        work[agent.value, default: []].insert(ticket.value)
        let count = work[agent.value]?.count ?? 0
        heldMost = max(heldMost, count)
        guard let hands = hands[agent.value] else { return trouble(lsn, ticket, "given to nobody known") }
        if count > hands.capacity { trouble(lsn, ticket, "is the \(count)th of \(name(agent)), of \(hands.capacity)") }
        if !story.signature.isMet(by: hands.skills) { trouble(lsn, ticket, "\(name(agent)) has not the skill") }
    }

    private mutating func letGo(_ ticket: TicketID) {
        guard let holder = tickets[ticket.value]?.holder else { return }
        tickets[ticket.value]?.holder = nil
        work[holder.value]?.remove(ticket.value)
    }

    private mutating func resolve(_ ticket: TicketID, by agent: AgentID, _ lsn: UInt64) {
        guard let story = tickets[ticket.value] else { return trouble(lsn, ticket, "was never opened") }
        if story.resolvedBy != nil { trouble(lsn, ticket, "resolved twice, now by \(name(agent))") }
        if story.holder != agent { trouble(lsn, ticket, "resolved by \(name(agent)), who does not hold it") }
        letGo(ticket)
        let solver = name(agent)
        tickets[ticket.value]?.resolvedBy = solver
    }
}
