package import Routing

/// An acknowledged ticket is never lost (promise 1): at the moment of the answer it is durable, and after every restart
/// the ledger has it, or has closed it. So with all else that was durable once: a restart goes back behind no record.
package struct NothingLost: Checker {
    package let name = "NothingLost"
    package let seesPeople = true
    private var complaints = Complaints()
    private var acknowledged: [TicketID] = []
    private var known: Set<TicketID> = []
    private var closed: Set<TicketID> = []
    private var lsn = LSN.zero

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .journaled(let lsn, _, let record):
            complaints.expect(lsn > self.lsn, "record \(lsn.value) is written anew: what it was is gone")
            self.lsn = max(self.lsn, lsn)
            if case .opened(let opened) = record { known.insert(opened.ticket) }
            if case .closed(let id, _, _, _) = record { closed.insert(id) }
        case .acknowledged(_, let id):
            acknowledged.append(id)
            complaints.expect(known.contains(id), "ticket \(id.value) is acknowledged, and not durable")
        case .coordinatorStarted(let ledger, _):
            complaints.expect(ledger.lsn >= lsn, "\(lsn.value) records were durable, and \(ledger.lsn.value) are left")
            for id in known where ledger.closed[id] != nil { closed.insert(id) }
            for id in known where ledger.tickets[id] == nil && !closed.contains(id) {
                let isTold = acknowledged.contains(id)
                complaints.add("ticket \(id.value) is not there any more\(isTold ? ", and was acknowledged" : "")")
            }
            // Durable, though nobody was told before the death.
            for ticket in ledger.tickets.all { known.insert(ticket.id) }
            if known.count < Int(ledger.ticketsOpened) {
                for value in 1...ledger.ticketsOpened where ledger.closed[TicketID(value)] != nil {
                    known.insert(TicketID(value))
                    closed.insert(TicketID(value))
                }
            }
        default: break
        }
    }

    package mutating func finish(_ cores: any Cores) {
        cores.withCoordinator { core in
            for id in acknowledged where core.ledger.tickets[id] == nil && !closed.contains(id) {
                complaints.add("at the end ticket \(id.value) is neither live nor closed")
            }
        }
    }
}

/// One ticket a key, whoever asks how often (exactly once); and none that nobody handed in, nor another than he did.
package struct ExactlyOnce: Checker {
    package let name = "ExactlyOnce"
    package let seesPeople = true
    private var complaints = Complaints()
    private var submitted: [SubmitKey: Submission] = [:]
    private var opened: [SubmitKey: TicketID] = [:]
    private var answered: [SubmitKey: TicketID] = [:]

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .submitted(let keyed): submitted[keyed.key] = keyed.submission
        case .journaled(_, _, .opened(let record)): note(record)
        case .acknowledged(let key, let id):
            let former = answered.updateValue(id, forKey: key) ?? opened[key]
            complaints.expect(
                former == nil || former == id, "key \(key.low) is ticket \(former?.value ?? 0) and \(id.value)")
        case .coordinatorStarted(let ledger, _):
            for ticket in ledger.tickets.all where opened[ticket.key] == nil { opened[ticket.key] = ticket.id }
        default: break
        }
    }

    private mutating func note(_ record: LedgerRecord.Opened) {
        if let former = opened.updateValue(record.ticket, forKey: record.key) {
            complaints.add("key \(record.key.low) opened tickets \(former.value) and \(record.ticket.value)")
        }
        guard let submission = submitted[record.key] else {
            return complaints.add("nobody handed ticket \(record.ticket.value) in")
        }
        complaints.expect(
            submission == record.submission, "ticket \(record.ticket.value) is not what was handed in")
    }
}

/// After the heal every ticket comes to its end, and everybody gets his answer, within the time for it.
package struct EveryTicketEnds: Checker {
    package let name = "EveryTicketEnds"
    private var complaints = Complaints()
    private var isDone = true

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        if case .ended(let isDone) = observation { self.isDone = isDone }
    }

    package mutating func finish(_ cores: any Cores) {
        guard cores.hasCoordinator else { return complaints.add("there is no coordinator") }
        cores.withCoordinator { core in
            let tickets = core.ledger.tickets
            tickets.forEach { complaints.add("ticket \($0.id.value) is \($0.state) for ever") }
            complaints.expect(isDone || tickets.count > 0, "somebody waits for an answer for ever")
        }
    }
}
