import Node
import Routing
import Testing
import Wire

@Suite("bytes from outside that are no question of ours") struct BadFramesTests {
    static let nodes = [SteppedCluster.coordinator, "a"]

    static let submit = Frame.encode(
        Request.submit([
            KeyedSubmission(
                key: SubmitKey(high: 1, low: 2),
                submission: Submission(customer: "c", labels: ["x", "y"], subject: "s", text: "t"))
        ]))

    /// Nothing, noise, another version, a kind that does not exist, lengths beyond the frame, bytes behind the end,
    /// and text that is no UTF-8.
    static let garbage: [[UInt8]] = [
        [], [0], [wireVersion], [wireVersion + 1, 9], [0, 9], [wireVersion, 0], [wireVersion, 99],
        [wireVersion, 4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        [wireVersion, 4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        [wireVersion, 4, 0xff, 0xff, 0xff, 0x7f], [wireVersion, 9, 0],
        Array("GET / HTTP/1.1\r\n\r\n".utf8), [UInt8](repeating: 0xff, count: 5_000), submit + [0],
        [wireVersion, 1, 2, 0xc3, 0x28, 0, 0, 0], [wireVersion, 1, 0xff, 0xff, 0x03, 0x61],
    ]

    @Test("garbage is answered notUnderstood and counted", arguments: nodes)
    func garbage(_ address: String) throws {
        let cluster = try SteppedCluster()
        let before = try #require(cluster.vitals(address))["wireErrors"]
        for bytes in Self.garbage {
            #expect(cluster.ask(address, bytes: bytes) == .refused(.notUnderstood), "\(bytes.prefix(12))")
        }
        let after = try #require(cluster.vitals(address))["wireErrors"]
        #expect(after - before == UInt64(Self.garbage.count))
    }

    @Test("a frame that is cut anywhere is answered notUnderstood and counted")
    func halves() throws {
        let cluster = try SteppedCluster()
        for length in 0..<Self.submit.count {
            #expect(cluster.ask("a", bytes: Array(Self.submit.prefix(length))) == .refused(.notUnderstood))
        }
        #expect(cluster.vitals("a")?["wireErrors"] == UInt64(Self.submit.count))
        #expect(cluster.status?.counters.ticketsOpened == 0)
        guard case .submitted(let results)? = cluster.ask("a", bytes: Self.submit) else {
            Issue.record("the whole frame is understood")
            return
        }
        #expect(results == [.accepted(TicketID(1))])
    }

    @Test("frames with one flipped bit neither stop a node nor disturb a good client")
    func flippedBits() throws {
        let cluster = try SteppedCluster()
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        for bit in 0..<(Self.submit.count * 8) {
            var bytes = Self.submit
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            _ = cluster.send("a", bytes: bytes, as: "rude")
            _ = cluster.send(SteppedCluster.coordinator, bytes: bytes, as: "rude")
        }
        cluster.run(50)
        #expect(cluster.vitals("a")?["wireErrors"] ?? 0 > 0)
        #expect(cluster.vitals(SteppedCluster.coordinator)?["wireErrors"] ?? 0 > 0)
        #expect(ana.waitForOffer() != nil)
    }

    @Test("beside a client that only talks garbage a good one is served as ever")
    func undisturbed() throws {
        let cluster = try SteppedCluster()
        let ana = SteppedAgent("ana", cluster, at: "a")
        ana.attach()
        let noise = Self.garbage.map { cluster.send("a", bytes: $0, as: "rude") }
        let ticket = try #require(cluster.submit(1))
        let offer = try #require(ana.waitForOffer())
        #expect(ticket == .accepted(offer.id.ticket))
        for bytes in Self.garbage { _ = cluster.send("a", bytes: bytes, as: "rude") }
        #expect(ana.perform(.accept(offer.id)) == .done(offer.id.fence.next))
        #expect(cluster.show(offer.id.ticket)?.state == .assigned(ana.id))
        for token in noise { #expect(cluster.answer(token) == .refused(.notUnderstood)) }
    }

    @Test("a question that is not for this kind of node is refused, and nothing is done")
    func wrongKind() throws {
        let cluster = try SteppedCluster()
        let records = cluster.status?.counters.records
        let ticket = TicketID(1)
        let assign = Command.Assign(
            ticket: ticket, fence: Fence(1), agent: AgentID(0), agentEpoch: AgentEpoch(1),
            id: CommandID(instance: ClientInstance(1), sequence: 1))
        let ofRouters: [Request] = [
            .submit([]), .attach(Attach(instance: ClientInstance(1), agents: ["ana"])),
            .poll(SessionPoll(instance: ClientInstance(1), seen: [], commands: [])), .peer(.snapshot),
        ]
        let ofCoordinators: [Request] = [
            .join(Join(name: "x", region: "a", address: "x", gossipAddress: "x")), .leave(Incarnation(1)),
            .exchange(
                Exchange(
                    incarnation: Incarnation(1), cursor: .zero, park: .zero, firstCommand: 1, acknowledged: 0,
                    commands: [])),
        ]
        let ofNobody: [Request] = [
            .query(.assign(assign)), .query(.detach(AgentID(0), AgentEpoch(1))),
            .query(.attach(AgentID(0), ClientInstance(1), renewing: nil)),
        ]
        for request in ofRouters + ofNobody {
            #expect(cluster.ask(SteppedCluster.coordinator, request) == .refused(.notUnderstood), "\(request)")
        }
        for request in ofCoordinators + ofNobody {
            #expect(cluster.ask("a", request) == .refused(.notUnderstood), "\(request)")
        }
        #expect(cluster.status?.counters.records == records)
        #expect(cluster.status?.routers.map(\.name) == ["a", "b"])
    }

    @Test("a message with too many tickets is refused as full, and none of them is taken")
    func tooManyTickets() throws {
        let cluster = try SteppedCluster()
        let tickets = (0...UInt64(Limits.submissionsPerMessageMax)).map {
            KeyedSubmission(key: SubmitKey(high: 1, low: $0), submission: Submission())
        }
        #expect(cluster.ask("a", .submit(tickets)) == .refused(.full))
        #expect(cluster.status?.counters.ticketsOpened == 0)
    }

    @Test("an answer that is garbage is a failed question: the router joins at the next try")
    func garbageAnswers() throws {
        let cluster = try SteppedCluster()
        cluster.playCoordinator()
        var lies = 0
        cluster.run(2_000) {
            for case .request(let token, _, _) in cluster.town.take(SteppedCluster.coordinator) {
                cluster.town.reply(token, [0xde, 0xad])
                lies += 1
            }
            return false
        }
        #expect(lies > 3)
        #expect(cluster.vitals("c")?["wireErrors"] ?? 0 > 0)
        try cluster.startCoordinator(on: cluster.disk.afterCrash())
        cluster.run(2_000)
        #expect(cluster.status?.routers.map(\.name).contains("c") ?? false)
    }
}
