import Node
import Routing
import Synchronization
import Testing
import Wire

@Suite("nodes on a network in memory") struct NodeTests {
    @Test("a cluster comes up: routers join, regions are owned by routers of their own")
    func comesUp() throws {
        let cluster = try SteppedCluster()
        let status = try #require(cluster.status)
        #expect(status.routers.map(\.name) == ["a", "b"])
        #expect(status.regions.map(\.owner) == status.routers.map(\.incarnation))
        #expect(cluster.vitals("a")?["regionsOwned"] == 1)
    }

    @Test("a ticket is taken, offered, accepted, answered and resolved")
    func wholeWay() throws {
        let cluster = try SteppedCluster()
        let ana = SteppedAgent("ana", cluster, at: "a")
        #expect(ana.attach() == nil)
        #expect(cluster.submit(1) == .accepted(TicketID(1)))
        let offer = try #require(ana.waitForOffer())
        #expect(offer.subject == "ticket 1" && offer.group == "a-1")
        #expect(ana.perform(.accept(offer.id)) == .done(Fence(2)))
        ana.poll { $0?.work.isEmpty == false }
        #expect(ana.view?.work.first?.submission?.customer == "c1")
        #expect(ana.perform(.work(TicketID(1), Fence(2), .reply(text: "hello"))) == .done(Fence(2)))
        #expect(ana.perform(.work(TicketID(1), Fence(2), .resolve)) == .done(Fence(2)))
        #expect(cluster.show(TicketID(1))?.state == .resolved(ana.id))
        #expect(cluster.show(TicketID(1))?.steps.map(\.kind) == [.opened, .assigned, .replied, .resolved])
    }

    @Test("a command with an old number gets its first answer and is not done again")
    func oldNumber() throws {
        let cluster = try SteppedCluster()
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        #expect(cluster.submit(1) != nil)
        let offer = try #require(ana.waitForOffer())
        #expect(ana.perform(.accept(offer.id)) == .done(Fence(2)))
        let reply = AgentAction.work(TicketID(1), Fence(2), .reply(text: "hello"))
        #expect(ana.perform(reply) == .done(Fence(2)))
        #expect(ana.perform(reply, again: 2) == .done(Fence(2)))
        #expect(cluster.show(TicketID(1))?.steps.filter { $0.kind == .replied }.count == 1)
    }

    // MARK: - what is said is synced

    @Test("no reply of the coordinator leaves before the disk holds what it reflects")
    func syncBeforeReply() throws {
        let early = Mutex((replies: 0, early: 0))
        let cluster = try SteppedCluster { _, disk in
            early.withLock {
                $0.replies += 1
                if !disk.isClean { $0.early += 1 }
            }
        }
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        for number in 1...20 { _ = cluster.submit(UInt64(number)) }
        let offer = try #require(ana.waitForOffer())
        _ = ana.perform(.accept(offer.id))
        _ = cluster.status
        let seen = early.withLock { $0 }
        #expect(seen.early == 0)
        #expect(seen.replies > 25)
        #expect(cluster.disk.syncs > 20)
    }

    @Test("power may fail at any reply: every ticket that it acknowledges is on the disk that is left")
    func powerFailsAtAnyReply() throws {
        let disks = Mutex<[(ticket: TicketID, disk: MemoryDisk)]>([])
        let cluster = try SteppedCluster { bytes, disk in
            guard case .exchanged(let exchanged)? = try? Frame.decode(Reply.self, bytes) else { return }
            for case .opened(let ticket) in exchanged.outcomes {
                disks.withLock { $0.append((ticket, disk.afterCrash())) }
            }
        }
        for number in 1...5 { #expect(cluster.submit(UInt64(number)) == .accepted(TicketID(UInt64(number)))) }
        let left = disks.withLock { $0 }
        #expect(left.map(\.ticket.value) == [1, 2, 3, 4, 5])
        for (ticket, disk) in left {
            cluster.kill(SteppedCluster.coordinator)
            try cluster.startCoordinator(on: disk)
            cluster.run(500)
            #expect(cluster.show(ticket)?.ticket == ticket)
            #expect(cluster.status?.counters.ticketsOpened == ticket.value)
        }
    }

    @Test("a sync that fails ends the process, with nothing said")
    func failedSync() async {
        await #expect(processExitsWith: .exitCode(ExitCode.journalFailed)) {
            let cluster = try SteppedCluster { bytes, _ in
                guard case .exchanged(let exchanged)? = try? Frame.decode(Reply.self, bytes) else { return }
                // Another code than the one that is expected.
                if !exchanged.outcomes.isEmpty { Process.exit(3) }
            }
            cluster.disk.failSyncs()
            _ = cluster.submit(1)
        }
    }

    // MARK: - the coordinator is lost and comes back

    @Test("an acknowledged ticket is there after the coordinator was thrown away and opened anew")
    func survives() throws {
        let cluster = try SteppedCluster()
        let first = try #require(cluster.submit(1))
        cluster.kill(SteppedCluster.coordinator)
        try cluster.startCoordinator(on: cluster.disk.afterCrash())
        cluster.run(2_000)
        #expect(first == .accepted(TicketID(1)))
        #expect(cluster.show(TicketID(1))?.state == .waiting)
        #expect(cluster.status?.reign == 2)
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        #expect(ana.waitForOffer()?.id.ticket == TicketID(1))
    }

    @Test("the same key before and after is one ticket, and with another text it is refused")
    func sameKey() throws {
        let cluster = try SteppedCluster()
        let before = cluster.submit(1)
        cluster.kill(SteppedCluster.coordinator)
        try cluster.startCoordinator(on: cluster.disk.afterCrash())
        cluster.run(2_000)
        #expect(cluster.submit(1) == before)
        #expect(cluster.submit(1, to: "b") == before)
        #expect(cluster.submit(1, text: "other") == .refused(.keyReused, field: ""))
        #expect(cluster.submit(2) == .accepted(TicketID(2)))
        #expect(cluster.status?.counters.ticketsOpened == 2)
    }

    @Test("a ticket that was on its way while the coordinator died is taken once, when it is back")
    func onItsWay() throws {
        let cluster = try SteppedCluster()
        cluster.kill(SteppedCluster.coordinator)
        let ticket = KeyedSubmission(key: SubmitKey(high: 7, low: 1), submission: Submission(region: "a", subject: "x"))
        let token = cluster.send("a", .submit([ticket]))
        cluster.run(500)
        #expect(cluster.answer(token) == nil)
        try cluster.startCoordinator(on: cluster.disk.afterCrash())
        #expect(cluster.run(10_000) { cluster.answer(token) != nil })
        #expect(cluster.answer(token) == .submitted([.accepted(TicketID(1))]))
        #expect(cluster.status?.counters.ticketsOpened == 1)
    }

    @Test("a holder keeps his ticket through a restart of the coordinator, and can work on")
    func holderKeeps() throws {
        let cluster = try SteppedCluster()
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        _ = cluster.submit(1)
        let offer = try #require(ana.waitForOffer())
        #expect(ana.perform(.accept(offer.id)) == .done(Fence(2)))
        ana.poll(for: 500) { $0?.work.isEmpty == false }
        cluster.kill(SteppedCluster.coordinator)
        try cluster.startCoordinator(on: cluster.disk.afterCrash())
        ana.poll(for: 1_000) { _ in false }
        #expect(ana.perform(.work(TicketID(1), Fence(2), .resolve)) == .done(Fence(2)))
        #expect(cluster.show(TicketID(1))?.state == .resolved(ana.id))
    }

    // MARK: - routers

    @Test("a router that has not reached the coordinator for a lease refuses: hold for work, unavailable for the rest")
    func holds() throws {
        let cluster = try SteppedCluster()
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        _ = cluster.submit(1)
        let offer = try #require(ana.waitForOffer())
        cluster.town.cut("a", SteppedCluster.coordinator)
        ana.poll(for: 2_700) { _ in false }
        #expect(ana.perform(.accept(offer.id)) == .refused(.hold))
        #expect(ana.perform(.work(TicketID(1), Fence(2), .resolve)) == .refused(.hold))
        #expect(cluster.submit(2) == .refused(.unavailable, field: "", retryAfter: .seconds(1)))
        let ben = SteppedAgent("ben", cluster, at: "a", instance: 12)
        #expect(ben.attach() == .unavailable)
        // The coordinator gives the region to the other router, who is there for everybody.
        cluster.run(1_000)
        #expect(cluster.submit(2, to: "b") == .accepted(TicketID(2)))
        cluster.town.heal()
        cluster.run(3_000)
        #expect(cluster.submit(3) == .accepted(TicketID(3)))
    }

    @Test("a router that is started again under its name and address joins at once")
    func restarts() throws {
        let cluster = try SteppedCluster()
        let former = try #require(cluster.status?.routers.first { $0.name == "a" })
        cluster.kill("a")
        cluster.startRouter("a")
        cluster.run(200)
        let now = try #require(cluster.status?.routers.first { $0.name == "a" })
        #expect(now.incarnation > former.incarnation)
        #expect(cluster.status?.regions.first { $0.region == now.region }?.owner == now.incarnation)
        #expect(cluster.submit(1) == .accepted(TicketID(1)))
    }

    @Test("a router whose region the policy does not have says so and ends")
    func unknownRegion() throws {
        let cluster = try SteppedCluster()
        cluster.startRouter("m", region: "mars")
        cluster.run(500)
        #expect(cluster.isOver("m"))
        #expect(cluster.router("m")?.failure == "the policy has no region \"mars\"")
    }

    @Test("a ticket of a region with nobody free is widened and served by an agent of another router")
    func widened() throws {
        let cluster = try SteppedCluster()
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        #expect(cluster.submit(1, region: "b", to: "b") == .accepted(TicketID(1)))
        let offer = try #require(ana.waitForOffer())
        #expect(offer.group == "a-1")
        #expect(ana.perform(.accept(offer.id)) == .done(Fence(2)))
        #expect(cluster.show(TicketID(1))?.steps.map(\.kind) == [.opened, .widened, .assigned])
    }
}
