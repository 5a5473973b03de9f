import Testing

@testable import Routing

/// Each flaw at its place in the coordinator: what goes wrong with it, and that it does not go wrong without.
@Suite("flaws of the coordinator") struct FlawsTests {
    private func desk(_ flaw: Flaw, isOn: Bool, people: [Company.Person] = Desk.people) -> Desk {
        Desk(company: Company(people: people), flaws: Flaws(isOn ? [flaw] : []))
    }

    /// Opened, held by ana, given back: waits with fence 3.
    private func returned(_ desk: inout Desk) -> (ticket: TicketID, epoch: AgentEpoch) {
        let held = desk.hold(1, by: desk.ana)
        _ = desk.work(.giveBack(), held.ticket, held.fence, by: desk.ana, held.epoch)
        return (held.ticket, held.epoch)
    }

    @Test("a former holder's command", arguments: [false, true])
    func fenceUnchecked(_ isOn: Bool) {
        var desk = desk(.fenceUnchecked, isOn: isOn)
        let (ticket, epoch) = returned(&desk)
        let other = desk.attach(desk.ben)
        guard case .assigned(let held) = desk.assign(ticket, Fence(3), to: desk.ben, other) else {
            Issue.record("ben has no room")
            return
        }
        let outcome = desk.work(.note(text: "late"), ticket, Fence(2), by: desk.ana, epoch)
        #expect(outcome == (isOn ? .done(held.fence) : .refused(.gone)))
    }

    @Test("an accept of a former offer", arguments: [false, true])
    func lateAcceptHonoured(_ isOn: Bool) {
        var desk = desk(.lateAcceptHonoured, isOn: isOn)
        let (ticket, _) = returned(&desk)
        let epoch = desk.attach(desk.ben)
        let outcome = desk.assign(ticket, Fence(1), to: desk.ben, epoch)
        #expect((outcome == .refused(.gone)) == !isOn)
        #expect(desk.core.ledger.tickets[ticket]?.state == (isOn ? .assigned(desk.ben) : .waiting))
    }

    @Test("a second ticket for one who has room for one", arguments: [false, true])
    func capacityUnchecked(_ isOn: Bool) {
        var desk = desk(.capacityUnchecked, isOn: isOn)
        let held = desk.hold(1, by: desk.ana)
        _ = desk.decide(desk.open(2))
        let outcome = desk.assign(TicketID(2), Fence(1), to: desk.ana, held.epoch)
        #expect((outcome == .refused(.overCapacity)) == !isOn)
        #expect(desk.core.ledger.agent(desk.ana)?.work.count == (isOn ? 2 : 1))
    }

    @Test("an accept in a session that is over", arguments: [false, true])
    func agentEpochIgnored(_ isOn: Bool) {
        var desk = desk(.agentEpochIgnored, isOn: isOn)
        let former = desk.attach(desk.ana)
        _ = desk.attach(desk.ana)
        _ = desk.decide(desk.open(1))
        let outcome = desk.assign(TicketID(1), Fence(1), to: desk.ana, former)
        #expect((outcome == .refused(.staleEpoch)) == !isOn)
    }

    @Test("a batch that comes twice", arguments: [false, true])
    func batchRepeated(_ isOn: Bool) {
        var desk = desk(.batchRepeated, isOn: isOn)
        let batch = Exchange(
            incarnation: desk.router, cursor: LSN(1), park: .seconds(1), firstCommand: 1, acknowledged: 0,
            commands: [.attach(desk.ana, desk.instance, renewing: nil)])
        for _ in 0..<2 { desk.step(.exchange(batch, desk.token())) }
        #expect(desk.core.ledger.agent(desk.ana)?.epoch == AgentEpoch(isOn ? 2 : 1))
    }

    @Test("what was put off, after a restart", arguments: [false, true])
    func timersLostAtRestart(_ isOn: Bool) {
        var desk = Desk()
        _ = desk.decide(desk.open(1))
        _ = desk.manage(.schedule(in: .seconds(60)), TicketID(1))
        desk.restart(flaws: Flaws(isOn ? [.timersLostAtRestart] : []))
        desk.pass(61_000)
        #expect(desk.core.ledger.tickets[TicketID(1)]?.state == (isOn ? .scheduled : .waiting))
    }

    @Test("a key used before a restart", arguments: [false, true])
    func keysForgottenAtRestart(_ isOn: Bool) {
        var desk = Desk()
        _ = desk.decide(desk.open(1))
        desk.restart(flaws: Flaws(isOn ? [.keysForgottenAtRestart] : []))
        #expect(desk.decide(desk.open(1)) == .opened(TicketID(isOn ? 2 : 1)))
    }

    @Test("an agent who does not come back", arguments: [false, true])
    func graceEndless(_ isOn: Bool) {
        var desk = desk(.graceEndless, isOn: isOn)
        let held = desk.hold(1, by: desk.ana)
        _ = desk.decide(.detach(desk.ana, held.epoch))
        desk.live(61_000)
        #expect(desk.core.ledger.tickets[held.ticket]?.state == (isOn ? .assigned(desk.ana) : .waiting))
    }

    @Test("a region's new owner, and what was widened to it", arguments: [false, true])
    func wideningLost(_ isOn: Bool) {
        var desk = desk(.wideningLost, isOn: isOn)
        _ = desk.decide(desk.open(1))
        desk.pass(6_000)
        #expect(desk.core.ledger.tickets[TicketID(1)]?.widened == [GroupID(0)])
        desk.step(.join(Join(name: "s", region: "hq", address: "b", gossipAddress: "g"), desk.token()))
        // The lease of the only router has run out in that time, and all regions are the new one's.
        desk.pass(10)
        let owner = desk.core.ledger.owner(of: RegionID(0))?.owner ?? .none
        let poll = Exchange(
            incarnation: owner, cursor: .zero, park: .seconds(1), firstCommand: 1, acknowledged: 0, commands: [])
        desk.effects = []
        desk.step(.exchange(poll, desk.token()))
        desk.pass(1)
        var told: [TicketID] = []
        for case .exchanged(let exchanged, _) in desk.effects {
            for changes in exchanged.regions where changes.region == RegionID(0) {
                told += changes.waiting.map(\.ticket)
            }
        }
        #expect(told == (isOn ? [] : [TicketID(1)]))
    }

    @Test("a ticket that is opened again, and who knows it", arguments: [false, true])
    func resolverLost(_ isOn: Bool) {
        var desk = desk(.resolverLost, isOn: isOn)
        let held = desk.hold(1, by: desk.ana)
        _ = desk.work(.resolve, held.ticket, held.fence, by: desk.ana, held.epoch)
        _ = desk.manage(.reopen, held.ticket)
        #expect(desk.core.ledger.tickets[held.ticket]?.preferred?.agent == (isOn ? nil : desk.ana))
    }

    @Test("what an agent is told who attaches", arguments: [false, true])
    func workLostAtAttach(_ isOn: Bool) {
        var desk = desk(.workLostAtAttach, isOn: isOn)
        _ = desk.hold(1, by: desk.ana)
        guard case .attached(_, let work) = desk.decide(.attach(desk.ana, desk.instance, renewing: nil)) else {
            Issue.record("not attached")
            return
        }
        #expect(work.count == (isOn ? 0 : 1))
    }

    @Test("what has happened to a ticket", arguments: [false, true])
    func historyCut(_ isOn: Bool) {
        var desk = desk(.historyCut, isOn: isOn)
        let held = desk.hold(1, by: desk.ana)
        guard case .shown(let record) = desk.decide(.show(held.ticket)) else {
            Issue.record("not shown")
            return
        }
        #expect(record.steps.map(\.kind) == (isOn ? [.opened] : [.opened, .assigned]))
    }

    @Test("a ticket that was put off, before its time", arguments: [false, true])
    func startUnchecked(_ isOn: Bool) {
        var desk = desk(.startUnchecked, isOn: isOn)
        _ = desk.decide(desk.open(1))
        _ = desk.manage(.schedule(in: .seconds(60)), TicketID(1))
        desk.pass(30_000)
        #expect(desk.core.ledger.tickets[TicketID(1)]?.state == (isOn ? .waiting : .scheduled))
    }
}

@Suite("flaws of the router") struct RouterFlawsTests {
    private static let people = ["ana", "eva"].map {
        Company.Person(name: $0, groups: ["north-agents"], skills: [("truck", 5)], capacity: 1)
    }

    private func bench(
        _ flaw: Flaw, isOn: Bool, atOnce: UInt8 = 1, _ names: [String] = ["ana"], of product: String? = nil
    ) -> Bench {
        let one = Delivery.offered(atOnce: 1)
        let company = Company(people: Self.people, deliveries: [one, one, one, .offered(atOnce: atOnce)])
        var bench = Bench(company, routersIn: ["north"], flaws: Flaws(isOn ? [flaw] : []))
        for name in names { bench.attach(name, at: 0) }
        bench.run(for: 100)
        var ticket = EndToEndTests.ticket
        if let product { ticket.product = product }
        bench.submit(ticket, at: 0)
        bench.run(for: 200)
        return bench
    }

    private func offer(_ bench: Bench, _ client: Int = 0) -> OfferID? { bench.clients[client].view?.offers.first?.id }

    @Test("a ticket that asks for more than an agent knows", arguments: [false, true])
    func requirementsLost(_ isOn: Bool) {
        let bench = bench(.requirementsLost, isOn: isOn, of: "bus")
        #expect((offer(bench) == nil) == !isOn)
    }

    @Test("an urgent ticket among others", arguments: [false, true])
    func prioritiesLost(_ isOn: Bool) {
        let bench = bench(.prioritiesLost, isOn: isOn)
        #expect(bench.routers[0].core.queued.map { $0.waiting.priority > 0 } == [!isOn])
    }

    @Test("an offer that its owner withdraws", arguments: [false, true])
    func withdrawIgnored(_ isOn: Bool) throws {
        var bench = bench(.withdrawIgnored, isOn: isOn, atOnce: 2, ["ana", "eva"])
        bench.command(client: 1, .accept(try #require(offer(bench, 1))))
        bench.run(for: 200)
        #expect((offer(bench, 0) == nil) == !isOn)
    }

    @Test("a ticket and who has just declined it", arguments: [false, true])
    func exclusionForgotten(_ isOn: Bool) throws {
        var bench = bench(.exclusionForgotten, isOn: isOn)
        bench.command(client: 0, .decline(try #require(offer(bench))))
        bench.run(for: 200)
        #expect((offer(bench)?.attempt == 2) == isOn)
    }

    @Test("a lease whose answers stop", arguments: [false, true])
    func leaseFromReceipt(_ isOn: Bool) {
        var bench = bench(.leaseFromReceipt, isOn: isOn)
        bench.apply(.cut(0, fromCoordinator: true, fromPeers: false))
        bench.run(for: 3500)
        #expect(bench.routers[0].core.isLeased(at: bench.time) == isOn)
    }

    @Test("a region that another router owns now", arguments: [false, true])
    func ownerEpochIgnored(_ isOn: Bool) {
        let policy = StickingTests.policy()
        var desk = StickingTests.Desk(policy)
        if isOn { desk = StickingTests.Desk(policy, flaws: Flaws([.ownerEpochIgnored])) }
        var membership = desk.router.membership
        membership.owners = [RegionOwner(region: RegionID(0), owner: Incarnation(2), epoch: OwnerEpoch(2))]
        desk.learn(membership: membership, [])
        #expect(desk.router.ownedRegions.isEmpty == !isOn)
    }
}
