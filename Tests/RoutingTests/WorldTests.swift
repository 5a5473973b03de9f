import Foundation
import Testing

@testable import Routing

@Suite("random worlds") struct WorldTests {
    /// More of them: WORLD_SEEDS=1000 swift test --filter WorldTests
    static let seeds: Range<UInt64> = {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["WORLD_FIRST"].flatMap { UInt64($0) } ?? 1
        return first..<(first + (environment["WORLD_SEEDS"].flatMap { UInt64($0) } ?? 12))
    }()

    @Test("keep every promise through crashes, cuts, losses and repeats", arguments: seeds)
    func promisesHold(seed: UInt64) {
        var world = World(seed: seed)
        #expect(world.play() == [], "seed \(seed)")
        #expect(world.bench.watch.assignments >= world.tickets)
    }

    @Test("so they do where tickets are offered to several, assigned without asking, and taken", arguments: seeds)
    func mixed(seed: UInt64) {
        var world = World(seed: seed, isMixed: true)
        #expect(world.play() == [], "seed \(seed)")
        #expect(world.bench.watch.assignments >= world.tickets)
    }

    @Test("in such a world every way of coming to an agent is taken")
    func mixedWays() {
        var opened: UInt64 = 0
        var unasked = 0
        var asked = 0
        var attempts = 0
        var takes = 0
        for seed in UInt64(1)...2 {
            var world = World(seed: seed, isFaulty: false, isMixed: true)
            #expect(world.play() == [], "seed \(seed)")
            opened += world.bench.routers.reduce(0) { $0 + $1.core.counters.openedAssigned }
            let taken = world.bench.clients.reduce(0) { $0 + $1.takesDone }
            for entry in world.bench.coordinator.journal {
                if case .assigned(_, _, _, let id, _) = entry.record {
                    if id == nil { unasked += 1 } else { asked += 1 }
                }
                if entry.record.isAttempt { attempts += 1 }
            }
            takes += taken
        }
        #expect(opened > 2)
        #expect(takes > 20)
        #expect(asked > 20)
        #expect(attempts > 20)
        #expect(unasked > Int(opened) + takes, "some were assigned in the usual way, without a question")
    }

    @Test("without faults nothing is ever late, lost or held twice", arguments: [UInt64(1), 2])
    func calm(seed: UInt64) {
        var world = World(seed: seed, isFaulty: false)
        #expect(world.play() == [], "seed \(seed)")
        #expect(world.bench.submissions.allSatisfy { $0.accepted != nil })
    }

    @Test("the same seed gives the same journal, record for record")
    func sameSeedSameJournal() {
        var worlds = [World(seed: 42, tickets: 80), World(seed: 42, tickets: 80)]
        for index in worlds.indices { #expect(worlds[index].play() == []) }
        #expect(worlds[0].bench.coordinator.journal == worlds[1].bench.coordinator.journal)
        #expect(worlds[0].bench.turns == worlds[1].bench.turns)
        #expect(worlds[0].bench.coordinator.journal.count > 400)
    }
}
