import Foundation
import Testing

@testable import Routing

@Suite("random worlds of tickets' lives") struct LifeWorldTests {
    /// More of them: LIFE_SEEDS=1000 swift test --filter LifeWorldTests
    static let seeds: Range<UInt64> = {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["LIFE_FIRST"].flatMap { UInt64($0) } ?? 1
        return first..<(first + (environment["LIFE_SEEDS"].flatMap { UInt64($0) } ?? 6))
    }()

    @Test("keep every promise while people, steps, hours and policies move tickets about", arguments: seeds)
    func promisesHold(seed: UInt64) {
        var world = LifeWorld(seed: seed)
        #expect(world.play() == [], "seed \(seed)")
    }
}
