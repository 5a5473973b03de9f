import Routing
import Testing
import Wire

@testable import AgentClient

@Suite("an agents' session") struct AgentSessionTests {
    typealias Script = SessionScript

    // MARK: - told to move

    @Test("told to move it is at the named router within 20 ms, with its status, and asks there what was open")
    func move() {
        var script = Script.attached()
        script.command(.setStatus(.away, reason: "lunch"), tag: 1)
        script.settle([.done(Fence(0))])
        let away = AgentView(
            agent: Script.ana, agentEpoch: AgentEpoch(1), version: 2, status: .away, offers: [], work: [])
        script.show(away)
        script.command(.endWrapUp, tag: 2)
        if let parked = script.asked.last { script.answer(parked, .move(["r9", "r2"])) }
        #expect(script.left == ["r1"])
        script.wait(20)
        let states = [AgentState(name: "ana", status: .away, reason: "lunch")]
        #expect(
            script.asked.map(\.request) == [
                .attach(Attach(instance: ClientInstance(77), agents: ["ana"], states: states))
            ])
        #expect(script.asked.first?.router == "r9")
        script.answerAttach(epoch: 2)
        #expect(script.asked.flatMap(\.commands).map(\.action) == [.endWrapUp])
    }

    @Test("an agent whom the company does not have any more is told so, once and for good")
    func dismissed() {
        var script = Script.attached()
        script.show(Script.view(version: 3, end: .dismissed))
        #expect(script.said.last == .dismissed(agent: "ana"))
        #expect(script.session.isStopped)
    }

    // MARK: - attach and park

    @Test("it attaches to the first router, then parks one poll")
    func attachThenPark() {
        var script = Script()
        #expect(
            script.asked.map(\.request) == [.attach(Attach(instance: ClientInstance(77), agents: ["ana"]))])
        #expect(script.asked.first?.router == "r1")
        script.answerAttach()
        #expect(script.session.isAttached)
        #expect(script.said == [.connected(router: "r1"), .attached(agent: "ana")])
        #expect(
            script.asked.map(\.request) == [.poll(SessionPoll(instance: ClientInstance(77), seen: [], commands: []))])
        script.wait(5_000)
        script.wait(5_000)
        #expect(script.asked.count == 1)
    }

    @Test("an agent whom the cluster does not know is refused for good, and the others work on")
    func unknownAgent() {
        var script = Script(agents: ["ghost", "ana"])
        script.command(.setStatus(.away, reason: ""), tag: 1, agent: "ghost")
        script.command(.setStatus(.away, reason: ""), tag: 2, agent: "ana")
        script.answerAttach([
            AttachResult(name: "ghost", agent: AgentID(0), agentEpoch: AgentEpoch(0), refusal: .notFound),
            AttachResult(name: "ana", agent: Script.ana, agentEpoch: AgentEpoch(1), refusal: nil),
        ])
        #expect(script.said.contains(.refused(agent: "ghost", .notFound)))
        #expect(script.results == [1: [.refused(.notFound)]])
        #expect(script.asked.flatMap(\.commands).map(\.agent) == [Script.ana])
        script.settle([.done(Fence(0))])
        #expect(script.results[2] == [.done(Fence(0))])
        script.command(.setStatus(.away, reason: ""), tag: 3, agent: "nobody")
        #expect(script.results[3] == [.refused(.notFound)])
    }

    @Test("when no agent is let in, everything that waits is refused and nothing is tried again")
    func nobodyLetIn() {
        var script = Script(agents: ["ghost"])
        script.command(.setStatus(.away, reason: ""), tag: 1, agent: "ghost")
        script.answerAttach([
            AttachResult(name: "ghost", agent: AgentID(0), agentEpoch: AgentEpoch(0), refusal: .notFound)
        ])
        #expect(script.results == [1: [.refused(.notFound)]])
        #expect(script.session.isStopped)
        #expect(script.session.nextDeadline == nil)
        #expect(script.asked == [])
    }

    @Test("a router that cannot take it just now is left for the next one, and the ones it names are learned")
    func unavailableRouter() {
        var script = Script(routers: ["r1"])
        script.answerAttach(
            [AttachResult(name: "ana", agent: AgentID(0), agentEpoch: AgentEpoch(0), refusal: .unavailable)],
            routers: ["r1", "r9"])
        #expect(!script.session.isAttached)
        #expect(script.left == ["r1"])
        script.waitForDeadline()
        #expect(script.asked.last?.router == "r9")
    }

    // MARK: - news

    @Test("an offer is said once, however often its view is repeated")
    func offerOnce() {
        var script = Script.attached()
        let view = Script.view(version: 2, offers: [Script.offer])
        for _ in 0..<3 { script.show(view) }
        let offers = script.said.filter { if case .offered = $0 { true } else { false } }
        #expect(offers == [.offered(agent: "ana", Script.offer)])
        script.show(Script.view(version: 3))
        script.show(Script.view(version: 3))
        #expect(script.said.filter { $0 == .offerEnded(agent: "ana", Script.offer.id) }.count == 1)
    }

    @Test("an older view that comes late changes nothing")
    func lateView() {
        var script = Script.attached()
        script.show(Script.view(version: 5, work: [Script.work]))
        let before = script.said
        script.show(Script.view(version: 4, offers: [Script.offer]))
        script.show(Script.view(version: 9, epoch: 0, offers: [Script.offer]))
        #expect(script.said == before)
    }

    @Test("of a ticket its begin, its waiting and its end are said, each once")
    func work() {
        var script = Script.attached()
        let pending = WorkView(
            ticket: TicketID(9), fence: Fence(2), isPending: true, group: "a-1", priority: 5, submission: nil)
        script.show(Script.view(version: 2, work: [Script.work]))
        script.show(Script.view(version: 3, work: [pending]))
        script.show(Script.view(version: 4, work: [pending]))
        script.show(Script.view(version: 5))
        #expect(
            Array(script.said.dropFirst(2)) == [
                .status(agent: "ana", .available), .assigned(agent: "ana", Script.work),
                .pendingChanged(agent: "ana", TicketID(9), isPending: true),
                .released(agent: "ana", TicketID(9), Fence(2)),
            ])
    }

    @Test("that the customer wrote is said once each time")
    func customerWrote() {
        var script = Script.attached()
        func work(_ wroteAt: UInt64) -> WorkView {
            WorkView(
                ticket: TicketID(9), fence: Fence(2), isPending: false, group: "a-1", priority: 5, submission: nil,
                wroteAt: WallTime(milliseconds: wroteAt))
        }
        script.show(Script.view(version: 2, work: [Script.work]))
        for (version, wroteAt) in [(3, 50), (4, 50), (5, 70)] as [(UInt32, UInt64)] {
            script.show(Script.view(version: version, work: [work(wroteAt)]))
        }
        #expect(
            Array(script.said.dropFirst(4)) == [
                .customerWrote(agent: "ana", TicketID(9)), .customerWrote(agent: "ana", TicketID(9)),
            ])
    }

    @Test("what has been seen is acknowledged in the next poll, once")
    func acknowledged() {
        var script = Script.attached()
        script.show(Script.view(version: 2, offers: [Script.offer]))
        let seen = [SeenView(agent: Script.ana, agentEpoch: AgentEpoch(1), version: 2)]
        #expect(script.parked?.poll?.seen == seen)
        script.show()
        #expect(script.parked?.poll?.seen == [])
    }

    @Test("a command's poll carries the acknowledgement, and the parked one is left alone")
    func acknowledgedByCommand() {
        var script = Script.attached()
        let parked = script.parked
        script.command(.setStatus(.available, reason: ""), tag: 1)
        script.settle([.done(Fence(0))], [Script.view(version: 2)])
        #expect(script.parked == parked)
        #expect(script.asked.count == 1)
        script.command(.setStatus(.away, reason: ""), tag: 2)
        #expect(script.asked.last?.poll?.seen == [SeenView(agent: Script.ana, agentEpoch: AgentEpoch(1), version: 2)])
    }

    @Test("a parked poll is renewed only when an offer or a ticket came that must be acknowledged")
    func renewed() {
        var script = Script.attached()
        script.command(.setStatus(.available, reason: ""), tag: 1)
        script.settle([.done(Fence(0))], [Script.view(version: 2, offers: [Script.offer])])
        let polls = script.asked.filter { $0.commands.isEmpty }
        #expect(polls.count == 2)
        #expect(polls.last?.poll?.seen == [SeenView(agent: Script.ana, agentEpoch: AgentEpoch(1), version: 2)])
        // The router lets the former one go, empty; nothing new is asked for it.
        script.answer(polls[0], .session(SessionAnswer(results: [], views: [])))
        #expect(script.asked.filter { $0.commands.isEmpty } == [polls[1]])
    }

    @Test("superseded is said once and is final: no reconnecting, no commands")
    func superseded() {
        var script = Script.attached()
        script.show(Script.view(version: 2, work: [Script.work]))
        script.show(Script.view(version: 3, end: .superseded))
        #expect(script.said.last == .superseded(agent: "ana"))
        #expect(script.session.isStopped)
        script.command(.setStatus(.available, reason: ""), tag: 5)
        script.wait(100_000)
        #expect(script.results[5] == [.refused(.unavailable)])
        #expect(script.asked == [] && script.session.nextDeadline == nil)
        #expect(script.said.filter { $0 == .superseded(agent: "ana") }.count == 1)
    }

    @Test("when one agent of two is superseded the other's session goes on")
    func oneSuperseded() {
        var script = Script(agents: ["ana", "ben"])
        script.answerAttach([
            AttachResult(name: "ana", agent: Script.ana, agentEpoch: AgentEpoch(1), refusal: nil),
            AttachResult(name: "ben", agent: AgentID(5), agentEpoch: AgentEpoch(1), refusal: nil),
        ])
        script.show(Script.view(version: 3, end: .superseded))
        #expect(!script.session.isStopped)
        script.command(.setStatus(.away, reason: ""), tag: 1, agent: "ana")
        script.command(.setStatus(.away, reason: ""), tag: 2, agent: "ben")
        #expect(script.results[1] == [.refused(.superseded)])
        #expect(script.asked.flatMap(\.commands).map(\.agent) == [AgentID(5)])
        if let parked = script.parked { script.fail(parked) }
        script.waitForDeadline()
        #expect(script.asked.last?.request == .attach(Attach(instance: ClientInstance(77), agents: ["ben"])))
    }
}
