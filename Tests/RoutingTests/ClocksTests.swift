import Testing

@testable import Routing

@Suite("promises") struct ClocksTests {
    private static let all = SLAPolicy.promise(
        "all", [(.firstResponse, 60), (.resolution, 480), (.groupTime, 120)], warn: [50, 80])

    // MARK: - firing

    @Test("warnings and the breach are journaled once each, at their times, in order")
    func once() {
        var desk = PromiseDesk([.promise("p", [(.firstResponse, 60), (.resolution, 100)], warn: [50, 80])])
        _ = desk.open()
        desk.run(to: 500)
        let fired = desk.fired.map {
            "\($0.kind) \($0.percent) \($0.due.since(PromiseDesk.start).milliseconds / 60_000)"
        }
        #expect(
            fired == [
                "firstResponse 50 30", "firstResponse 80 48", "resolution 50 50", "firstResponse 100 60",
                "resolution 80 80", "resolution 100 100",
            ])
        #expect(desk.fired.allSatisfy { $0.late < .seconds(1) && $0.skipped == 0 })
        #expect(desk.ticket(TicketID(1))?.steps.filter { $0.kind == .clock }.count == 6)
    }

    @Test("a step raises, widens, escalates and tells the operators as the policy says; work in hand is not taken away")
    func actions() throws {
        let actions = [
            SLAPolicy.Action(percent: 50, operations: [.raise(2), .widen([GroupID(0)])]),
            SLAPolicy.Action(percent: 100, operations: [.escalate(nil), .alert]),
        ]
        var desk = PromiseDesk([.promise("p", [(.resolution, 60)], warn: [50], actions: actions)])
        let (waiting, held) = (desk.open(), desk.open())
        desk.assign(held)
        desk.run(to: 40)
        #expect(desk.ticket(waiting)?.priority == 7)
        #expect(desk.ticket(waiting)?.widened == [GroupID(0)])
        #expect(desk.ticket(held)?.priority == 7)
        #expect(desk.ticket(held)?.widened == [])
        desk.run(to: 70)
        #expect(desk.ticket(waiting)?.group == GroupID(1))
        #expect(desk.ticket(held)?.state.holder != nil)
        #expect(desk.alerts == 2)
        let moved = try #require(desk.ticket(waiting)?.steps.last { $0.kind == .escalated })
        #expect(moved.cause == Cause(.sla, note: "resolution broken"))
    }

    @Test("an hour of overdue clocks fires after a restart in order of deadlines, so many a turn, marked late")
    func outage() {
        var desk = PromiseDesk([.promise("p", [(.firstResponse, 60), (.resolution, 90)], warn: [50, 80])])
        for index in 0..<500 {
            desk.desk.now = 1000 + UInt64(index) * 1000
            desk.step(.turnBegins)
            _ = desk.open()
        }
        desk.run(to: 20)
        desk.restart(at: 80)
        var most = 0
        for _ in 0..<20 {
            let before = desk.fired.count
            desk.turn()
            most = max(most, desk.fired.count - before)
        }
        // Two clocks of a ticket may fire on one timer.
        #expect(most <= 2 * Limits.clocksPerTurnMax && most > 0)
        let first = desk.fired.filter { $0.kind == .firstResponse }
        #expect(first.count == 500)
        #expect(first.allSatisfy { $0.percent == 100 && $0.skipped == 2 && $0.late >= .seconds(600) })
        #expect(first.map(\.due) == first.map(\.due).sorted())
        let steps = desk.ticket(TicketID(1))?.steps.compactMap { $0.cause?.note }
        #expect(steps?.contains("firstResponse broken, 1200 s late") == true)
    }

    @Test("what was owed before a reply is journaled before it, however late the reply's turn is")
    func settled() {
        var desk = PromiseDesk([.promise("p", [(.firstResponse, 10)])])
        let id = desk.open()
        desk.assign(id)
        desk.desk.now += 900_000
        desk.step(.turnEnds)
        desk.work(.reply(text: "sorry"), id)
        #expect(desk.fired.map(\.percent) == [100])
        #expect(desk.clock(id, .firstResponse)?.state == .stopped)
        desk.run(to: 100)
        #expect(desk.fired.count == 1)
    }

    @Test("replay of the journal alone gives every clock, and needs no policy")
    func replay() {
        var desk = PromiseDesk([Self.all])
        let ids = (0..<5).map { _ in desk.open() }
        desk.assign(ids[0])
        desk.run(to: 70)
        desk.work(.pause(reason: "", kind: .customer), ids[0])
        desk.manage(.cancel, ids[1])
        desk.run(to: 130)
        #expect(desk.replayed.tickets.all == desk.desk.core.ledger.tickets.all)
        #expect(desk.replayed.closed == desk.desk.core.ledger.closed)
    }

    // MARK: - which clock

    @Test("a first response is counted from the opening to the first reply; another group changes nothing")
    func firstResponse() {
        var desk = PromiseDesk([Self.all])
        let id = desk.open()
        desk.run(to: 10)
        desk.manage(.transfer(to: "hq-agents"), id)
        #expect(desk.due(id, .firstResponse) == 60)
        #expect(desk.due(id, .groupTime) == 130)
        desk.assign(id)
        desk.run(to: 20)
        desk.work(.reply(text: "hello"), id)
        #expect(desk.clock(id, .firstResponse)?.state == .stopped)
        #expect(desk.clock(id, .firstResponse)?.worked == .seconds(1200))
        #expect(desk.clock(id, .firstResponse)?.due == nil)
    }

    @Test("the next response is counted from the oldest message without an answer")
    func nextResponse() {
        var desk = PromiseDesk([.promise("p", [(.nextResponse, 30)])])
        let id = desk.open()
        desk.manage(.write(text: "hurry"), id)
        #expect(desk.clock(id, .nextResponse) == nil, "before the first response it is that one's business")
        desk.assign(id)
        desk.work(.reply(text: "hello"), id)
        desk.run(to: 10)
        desk.manage(.write(text: "and?"), id)
        desk.run(to: 15)
        desk.manage(.write(text: "and??"), id)
        #expect(desk.due(id, .nextResponse) == 40)
        desk.work(.reply(text: "so"), id)
        #expect(desk.clock(id, .nextResponse) == nil)
    }

    @Test("reopening starts no new first resolution, and lets the resolution go on without the time as resolved")
    func reopening() {
        var desk = PromiseDesk([.promise("p", [(.firstResolution, 100), (.resolution, 100)])])
        let id = desk.open()
        desk.assign(id)
        desk.run(to: 30)
        desk.work(.resolve, id)
        desk.run(to: 530)
        #expect(desk.fired.isEmpty)
        desk.manage(.reopen, id)
        #expect(desk.clock(id, .firstResolution)?.state == .stopped)
        #expect(desk.due(id, .resolution) == 600)
    }

    @Test("time in a vendor's groups is counted over all of them in a row, and begins anew after another")
    func vendor() {
        var desk = PromiseDesk([.promise("p", [(.vendorTime, 60), (.groupTime, 600)])])
        let id = desk.open()
        #expect(desk.clock(id, .vendorTime) == nil)
        desk.run(to: 5)
        desk.manage(.transfer(to: "vendors"), id)
        #expect(desk.due(id, .vendorTime) == 65)
        desk.run(to: 20)
        desk.manage(.transfer(to: "hq-engineers"), id)
        #expect(desk.clock(id, .vendorTime) == nil)
        desk.run(to: 100)
        desk.manage(.transfer(to: "vendors"), id)
        #expect(desk.due(id, .vendorTime) == 160)
        #expect(desk.due(id, .groupTime) == 700)
    }

    @Test("the policy that the rule names has precedence; else the first that holds for the ticket as it is now")
    func choice() {
        var vip = SLAPolicy.promise("vip", [(.resolution, 60)])
        vip.segments = ["vip"]
        var high = SLAPolicy.promise("high", [(.resolution, 120)])
        high.priorityMin = 8
        var named = SLAPolicy.promise("named", [(.resolution, 240)])
        named.isNamedOnly = true
        let rest = SLAPolicy.promise("rest", [(.resolution, 480)])
        var desk = PromiseDesk([vip, named, high, rest])
        let ids = [
            desk.open(segment: "vip"), desk.open(priority: 9), desk.open(), desk.open(segment: "vip", sla: "named"),
        ]
        #expect(ids.map { desk.ticket($0)?.clocks.policy } == ["vip", "high", "rest", "named"])
        desk.manage(.setPriority(8), ids[2])
        #expect(desk.ticket(ids[2])?.clocks.policy == "high")
        #expect(desk.due(ids[2], .resolution) == 120)
    }

    // MARK: - time adds up

    @Test("every second of a ticket is in one bucket, waiting while closed apart from waiting, and the sum is its life")
    func buckets() {
        var clocks = TicketClocks(openedAt: PromiseDesk.at(0), phase: .queue, group: GroupID(0))
        let at = { PromiseDesk.at($0) }
        clocks.follow(.reignBegan(1), .work, in: GroupID(0), at: at(30))
        clocks.follow(.reignBegan(1), .customer, in: GroupID(0), at: at(40))
        clocks.follow(.reignBegan(1), .work, in: GroupID(2), at: at(100))
        clocks.follow(.reignBegan(1), .resolved, in: GroupID(2), at: at(130))
        let calendar = PromiseDesk.hours([20, 1000])
        let group = Group(
            id: GroupID(0), name: "g", region: RegionID(0), tier: .agents, escalatesTo: nil,
            offerTimeout: .seconds(20), refuseAt: 9, hours: CalendarID(0))
        let vendors = Group(
            id: GroupID(2), name: "v", region: RegionID(0), tier: .vendors, escalatesTo: nil,
            offerTimeout: .seconds(20), refuseAt: 9)
        let policy = Policy(
            version: 1, catalog: Catalog(), groups: [group, nil, vendors], agents: [], regions: [true], rules: [],
            timing: Timing(), calendars: [calendar])
        let buckets = clocks.buckets(at: at(200), policy)
        #expect(
            buckets.map { "\($0.bucket) \($0.time.milliseconds / 60_000)" } == [
                "queue 10", "closedHours 20", "agents 10", "vendors 30", "customer 60", "resolved 70",
            ])
        #expect(clocks.life(at: at(200)) == .seconds(12_000))
    }

    @Test("a ticket with more stretches than are told apart keeps its sum and its deadlines")
    func manyStretches() {
        var desk = PromiseDesk(
            [.promise("p", [(.resolution, 3000), (.groupTime, 3000)], pausedBy: [.customer])],
            calendars: [])
        let id = desk.open()
        desk.assign(id)
        for round in 0..<400 {
            desk.run(to: Double(round) * 2 + 1)
            desk.work(.pause(reason: "", kind: .customer), id)
            desk.run(to: Double(round) * 2 + 2)
            desk.work(.resume, id)
        }
        // 800 minutes, half of them paused: 400 are counted, 2600 are left.
        #expect(desk.ticket(id)?.clocks.spans.count == Limits.spansMax)
        #expect(desk.due(id, .resolution) == 3400)
        #expect(desk.due(id, .groupTime) == 3400)
        let sum = desk.ticket(id)?.clocks.buckets(at: PromiseDesk.at(800), desk.desk.core.policy)
            .reduce(UInt64(0)) { $0 + $1.time.milliseconds }
        #expect(sum == 800 * 60_000)
    }

    // MARK: - the clock on the wall

    @Test(
        "a clock on the wall that jumps by an hour fires nothing and delays nothing",
        arguments: [3_600_000, -3_600_000])
    func jump(by milliseconds: Int64) {
        var desk = PromiseDesk([.promise("p", [(.firstResponse, 30)])])
        _ = desk.open()
        desk.run(to: 29.5)
        desk.wallAhead = milliseconds
        desk.run(to: 29.9)
        #expect(desk.fired.isEmpty, "not early")
        desk.run(to: 30.1)
        #expect(desk.fired.map(\.late) == [.zero], "not late")
        desk.wallAhead = 0
        desk.run(to: 40)
        let reports = desk.desk.effects.filter { effect in
            if case .report(.wallClockJumped) = effect { return true }
            return false
        }
        #expect(reports == [.report(.wallClockJumped(by: milliseconds))])
    }

    @Test("a clock that was set back while the coordinator was away delays nothing either")
    func setBackWhileAway() {
        var desk = PromiseDesk([.promise("p", [(.firstResponse, 30)])])
        _ = desk.open()
        desk.run(to: 29.5)
        // The ledger knows how late it was by its last record.
        _ = desk.open()
        desk.wallAhead = -55_000
        desk.restart(at: 29.5)
        desk.run(to: 29.9)
        #expect(desk.fired.isEmpty, "not early")
        desk.run(to: 30.1)
        #expect(desk.fired.map(\.late) == [.zero], "not late")
    }

    @Test("a new time that holds for a minute is believed, and deadlines are then by it")
    func believed() {
        var desk = PromiseDesk([.promise("p", [(.firstResponse, 90)])])
        let id = desk.open()
        desk.manage(.schedule(in: .seconds(4000)), desk.open())
        desk.run(to: 10)
        desk.wallAhead = 3_600_000
        desk.run(to: 10.9)
        #expect(desk.desk.core.time < PromiseDesk.at(11))
        desk.run(to: 11.2)
        #expect(desk.desk.effects.contains(.report(.wallClockBelieved(by: 3_600_000))))
        #expect(desk.desk.core.time >= PromiseDesk.at(71))
        #expect(desk.ticket(TicketID(2))?.state == .waiting, "its start was at 67 minutes by the clock on the wall")
        desk.run(to: 29.9)
        #expect(desk.fired.isEmpty)
        desk.run(to: 30)
        #expect(desk.fired.map(\.ticket) == [id])
        #expect(desk.due(id, .firstResponse) == 90)
    }
}
