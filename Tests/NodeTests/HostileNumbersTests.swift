import Node
import Routing
import Testing
import Wire

/// Numbers that no honest client sends.
@Suite("hostile numbers") struct HostileNumbersTests {
    @Test("an accept with the highest fence there is harms nobody")
    func highestFence() async {
        await #expect(processExitsWith: .success) {
            let cluster = try SteppedCluster()
            let ana = SteppedAgent("ana", cluster, at: "a")
            ana.attach()
            _ = cluster.submit(1)
            let offer = try #require(ana.waitForOffer())
            _ = ana.perform(.accept(offer.id))
            let last = OfferID(ticket: TicketID(1), fence: Fence(.max), ownerEpoch: OwnerEpoch(1), attempt: 1)
            _ = ana.perform(.accept(last))
        }
    }
}
