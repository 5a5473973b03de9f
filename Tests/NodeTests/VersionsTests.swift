import Node
import Routing
import Testing
import Wire

/// A cluster in the midst of an upgrade from wire version 1 to 2.
@Suite("nodes of two wire versions") struct VersionsTests {
    private func answer(_ cluster: SteppedCluster, _ address: String, _ bytes: [UInt8]) throws -> [UInt8] {
        let token = cluster.send(address, bytes: bytes)
        cluster.run(5_000) { cluster.town.answer(token) != nil }
        return try #require(cluster.town.answer(token))
    }

    private func speaks(_ name: String, _ cluster: SteppedCluster) -> UInt8? {
        cluster.status?.routers.first { $0.name == name }?.speaks
    }

    @Test("each is answered in the version in which he asked", arguments: BadFramesTests.nodes)
    func ownVersion(_ address: String) throws {
        let cluster = try SteppedCluster()
        for version in wireVersionOldest...wireVersion {
            let bytes = try answer(cluster, address, Frame.encode(Request.query(.status), version: version))
            guard case .answered(.status(let status), _) = try Frame.decode(Reply.self, bytes) else {
                Issue.record("no status from \(address)")
                return
            }
            #expect(bytes[0] == version)
            #expect(status.routers.map(\.speaks) == [version, version])
        }
    }

    @Test(
        "what is too new or too old is refused in the version nearest to it, and counted",
        arguments: BadFramesTests.nodes)
    func tooFar(_ address: String) throws {
        let cluster = try SteppedCluster()
        let before = try #require(cluster.vitals(address))["wireErrors"]
        for (version, nearest) in [(0, 1), (3, 2), (255, 2)] as [(UInt8, UInt8)] {
            let bytes = try answer(cluster, address, [version, 9])
            #expect(bytes[0] == nearest)
            #expect(try Frame.decode(Reply.self, bytes) == .refused(.notUnderstood))
        }
        let after = try #require(cluster.vitals(address))["wireErrors"]
        #expect(after - before == 3)
    }

    @Test("a client of version 1 works with routers of version 2, and is answered in version 1 after a sync too")
    func olderClient() throws {
        let cluster = try SteppedCluster()
        let ticket = KeyedSubmission(key: SubmitKey(high: 7, low: 1), submission: Submission(region: "a", subject: "s"))
        let bytes = try answer(cluster, "a", Frame.encode(Request.submit([ticket]), version: 1))
        #expect(bytes[0] == 1)
        #expect(try Frame.decode(Reply.self, bytes) == .submitted([.accepted(TicketID(1))]))
    }

    @Test("while a member speaks version 1 routers speak it to each other, and version 2 once it is upgraded")
    func oneAtATime() throws {
        let cluster = try SteppedCluster()
        cluster.kill("b")
        cluster.startRouter("b", speaking: 1)
        cluster.run(2_000)
        #expect(speaks("a", cluster) == 2)
        #expect(speaks("b", cluster) == 1)
        _ = cluster.town.takeVersions(to: "b")
        let bob = SteppedAgent("bob", cluster, at: "a")
        bob.attach()
        _ = cluster.submit(1, region: "b", to: "a")
        cluster.run(3_000)
        // Each is in the other's region: it is claimed, reserved and told of between the two.
        let offer = try #require(bob.waitForOffer())
        #expect(bob.perform(.accept(offer.id)) == .done(offer.id.fence.next))
        #expect(cluster.town.takeVersions(to: "b") == [1])
        cluster.kill("b")
        cluster.startRouter("b")
        cluster.run(2_000)
        _ = cluster.town.takeVersions(to: "b")
        cluster.run(3_000)
        #expect(cluster.town.takeVersions(to: "b") == [2])
        #expect(speaks("b", cluster) == 2)
        #expect(cluster.vitals("a")?["wireErrors"] == 0)
    }

    @Test("a router that is told to speak version 1 refuses version 2 as a program of version 1 does")
    func speaksOne() throws {
        let cluster = try SteppedCluster()
        cluster.startRouter("c", region: "a", speaking: 1)
        cluster.run(1_000)
        let bytes = try answer(cluster, "c", Frame.encode(Request.vitals))
        #expect(bytes[0] == 1)
        #expect(try Frame.decode(Reply.self, bytes) == .refused(.notUnderstood))
    }

    @Test("a router that is newer than its coordinator speaks the version before, until it joins anew")
    func coordinatorLater() throws {
        let cluster = try SteppedCluster()
        cluster.playCoordinator()
        var asked: [UInt8] = []
        // A coordinator of version 1: what is newer it does not understand, and to the rest it has no answer yet.
        cluster.run(1_000) {
            for case .request(let token, _, let bytes) in cluster.town.take(SteppedCluster.coordinator)
            where bytes[1] == 1 {
                asked.append(bytes[0])
                let refusal = Frame.encode(Reply.refused(.notUnderstood), version: 1)
                if bytes[0] > 1 { cluster.town.reply(token, refusal) }
            }
            return asked.contains(1)
        }
        #expect(asked == [2, 1])
        try cluster.startCoordinator(on: cluster.disk.afterCrash())
        cluster.run(8_000)
        #expect(speaks("c", cluster) == 1)
        #expect(cluster.vitals("c")?["wireErrors"] == 0)
        cluster.kill("c")
        cluster.startRouter("c", region: "b")
        cluster.run(2_000)
        #expect(speaks("c", cluster) == 2)
    }
}
