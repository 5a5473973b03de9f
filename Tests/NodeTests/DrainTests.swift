import Node
import Routing
import Testing
import Wire

@Suite("a router that is asked to end") struct DrainTests {
    /// With a second router for region a.
    private func cluster() throws -> SteppedCluster {
        let cluster = try SteppedCluster()
        cluster.startRouter("a2", region: "a")
        cluster.run(1_000)
        return cluster
    }

    private func owner(_ cluster: SteppedCluster, _ region: Int) -> String? {
        guard let status = cluster.status else { return nil }
        return status.routers.first { $0.incarnation == status.regions[region].owner }?.name
    }

    /// What a poll of the agent's is answered.
    private func poll(_ agent: SteppedAgent, at router: String, _ cluster: SteppedCluster) -> Reply? {
        let poll = SessionPoll(instance: agent.instance, seen: [], commands: [])
        return cluster.ask(router, .poll(poll), as: "client-\(agent.name)-\(agent.instance.value)", patience: 500)
    }

    @Test("regions and sessions go to others first; an open offer is answered where it is; then the router ends")
    func stop() throws {
        let cluster = try cluster()
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        #expect(cluster.submit(1) == .accepted(TicketID(1)))
        let offer = try #require(ana.waitForOffer())
        cluster.stop("a")
        cluster.run(1_000)
        #expect(!cluster.isOver("a"))
        #expect(owner(cluster, 0) == "a2")
        #expect(cluster.vitals("a2")?["offersAdopted"] == 1)
        #expect(ana.perform(.accept(offer.id)) == .done(Fence(2)))
        cluster.run(100)
        #expect(poll(ana, at: "a", cluster) == .move(["a2", "b"]))
        ana.router = "a2"
        #expect(ana.attach() == nil)
        ana.poll { $0?.work.isEmpty == false }
        #expect(ana.view?.work.map(\.ticket) == [TicketID(1)])
        let ended = cluster.run(1_000) { cluster.isOver("a") }
        #expect(ended)
        #expect(cluster.status?.routers.map(\.name) == ["b", "a2"])
        #expect(cluster.status?.agentsAttached == 1)
    }

    @Test("a drained router takes no session, says so in the status, and does again after --undo")
    func drain() throws {
        let cluster = try cluster()
        let drain = Request.query(.drain(router: "a", isOn: true))
        guard case .answered(.agreed, _)? = cluster.ask("b", drain) else {
            Issue.record("not agreed")
            return
        }
        cluster.run(200)
        #expect(cluster.status?.states.map(\.isDraining) == [true, false, false])
        #expect(owner(cluster, 0) == "a2")
        let ana = SteppedAgent("ana", cluster, at: "a")
        #expect(ana.attach() == .unavailable)
        guard case .answered(.refused(.notFound), _)? = cluster.ask("b", .query(.drain(router: "x", isOn: true))) else {
            Issue.record("an unknown router was drained")
            return
        }
        _ = cluster.ask("a", .query(.drain(router: "a", isOn: false)))
        cluster.run(200)
        #expect(ana.attach() == nil)
        _ = cluster.ask("b", .query(.own(region: "a", router: "a")))
        cluster.run(200)
        #expect(owner(cluster, 0) == "a")
    }

    @Test("who has nobody to give anything to ends at once, and so does who is asked twice")
    func alone() throws {
        let text = CompanyText()
        let cluster = try SteppedCluster(regions: ["a"], onReply: { _, _ in }) { try text.read() }
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        cluster.stop("a")
        let isOver = cluster.run(100) { cluster.isOver("a") }
        #expect(isOver)
        let other = try self.cluster()
        let ben = SteppedAgent("ana", other, at: "a")
        ben.attach()
        #expect(other.submit(1) != nil)
        _ = try #require(ben.waitForOffer())
        other.stop("a")
        other.run(500)
        #expect(!other.isOver("a"))
        other.stop("a")
        let isOverToo = other.run(100) { other.isOver("a") }
        #expect(isOverToo)
    }

    @Test("without a coordinator it waits for nobody")
    func withoutCoordinator() throws {
        let cluster = try cluster()
        cluster.kill(SteppedCluster.coordinator)
        cluster.stop("a")
        cluster.run(500)
        #expect(!cluster.isOver("a"))
        let isOver = cluster.run(1_600) { cluster.isOver("a") }
        #expect(isOver)
    }

    @Test("what does not go in time does not hold it up for ever")
    func patience() throws {
        let cluster = try cluster()
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        // Her client is told to go, and never comes anywhere.
        cluster.stop("a")
        let isOver = cluster.run(Limits.drainPatience.milliseconds + 500) { cluster.isOver("a") }
        #expect(isOver)
        #expect(cluster.status?.agentsInGrace == 1)
    }
}
