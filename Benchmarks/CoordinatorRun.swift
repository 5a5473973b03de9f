import Dispatch
import Foundation
import Journal
import Node
import Routing
import Synchronization
import Wire

/// The coordinator alone, on a real disk, with the batches of ten routers: outcomes a second, and how long a router
/// waits for its answer. The node, the frames, the journal and its sync are the real ones; the sockets are missing, and
/// what the routers do is encoded and decoded beside it on a thread of its own.
///
/// Each router opens tickets, assigns those that it opened before, and resolves those that it assigned: an outcome is
/// what one such command comes to.
struct CoordinatorRun {
    let folder: String
    let seconds: Int
    static let routers = 10
    /// Commands in an exchange; each router has one exchange under way.
    static let batch = 64
    private static let agents = 100

    func measure() throws -> [String: Double] {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let file = "\(folder)/company.json5"
        try Self.company.write(toFile: file, atomically: true, encoding: .utf8)
        let company = try Configuration.load(file)
        let inbox = Inbox()
        let wires = Wires()
        let node = try CoordinatorNode(
            name: "coordinator", company: company,
            storage: try FileStorage(folder: "\(folder)/ledger", aside: Background.run),
            clusterID: .drawn { Journal.ClusterID(high: 1, low: 2) }, hand: ThreadHand(),
            onProgress: { inbox.post(.written) }, network: wires, now: SystemClock().now(), log: Log("coordinator:"))
        let isDone = DispatchSemaphore(value: 0)
        let lap = Mutex<Result<Lap, any Error>?>(nil)
        let driver = Thread { [seconds] in
            var crowd = Crowd(inbox: inbox, wires: wires)
            let result = Result { try crowd.play(seconds: seconds) }
            lap.withLock { $0 = result }
            inbox.post(.stop)
            isDone.signal()
        }
        driver.start()
        let records = node.withCore(\.counters.records)
        let before = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
        Turn.run(node, inbox: inbox, clock: SystemClock())
        let processor = Double(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - before) / 1e9
        isDone.wait()
        guard let done = try lap.withLock({ try $0?.get() }) else { return [:] }
        return done.show(records: node.withCore(\.counters.records) - records, processor: processor)
    }

    private static let company = """
        {
          settings: { reopenWindow: "0s", lease: "10s" },
          regions: { \((0..<routers).map { "r\($0): {}" }.joined(separator: ", ")) },
          skills: ["any"],
          groups: { \((0..<routers).map { "g\($0): { region: \"r\($0)\", tier: 1 }" }.joined(separator: ", ")) },
          agents: {
            \((0..<routers).map { "\"a\($0)-{001..\(agents)}\": { groups: [\"g\($0)\"], capacity: 64 }" }
                .joined(separator: ",\n    "))
          },
          default: { group: "g0" },
        }
        """

    /// How one run went, as the routers saw it.
    struct Lap {
        var outcomes = 0
        var refused = 0
        var took = 0.0
        /// Of each exchange, in milliseconds.
        var waits: [Double] = []

        func show(records: UInt64, processor: Double) -> [String: Double] {
            let sorted = waits.sorted()
            func short(_ value: Double) -> String { "\(Double(Int(value * 100)) / 100)" }
            let rate = Double(outcomes) / took
            print(
                "\(CoordinatorRun.routers) routers, \(CoordinatorRun.batch) commands in an exchange: \(Int(rate)) "
                    + "outcomes and \(Int(Double(records) / took)) records a second, \(refused) refused")
            print(
                "an exchange takes p50 \(short(sorted.share(0.5))) ms, p99 \(short(sorted.share(0.99))) ms, "
                    + "p99.9 \(short(sorted.share(0.999))) ms; the coordinator's thread "
                    + "\(short(processor / Double(outcomes) * 1e6)) us an outcome")
            return ["ns of the coordinator an outcome": processor / Double(outcomes) * 1e9]
        }
    }
}

/// Brings answers back to whoever plays the routers.
private final class Wires: Network {
    private let answers = Mutex<[(token: UInt64, bytes: [UInt8])]>([])
    private let wake = DispatchSemaphore(value: 0)

    func reply(_ token: UInt64, _ bytes: [UInt8]) {
        answers.withLock { $0.append((token, bytes)) }
        wake.signal()
    }
    func ask(_ address: String, tag: UInt64, _ bytes: [UInt8], patience: Interval) {}
    func publish(_ bytes: [UInt8]) {}
    func subscribe(to addresses: [String]) {}
    func keep(_ addresses: [String]) {}
    func redial(_ address: String) {}

    /// Waits for the next ones.
    func take() throws -> [(token: UInt64, bytes: [UInt8])] {
        guard wake.wait(timeout: .now() + .seconds(30)) == .success else {
            throw Crowd.Trouble("no answer within 30 s")
        }
        return answers.withLock { all in
            defer { all = [] }
            return all
        }
    }
}

/// All routers, played by one thread.
private struct Crowd {
    struct Trouble: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
    private struct Router {
        var incarnation = Incarnation(0)
        var cursor = LSN(0)
        var next: UInt64 = 1
        var agents: [(id: AgentID, epoch: AgentEpoch)] = []
        var opened: [TicketID] = []
        var assigned: [(ticket: TicketID, fence: Fence, agent: Int)] = []
        var sent: [Command] = []
        var sentAt: UInt64 = 0
        var group = GroupID(0)
        var turn = 0
    }

    private let inbox: Inbox
    private let wires: Wires
    private var routers = [Router](repeating: Router(), count: CoordinatorRun.routers)
    private var keys: UInt64 = 0
    private var policyVersion: UInt32 = 0
    private var lap = CoordinatorRun.Lap()

    init(inbox: Inbox, wires: Wires) {
        self.inbox = inbox
        self.wires = wires
    }

    mutating func play(seconds: Int) throws -> CoordinatorRun.Lap {
        for index in routers.indices {
            post(.join(Join(name: "n\(index)", region: "r\(index)", address: "a\(index)", gossipAddress: "g")), index)
            guard case .joined(let joined)? = try wires.take().first.map({ try Frame.decode(Reply.self, $0.bytes) })
            else { throw Trouble("router \(index) was not let in") }
            begin(index, joined)
        }
        for index in routers.indices { exchange(index, attaches(index)) }
        let began = DispatchTime.now().uptimeNanoseconds
        let end = began + UInt64(seconds) * 1_000_000_000
        var underWay = routers.count
        while underWay > 0 {
            for (token, bytes) in try wires.take() {
                let index = Int(token)
                try hear(index, try Frame.decode(Reply.self, bytes))
                if DispatchTime.now().uptimeNanoseconds < end { exchange(index, work(index)) } else { underWay -= 1 }
            }
        }
        lap.took = Double(DispatchTime.now().uptimeNanoseconds - began) / 1e9
        return lap
    }

    private mutating func begin(_ index: Int, _ joined: Joined) {
        routers[index].incarnation = joined.incarnation
        policyVersion = joined.policy.version
        routers[index].group = GroupID(joined.policy.catalog.groups.number(of: "g\(index)") ?? 0)
        routers[index].agents = joined.policy.agents.compactMap { $0 }
            .filter { $0.groups.contains(routers[index].group) }.map { ($0.id, AgentEpoch(0)) }
    }

    private func post(_ request: Request, _ index: Int) {
        inbox.post(.request(token: UInt64(index), pipe: UInt32(index), bytes: Frame.encode(request)))
    }

    private mutating func exchange(_ index: Int, _ commands: [Command]) {
        routers[index].sent = commands
        routers[index].sentAt = DispatchTime.now().uptimeNanoseconds
        let router = routers[index]
        post(
            .exchange(
                Exchange(
                    incarnation: router.incarnation, cursor: router.cursor, park: .zero, firstCommand: router.next,
                    acknowledged: router.next - 1, commands: commands)), index)
        routers[index].next += UInt64(commands.count)
    }

    private func attaches(_ index: Int) -> [Command] {
        routers[index].agents.map { .attach($0.id, ClientInstance(UInt64($0.id.value) + 1), renewing: nil) }
    }

    /// A third of each kind, once there is something to assign and to resolve.
    private mutating func work(_ index: Int) -> [Command] {
        var commands: [Command] = []
        let share = CoordinatorRun.batch / 3
        for done in routers[index].assigned.prefix(share) {
            let agent = routers[index].agents[done.agent]
            commands.append(
                .work(
                    Command.Work(
                        ticket: done.ticket, fence: done.fence, agent: agent.id, agentEpoch: agent.epoch, id: nil,
                        action: .resolve)))
        }
        routers[index].assigned.removeFirst(commands.count)
        let waiting = routers[index].opened.prefix(share)
        for ticket in waiting {
            routers[index].turn += 1
            let agent = routers[index].agents[routers[index].turn % routers[index].agents.count]
            commands.append(
                .assign(
                    Command.Assign(
                        ticket: ticket, fence: Fence(1), agent: agent.id, agentEpoch: agent.epoch, id: nil)))
        }
        routers[index].opened.removeFirst(waiting.count)
        while commands.count < CoordinatorRun.batch { commands.append(open(index)) }
        return commands
    }

    private mutating func open(_ index: Int) -> Command {
        keys += 1
        return .open(
            Command.Open(
                key: SubmitKey(high: 1, low: keys), hash: keys, policyVersion: policyVersion,
                classification: Classification(
                    group: routers[index].group, priority: Priority(5), signature: Signature([]), rule: "default"),
                submission: Submission(
                    customer: "customer \(keys % 10_000)", region: "r\(index)", subject: "ticket \(keys)",
                    text: "what a customer writes")))
    }

    private mutating func hear(_ index: Int, _ reply: Reply) throws {
        guard case .exchanged(let exchanged) = reply else { throw Trouble("router \(index) was answered \(reply)") }
        lap.waits.append(Double(DispatchTime.now().uptimeNanoseconds - routers[index].sentAt) / 1e6)
        routers[index].cursor = exchanged.lsn
        for (command, outcome) in zip(routers[index].sent, exchanged.outcomes) {
            lap.outcomes += 1
            switch (command, outcome) {
            case (_, .opened(let ticket)): routers[index].opened.append(ticket)
            case (_, .attached(let epoch, _)):
                if case .attach(let id, _, _) = command,
                    let place = routers[index].agents.firstIndex(where: { $0.id == id })
                {
                    routers[index].agents[place].epoch = epoch
                }
            case (.assign(let assign), .assigned(let assignment)):
                if let place = routers[index].agents.firstIndex(where: { $0.id == assign.agent }) {
                    routers[index].assigned.append((assign.ticket, assignment.fence, place))
                }
            case (_, .refused): lap.refused += 1
            default: break
            }
        }
    }
}
