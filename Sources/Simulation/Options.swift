package import Routing

/// Everything that a run's seed decides before the run: how large it is, which policy it has, and which kinds of faults
/// happen how often. Drawn anew for each seed, with whole kinds left out: faults that are always all there hide each
/// other's bugs (swarm testing, Groce et al. 2012).
package struct Options: Equatable, Sendable {
    package var seed: UInt64
    package var routers = 3
    package var agents = 20
    package var tickets = 300
    /// Virtual milliseconds of work, and of faults in it.
    package var workTime: UInt64 = 60_000
    /// How long after the heal everything must have come to its end.
    package var healTime: UInt64 = 300_000
    /// Which company; see `SimulatedCompany`.
    package var company = CompanyOptions()

    /// How long an agent's day is; zero for as long as the work.
    package var shift: UInt64 = 0
    /// Of the coordinator's disk: small enough that a run has many snapshots and segments.
    package var segmentBytes = 1 << 16
    package var snapshotBytes: UInt64 = 1 << 14
    /// Whether it is worked on beside the coordinator's turns, as a real one is; else within them.
    package var isDiskBeside: Bool
    /// Of how many steps of the world one is looked at by the checkers, and of four times as many turns of routers one
    /// by what must hold in a core. One of 16 worlds is looked at after every step and turn: that takes a multiple of
    /// the world's own time.
    package var looksEvery = 16

    // The network. Messages take 1...`delayMax` ms.
    package var delayMax: UInt64 = 1
    /// Of a thousand publications.
    package var publicationsLost = 0
    package var publicationsDoubled = 0
    /// Of ten thousand questions and answers: those whose connection breaks with them on the way.
    package var connectionsBroken = 0
    /// Whether messages of one connection can overtake each other, as when it was just made anew.
    package var isReordering = false

    // The clocks.
    /// How far nodes' wall clocks are apart at most.
    package var skewMax: UInt64 = 0
    /// How much faster or slower than true time nodes' clocks may run, in millionths.
    package var driftMax = 0

    // People.
    /// Commands of customers and supervisors.
    package var manages = 0
    /// How many policies come after the first.
    package var reloads = 0
    /// Agents who have a second device and change between the two.
    package var secondDevices = 0
    /// Times at which somebody leaves, is away or finishes for a while.
    package var comings = 0
    /// Of a thousand tickets: how many start later.
    package var scheduled = 0
    /// Whether agents do everything with tickets that there is to do.
    package var isLively = true
    /// How often somebody looks a ticket up.
    package var questions = 0

    /// How many of the routers begin with the wire version before this one, and have this one from their next start on.
    package var olderRouters = 0

    // Rare branches that are frequent.
    package var points: [Point] = []

    // The faults of the schedule.
    package var faults: [FaultKind: Int] = [:]

    package init(seed: UInt64) {
        self.seed = seed
        isDiskBeside = seed % 2 == 1
    }

    /// A short world with faults, as `simulate --seeds` runs them.
    package static func swarm(seed: UInt64) -> Options {
        var random = SplitMix64(seed: seed)
        var options = Options(seed: seed)
        options.routers = random.pick([1, 2, 3, 3, 3, 4])
        options.agents = random.pick([3, 10, 20, 20, 30])
        options.tickets = random.pick([20, 100, 200, 300])
        options.workTime = random.pick([20_000, 40_000, 60_000])
        options.company = CompanyOptions(drawing: &random)
        options.snapshotBytes = random.pick([1 << 12, 1 << 14, 1 << 20])
        if random.chance(3, of: 4) { options.delayMax = random.between(1, random.pick([5, 60, 400])) }
        if random.chance(1, of: 2) { options.publicationsLost = random.whole(1, 300) }
        if random.chance(1, of: 3) { options.publicationsDoubled = random.whole(1, 300) }
        if random.chance(1, of: 2) { options.connectionsBroken = random.whole(1, 200) }
        options.isReordering = random.chance(1, of: 3)
        if random.chance(1, of: 2) { options.skewMax = random.between(1, 120_000) }
        if random.chance(1, of: 3) { options.driftMax = random.whole(1, 5_000) }
        if random.chance(3, of: 4) { options.manages = options.tickets / 2 }
        if random.chance(1, of: 2) { options.reloads = random.whole(1, 4) }
        if random.chance(1, of: 3) { options.secondDevices = random.whole(1, options.agents) }
        if random.chance(2, of: 3) { options.comings = random.whole(1, options.agents) }
        if random.chance(1, of: 2) { options.scheduled = random.whole(10, 300) }
        options.isLively = random.chance(4, of: 5)
        for kind in FaultKind.allCases where random.chance(1, of: 3) {
            options.faults[kind] = random.whole(1, kind.most)
        }
        options.drawFurther()
        if seed.isMultiple(of: 16) { options.looksEvery = 1 }
        return options
    }

    /// What has its own chance, so that what is drawn above is as it would be without.
    private mutating func drawFurther() {
        var asking = SplitMix64(seed: seed ^ 0xa5_4146)
        if asking.chance(2, of: 3) { questions = asking.whole(1, tickets) }
        var promising = SplitMix64(seed: seed ^ 0x70_0415)
        company.promise(drawing: &promising)
        var choosing = SplitMix64(seed: seed ^ 0xc4_0053)
        company.choose(drawing: &choosing)
        var pointing = SplitMix64(seed: seed ^ 0x90_1375)
        if pointing.chance(1, of: 2) {
            points = Point.allCases.filter { $0 != .fewListed && pointing.chance(1, of: 4) }
        }
        var listing = SplitMix64(seed: seed ^ 0x0_1157)
        if listing.chance(1, of: 6) { points.append(.fewListed) }
        var upgrading = SplitMix64(seed: seed ^ 0x0_1de5)
        if upgrading.chance(1, of: 3) { olderRouters = upgrading.whole(1, routers) }
    }

    /// A day of a large company in which nothing goes wrong: 200 agents in three shifts, 5,000 tickets.
    package static func day(seed: UInt64) -> Options {
        var options = Options(seed: seed)
        options.routers = 4
        options.agents = 200
        options.tickets = 5_000
        options.workTime = 24 * 3_600_000
        options.shift = options.workTime / 3
        options.delayMax = 5
        options.manages = 500
        options.scheduled = 50
        options.segmentBytes = 1 << 22
        options.snapshotBytes = 1 << 24
        options.looksEvery = 1 << 14
        return options
    }

    /// A short world with faults of the size that is measured: three routers, 20 agents, 300 tickets.
    package static func short(seed: UInt64) -> Options {
        var options = swarm(seed: seed)
        options.routers = 3
        options.agents = 20
        options.tickets = 300
        options.workTime = 60_000
        return options
    }

    /// A short world in which nothing goes wrong.
    package static func calm(seed: UInt64) -> Options {
        var options = swarm(seed: seed)
        options.publicationsLost = 0
        options.publicationsDoubled = 0
        options.connectionsBroken = 0
        options.isReordering = false
        options.skewMax = 0
        options.driftMax = 0
        options.faults = [:]
        return options
    }
}

extension Options: CustomStringConvertible {
    package var description: String {
        let faults = FaultKind.allCases.compactMap { kind in self.faults[kind].map { "\(kind) \($0)" } }
        return """
            seed \(seed): \(routers) routers\(olderRouters > 0 ? " (\(olderRouters) of an older version)" : ""), \
            \(agents) agents, \(tickets) tickets in \(workTime / 1000) s, \
            \(company), delay 1...\(delayMax) ms, of 1000 publications \(publicationsLost) lost \
            \(publicationsDoubled) doubled, of 10000 messages \(connectionsBroken) break their connection, \
            \(isReordering ? "reordering, " : "")skew \(skewMax) ms, drift \(driftMax) ppm, \(manages) commands of \
            outsiders, \(reloads) reloads, \(secondDevices) second devices, \(comings) comings, \(scheduled)/1000 \
            scheduled, \(questions) questions, \(isLively ? "lively" : "plain"); points: \
            \(points.isEmpty ? "none" : points.map(\.description).joined(separator: ", ")); faults: \
            \(faults.isEmpty ? "none" : faults.joined(separator: ", "))
            """
    }
}
