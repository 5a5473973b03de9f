import Testing

@testable import Routing

@Suite("timers without a reason") struct VainTimersTests {
    @Test("a poll that another one has taken the place of wakes nobody")
    func polls() throws {
        var bench = Bench(company, routersIn: ["hq"])
        bench.attach("a0", at: 0)
        bench.run(for: 500)
        var core = bench.routers[0].core
        let park = core.policy.timing.sessionPark
        let poll = SessionPoll(instance: bench.clients[0].instance, seen: [], commands: [])
        let first = bench.time
        let second = Now(instant: first.instant + .seconds(1), wall: first.wall + .seconds(1))
        core.deadlines = Deadlines()
        for (token, now) in [(RequestToken(1 << 40), first), (RequestToken(2 << 40), second)] {
            var effects: [Router.Effect] = []
            core.step(.poll(poll, token, bench.clients[0].pipe), at: now, into: &effects)
            core.step(.turnEnds, at: now, into: &effects)
            #expect(core.nextDeadline == now.instant + park)
        }
        #expect(core.deadlines.count == 1)
    }

    @Test("nobody is woken for an offer that was answered")
    func offers() {
        var bench = Bench(company, routersIn: ["hq"])
        for number in 0..<3 { bench.attach("a\(number)", at: 0, isPlaying: true) }
        for _ in 0..<20 { _ = bench.submit(Submission(customer: "c", product: "truck"), at: 0) }
        var seen: Set<TicketID> = []
        for _ in 0..<30_000 {
            bench.run(for: 1)
            let core = bench.routers[0].core
            seen.formUnion(core.queues.offers.keys)
            switch core.deadlines.first {
            case .backstop(let id):
                #expect(core.queues.offers[id.ticket]?.contains { $0.offer.id == id } ?? false)
            case .offerExpires(let id, let agent):
                #expect(core.hosted[agent]?.offers.contains { $0.offer.id == id } ?? false)
            default: break
            }
        }
        #expect(seen.count == 20)
        #expect(bench.routers[0].core.counters.accepted >= 20)
    }

    private var company: Company {
        Company(
            people: (0..<3).map { number in
                Company.Person(name: "a\(number)", groups: ["hq-agents"], skills: [("truck", 5)], capacity: 1)
            })
    }
}
