import Testing

@testable import Routing

/// A checker that finds nothing proves nothing: each must catch its canary.
@Suite("the checkers") struct WatchTests {
    private let ana = AgentID(0)
    private let ben = AgentID(1)
    private let id = CommandID(instance: ClientInstance(1), sequence: 1)

    private func watch(_ records: [LedgerRecord]) -> [String] {
        var watch = Watch(Company(people: Desk.people).policy)
        for number: UInt64 in 1...2 { watch.recorded(opened(number, key: number)) }
        for record in records { watch.recorded(record) }
        return watch.wrong
    }

    private func opened(_ number: UInt64, key: UInt64) -> LedgerRecord {
        .opened(
            LedgerRecord.Opened(
                ticket: TicketID(number), key: SubmitKey(high: 0, low: key), hash: 1,
                classification: Classification(group: GroupID(3), priority: 5, signature: Signature([]), rule: ""),
                submission: Submission()))
    }

    @Test("an honest life of a ticket is not blamed")
    func honest() {
        #expect(
            watch([
                .assigned(TicketID(1), Fence(2), ana, id), .resolved(TicketID(1), ana, id, handedOut: nil),
                .closed(TicketID(1), Fence(3), .solved, Cause(.time)), .assigned(TicketID(2), Fence(2), ana, id),
            ]) == [])
    }

    @Test("two holders, an agent over capacity, a fence that does not rise, a double close and a double key are caught")
    func canaries() {
        let held = LedgerRecord.assigned(TicketID(1), Fence(2), ana, id)
        #expect(watch([held, .assigned(TicketID(1), Fence(3), ben, id)]) == ["1 goes to 1 while 0 holds it"])
        #expect(watch([held, .assigned(TicketID(2), Fence(2), ana, id)]) == ["agent 0 is over capacity"])
        #expect(watch([.assigned(TicketID(1), Fence(1), ana, id)]) == ["the fence of 1 goes from 1 to 1"])
        #expect(
            watch([
                .closed(TicketID(1), Fence(2), .solved, Cause(.time)),
                .closed(TicketID(1), Fence(3), .solved, Cause(.time)),
            ]) == ["1 closed twice"])
        #expect(watch([opened(3, key: 1)]) == ["key opened twice"])
        #expect(
            watch([held, .resolved(TicketID(1), ben, id, handedOut: nil)]) == [
                "1 is resolved by one who does not hold it"
            ])
    }

    @Test("an acknowledged ticket that the journal does not have is caught")
    func lostTicket() {
        var watch = Watch(Company(people: Desk.people).policy)
        watch.acknowledged(
            TicketID(1), KeyedSubmission(key: SubmitKey(high: 0, low: 1), submission: Submission()))
        #expect(watch.wrong == ["1 was acknowledged and is not in the journal"])
    }

    @Test("a free agent beside a ticket he may take is caught")
    func idleBesideWork() {
        var bench = Bench(Company(people: Desk.people), routersIn: ["north"])
        bench.attach("ana", at: 0)
        bench.run(for: 200)
        var router = bench.routers[0].core
        router.queues.insert(
            WaitingTicket(
                ticket: TicketID(1), fence: Fence(1), group: GroupID(3), widened: [], priority: 5,
                enteredAt: bench.time.wall, signature: Signature([]), subject: ""), since: bench.time.instant)
        bench.watch.looksEvery = 1
        bench.watch.turned(router, at: bench.time)
        #expect(bench.watch.wrong == ["r0 at \(bench.now): 0 is free and 1 waits"])
    }
}
