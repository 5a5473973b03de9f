import Routing
import Testing

/// Canaries: what the judge of the death tests must not let pass.
@Suite struct JudgeTests {
    private let ann = AgentID(0)
    private let bob = AgentID(1)

    private func history(fence: UInt32, _ steps: [(TicketStep.Kind, AgentID?)]) -> History {
        var names = Catalog.Additions()
        names.agents = ["ann", "bob"]
        var catalog = Catalog()
        catalog.add(names)
        let record = TicketRecord(
            ticket: TicketID(1), fence: Fence(fence), state: .closed, group: GroupID(0), widened: [], priority: 5,
            signature: Signature([]), rule: "", openedAt: WallTime(milliseconds: 0), submission: Submission(),
            steps: steps.map {
                TicketStep(at: WallTime(milliseconds: 0), kind: $0.0, group: GroupID(0), agent: $0.1)
            })
        return History(record, catalog)
    }

    @Test("an honest history tells each holder with his fence")
    func honest() {
        let told = history(
            fence: 5,
            [
                (.opened, nil), (.assigned, ann), (.returned, ann), (.widened, nil), (.assigned, bob), (.resolved, bob),
                (.closed, nil),
            ])
        #expect(told.troubles.isEmpty)
        #expect(told.holders == [2: "ann", 4: "bob"])
        #expect(told.resolvedBy == "bob")
    }

    @Test("two holders at a time, a second resolution, a stranger's, and life after death are seen")
    func dishonest() {
        let cases: [[(TicketStep.Kind, AgentID?)]] = [
            [(.opened, nil), (.assigned, ann), (.assigned, bob), (.resolved, bob), (.closed, nil)],
            [(.opened, nil), (.assigned, ann), (.resolved, ann), (.resolved, ann), (.closed, nil)],
            [(.opened, nil), (.assigned, ann), (.resolved, bob), (.closed, nil)],
            [(.opened, nil), (.assigned, ann), (.resolved, ann), (.closed, nil), (.assigned, bob)],
            [(.opened, nil), (.assigned, ann), (.resolved, ann), (.assigned, bob), (.closed, nil)],
        ]
        for steps in cases { #expect(!history(fence: 9, steps).troubles.isEmpty, "\(steps)") }
        // Four steps of which two raise the fence, and a fence of 1.
        let fallen = history(fence: 1, [(.opened, nil), (.assigned, ann), (.resolved, ann), (.closed, nil)])
        #expect(!fallen.troubles.isEmpty)
    }

    @Test("a line that was cut off by a death is no line")
    func cutLine() {
        #expect(Sighting("yours 7 2 ann") == Sighting(.yours, 7, fence: 2, agent: "ann"))
        #expect(Sighting("acknowledged 7 0") == Sighting(.acknowledged, 7))
        for cut in ["yours 7 2", "yours 7", "acknowledged 7", "yo", ""] { #expect(Sighting(Substring(cut)) == nil) }
    }
}
