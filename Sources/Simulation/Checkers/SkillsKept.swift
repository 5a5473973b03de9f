package import Routing

/// Nobody is given a ticket that asks for more than he knows, or that waited in no group of his (reliability, I5). The
/// coordinator does not ask, so this holds only if owners do: what the ticket asked for after its wait, and in which
/// groups it waited, is counted from the records.
package struct SkillsKept: Checker {
    package let name = "SkillsKept"
    private struct Ticket {
        let signature: Signature
        var group: GroupID
        /// In which it could be had in this stay: its own, and all that it was widened to.
        var groups: [GroupID]
        var enteredAt: WallTime
        var enteredInstant: Instant
    }
    private var complaints = Complaints()
    private var tickets: [TicketID: Ticket] = [:]
    private var policies: [UInt32: Policy] = [:]
    private var latest: UInt32 = 0

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .journaled(let lsn, let wall, let record):
            if case .assigned(let id, _, let agent, _, let decision) = record, let ticket = tickets[id] {
                check(agent, ticket, id, decision?.policyVersion ?? latest, lsn, wall, now)
            }
            follow(record, wall, now)
        case .coordinatorStarted(let ledger, let policy):
            adopt(policy)
            take(ledger)
        case .policyInForce(let policy): adopt(policy)
        default: break
        }
    }

    private mutating func adopt(_ policy: Policy) {
        policies[policy.version] = policy
        latest = policy.version
    }

    /// Since when the tickets wait that are seen for the first time is not known: they may ask for the least.
    private mutating func take(_ ledger: Ledger) {
        let former = tickets
        tickets = [:]
        for ticket in ledger.tickets.all {
            let known = former[ticket.id]
            tickets[ticket.id] = Ticket(
                signature: ticket.signature, group: ticket.group,
                groups: [ticket.group] + ticket.widened + (known?.groups ?? []), enteredAt: ticket.enteredAt,
                enteredInstant: known?.enteredInstant ?? Instant(milliseconds: 0))
        }
    }

    private mutating func follow(_ record: LedgerRecord, _ wall: WallTime, _ now: Now) {
        switch record {
        case .opened(let opened):
            let group = opened.classification.group
            tickets[opened.ticket] = Ticket(
                signature: opened.classification.signature, group: group, groups: [group], enteredAt: wall,
                enteredInstant: now.instant)
        case .widened(let id, let group, _, _): tickets[id]?.groups.append(group)
        case .moved(let moved):
            let isElsewhere = tickets[moved.ticket]?.group != moved.group
            tickets[moved.ticket]?.group = moved.group
            tickets[moved.ticket]?.groups = [moved.group]
            guard !moved.keepsAge, isElsewhere || moved.cause == .reopened || moved.cause == .started else { return }
            tickets[moved.ticket]?.enteredAt = wall
            tickets[moved.ticket]?.enteredInstant = now.instant
        case .closed(let id, _, _, _): tickets[id] = nil
        default: break
        }
    }

    private mutating func check(
        _ id: AgentID, _ ticket: Ticket, _ number: TicketID, _ version: UInt32, _ lsn: LSN, _ wall: WallTime,
        _ now: Now
    ) {
        // The home router may have had the policy before, or after.
        let known = policies.values.filter { $0.version + 1 >= version && $0.version <= version + 1 }
        let agents = known.compactMap { $0.agent(id) }
        guard !agents.isEmpty else { return }
        let waited = max(wall.since(ticket.enteredAt), now.instant.since(ticket.enteredInstant)).milliseconds
        // By the router's clock, which may run faster than both.
        let most = Interval(milliseconds: waited + waited / 50 + 100)
        complaints.expect(
            agents.contains { Self.isMet(ticket.signature, by: $0.skills, after: most) },
            "record \(lsn.value): \(agents[0].name) gets ticket \(number.value), which asks for more than he knows")
        complaints.expect(
            agents.contains { $0.groups.contains(where: ticket.groups.contains) },
            "record \(lsn.value): \(agents[0].name) gets ticket \(number.value), which waits in none of his groups")
    }

    /// Whether whoever has these skills may have a ticket that has waited so long.
    static func isMet(_ signature: Signature, by skills: [SkillLevel], after waited: Interval) -> Bool {
        signature.requirements.allSatisfy { requirement in
            var level = requirement.levelMin
            for step in requirement.relaxations where step.after <= waited { level = step.levelMin }
            let known = skills.first { $0.skill == requirement.skill }?.level ?? 0
            return requirement.isPreferred || known >= level
        }
    }
}
