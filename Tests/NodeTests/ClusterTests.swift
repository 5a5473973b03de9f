import Foundation
import Routing
import Testing

@testable import AgentClient

/// Real sockets, threads and files in one process; one cluster at a time.
@Suite("a cluster on real sockets", .serialized, .timeLimit(.minutes(1))) struct ClusterTests {
    private func with(
        _ text: CompanyText = CompanyText(), _ body: (LiveCluster) async throws -> Void
    ) async throws {
        let cluster = try LiveCluster(text)
        do {
            try await cluster.waitUntilReady()
            try await body(cluster)
        } catch {
            cluster.end()
            throw error
        }
        cluster.end()
    }

    @Test("an agent accepts, answers, waits, goes on and resolves")
    func work() async throws {
        try await with { cluster in
            let ana = Heard(["ana"], [cluster.routers["a"]!])
            #expect(try await ana.isAttached())
            let number = try await cluster.submit(1, region: "a")
            #expect(number == 1)
            let offer = try #require(try await ana.offer(number))
            #expect(offer.agent == "ana" && offer.group == "a-1" && offer.subject == "ticket 1" && offer.priority == 4)
            let ticket = try await ana.client.accept(offer)
            #expect(try await ana.assigned(number) == ticket)
            try await ana.client.reply(ticket, "hello")
            try await ana.client.note(ticket, "between us")
            try await ana.client.pause(ticket, reason: "asked for the bill")
            #expect(
                try await ana.first { if case .pendingChanged(_, number, true) = $0 { true } else { nil } } == true)
            try await ana.client.resume(ticket)
            try await ana.client.resolve(ticket)
            let record = try #require(try await cluster.show(number))
            #expect(
                record.steps.map(\.kind) == [.opened, .assigned, .replied, .noted, .paused, .resumed, .resolved])
            await #expect(throws: AgentError(.gone)) { try await ana.client.reply(ticket, "too late") }
            ana.client.stop()
            try await expectEventually { ana.isOver }
        }
    }

    @Test("a ticket goes up to the engineers and comes back down to whom it was passed on by")
    func upAndDown() async throws {
        try await with { cluster in
            let ana = Heard(["ana"], [cluster.routers["a"]!])
            let eva = Heard(["eva"], [cluster.routers["b"]!])
            #expect(try await ana.isAttached())
            #expect(try await eva.isAttached())
            let number = try await cluster.submit(1, region: "a")
            let first = try await ana.client.accept(try #require(try await ana.offer(number)))
            try await ana.client.escalate(first)
            let up = try #require(try await eva.offer(number))
            #expect(up.group == "a-2")
            let second = try await eva.client.accept(up)
            let heard = ana.all.count
            try await eva.client.sendDown(second)
            let down = try #require(try await ana.offer(number, from: heard))
            #expect(down.group == "a-1")
            try await ana.client.resolve(try await ana.client.accept(down))
            let record = try #require(try await cluster.show(number))
            #expect(
                record.steps.map(\.kind) == [
                    .opened, .assigned, .escalated, .assigned, .sentDown, .assigned, .resolved,
                ])
            await #expect(throws: AgentError.self) { try await eva.client.resolve(second) }
            ana.client.stop()
            eva.client.stop()
        }
    }

    @Test("a ticket of region b with nobody free there is widened, and served from region a")
    func widened() async throws {
        try await with { cluster in
            let ana = Heard(["ana"], [cluster.routers["a"]!])
            #expect(try await ana.isAttached())
            let number = try await cluster.submit(1, region: "b")
            let offer = try #require(try await ana.offer(number))
            #expect(offer.group == "a-1")
            _ = try await ana.client.accept(offer)
            let record = try #require(try await cluster.show(number))
            #expect(record.steps.map(\.kind) == [.opened, .widened, .assigned])
            let waited = record.steps[1].at.since(record.steps[0].at)
            #expect(
                waited >= Interval(milliseconds: 300),
                "by the ledger: an offer's age is its router's, who may know less")
            ana.client.stop()
        }
    }

    @Test("where agents choose they see what waits and take it; where nobody is asked it is simply theirs")
    func takenAndAssigned() async throws {
        var text = CompanyText()
        text.groups = text.groups.replacing(#""b", tier: 1"#, with: #""b", tier: 1, autoAccept: true"#)
            .replacing(#""a", tier: 1"#, with: #""a", tier: 1, pull: true"#)
        try await with(text) { cluster in
            let ana = Heard(["ana"], [cluster.routers["a"]!])
            let bob = Heard(["bob"], [cluster.routers["b"]!])
            #expect(try await ana.isAttached())
            #expect(try await bob.isAttached())
            let first = try await cluster.submit(1, region: "a")
            // Submitted is not queued yet: the list follows within a moment.
            var choices: [AgentChoice] = []
            _ = try await eventually {
                choices = (try? await ana.client.choices(for: "ana"))?.tickets ?? []
                return !choices.isEmpty
            }
            let choice = try #require(choices.first)
            #expect(choice.ticket == first && choice.group == "a-1")
            let held = try await ana.client.take(choice)
            #expect(try await ana.assigned(first) == held)
            let second = try await cluster.submit(2, region: "b")
            let given = try #require(try await bob.assigned(second))
            try await bob.client.resolve(given)
            let record = try #require(try await cluster.show(second))
            #expect(record.steps.map(\.kind) == [.opened, .assigned, .resolved])
            ana.client.stop()
            bob.client.stop()
        }
    }

    @Test("who declines is not asked again, and the next one is")
    func declined() async throws {
        try await with { cluster in
            let both = Heard(["ana", "ben"], [cluster.routers["a"]!])
            #expect(try await both.isAttached())
            let number = try await cluster.submit(1, region: "a")
            let first = try #require(try await both.offer(number))
            let heard = both.all.count
            try await both.client.decline(first)
            let second = try #require(try await both.offer(number, from: heard))
            #expect(Set([first.agent, second.agent]) == ["ana", "ben"])
            await #expect(throws: AgentError(.gone)) { try await both.client.accept(first) }
            try await both.client.decline(second)
            #expect(
                try await both.first {
                    if case .offerEnded(let name) = $0, name == second.name { true } else { nil }
                } == true)
            #expect(try await cluster.show(number)?.state == .waiting)
            let offers = both.all.filter { if case .offered = $0 { true } else { false } }
            #expect(offers.count == 2)
            both.client.stop()
        }
    }

    @Test("a client whose router is stopped attaches to the other by itself and still has its ticket")
    func moves() async throws {
        try await with { cluster in
            let ana = Heard(["ana"], [cluster.routers["a"]!])
            #expect(try await ana.isAttached())
            let number = try await cluster.submit(1, region: "a")
            let ticket = try await ana.client.accept(try #require(try await ana.offer(number)))
            cluster.stop("a")
            // The router of region b was named by router a.
            #expect(try await ana.isAttached(2))
            try await ana.client.reply(ticket, "still here")
            try await ana.client.resolve(ticket)
            let record = try #require(try await cluster.show(number))
            #expect(record.steps.map(\.kind) == [.opened, .assigned, .replied, .resolved])
            #expect(!ana.all.contains { if case .uncertain = $0 { true } else { false } })
            let after = try await cluster.submit(2, region: "a", to: "b")
            #expect(try await ana.offer(after)?.group == "a-1")
            ana.client.stop()
        }
    }

    @Test("of two clients for one agent the first hears that it is superseded, and the second works")
    func superseded() async throws {
        try await with { cluster in
            let desk = Heard(["ana"], [cluster.routers["a"]!])
            #expect(try await desk.isAttached())
            let phone = Heard(["ana"], [cluster.routers["b"]!])
            #expect(try await phone.isAttached())
            #expect(
                try await desk.first { if case .superseded(agent: "ana") = $0 { true } else { nil } } == true)
            try await expectEventually { desk.isOver }
            let number = try await cluster.submit(1, region: "a")
            _ = try await phone.client.accept(try #require(try await phone.offer(number)))
            await #expect(throws: AgentError.self) { try await desk.client.setStatus(.away, for: "ana") }
            #expect(!phone.all.contains { if case .superseded = $0 { true } else { false } })
            #expect(desk.all.count { if case .connected = $0 { true } else { false } } == 1)
            phone.client.stop()
        }
    }

    @Test("an agent whom nobody knows is refused, and his client ends")
    func unknown() async throws {
        try await with { cluster in
            let ghost = Heard(["ghost"], [cluster.routers["a"]!])
            let refusal = try await ghost.first { event -> AgentError? in
                if case .refused("ghost", let error) = event { error } else { nil }
            }
            #expect(refusal == AgentError(.notFound))
            try await expectEventually { ghost.isOver }
            await #expect(throws: AgentError.self) { try await ghost.client.setStatus(.away, for: "ghost") }
        }
    }
}
