import Node
import Routing
import Testing
import Wire

@Suite("tickets that have left the live ledger")
struct ArchivedTicketTests {
    @Test("a closed ticket whose records only the archive has is shown whole, also after a restart")
    func shownFromTheArchive() throws {
        let cluster = try SteppedCluster()
        #expect(cluster.submit(1, text: "the first one") == .accepted(TicketID(1)))
        #expect(cancel(TicketID(1), in: cluster) == .done(Fence(2)))
        try grow(cluster)
        cluster.kill(SteppedCluster.coordinator)
        try cluster.startCoordinator(on: cluster.disk.afterCrash())
        cluster.run(4_000)
        let shown = try #require(cluster.show(TicketID(1)))
        #expect(shown.state == .closed && shown.submission.text == "the first one")
        #expect(shown.steps.map(\.kind) == [.opened, .cancelled])
        #expect(shown.standing.disposition == .cancelled)
        let vitals = try #require(cluster.vitals(SteppedCluster.coordinator))
        #expect(vitals["ticketsArchived"] == 1)
    }

    @Test("what is done to a ticket in the archive is answered `closed`")
    func nothingMore() throws {
        let cluster = try SteppedCluster()
        #expect(cluster.submit(1) == .accepted(TicketID(1)))
        #expect(cancel(TicketID(1), in: cluster) == .done(Fence(2)))
        try grow(cluster)
        cluster.kill(SteppedCluster.coordinator)
        try cluster.startCoordinator(on: cluster.disk.afterCrash())
        cluster.run(4_000)
        #expect(cancel(TicketID(1), in: cluster, key: 99) == .refused(.closed))
        // The same key is still the same command.
        #expect(cancel(TicketID(1), in: cluster) == .done(Fence(2)))
    }

    /// Until no segment of the journal has the first records any more.
    private func grow(_ cluster: SteppedCluster) throws {
        func isThere() throws -> Bool { try cluster.disk.list().contains("journal-0000000000000001.log") }
        for number in UInt64(2)...60 where try isThere() {
            _ = cluster.submit(number, text: String(repeating: "x", count: 12_000))
            cluster.run(20)
        }
        #expect(try !isThere(), "the first segment is still there")
    }

    private func cancel(_ ticket: TicketID, in cluster: SteppedCluster, key: UInt64 = 1) -> Outcome? {
        let manage = Command.Manage(
            ticket: ticket, key: SubmitKey(high: 3, low: key), action: .cancel, cause: Cause(.customer, by: "c1"))
        guard case .answered(let outcome, _)? = cluster.ask("a", .query(.manage(manage))) else { return nil }
        return outcome
    }
}
