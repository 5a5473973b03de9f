import Testing

@testable import Routing

/// The outcome of a router's command tells a state that may be older than what the router knows by other ways.
@Suite("outcomes that come late") struct LateOutcomesTests {
    typealias Home = RestingTests.Home

    /// The newest batch of commands, or the newest poll, that has left.
    private func sent(_ home: Home, isPoll: Bool) -> (id: UInt64, exchange: Exchange)? {
        home.effects.compactMap { effect -> (UInt64, Exchange)? in
            guard case .exchange(let exchange, let id) = effect else { return nil }
            return exchange.commands.isEmpty == isPoll ? (id, exchange) : nil
        }.last
    }

    private func answer(_ lsn: UInt64, _ outcomes: [Outcome], _ agents: [AgentChange], _ home: Home) -> Exchanged {
        Exchanged(
            reign: 1, lsn: LSN(lsn), outcomes: outcomes, membership: nil, policy: nil, regions: [], agents: agents,
            wall: home.now.wall)
    }

    @Test("an attach that came true after its client had gone takes the agent from his other client here all the same")
    func clientGone() throws {
        var home = Home()
        #expect(home.router.hosted[home.ana]?.isCurrent == true)
        home.step(.attach(Attach(instance: ClientInstance(8), agents: ["ana"]), RequestToken(2), PipeID(2)))
        home.step(.disconnected(PipeID(2)))
        home.answer([.attached(AgentEpoch(2), [])])
        #expect(home.router.hosted[home.ana]?.isCurrent == false)
        let last = try #require(sent(home, isPoll: false))
        #expect(last.exchange.commands == [.detach(home.ana, AgentEpoch(2))])
    }

    @Test("an attach whose outcome was overtaken by the news that he has gone elsewhere does not keep him here")
    func attachOvertaken() throws {
        var home = Home()
        let before = try #require(sent(home, isPoll: true))
        home.step(.attach(Attach(instance: ClientInstance(8), agents: ["ana"]), RequestToken(2), PipeID(2)))
        let attach = try #require(sent(home, isPoll: false))
        let gone = AgentChange(
            agent: home.ana, agentEpoch: AgentEpoch(3), isHome: false, instance: ClientInstance(9), work: [])
        home.step(.exchanged(before.id, answer(102, [], [gone], home)))
        #expect(try #require(sent(home, isPoll: true)).exchange.cursor == LSN(102))
        home.step(.exchanged(attach.id, answer(101, [.attached(AgentEpoch(2), [])], [], home)))
        let after = try #require(sent(home, isPoll: true))
        #expect(after.exchange.cursor == attach.exchange.cursor, "what came since the attach left is asked for again")
        home.step(.exchanged(after.id, answer(102, [], [gone], home)))
        #expect(home.router.hosted[home.ana]?.isCurrent == false)
    }

    @Test("a command answered anew after the ticket went on comes with the ticket as it is now")
    func repeatedCommand() throws {
        var desk = Desk()
        let (ticket, fence, epoch) = desk.hold(1, by: desk.ben)
        let id = CommandID(instance: desk.instance, sequence: 900)
        let pause = WorkAction.pause(reason: "p", kind: .customer, for: .seconds(1))
        #expect(desk.work(pause, ticket, fence, by: desk.ben, epoch, id: id) == .done(fence))
        desk.live(2_000)
        #expect(desk.core.ledger.tickets[ticket]?.state == .assigned(desk.ben), "the pause is over")
        let again = Command.work(
            Command.Work(ticket: ticket, fence: fence, agent: desk.ben, agentEpoch: epoch, id: id, action: pause))
        let cursor = desk.core.ledger.lsn
        let token = desk.token()
        desk.step(
            .exchange(
                Exchange(
                    incarnation: desk.router, cursor: cursor, park: .zero, firstCommand: 1, acknowledged: 0,
                    commands: [again]), token))
        let told = desk.effects.compactMap { effect -> Exchanged? in
            guard case .exchanged(let exchanged, token) = effect else { return nil }
            return exchanged
        }
        let exchanged = try #require(told.first)
        #expect(exchanged.outcomes == [.done(fence)])
        #expect(exchanged.lsn == cursor)
        #expect(exchanged.agents.map(\.agent) == [desk.ben])
        #expect(exchanged.agents.first?.work.map(\.isPending) == [false])
    }

    @Test("what an answer says of an agent holds after its outcomes, also when nothing else has happened since")
    func sameState() throws {
        var home = Home()
        home.wait(1)
        home.take(1)
        home.command(.work(TicketID(1), Fence(2), .pause(reason: "p", kind: .customer, for: nil)))
        let pause = try #require(sent(home, isPoll: false))
        let held = try #require(home.router.hosted[home.ana]?.work.first?.assignment)
        let now = AgentChange(
            agent: home.ana, agentEpoch: AgentEpoch(1), isHome: true, instance: home.instance, work: [held])
        let lsn = pause.exchange.cursor.value
        home.step(.exchanged(pause.id, answer(lsn, [.done(Fence(2))], [now], home)))
        #expect(home.router.hosted[home.ana]?.work.map(\.assignment.isPending) == [false])
    }

    @Test("news of a state before an outcome, asked for anew and heard after it, do not take the ticket away again")
    func olderNews() throws {
        var home = Home()
        home.wait(1)
        let offer = try #require(home.router.hosted[home.ana]?.offers.first)
        home.command(.accept(offer.offer.id))
        let accept = try #require(sent(home, isPoll: false))
        // Something before has made it go back.
        let before = LSN(accept.exchange.cursor.value - 1)
        home.router.cursor = before
        home.router.outbox.askAnew()
        home.command(.setStatus(.available, reason: ""))
        let poll = try #require(sent(home, isPoll: true))
        #expect(poll.exchange.cursor == before)
        let held = Assignment(
            ticket: TicketID(1), fence: Fence(2), group: GroupID(0), isPending: false, priority: 5, cost: .one,
            submission: Submission(), wroteAt: nil)
        home.step(.exchanged(accept.id, answer(102, [.assigned(held)], [], home)))
        #expect(home.router.hosted[home.ana]?.work.count == 1)
        let none = AgentChange(
            agent: home.ana, agentEpoch: AgentEpoch(1), isHome: true, instance: home.instance, work: [])
        home.step(.exchanged(poll.id, answer(101, [], [none], home)))
        #expect(home.router.hosted[home.ana]?.work.count == 1)
        let again = try #require(sent(home, isPoll: true))
        #expect(again.id != poll.id && again.exchange.cursor == before, "asked again, it comes as of now")
        let now = AgentChange(
            agent: home.ana, agentEpoch: AgentEpoch(1), isHome: true, instance: home.instance, work: [held])
        home.step(.exchanged(again.id, answer(102, [], [now], home)))
        #expect(home.router.hosted[home.ana]?.work.count == 1)
        #expect(home.router.cursor == LSN(102))
    }

    @Test("a router that has just joined is told whom its first commands brought and another router has by now")
    func takenBeforeTheFirstNews() throws {
        var desk = Desk()
        _ = desk.attach(desk.ana)
        let join = Join(name: "s", region: "north", address: "b", gossipAddress: "h")
        desk.step(.join(join, desk.token()))
        let other = Incarnation(2)
        let taken = desk.decide(.attach(desk.ana, ClientInstance(9), renewing: nil), from: other)
        #expect(taken == .attached(AgentEpoch(2), []))
        let token = desk.token()
        desk.step(
            .exchange(
                Exchange(
                    incarnation: desk.router, cursor: .zero, park: .seconds(1), firstCommand: 1, acknowledged: 0,
                    commands: []), token))
        desk.step(.turnEnds)
        desk.pass(1_100)
        let told = desk.effects.compactMap { effect -> [AgentChange]? in
            guard case .exchanged(let exchanged, token) = effect else { return nil }
            return exchanged.agents
        }
        #expect(told.first?.map(\.agent) == [desk.ana])
        #expect(told.first?.first?.isHome == false)
    }
}
