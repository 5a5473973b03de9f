import Foundation
import Glibc
import Routing
import Testing
import Wire

/// A cluster with traffic that is driven from outside: submitters at every door, agents in the tests, and agents and
/// submitters of `switchyard load` as a process of its own.
struct Drive {
    /// What is different from one drive to another.
    struct Plan: Sendable {
        var company = Companies.two
        var posts: [Post] = ["branch", "hq"]
        var ground = Ground.loopback
        /// Milliseconds between two tickets of the tests' own submitter.
        var every = 30
        /// How the agents are, by the desk.
        var tempers = [Temper(worksMillisecondsMax: 300), Temper(worksMillisecondsMax: 100)]
        var staff = [Companies.branchAgents, Companies.hqAgents]
        var graceMilliseconds: UInt64 = 10_000
        var seed: UInt64 = 1
        var environment: [String: String] = [:]
        /// Options of each router's first life.
        var begin: [String] = []
        /// Whether clocks can be made to jump.
        var hasClocks = false
    }

    let cluster: Cluster
    let customer: Submitter
    let desks: [Desk]
    let load: Child
    let loadLog: String
    private let before: [(files: Int, residentKiB: Int)]

    static func run(_ plan: Plan = Plan(), _ body: (Drive) async throws -> Void) async throws {
        try await Cluster.run(
            plan.company, regions: plan.posts, on: plan.ground, begin: plan.begin, environment: plan.environment,
            hasClocks: plan.hasClocks
        ) { cluster in
            let drive = try await Drive(cluster, plan)
            try await body(drive)
        }
    }

    private init(_ cluster: Cluster, _ plan: Plan) async throws {
        self.cluster = cluster
        let routers = cluster.routers.map(\.address)
        // They work for a while, so that faults find tickets in hands; each desk begins at another router.
        let desks = plan.staff.enumerated().map { index, agents in
            let first = index * routers.count / plan.staff.count
            return Desk(
                agents, at: Array(routers[first...] + routers[..<first]), graceMilliseconds: plan.graceMilliseconds,
                temper: plan.tempers[index % plan.tempers.count], seed: plan.seed &+ UInt64(index))
        }
        self.desks = desks
        loadLog = "\(cluster.folder)/load.txt"
        load = cluster.client(
            "load",
            [
                "load", "--at", routers[0], "--agents", "16", "--skills", "2", "--rate", "60", "--seconds", "3600",
                "--warmup", "0", "--log", loadLog,
            ])
        try load.start()
        guard try await eventually(within: 20, { desks.allSatisfy(\.isAttached) }) else {
            throw Trouble("the agents could not attach")
        }
        customer = Submitter(at: cluster.routers, every: plan.every)
        let log = loadLog
        let customer = customer
        let isMoving = try await eventually(within: 15) {
            customer.acknowledged > 10 && Sighting.read(log).contains { $0.kind == .resolved }
        }
        guard isMoving else { throw Trouble("no traffic before the faults: \(load.tail(10))") }
        for member in cluster.members { _ = try await member.vitals() }
        before = cluster.members.map { ($0.child.openFiles, $0.child.residentKiB) }
    }

    private var resolved: Int { desks.map(\.resolved).reduce(0, +) }

    /// Waits until work goes on: tickets acknowledged and resolved that were not before.
    func goesOn(within seconds: Double) async throws -> Bool {
        let (acknowledged, resolved) = (customer.acknowledged, resolved)
        return try await eventually(within: seconds) {
            customer.acknowledged > acknowledged + 10 && self.resolved > resolved + 10
        }
    }

    // MARK: - the end

    /// nng 1.5 may get stuck; the node that notices leaves, and its supervisor starts it again. Seldom.
    private static let leavingsMax = 2

    /// Ends the traffic, waits for the end of every ticket, and judges; what was wrong besides is recorded.
    @discardableResult
    func close(_ name: String, also: [[Sighting]] = []) async throws -> Judge.Verdict {
        #expect(load.isRunning, "the load ended by itself: \(load.tail(10))")
        load.kill(SIGKILL)
        load.waitForEnd()
        // Its agents come back, and have what they had in their hands.
        let heirs = Desk(Companies.loadAgents, at: cluster.routers.map(\.address))
        defer { heirs.stop() }
        try await cluster.hasMembers(cluster.routers.count, within: 30)
        for desk in desks { desk.closeUp() }
        await customer.finish()
        let left = try await cluster.ticketsLeft(within: 60)
        #expect(left == 0, "\(left) tickets have not ended; refused: \(desks.map(\.unresolved))")
        #expect(customer.acknowledged == customer.sent, "\(customer.refused)")
        #expect(desks.allSatisfy { $0.superseded.isEmpty }, "superseded: \(desks.map(\.superseded))")
        try await returnToNormal(name)
        try await cluster.isReconciled(name)
        let verdict = try verdict(also + [heirs.seen])
        for trouble in verdict.troubles.prefix(20) { Issue.record("\(name): \(trouble)") }
        print(
            "\(name): \(verdict); honest tickets sent again \(customer.again) times \(customer.refused), slowest "
                + "\(customer.slowest); desks moved \(desks.map(\.moves.count)) times, refused \(desks.map(\.refusals))"
        )
        for member in cluster.members { #expect(member.child.isRunning, "\(member.child.tail(10))") }
        let leavings = cluster.members.map(\.child.leavings).reduce(0, +)
        if leavings > 0 { print("\(name): nodes left \(leavings) times to be started again") }
        #expect(leavings <= Self.leavingsMax, "\(cluster.members.map { $0.child.tail(10) })")
        for desk in desks { desk.stop() }
        return verdict
    }

    /// As things are now.
    func verdict(_ also: [[Sighting]] = []) throws -> Judge.Verdict {
        let seen = [customer.seen, Sighting.read(loadLog)] + desks.map(\.seen) + also
        return try Judge(cluster, seen, keys: customer.keys, holdings: desks.map(\.holdings)).judge()
    }

    /// Files and memory of the nodes are what they were.
    private func returnToNormal(_ name: String) async throws {
        let (members, before) = (cluster.members, before)
        // nng 1.5 does not notice every peer that is gone; those are closed after a minute of silence, which only the
        // long form waits for. A client that has moved took its connections to another node: all together count.
        let spare = Program.isLong ? 2 : 24
        let isBack = try await eventually(within: Program.isLong ? 90 : 5, every: 100) {
            let open = members.reduce(0) { $0 + $1.child.openFiles }
            return open <= before.reduce(0) { $0 + $1.files } + spare * members.count
        }
        var line = "\(name):"
        for (member, was) in zip(members, before) {
            line += " \(member.child.name) files \(was.files) -> \(member.child.openFiles),"
            line += " KiB \(was.residentKiB) -> \(member.child.residentKiB);"
            #expect(member.child.residentKiB < was.residentKiB * 2 + 32 * 1024, "\(member.child.name) has grown")
        }
        #expect(isBack, "files are still open: \(line)")
        print(line)
    }
}
