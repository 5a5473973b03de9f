import Routing
import Wire

@testable import AgentClient

/// One agents' session in a test's hands: the test is clock, network and router.
struct SessionScript {
    private(set) var session: AgentSession
    private(set) var now: UInt64
    private(set) var said: [AgentSession.News] = []
    /// What an agent may take, by tag; empty also when nobody could say.
    private(set) var browsed: [UInt64: [BrowsedTicket]] = [:]
    private(set) var results: [UInt64: [CommandResult]] = [:]
    /// Requests that nobody has answered yet, oldest first.
    private(set) var asked: [Asked] = []
    private(set) var left: [String] = []

    struct Asked: Equatable {
        let router: String
        let request: Request
        let call: UInt64
        var poll: SessionPoll? { if case .poll(let poll) = request { poll } else { nil } }
        var isAttach: Bool { if case .attach = request { true } else { false } }
        var commands: [AgentCommand] { poll?.commands ?? [] }
    }

    static let ana = AgentID(4)
    static let offer = OfferView(
        id: OfferID(ticket: TicketID(9), fence: Fence(1), ownerEpoch: OwnerEpoch(1), attempt: 1), group: "a-1",
        priority: 5, age: .zero, remaining: .seconds(20), subject: "printer")
    static let work = WorkView(
        ticket: TicketID(9), fence: Fence(2), isPending: false, group: "a-1", priority: 5, submission: Submission())

    init(
        agents: [String] = ["ana"], routers: [String] = ["r1", "r2"], instance: UInt64 = 77, graceSeconds: UInt64 = 60
    ) {
        now = 1_000_000
        session = AgentSession(
            instance: ClientInstance(instance), agents: agents, routers: routers, grace: .seconds(graceSeconds),
            park: .seconds(10), at: Now(instant: Instant(milliseconds: now), wall: WallTime(milliseconds: now)))
        turn()
    }

    /// Attached to the first router, with one poll parked.
    static func attached() -> SessionScript {
        var script = SessionScript()
        script.answerAttach()
        return script
    }

    var parked: Asked? { asked.last { $0.poll != nil && $0.commands.isEmpty } }

    /// One turn of the loop: these events, then its end.
    mutating func turn(_ events: AgentSession.Event...) {
        var effects: [AgentSession.Effect] = []
        let now = Now(instant: Instant(milliseconds: now), wall: WallTime(milliseconds: now))
        for event in events + [.turnEnds] { session.step(event, at: now, into: &effects) }
        for effect in effects {
            switch effect {
            case .ask(let router, let request, let call, _):
                asked.append(Asked(router: router, request: request, call: call))
            case .leave(let router):
                left.append(router)
                asked.removeAll { $0.router == router }
            case .news(let news): said.append(news)
            case .result(let tag, let result): results[tag, default: []].append(result)
            case .browsed(let tag, let answer, _): browsed[tag] = answer.map(\.tickets) ?? []
            }
        }
    }

    mutating func wait(_ milliseconds: UInt64) {
        now += milliseconds
        turn()
    }

    /// Waits until the session wants to be woken.
    mutating func waitForDeadline() {
        now = max(now, session.nextDeadline?.milliseconds ?? now)
        turn()
    }

    mutating func browse(tag: UInt64) { turn(.browse(agent: "ana", tag: tag)) }

    mutating func command(_ action: AgentAction, tag: UInt64, agent: String = "ana") {
        turn(.command(agent: agent, action, tag: tag))
    }

    mutating func answerAttach(_ results: [AttachResult]? = nil, routers: [String] = [], epoch: UInt32 = 1) {
        guard let asked = asked.last(where: \.isAttach) else { return }
        let all =
            results ?? [
                AttachResult(name: "ana", agent: Self.ana, agentEpoch: AgentEpoch(epoch), refusal: nil)
            ]
        answer(asked, .attached(Attached(results: all, routers: routers)))
    }

    mutating func answer(_ one: Asked, _ reply: Reply) {
        asked.removeAll { $0 == one }
        turn(.answered(one.call, reply))
    }

    mutating func fail(_ one: Asked) {
        asked.removeAll { $0 == one }
        turn(.failed(one.call))
    }

    /// The parked poll comes back with what is so now.
    mutating func show(_ views: AgentView...) {
        guard let parked else { return }
        answer(parked, .session(SessionAnswer(results: [], views: views)))
    }

    /// The oldest poll with commands comes back.
    mutating func settle(_ results: [CommandResult], _ views: [AgentView] = []) {
        guard let one = asked.first(where: { !$0.commands.isEmpty }) else { return }
        answer(one, .session(SessionAnswer(results: results, views: views)))
    }

    static func view(
        version: UInt32, epoch: UInt32 = 1, end: SessionEnd? = nil, offers: [OfferView] = [], work: [WorkView] = [],
        agent: AgentID = ana
    ) -> AgentView {
        AgentView(
            agent: agent, agentEpoch: AgentEpoch(epoch), version: version, status: .available, end: end,
            offers: offers, work: work)
    }
}
