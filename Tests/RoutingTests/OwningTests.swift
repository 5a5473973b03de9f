import Testing

@testable import Routing

@Suite("leases, and who owns which region") struct OwningTests {
    private func poll(_ desk: inout Desk, _ incarnation: Incarnation) -> Exchanged? {
        let token = desk.token()
        desk.step(
            .exchange(
                Exchange(
                    incarnation: incarnation, cursor: LSN(1), park: .zero, firstCommand: 1, acknowledged: 0,
                    commands: []), token))
        desk.step(.turnEnds)
        for case .exchanged(let exchanged, let answered) in desk.effects where answered == token { return exchanged }
        return nil
    }

    /// With a second router of the first one's region.
    private func join(_ desk: inout Desk, _ name: String, region: String = "north") -> Incarnation {
        desk.step(.join(Join(name: name, region: region, address: name, gossipAddress: ""), desk.token()))
        desk.step(.turnEnds)
        return desk.core.ledger.incarnationLast
    }

    private func owner(_ desk: Desk, _ region: UInt32) -> Incarnation { desk.core.owner(of: RegionID(region)) }

    @Test("after a pause of the coordinator its routers' leases are shown as they are")
    func leaseShown() {
        var desk = Desk()
        desk.live(1_000)
        desk.pass(6_000)
        _ = poll(&desk, desk.router)
        let lease = desk.core.policy.timing.lease
        #expect(desk.core.routerStates(at: Desk.time(desk.now)).map(\.lease) == [lease])
        desk.pass(300)
        let rest = Interval(milliseconds: lease.milliseconds - 300)
        #expect(desk.core.routerStates(at: Desk.time(desk.now)).map(\.lease) == [rest])
    }

    @Test("a router that has lost the coordinator says so to operators, and nothing they ask for is done later")
    func lostCoordinator() {
        var bench = Bench(Company(people: Desk.people), routersIn: ["north", "hq"])
        bench.apply(.cut(0, fromCoordinator: true, fromPeers: false))
        bench.run(for: 4_000)
        let commands: [Command] = [.status, .drain(router: "r1", isOn: true), .own(region: "hq", router: "r0")]
        var tokens: [RequestToken] = []
        for command in commands {
            let token = RequestToken(bench.nextToken())
            tokens.append(token)
            let process = bench.routers[0].process
            bench.schedule(.atRouter(0, process: process, .query(command, token)), in: 1)
        }
        bench.run(for: 10)
        #expect(tokens.map { bench.answered[$0] } == commands.map { _ in .refused(.hold) })
        bench.apply(.heal(0))
        bench.run(for: 5_000)
        #expect(bench.coordinator.core?.ledger.draining == [])
    }

    @Test("a late router is suspect first: others hear it, it gets nothing new, and is itself again when it speaks")
    func suspect() throws {
        var desk = Desk()
        let second = join(&desk, "second")
        for _ in 0..<21 {
            desk.pass(100)
            _ = poll(&desk, second)
        }
        #expect(desk.core.members.suspects == [desk.router])
        #expect(desk.core.ledger.router(desk.router) != nil)
        #expect(desk.effects.contains(.report(.routerSuspect("r"))))
        #expect(try #require(poll(&desk, second)).membership?.suspect == [desk.router])
        #expect(desk.decide(.own(region: "hq", router: "r")) == .refused(.notAllowed))
        _ = poll(&desk, desk.router)
        #expect(desk.core.members.suspects == [])
        #expect(desk.decide(.own(region: "hq", router: "r")) == .agreed)
    }

    @Test("a dead router's regions go to no suspect while another one is there")
    func heirs() {
        var desk = Desk()
        let hq = join(&desk, "hq", region: "hq")
        let other = join(&desk, "other", region: "south")
        #expect(desk.decide(.own(region: "hq", router: "r")) == .agreed)
        // The first dies; hq is late, the other is not.
        for step in 0..<31 {
            desk.pass(100)
            _ = poll(&desk, other)
            if step < 6 { _ = poll(&desk, hq) }
        }
        #expect(desk.core.ledger.router(desk.router) == nil)
        #expect(desk.core.members.suspects == [hq])
        #expect(owner(desk, 1) == other)
    }

    @Test("a judge who was away for five leases adds it to leases and graces, however often it happens")
    func stalledJudge() {
        var desk = Desk()
        let epoch = desk.attach(desk.ana)
        _ = desk.decide(.detach(desk.ana, epoch))
        let grace = desk.company.policy.timing.grace.milliseconds
        for _ in 0..<2 {
            desk.pass(15_000)
            #expect(desk.core.ledger.router(desk.router) != nil)
            _ = poll(&desk, desk.router)
        }
        #expect(desk.core.ledger.agent(desk.ana)?.presence != .offline)
        for _ in 0..<(grace / 100 - 1) {
            desk.pass(100)
            _ = poll(&desk, desk.router)
        }
        #expect(desk.core.ledger.agent(desk.ana)?.presence != .offline)
        for _ in 0..<2 { desk.pass(100) }
        #expect(desk.core.ledger.agent(desk.ana)?.presence == .offline)
    }

    @Test("who comes back in the very turn in which his grace ends keeps his tickets")
    func graceAndAttach() {
        var desk = Desk()
        let held = desk.hold(1, by: desk.ana)
        _ = desk.decide(.detach(desk.ana, held.epoch))
        let grace = desk.company.policy.timing.grace.milliseconds
        for _ in 0..<(grace / 100 - 1) {
            desk.pass(100)
            _ = poll(&desk, desk.router)
        }
        desk.now += 100
        desk.step(.turnBegins)
        _ = desk.attach(desk.ana)
        desk.step(.turnEnds)
        #expect(desk.core.ledger.tickets[held.ticket]?.state == .assigned(desk.ana))
    }

    @Test("a drained router's regions go to others; the last router cannot be drained; an unknown one is not found")
    func drain() {
        var desk = Desk()
        #expect(desk.decide(.drain(router: "r", isOn: true)) == .refused(.notAllowed))
        let second = join(&desk, "second")
        #expect(desk.decide(.drain(router: "nobody", isOn: true)) == .refused(.notFound))
        #expect(owner(desk, 1) == desk.router)
        for _ in 0..<2 { #expect(desk.decide(.drain(router: "r", isOn: true)) == .agreed) }
        desk.pass(1)
        #expect((0...2).allSatisfy { owner(desk, $0) == second })
        #expect(desk.core.handovers.map(\.from) == [desk.router, desk.router, desk.router])
        #expect(desk.decide(.drain(router: "second", isOn: true)) == .refused(.notAllowed))
        #expect(desk.decide(.own(region: "north", router: "r")) == .refused(.notAllowed))
        #expect(desk.decide(.drain(router: "r", isOn: false)) == .agreed)
        #expect(desk.decide(.own(region: "north", router: "r")) == .agreed)
        #expect(owner(desk, 1) == desk.router)
    }

    @Test("that a router drains is in the ledger: a new coordinator gives it nothing, and its end forgets it")
    func drainIsDurable() {
        var desk = Desk()
        _ = join(&desk, "second")
        _ = desk.decide(.drain(router: "r", isOn: true))
        #expect(desk.core.ledger.draining == [desk.router])
        var effects: [Coordinator.Effect] = []
        let restarted = Coordinator(ledger: desk.core.ledger, at: Desk.time(desk.now), into: &effects)
        #expect(restarted.ledger.draining == [desk.router])
        desk.step(.leave(desk.router, desk.token()))
        #expect(desk.core.ledger.draining == [])
    }

    @Test("an operator's choice stays though the region has a router of its own, until the chosen one has gone")
    func chosenOwner() {
        var desk = Desk()
        let hq = join(&desk, "hq", region: "hq")
        #expect(desk.decide(.own(region: "north", router: "hq")) == .agreed)
        #expect(desk.decide(.own(region: "moon", router: "hq")) == .refused(.notFound))
        for _ in 0..<150 {
            desk.pass(100)
            for router in [desk.router, hq] { _ = poll(&desk, router) }
        }
        #expect(owner(desk, 1) == hq)
        desk.step(.leave(hq, desk.token()))
        desk.step(.turnEnds)
        #expect(owner(desk, 1) == desk.router)
    }

    @Test("what an operator chose is in the ledger: a new coordinator keeps to it until the chosen one has gone")
    func chosenOwnerIsDurable() throws {
        var desk = Desk()
        let hq = join(&desk, "hq", region: "hq")
        for _ in 0..<2 { #expect(desk.decide(.own(region: "north", router: "hq")) == .agreed) }
        #expect(desk.core.ledger.chosen == [RegionID(1)])
        desk.restart()
        for _ in 0..<150 {
            desk.pass(100)
            for router in [desk.router, hq] { _ = poll(&desk, router) }
        }
        #expect(owner(desk, 1) == hq)
        #expect(try LedgerImageTests.copy(of: desk.core.ledger).chosen == [RegionID(1)])
        desk.step(.leave(hq, desk.token()))
        desk.step(.turnEnds)
        #expect(owner(desk, 1) == desk.router)
        #expect(desk.core.ledger.chosen == [])
    }

    @Test("a choice of the present owner is one too, and ends when the region is given to another")
    func chosenAsItIs() {
        var desk = Desk()
        let hq = join(&desk, "hq", region: "hq")
        let epoch = desk.core.ledger.owner(of: RegionID(1))?.epoch
        #expect(desk.decide(.own(region: "north", router: "r")) == .agreed)
        #expect(desk.core.ledger.owner(of: RegionID(1))?.epoch == epoch)
        #expect(desk.core.ledger.chosen == [RegionID(1)])
        #expect(desk.decide(.drain(router: "r", isOn: true)) == .agreed)
        desk.pass(1)
        #expect(owner(desk, 1) == hq)
        #expect(desk.core.ledger.chosen == [])
    }

    @Test("a router that asks from further back than before has lost something, and is answered at once")
    func rewound() throws {
        var desk = Desk()
        func ask(_ desk: inout Desk, from cursor: LSN) -> Exchanged? {
            desk.effects = []
            let token = desk.token()
            desk.step(
                .exchange(
                    Exchange(
                        incarnation: desk.router, cursor: cursor, park: .seconds(1), firstCommand: 1, acknowledged: 0,
                        commands: []), token))
            desk.step(.turnEnds)
            for case .exchanged(let exchanged, let answered) in desk.effects where answered == token {
                return exchanged
            }
            return nil
        }
        let before = desk.core.ledger.lsn
        _ = desk.decide(desk.open(1))
        let told = try #require(ask(&desk, from: before))
        #expect(told.regions.flatMap(\.waiting).count == 1)
        #expect(ask(&desk, from: told.lsn) == nil, "nothing is new")
        let again = try #require(ask(&desk, from: before))
        #expect(again.regions.flatMap(\.waiting).count == 1)
    }
}
