import Testing

@testable import Routing

@Suite("the hands of customers and supervisors") struct OutsideHandsTests {
    static func manage(
        _ action: ManageAction, key: UInt64 = 900, _ cause: Cause = Cause(.supervisor, by: "lead")
    ) -> Command {
        .manage(
            Command.Manage(ticket: TicketID(1), key: SubmitKey(high: 1, low: key), action: action, cause: cause))
    }

    @Test(
        "what is beyond its bound is invalid and changes nothing",
        arguments: [
            manage(.write(text: String(repeating: "x", count: Limits.textBytesMax + 1))),
            manage(.callback(contact: String(repeating: "x", count: Limits.contactBytesMax + 1))),
            manage(.assign(String(repeating: "x", count: Limits.wordBytesMax + 1))),
            manage(.transfer(to: String(repeating: "x", count: Limits.wordBytesMax + 1))),
            manage(.schedule(in: Limits.delayMax + .seconds(1))), manage(.setPriority(10)), manage(.setPriority(255)),
            manage(.cancel, Cause(.supervisor, by: String(repeating: "x", count: Limits.noteBytesMax + 1))),
            manage(.cancel, Cause(.supervisor, note: String(repeating: "x", count: Limits.noteBytesMax + 1))),
            manage(.cancel, Cause(.waited)),
        ])
    func bounds(_ command: Command) {
        var desk = Desk()
        _ = desk.decide(desk.open(1))
        let before = desk.core.ledger.lsn
        #expect(desk.decide(command) == .refused(.invalid))
        #expect(desk.core.ledger.lsn == before)
    }

    @Test("a repeat of what ended the ticket is answered as the first was; another command under its key is not done")
    func repeats() {
        var desk = Desk()
        _ = desk.decide(desk.open(1))
        guard case .done = desk.decide(Self.manage(.cancel)) else {
            Issue.record("not cancelled")
            return
        }
        guard case .done = desk.decide(Self.manage(.cancel)) else {
            Issue.record("its repeat is refused")
            return
        }
        #expect(desk.decide(Self.manage(.requeue)) == .refused(.keyReused))
        #expect(desk.decide(Self.manage(.cancel, key: 901)) == .refused(.closed))
    }

    @Test("the history has the beginning of what the customer wrote, and the holder's view the time of it")
    func writes() {
        var desk = Desk()
        _ = desk.decide(desk.open(1))
        let epoch = desk.attach(desk.ana)
        _ = desk.assign(TicketID(1), Fence(1), to: desk.ana, epoch)
        let customer = Cause(.customer, by: "c1")
        _ = desk.decide(Self.manage(.write(text: "it smells"), customer))
        let ticket = desk.core.ledger.tickets[TicketID(1)]
        #expect(ticket?.steps.last?.cause == Cause(.customer, by: "c1", note: "it smells"))
        #expect(ticket?.assignment.wroteAt == ticket?.steps.last?.at)
        _ = desk.decide(Self.manage(.write(text: String(repeating: "ä", count: 500)), key: 901, customer))
        let note = desk.core.ledger.tickets[TicketID(1)]?.steps.last?.cause?.note ?? ""
        #expect(note.utf8.count <= Limits.noteBytesMax && note.hasSuffix("ä...") && note.hasPrefix("ää"))
    }

    @Test("a quarantined ticket is named in the status until it is released")
    func quarantined() {
        var desk = Desk()
        _ = desk.decide(desk.open(1))
        func named(_ desk: inout Desk) -> [TicketID] {
            if case .status(let status) = desk.decide(.status) { status.quarantined } else { [] }
        }
        for _ in 0..<desk.core.policy.timing.attemptsMax {
            let fence = desk.core.ledger.tickets[TicketID(1)]?.fence ?? Fence(0)
            _ = desk.decide(
                .attempted(
                    Command.Attempted(
                        ticket: TicketID(1), fence: fence, agent: desk.ana, end: .declined, reason: "")))
        }
        #expect(named(&desk) == [TicketID(1)])
        _ = desk.decide(Self.manage(.release))
        #expect(named(&desk).isEmpty)
    }

    @Test(
        "a time is written to the minute, in UTC",
        arguments: [
            (0, "1970-01-01 00:00 UTC"), (951_782_400_000, "2000-02-29 00:00 UTC"),
            (1_709_251_199_000, "2024-02-29 23:59 UTC"), (1_709_251_200_000, "2024-03-01 00:00 UTC"),
            (1_767_225_599_999, "2025-12-31 23:59 UTC"), (1_798_095_600_000, "2026-12-24 07:00 UTC"),
        ])
    func times(_ milliseconds: UInt64, _ words: String) {
        #expect(WallTime(milliseconds: milliseconds).minuteInUTC == words)
    }
}
