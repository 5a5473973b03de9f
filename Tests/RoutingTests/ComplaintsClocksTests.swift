import Testing

@testable import Routing

/// Complaints 24 to 32: what users of other systems wrote about clocks.
@Suite("complaints about clocks") struct ComplaintsClocksTests {
    @Test("a resolved ticket owes no answer, and a late thank-you is counted only from itself")
    func thanks() {
        var desk = PromiseDesk([.promise("p", [(.nextResponse, 30), (.periodicUpdate, 60)])])
        let id = desk.open()
        desk.assign(id)
        desk.work(.reply(text: "hello"), id)
        desk.manage(.write(text: "and?"), id)
        #expect(desk.due(id, .nextResponse) == 30)
        desk.run(to: 10)
        desk.work(.resolve, id)
        #expect(desk.ticket(id)?.clocks.next == nil)
        desk.run(to: 200)
        #expect(desk.fired.isEmpty)
        desk.manage(.write(text: "thanks"), id)
        #expect(desk.due(id, .nextResponse) == 230)
    }

    @Test("a deadline is counted in open hours alone, over lunch breaks and nights")
    func hours() {
        // Open 0-60 and 90-150, then 300-360.
        var desk = PromiseDesk(
            [.promise("p", [(.firstResponse, 130)], calendar: 0, warn: [50])],
            calendars: [PromiseDesk.hours([0, 60, 90, 150, 300, 360])])
        let id = desk.open()
        #expect(desk.due(id, .firstResponse) == 310)
        #expect(desk.clock(id, .firstResponse)?.next == PromiseDesk.at(95))
        desk.run(to: 320)
        #expect(desk.fired.map(\.due) == [PromiseDesk.at(95), PromiseDesk.at(310)])
    }

    @Test("clocks are independent, and the next deadline is the least of those that run")
    func independent() {
        var desk = PromiseDesk([.promise("p", [(.firstResponse, 60), (.periodicUpdate, 20), (.resolution, 480)])])
        let id = desk.open()
        #expect(desk.ticket(id)?.clocks.nextDue?.kind == .firstResponse, "no update is owed before the first response")
        desk.assign(id)
        desk.run(to: 10)
        desk.work(.reply(text: "hello"), id)
        #expect(desk.ticket(id)?.clocks.nextDue?.kind == .periodicUpdate)
        #expect(desk.due(id, .periodicUpdate) == 30)
        #expect(desk.due(id, .resolution) == 480)
        desk.run(to: 40)
        #expect(desk.ticket(id)?.clocks.nextDue?.kind == .resolution, "what is broken is not due any more")
    }

    @Test("updates are counted from the last reply, and not broken after the agent answered last")
    func updates() {
        var desk = PromiseDesk([.promise("p", [(.periodicUpdate, 20)])])
        let id = desk.open()
        desk.assign(id)
        for minute in [5.0, 20, 39, 58] {
            desk.run(to: minute)
            desk.work(.reply(text: "still at it"), id)
        }
        #expect(desk.fired.isEmpty)
        #expect(desk.due(id, .periodicUpdate) == 78)
        desk.work(.note(text: "to myself"), id)
        desk.run(to: 90)
        #expect(desk.fired.count == 1)
        #expect(desk.fired.first?.due == PromiseDesk.at(78), "a note is no update")
    }

    @Test("moved to a group without a promise, its clocks are dropped, and what was dropped is kept")
    func dropped() throws {
        var north = SLAPolicy.promise("north", [(.periodicUpdate, 20), (.resolution, 100)])
        north.groups = [GroupID(3)]
        let rest = SLAPolicy.promise("rest", [(.resolution, 200)])
        var desk = PromiseDesk([north, rest])
        let id = desk.open()
        desk.assign(id)
        desk.work(.reply(text: "hello"), id)
        desk.run(to: 10)
        desk.work(.escalate(to: nil), id)
        let clocks = try #require(desk.ticket(id)?.clocks)
        #expect(clocks.policy == "rest")
        #expect(clocks.clocks.map(\.kind) == [.resolution])
        let at = PromiseDesk.at(10)
        #expect(
            clocks.changes
                == [
                    ClockChange(
                        at: at, kind: .resolution, before: PromiseDesk.at(100), after: PromiseDesk.at(200),
                        isDropped: false),
                    ClockChange(
                        at: at, kind: .periodicUpdate, before: PromiseDesk.at(20), after: nil, isDropped: true),
                ].sorted { $0.kind.rawValue < $1.kind.rawValue })
        desk.run(to: 150)
        #expect(desk.fired.isEmpty)
    }

    @Test(
        "an SLA policy that is changed or deleted is counted anew, so many tickets a turn, and the old deadline is kept"
    )
    func rederived() {
        var desk = PromiseDesk([.promise("p", [(.resolution, 100)])])
        let ids = (0..<1200).map { desk.open(group: 3 + UInt32($0 % 2)) }
        desk.run(to: 50)
        let company = PromiseDesk.company(
            [.promise("p", [(.resolution, 100)], calendar: 0)], [PromiseDesk.hours([0, 30, 130, 400])], version: 2)
        desk.step(.policyLoaded(company.policy, text: "{}", additions: Catalog.Additions()))
        desk.turn()
        #expect(desk.due(ids[0], .resolution) == 200)
        #expect(desk.due(ids[1199], .resolution) == 100, "the rest follows in the next turns")
        while desk.desk.core.recount.next != nil { desk.turn() }
        #expect(ids.allSatisfy { desk.due($0, .resolution) == 200 })
        #expect(
            desk.ticket(ids[1199])?.clocks.changes.map(\.before) == [PromiseDesk.at(100)])
        desk.run(to: 60)
        desk.adopt([])
        #expect(ids.allSatisfy { desk.ticket($0)?.clocks.clocks == [] })
        desk.run(to: 1000)
        #expect(desk.fired.isEmpty)
    }

    @Test("a merged, cancelled or closed ticket fires nothing")
    func ended() {
        var desk = PromiseDesk([.promise("p", [(.firstResponse, 60), (.resolution, 100)], warn: [50])])
        let (merged, cancelled, kept) = (desk.open(), desk.open(), desk.open())
        desk.run(to: 10)
        desk.manage(.merge(into: kept), merged)
        desk.manage(.cancel, cancelled)
        desk.assign(kept)
        desk.work(.resolve, kept)
        desk.manage(.close, kept)
        #expect(desk.desk.core.timers.count == 0)
        desk.run(to: 300)
        #expect(desk.fired.isEmpty)
        #expect(desk.desk.core.ledger.closed[merged]?.clocks?.clocks.allSatisfy { $0.next == nil } == true)
    }

    @Test("a deadline is explained by each interval that counts, and each that does not")
    func explained() throws {
        var desk = PromiseDesk(
            [.promise("p", [(.resolution, 100)], pausedBy: [.customer], calendar: 0)],
            calendars: [PromiseDesk.hours([0, 60, 90, 500])])
        let id = desk.open()
        desk.run(to: 20)
        desk.assign(id)
        desk.run(to: 50)
        desk.work(.pause(reason: "", kind: .customer), id)
        desk.run(to: 80)
        desk.work(.resume, id)
        desk.run(to: 100)
        let ticket = try #require(desk.ticket(id))
        let record = desk.desk.core.explained(ticket)
        let parts = try #require(record.deadlines.first).parts.map {
            "\($0.phase) \($0.isPaused ? "paused" : "\($0.worked.milliseconds / 60_000)")"
        }
        #expect(parts == ["queue 20", "work 30", "customer paused", "work 10"])
        #expect(record.deadlines.first?.worked == .seconds(3600))
        #expect(desk.due(id, .resolution) == 140)
        #expect(record.buckets.reduce(UInt64(0)) { $0 + $1.time.milliseconds } == 100 * 60_000)
    }

    @Test("pending time is not forgotten when the priority, and with it the policy, changes")
    func pendingKept() {
        var high = SLAPolicy.promise("high", [(.resolution, 200)], pausedBy: [.customer])
        high.priorityMin = 8
        let rest = SLAPolicy.promise("rest", [(.resolution, 480)], pausedBy: [.customer])
        var desk = PromiseDesk([high, rest])
        let id = desk.open()
        desk.assign(id)
        desk.run(to: 10)
        desk.work(.pause(reason: "", kind: .customer), id)
        desk.run(to: 190)
        desk.work(.resume, id)
        #expect(desk.due(id, .resolution) == 660)
        desk.manage(.setPriority(9), id)
        #expect(desk.due(id, .resolution) == 380, "200 and the 180 that were pending")
        #expect(desk.fired.isEmpty)
    }
}
