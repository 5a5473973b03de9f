package import AgentClient
package import Routing

/// An agent's program: two of one agent are two devices. It has a new instance each time it is started.
package struct Device: Hashable, Sendable, CustomStringConvertible {
    package let agent: String
    /// 0 for the first device of the agent.
    package let place: Int
    package init(agent: String, place: Int) {
        self.agent = agent
        self.place = place
    }
    package var description: String { place == 0 ? agent : "\(agent)/\(place)" }
}

/// What checkers are shown of a simulated world, in the order in which it happens: what people outside of the cluster
/// see of it, what the coordinator has made durable, and who lives.
package enum Observation: Sendable {
    // Customers and supervisors.

    /// A submitter sends a ticket for the first time; repeats with the same key are not told.
    case submitted(KeyedSubmission)
    /// The first answer with a ticket; every later one under that key should name the same.
    case acknowledged(SubmitKey, TicketID)
    /// Certainly not opened by this try. After `isFinal` the submitter gives up, else he tries again with the same key.
    case submitRefused(SubmitKey, Refusal, isFinal: Bool)
    /// A customer or supervisor wants something of a ticket; repeats with the same key are not told.
    case managed(Command.Manage)
    /// An answer to it that is not "ask again"; there can be several.
    case manageAnswered(SubmitKey, Outcome)

    /// Somebody looks a ticket up; `tag` names the question.
    case asked(Question, tag: UInt64)
    indirect case told(Told, tag: UInt64)

    // Agents' programs.

    /// The program runs, with this instance; it attaches by itself.
    case programStarted(Device, ClientInstance)
    /// Its process is gone, or stopped for good.
    case programEnded(Device)
    /// What the client core tells the agent's program.
    case news(Device, AgentSession.News)
    /// The agent does something; `tag` names it.
    case commanded(Device, AgentAction, tag: UInt64)
    case commandAnswered(Device, AgentAction, CommandResult, tag: UInt64)

    // The coordinator.

    /// It has opened its disk and begun a reign. All records it wrote to do so have been told as `journaled` before.
    indirect case coordinatorStarted(Ledger, Policy)
    /// It could not open its disk.
    case coordinatorRefusedToStart(String)
    /// The coordinator is down; with that bit of its disk the other way round, this would come of a start.
    case decayed(SimulatedDisk.Flip, Decay)
    /// The record is durable: told after the sync that made it so, before any answer that depends on it leaves.
    case journaled(LSN, WallTime, LedgerRecord)
    /// A policy is in force from now on; its `policyAdopted` record was told before.
    indirect case policyInForce(Policy)
    /// Gone in the middle of whatever it did; nothing but what its disk has kept is left of it.
    case coordinatorDied

    // Routers.

    case routerStarted(String)
    case routerDied(String)

    // The run.

    /// A fault of the schedule sets in or ends; for readers.
    case fault(String)
    /// No fault happens any more, and all that were are mended.
    case healed
    /// All work is done after the heal; or, if not `isDone`, the time for it is over.
    case ended(isDone: Bool)
}

extension Observation {
    /// Whether somebody outside of the cluster, or his program, does or is told something.
    var isOfPeople: Bool {
        switch self {
        case .submitted, .acknowledged, .submitRefused, .managed, .manageAnswered, .asked, .told, .programStarted,
            .programEnded, .news, .commanded, .commandAnswered:
            true
        case .coordinatorStarted, .coordinatorRefusedToStart, .decayed, .journaled, .policyInForce, .coordinatorDied,
            .routerStarted, .routerDied, .fault, .healed, .ended:
            false
        }
    }
}

/// The cores of the nodes that live, for a checker that looks inside. They are looked at where they are: a copy would
/// take longer than most looks.
package protocol Cores: AnyObject {
    /// Nil while it is down.
    @discardableResult
    func withCoordinator<Result>(_ look: (Coordinator) -> Result) -> Result?
    /// Of routers that are up.
    var routerCount: Int { get }
    /// One of these: 0 is the first in order of name.
    func withRouter<Result>(_ place: Int, _ look: (Router) -> Result) -> Result
    var now: Now { get }
    /// By the clocks of a router's machine.
    func now(at router: String) -> Now
    /// Whether some router cannot talk freely with all others just now: what depends on gossip may lag.
    var isFaulty: Bool { get }
    /// Whether the coordinator is up.
    var hasCoordinator: Bool { get }
    /// Whether the coordinator is down or paused, or waits for its disk.
    var isCoordinatorAway: Bool { get }
    /// Milliseconds that a message takes at most, where nothing is wrong.
    var messageTimeMax: UInt64 { get }
}

extension Cores {
    /// Those that are up, in order of name.
    func forEachRouter(_ look: (Router) -> Void) {
        for place in 0..<routerCount { withRouter(place, look) }
    }
    package var messageTimeMax: UInt64 { 1 }
}

/// A promise that a simulated world keeps, or not.
package protocol Checker {
    /// One word or two, as in `OneHolder`; names the promise in reports.
    var name: String { get }
    /// Whether it is shown what customers, supervisors and agents do and are told, most of all that happens; else only
    /// the rest.
    var seesPeople: Bool { get }
    /// `books` is what the records before this observation said.
    mutating func see(_ observation: Observation, _ books: Books, at now: Now)
    /// After a step of the world: each one in short runs, one of many in long ones.
    mutating func look(at cores: any Cores)
    /// At the end, when everything has come to rest.
    mutating func finish(_ cores: any Cores)
    /// What was seen that must not be; sentences, the first ones matter.
    var wrong: [String] { get }
}

extension Checker {
    package var seesPeople: Bool { false }
    package mutating func look(at cores: any Cores) {}
    package mutating func finish(_ cores: any Cores) {}
}
