import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("what is at risk") struct RisksTests {
    @Test("the index names and counts what a look at all tickets does, whatever changed", arguments: 1...20)
    func index(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var risks = Risks()
        var all: [TicketID: Risks.Risk] = [:]
        for round in 0..<600 {
            let ticket = TicketID(UInt64(random.below(80)))
            let after =
                random.chance(1, of: 4)
                ? nil
                : Risks.Risk(
                    due: WallTime(milliseconds: UInt64(random.below(3_600_000))),
                    group: GroupID(UInt32(random.below(3))))
            risks.change(ticket, from: all[ticket], to: after)
            all[ticket] = after
            guard round % 10 == 0 else { continue }
            let start = WallTime(milliseconds: UInt64(random.below(3_600_000)))
            let end = start + Interval(milliseconds: UInt64(random.below(1_000_000)))
            let expected = all.filter { $0.value.due > start && $0.value.due <= end }
            let first = expected.map { Risks.Row(due: $0.value.due, ticket: $0.key) }.sorted().prefix(5)
            #expect(risks.first(5, after: start, until: end) == Array(first))
            var counts: [GroupID: UInt32] = [:]
            for risk in expected.values { counts[risk.group, default: 0] += 1 }
            #expect(risks.counts(after: start, until: end) { all[$0]?.group } == counts)
        }
    }

    @Test("status names what runs out within 15 minutes, the next first, and nothing that is broken, paused or over")
    func status() {
        var desk = PromiseDesk(
            [.promise("p", [(.firstResponse, 30), (.resolution, 100)], pausedBy: [.customer])])
        let (soon, later, paused, over) = (desk.open(), desk.open(group: 1), desk.open(), desk.open())
        desk.assign(paused)
        desk.work(.reply(text: "hello"), paused)
        desk.work(.pause(reason: "", kind: .customer), paused)
        desk.manage(.cancel, over)
        desk.run(to: 14)
        #expect(desk.desk.core.atRisk == ClusterStatus.AtRisk())
        desk.run(to: 20)
        let rows = desk.desk.core.atRisk.first
        #expect(rows.map(\.ticket) == [soon, later])
        #expect(rows.map(\.kind) == [.firstResponse, .firstResponse])
        #expect(desk.desk.core.atRisk.groupIDs == [GroupID(1), GroupID(3)])
        #expect(desk.desk.core.atRisk.counts == [1, 1])
        desk.run(to: 40)
        #expect(desk.desk.core.atRisk == ClusterStatus.AtRisk(), "what is broken is not at risk any more")
        desk.run(to: 90)
        #expect(desk.desk.core.atRisk.first.map(\.kind) == [.resolution, .resolution])
        desk.restart(at: 91)
        #expect(desk.desk.core.atRisk.first.map(\.ticket) == [soon, later], "also after a restart")
    }
}
