import AgentClient
import Foundation
import Glibc
import Routing
import Synchronization
import Wire

/// A router of a cluster: "hq", or "hq-2@hq" for one of that name in that region.
struct Post: ExpressibleByStringLiteral, Sendable {
    let name: String
    let region: String
    init(stringLiteral text: String) { self.init(text) }
    init(_ text: String) {
        let parts = text.split(separator: "@").map(String.init)
        name = parts[0]
        region = parts.count > 1 ? parts[1] : parts[0]
    }
}

/// Where a cluster's processes run.
enum Ground: Sendable {
    case loopback
    /// Each in a network namespace of its own, if that can be; else on loopback. The links of the routers named here
    /// have weather.
    case namespaces(weather: [String])

    /// Whether `namespaces` is what it says.
    static var hasNamespaces: Bool { Namespaces.trouble == nil }
}

/// A coordinator and routers as processes of their own, in a temporary folder.
final class Cluster: Sendable {
    let folder: String
    /// The coordinator's --data.
    let ledger: String
    let coordinator: Member
    /// In the order they were named.
    let routers: [Member]
    /// The network between them, if it is not loopback.
    let net: Namespaces?
    private let others = Mutex<[Child]>([])
    private let guardian: Child

    /// Makes a cluster, lets `body` have it when all routers are members, and leaves nothing behind whatever happens.
    /// The last `late` routers are left to `body` to start. `environment` is the coordinator's and the routers'
    /// besides the tests' own; `options` are the coordinator's, `begin` those of each router's first life.
    static func run(
        _ company: String, regions: [Post], on ground: Ground = .loopback, ledger: String? = nil,
        options: [String] = [], begin: [String] = [], environment: [String: String] = [:], hasClocks: Bool = false,
        late: Int = 0, _ body: (Cluster) async throws -> Void
    ) async throws {
        let cluster = try Cluster(
            company, regions, on: ground, ledger: ledger, options: options, begin: begin, environment: environment,
            hasClocks: hasClocks)
        do {
            try cluster.start(regions.count - late)
            try await cluster.hasMembers(regions.count - late)
            try await body(cluster)
        } catch {
            for member in cluster.members { print(member.child.tail(30)) }
            cluster.stop()
            throw error
        }
        cluster.stop()
    }

    private init(
        _ company: String, _ posts: [Post], on ground: Ground, ledger: String?, options: [String], begin: [String],
        environment: [String: String], hasClocks: Bool
    ) throws {
        let folder = NSTemporaryDirectory() + "switchyard-processes-\(String(UInt64.random(in: 1 ... .max), radix: 16))"
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try company.write(toFile: "\(folder)/company.json5", atomically: true, encoding: .utf8)
        self.ledger = ledger ?? "\(folder)/ledger"
        var net: Namespaces?
        if case .namespaces(let weather) = ground, Ground.hasNamespaces {
            net = try Namespaces(["coordinator"] + posts.map(\.name) + ["load"], weather: weather)
        }
        self.net = net
        var ports = net == nil ? Ports.free(1 + 2 * posts.count) : []
        func address(_ name: String, _ port: Int) -> String {
            net.map { "\($0.address(name)):\(port)" } ?? "127.0.0.1:\(ports.removeFirst())"
        }
        func within(_ name: String) -> [String] {
            let clock = hasClocks ? WallClock(of: name, in: folder).environment : [:]
            let variables = environment.merging(clock) { $1 }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return (variables.isEmpty ? [] : ["/usr/bin/env"] + variables) + (net?.within(name) ?? [])
        }
        let at = address("coordinator", 7_000)
        coordinator = Member(
            "coordinator", at: at, gossip: "", folder: folder, under: within("coordinator"),
            ["coordinator", "--config", "\(folder)/company.json5", "--data", self.ledger, "--listen", at] + options)
        var routers: [Member] = []
        for post in posts {
            let listen = address(post.name, 7_100)
            let gossip = address(post.name, 7_101)
            routers.append(
                Member(
                    post.name, at: listen, gossip: gossip, folder: folder, under: within(post.name),
                    [
                        "router", "--region", post.region, "--name", post.name, "--listen", listen, "--gossip", gossip,
                        "--coordinator", at,
                    ], first: begin))
        }
        self.routers = routers
        // Should the tests themselves be killed, somebody must end what they have started.
        let watch = """
            while [ -e /proc/\(getpid()) ]; do sleep 1; done
            for id in $(cat '\(folder)/ids'); do [ "$id" = $$ ] || kill -9 "$id"; done
            rm -rf '\(folder)'
            \(net?.removal ?? "true")
            """
        guardian = Child("guardian", program: "/bin/sh", ["-c", watch], folder: folder)
    }

    /// A node's own; only of a cluster that `hasClocks`.
    func clock(of member: Member) -> WallClock { WallClock(of: member.child.name, in: folder) }

    var members: [Member] { [coordinator] + routers }

    subscript(name: String) -> Member {
        guard let member = members.first(where: { $0.child.name == name }) else { fatalError("no node \(name)") }
        return member
    }

    /// A client program that ends with the cluster; where there are namespaces, in its own.
    func client(_ name: String, program: String = Program.path, _ arguments: [String]) -> Child {
        let child = Child(
            name, program: program, arguments, folder: folder, under: net?.within("load") ?? [])
        others.withLock { $0.append(child) }
        return child
    }

    private func start(_ count: Int) throws {
        try guardian.start()
        for member in members.prefix(1 + count) { try member.child.start() }
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
        for child in others.withLock({ $0 }) + members.map(\.child) { child.waitForEnd() }
        guardian.kill(SIGKILL)
        guardian.waitForEnd()
        net?.remove()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// A node of the cluster: its process, and a connection to ask it.
final class Member: Sendable {
    let child: Child
    let address: String
    let gossip: String
    private let client = Mutex<TicketClient?>(nil)

    init(
        _ name: String, at address: String, gossip: String, folder: String, under wrapper: [String] = [],
        _ arguments: [String], first: [String] = []
    ) {
        self.address = address
        self.gossip = gossip
        child = Child(
            name, program: Program.path, arguments, first: first, folder: folder, under: wrapper, isSupervised: true)
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
        do { return try await client.ask(request, patience: patience) } catch {
            // A connection may stay up and swallow everything: the next question goes by a new one.
            if case .noAnswer = error { drop(client) }
            throw error
        }
    }

    private func drop(_ lost: TicketClient) {
        client.withLock { client in
            guard client === lost else { return }
            lost.close()
            client = nil
        }
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
