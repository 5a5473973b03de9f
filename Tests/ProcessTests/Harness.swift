import AgentClient
import Foundation
import Glibc
import Node
import Routing
import Synchronization
import Testing
import Wire

/// Tests of the real program as real processes: one at a time, because they count files and share two cores.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: Program.isThere, "\(Program.path) is missing: build it with `swift build --product switchyard`"))
enum Processes {}

/// The program under test, beside the test bundle.
enum Program {
    static let path: String = {
        let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let beside = bundle.appendingPathComponent("switchyard").path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.appendingPathComponent(".build/debug/switchyard").path
    }()
    static let isThere = FileManager.default.isExecutableFile(atPath: path)
    /// More of everything, for a night rather than for each change.
    static let isLong = ProcessInfo.processInfo.environment["SWITCHYARD_LONG"] == "1"
}

/// Asks again and again until the answer is yes or the time is over. Never inside `#expect`: Swift 6.3.1 mixes up a
/// closure in there with a later one of the same function, which then runs the first one's body.
func eventually(
    within seconds: Double, every milliseconds: Int = 20, _ isTrue: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try await isTrue() { return true }
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
    return try await isTrue()
}

/// Runs what blocks on a thread of its own: the few threads of the tasks are needed by the honest clients.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}

/// What a test could not do, in a sentence.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A coordinator and a router for each region as processes of their own, in a temporary folder.
final class Cluster: Sendable {
    let folder: String
    /// The coordinator's --data.
    let ledger: String
    let coordinator: Member
    /// In the order of the regions.
    let routers: [Member]
    /// Between the last router and the coordinator, when asked for.
    let relay: Relay?
    private let others = Mutex<[Child]>([])
    private let guardian: Child

    /// Makes a cluster, lets `body` have it when all routers are members, and leaves nothing behind whatever happens.
    static func run(
        _ company: String, regions: [String], isRelayed: Bool = false, ledger: String? = nil,
        options: [String] = [], _ body: (Cluster) async throws -> Void
    ) async throws {
        let cluster = try Cluster(
            company, regions: regions, isRelayed: isRelayed, ledger: ledger, options: options)
        do {
            try cluster.start()
            try await cluster.hasMembers(regions.count)
            try await body(cluster)
        } catch {
            for member in cluster.members { print(member.child.tail(30)) }
            cluster.stop()
            throw error
        }
        cluster.stop()
    }

    private init(
        _ company: String, regions: [String], isRelayed: Bool, ledger: String?, options: [String]
    ) throws {
        folder = NSTemporaryDirectory() + "switchyard-processes-\(String(Draw.bits(), radix: 16))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try company.write(toFile: "\(folder)/company.json5", atomically: true, encoding: .utf8)
        self.ledger = ledger ?? "\(folder)/ledger"
        var ports = Ports.free(2 + 2 * regions.count)
        let at = "127.0.0.1:\(ports.removeFirst())"
        let relayPort = ports.removeFirst()
        relay = isRelayed ? try Relay(listen: relayPort, to: at) : nil
        coordinator = Member(
            "coordinator", at: at, gossip: "", folder: folder,
            ["coordinator", "--config", "\(folder)/company.json5", "--data", self.ledger, "--listen", at] + options)
        var routers: [Member] = []
        for region in regions {
            let address = "127.0.0.1:\(ports.removeFirst())"
            let gossip = "127.0.0.1:\(ports.removeFirst())"
            let way = isRelayed && region == regions.last ? "127.0.0.1:\(relayPort)" : at
            routers.append(
                Member(
                    region, at: address, gossip: gossip, folder: folder,
                    [
                        "router", "--region", region, "--listen", address, "--gossip", gossip, "--coordinator", way,
                    ]))
        }
        self.routers = routers
        // Should the tests themselves be killed, somebody must end what they have started.
        let watch = """
            while [ -e /proc/\(getpid()) ]; do sleep 1; done
            for id in $(cat '\(folder)/ids'); do kill -9 "$id"; done
            rm -rf '\(folder)'
            """
        guardian = Child("guardian", program: "/bin/sh", ["-c", watch], folder: folder)
    }

    var members: [Member] { [coordinator] + routers }

    subscript(region: String) -> Member {
        guard let member = routers.first(where: { $0.child.name == region }) else { fatalError("no router \(region)") }
        return member
    }

    /// A client program that ends with the cluster.
    func client(_ name: String, _ arguments: [String]) -> Child {
        let child = Child(name, program: Program.path, arguments, folder: folder)
        others.withLock { $0.append(child) }
        return child
    }

    private func start() throws {
        try guardian.start()
        for member in members { try member.child.start() }
    }

    /// Waits until so many routers are members and every region has an owner.
    func hasMembers(_ count: Int, within seconds: Double = 20) async throws {
        let isSo = try await eventually(within: seconds) {
            guard let status = try? await coordinator.status() else { return false }
            return status.routers.count == count && status.regions.allSatisfy { $0.owner != .none }
        }
        guard isSo else { throw Trouble("\(count) routers were not members within \(seconds) s") }
    }

    /// Waits until every ticket has ended; the live ones that are left.
    func ticketsLeft(within seconds: Double) async throws -> UInt64 {
        let last = Mutex<UInt64>(.max)
        _ = try await eventually(within: seconds, every: 100) {
            guard let status = try? await coordinator.status() else { return false }
            last.withLock { $0 = status.counters.ticketsLive }
            return status.counters.ticketsLive == 0
        }
        return last.withLock { $0 }
    }

    private func stop() {
        for member in members { member.close() }
        for child in others.withLock({ $0 }) + members.map(\.child) { child.kill(SIGKILL) }
        relay?.close()
        for child in others.withLock({ $0 }) + members.map(\.child) { child.waitForEnd() }
        guardian.kill(SIGKILL)
        guardian.waitForEnd()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// A node of the cluster: its process, and a connection to ask it.
final class Member: Sendable {
    let child: Child
    let address: String
    let gossip: String
    private let client = Mutex<TicketClient?>(nil)

    init(_ name: String, at address: String, gossip: String, folder: String, _ arguments: [String]) {
        self.address = address
        self.gossip = gossip
        child = Child(name, program: Program.path, arguments, folder: folder)
    }

    /// Kills it with -9 and starts it with the same arguments on the same folder.
    func restart() throws {
        child.kill(SIGKILL)
        child.waitForEnd()
        try child.start()
    }

    func ask(_ request: Request, patience: Interval = .seconds(5)) async throws -> Reply {
        let client = try client.withLock { client in
            if let client { return client }
            let made = try TicketClient(node: address, contexts: 16)
            client = made
            return made
        }
        return try await client.ask(request, patience: patience)
    }

    func vitals() async throws -> Vitals {
        guard case .vitals(let vitals) = try await ask(.vitals, patience: .seconds(3)) else {
            throw Trouble("\(child.name) answered something else than its vitals")
        }
        return vitals
    }

    func status() async throws -> ClusterStatus {
        guard case .answered(.status(let status), _) = try await ask(.query(.status), patience: .seconds(2)) else {
            throw Trouble("\(child.name) answered something else than the status")
        }
        return status
    }

    func submit(_ key: SubmitKey, _ submission: Submission, patience: Interval = .seconds(3)) async throws
        -> SubmitResult
    {
        let asked = Request.submit([KeyedSubmission(key: key, submission: submission)])
        guard case .submitted(let results) = try await ask(asked, patience: patience), results.count == 1 else {
            throw Trouble("\(child.name) answered something else than one result")
        }
        return results[0]
    }

    func close() {
        client.withLock { client in
            client?.close()
            client = nil
        }
    }
}
