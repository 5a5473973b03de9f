import Testing

@testable import Routing

/// Three of one branch's group, alike.
private let people = ["ana", "eva", "ida"].map {
    Company.Person(name: $0, groups: ["north-agents"], skills: [("truck", 5)], capacity: 1)
}

@Suite("declining") struct DecliningTests {
    private let ticket = EndToEndTests.ticket

    private func bench(_ names: [String] = ["ana"], _ change: (inout Timing) -> Void = { _ in }) -> Bench {
        var timing = Timing.brisk
        change(&timing)
        let company = Company(
            people: people, timing: timing,
            declineReasons: [DeclineReason(name: "busy", pause: .seconds(1), exclude: .seconds(2))])
        var bench = Bench(company, routersIn: ["north"])
        for name in names { bench.attach(name, at: 0) }
        return bench
    }

    private func offer(_ bench: Bench, _ client: Int = 0) -> OfferID? { bench.clients[client].view?.offers.first?.id }

    @Test("a reason the policy does not name, or a time beyond the bound, is invalid, and the offer stands")
    func invalid() throws {
        var bench = bench()
        bench.submit(ticket, at: 0)
        bench.run(for: 200)
        let shown = try #require(offer(bench))
        bench.command(client: 0, .decline(shown, reason: "tired"))
        bench.run(for: 50)
        bench.command(client: 0, .decline(shown, retryAfter: Limits.retryAfterMax + Interval(milliseconds: 1)))
        bench.run(for: 50)
        #expect(bench.clients[0].results == [.refused(.invalid), .refused(.invalid)])
        #expect(offer(bench) == shown)
    }

    @Test("without named reasons any word will do, if it is short enough")
    func anyReason() throws {
        var bench = Bench(Company(people: people), routersIn: ["north"])
        bench.attach("ana", at: 0)
        bench.submit(ticket, at: 0)
        bench.run(for: 200)
        let shown = try #require(offer(bench))
        let long = String(repeating: "x", count: Limits.wordBytesMax + 1)
        bench.command(client: 0, .decline(shown, reason: long))
        bench.run(for: 50)
        bench.command(client: 0, .decline(shown, reason: "tired"))
        bench.run(for: 50)
        #expect(bench.clients[0].results == [.refused(.invalid), .done(shown.fence)])
    }

    @Test("while the pause of his reason runs he gets nothing at all, then everything but this ticket")
    func pauseAndExclusion() throws {
        var bench = bench()
        bench.submit(ticket, at: 0)
        bench.run(for: 200)
        let first = try #require(offer(bench))
        bench.submit(ticket, at: 0)
        bench.command(client: 0, .decline(first, reason: "busy"))
        bench.run(for: 900)
        #expect(offer(bench) == nil)
        #expect(bench.clients[0].view?.status == .available, "his own status stays what he set")
        bench.run(for: 200)
        let second = try #require(offer(bench))
        #expect(second.ticket != first.ticket)
        bench.command(client: 0, .accept(second))
        bench.run(for: 100)
        bench.command(client: 0, .work(second.ticket, second.fence.next, .resolve))
        bench.run(for: 1000)
        #expect(offer(bench)?.ticket == first.ticket)
        #expect(bench.watch.wrong == [])
    }

    @Test("the time he asks for takes the place of his reason's, shorter or longer", arguments: [UInt64(1200), 9000])
    func retryAfter(_ milliseconds: UInt64) throws {
        var bench = bench()
        bench.submit(ticket, at: 0)
        bench.run(for: 200)
        let first = try #require(offer(bench))
        bench.command(
            client: 0, .decline(first, reason: "busy", retryAfter: Interval(milliseconds: milliseconds)))
        bench.run(for: milliseconds - 100)
        #expect(offer(bench) == nil)
        bench.run(for: 200)
        #expect(offer(bench)?.ticket == first.ticket)
    }

    @Test("the reason and the time reach the owner of the queue when the agent is at home elsewhere")
    func elsewhere() throws {
        var bench = Bench(bench().company, routersIn: ["north", "hq"])
        let ana = bench.attach("ana", at: 1)
        bench.run(for: 100)
        let place = bench.submit(ticket, at: 0)
        bench.run(for: 200)
        let first = try #require(offer(bench, ana))
        bench.command(client: ana, .decline(first, reason: "busy", retryAfter: .seconds(9)))
        bench.run(for: 8800)
        #expect(offer(bench, ana) == nil)
        bench.run(for: 400)
        #expect(offer(bench, ana)?.ticket == first.ticket)
        let id = try #require(bench.submissions[place].accepted)
        let attempted = LedgerRecord.attempted(
            id, Fence(1), bench.company.id(of: "ana"), .declined, "busy", OfferNumber(first))
        #expect(bench.coordinator.journal.map(\.record).filter { $0.isAttempt } == [attempted])
    }

    @Test("the ledger counts what was declined and what was let pass, once each, and tells it")
    func ledger() throws {
        var bench = bench(["ana", "eva"])
        let place = bench.submit(ticket, at: 0)
        bench.run(for: 200)
        let id = try #require(bench.submissions[place].accepted)
        let asked = try #require(bench.clients.indices.first { offer(bench, $0) != nil })
        bench.command(client: asked, .decline(try #require(offer(bench, asked)), reason: "busy"))
        bench.run(for: 4500)
        let record = try #require(bench.record(of: id))
        #expect(record.standing.attempts == 2)
        #expect(record.steps.map(\.kind) == [.opened, .declined, .expired])
        #expect(record.steps[1].agent == bench.clients[asked].agent)
        #expect(record.fence == Fence(1))
        #expect(bench.coordinator.replayed.tickets[id] == record)
    }

    @Test("of what is accepted, or withdrawn, the ledger hears nothing more than before")
    func happyPath() throws {
        var bench = bench()
        bench.submit(ticket, at: 0)
        bench.run(for: 200)
        bench.command(client: 0, .setStatus(.away, reason: ""))
        bench.run(for: 100)
        bench.command(client: 0, .setStatus(.available, reason: ""))
        bench.run(for: 1500)
        bench.command(client: 0, .accept(try #require(offer(bench))))
        bench.run(for: 100)
        #expect(bench.clients[0].view?.work.count == 1)
        #expect(!bench.coordinator.journal.contains { $0.record.isAttempt })
    }

    @Test("under a policy with a pause for it, who lets an offer pass stays available and is left alone for so long")
    func expiredPause() throws {
        var bench = bench { $0.expiredPause = .seconds(3) }
        bench.submit(ticket, at: 0)
        bench.run(for: 200)
        let first = try #require(offer(bench))
        bench.submit(ticket, at: 0)
        bench.run(for: 4100)
        #expect(offer(bench) == nil)
        #expect(bench.clients[0].view?.status == .available)
        bench.run(for: 2600)
        #expect(offer(bench) == nil)
        bench.run(for: 500)
        #expect(offer(bench).map { $0.ticket != first.ticket } == true)
        #expect(bench.watch.wrong == [])
    }

    @Test("an attempt under an older fence, at a ticket that is held, or at none is gone")
    func late() {
        var desk = Desk()
        let (ticket, fence, _) = desk.hold(1, by: desk.ana)
        func attempt(_ ticket: TicketID, _ fence: Fence, _ reason: String = "") -> Command {
            .attempted(
                Command.Attempted(ticket: ticket, fence: fence, agent: desk.ben, end: .declined, reason: reason))
        }
        #expect(desk.decide(attempt(ticket, Fence(1))) == .refused(.gone))
        #expect(desk.decide(attempt(ticket, fence)) == .refused(.gone))
        #expect(desk.decide(attempt(TicketID(99), Fence(1))) == .refused(.gone))
        guard case .opened(let waiting) = desk.decide(desk.open(2)) else { return #expect(Bool(false)) }
        let long = String(repeating: "x", count: Limits.wordBytesMax + 1)
        #expect(desk.decide(attempt(waiting, Fence(1), long)) == .refused(.invalid))
        #expect(desk.decide(attempt(waiting, Fence(1))) == .done(Fence(1)))
        #expect(desk.core.ledger.tickets[waiting]?.standing.attempts == 1)
        #expect(desk.core.ledger.tickets[ticket]?.standing.attempts == 0)
    }

    @Test("what cannot be reported, since too many commands wait, is counted")
    func unreported() {
        var desk = StickingTests.Desk(StickingTests.policy())
        desk.hear(StickingTests.ana, .available)
        desk.learn([desk.ticket(1)])
        for number in 0..<Limits.commandsWaitingMax {
            desk.router.outbox.add(.show(TicketID(UInt64(number))), for: .query(RequestToken(UInt64(number))))
        }
        let id = desk.router.queues[TicketID(1)]?.openOffers.first?.offer.id
        desk.router.step(
            .peerAsked(.ended(id!, .declined), RequestToken(2)), at: desk.now, into: &desk.effects)
        #expect(desk.router.counters.attemptsUnreported == 1)
    }

    @Test(
        "a no holds at the next owner too, though the former one died with it (seed 41126)", arguments: [1, 2])
    func ownerDies(home: Int) throws {
        var bench = Bench(Company(people: people), routersIn: ["north", "north", "hq"])
        let ana = bench.attach("ana", at: home)
        bench.run(for: 200)
        bench.submit(ticket, at: 2)
        bench.run(for: 200)
        bench.command(client: ana, .decline(try #require(offer(bench, ana)), retryAfter: .seconds(8)))
        bench.run(for: 50)
        bench.apply(.routerDies(0))
        bench.run(for: 6000)
        #expect(bench.routers[1].core.queues.count == 1)
        #expect(offer(bench, ana) == nil)
        bench.run(for: 2500)
        #expect(offer(bench, ana) != nil)
        #expect(bench.watch.wrong == [])
    }
}

extension LedgerRecord {
    var isAttempt: Bool { if case .attempted = self { true } else { false } }
}
