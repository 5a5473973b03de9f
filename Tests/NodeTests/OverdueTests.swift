import Foundation
import Routing
import Testing
import Wire

@testable import Node

/// What came due while no coordinator was there, seen from outside: by the histories of the tickets.
@Suite("overdue work after a restart") struct OverdueTests {
    private static let tickets: UInt64 = 450

    /// Each ticket has 10 minutes for its first response, with warnings, and alerts after 20 minutes of waiting.
    private static func company() -> CompanyText {
        var text = CompanyText()
        text.groups = text.groups.replacingOccurrences(
            of: #"escalatesTo: "a-2" },"#,
            with: #"escalatesTo: "a-2", steps: [{ note: "slow", when: { waited: "20m" }, alert: true }] },"#)
        text.slas = #"[{ name: "p", clocks: { firstResponse: "10m" }, warn: [50, 80] }]"#
        return text
    }

    private static func record(_ number: UInt64, _ cluster: SteppedCluster) -> TicketRecord? {
        let reply = cluster.ask(SteppedCluster.coordinator, .query(.show(TicketID(number))))
        guard case .answered(.shown(let record), _)? = reply else { return nil }
        return record
    }

    @Test("an hour of overdue clocks and steps comes once, in order of time, marked late and collapsed")
    func hour() throws {
        let cluster = try SteppedCluster(Self.company())
        for number in 1...Self.tickets {
            let isAccepted = cluster.submit(number) == .accepted(TicketID(number))
            #expect(isAccepted)
            cluster.run(50)
        }
        cluster.kill(SteppedCluster.coordinator)
        cluster.town.pass(3_600_000)
        try cluster.startCoordinator(on: cluster.disk.afterCrash())
        cluster.run(3_000)
        var clocks: [(due: WallTime, at: WallTime)] = []
        var alerts: [(due: WallTime, at: WallTime)] = []
        for number in 1...Self.tickets {
            let record = try #require(Self.record(number, cluster))
            let fired = record.steps.filter { $0.kind == .clock }
            #expect(fired.count == 1, "warnings that a breach has overtaken are not told: \(fired)")
            let note = fired.first?.cause?.note ?? ""
            #expect(note.hasPrefix("firstResponse broken, ") && note.hasSuffix(" s late"), "\(note)")
            let told = record.steps.filter { $0.kind == .alerted }
            #expect(told.count == 1)
            clocks.append((record.openedAt + .seconds(600), try #require(fired.first).at))
            alerts.append((record.openedAt + .seconds(1200), try #require(told.first).at))
        }
        let inOrder = (clocks + alerts).sorted { $0.due < $1.due }.map(\.at)
        #expect(inOrder == inOrder.sorted())
    }
}
