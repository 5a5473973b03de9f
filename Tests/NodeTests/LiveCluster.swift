import Foundation
import Journal
import Node
import Routing
import Synchronization
import Testing
import Wire

@testable import AgentClient

/// A coordinator and two routers in this process, each on a thread of its own, with real sockets and a real disk.
final class LiveCluster: Sendable {
    let coordinator: String
    /// Addresses by region.
    let routers: [String: String]
    private let folder: String
    private let inboxes: [String: Inbox]
    private let done: [String: DispatchSemaphore]

    /// A node with its inbox, handed whole to the one thread that will own it.
    private struct Seat: @unchecked Sendable {
        // Touched by one thread only: the one that `start` makes for it.
        let node: any Steppable
        let inbox: Inbox
    }

    init(_ text: CompanyText) throws {
        folder = NSTemporaryDirectory() + "node-tests-\(String(Draw.bits(), radix: 16))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let ports = try FreePorts.find(5)
        let coordinator = "127.0.0.1:\(ports[0])"
        var inboxes: [String: Inbox] = [:]
        var done: [String: DispatchSemaphore] = [:]
        func start(_ name: String, _ make: (Inbox) throws -> any Steppable) throws {
            let inbox = Inbox()
            let seat = Seat(node: try make(inbox), inbox: inbox)
            let end = DispatchSemaphore(value: 0)
            inboxes[name] = inbox
            done[name] = end
            let thread = Thread {
                Turn.run(seat.node, inbox: seat.inbox, clock: SystemClock())
                end.signal()
            }
            thread.name = name
            thread.start()
        }
        try start("coordinator") { [folder] inbox in
            let log = Log("coordinator:", isQuiet: true)
            var sizes = LedgerDisk.Sizes()
            sizes.segment = 1 << 16
            return try CoordinatorNode(
                name: "coordinator", company: try text.read(), storage: try FileStorage(folder: "\(folder)/ledger"),
                clusterID: .drawn { Journal.ClusterID(high: Draw.bits(), low: Draw.bits()) },
                sizes: sizes, hand: ThreadHand(takesShort: true), onProgress: { inbox.post(.written) },
                network: try Self.network(coordinator, gossip: nil, inbox, log), now: SystemClock().now(), log: log)
        }
        var routers: [String: String] = [:]
        for (index, region) in ["a", "b"].enumerated() {
            let address = "127.0.0.1:\(ports[1 + 2 * index])"
            let gossip = "127.0.0.1:\(ports[2 + 2 * index])"
            routers[region] = address
            try start(region) { inbox in
                let log = Log("\(region):", isQuiet: true)
                let place = RouterNode.Place(
                    name: region, region: region, address: address, gossipAddress: gossip, coordinator: coordinator)
                return RouterNode(
                    place: place, network: try Self.network(address, gossip: gossip, inbox, log),
                    now: SystemClock().now(), log: log)
            }
        }
        self.coordinator = coordinator
        self.routers = routers
        self.inboxes = inboxes
        self.done = done
    }

    private static func network(_ address: String, gossip: String?, _ inbox: Inbox, _ log: Log) throws -> NNGNetwork {
        try NNGNetwork(
            address: address, gossipAddress: gossip, requestBytesMax: Limits.clientMessageBytesMax, contexts: 8,
            busy: Frame.encode(Reply.refused(.busy)), inbox: inbox, log: log)
    }

    /// Both routers are members and own their regions.
    func waitUntilReady() async throws {
        let client = try TicketClient(node: coordinator)
        defer { client.close() }
        let isReady = try await eventually {
            guard
                case .answered(.status(let status), _)? = try? await client.ask(.query(.status), patience: .seconds(1))
            else { return false }
            return status.routers.count == 2 && Set(status.regions.map(\.owner)).count == 2
        }
        #expect(isReady)
    }

    /// The node leaves in peace and says nothing more; its sockets stay open, as those of a process that hangs.
    func stop(_ name: String) { inboxes[name]?.post(.stop) }

    /// Ends all threads and takes the folder away.
    func end() {
        for name in ["a", "b", "coordinator"] {
            stop(name)
            _ = done[name]?.wait(timeout: .now() + 5)
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    func submit(_ number: UInt64, region: String, to router: String? = nil) async throws -> UInt64 {
        let client = try TicketClient(node: routers[router ?? region] ?? "")
        defer { client.close() }
        let ticket = KeyedSubmission(
            key: SubmitKey(high: 7, low: number),
            submission: Submission(customer: "c\(number)", region: region, subject: "ticket \(number)"))
        guard case .submitted(let results) = try await client.ask(.submit([ticket])),
            case .accepted(let id)? = results.first
        else { return 0 }
        return id.value
    }

    func show(_ ticket: UInt64) async throws -> TicketRecord? {
        let client = try TicketClient(node: coordinator)
        defer { client.close() }
        guard case .answered(.shown(let record), _) = try await client.ask(.query(.show(TicketID(ticket)))) else {
            return nil
        }
        return record
    }
}

/// Asks again and again until the answer is yes or the deadline has passed.
func eventually(within seconds: Double = 15, _ isTrue: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try await isTrue() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return try await isTrue()
}

/// Expects that it becomes true. Not written as a closure inside `#expect`: Swift 6.3.1 can give such a closure the
/// symbol of a later one of the same function, which then runs in its place.
func expectEventually(
    within seconds: Double = 15, _ isTrue: () async throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let isSo = try await eventually(within: seconds, isTrue)
    #expect(isSo, sourceLocation: sourceLocation)
}

/// What an agent's client has heard, in order.
final class Heard: Sendable {
    private let events = Mutex<[AgentEvent]>([])
    private let hasEnded = Atomic<Bool>(false)
    let client: AgentClient

    init(_ agents: [String], _ routers: [String], graceMilliseconds: UInt64 = 20_000) {
        client = AgentClient(agents: agents, routers: routers, graceMilliseconds: graceMilliseconds)
        Task { [self, stream = client.events] in
            for await event in stream { events.withLock { $0.append(event) } }
            hasEnded.store(true, ordering: .sequentiallyConsistent)
        }
    }

    var all: [AgentEvent] { events.withLock { $0 } }
    var isOver: Bool { hasEnded.load(ordering: .sequentiallyConsistent) }

    /// The first thing that a question answers with something, from the `from`th on.
    func first<Answer>(from: Int = 0, _ question: (AgentEvent) -> Answer?) async throws -> Answer? {
        _ = try await eventually { all.dropFirst(from).contains { question($0) != nil } }
        return all.dropFirst(from).lazy.compactMap(question).first
    }
    func offer(_ ticket: UInt64, from: Int = 0) async throws -> AgentOffer? {
        try await first(from: from) { if case .offered(let offer) = $0, offer.ticket == ticket { offer } else { nil } }
    }
    func isAttached(_ count: Int = 1) async throws -> Bool {
        try await eventually { all.count { if case .connected = $0 { true } else { false } } >= count }
    }
    func assigned(_ ticket: UInt64) async throws -> AgentTicket? {
        try await first { if case .assigned(let held, _) = $0, held.number == ticket { held } else { nil } }
    }
}
