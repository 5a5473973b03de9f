import Routing

/// The rows of a small ledger that has something of everything: the bytes of snapshots and of the archive.
enum ExampleRows {
    static let rows: [(name: String, value: LedgerRow)] = {
        var ledger = Ledger()
        for record in records { ledger.apply(record, at: Examples.wall) }
        return LedgerImage.rows(of: ledger).enumerated().map { ("\($0.offset) \(name(of: $0.element))", $0.element) }
    }()

    private static func name(of row: LedgerRow) -> String {
        switch row {
        case .head: "head"
        case .groups: "groups"
        case .agents: "agents"
        case .tickets: "tickets"
        case .keys: "keys"
        case .closedKeys: "closed keys"
        case .customers: "customers"
        }
    }

    private static let agent = AgentID(5)

    private static var records: [LedgerRecord] {
        var additions = Catalog.Additions()
        additions.regions = ["hq", "north"]
        additions.skills = ["truck"]
        additions.groups = ["hq-agents", "north-agents", "north-engineers"]
        additions.agents = ["ana", "ben", "cem", "dan", "eva", "fay"]
        let founding: [LedgerRecord] = [
            .reignBegan(1), .policyAdopted(version: 3, text: "{}", additions: additions),
            .routerJoined(Examples.router), .regionOwned(Examples.owner), .ownerChosen(Examples.owner.region),
            .attached(agent, AgentEpoch(6), Incarnation(11), Examples.instance),
        ]
        return founding + (1...4).map(opened) + busy + widened + ended
    }

    private static func opened(_ number: UInt64) -> LedgerRecord {
        .opened(
            LedgerRecord.Opened(
                ticket: TicketID(number), key: SubmitKey(high: 1, low: number), hash: 77 + number,
                classification: Examples.classification, submission: Examples.submission,
                preferred: Preference(AgentID(2), for: .seconds(30)),
                startsAt: number == 4 ? Examples.wall + .seconds(600) : nil))
    }

    private static var busy: [LedgerRecord] {
        [
            .keyKept(SubmitKey(high: 2, low: 1), hash: 5, TicketID(1)),
            .attempted(TicketID(1), Fence(1), AgentID(2), .declined, "busy"),
            .assigned(TicketID(1), Fence(2), agent, Examples.command, Examples.decision),
            .noted(
                TicketID(1), .paused(Pause(kind: .hold, reason: "a part", until: Examples.wall + .seconds(60))), agent,
                nil),
        ]
    }

    private static var widened: [LedgerRecord] {
        [
            .moved(
                LedgerRecord.Moved(
                    ticket: TicketID(2), fence: Fence(2), group: GroupID(1), cause: .transferred, agent: nil, id: nil,
                    why: Cause(.supervisor, by: "lea", note: "knows it"))),
            .widened(TicketID(2), GroupID(0), step: 1, Cause(.waited)), .stepTaken(TicketID(2), step: 1),
            .raised(TicketID(2), 8, Cause(.waited)), .alerted(TicketID(2), Cause(.waited)),
            .callback(TicketID(2), contact: "0123", cost: Cost(active: 1, pending: 0), Cause(.customer, by: "c")),
        ]
    }

    private static var ended: [LedgerRecord] {
        [
            .assigned(TicketID(3), Fence(2), agent, nil),
            .resolved(TicketID(3), agent, CommandID(instance: Examples.instance, sequence: 301), handedOut: nil),
            .closed(TicketID(3), Fence(3), .solved, Cause(.time)),
        ]
    }
}
