import Testing

@testable import Routing

@Suite("notices") struct NoticesTests {
    private static func desk(lead: AgentID?) -> PromiseDesk {
        let actions = [
            SLAPolicy.Action(percent: 80, operations: [.notify(topic: "night shift")]),
            SLAPolicy.Action(percent: 100, operations: [.alertLead]),
        ]
        var desk = PromiseDesk([.promise("p", [(.resolution, 100)], warn: [80], actions: actions)])
        let policy = desk.desk.core.policy
        let groups = policy.groups.map { group in
            group.map {
                Group(
                    id: $0.id, name: $0.name, region: $0.region, tier: $0.tier, escalatesTo: $0.escalatesTo,
                    steps: $0.steps, offerTimeout: $0.offerTimeout, refuseAt: $0.refuseAt, lead: lead)
            }
        }
        let led = Policy(
            version: policy.version + 1, catalog: policy.catalog, groups: groups, agents: policy.agents,
            regions: policy.regions, rules: policy.rules, timing: policy.timing, slas: policy.slas)
        desk.step(.policyLoaded(led, text: "{}", additions: Catalog.Additions()))
        return desk
    }

    @Test("a topic is told at its step and the lead at his, each a record, a line of the history and a report")
    func told() {
        let ben = AgentID(1)
        var desk = Self.desk(lead: ben)
        let id = desk.open()
        desk.run(to: 200)
        let warning = Cause(.sla, note: "resolution at 80 %")
        let breach = Cause(.sla, note: "resolution broken")
        let records = desk.journal.compactMap { entry -> LedgerRecord? in
            if case .notified = entry.record { return entry.record }
            return nil
        }
        #expect(records == [.notified(id, .topic("night shift"), warning), .notified(id, .lead(ben), breach)])
        let steps = desk.ticket(id)?.steps.filter { $0.kind == .notified } ?? []
        #expect(steps.map(\.agent) == [nil, ben])
        #expect(steps.first?.cause == Cause(.sla, by: "night shift", note: "resolution at 80 %"))
        #expect(desk.desk.effects.contains(.report(.notified(id, to: "topic night shift", warning))))
        #expect(desk.desk.effects.contains(.report(.notified(id, to: "lead ben", breach))))
        #expect(desk.alerts == 0)
    }

    @Test("a group without a lead has the operators told in his place")
    func noLead() {
        var desk = Self.desk(lead: nil)
        _ = desk.open()
        desk.run(to: 200)
        #expect(desk.alerts == 1)
    }

    @Test("after an outage nobody is told of a step that a later one has overtaken")
    func overtaken() {
        var desk = Self.desk(lead: AgentID(1))
        let id = desk.open()
        desk.run(to: 50)
        desk.restart(at: 300)
        for _ in 0..<5 { desk.turn() }
        let notices = desk.ticket(id)?.steps.filter { $0.kind == .notified }.map { $0.cause?.note }
        #expect(notices == ["resolution broken, 12000 s late"])
    }
}
