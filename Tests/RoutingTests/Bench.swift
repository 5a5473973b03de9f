import struct Simulation.SplitMix64

@testable import Routing

/// A cluster in one value: the real cores, played shells, and a clock that jumps from event to event. What is sent
/// arrives after a delay in virtual milliseconds, or not at all, as `network` says; the seed is the whole world.
struct Bench {
    /// What is on its way, or due.
    enum Arrival {
        case atCoordinator(process: Int, Coordinator.Event)
        case atRouter(Int, process: Int, Router.Event)
        /// An answer to a call of a router.
        case answer(UInt64, Answer)
        case callTimeout(UInt64)
        case joinAgain(Int, process: Int)
        case atClient(Int, AgentClient.Event)
        case submitAgain(Int)
        case manage(Int)
        case manageAgain(Int)
        case fault(Fault)
    }

    /// What a router's call brought.
    enum Answer {
        case exchanged(Exchanged)
        case joined(Joined)
        case refused(RouterRefusal)
        case peer(PeerReply)
    }

    /// A call of a router that waits for its answer; whichever comes first, answer or time-out, ends it.
    struct Call {
        enum Kind {
            case exchange(UInt64, Incarnation)
            case join
            case ask(UInt64)
        }
        let router: Int
        let process: Int
        let kind: Kind
    }

    /// Who waits for what a router answers.
    enum Asker {
        case client(Int)
        case submitter(Int)
        case manager(Int)
        case peer(UInt64)
        case visitor
    }

    struct JournalEntry: Equatable {
        let lsn: LSN
        let wall: WallTime
        let record: LedgerRecord
    }

    let company: Company
    let flaws: Flaws
    let points: Points
    var random: SplitMix64
    var network = Network()
    private(set) var now: UInt64 = 1000
    private(set) var arrivals = Deadlines<Arrival>()
    private var tokenLast: UInt64 = 0
    var pipeLast: UInt32 = 0

    var coordinator: CoordinatorShell
    var routers: [RouterShell] = []
    var clients: [AgentClient] = []
    var submissions: [PlayedSubmission] = []
    var managed: [PlayedManage] = []
    /// Agents do everything with their tickets that there is to do.
    var isLively = false
    /// The policy that a coordinator starts with: the last that was loaded.
    var policy: Policy
    var calls: [UInt64: Call] = [:]
    var askers: [RequestToken: Asker] = [:]
    /// Answers to `query` by their token.
    var answered: [RequestToken: Outcome] = [:]
    /// Answers to `browse` by their token.
    var browsed: [RequestToken: Browsed] = [:]
    var watch: Watch
    var turns = 0

    init(
        _ company: Company, routersIn regions: [String], seed: UInt64 = 1, flaws: Flaws = .none,
        points: Points = .none
    ) {
        self.company = company
        self.flaws = flaws
        self.points = points
        policy = company.policy
        random = SplitMix64(seed: seed)
        coordinator = CoordinatorShell()
        watch = Watch(company.policy)
        startCoordinator()
        for (index, region) in regions.enumerated() {
            routers.append(RouterShell(name: "r\(index)", region: region, flaws))
            join(index)
        }
        run(for: 3000)
    }

    var time: Now {
        Now(instant: Instant(milliseconds: now), wall: WallTime(milliseconds: 1_700_000_000_000 + now))
    }

    mutating func nextToken() -> UInt64 {
        tokenLast += 1
        return tokenLast
    }

    mutating func schedule(_ arrival: Arrival, in delay: UInt64) { arrivals.arm(arrival, due: now + delay) }

    // MARK: - the clock

    /// Lets that many virtual milliseconds pass.
    mutating func run(for milliseconds: UInt64) {
        let end = now + milliseconds
        while let next = nextTime, next <= end {
            now = max(now, next)
            turn()
        }
        now = end
    }

    /// Runs until the condition holds; false if it does not within the time.
    mutating func run(atMost milliseconds: UInt64, until isDone: (borrowing Bench) -> Bool) -> Bool {
        let end = now + milliseconds
        while now < end {
            if isDone(self) { return true }
            run(for: 50)
        }
        return isDone(self)
    }

    private var nextTime: UInt64? {
        var next = arrivals.next
        func consider(_ other: UInt64?) { if let other { next = min(next ?? other, other) } }
        if let core = coordinator.core {
            consider(coordinator.nextTick)
            consider(core.nextDeadline?.milliseconds)
        }
        for router in routers where router.isUp { consider(router.core.nextDeadline?.milliseconds) }
        return next
    }

    /// Everything that arrives in this millisecond, then a turn of each node that has something to do.
    private mutating func turn() {
        turns += 1
        while let arrival = arrivals.popDue(at: now) { deliver(arrival) }
        if coordinator.isDue(at: now) { runCoordinator() }
        for index in routers.indices where routers[index].isDue(at: now) { runRouter(index) }
    }

    private mutating func deliver(_ arrival: Arrival) {
        switch arrival {
        case .atCoordinator(let process, let event):
            if process == coordinator.process && coordinator.core != nil { coordinator.inbox.append(event) }
        case .atRouter(let index, let process, let event):
            if routers[index].isUp && routers[index].process == process { routers[index].inbox.append(event) }
        case .answer(let call, let answer): conclude(call, answer)
        case .callTimeout(let call): conclude(call, nil)
        case .joinAgain(let index, let process):
            if routers[index].isUp && routers[index].process == process { join(index) }
        case .atClient(let index, let event): step(client: index, event)
        case .submitAgain(let index): submitAgain(index)
        case .manage(let index): manage(index)
        case .manageAgain(let index): manageAgain(index)
        case .fault(let fault): apply(fault)
        }
    }
}

/// Delays and losses between nodes; all zero means a perfect network with one millisecond of way.
struct Network {
    var delayMax: UInt64 = 1
    /// Of a thousand messages.
    var lost: Int = 0
    var doubled: Int = 0
    /// Routers that neither reach the coordinator nor are reached by it.
    var cutFromCoordinator: Set<Int> = []
    /// Routers that other routers do not reach.
    var cutFromPeers: Set<Int> = []
}

/// What goes wrong in a random world.
enum Fault: Equatable {
    case routerDies(Int)
    case routerStarts(Int)
    case coordinatorRestarts
    case reload(Policy)
    case cut(Int, fromCoordinator: Bool, fromPeers: Bool)
    case heal(Int)
    case clientLeaves(Int)
    case clientPauses(Int)
    /// An operator asks for something for a router or a region.
    case order(Command)
}
