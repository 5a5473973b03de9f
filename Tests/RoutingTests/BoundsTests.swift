import Routing
import Testing

@testable import Routing

@Suite("bounds of a router, each with its name") struct BoundsTests {
    typealias Desk = StickingTests.Desk

    private func attach(_ desk: inout Desk, _ instance: UInt64, _ names: [String]) -> [Refusal?] {
        let token = RequestToken(instance)
        desk.effects = desk.effects.filter { if case .exchange = $0 { true } else { false } }
        desk.router.step(
            .attach(Attach(instance: ClientInstance(instance), agents: names), token, PipeID(UInt32(instance))),
            at: desk.now, into: &desk.effects)
        for case .attached(let attached, token) in desk.effects { return attached.results.map(\.refusal) }
        return []
    }

    @Test("more agents than one session may have are all refused as full, and counted")
    func agentsOfOneSession() {
        var desk = Desk(StickingTests.policy())
        let names = [String](repeating: "ana", count: Limits.agentsPerSessionMax + 1)
        let refusals = attach(&desk, 1, names)
        #expect(refusals.count == names.count)
        #expect(refusals.allSatisfy { $0 == .full })
        #expect(desk.router.counters.refusals[.full] == UInt64(names.count))
    }

    @Test("one session more than a router may have is refused as full, a known one is not")
    func sessions() {
        var desk = Desk(StickingTests.policy())
        for instance in 1...UInt64(Limits.sessionsMax) {
            #expect(attach(&desk, instance, ["ana"]).isEmpty, "an attach waits for the coordinator")
        }
        #expect(attach(&desk, UInt64(Limits.sessionsMax) + 1, ["ana"]) == [.full])
        #expect(attach(&desk, 1, ["ben"]).isEmpty)
    }

    @Test("commands beyond what a router holds for the coordinator are busy, and certainly not done")
    func commandsWaiting() {
        var desk = Desk(StickingTests.policy())
        let ticket = { (number: Int) in
            KeyedSubmission(key: SubmitKey(high: 1, low: UInt64(number)), submission: Submission(subject: "t"))
        }
        let first = RequestToken(1)
        desk.router.step(
            .submit((0..<Limits.commandsWaitingMax).map(ticket), first), at: desk.now, into: &desk.effects)
        desk.router.step(
            .submit([ticket(Limits.commandsWaitingMax)], RequestToken(2)), at: desk.now, into: &desk.effects)
        let busy = SubmitResult.refused(.busy, field: "", retryAfter: Limits.retryAfterLeast)
        #expect(desk.effects.last == .submitted([busy], RequestToken(2)))
        #expect(desk.router.outbox.count == Limits.commandsWaitingMax / 2, "the rest is for agents' commands")
        #expect(desk.router.counters.refusals[.busy] == 1)
    }

    @Test("more commands in a poll than there may be are full, the ones before them are done")
    func commandsOfAPoll() throws {
        var desk = Desk(StickingTests.policy())
        #expect(attach(&desk, 1, ["ana"]).isEmpty)
        let commands = (1...(Limits.commandsPerPollMax + 1)).map {
            AgentCommand(agent: StickingTests.ana, sequence: UInt64($0), action: .endWrapUp)
        }
        desk.router.step(
            .poll(
                SessionPoll(instance: ClientInstance(1), seen: [], commands: commands), RequestToken(9), PipeID(1)),
            at: desk.now, into: &desk.effects)
        guard case .sessionAnswer(let answer, _)? = desk.effects.last else {
            Issue.record("the poll is not answered")
            return
        }
        #expect(answer.results.count == commands.count)
        #expect(answer.results.last == .refused(.full))
    }
}

@Suite("bounds of the coordinator, each with its name") struct CoordinatorBoundsTests {
    @Test("one router more than there may be is refused, and so is a name without end")
    func routers() {
        var desk = RoutingTests.Desk()
        for number in 2...Limits.routersMax {
            desk.step(
                .join(
                    Join(name: "r\(number)", region: "north", address: "a\(number)", gossipAddress: "g"), desk.token()))
        }
        #expect(desk.core.ledger.routers.count == Limits.routersMax)
        let extra = desk.token()
        desk.step(.join(Join(name: "extra", region: "north", address: "e", gossipAddress: "g"), extra))
        #expect(desk.effects.last == .refused(.tooManyRouters, extra))
        let long = desk.token()
        let name = String(repeating: "n", count: Limits.wordBytesMax + 1)
        desk.step(.join(Join(name: name, region: "north", address: "e", gossipAddress: "g"), long))
        #expect(desk.effects.last == .refused(.notUnderstood, long))
        #expect(desk.core.ledger.routers.count == Limits.routersMax)
    }

    @Test("a batch of more commands than there may be is refused whole")
    func batch() {
        var desk = RoutingTests.Desk()
        let token = desk.token()
        let commands = [Command](repeating: .status, count: Limits.commandsPerBatchMax + 1)
        desk.step(
            .exchange(
                Exchange(
                    incarnation: desk.router, cursor: .zero, park: .zero, firstCommand: 1, acknowledged: 0,
                    commands: commands), token))
        #expect(desk.effects.last == .refused(.gap, token))
        #expect(desk.core.counters.commands == 0)
    }
}
