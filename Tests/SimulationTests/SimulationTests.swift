import Foundation
import Routing
import Testing

@testable import Simulation

@Suite("worlds from seeds")
struct SimulationTests {
    /// Seeds whose worlds once failed, with what was found.
    static let past: [(seed: UInt64, why: String)] = [
        (2, "a command that ended its ticket was journaled with its key twice"),
        (13, "graces did not end where no router was left to wake the judge"),
        (1283, "an agent who was no longer left alone, as he had said something new, was asked for nothing"),
        (5018, "a region's new owner had an agent asked for a ticket that was his already"),
    ]

    @Test("worlds that once failed keep every promise", arguments: past.map(\.seed))
    func pastFailures(_ seed: UInt64) throws {
        try expectKept(Self.former(seed: seed))
    }

    /// Short worlds that once failed, as they are drawn now.
    static let pastShort: [(seed: UInt64, why: String)] = [
        (80_058, "what came back to its queue after an offer was made counted as passed over by it"),
        (300_002, "who was asked beside another was not asked first for what ranked higher for him"),
        (300_013, "a grace was too short by what a slow disk showed of it"),
        (300_380, "a ticket that left and came back was offered under a name that it had had"),
        (300_420, "a program that had lost its router was to know what that one had said"),
        (310_035, "who had room in a channel again, and no unit more, was matched a second later"),
        (310_087, "what a clock did between a new policy and its recount counted as the new policy's"),
        (320_486, "the withdraw of an offer was to come before slow messages could have brought it"),
        (310_215, "a priority that was in the ledger and not yet durable was to be known by an owner"),
        (2, "after each lost question, of many, a router asked everything again that was on its way"),
        (3_000_386, "who is at home with a router that is full counted as free"),
        (678_037_057_939, "who was asked again before his decline was heard counted as asked in spite of it"),
    ]

    @Test("short worlds that once failed keep every promise", arguments: pastShort.map(\.seed))
    func pastShortFailures(_ seed: UInt64) throws {
        try expectKept(Options.short(seed: seed))
    }

    /// Worlds of any size that failed as they are drawn now.
    static let pastAny: [(seed: UInt64, why: String)] = [
        (634, "a clock that began anew with the reopening took a step twice"),
        (410_179, "an attach that came true after its client had gone left him with his other client, elsewhere too"),
        (520_092, "the same, with a device of his at a third router"),
        (600_129, "a recount of clocks on a slow disk took longer than the checker waited"),
        (700_067, "a pause that was repeated at another router, and over by then, was there again"),
        (780_473, "news of before an outcome, heard after it, took the ticket from its agent's screen"),
        (622_331_446_543, "news whose poll was lost with its connection were to come before it was asked again"),
        (6_000_421, "a ticket's place was compared with what its owner had not heard, anew each second"),
        (911_328, "who had a ticket by its former owner's offer was shown the new owner's"),
        (750_376, "time stood still for a coordinator whose clock was set back while it was away"),
    ]

    @Test("worlds of any size that failed keep every promise", arguments: pastAny.map(\.seed))
    func pastAnyFailures(_ seed: UInt64) throws {
        try expectKept(Options.swarm(seed: seed))
    }

    /// As it was drawn before some routers were older.
    private func expectKept(_ options: Options) throws {
        var options = options
        options.olderRouters = 0
        let run = try Run(options)
        #expect(run.wrong == [])
    }

    /// As the world was drawn when it failed, without what worlds have had since then.
    private static func former(seed: UInt64) -> Options {
        var options = Options.swarm(seed: seed)
        options.questions = 0
        options.company.promises = 0
        options.company.choosing = 0
        options.points = []
        options.faults[.decayed] = nil
        return options
    }

    @Test("with some or all routers of the wire version before every promise is kept", arguments: [1, 2, 3])
    func olderRouters(_ older: Int) throws {
        for seed in UInt64(40)...42 {
            var options = Self.small(seed: seed)
            options.routers = 3
            options.faults[.routerStopped] = 1
            options.olderRouters = older
            let run = try Run(options)
            #expect(run.wrong == [], "seed \(seed)")
        }
    }

    @Test("routers are older in about every third world, never more of them than there are")
    func olderRoutersDrawn() {
        let drawn = (1...60 as ClosedRange<UInt64>).map { Options.swarm(seed: $0) }
        let older = drawn.count { $0.olderRouters > 0 }
        #expect((10...30).contains(older))
        #expect(drawn.allSatisfy { $0.olderRouters <= $0.routers })
    }

    @Test("a fault point makes another world of a seed, in which every promise is kept too", arguments: Point.allCases)
    func points(_ point: Point) throws {
        var hasChanged = false
        for seed in 1...(Self.unseen.contains(point) ? 2 : 6) as ClosedRange<UInt64> where !hasChanged {
            var options = Self.small(seed: seed)
            options.company.hasHours = true
            options.faults = [.routerStopped: 1, .coordinatorKilled: 1]
            (options.routers, options.reloads, options.company.promises) = (3, 2, 2)
            options.snapshotBytes = 1 << 12
            options.points = []
            let without = try Run(options)
            options.points = [point]
            let with = try Run(options)
            #expect(with.wrong == [])
            // A slice of a snapshot is seen by nobody but the disk.
            hasChanged = with.digest != without.digest || with.steps != without.steps
        }
        #expect(hasChanged != Self.unseen.contains(point), "\(point)")
    }

    /// Lanes are a matter of speed only, whoever is matched is the same (`LanesTests`); nobody has shifts of his own
    /// in companies as small as these, and hardly ever do so many wait that they are listed in parts.
    private static let unseen: Set<Point> = [.fewLanes, .fewShifts, .fewListed]

    @Test("the same seed is the same world, bit by bit", arguments: [1, 7])
    func sameTwice(_ seed: UInt64) throws {
        var options = Options.swarm(seed: seed)
        options.tickets = 40
        let first = try Run(options)
        let second = try Run(options)
        #expect(first.wrong == [])
        #expect(first.digest == second.digest)
        #expect(first.effort == second.effort)
    }

    /// The order of Dictionaries and Sets differs from process to process: what depends on it shows here.
    @Test("two processes make the same world of a seed")
    func twoProcesses() throws {
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".build/debug/switchyard")
        let digests = try (0..<2).map { _ in
            let process = Process()
            process.executableURL = program
            process.arguments = ["simulate", "--seed", "3", "--format", "json"]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let data = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return try #require(
                String(decoding: data, as: UTF8.self).split(separator: "\n").first {
                    $0.contains("digest")
                })
        }
        let ours = String(try Run(.swarm(seed: 3)).digest, radix: 16)
        #expect(digests[0] == digests[1])
        #expect(digests[0].contains(ours))
    }

    @Test("a schedule is drawn ahead, in order, the same each time, and another one for another seed")
    func schedules() {
        let schedules = (1...20).map { Options.swarm(seed: $0).schedule() }
        #expect(schedules == (1...20).map { Options.swarm(seed: $0).schedule() })
        #expect(schedules.allSatisfy { $0.map(\.begins) == $0.map(\.begins).sorted() })
        #expect(schedules[0] != schedules[1])
    }

    /// A world of a few tickets, with a few faults.
    private static func small(seed: UInt64) -> Options {
        var options = Options.swarm(seed: seed)
        options.tickets = 40
        options.agents = 5
        options.workTime = 20_000
        options.faults = [.routerKilled: 2, .nodePaused: 2, .halfOpen: 2]
        return options
    }

    @Test("a world of a node that makes a mistake fails, and shrinks to fewer faults that still show it")
    func shrinks() throws {
        let flaws = Flaws([.capacityUnchecked, .fenceUnchecked, .exclusionForgotten])
        // Not every world has a fault that it fails without.
        var found: Shrink?
        for seed in UInt64(1)...20 where found == nil {
            let failed = try Run(Self.small(seed: seed), flaws: flaws)
            guard !failed.wrong.isEmpty else { continue }
            let shrunk = try Shrink(failed, most: 12) { try Run($0, faults: $1, flaws: flaws) }
            #expect(!shrunk.run.wrong.isEmpty)
            if shrunk.run.faults.count < failed.faults.count { found = shrunk }
        }
        let shrunk = try #require(found)
        let again = try Run(shrunk.run.options, faults: shrunk.run.faults, flaws: flaws)
        #expect(again.digest == shrunk.run.digest)
    }

    @Test("every company that a world can have is a good cluster file, in all its variants")
    func companies() throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            let options = Options.swarm(seed: seed)
            var company = options.company
            company.agents = options.agents
            for variant in 0..<4 { _ = try SimulatedCompany(company).company(variant: variant) }
        }
    }
}
