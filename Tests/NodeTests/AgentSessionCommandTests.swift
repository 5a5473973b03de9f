import Routing
import Testing
import Wire

@testable import AgentClient

@Suite("an agents' session: commands, and losing a router") struct AgentSessionCommandTests {
    typealias Script = SessionScript

    // MARK: - commands

    @Test("each result reaches its tag, once")
    func results() {
        var script = Script.attached()
        script.command(.accept(Script.offer.id), tag: 31)
        script.command(.setStatus(.away, reason: ""), tag: 32)
        #expect(script.asked.filter { !$0.commands.isEmpty }.map { $0.commands.map(\.sequence) } == [[1], [2]])
        guard let second = script.asked.last else { return }
        script.answer(second, .session(SessionAnswer(results: [.refused(.notAllowed)], views: [])))
        script.settle([.done(Fence(2))])
        script.answer(second, .session(SessionAnswer(results: [.done(Fence(8))], views: [])))
        #expect(script.results == [31: [.done(Fence(2))], 32: [.refused(.notAllowed)]])
    }

    @Test("what there is to take is asked once, answered once, and lost with its router")
    func browses() {
        let waiting = BrowsedTicket(
            ticket: TicketID(3), fence: Fence(1), group: GroupID(0), priority: 5, age: .zero, subject: "printer")
        var script = Script.attached()
        script.browse(tag: 1)
        script.browse(tag: 2)
        let asked = script.asked.filter { $0.request == .browse("ana") }
        #expect(asked.count == 2)
        script.answer(asked[0], .browsed(Browsed(tickets: [waiting], isWhole: true), Catalog()))
        script.answer(asked[0], .browsed(Browsed(tickets: [], isWhole: true), Catalog()))
        #expect(script.browsed == [1: [waiting]])
        guard let poll = script.asked.first(where: { $0.poll != nil }) else { return }
        script.fail(poll)
        #expect(script.browsed == [1: [waiting], 2: []])
        script.browse(tag: 3)
        #expect(script.browsed[3] == [], "there is no router to ask")
    }

    @Test("who wants to take a ticket that another is asked for hears so at once, and is not kept trying")
    func takeIsBusy() {
        var script = Script.attached()
        script.command(.take(TicketID(3), Fence(1)), tag: 1)
        script.settle([.refused(.busy)])
        #expect(script.results == [1: [.refused(.busy)]])
    }

    @Test("commands of one turn travel in one poll, and no more than four polls are on their way")
    func batches() {
        var script = Script.attached()
        for tag in 1...6 { script.command(.setStatus(.away, reason: ""), tag: UInt64(tag)) }
        #expect(script.asked.filter { !$0.commands.isEmpty }.count == 4)
        script.settle([.done(Fence(0))])
        #expect(script.asked.last?.commands.map(\.sequence) == [5, 6])
        script.turn(
            .command(agent: "ana", .setStatus(.away, reason: ""), tag: 7),
            .command(agent: "ana", .setStatus(.available, reason: ""), tag: 8))
        script.settle([.done(Fence(0))])
        #expect(script.asked.last?.commands.map(\.sequence) == [7, 8])
    }

    @Test("a command whose answer is lost goes to the next router with the same number")
    func sameNumber() {
        var script = Script.attached()
        script.command(.accept(Script.offer.id), tag: 1)
        guard let lost = script.asked.last else { return }
        script.fail(lost)
        #expect(script.said.last == .disconnected(router: "r1"))
        script.waitForDeadline()
        script.answerAttach(epoch: 2)
        let again = script.asked.first { !$0.commands.isEmpty }
        #expect(again?.router == "r2")
        #expect(again?.commands == [AgentCommand(agent: Script.ana, sequence: 1, action: .accept(Script.offer.id))])
        // The first router's answer comes after all: nobody waits for it there any more.
        script.answer(lost, .session(SessionAnswer(results: [.refused(.gone)], views: [])))
        #expect(script.results == [:])
        script.settle([.done(Fence(2))])
        #expect(script.results == [1: [.done(Fence(2))]])
    }

    @Test("an accept that is gone after a move was done, if the agent holds the ticket now")
    func goneButHeld() {
        var script = Script.attached()
        script.command(.accept(Script.offer.id), tag: 1)
        if let lost = script.asked.last { script.fail(lost) }
        script.waitForDeadline()
        script.answerAttach(epoch: 2)
        script.settle([.refused(.gone)], [Script.view(version: 2, epoch: 2, work: [Script.work])])
        #expect(script.results == [1: [.done(Fence(2))]])
    }

    @Test("an accept that is gone is gone when the ticket is held under another fence, or not at all")
    func goneForGood() {
        for work in [
            [],
            [
                WorkView(
                    ticket: TicketID(9), fence: Fence(6), isPending: false, group: "a-1", priority: 5, submission: nil)
            ],
        ] {
            var script = Script.attached()
            script.command(.accept(Script.offer.id), tag: 1)
            script.settle([.refused(.gone)], [Script.view(version: 2, work: work)])
            #expect(script.results == [1: [.refused(.gone)]])
        }
    }

    @Test(
        "a command that the router cannot do just now goes again with its number, after a pause",
        arguments: [Refusal.hold, .unknown, .busy])
    func again(_ refusal: Refusal) {
        var script = Script.attached()
        script.command(.setStatus(.away, reason: ""), tag: 1)
        script.settle([.refused(refusal)])
        #expect(script.results == [:])
        #expect(script.asked.allSatisfy { $0.commands.isEmpty }, "a pause, not a storm")
        #expect(script.session.nextDeadline == Instant(milliseconds: script.now + 100))
        script.waitForDeadline()
        #expect(script.asked.last?.commands.map(\.sequence) == [1])
        script.settle([.done(Fence(0))])
        #expect(script.results == [1: [.done(Fence(0))]])
        #expect(script.session.nextDeadline == nil)
    }

    @Test("a connection with too much open is asked again after a pause")
    func busyConnection() {
        var script = Script.attached()
        script.command(.setStatus(.away, reason: ""), tag: 1)
        if let one = script.asked.last { script.answer(one, .refused(.busy)) }
        #expect(script.session.isAttached)
        #expect(script.asked.allSatisfy { $0.commands.isEmpty })
        script.waitForDeadline()
        #expect(script.asked.last?.commands.map(\.sequence) == [1])
    }

    // MARK: - the end

    @Test("stop refuses what is open: what was never sent is certainly not done, of the rest nobody knows")
    func stop() {
        var script = Script.attached()
        script.command(.setStatus(.away, reason: ""), tag: 1)
        script.turn(.command(agent: "ana", .setStatus(.away, reason: ""), tag: 2), .stop)
        #expect(script.results == [1: [.refused(.unknown)], 2: [.refused(.unavailable)]])
        #expect(script.left == ["r1"])
        script.turn(.stop)
        script.command(.setStatus(.away, reason: ""), tag: 3)
        script.wait(60_000)
        #expect(script.results[1]?.count == 1 && script.results[3] == [.refused(.unavailable)])
        #expect(script.asked == [] && script.left == ["r1"] && script.session.nextDeadline == nil)
    }

    @Test("results that come with the news of being superseded still reach their tags")
    func supersededWithResults() {
        var script = Script.attached()
        script.command(.setStatus(.away, reason: ""), tag: 1)
        script.settle([.done(Fence(0))], [Script.view(version: 3, end: .superseded)])
        #expect(script.results == [1: [.done(Fence(0))]])
    }

    // MARK: - silence

    @Test("uncertain is said once, five seconds before the grace ends, and only to who holds a ticket")
    func uncertain() {
        var script = Script.attached()
        script.show(Script.view(version: 2, work: [Script.work]))
        let heard = script.now
        if let parked = script.parked { script.fail(parked) }
        while script.now < heard + 90_000 {
            script.wait(500)
            if script.asked.last?.isAttach == true, let asked = script.asked.last { script.fail(asked) }
            let isSaid = script.said.contains(.uncertain)
            #expect(isSaid == (script.now > heard + 55_000), "\(script.now - heard) ms")
        }
        #expect(script.said.filter { $0 == .uncertain }.count == 1)

        var idle = Script.attached()
        if let parked = idle.parked { idle.fail(parked) }
        idle.wait(120_000)
        #expect(!idle.said.contains(.uncertain))
    }

    @Test("after a new silence it is said again")
    func uncertainAgain() {
        var script = Script.attached()
        for epoch in UInt32(1)...2 {
            script.show(Script.view(version: 2, epoch: epoch, work: [Script.work]))
            if let parked = script.parked { script.fail(parked) }
            script.wait(56_000)
            #expect(script.said.filter { $0 == .uncertain }.count == Int(epoch))
            script.answerAttach(epoch: epoch + 1)
        }
    }

    @Test("a short grace makes no false alarm: a poll may park for as long as it parks")
    func noFalseAlarm() {
        var script = SessionScript(graceSeconds: 5)
        script.answerAttach()
        script.show(Script.view(version: 2, work: [Script.work]))
        for _ in 0..<10 { script.wait(1_000) }
        #expect(!script.said.contains(.uncertain))
        script.wait(1_001)
        #expect(script.said.last == .uncertain)
    }

    @Test("the pause before the next try doubles to two seconds, with jitter of the client's own")
    func backoff() {
        func pauses(_ instance: UInt64) -> [UInt64] {
            var script = Script(instance: instance)
            return (0..<12).map { _ in
                if let asked = script.asked.last { script.fail(asked) }
                let before = script.now
                script.waitForDeadline()
                return script.now - before
            }
        }
        let mine = pauses(77)
        for (index, pause) in mine.enumerated() {
            let ceiling = min(UInt64(100) << UInt64(index), 2000)
            #expect((ceiling / 2..<ceiling).contains(pause), "pause \(index) is \(pause) ms")
        }
        #expect(mine == pauses(77))
        #expect(mine != pauses(78))
        let first = (0..<100).map { pauses(0x9e37_79b9_7f4a_7c15 &* ($0 + 1))[0] }
        #expect(Set(first).count > 20, "a lost router's clients must not come all at once")
    }

    @Test("the routers are tried in turn, and an answer makes the pause short again")
    func turns() {
        var script = Script(routers: ["r1", "r2", "r3"])
        var tried: [String] = []
        for _ in 0..<5 {
            guard let asked = script.asked.last else { break }
            tried.append(asked.router)
            script.fail(asked)
            script.waitForDeadline()
        }
        #expect(tried == ["r1", "r2", "r3", "r1", "r2"])
        script.answerAttach()
        let before = script.now
        if let parked = script.parked { script.fail(parked) }
        script.waitForDeadline()
        #expect(script.now - before < 100)
    }

    @Test("an answer of another kind is a lost router, not a crash")
    func strangeAnswers() {
        for reply in [Reply.noSession, .refused(.notUnderstood), .peer(.taken)] {
            var script = Script.attached()
            if let parked = script.parked { script.answer(parked, reply) }
            #expect(script.said.last == .disconnected(router: "r1"))
            script.waitForDeadline()
            #expect(script.asked.last?.isAttach ?? false)
        }
    }
}
