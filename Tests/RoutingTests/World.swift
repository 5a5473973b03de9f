import struct Simulation.SplitMix64

@testable import Routing

/// A random world from a seed: a minute of work and faults, then everything heals and must come to an end.
struct World {
    static let workTime: UInt64 = 60_000
    static let healTime: UInt64 = 180_000
    let seed: UInt64
    let tickets: Int
    var bench: Bench

    /// So many `comings`: an agent's program leaves and comes back, or he sets himself away or draining for a while.
    init(
        seed: UInt64, tickets: Int = 200, isFaulty: Bool = true, strategy: Strategy = .longestIdle,
        order: Order = .priority, comings: Int = 0, isMixed: Bool = false
    ) {
        self.seed = seed
        self.tickets = tickets
        bench = Bench(
            isMixed ? Self.mixed(seed) : Company(people: Company.twenty, strategy: strategy, order: order),
            routersIn: Company.regions, seed: seed)
        bench.watch.looksEvery = 16
        for person in Company.twenty {
            let client = bench.attach(person.name, at: bench.random.below(3), isPlaying: true)
            if isMixed { bench.schedule(.atClient(client, .browse), in: bench.random.between(500, 2500)) }
        }
        if isFaulty {
            bench.network.delayMax = bench.random.between(1, 60)
            bench.network.lost = bench.random.below(3) * bench.random.below(20)
            bench.network.doubled = bench.random.below(3) * bench.random.below(20)
        }
        hireSubmitters()
        if isFaulty { planFaults() }
        planComings(comings)
    }

    private mutating func planComings(_ count: Int) {
        for _ in 0..<count {
            let client = bench.random.below(bench.clients.count)
            let moment = bench.random.between(2000, Self.workTime)
            switch bench.random.below(3) {
            case 0: bench.schedule(.fault(.clientLeaves(client)), in: moment)
            case 1: bench.schedule(.atClient(client, .act(.setStatus(.draining, reason: ""))), in: moment)
            default: bench.schedule(.atClient(client, .act(.setStatus(.away, reason: ""))), in: moment)
            }
        }
    }

    /// Every way in which tickets come to agents, each in other groups with each seed; with reasons for declining.
    private static func mixed(_ seed: UInt64) -> Company {
        let ways: [Delivery] = [.offered(atOnce: 3), .assigned, .taken, .offered(atOnce: 1), .offered(atOnce: 8)]
        let deliveries = Company.groups.indices.map { ways[(Int(seed % 5) + $0 * (1 + Int(seed / 5 % 4))) % 5] }
        var timing = Timing.brisk
        if seed % 3 == 0 { timing.expiredPause = .seconds(2) }
        if seed % 4 == 1 { timing.stickyFor = .seconds(3) }
        return Company(
            people: Company.twenty, timing: timing, deliveries: deliveries,
            declineReasons: [DeclineReason(name: "busy", pause: .seconds(1), exclude: .seconds(2))])
    }

    private mutating func hireSubmitters() {
        for _ in 0..<tickets {
            let region = bench.random.pick(["north", "south", "hq"])
            let submission = Submission(
                customer: "c\(bench.random.below(50))", segment: bench.random.chance(1, of: 20) ? "vip" : "",
                region: region, product: bench.random.pick(["truck", "bus", "other"]), subject: "s", text: "t")
            let place = bench.submissions.count
            bench.submissions.append(
                PlayedSubmission(
                    keyed: KeyedSubmission(key: SubmitKey(high: seed, low: UInt64(place)), submission: submission),
                    router: bench.random.below(3)))
            bench.schedule(.submitAgain(place), in: bench.random.below(Self.workTime))
        }
    }

    private mutating func planFaults() {
        func moment() -> UInt64 { bench.random.between(2000, Self.workTime) }
        for _ in 0..<bench.random.below(4) {
            let (router, start) = (bench.random.below(3), moment())
            bench.schedule(.fault(.routerDies(router)), in: start)
            bench.schedule(.fault(.routerStarts(router)), in: start + bench.random.between(100, 8000))
        }
        for _ in 0..<bench.random.below(5) {
            let (router, start, kind) = (bench.random.below(3), moment(), bench.random.below(3))
            bench.schedule(.fault(.cut(router, fromCoordinator: kind != 0, fromPeers: kind != 1)), in: start)
            bench.schedule(.fault(.heal(router)), in: start + bench.random.between(200, 7000))
        }
        for _ in 0..<bench.random.below(3) { bench.schedule(.fault(.coordinatorRestarts), in: moment()) }
        for _ in 0..<bench.random.below(15) {
            bench.schedule(.fault(.clientLeaves(bench.random.below(bench.clients.count))), in: moment())
        }
        for _ in 0..<bench.random.below(15) {
            bench.schedule(.fault(.clientPauses(bench.random.below(bench.clients.count))), in: moment())
        }
    }

    /// Plays the minute, heals, and gives what was wrong; empty when the cluster kept its promises.
    mutating func play() -> [String] {
        bench.run(for: Self.workTime + 10_000)
        bench.network = Network()
        for router in bench.routers.indices { bench.apply(.routerStarts(router)) }
        let wanted = tickets
        let isDone = bench.run(atMost: Self.healTime) { $0.watch.closed.count == wanted }
        bench.run(for: 15_000)
        if !isDone { bench.watch.note("after the heal: \(bench.unfinished)") }
        bench.judgeEnd()
        bench.judgeReplay()
        return bench.watch.wrong
    }
}
