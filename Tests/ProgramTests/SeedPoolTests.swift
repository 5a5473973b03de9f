import Routing
import Simulation
import Synchronization
import Testing

@testable import switchyard

@Suite("worlds on all cores")
struct SeedPoolTests {
    @Test("as many are played as wanted, and counted in the order of their seeds", arguments: [1, 3])
    func all(cores: Int) throws {
        let seeds = Mutex<[UInt64]>([])
        let failed = try SeedPool(cores: cores).play(
            while: { $0 < 5 }, { try Run(Self.small(UInt64($0 + 1))) },
            take: { run in seeds.withLock { $0.append(run.options.seed) } })
        let taken = seeds.withLock { $0 }
        #expect(failed == nil && taken == [1, 2, 3, 4, 5])
    }

    @Test("the first seed that fails is the result, and none after it counts", arguments: [1, 3])
    func firstFailure(cores: Int) throws {
        let count = Mutex(0)
        let failed = try SeedPool(cores: cores).play(
            while: { $0 < 100 },
            { try Run(Self.small(UInt64($0 + 1)), checkers: $0 < 2 ? Checkers.all() : [Never()]) },
            take: { _ in count.withLock { $0 += 1 } })
        let taken = count.withLock { $0 }
        #expect(failed?.options.seed == 3 && taken == 3)
    }

    private static func small(_ seed: UInt64) -> Options {
        var options = Options.calm(seed: seed)
        (options.agents, options.tickets, options.workTime, options.manages) = (3, 5, 5_000, 0)
        return options
    }

    /// Is never content.
    private struct Never: Checker {
        let name = "Never"
        let wrong = ["no"]
        mutating func see(_ observation: Observation, at now: Now) {}
    }
}
