import Foundation
import Routing
import Testing

import struct Simulation.SplitMix64

extension Processes {
    @Suite struct ClusterFaultsTests {}
}

/// `Tests/run ClusterFaults` is the short form; `SWITCHYARD_LONG=1 SWITCHYARD_SEED=7 Tests/run ClusterFaults` all of
/// it, with that seed. The seed is the whole schedule: what is done to whom, when and for how long.
extension Processes.ClusterFaultsTests {
    private static let lease = 1_000

    private static func seed() -> UInt64 {
        let named = ProcessInfo.processInfo.environment["SWITCHYARD_SEED"].flatMap { UInt64($0) }
        return named ?? UInt64.random(in: 1...999_999)
    }

    /// Two routers in each of two regions, each in a network of its own.
    private static func plan(_ seed: UInt64) -> Drive.Plan {
        if let trouble = Namespaces.trouble {
            print("cluster faults: SKIPPED are the faults of networks, which need namespaces: \(trouble)")
        }
        return Drive.Plan(
            company: Companies.faults, posts: ["branch", "branch-2@branch", "hq", "hq-2@hq"],
            ground: .namespaces(weather: ["branch-2"]), every: 25,
            tempers: [.human(transfersTo: "hq-1"), .human(transfersTo: "branch-1")],
            staff: Companies.faultsDesks,
            graceMilliseconds: 20_000, seed: seed)
    }

    @Test("each fault alone, healed: nothing is lost, held by two, or beyond anybody's hands, and work goes on")
    func alone() async throws {
        let seed = Self.seed()
        print("cluster faults, each alone: SWITCHYARD_SEED=\(seed)")
        try await Drive.run(Self.plan(seed)) { drive in
            var random = SplitMix64(seed: seed)
            let striker = Striker(drive)
            for _ in 0..<(Program.isLong ? 6 : 1) {
                for fault in Fault.possible.shuffled(using: &random) {
                    let strike = Strike(fault, &random, lease: Self.lease, drive.cluster)
                    print("seed \(seed): \(strike)")
                    try await striker.begin(strike)
                    try await Task.sleep(for: .milliseconds(strike.length))
                    try striker.end(strike)
                    let began = ContinuousClock.now
                    let goesOn = try await drive.goesOn(within: 30)
                    #expect(goesOn, "seed \(seed): nothing goes on after \(strike)")
                    print("seed \(seed):   goes on after \(ContinuousClock.now - began)")
                }
            }
            drive.cluster.net?.heal()
            try await striker.repeatKeys()
            try await drive.close("each fault alone, seed \(seed)")
        }
    }

    @Test(
        "wall clocks that jump, each by itself, an hour ahead and back: every ticket still ends",
        .enabled(if: WallClock.trouble == nil, "\(WallClock.trouble ?? "")"))
    func clocks() async throws {
        let seed = Self.seed()
        print("cluster faults, clocks: SWITCHYARD_SEED=\(seed)")
        var plan = Self.plan(seed)
        plan.hasClocks = true
        try await Drive.run(plan) { drive in
            var random = SplitMix64(seed: seed)
            for _ in 0..<(Program.isLong ? 20 : 4) {
                let members = drive.cluster.members
                let member = members[random.below(members.count)]
                let seconds = [-3_600, -30, -2, 2, 30, 3_600][random.below(6)]
                print("seed \(seed): the clock of \(member.child.name) is \(seconds) s off")
                try drive.cluster.clock(of: member).set(seconds)
                // The library looks once a second.
                try await Task.sleep(for: .milliseconds(1_200))
                let goesOn = try await drive.goesOn(within: 30)
                #expect(goesOn, "seed \(seed): nothing goes on with \(member.child.name) \(seconds) s off")
            }
            for member in drive.cluster.members { try drive.cluster.clock(of: member).set(0) }
            try await drive.close("clocks, seed \(seed)")
        }
    }

    @Test("faults upon faults, healed: nothing is lost, held by two, or beyond anybody's hands, and every ticket ends")
    func mixed() async throws {
        let first = Self.seed()
        for seed in first..<(first + (Program.isLong ? 10 : 1)) {
            print("cluster faults, mixed: SWITCHYARD_SEED=\(seed)")
            try await Drive.run(Self.plan(seed)) { drive in
                try await Self.mix(drive, seed, strikes: Program.isLong ? 30 : 8)
                try await drive.close("mixed faults, seed \(seed)")
            }
        }
    }

    /// Faults one after another, each before the one before it is over.
    static func mix(_ drive: Drive, _ seed: UInt64, strikes: Int) async throws {
        var random = SplitMix64(seed: seed &* 31)
        let striker = Striker(drive)
        var open: [(until: ContinuousClock.Instant, strike: Strike)] = []
        for _ in 0..<strikes {
            let fault = Fault.possible[random.below(Fault.possible.count)]
            let strike = Strike(fault, &random, lease: lease, drive.cluster)
            let begins = ContinuousClock.now + .milliseconds(strike.after)
            for over in open.filter({ $0.until <= begins }).sorted(by: { $0.until < $1.until }) {
                try await Task.sleep(until: over.until)
                try striker.end(over.strike)
            }
            open.removeAll { $0.until <= begins }
            try await Task.sleep(until: begins)
            print("seed \(seed): \(strike)")
            try await striker.begin(strike)
            open.append((ContinuousClock.now + .milliseconds(strike.length), strike))
        }
        for over in open.sorted(by: { $0.until < $1.until }) {
            try await Task.sleep(until: over.until)
            try striker.end(over.strike)
        }
        drive.cluster.net?.heal()
        let goesOn = try await drive.goesOn(within: 40)
        #expect(goesOn, "seed \(seed): nothing goes on after all is healed")
        try await striker.repeatKeys()
    }
}
