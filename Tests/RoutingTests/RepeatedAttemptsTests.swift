import Testing
import Wire

@testable import Routing

@Suite("an offer that ended in vain, said twice") struct RepeatedAttemptsTests {
    private func declined(_ ticket: TicketID, _ attempt: UInt32?, fence: Fence = Fence(1)) -> Command {
        .attempted(
            Command.Attempted(
                ticket: ticket, fence: fence, agent: AgentID(1), end: .declined, reason: "",
                offer: attempt.map { OfferNumber(ownerEpoch: OwnerEpoch(1), attempt: $0) }))
    }
    private func opened(_ desk: inout Desk) throws -> TicketID {
        guard case .opened(let ticket) = desk.decide(desk.open(1)) else {
            throw Trouble.notOpened
        }
        return ticket
    }
    private enum Trouble: Error { case notOpened }
    private func counted(_ ticket: TicketID, _ desk: Desk) -> UInt32? {
        desk.core.ledger.tickets[ticket]?.standing.attempts
    }

    @Test("is counted once, though the coordinator has begun anew in between; the next one counts")
    func restart() throws {
        var desk = Desk()
        let ticket = try opened(&desk)
        #expect(desk.decide(declined(ticket, 1)) == .done(Fence(1)))
        desk.restart()
        #expect(desk.decide(declined(ticket, 1)) == .done(Fence(1)))
        #expect(counted(ticket, desk) == 1)
        #expect(desk.decide(declined(ticket, 2)) == .done(Fence(1)))
        #expect(desk.decide(declined(ticket, 1)) == .done(Fence(1)))
        #expect(counted(ticket, desk) == 2)
    }

    @Test("is known by a coordinator that begins with a snapshot")
    func snapshot() throws {
        var desk = Desk()
        let ticket = try opened(&desk)
        _ = desk.decide(declined(ticket, 1))
        var ledger = Ledger(unlisted: ())
        for row in LedgerImage.rows(of: desk.core.ledger) {
            let read = try Frame.decode(LedgerRow.self, Frame.encode(row))
            let isRestored = ledger.restore(read)
            #expect(isRestored)
        }
        ledger.list()
        #expect(ledger.tickets[ticket]?.counted == [OfferNumber(ownerEpoch: OwnerEpoch(1), attempt: 1)])
        desk.core = Coordinator(ledger: ledger, at: Desk.time(desk.now), into: &desk.effects)
        desk.step(.policyLoaded(desk.company.policy, text: "{}", additions: Catalog.Additions()))
        _ = desk.decide(declined(ticket, 1))
        #expect(counted(ticket, desk) == 1)
    }

    @Test("without a name, as from a router of wire version 1, is counted each time")
    func unnamed() throws {
        var desk = Desk()
        let ticket = try opened(&desk)
        _ = desk.decide(declined(ticket, nil))
        _ = desk.decide(declined(ticket, nil))
        #expect(counted(ticket, desk) == 2)
    }

    @Test("names are forgotten with the fence, and of a ticket that waits on the oldest first")
    func forgotten() throws {
        var desk = Desk()
        let ticket = try opened(&desk)
        for attempt in 1...UInt32(Limits.offersCountedMax + 3) { _ = desk.decide(declined(ticket, attempt)) }
        let names = desk.core.ledger.tickets[ticket]?.counted
        #expect(names?.count == Limits.offersCountedMax)
        #expect(names?.first?.attempt == 4)
        let epoch = desk.attach(desk.ben)
        #expect(desk.assign(ticket, Fence(1), to: desk.ben, epoch) != .refused(.gone))
        #expect(desk.core.ledger.tickets[ticket]?.counted == [])
    }

    @Test("a router names the offer, and says it again to the next coordinator without a second count")
    func endToEnd() throws {
        for delay in UInt64(1)...40 {
            let people = [Company.Person(name: "ana", groups: ["north-agents"], skills: [("truck", 5)], capacity: 1)]
            var bench = Bench(Company(people: people), routersIn: ["north"])
            let ana = bench.attach("ana", at: 0)
            bench.run(for: 100)
            bench.submit(EndToEndTests.ticket, at: 0)
            bench.run(for: 200)
            let offer = try #require(bench.clients[ana].view?.offers.first)
            bench.command(client: ana, .decline(offer.id))
            bench.run(for: delay)
            bench.apply(.coordinatorRestarts)
            // An answer that was lost is waited for.
            bench.run(for: 4_000)
            let declines = bench.coordinator.journal.count { entry in
                if case .attempted(_, _, _, .declined, _, _?) = entry.record { true } else { false }
            }
            #expect(declines == 1, "the coordinator ends \(delay) ms after the decline")
        }
    }
}
