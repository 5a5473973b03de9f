import struct Simulation.SplitMix64

@testable import Routing

/// A random world in which everything is done with tickets that can be done: by their agents, by customers and
/// supervisors, by the steps of their groups, and by policies that come and go while it all runs.
struct LifeWorld {
    static let workTime: UInt64 = 60_000
    static let healTime: UInt64 = 300_000
    let seed: UInt64
    let tickets: Int
    var bench: Bench

    init(seed: UInt64, tickets: Int = 100, isFaulty: Bool = true) {
        self.seed = seed
        self.tickets = tickets
        let company = LifeCompany(seed: seed)
        bench = Bench(company.first, routersIn: Company.regions, seed: seed)
        bench.isLively = true
        bench.watch.looksEvery = 16
        for person in Company.twenty { bench.attach(person.name, at: bench.random.below(3), isPlaying: true) }
        if isFaulty {
            bench.network.delayMax = bench.random.between(1, 60)
            bench.network.lost = bench.random.below(3) * bench.random.below(20)
            bench.network.doubled = bench.random.below(3) * bench.random.below(20)
        }
        hireSubmitters()
        for place in 0..<(tickets / 2) { bench.schedule(.manage(place), in: bench.random.between(1000, Self.workTime)) }
        planReloads(company)
        planComings()
        if isFaulty { planFaults() }
    }

    private mutating func hireSubmitters() {
        for _ in 0..<tickets {
            let submission = Submission(
                customer: "c\(bench.random.below(50))", channel: bench.random.pick(["mail", "chat", ""]),
                segment: bench.random.chance(1, of: 10) ? "vip" : "",
                region: bench.random.pick(["north", "south", "hq"]),
                product: bench.random.pick(["truck", "bus", "other"]), subject: "s", text: "t")
            let place = bench.submissions.count
            let delay = bench.random.chance(1, of: 8) ? Interval(milliseconds: bench.random.between(1, 9000)) : .zero
            bench.submissions.append(
                PlayedSubmission(
                    keyed: KeyedSubmission(
                        key: SubmitKey(high: seed, low: UInt64(place)), submission: submission, delay: delay),
                    router: bench.random.below(3)))
            bench.schedule(.submitAgain(place), in: bench.random.below(Self.workTime))
        }
    }

    /// Up to four policies after the first; the last one has everything again.
    private mutating func planReloads(_ company: LifeCompany) {
        let moments = (0..<bench.random.below(5)).map { _ in bench.random.between(2000, Self.workTime) }.sorted()
        for (index, moment) in moments.enumerated() {
            let policy = company.policy(version: UInt32(2 + index), variant: bench.random.below(4))
            bench.schedule(.fault(.reload(policy)), in: moment)
        }
        let last = company.policy(version: UInt32(2 + moments.count), variant: 0)
        bench.schedule(.fault(.reload(last)), in: Self.workTime + 5000)
    }

    private mutating func planComings() {
        for _ in 0..<20 {
            let client = bench.random.below(bench.clients.count)
            let moment = bench.random.between(2000, Self.workTime)
            switch bench.random.below(3) {
            case 0: bench.schedule(.fault(.clientLeaves(client)), in: moment)
            case 1: bench.schedule(.atClient(client, .act(.setStatus(.draining, reason: ""))), in: moment)
            default: bench.schedule(.atClient(client, .act(.setStatus(.away, reason: ""))), in: moment)
            }
        }
    }

    private mutating func planFaults() {
        func moment() -> UInt64 { bench.random.between(2000, Self.workTime) }
        for _ in 0..<bench.random.below(3) {
            let (router, start) = (bench.random.below(3), moment())
            bench.schedule(.fault(.routerDies(router)), in: start)
            bench.schedule(.fault(.routerStarts(router)), in: start + bench.random.between(100, 8000))
        }
        for _ in 0..<bench.random.below(4) {
            let (router, start, kind) = (bench.random.below(3), moment(), bench.random.below(3))
            bench.schedule(.fault(.cut(router, fromCoordinator: kind != 0, fromPeers: kind != 1)), in: start)
            bench.schedule(.fault(.heal(router)), in: start + bench.random.between(200, 7000))
        }
        for _ in 0..<bench.random.below(4) { bench.schedule(.fault(.coordinatorRestarts), in: moment()) }
    }

    /// Plays the minute, heals, and gives what was wrong; empty when the cluster kept its promises.
    mutating func play() -> [String] {
        bench.run(for: Self.workTime + 10_000)
        bench.network = Network()
        for router in bench.routers.indices { bench.apply(.routerStarts(router)) }
        let wanted = tickets
        var isDone = false
        var former: Set<String> = []
        for turn in 0..<(Self.healTime / 2000) where !isDone {
            if turn % 5 == 0 { releaseQuarantined() }
            isDone = bench.run(atMost: 2000) { $0.watch.closed.count == wanted }
            let errors = bench.errorsOfHomes
            for error in errors.intersection(former).sorted() { bench.watch.note("for two seconds \(error)") }
            former = errors
        }
        bench.run(for: 15_000)
        if !isDone { bench.watch.note("after the heal: \(bench.unfinished)") }
        bench.judgeEnd()
        bench.judgeReplay()
        for played in bench.managed where played.first == nil {
            bench.watch.note("nobody answered \(played.command)")
        }
        return bench.watch.wrong
    }

    /// A supervisor looks at what nobody is asked for any more.
    private mutating func releaseQuarantined() {
        for ticket in bench.coordinator.core?.ledger.tickets.all ?? [] where ticket.state == .quarantined {
            bench.manage(ticket.id, bench.managed.count, .release)
        }
    }
}
