import Testing

@testable import Routing

@Suite("who is on duty") struct DutyTests {
    private static let north = GroupID(3)

    /// With a step that tells when nobody of north is on duty.
    private static func desk() -> Desk {
        var timing = Timing.brisk
        timing.lease = .seconds(86_400)
        timing.homecomingAfter = .zero
        let step = GroupStep(when: [.nobodyOnDuty], do: [.widen([GroupID(0)])])
        return Desk(company: Company(people: Desk.people, timing: timing).with([3: [step]]))
    }

    private static func report(
        _ desk: Desk, _ epoch: AgentEpoch, _ isOnDuty: Bool, version: UInt32 = 1
    ) -> DutyReport {
        DutyReport(agent: desk.ana, agentEpoch: epoch, isOnDuty: isOnDuty, version: version)
    }

    @Test("who is attached is on duty until his router says otherwise, and his group's tickets are looked at then")
    func reports() {
        var desk = Self.desk()
        #expect(desk.core.duty.count(in: Self.north) == 0)
        let epoch = desk.attach(desk.ana)
        #expect(desk.core.duty.count(in: Self.north) == 1)
        _ = desk.decide(desk.open(1))
        desk.pass(1)
        #expect(desk.core.ledger.tickets[TicketID(1)]?.widened == [])
        desk.core.hear([Self.report(desk, epoch, false)], from: desk.router)
        #expect(desk.core.duty.count(in: Self.north) == 0)
        desk.pass(1)
        #expect(desk.core.ledger.tickets[TicketID(1)]?.widened == [GroupID(0)])
        desk.core.hear([Self.report(desk, epoch, true)], from: desk.router)
        desk.pass(1)
        #expect(desk.core.ledger.tickets[TicketID(1)]?.widened == [])
    }

    @Test("a report that comes twice counts once, one of a former session or of another router not at all")
    func staleReports() {
        var desk = Self.desk()
        let former = desk.attach(desk.ana)
        let epoch = desk.attach(desk.ana)
        desk.core.hear([Self.report(desk, former, false)], from: desk.router)
        desk.core.hear([Self.report(desk, epoch, false)], from: Incarnation(9))
        #expect(desk.core.duty.count(in: Self.north) == 1)
        for _ in 0..<2 { desk.core.hear([Self.report(desk, epoch, false)], from: desk.router) }
        #expect(desk.core.duty.count(in: Self.north) == 0)
        for _ in 0..<2 { desk.core.hear([Self.report(desk, epoch, true)], from: desk.router) }
        #expect(desk.core.duty.count(in: Self.north) == 1)
        let stranger = DutyReport(agent: AgentID(99), agentEpoch: AgentEpoch(1), isOnDuty: false, version: 1)
        desk.core.hear([stranger], from: desk.router)
        #expect(desk.core.duty.count(in: Self.north) == 1)
    }

    @Test("a report that a newer one has overtaken counts no more")
    func overtakenReports() {
        var desk = Self.desk()
        let epoch = desk.attach(desk.ana)
        desk.core.hear([Self.report(desk, epoch, false, version: 3)], from: desk.router)
        desk.core.hear([Self.report(desk, epoch, true, version: 2)], from: desk.router)
        #expect(desk.core.duty.count(in: Self.north) == 0)
        let next = desk.attach(desk.ana)
        desk.core.hear([Self.report(desk, next, false, version: 1)], from: desk.router)
        #expect(desk.core.duty.count(in: Self.north) == 0)
        desk.core.hear([Self.report(desk, next, true, version: 2)], from: desk.router)
        #expect(desk.core.duty.count(in: Self.north) == 1)
    }

    @Test("a lost report does not outlive the session: who attaches anew is on duty, who detaches is not")
    func lostReports() {
        var desk = Self.desk()
        let epoch = desk.attach(desk.ana)
        desk.core.hear([Self.report(desk, epoch, false)], from: desk.router)
        // That she is back was never heard; then her program starts anew.
        let newer = desk.attach(desk.ana)
        #expect(desk.core.duty.count(in: Self.north) == 1)
        _ = desk.decide(.detach(desk.ana, newer))
        #expect(desk.core.duty.count(in: Self.north) == 0)
    }

    @Test("a new coordinator takes whoever is attached as on duty until his router says so again")
    func newReign() {
        var desk = Self.desk()
        let epoch = desk.attach(desk.ana)
        desk.core.hear([Self.report(desk, epoch, false)], from: desk.router)
        desk.core = Coordinator(ledger: desk.core.ledger, at: Desk.time(desk.now), into: &desk.effects)
        #expect(desk.core.duty.count(in: Self.north) == 0)
        desk.step(.policyLoaded(desk.company.policy, text: "{}", additions: Catalog.Additions()))
        #expect(desk.core.duty.count(in: Self.north) == 1)
        desk.core.hear([Self.report(desk, epoch, false)], from: desk.router)
        #expect(desk.core.duty.count(in: Self.north) == 0)
    }

    @Test("a policy that puts her into other groups counts her there, as she was last reported")
    func otherGroups() {
        var desk = Self.desk()
        let epoch = desk.attach(desk.ana)
        desk.core.hear([Self.report(desk, epoch, false)], from: desk.router)
        var people = Desk.people
        people[0] = Company.Person(name: "ana", groups: ["vendors"])
        desk.adopt(Company(people: people), version: 2)
        #expect(desk.core.duty.count(in: Self.north) == 0)
        #expect(desk.core.duty.count(in: GroupID(2)) == 0)
        desk.core.hear([Self.report(desk, epoch, true)], from: desk.router)
        #expect(desk.core.duty.count(in: GroupID(2)) == 1)
    }
}
