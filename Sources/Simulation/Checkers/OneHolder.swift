package import Routing

/// A ticket has at most one holder, and only he acts on it as such (promise 2): it is assigned when it waits, and what
/// a holder does is done by the one whom it was assigned to last.
package struct OneHolder: Checker {
    package let name = "OneHolder"
    private var complaints = Complaints()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .journaled(let lsn, _, let record): if books.isNext(lsn) { check(record, lsn, books) }
        case .coordinatorStarted(let ledger, _):
            for (index, row) in ledger.agents.enumerated() {
                let held = row.work.filter { ledger.tickets[$0]?.state.holder == AgentID(UInt32(index)) }
                complaints.expect(held == row.work, "agent \(index) holds \(row.work), of which \(held) are his")
            }
        default: break
        }
    }

    private mutating func check(_ record: LedgerRecord, _ lsn: LSN, _ books: Books) {
        guard let id = record.ticket, let ticket = books.tickets[id] else { return }
        if case .assigned(_, _, let agent, _, _) = record {
            complaints.expect(
                ticket.state == .waiting,
                "record \(lsn.value) gives ticket \(id.value), which is \(ticket.state), to agent \(agent.value)")
        }
        if let agent = record.holder {
            complaints.expect(
                ticket.state.holder == agent,
                "record \(lsn.value): agent \(agent.value) acts on ticket \(id.value), which is \(ticket.state)")
        }
    }
}

/// Fences rise by one with each step that may change the holder, and by no other; restarts do not lower them.
package struct FencesRise: Checker {
    package let name = "FencesRise"
    private var complaints = Complaints()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .journaled(let lsn, _, let record):
            if books.isNext(lsn), let id = record.ticket, let known = books.tickets[id] {
                if let fence = record.raisedFence {
                    complaints.expect(
                        fence == known.fence.next,
                        "record \(lsn.value): the fence of \(id.value) was \(known.fence.value) and is \(fence.value)"
                    )
                }
                if case .attempted(_, let fence, _, _, _, _) = record {
                    complaints.expect(
                        fence == known.fence && known.state == .waiting,
                        "record \(lsn.value): an offer of ticket \(id.value) under \(fence.value) ends, it is at "
                            + "\(known.fence.value), \(known.state)")
                }
            }
        case .coordinatorStarted(let ledger, _):
            for (id, known) in books.tickets {
                guard let ticket = ledger.tickets[id] else { continue }
                complaints.expect(
                    ticket.fence >= known.fence, "the fence of ticket \(id.value) was \(known.fence.value), and is less"
                )
            }
        default: break
        }
    }
}

/// What was closed stays closed: no record is about it but the key of the command that closed it.
package struct ClosedStaysClosed: Checker {
    package let name = "ClosedStaysClosed"
    private var complaints = Complaints()
    private var closed: Set<TicketID> = []

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .journaled(let lsn, _, let record):
            guard let id = record.ticket else { return }
            if case .keyKept = record { return }
            complaints.expect(!closed.contains(id), "record \(lsn.value) is about ticket \(id.value), which was closed")
            if case .closed = record { closed.insert(id) }
        case .coordinatorStarted(let ledger, _):
            for ticket in ledger.tickets.all {
                complaints.expect(!closed.contains(ticket.id), "ticket \(ticket.id.value) was closed, and lives")
            }
        default: break
        }
    }
}

/// A reopened ticket is for the agent first who resolved it.
package struct ResolverFirst: Checker {
    package let name = "ResolverFirst"
    private var complaints = Complaints()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        guard case .journaled(let lsn, _, .moved(let moved)) = observation, moved.cause == .reopened,
            books.isNext(lsn), case .resolved(let agent)? = books.tickets[moved.ticket]?.state
        else { return }
        complaints.expect(
            moved.preferred?.agent == agent,
            "ticket \(moved.ticket.value) is opened again, and not for agent \(agent.value), who knows it")
    }
}
