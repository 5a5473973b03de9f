import Foundation
import Glibc
import Routing
import Synchronization
import Testing
import Wire

extension Processes {
    @Suite struct DeathTests {}
}

/// Two regions with traffic from clients in the tests and from `switchyard load` as a process of its own.
struct Company {
    let cluster: Cluster
    let customer: Submitter
    let desks: [Desk]
    let load: Child
    let loadLog: String

    static func run(
        _ text: String = Companies.two, isRelayed: Bool = false, _ body: (Company) async throws -> Void
    ) async throws {
        try await Cluster.run(text, regions: Companies.regions, isRelayed: isRelayed) { cluster in
            let company = try await Company(cluster)
            try await body(company)
        }
    }

    private init(_ cluster: Cluster) async throws {
        self.cluster = cluster
        let routers = cluster.routers.map(\.address)
        // They work for a while, so that deaths find tickets in hands.
        let desks = [
            Desk(Companies.branchAgents, at: routers, worksMillisecondsMax: 300),
            Desk(Companies.hqAgents, at: routers.reversed(), worksMillisecondsMax: 100),
        ]
        self.desks = desks
        loadLog = "\(cluster.folder)/load.txt"
        load = cluster.client(
            "load",
            [
                "load", "--at", routers[0], "--agents", "16", "--skills", "2", "--rate", "60", "--seconds", "3600",
                "--warmup", "0", "--log", loadLog,
            ])
        try load.start()
        guard try await eventually(within: 10, { desks.allSatisfy(\.isAttached) }) else {
            throw Trouble("the agents could not attach")
        }
        customer = Submitter(at: cluster.routers, every: 30)
        let log = loadLog
        let customer = customer
        let isMoving = try await eventually(within: 15) {
            customer.acknowledged > 10 && Sighting.read(log).contains { $0.kind == .resolved }
        }
        guard isMoving else { throw Trouble("no traffic before the faults: \(load.tail(10))") }
    }

    /// Waits until work goes on: tickets acknowledged and resolved that were not before.
    func goesOn(within seconds: Double) async throws -> Bool {
        let acknowledged = customer.acknowledged
        let resolved = desks.map { desk in desk.seen.count { $0.kind == .resolved } }.reduce(0, +)
        return try await eventually(within: seconds) {
            customer.acknowledged > acknowledged + 10
                && desks.map { desk in desk.seen.count { $0.kind == .resolved } }.reduce(0, +) > resolved + 10
        }
    }

    /// Ends the traffic, waits for the end of every ticket, and judges.
    func close(_ name: String, also: [[Sighting]] = []) async throws {
        #expect(load.isRunning, "the load ended by itself: \(load.tail(10))")
        load.kill(SIGKILL)
        load.waitForEnd()
        try await cluster.hasMembers(cluster.routers.count, within: 20)
        await customer.finish()
        let left = try await cluster.ticketsLeft(within: 30)
        #expect(left == 0, "\(left) tickets have not ended; refused: \(desks.map(\.unresolved))")
        #expect(customer.acknowledged == customer.sent, "\(customer.refused)")
        let seen = [customer.seen, Sighting.read(loadLog)] + desks.map(\.seen) + also
        let found = try await Judge(cluster, seen).check()
        let status = try await cluster.coordinator.status()
        print(
            "\(name): \(found); ledger: \(status.counters.ticketsOpened) opened, \(status.counters.ticketsClosed) "
                + "closed, "
                + "\(status.counters.ticketsWidened) widened, reign \(status.reign); "
                + "honest tickets sent again \(customer.again) times \(customer.refused), slowest \(customer.slowest)")
        #expect(status.counters.ticketsOpened == status.counters.ticketsClosed)
        for member in cluster.members { #expect(member.child.isRunning, "\(member.child.tail(10))") }
        for desk in desks { desk.stop() }
    }
}

extension Processes.DeathTests {
    /// Who can be killed.
    private enum Victim: String, CaseIterable {
        case coordinator
        case branch
        case hq
        case agents
        case submitter
    }

    @Test("kill -9 of any process, at any moment: no acknowledged ticket is lost, none is held by two")
    func randomDeaths() async throws {
        let named = ProcessInfo.processInfo.environment["SWITCHYARD_SEED"].flatMap { UInt64($0) }
        let seed = named ?? UInt64.random(in: 1...999_999)
        print("random deaths: SWITCHYARD_SEED=\(seed)")
        try await Company.run { company in
            var random = SplitMix64(seed: seed)
            var keyed: [Keyed] = []
            for round in 0..<(Program.isLong ? 12 : 1) {
                for victim in Victim.allCases.shuffled(using: &random) {
                    try await Task.sleep(for: .milliseconds(100 + random.below(1_500)))
                    let pause = Duration.milliseconds(random.below(800))
                    print("random deaths: round \(round), kill -9 \(victim.rawValue), again after \(pause)")
                    switch victim {
                    case .coordinator: try await Self.restart(company.cluster.coordinator.child, after: pause)
                    case .branch, .hq: try await Self.restart(company.cluster[victim.rawValue].child, after: pause)
                    case .agents: try await Self.restart(company.load, after: pause)
                    case .submitter:
                        keyed += try await Self.killSubmitters(
                            company, milliseconds: (0..<6).map { _ in random.below(30) })
                    }
                }
                #expect(try await company.goesOn(within: 20), "after round \(round) nothing goes on")
            }
            try await Self.repeatKeys(keyed, company)
            try await company.close("random deaths \(seed)")
        }
    }

    private static func restart(_ child: Child, after pause: Duration) async throws {
        let life = child.starts
        child.kill(SIGKILL)
        child.waitForEnd()
        try await Task.sleep(for: pause)
        #expect(child.starts == life && child.ending == -SIGKILL, "\(child.tail(10))")
        try child.start()
    }

    /// A submission whose submitter was killed: what he had heard of it, if anything.
    private struct Keyed {
        let key: SubmitKey
        let subject: String
        let heard: UInt64?
    }

    /// `switchyard ticket submit` with a key, killed while it may or may not have been heard.
    private static func killSubmitters(_ company: Company, milliseconds: [Int]) async throws -> [Keyed] {
        var keyed: [Keyed] = []
        for (number, life) in milliseconds.enumerated() {
            let key = SubmitKey(high: UInt64.random(in: 1 ... .max), low: UInt64.random(in: 1 ... .max))
            let subject = "killed-\(number)"
            let child = company.cluster.client(
                "submit-\(String(key.low, radix: 16))",
                [
                    "ticket", "submit", "--at", company.cluster.routers[number % 2].address, "--product", "skill-1",
                    "--subject", subject, "--key", hex(key.high) + hex(key.low),
                ])
            try child.start()
            try await Task.sleep(for: .milliseconds(life))
            child.kill(SIGKILL)
            child.waitForEnd()
            let words = child.text.split(separator: " ")
            let heard = words.count > 2 && words[0] == "ticket" ? UInt64(words[1]) : nil
            keyed.append(Keyed(key: key, subject: subject, heard: heard))
        }
        return keyed
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Whoever comes back for a killed submitter, with his key, gets his ticket, at whatever router.
    private static func repeatKeys(_ keyed: [Keyed], _ company: Company) async throws {
        for one in keyed {
            let submission = Submission(product: "skill-1", subject: one.subject)
            var tickets: Set<UInt64> = one.heard.map { [$0] } ?? []
            for router in company.cluster.routers + company.cluster.routers {
                let result = try await router.submit(one.key, submission)
                guard case .accepted(let ticket) = result else { throw Trouble("\(one.subject): \(result)") }
                tickets.insert(ticket.value)
            }
            #expect(tickets.count == 1, "\(one.subject) became the tickets \(tickets.sorted())")
        }
        print("random deaths: \(keyed.count) submitters killed, \(keyed.count { $0.heard != nil }) had their answer")
    }

    @Test("a submission sent twice with its key is one ticket, at any router, after any death")
    func keys() async throws {
        try await Cluster.run(Companies.two, regions: Companies.regions) { cluster in
            let count: UInt64 = 40
            func key(_ number: UInt64) -> SubmitKey { SubmitKey(high: 77, low: number) }
            func submission(_ number: UInt64) -> Submission {
                Submission(product: "skill-1", subject: "number \(number)")
            }
            func submitAll(at router: Member) async throws -> [UInt64] {
                var tickets: [UInt64] = []
                for number in 0..<count {
                    let result = try await router.submit(key(number), submission(number))
                    guard case .accepted(let ticket) = result else { throw Trouble("number \(number): \(result)") }
                    tickets.append(ticket.value)
                }
                return tickets
            }
            let first = try await submitAll(at: cluster.routers[0])
            #expect(Set(first).count == Int(count))
            #expect(try await submitAll(at: cluster.routers[1]) == first)
            try cluster.coordinator.restart()
            try await Self.isServed(cluster)
            #expect(try await submitAll(at: cluster.routers[1]) == first)
            try cluster.routers[0].restart()
            try await Self.isServed(cluster)
            #expect(try await submitAll(at: cluster.routers[0]) == first)
            for router in cluster.routers {
                let other = try await router.submit(key(3), Submission(product: "skill-1", subject: "another"))
                #expect(other == .refused(.keyReused, field: ""))
                #expect(try await router.vitals()["refused.keyReused"] == 1)
            }
            let status = try await cluster.coordinator.status()
            #expect(status.counters.ticketsOpened == count)
            print("keys: \(count) keys sent 4 times, \(status.counters.ticketsOpened) tickets, reign \(status.reign)")
        }
    }

    /// Every router takes submissions: it refuses this one for its fields, not for want of a coordinator.
    private static func isServed(_ cluster: Cluster) async throws {
        for router in cluster.routers {
            let isServing = try await eventually(within: 15) {
                let status = try? await router.status()
                return status?.routers.count == cluster.routers.count
            }
            guard isServing else { throw Trouble("\(router.child.name) is not served: \(router.child.tail(10))") }
        }
    }
}
