import AgentClient
import Testing

@testable import Routing
@testable import Simulation

/// Checkers that no flaw of the nodes concerns alone are shown what must not be, and must say so.
@Suite("checkers") struct CheckerTests {
    private static let time = Now(instant: Instant(milliseconds: 1), wall: WallTime(milliseconds: 1))
    private let ticket = TicketID(1)
    private let key = SubmitKey(high: 1, low: 1)

    private func opened(_ ticket: TicketID, text: String = "t") -> LedgerRecord {
        .opened(
            LedgerRecord.Opened(
                ticket: ticket, key: key, hash: 1,
                classification: Classification(group: GroupID(0), priority: 5, signature: Signature([]), rule: "r"),
                submission: Submission(text: text)))
    }

    private func assigned(_ fence: Fence) -> LedgerRecord { .assigned(ticket, fence, AgentID(0), nil) }

    /// What the checker says of records with the numbers from 1 on, after others that it was shown.
    private func judge(
        _ checker: some Checker, after before: [Observation] = [], _ records: [LedgerRecord], from first: UInt64 = 1,
        wall: [UInt64] = []
    ) -> [String] {
        var checker = checker
        let books = Books()
        func show(_ observation: Observation) {
            checker.see(observation, books, at: Self.time)
            books.follow(observation)
        }
        for observation in before { show(observation) }
        for (place, record) in records.enumerated() {
            let time = WallTime(milliseconds: place < wall.count ? wall[place] : 1)
            show(.journaled(LSN(first + UInt64(place)), time, record))
        }
        return checker.wrong
    }

    @Test("a fence that rises by two, or not at all")
    func fences() {
        #expect(judge(FencesRise(), [opened(ticket), assigned(Fence(2))]) == [])
        #expect(judge(FencesRise(), [opened(ticket), assigned(Fence(3))]).count == 1)
        #expect(judge(FencesRise(), [opened(ticket), assigned(Fence(1))]).count == 1)
    }

    @Test("a ticket that is given away while somebody has it")
    func holders() {
        #expect(judge(OneHolder(), [opened(ticket), assigned(Fence(2)), assigned(Fence(3))]).count == 1)
        let other = LedgerRecord.resolved(ticket, AgentID(1), nil, handedOut: nil)
        #expect(judge(OneHolder(), [opened(ticket), assigned(Fence(2)), other]).count == 1)
    }

    @Test("a record about a closed ticket, but the key of the command that closed it")
    func closed() {
        let closed = LedgerRecord.closed(ticket, Fence(2), .cancelled, Cause(.supervisor))
        #expect(judge(ClosedStaysClosed(), [opened(ticket), closed, .keyKept(key, hash: 1, ticket)]) == [])
        #expect(judge(ClosedStaysClosed(), [opened(ticket), closed, assigned(Fence(3))]).count == 1)
    }

    @Test("a gap, a record twice, a time that goes back, a reign that does not rise")
    func order() {
        let records = [LedgerRecord.reignBegan(1), opened(ticket)]
        #expect(judge(JournalInOrder(), records, wall: [5, 5]) == [])
        #expect(judge(JournalInOrder(), records, wall: [5, 4]).count == 1)
        #expect(judge(JournalInOrder(), [.reignBegan(1), .reignBegan(1)]).count == 1)
        let first = Observation.journaled(LSN(1), WallTime(milliseconds: 1), opened(ticket))
        #expect(judge(JournalInOrder(), after: [first], [assigned(Fence(2))], from: 3).count == 1)
        #expect(judge(JournalInOrder(), after: [first], [assigned(Fence(2))], from: 1).count == 1)
        #expect(judge(JournalInOrder(), after: [first, .coordinatorDied], [assigned(Fence(2))], from: 3) == [])
    }

    @Test("two tickets under one key, one that nobody handed in, one that is another than was handed in")
    func keys() {
        let submitted = Observation.submitted(KeyedSubmission(key: key, submission: Submission(text: "t")))
        #expect(judge(ExactlyOnce(), after: [submitted], [opened(ticket)]) == [])
        #expect(judge(ExactlyOnce(), after: [submitted], [opened(ticket), opened(TicketID(2))]).count == 1)
        #expect(judge(ExactlyOnce(), after: [], [opened(ticket)]).count == 1)
        #expect(judge(ExactlyOnce(), after: [submitted], [opened(ticket, text: "other")]).count == 1)
    }

    @Test("an acknowledgement of what is not durable, and a restart that has less than was durable")
    func lost() {
        let acknowledged = Observation.acknowledged(key, ticket)
        #expect(judge(NothingLost(), after: [acknowledged], []).count == 1)
        var checker = NothingLost()
        let books = Books()
        checker.see(.journaled(LSN(1), WallTime(milliseconds: 1), opened(ticket)), books, at: Self.time)
        checker.see(acknowledged, books, at: Self.time)
        #expect(checker.wrong == [])
        checker.see(.coordinatorStarted(Ledger(), Policy.empty), books, at: Self.time)
        #expect(checker.wrong.count == 2)
    }

    @Test("another answer under the same key, and a command that is done twice")
    func answers() {
        let first = Observation.manageAnswered(key, .done(Fence(1)))
        #expect(judge(AnswersAlike(), after: [first, first], []) == [])
        #expect(judge(AnswersAlike(), after: [first, .manageAnswered(key, .done(Fence(2)))], []).count == 1)
        let kept = LedgerRecord.keyKept(key, hash: 1, ticket)
        #expect(judge(AnswersAlike(), [kept, kept]).count == 1)
    }

    @Test("a decline that is counted twice in one reign")
    func attempts() {
        var additions = Catalog.Additions()
        additions.agents = ["ana"]
        var catalog = Catalog()
        catalog.add(additions)
        let policy = Policy(
            version: 1, catalog: catalog, groups: [], agents: [], regions: [], rules: [], timing: Timing())
        let offer = OfferID(ticket: ticket, fence: Fence(1), ownerEpoch: OwnerEpoch(1), attempt: 1)
        let before: [Observation] = [
            .policyInForce(policy), .commanded(Device(agent: "ana", place: 0), .decline(offer), tag: 1),
        ]
        let attempted = LedgerRecord.attempted(ticket, Fence(1), AgentID(0), .declined, "")
        #expect(judge(AttemptsCounted(), after: before, [attempted]) == [])
        #expect(judge(AttemptsCounted(), after: before, [attempted, attempted]).count == 1)
        // One that has a name is never counted twice, also under the next coordinator.
        let named = LedgerRecord.attempted(ticket, Fence(1), AgentID(0), .declined, "", OfferNumber(offer))
        let next = LedgerRecord.routerEnded(Incarnation(1))
        #expect(judge(AttemptsCounted(), after: before, [attempted, next, attempted]) == [])
        #expect(judge(AttemptsCounted(), after: before, [named]) == [])
        #expect(judge(AttemptsCounted(), after: before, [named, next, named]).count == 1)
    }

    @Test("decay that costs records, but for the last batch in the moment after it was written")
    func decay() {
        func judge(upTo left: UInt64, after milliseconds: UInt64, _ what: String = "records are missing") -> Int {
            var checker = DecayNoticed()
            func at(_ time: UInt64) -> Now {
                Now(instant: Instant(milliseconds: 9_000 + time), wall: WallTime(milliseconds: 9_000 + time))
            }
            for number in 1...3 as ClosedRange<UInt64> {
                let record = Observation.journaled(LSN(number), at(0).wall, opened(TicketID(number)))
                checker.see(record, Books(), at: at(number))
            }
            let flip = SimulatedDisk.Flip(file: "f", offset: 1, bit: 1)
            checker.see(.decayed(flip, .differs(upTo: LSN(left), what)), Books(), at: at(3 + milliseconds))
            return checker.wrong.count
        }
        #expect(judge(upTo: 1, after: 0) == 1)
        #expect(judge(upTo: 2, after: 10) == 0)
        #expect(judge(upTo: 2, after: 1_000) == 1)
        #expect(judge(upTo: 3, after: 1_000) == 0)
        #expect(judge(upTo: 3, after: 1_000, "the state is another one") == 1)
    }

    @Test("a ticket that is still there at the end, or no coordinator")
    func ends() {
        var checker = EveryTicketEnds()
        let cores = FixedCores()
        checker.finish(cores)
        #expect(checker.wrong == [])
        var ledger = Ledger()
        ledger.apply(.policyAdopted(version: 1, text: "", additions: Lonely.additions), at: Self.time.wall)
        ledger.apply(opened(ticket), at: Self.time.wall)
        var effects: [Coordinator.Effect] = []
        cores.coordinator = Coordinator(ledger: ledger, at: Self.time, into: &effects)
        checker.finish(cores)
        #expect(checker.wrong.count == 1)
        cores.coordinator = nil
        checker.finish(cores)
        #expect(checker.wrong.count == 2)
    }

    @Test("an agent who is free and a ticket that he may take, for longer than a moment")
    func waitingInVain() {
        let cores = FixedCores()
        var checker = NobodyWaitsInVain()
        // Nobody has matched yet: the router's turn has not ended.
        cores.routers = [Lonely.router(at: cores.now)]
        for _ in 0..<5 {
            cores.pass(1_000)
            checker.look(at: cores)
        }
        #expect(checker.wrong == [], "that can be the way of messages")
        cores.pass(1_000)
        checker.look(at: cores)
        #expect(checker.wrong == ["agent 0 is free, and ticket 1 waits"])
    }
}

/// Cores that stand still, but for their clock.
private final class FixedCores: Cores {
    var coordinator: Coordinator?
    var routers: [Router] = []
    private var time: UInt64 = 1_000_000
    let isFaulty = false
    let isCoordinatorAway = false
    var hasCoordinator: Bool { coordinator != nil }
    func withCoordinator<Result>(_ look: (Coordinator) -> Result) -> Result? { coordinator.map(look) }
    var routerCount: Int { routers.count }
    func withRouter<Result>(_ place: Int, _ look: (Router) -> Result) -> Result { look(routers[place]) }
    var now: Now { Now(instant: Instant(milliseconds: time), wall: WallTime(milliseconds: time)) }
    func now(at router: String) -> Now { now }
    func pass(_ milliseconds: UInt64) { time += milliseconds }

    init() {
        var effects: [Coordinator.Effect] = []
        let now = Now(instant: Instant(milliseconds: time), wall: WallTime(milliseconds: time))
        coordinator = Coordinator(ledger: Ledger(), at: now, into: &effects)
    }
}

/// A router with one agent and one ticket for him, in the midst of a turn.
private enum Lonely {
    static let additions: Catalog.Additions = {
        var additions = Catalog.Additions()
        additions.regions = ["hq"]
        additions.groups = ["hq-1"]
        additions.agents = ["ana"]
        return additions
    }()

    private static var policy: Policy {
        var catalog = Catalog()
        catalog.add(additions)
        let group = Group(
            id: GroupID(0), name: "hq-1", region: RegionID(0), tier: .agents, escalatesTo: nil,
            offerTimeout: .seconds(20), refuseAt: 100)
        let ana = Agent(id: AgentID(0), name: "ana", groups: [GroupID(0)], skills: [], capacity: 1)
        var timing = Timing()
        timing.lease = .seconds(3_600)
        return Policy(
            version: 1, catalog: catalog, groups: [group], agents: [ana], regions: [true],
            rules: [Rule(name: "default", group: GroupID(0), priority: 5)], timing: timing)
    }

    static func router(at now: Now) -> Router {
        var router = Router(name: "a")
        var effects: [Router.Effect] = []
        router.step(.turnBegins, at: now, into: &effects)
        router.step(
            .joined(Joined(incarnation: Incarnation(1), reign: 1, policy: policy)), at: now, into: &effects)
        router.step(.turnEnds, at: now, into: &effects)
        var membership = Membership()
        membership.routers = [
            RouterInfo(
                incarnation: Incarnation(1), name: "a", region: RegionID(0), address: "a", gossipAddress: "g")
        ]
        membership.owners = [RegionOwner(region: RegionID(0), owner: Incarnation(1), epoch: OwnerEpoch(1))]
        let waiting = WaitingTicket(
            ticket: TicketID(1), fence: Fence(1), group: GroupID(0), widened: [], priority: 5, enteredAt: now.wall,
            signature: Signature([]), subject: "")
        for case .exchange(_, let call) in effects {
            let exchanged = Exchanged(
                reign: 1, lsn: LSN(2), outcomes: [], membership: membership, policy: nil,
                regions: [
                    RegionChanges(
                        region: RegionID(0), isAnew: true, listed: .whole, waiting: [waiting], noLonger: [])
                ],
                agents: [], wall: now.wall)
            router.step(.exchanged(call, exchanged), at: now, into: &effects)
        }
        let instance = ClientInstance(7)
        router.sessions[instance] = Session(instance: instance, pipe: PipeID(1), lastHeard: now.instant)
        router.welcome(AgentID(0), AgentEpoch(1), instance, [], at: now, &effects)
        return router
    }
}
