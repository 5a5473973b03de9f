@testable import Routing

/// A coordinator alone, with one router joined and one agent attached: for asking one thing at a time.
struct Desk {
    let company: Company
    var core: Coordinator
    var effects: [Coordinator.Effect] = []
    var now: UInt64 = 1000
    var sequence: UInt64 = 0
    private var tokenLast: UInt64 = 0
    let router = Incarnation(1)
    let instance = ClientInstance(77)

    static let people = [
        Company.Person(name: "ana", groups: ["north-agents"], skills: [("truck", 5)], capacity: 1),
        Company.Person(name: "ben", groups: ["hq-agents"], skills: [("truck", 9)], capacity: 2),
    ]
    let ana = AgentID(0)
    let ben = AgentID(1)

    init(people: [Company.Person] = Desk.people) { self.init(company: Company(people: people)) }

    init(company: Company, flaws: Flaws = .none, points: Points = .none, speaks: UInt8 = 1) {
        self.company = company
        core = Coordinator(ledger: Ledger(), flaws: flaws, points: points, at: Desk.time(1000), into: &effects)
        step(.policyLoaded(company.policy, text: "{}", additions: company.additions))
        let join = Join(name: "r", region: "north", address: "a", gossipAddress: "g", speaks: speaks)
        step(.join(join, token()))
        step(.turnEnds)
    }

    static func time(_ now: UInt64) -> Now {
        Now(instant: Instant(milliseconds: now), wall: WallTime(milliseconds: 1_700_000_000_000 + now))
    }

    mutating func token() -> Coordinator.RequestToken {
        tokenLast += 1
        return Coordinator.RequestToken(tokenLast)
    }

    /// The coordinator dies; the next one folds the same ledger.
    mutating func restart(flaws: Flaws = .none) {
        core = Coordinator(ledger: core.ledger, flaws: flaws, at: Desk.time(now), into: &effects)
        step(.policyLoaded(company.policy, text: "{}", additions: Catalog.Additions()))
    }

    mutating func step(_ event: Coordinator.Event) { core.step(event, at: Self.time(now), into: &effects) }

    mutating func pass(_ milliseconds: UInt64) {
        now += milliseconds
        step(.turnBegins)
        step(.turnEnds)
    }

    /// As `pass`, in steps that the coordinator does not take for a pause of its own.
    mutating func live(_ milliseconds: UInt64) {
        for _ in 0..<milliseconds / 250 { pass(250) }
        pass(milliseconds % 250)
    }

    /// Decides one command as if the router had sent it.
    mutating func decide(_ command: Command, from caller: Incarnation? = nil) -> Outcome {
        core.decide(command, from: caller ?? router, at: Self.time(now), &effects)
    }

    func open(_ key: UInt64, group: GroupID = GroupID(3), text: String = "", version: UInt32 = 1) -> Command {
        let submission = Submission(region: "north", text: text)
        return .open(
            Command.Open(
                key: SubmitKey(high: 0, low: key), hash: submission.digest, policyVersion: version,
                classification: Classification(group: group, priority: 5, signature: Signature([]), rule: "r"),
                submission: submission))
    }

    mutating func attach(_ agent: AgentID) -> AgentEpoch {
        guard case .attached(let epoch, _) = decide(.attach(agent, instance, renewing: nil)) else {
            return AgentEpoch(0)
        }
        return epoch
    }

    mutating func assign(
        _ ticket: TicketID, _ fence: Fence, to agent: AgentID, _ epoch: AgentEpoch, id: CommandID? = nil
    ) -> Outcome {
        sequence += 1
        return decide(
            .assign(
                Command.Assign(
                    ticket: ticket, fence: fence, agent: agent, agentEpoch: epoch,
                    id: id ?? CommandID(instance: instance, sequence: sequence))))
    }

    mutating func work(
        _ action: WorkAction, _ ticket: TicketID, _ fence: Fence, by agent: AgentID, _ epoch: AgentEpoch,
        id: CommandID? = nil
    ) -> Outcome {
        sequence += 1
        return decide(
            .work(
                Command.Work(
                    ticket: ticket, fence: fence, agent: agent, agentEpoch: epoch,
                    id: id ?? CommandID(instance: instance, sequence: sequence), action: action)))
    }

    /// Opens a ticket and gives it to the agent, who is attached first.
    mutating func hold(_ key: UInt64, by agent: AgentID) -> (ticket: TicketID, fence: Fence, epoch: AgentEpoch) {
        let epoch = attach(agent)
        guard case .opened(let ticket) = decide(open(key)) else { return (TicketID(0), Fence(0), epoch) }
        guard case .assigned(let held) = assign(ticket, Fence(1), to: agent, epoch) else {
            return (ticket, Fence(0), epoch)
        }
        return (ticket, held.fence, epoch)
    }
}
