import Testing

@testable import Routing

@Suite("clients that say nothing any more") struct SilencesTests {
    private func bench(_ count: Int) -> Bench {
        let people = (0..<count).map { number in
            Company.Person(name: "a\(number)", groups: ["hq-agents"], skills: [("truck", 5)], capacity: 1)
        }
        var bench = Bench(Company(people: people), routersIn: ["hq"])
        for person in people { bench.attach(person.name, at: 0) }
        bench.run(for: 500)
        return bench
    }

    @Test("a session ends when its client has been silent for the time-out after its last answer, and not before")
    func silent() {
        var bench = bench(2)
        let timing = bench.routers[0].core.policy.timing
        #expect(bench.routers[0].core.sessions.count == 2)
        bench.clients[0].isAttached = false
        bench.run(for: timing.sessionTimeout.milliseconds - 1_000)
        #expect(bench.routers[0].core.sessions.count == 2)
        bench.run(for: timing.sessionPark.milliseconds + 1_500)
        #expect(bench.routers[0].core.sessions.count == 1)
        #expect(bench.routers[0].core.hosted.count == 1)
    }

    @Test("clients that go on asking are awaited with one timer, and nobody is awaited for ever")
    func oneTimer() {
        var bench = bench(20)
        bench.run(for: 120_000)
        let core = bench.routers[0].core
        #expect(core.sessions.count == 20)
        #expect(core.deadlines.count < 20 + 8, "a parked poll each, and what the router has of its own")
        #expect(core.faultsOfSilences() == [])
        #expect(core.silences.queue.count < 60)
    }

    @Test("a client that asks without pause is awaited once, and still ends when it is silent")
    func flood() {
        var bench = bench(2)
        let timing = bench.routers[0].core.policy.timing
        bench.clients[0].isAttached = false
        let client = bench.clients[0]
        let poll = SessionPoll(
            instance: client.instance, seen: [],
            commands: [AgentCommand(agent: AgentID(999), sequence: 1, action: .endWrapUp)])
        var effects: [Router.Effect] = []
        for number in 0..<5_000 {
            bench.routers[0].core.step(
                .poll(poll, RequestToken(1_000_000 + UInt64(number)), client.pipe), at: bench.time, into: &effects)
        }
        #expect(bench.routers[0].core.silences.queue.count <= 2 * 2 + Limits.silencesSpare)
        #expect(bench.routers[0].core.faultsOfSilences() == [])
        bench.run(for: timing.sessionTimeout.milliseconds + timing.sessionPark.milliseconds + 1_500)
        #expect(bench.routers[0].core.sessions.count == 1)
    }

    @Test("a session whose client nobody waits for is a fault")
    func canary() {
        var core = bench(2).routers[0].core
        for instance in core.sessions.keys { _ = core.sessions.update(instance) { $0.parked = nil } }
        core.silences = Silences()
        #expect(core.faultsOfSilences().count == 2)
    }
}
