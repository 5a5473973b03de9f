import Foundation
import Testing

@testable import Routing

/// A strategy or an order that leaves somebody out for ever looks right in every single decision; it shows only in the
/// end (FreeSWITCH #1216, Asterisk #1691).
@Suite("everything submitted comes to an end") struct LivenessTests {
    struct Way: Sendable, CustomTestStringConvertible {
        let strategy: Strategy
        let order: (name: String, order: Order)
        let seed: UInt64
        var testDescription: String { "\(strategy), \(order.name), seed \(seed)" }
    }

    static let orders: [(name: String, order: Order)] = [
        ("priority", .priority),
        ("aging", .aging(headStarts: (0...9).map { .seconds($0 * 3) })),
        ("deadline", .deadline(targets: (0...9).map { .seconds(60 - $0 * 5) })),
    ]

    /// More of them: LIVENESS_SEEDS=20 swift test --filter LivenessTests
    static let ways: [Way] = {
        let seeds = ProcessInfo.processInfo.environment["LIVENESS_SEEDS"].flatMap { UInt64($0) } ?? 1
        return (1...max(seeds, 1)).flatMap { seed in
            Strategy.allCases.flatMap { strategy in
                orders.map { Way(strategy: strategy, order: $0, seed: seed * 100 + UInt64(strategy.rawValue)) }
            }
        }
    }()

    @Test(
        "with every strategy and every order all is assigned and closed while agents come, go, decline and look away",
        arguments: ways)
    func peopleComeAndGo(_ way: Way) {
        var world = World(
            seed: way.seed, tickets: 60, isFaulty: false, strategy: way.strategy, order: way.order.order, comings: 60)
        #expect(world.play() == [], "\(way.testDescription)")
        #expect(world.bench.watch.closed.count == 60)
        #expect(world.bench.watch.assignments >= 60)
    }

    @Test(
        "with every strategy and every order all is assigned and closed through crashes, cuts and losses too",
        arguments: ways)
    func everythingBreaks(_ way: Way) {
        var world = World(
            seed: way.seed + 50, tickets: 60, strategy: way.strategy, order: way.order.order, comings: 20)
        #expect(world.play() == [], "\(way.testDescription)")
        #expect(world.bench.watch.closed.count == 60)
    }
}
