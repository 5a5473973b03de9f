import AgentClient
import Foundation
import Routing
import Testing
import Wire

extension Processes.HostileTests {
    @Test(
        "polls without a session, accepts of no offer, work on others' tickets and lists too long are refused by name")
    func uninvited() async throws {
        let quick = Companies.two.replacing("settings: {", with: "settings: { sessionPark: \"1s\",")
        try await Siege.run("uninvited", company: quick) { siege in
            let router = siege.cluster.routers[0]
            let stranger = try Stranger(router.address)
            let instance = ClientInstance(0xbad)
            let nothing = SessionPoll(instance: instance, seen: [], commands: [])
            #expect(await stranger.ask(.poll(nothing)) == .noSession)

            siege.desks[0].hold()
            let isHeld = try await eventually(within: 10) { !siege.desks[0].held.isEmpty }
            #expect(isHeld)
            let held = try #require(siege.desks[0].held.first)
            let agent = try await Self.attach(stranger, instance, "load-00001")
            let before = try await router.vitals()
            let never = OfferID(ticket: TicketID(1), fence: Fence(1), ownerEpoch: OwnerEpoch(1), attempt: 9_999)
            let other = (TicketID(held.number), Fence(UInt32(Sighting(.yours, held).fence)))
            let long = String(repeating: "x", count: 20_000)
            let wanted: [(AgentAction, Refusal)] = [
                (.accept(never), .gone), (.decline(never), .gone),
                (.work(other.0, other.1, .resolve), .gone), (.work(other.0, other.1.next, .giveBack()), .gone),
                (.work(other.0, other.1, .transfer(to: "hq-1")), .gone),
                (.work(other.0, other.1, .transfer(to: "nowhere")), .gone),
                (.work(other.0, other.1, .reply(text: long)), .invalid),
                (.work(TicketID(.max), Fence(.max), .resolve), .notFound),
                (.setStatus(.notResponding, reason: ""), .notAllowed),
            ]
            let commands = wanted.enumerated().map { index, one in
                AgentCommand(agent: agent, sequence: UInt64(index) + 2, action: one.0)
            }
            let answer = await stranger.ask(.poll(SessionPoll(instance: instance, seen: [], commands: commands)))
            guard case .session(let said) = answer else {
                throw Trouble("no answer to the commands: \(String(describing: answer))")
            }
            let refusals = wanted.map { CommandResult.refused($0.1) }
            #expect(said.results == refusals)

            // For an agent of another session, and for one that does not exist.
            for foreign in [AgentID(16), AgentID(.max)] {
                let command = AgentCommand(agent: foreign, sequence: 1, action: .setStatus(.away, reason: ""))
                let answer = await stranger.ask(.poll(SessionPoll(instance: instance, seen: [], commands: [command])))
                guard case .session(let said) = answer else { throw Trouble("no answer to a foreign command") }
                let isRefused = said.results == [.refused(.superseded)] || said.results == [.refused(.notAllowed)]
                #expect(isRefused, "\(said.results)")
            }
            try await Self.askTooMuch(stranger, instance, agent)
            let after = try await router.vitals()
            for name in ["gone", "notFound", "invalid", "notAllowed", "full"] {
                #expect(after["refused.\(name)"] > before["refused.\(name)"], "refused.\(name) is not counted")
            }
            #expect(siege.desks[0].held.contains(held))
            siege.desks[0].letGo()
            stranger.close()
        }
    }

    /// A session for one agent, who takes offers or not.
    private static func attach(
        _ stranger: Stranger, _ instance: ClientInstance, _ name: String, isAway: Bool = true
    ) async throws -> AgentID {
        guard case .attached(let attached) = await stranger.ask(.attach(Attach(instance: instance, agents: [name]))),
            let result = attached.results.first, result.refusal == nil
        else { throw Trouble("\(name) could not attach") }
        guard isAway else { return result.agent }
        let away = AgentCommand(agent: result.agent, sequence: 1, action: .setStatus(.away, reason: ""))
        _ = await stranger.ask(.poll(SessionPoll(instance: instance, seen: [], commands: [away])))
        return result.agent
    }

    /// Lists beyond their bounds.
    private static func askTooMuch(_ stranger: Stranger, _ instance: ClientInstance, _ agent: AgentID) async throws {
        let one = KeyedSubmission(key: SubmitKey(high: 5, low: 5), submission: Submission(subject: "s"))
        let many = [KeyedSubmission](repeating: one, count: Limits.submissionsPerMessageMax + 1)
        #expect(await stranger.ask(.submit(many)) == .refused(.full))

        let commands = (0..<20_000).map {
            AgentCommand(agent: agent, sequence: UInt64($0) + 100, action: .setStatus(.away, reason: ""))
        }
        let polled = await stranger.ask(.poll(SessionPoll(instance: instance, seen: [], commands: commands)))
        guard case .session(let said) = polled else { throw Trouble("no answer to 20,000 commands") }
        #expect(said.results.count == 20_000)
        #expect(said.results.last == .refused(.full))

        let names = (0...Limits.agentsPerSessionMax).map { "nobody-\($0)" }
        let attach = Request.attach(Attach(instance: ClientInstance(0xbad2), agents: names))
        guard case .attached(let attached) = await stranger.ask(attach) else {
            throw Trouble("no answer to 5,001 names")
        }
        #expect(Set(attached.results.map(\.refusal)) == [.full])

        let seen = (0..<100_000).map {
            SeenView(agent: AgentID(UInt32($0)), agentEpoch: AgentEpoch(.max), version: .max)
        }
        // Parked like any poll, whatever it says it has seen.
        let poll = Request.poll(SessionPoll(instance: instance, seen: seen, commands: []))
        async let parked = stranger.ask(poll, milliseconds: 15_000)
        let fields = Submission(labels: [String](repeating: "x", count: 100_000), subject: "s")
        guard
            case .submitted(let results) = await stranger.ask(
                .submit([KeyedSubmission(key: one.key, submission: fields)]))
        else { throw Trouble("no answer to 100,000 labels") }
        #expect(results == [.refused(.invalid, field: "labels")])
        // The newer poll supersedes the parked one, which is answered.
        async let newer = stranger.ask(
            .poll(SessionPoll(instance: instance, seen: [], commands: [])), milliseconds: 15_000)
        guard case .session = await parked else { throw Trouble("the parked poll was not answered") }
        _ = await stranger.ask(.poll(SessionPoll(instance: ClientInstance(9), seen: [], commands: [])))
        guard case .session = await newer else { throw Trouble("the newer poll was not answered") }
    }

    @Test("numbers at the edge of their range, from a stranger and from a member that lies, stop nobody")
    func edges() async throws {
        try await Siege.run("edges") { siege in
            let router = siege.cluster.routers[0]
            let toRouter = try Stranger(router.address)
            let toCoordinator = try Stranger(siege.cluster.coordinator.address)
            let instance = ClientInstance(0xed6e)
            let agent = try await Self.attach(toRouter, instance, "load-00001", isAway: false)
            var answers = 0
            for request in Self.edgeRequests(agent, instance) {
                if await toRouter.ask(request, milliseconds: 1_000) != nil { answers += 1 }
                #expect(router.child.isRunning, "ended by \(request)")
            }
            let joined = await toCoordinator.ask(
                .join(Join(name: "liar", region: "branch", address: "127.0.0.1:1", gossipAddress: "127.0.0.1:1")))
            guard case .joined(let member) = joined else {
                throw Trouble("the liar could not join: \(String(describing: joined))")
            }
            for exchange in Self.edgeExchanges(member.incarnation, agent, instance) {
                if await toCoordinator.ask(.exchange(exchange), milliseconds: 1_000) != nil { answers += 1 }
                #expect(siege.cluster.coordinator.child.isRunning, "ended by \(exchange)")
            }
            print("edges: \(answers) answers")
            toRouter.close()
            toCoordinator.close()
        }
    }

    private static func edgeRequests(_ agent: AgentID, _ instance: ClientInstance) -> [Request] {
        let most = Interval(milliseconds: .max)
        var requests: [Request] = [.query(.show(TicketID(.max))), .query(.show(TicketID(0)))]
        for fence in [Fence(0), Fence(.max)] {
            for ticket in [TicketID(0), TicketID(1), TicketID(.max)] {
                let id = OfferID(ticket: ticket, fence: fence, ownerEpoch: OwnerEpoch(.max), attempt: .max)
                for epoch in (0...4).map({ AgentEpoch($0) }) + [AgentEpoch(.max)] {
                    let offer = Offer(
                        id: id, agent: agent, agentEpoch: epoch, group: GroupID(.max), priority: .max, age: most,
                        timeout: most, subject: "")
                    requests.append(.peer(.reserve(offer, owner: Incarnation(.max))))
                    let claim = Claim(
                        ticket: ticket, fence: fence, ownerEpoch: OwnerEpoch(1), agent: agent, agentEpoch: epoch,
                        home: Incarnation(.max), group: GroupID(.max))
                    requests.append(.peer(.claim(claim)))
                }
                requests += [
                    .peer(.withdraw(id, agent)), .peer(.ended(id, .declined)), .peer(.withdraw(id, AgentID(.max))),
                ]
                let commands: [AgentAction] = [
                    .accept(id), .decline(id), .work(ticket, fence, .escalate(to: .vendors)),
                ]
                let sequences: [UInt64] = [0, 1, .max]
                requests += sequences.map { sequence in
                    let all = commands.map { AgentCommand(agent: agent, sequence: sequence, action: $0) }
                    return .poll(SessionPoll(instance: instance, seen: [], commands: all))
                }
            }
        }
        return requests
    }

    private static func edgeExchanges(_ member: Incarnation, _ agent: AgentID, _ instance: ClientInstance) -> [Exchange]
    {
        let assign = Command.Assign(
            ticket: TicketID(.max), fence: Fence(.max), agent: AgentID(.max), agentEpoch: AgentEpoch(.max),
            id: CommandID(instance: instance, sequence: .max))
        let work = Command.Work(
            ticket: TicketID(1), fence: Fence(.max), agent: AgentID(.max), agentEpoch: AgentEpoch(.max), id: nil,
            action: .transfer(to: String(repeating: "x", count: 4096)))
        let signature = Signature([Requirement(skill: SkillID(.max), levelMin: .max)])
        let open = Command.Open(
            key: SubmitKey(high: .max, low: .max), hash: .max, policyVersion: 1,
            classification: Classification(group: GroupID(.max), priority: .max, signature: signature, rule: ""),
            submission: Submission())
        let commands: [Command] = [
            .assign(assign), .work(work), .open(open), .attach(AgentID(.max), instance, renewing: AgentEpoch(.max)),
            .attach(AgentID(.max), instance, renewing: nil), .detach(AgentID(.max), AgentEpoch(.max)),
            .show(TicketID(.max)),
        ]
        func exchange(
            cursor: UInt64 = 0, park: UInt64 = 0, first: UInt64, acknowledged: UInt64 = 0, _ commands: [Command]
        ) -> Exchange {
            Exchange(
                incarnation: member, cursor: LSN(cursor), park: Interval(milliseconds: park), firstCommand: first,
                acknowledged: acknowledged, commands: commands)
        }
        return [
            exchange(cursor: .max, first: 1, []), exchange(park: .max, first: 1, []),
            exchange(first: .max, commands), exchange(first: .max - 1, commands), exchange(first: 0, commands),
            exchange(first: 1, acknowledged: .max, commands), exchange(cursor: .max, park: .max, first: 1, commands),
            exchange(first: 8, [Command](repeating: .show(TicketID(0)), count: 5_000)),
        ]
    }
}
