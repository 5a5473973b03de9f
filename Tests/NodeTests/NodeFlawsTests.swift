import Node
import Routing
import Synchronization
import Testing
import Wire

@Suite("flaws of the coordinator's shell") struct NodeFlawsTests {
    @Test("power that fails as a ticket is acknowledged: the ticket is there, or is not", arguments: [false, true])
    func answerBeforeSync(_ isOn: Bool) throws {
        let disks = Mutex<[MemoryDisk]>([])
        let cluster = try SteppedCluster(flaws: Flaws(isOn ? [.answerBeforeSync] : [])) { bytes, disk in
            guard case .exchanged(let exchanged)? = try? Frame.decode(Reply.self, bytes) else { return }
            for case .opened in exchanged.outcomes { disks.withLock { $0.append(disk.afterCrash()) } }
        }
        #expect(cluster.submit(1) == .accepted(TicketID(1)))
        let disk = try #require(disks.withLock { $0.first })
        cluster.kill(SteppedCluster.coordinator)
        try cluster.startCoordinator(on: disk)
        // The router learns of the new reign before it says anything of the first ticket.
        cluster.run(2_000)
        #expect(cluster.status?.counters.ticketsOpened == (isOn ? 0 : 1))
    }
}
