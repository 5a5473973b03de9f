package import Routing

/// Whoever looks a ticket up gets every step of it that was durable when he asked, in order and without a gap, and none
/// that is not durable (promise 7); so has the ledger. Which steps there are is read from the records by a hand of its
/// own.
package struct HistoryWhole: Checker {
    package let name = "HistoryWhole"
    package let seesPeople = true
    private struct Line: Equatable {
        let kind: TicketStep.Kind
        let at: WallTime
        let group: GroupID
        let agent: AgentID?
    }
    private struct History {
        var group: GroupID
        var lines: [Line]
        /// False when records about it were durable that nobody was told of.
        var isKnown = true
    }
    private var complaints = Complaints()
    private var histories: [TicketID: History] = [:]
    private var asked: [UInt64: (ticket: TicketID, count: Int)] = [:]
    private var lsn = LSN.zero
    private var isBehind = false
    /// Tickets that records were about since the last look.
    private var changed: Set<TicketID> = []
    private var pace = Pace()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .journaled(let lsn, let wall, let record):
            if lsn.value != self.lsn.value + 1 { isBehind = true }
            self.lsn = lsn
            follow(record, wall)
        case .coordinatorStarted(let ledger, _): take(ledger)
        case .asked(.history(let id), let tag): asked[tag] = (id, histories[id]?.lines.count ?? 0)
        case .told(let answer, let tag): if let question = asked.removeValue(forKey: tag) { check(answer, question) }
        default: break
        }
    }

    package mutating func look(at cores: any Cores) {
        guard pace.isDue(cores, every: 2_000) else { return }
        cores.withCoordinator { core in
            guard core.ledger.lsn == lsn, !isBehind else { return }
            // What no record was about since the last look is compared at starts and at the end.
            for id in changed { compare(id, core.ledger) }
            changed.removeAll(keepingCapacity: true)
        }
    }

    package mutating func finish(_ cores: any Cores) { cores.withCoordinator { compare($0.ledger) } }

    // MARK: - what there should be

    private mutating func follow(_ record: LedgerRecord, _ wall: WallTime) {
        if case .opened(let opened) = record {
            let group = opened.classification.group
            histories[opened.ticket] = History(group: group, lines: [])
            add(opened.ticket, .opened, wall)
            if opened.startsAt != nil { add(opened.ticket, .scheduled, wall) }
        }
        guard let id = record.ticket else { return }
        changed.insert(id)
        if case .moved(let moved) = record { histories[id]?.group = moved.group }
        guard let (kind, agent, group) = record.step else { return }
        add(id, kind, wall, agent, group)
    }

    private mutating func add(
        _ id: TicketID, _ kind: TicketStep.Kind, _ wall: WallTime, _ agent: AgentID? = nil, _ group: GroupID? = nil
    ) {
        guard let own = histories[id]?.group else { return }
        histories[id]?.lines.append(Line(kind: kind, at: wall, group: group ?? own, agent: agent))
    }

    private mutating func take(_ ledger: Ledger) {
        if isBehind {
            for id in histories.keys where ledger.tickets[id] == nil { histories[id]?.isKnown = false }
            for ticket in ledger.tickets.all {
                histories[ticket.id] = History(
                    group: ticket.group, lines: ticket.steps.map(Self.line),
                    isKnown: ticket.steps.count < Limits.historyMax)
            }
            isBehind = false
            lsn = ledger.lsn
        }
        compare(ledger)
    }

    // MARK: - what there is

    private mutating func compare(_ ledger: Ledger) {
        guard ledger.lsn == lsn, !isBehind else { return }
        ledger.tickets.forEach { compare($0.id, ledger) }
    }

    private mutating func compare(_ id: TicketID, _ ledger: Ledger) {
        guard let history = histories[id], history.isKnown, let steps = ledger.tickets[id]?.steps else { return }
        complaints.expect(
            steps.map(Self.line) == Self.shown(history.lines[...]),
            "the ledger has \(steps.count) steps of ticket \(id.value), and there were "
                + "\(history.lines.count), or others")
    }

    private mutating func check(_ answer: Told, _ question: (ticket: TicketID, count: Int)) {
        guard let history = histories[question.ticket], history.isKnown else { return }
        let id = question.ticket.value
        switch answer {
        case .shown(let record):
            let lines = record.steps.map(Self.line)
            let isSome = (question.count...max(question.count, history.lines.count)).contains { count in
                count > 0 && lines == Self.shown(history.lines.prefix(count))
            }
            complaints.expect(
                isSome,
                "ticket \(id) had \(question.count) steps when it was asked for, \(history.lines.count) when it was "
                    + "shown, and is shown with \(lines.count), or others")
        case .refused(let refusal):
            complaints.expect(
                question.count == 0 || refusal != .notFound && refusal != .closed,
                "ticket \(id) cannot be shown: \(refusal)")
        case .explained, .nothing: break
        }
    }

    /// As much of it as is kept: the first, and the last ones.
    private static func shown(_ lines: ArraySlice<Line>) -> [Line] {
        guard lines.count > Limits.historyMax else { return Array(lines) }
        return Array(lines.prefix(1) + lines.suffix(Limits.historyMax - 1))
    }

    private static func line(_ step: TicketStep) -> Line {
        Line(kind: step.kind, at: step.at, group: step.group, agent: step.agent)
    }
}

extension LedgerRecord {
    /// The step that it is in its ticket's history, with whose it was, and the group if that is not the ticket's own.
    fileprivate var step: (TicketStep.Kind, AgentID?, GroupID?)? {
        switch self {
        case .assigned(_, _, let agent, _, _): (.assigned, agent, nil)
        case .attempted(_, _, let agent, let end, _, _): (end == .declined ? .declined : .expired, agent, nil)
        case .noted(_, let what, let agent, _): (what.kind, agent, nil)
        case .moved(let moved): (moved.cause.kind, moved.agent, nil)
        case .widened(_, let group, _, _): (.widened, nil, group)
        case .narrowed(_, let group, _): (.narrowed, nil, group)
        case .resolved(_, let agent, _, let handedOut): (handedOut == nil ? .resolved : .handedOut, agent, nil)
        case .closed(_, _, let how, _): (how.kind, nil, nil)
        case .raised: (.raised, nil, nil)
        case .answered: (.answered, nil, nil)
        case .alerted: (.alerted, nil, nil)
        case .notified(_, .lead(let agent), _): (.notified, agent, nil)
        case .notified(_, .topic, _): (.notified, nil, nil)
        case .scheduled(let scheduled): (.scheduled, scheduled.agent, nil)
        case .quarantined: (.quarantined, nil, nil)
        case .callback: (.callback, nil, nil)
        case .customerWrote: (.customerWrote, nil, nil)
        case .absorbed: (.absorbed, nil, nil)
        case .clockFired: (.clock, nil, nil)
        case .opened, .stepTaken, .keyKept, .clocksSet, .reignBegan, .policyAdopted, .routerJoined, .routerEnded,
            .regionOwned, .ownerChosen, .routerDraining, .routerSuspect, .attached, .detached, .graceEnded:
            nil
        }
    }
}

extension LedgerRecord.Noted {
    fileprivate var kind: TicketStep.Kind {
        switch self {
        case .replied: .replied
        case .noted: .noted
        case .paused: .paused
        case .resumed: .resumed
        }
    }
}

extension MoveCause {
    fileprivate var kind: TicketStep.Kind {
        switch self {
        case .escalated: .escalated
        case .sentDown: .sentDown
        case .transferred: .transferred
        case .returned: .returned
        case .reopened: .reopened
        case .started: .started
        case .released: .released
        }
    }
}

extension Disposition {
    fileprivate var kind: TicketStep.Kind {
        switch self {
        case .solved, .handedOut: .closed
        case .cancelled: .cancelled
        case .merged: .merged
        case .expired: .lifeEnded
        }
    }
}
