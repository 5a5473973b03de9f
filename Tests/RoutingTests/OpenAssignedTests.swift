import Testing

@testable import Routing

@Suite("groups that ask nobody") struct OpenAssignedTests {
    private static func people(_ capacity: UInt32) -> [Company.Person] {
        ["ana", "eva"].map {
            Company.Person(
                name: $0, groups: ["north-agents", "hq-agents"], skills: [("truck", 5)], capacity: capacity)
        }
    }

    private func company(_ capacity: UInt32 = 1) -> Company {
        let one = Delivery.offered(atOnce: 1)
        return Company(people: Self.people(capacity), deliveries: [one, one, one, .assigned])
    }

    private func bench(_ names: [String] = ["ana"], capacity: UInt32 = 1, in regions: [String] = ["north"]) -> Bench {
        var bench = Bench(company(capacity), routersIn: regions)
        for name in names { bench.attach(name, at: bench.routers.count - 1) }
        bench.run(for: 200)
        return bench
    }

    private func work(_ bench: Bench, _ client: Int = 0) -> [TicketID] {
        bench.clients[client].view?.work.map(\.ticket) ?? []
    }

    @Test("a ticket that waits is assigned to whoever becomes ready, who is shown no offer")
    func waiting() throws {
        var bench = bench([])
        let place = bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 200)
        let id = try #require(bench.submissions[place].accepted)
        bench.attach("ana", at: 0)
        bench.run(for: 200)
        #expect(work(bench) == [id])
        #expect(bench.clients[0].offersSeen.isEmpty)
        #expect(bench.record(of: id)?.state == .assigned(bench.clients[0].agent))
        let agent = bench.clients[0].agent
        #expect(
            bench.coordinator.journal.contains { $0.record.unasked?.ticket == id && $0.record.unasked?.to == agent })
        #expect(bench.watch.wrong == [])
    }

    @Test("so it is when he is at home at another router, and he works on it as on any other")
    func elsewhere() throws {
        var bench = bench(in: ["north", "hq"])
        let place = bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 300)
        let id = try #require(bench.submissions[place].accepted)
        #expect(work(bench) == [id])
        #expect(bench.routers.map(\.core.counters.openedAssigned) == [0, 0])
        bench.command(client: 0, .work(id, Fence(2), .resolve))
        bench.run(for: 100)
        #expect(work(bench).isEmpty)
        #expect(bench.watch.wrong == [])
    }

    @Test("at the owner of the queue, for an agent at home there, opening and assigning are one command")
    func one() throws {
        var bench = bench()
        let place = bench.submit(EndToEndTests.ticket, at: 0)
        bench.run(for: 100)
        let id = try #require(bench.submissions[place].accepted)
        #expect(work(bench) == [id])
        #expect(bench.routers[0].core.counters.openedAssigned == 1)
        #expect(bench.routers[0].core.counters.offersMade == 0)
        let opened = try #require(bench.coordinator.journal.firstIndex { $0.record.isOpening })
        let unasked = try #require(bench.coordinator.journal[opened + 1].record.unasked)
        #expect(unasked.ticket == id && unasked.to == bench.clients[0].agent)
        #expect(unasked.decision?.chosen.agent == unasked.to)
        #expect(bench.coordinator.journal[opened + 1].wall == bench.coordinator.journal[opened].wall)
        #expect(bench.watch.wrong == [])
    }

    @Test("his slot is held until the answer: as many as he has room for come so, the next one waits")
    func held() {
        var bench = bench(capacity: 2)
        for _ in 0..<3 { bench.submit(EndToEndTests.ticket, at: 0) }
        bench.run(for: 1)
        #expect(bench.routers[0].core.hosted[AgentID(0)]?.load == 2)
        bench.run(for: 200)
        #expect(work(bench).count == 2)
        #expect(bench.routers[0].core.counters.openedAssigned == 2)
        #expect(bench.routers[0].core.queues.count == 1)
        #expect(bench.routers[0].core.hosted[AgentID(0)]?.expected == [])
        #expect(bench.watch.wrong == [])
    }

    @Test("what the ledger only opens waits, and the slot is free again")
    func openOnly() throws {
        var bench = bench()
        // The ledger knows of a ticket of his that his router does not.
        bench.submit(Submission(region: "hq"), at: 0)
        bench.run(for: 200)
        let first = try #require(bench.clients[0].view?.offers.first?.id)
        var effects: [Coordinator.Effect] = []
        let agent = bench.clients[0].agent
        let home = bench.routers[0].core.incarnation
        let now = bench.time
        let assign = Command.Assign(
            ticket: first.ticket, fence: first.fence, agent: agent, agentEpoch: bench.clients[0].epoch, id: nil)
        _ = bench.coordinator.core?.decide(.assign(assign), from: home, at: now, &effects)
        bench.routers[0].core.change(agent, at: now) { $0.offers = [] }
        let keyed = KeyedSubmission(key: SubmitKey(high: 9, low: 9), submission: EndToEndTests.ticket)
        var asked: [Router.Effect] = []
        bench.routers[0].core.step(.submit([keyed], RequestToken(99)), at: now, into: &asked)
        bench.routers[0].core.step(.turnEnds, at: now, into: &asked)
        let sent = asked.compactMap { if case .exchange(let exchange, _) = $0 { exchange.commands.last } else { nil } }
        let command = try #require(sent.last)
        guard case .openAssigned = command else { return #expect(Bool(false), "\(command)") }
        #expect(bench.routers[0].core.hosted[agent]?.load == 1)
        let outcome = bench.coordinator.core?.decide(command, from: home, at: now, &effects)
        guard case .opened? = outcome else { return #expect(Bool(false), "\(String(describing: outcome))") }
        bench.routers[0].core.settleOpening(command, try #require(outcome), at: bench.time)
        #expect(bench.routers[0].core.hosted[agent]?.load == 0)
    }

    @Test("a ticket that he could take and that is served before goes first; one that is served later does not")
    func outranked() throws {
        for (priority, isTaken) in [(Priority(9), false), (5, false), (1, true)] {
            var desk = StickingTests.Desk(StickingTests.policy())
            desk.learn([desk.ticket(1, priority: priority)])
            let known = Router.Event.gossiped(
                Gossip(
                    incarnation: Incarnation(2), number: 1, isFull: false,
                    presence: [
                        PresenceRecord(
                            agent: StickingTests.ana, agentEpoch: AgentEpoch(1), version: 1, status: .available,
                            load: 0, capacity: 1, idle: .zero, offered: .zero, handled: 0, skills: [])
                    ], digest: 0, loads: []))
            // In the middle of a turn: he is free, and what waits has not been matched yet.
            desk.router.step(known, at: desk.now, into: &desk.effects)
            let row = try #require(desk.router.presence[StickingTests.ana])
            let wanted = Classification(group: GroupID(0), priority: 5, signature: Signature([]), rule: "r")
            let group = try #require(desk.router.policy.group(GroupID(0)))
            #expect(
                desk.router.isOutranked(wanted, for: row, in: group, at: desk.now.instant) == !isTaken,
                "priority \(priority)")
        }
    }

    // MARK: - the coordinator's side

    private func desk() -> (desk: Desk, epoch: AgentEpoch) {
        var desk = Desk(company: company())
        let epoch = desk.attach(desk.ana)
        return (desk, epoch)
    }

    private func command(_ desk: Desk, _ key: UInt64, _ epoch: AgentEpoch, text: String = "") -> Command {
        guard case .open(let open) = desk.open(key, text: text) else { return .status }
        return .openAssigned(open, desk.ana, epoch, nil)
    }

    @Test("a repeat tells of the same assignment, of the ticket when it is no longer his, and of a key used otherwise")
    func repeats() throws {
        var (desk, epoch) = desk()
        let first = command(desk, 1, epoch)
        guard case .assigned(let held) = desk.decide(first) else { return #expect(Bool(false)) }
        #expect(held.fence == Fence(2))
        #expect(desk.decide(first) == .assigned(held))
        #expect(desk.decide(desk.open(1)) == .opened(held.ticket))
        #expect(desk.decide(command(desk, 1, epoch, text: "another")) == .refused(.keyReused))
        #expect(desk.decide(first, from: Incarnation(9)) == .opened(held.ticket), "a router that is not his home")
        _ = desk.work(.giveBack(), held.ticket, held.fence, by: desk.ana, epoch, id: nil)
        #expect(desk.decide(first) == .opened(held.ticket))
        #expect(desk.core.ledger.tickets.count == 1)
        #expect(desk.core.ledger.tickets[held.ticket]?.state == .waiting)
    }

    @Test("over capacity, in another session, or in a group that asks, the ticket is opened and waits")
    func opensOnly() {
        var (desk, epoch) = desk()
        guard case .assigned = desk.decide(command(desk, 1, epoch)) else { return #expect(Bool(false)) }
        for (key, epoch) in [(UInt64(2), epoch), (3, epoch.next)] {
            guard case .opened(let id) = desk.decide(command(desk, key, epoch)) else { return #expect(Bool(false)) }
            #expect(desk.core.ledger.tickets[id]?.state == .waiting)
        }
        guard case .open(let open) = desk.open(4, group: GroupID(0)) else { return }
        _ = desk.decide(.detach(desk.ana, epoch))
        let next = desk.attach(desk.ben)
        guard case .opened(let id) = desk.decide(.openAssigned(open, desk.ben, next, nil)) else {
            return #expect(Bool(false))
        }
        #expect(desk.core.ledger.tickets[id]?.state == .waiting)
    }

    @Test("the router's own accept has no number, and its repeat the same answer")
    func unnumbered() {
        var (desk, epoch) = desk()
        guard case .opened(let id) = desk.decide(desk.open(1)) else { return #expect(Bool(false)) }
        let assign = Command.assign(
            Command.Assign(ticket: id, fence: Fence(1), agent: desk.ana, agentEpoch: epoch, id: nil))
        let first = desk.decide(assign)
        guard case .assigned(let held) = first else { return #expect(Bool(false)) }
        #expect(desk.decide(assign) == first)
        _ = desk.work(.giveBack(), id, held.fence, by: desk.ana, epoch, id: nil)
        #expect(desk.decide(assign) == .refused(.gone))
    }
}

extension LedgerRecord {
    fileprivate var isOpening: Bool { if case .opened = self { true } else { false } }

    /// An assignment that no accept of the agent led to.
    fileprivate var unasked: (ticket: TicketID, to: AgentID, decision: DecisionRecord?)? {
        if case .assigned(let ticket, _, let agent, nil, let decision) = self { (ticket, agent, decision) } else { nil }
    }
}
