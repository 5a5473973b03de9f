import Routing
import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("explanations") struct ExplainingTests {
    typealias Desk = StickingTests.Desk

    @Test("a waiting ticket names its place and what keeps each member from it")
    func ticket() throws {
        var desk = Desk(StickingTests.policy())
        desk.hear(StickingTests.ana, .away)
        desk.hear(StickingTests.ben, .available, load: 1)
        desk.learn([desk.ticket(1, age: .seconds(50)), desk.ticket(2)])
        guard case .ticket(let second) = desk.router.explain(.ticket(TicketID(2)), at: desk.now) else {
            Issue.record("ticket 2 is not explained")
            return
        }
        #expect(second.position == 2)
        #expect(second.phase == .queued)
        #expect(second.estimate == nil)
        let group = try #require(second.groups.first)
        #expect(group.members == 2)
        #expect(
            group.parts == [
                GroupExplanation.Part(obstacle: .away, count: 1, examples: [StickingTests.ana]),
                GroupExplanation.Part(obstacle: .full, count: 1, examples: [StickingTests.ben]),
            ])
    }

    @Test("a ticket that is being offered names the agent, and one that is not here is not explained")
    func offered() {
        var desk = Desk(StickingTests.policy())
        desk.hear(StickingTests.ana, .available)
        desk.learn([desk.ticket(1)])
        guard case .ticket(let explanation) = desk.router.explain(.ticket(TicketID(1)), at: desk.now) else {
            Issue.record("ticket 1 is not explained")
            return
        }
        #expect(explanation.phase == .offered([StickingTests.ana]))
        #expect(desk.router.explain(.ticket(TicketID(9)), at: desk.now) == .notHere)
    }

    @Test("an agent who gets nothing learns why, and what waits")
    func agent() {
        var desk = Desk(StickingTests.policy())
        desk.hear(StickingTests.ana, .draining)
        desk.learn([desk.ticket(1), desk.ticket(2)])
        guard case .agent(let explanation) = desk.router.explain(.agent(StickingTests.ana), at: desk.now) else {
            Issue.record("ana is not explained")
            return
        }
        #expect(explanation.obstacle == .draining)
        #expect(
            explanation.queues == [
                AgentExplanation.Queue(group: GroupID(0), waiting: 2, fitting: 2, excluded: 0, lacking: nil)
            ])
    }
}

@Suite("expected waits") struct WaitEstimateTests {
    @Test("nothing is said before two tickets have left")
    func unknown() {
        var departures = Departures()
        #expect(WaitEstimate(position: 1, departures: departures, at: Instant(milliseconds: 10)) == nil)
        departures.note(at: Instant(milliseconds: 10))
        #expect(WaitEstimate(position: 1, departures: departures, at: Instant(milliseconds: 20)) == nil)
        departures.note(at: Instant(milliseconds: 30))
        #expect(WaitEstimate(position: 1, departures: departures, at: Instant(milliseconds: 30)) != nil)
    }

    @Test("the estimate is within 6 % of the gamma quantiles it stands for", arguments: [1, 2, 5, 20, 100])
    func quantiles(_ position: Int) throws {
        // One departure a second: 64 of them, so that the pace is exactly 1,000 ms.
        var departures = Departures()
        for second in 1...64 { departures.note(at: Instant(milliseconds: UInt64(second) * 1000)) }
        let now = Instant(milliseconds: 64_000)
        let estimate = try #require(WaitEstimate(position: position, departures: departures, at: now))
        // The naive twin: sums of exponential times, drawn and sorted.
        var random = SplitMix64(seed: UInt64(position))
        var waits: [Double] = []
        for _ in 0..<20_000 {
            var sum = 0.0
            for _ in 0..<position {
                let unit = (Double(random.next() >> 11) + 0.5) / Double(1 << 53)
                sum -= 1000 * naturalLogarithm(unit)
            }
            waits.append(sum)
        }
        waits.sort()
        for (share, shown) in [(0.5, estimate.p50), (0.9, estimate.p90)] {
            let drawn = waits[Int(Double(waits.count) * share)]
            let error = abs(Double(shown.milliseconds) - drawn) / drawn
            #expect(error < 0.06, "P\(Int(share * 100)) of \(position): \(shown.milliseconds) shown, \(drawn) drawn")
        }
    }

    /// ln x for 0 < x < 1 without Foundation: x = m * 2^e, ln m by its series in (m - 1) / (m + 1).
    private func naturalLogarithm(_ x: Double) -> Double {
        let t = (x.significand - 1) / (x.significand + 1)
        var term = t
        var sum = 0.0
        var k = 1.0
        while abs(term) > 1e-17 {
            sum += term / k
            term *= t * t
            k += 2
        }
        return 2 * sum + Double(x.exponent) * 0.693_147_180_559_945_3
    }

    @Test("a queue that stands still is slower for it")
    func standstill() throws {
        var departures = Departures()
        for second in 1...10 { departures.note(at: Instant(milliseconds: UInt64(second) * 1000)) }
        let soon = try #require(
            WaitEstimate(position: 3, departures: departures, at: Instant(milliseconds: 10_000)))
        let late = try #require(
            WaitEstimate(position: 3, departures: departures, at: Instant(milliseconds: 100_000)))
        #expect(late.p50 > soon.p50)
    }
}
