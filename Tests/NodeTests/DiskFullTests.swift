import Node
import Routing
import Testing
import Wire

@Suite("a disk that fills up")
struct DiskFullTests {
    @Test("a nearly full disk refuses new tickets by name, lets the others be worked on, and takes new ones with space")
    func nearlyFull() throws {
        let cluster = try SteppedCluster()
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        #expect(cluster.submit(1) == .accepted(TicketID(1)))
        cluster.disk.setFree(1 << 15)
        cluster.run(200)
        #expect(cluster.submit(2) == .refused(.diskFull, field: "", retryAfter: .seconds(30)))
        // A repeat of what was accepted is no new ticket.
        #expect(cluster.submit(1) == .accepted(TicketID(1)))
        let offer = try #require(ana.waitForOffer())
        _ = ana.perform(.accept(offer.id))
        cluster.run(500)
        #expect(cluster.show(TicketID(1))?.state != .waiting)
        #expect(cluster.vitals(SteppedCluster.coordinator)?["refused.diskFull"] == 1)
        cluster.disk.setFree(1 << 40)
        cluster.run(200)
        #expect(cluster.submit(2) == .accepted(TicketID(2)))
    }

    @Test("a disk with nothing left ends the coordinator, but only when the segment made ahead is used up too")
    func nothingLeft() async {
        await #expect(processExitsWith: .exitCode(ExitCode.journalFailed)) {
            let cluster = try SteppedCluster()
            let ana = SteppedAgent("ana", cluster, at: "a")
            ana.attach()
            _ = cluster.submit(1)
            guard let offer = ana.waitForOffer() else { return }
            _ = ana.perform(.accept(offer.id))
            cluster.run(2_000)
            cluster.disk.setFree(0)
            guard let fence = cluster.show(offer.id.ticket)?.fence else { return }
            // Work goes on in what was made ahead; 128 KiB of it, and then no more.
            let text = String(repeating: "x", count: 2_000)
            for note in 0..<500 {
                let result = ana.perform(.work(offer.id.ticket, fence, .note(text: text)))
                guard case .done? = result, note < 200 else { Process.exit(3) }
            }
        }
    }
}
