import Testing

@testable import Routing

@Suite("the ledger") struct LedgerTests {
    private let wall = WallTime(milliseconds: 5000)
    private let ana = AgentID(0)

    private func opened(_ number: UInt64, group: UInt32 = 3) -> LedgerRecord {
        .opened(
            LedgerRecord.Opened(
                ticket: TicketID(number), key: SubmitKey(high: 0, low: number), hash: 1,
                classification: Classification(
                    group: GroupID(group), priority: 5, signature: Signature([]), rule: "r"),
                submission: Submission(text: "text")))
    }

    private func ledger(_ records: [LedgerRecord]) -> Ledger {
        let company = Company(people: Desk.people)
        var ledger = Ledger()
        let first: [LedgerRecord] = [
            .reignBegan(1), .policyAdopted(version: 1, text: "{}", additions: company.additions),
            .attached(ana, AgentEpoch(1), Incarnation(1), ClientInstance(77)),
        ]
        for (index, record) in (first + records).enumerated() {
            ledger.apply(record, at: WallTime(milliseconds: wall.milliseconds + UInt64(index)))
        }
        return ledger
    }

    private func assigned(_ ticket: UInt64, _ fence: UInt32, _ sequence: UInt64 = 1) -> LedgerRecord {
        .assigned(
            TicketID(ticket), Fence(fence), ana, CommandID(instance: ClientInstance(77), sequence: sequence))
    }

    @Test("each record has the next LSN, and time never goes back")
    func lsn() {
        var ledger = ledger([opened(1)])
        #expect(ledger.lsn == LSN(4))
        let before = ledger.wall
        ledger.apply(.widened(TicketID(1), GroupID(0), step: 1, Cause(.waited)), at: WallTime(milliseconds: 1))
        #expect(ledger.lsn == LSN(5))
        #expect(ledger.wall == before)
    }

    @Test("a group counts its waiting, working, pending and widened tickets, and every one of them once")
    func counts() {
        var ledger = ledger([
            opened(1), opened(2), opened(3), .widened(TicketID(1), GroupID(0), step: 1, Cause(.waited)),
        ])
        #expect(ledger.count(of: GroupID(3)).waiting == 3)
        #expect(ledger.count(of: GroupID(3)).widened == 1)
        #expect(ledger.ticketsWidened == 1)
        ledger.apply(assigned(1, 2), at: wall)
        ledger.apply(assigned(2, 2), at: wall)
        ledger.apply(.noted(TicketID(2), .paused(Pause(kind: .customer, reason: "", until: wall)), ana, nil), at: wall)
        let count = ledger.count(of: GroupID(3))
        #expect([count.waiting, count.working, count.pending, count.widened] == [1, 1, 1, 0])
        ledger.apply(.resolved(TicketID(2), ana, nil, handedOut: nil), at: wall)
        #expect(ledger.count(of: GroupID(3)).pending == 0)
        #expect(ledger.agent(ana)?.work == [TicketID(1)])
    }

    @Test("a return keeps its age, another group begins a new one, and both begin a new wait")
    func ages() throws {
        func moved(_ group: UInt32, _ cause: MoveCause, _ fence: UInt32) -> LedgerRecord {
            .moved(
                LedgerRecord.Moved(
                    ticket: TicketID(1), fence: Fence(fence), group: GroupID(group), cause: cause, agent: ana, id: nil))
        }
        var ledger = ledger([opened(1), assigned(1, 2)])
        let entered = try #require(ledger.tickets[TicketID(1)]).enteredAt
        ledger.apply(moved(3, .returned, 3), at: WallTime(milliseconds: 9000))
        #expect(ledger.tickets[TicketID(1)]?.enteredAt == entered)
        #expect(ledger.tickets[TicketID(1)]?.waitingSince == WallTime(milliseconds: 9000))
        #expect(ledger.tickets[TicketID(1)]?.path == [GroupID(3)])
        ledger.apply(moved(1, .escalated, 4), at: WallTime(milliseconds: 9500))
        #expect(ledger.tickets[TicketID(1)]?.enteredAt == WallTime(milliseconds: 9500))
        #expect(ledger.tickets[TicketID(1)]?.path == [GroupID(3), GroupID(1)])
        #expect(ledger.agent(ana)?.work == [])
    }

    @Test("a closed ticket leaves the live ones, and its way can still be shown, without its text")
    func closing() {
        let ledger = ledger([
            opened(1), assigned(1, 2), .resolved(TicketID(1), ana, nil, handedOut: nil),
            .closed(TicketID(1), Fence(3), .solved, Cause(.time)),
        ])
        #expect(ledger.tickets.count == 0)
        #expect(ledger.ticketsClosed == 1)
        let record = ledger.closed[TicketID(1)]
        #expect(record?.submission.text == "")
        #expect(record?.steps.map(\.kind) == [.opened, .assigned, .resolved, .closed])
    }

    @Test("of a very long history the first step and the newest are kept, of a long path too")
    func bounds() {
        var records = [opened(1), assigned(1, 2)]
        for _ in 0..<(2 * Limits.historyMax) { records.append(.noted(TicketID(1), .replied(text: ""), ana, nil)) }
        let steps = ledger(records).tickets[TicketID(1)]?.steps ?? []
        #expect(steps.count == Limits.historyMax)
        #expect(steps.first?.kind == .opened)
        #expect(steps.last?.kind == .replied)
        guard var ticket = ledger([opened(1)]).tickets[TicketID(1)] else { return #expect(Bool(false)) }
        for number in 0..<(2 * Limits.pathMax) { ticket.enter(GroupID(UInt32(number % 3))) }
        #expect(ticket.path.count == Limits.pathMax)
        #expect(ticket.path.first == GroupID(3))
    }

    @Test("of an agent's answered commands the newest are kept, and a new client begins with none")
    func keptAnswers() {
        var agent = LedgerAgent()
        let client = ClientInstance(1)
        agent.attach(AgentEpoch(1), to: Incarnation(1), client)
        let last = UInt64(Limits.commandsKeptPerAgent + 1)
        for sequence in 1...last {
            agent.keep(.done(Fence(UInt32(sequence))), for: CommandID(instance: client, sequence: sequence))
        }
        #expect(agent.answer(to: CommandID(instance: client, sequence: 1)) == nil)
        #expect(agent.answer(to: CommandID(instance: client, sequence: 2)) == .done(Fence(2)))
        #expect(agent.answer(to: CommandID(instance: ClientInstance(2), sequence: 2)) == nil)
        agent.attach(AgentEpoch(2), to: Incarnation(1), client)
        #expect(agent.answer(to: CommandID(instance: client, sequence: last)) != nil)
        agent.attach(AgentEpoch(3), to: Incarnation(1), ClientInstance(2))
        #expect(agent.answer(to: CommandID(instance: client, sequence: last)) == nil)
    }

    @Test("an outcome that does not follow from what was recorded ends the process")
    func foreignJournal() async {
        await #expect(processExitsWith: .failure) {
            var ledger = Ledger()
            ledger.apply(.closed(TicketID(1), Fence(2), .solved, Cause(.time)), at: WallTime(milliseconds: 0))
        }
    }
}
