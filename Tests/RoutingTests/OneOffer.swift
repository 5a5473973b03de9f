@testable import Routing

/// One ticket that is offered, its owner, the agents' home router, and the ledger, with every message held back until
/// the test lets it go: what can happen to the offer can then happen in every order.
struct OneOffer {
    enum Happening: Int, CaseIterable, Comparable {
        case accept
        /// Of the other one who is asked, where two are.
        case otherAccepts
        case expire
        /// The agent goes away: the offer is withdrawn.
        case withdraw
        case detach
        /// The ledger has given the ticket to somebody of another router.
        case forget
        /// A supervisor ends the ticket, wherever it is.
        case cancel
        /// The cluster file is read anew: with nothing new in it, without the ticket's group, or without ana.
        case reload
        case reloadWithoutGroup
        case reloadWithoutAgent
        /// The coordinator answers what has come to it.
        case coordinator
        /// Routers hear what they have said to each other.
        case peers
        static func < (a: Happening, b: Happening) -> Bool { a.rawValue < b.rawValue }
    }

    private struct Client {
        let name: String
        let instance: ClientInstance
        let pipe: PipeID
    }
    private enum Said {
        case asked(from: Int, to: Int, PeerRequest, UInt64)
        case answered(to: Int, UInt64, PeerReply)
        case published(from: Int, Gossip)
    }

    private let company: Company
    private var coordinator: Coordinator
    private(set) var routers: [Router] = []
    /// Where the agents are at home: the owner itself, or another router.
    private let home: Int
    private var ledgerEffects: [Coordinator.Effect] = []
    private var sent: [(router: Int, exchange: Exchange, id: UInt64)] = []
    private var exchanges: [UInt64: (router: Int, id: UInt64)] = [:]
    private var said: [Said] = []
    private var askers: [RequestToken: (router: Int, call: UInt64)] = [:]
    private var tokenLast: UInt64 = 0
    private var now: UInt64 = 1000
    private var sequence: UInt64 = 0
    private(set) var wrong: [String] = []
    private let ticket = TicketID(1)
    private var thief: (incarnation: Incarnation, epoch: AgentEpoch) = (.none, AgentEpoch(0))
    private var offers: [String: OfferID] = [:]
    private var isCancelled = false

    private static let clients = ["ana", "ida", "ben"].enumerated().map { index, name in
        Client(name: name, instance: ClientInstance(UInt64(index + 1)), pipe: PipeID(UInt32(index + 1)))
    }

    /// Ana is asked, and ida if two are; ben is away until the end, eva is at home with a router that is not played.
    init(atOnce: UInt8, isElsewhere: Bool) {
        var timing = Timing.brisk
        timing.lease = .seconds(600)
        timing.grace = .seconds(600)
        let one = Delivery.offered(atOnce: 1)
        company = Company(
            people: Self.people(in: "north-agents"), timing: timing,
            deliveries: [one, one, one, .offered(atOnce: atOnce)])
        home = isElsewhere ? 1 : 0
        let start = Now(instant: Instant(milliseconds: 1000), wall: WallTime(milliseconds: 1_700_000_000_000))
        coordinator = Coordinator(ledger: Ledger(), at: start, into: &ledgerEffects)
        coordinator.step(
            .policyLoaded(company.policy, text: "{}", additions: company.additions), at: start, into: &ledgerEffects)
        for region in isElsewhere ? ["north", "hq"] : ["north"] {
            routers.append(Router(name: region))
            turn(routers.count - 1, .joined(join(region)))
        }
        settle()
        let incarnation = join("south").incarnation
        let eva = company.id(of: "eva")
        if case .attached(let epoch, _) = coordinator.decide(
            .attach(eva, ClientInstance(9), renewing: nil), from: incarnation, at: time, &ledgerEffects)
        {
            thief = (incarnation, epoch)
        }
        settle()
        for client in Self.clients where client.name != "ida" || atOnce > 1 {
            turn(home, .attach(Attach(instance: client.instance, agents: [client.name]), token(), client.pipe))
            settle()
            if client.name == "ben" { command(client.name, .setStatus(.away, reason: "")) }
        }
        settle()
        let submission = Submission(region: "north", product: "truck")
        turn(0, .submit([KeyedSubmission(key: SubmitKey(high: 1, low: 1), submission: submission)], token()))
        settle()
        for name in ["ana", "ida"] {
            offers[name] = routers[home].hosted[company.id(of: name)]?.offers.first?.offer.id
        }
    }

    private static func people(in group: String) -> [Company.Person] {
        ["ana", "ida", "ben", "eva"].map {
            Company.Person(name: $0, groups: [group], skills: [("truck", 5)], capacity: 1)
        }
    }

    /// Whether as many are shown the ticket as the group says.
    func isShown(to count: Int) -> Bool { offers.count == count }

    private var time: Now {
        Now(instant: Instant(milliseconds: now), wall: WallTime(milliseconds: 1_700_000_000_000 + now))
    }

    private mutating func token() -> RequestToken {
        tokenLast += 1
        return RequestToken(tokenLast)
    }

    private mutating func join(_ region: String) -> Joined {
        let token = Coordinator.RequestToken(self.token().value)
        ledgerEffects = []
        coordinator.step(
            .join(Join(name: region, region: region, address: region, gossipAddress: region), token), at: time,
            into: &ledgerEffects)
        for case .joined(let joined, _) in ledgerEffects { return joined }
        return Joined(incarnation: .none, reign: 0, policy: .empty)
    }

    private mutating func command(_ name: String, _ action: AgentAction) {
        guard let client = Self.clients.first(where: { $0.name == name }) else { return }
        sequence += 1
        let command = AgentCommand(agent: company.id(of: name), sequence: sequence, action: action)
        turn(
            home, .poll(SessionPoll(instance: client.instance, seen: [], commands: [command]), token(), client.pipe))
    }

    // MARK: - what happens

    mutating func happen(_ happening: Happening) {
        switch happening {
        case .accept: if let offer = offers["ana"] { command("ana", .accept(offer)) }
        case .otherAccepts: if let offer = offers["ida"] { command("ida", .accept(offer)) }
        case .expire:
            now += company.policy.timing.offerTimeout.milliseconds
            for index in routers.indices { turn(index, nil) }
        case .withdraw: command("ana", .setStatus(.away, reason: ""))
        case .detach: turn(home, .disconnected(Self.clients[0].pipe))
        case .forget:
            let assign = Command.Assign(
                ticket: ticket, fence: Fence(1), agent: company.id(of: "eva"), agentEpoch: thief.epoch,
                id: CommandID(instance: ClientInstance(9), sequence: 1))
            _ = coordinator.decide(.assign(assign), from: thief.incarnation, at: time, &ledgerEffects)
        case .cancel:
            isCancelled = true
            let cancel = Command.Manage(
                ticket: ticket, key: SubmitKey(high: 2, low: 2), action: .cancel, cause: Cause(.supervisor))
            _ = coordinator.decide(.manage(cancel), from: .none, at: time, &ledgerEffects)
        case .reload: adopt(company.policy)
        case .reloadWithoutGroup: adopt(Company(people: Self.people(in: "hq-agents")).policy, withoutGroup: GroupID(3))
        case .reloadWithoutAgent: adopt(company.policy, withoutAgent: company.id(of: "ana"))
        case .coordinator: answer()
        case .peers: deliver()
        }
        checkHolders()
    }

    private mutating func adopt(
        _ policy: Policy, withoutGroup group: GroupID? = nil, withoutAgent agent: AgentID? = nil
    ) {
        let changed = Policy(
            version: 2, catalog: policy.catalog, groups: policy.groups.map { $0?.id == group ? nil : $0 },
            agents: policy.agents.map { $0?.id == agent ? nil : $0 }, regions: policy.regions, rules: policy.rules,
            timing: company.policy.timing)
        coordinator.step(
            .policyLoaded(changed, text: "{ other: 1 }", additions: Catalog.Additions()), at: time,
            into: &ledgerEffects)
    }

    private mutating func turn(_ index: Int, _ event: Router.Event?) {
        var effects: [Router.Effect] = []
        routers[index].step(.turnBegins, at: time, into: &effects)
        if let event { routers[index].step(event, at: time, into: &effects) }
        routers[index].step(.turnEnds, at: time, into: &effects)
        wrong += routers[index].checkInvariants(at: time)
        for effect in effects {
            switch effect {
            case .exchange(let exchange, let id): sent.append((index, exchange, id))
            case .ask(let peer, let request, let call):
                guard let target = routers.firstIndex(where: { $0.incarnation == peer }) else { continue }
                said.append(.asked(from: index, to: target, request, call))
            case .peerReply(let reply, let token):
                if let asker = askers[token] { said.append(.answered(to: asker.router, asker.call, reply)) }
            case .publish(let gossip): said.append(.published(from: index, gossip))
            default: break
            }
        }
    }

    private mutating func answer() {
        var effects: [Coordinator.Effect] = []
        coordinator.step(.turnBegins, at: time, into: &effects)
        for (router, exchange, id) in sent {
            let token = self.token().value
            exchanges[token] = (router, id)
            coordinator.step(.exchange(exchange, Coordinator.RequestToken(token)), at: time, into: &effects)
        }
        sent = []
        coordinator.step(.turnEnds, at: time, into: &effects)
        for case .exchanged(let exchanged, let token) in effects {
            if let (router, id) = exchanges.removeValue(forKey: token.value) {
                turn(router, .exchanged(id, exchanged))
            }
        }
    }

    private mutating func deliver() {
        let messages = said
        said = []
        for message in messages {
            switch message {
            case .asked(let from, let to, let request, let call):
                let token = self.token()
                askers[token] = (from, call)
                turn(to, .peerAsked(request, token))
            case .answered(let to, let call, let reply): turn(to, .peerAnswered(call, reply))
            case .published(let from, let gossip):
                for index in routers.indices where index != from { turn(index, .gossiped(gossip)) }
            }
        }
    }

    /// Lets everything arrive that is on its way.
    private mutating func settle() {
        for _ in 0..<6 {
            now += 30
            answer()
            deliver()
            for index in routers.indices { turn(index, nil) }
        }
    }

    // MARK: - what must hold

    private mutating func checkHolders() {
        let holders = coordinator.ledger.agents.count { $0.work.contains(ticket) }
        if holders > 1 { wrong.append("\(holders) hold the ticket") }
    }

    /// Ben becomes available: the ticket is somebody's, or somebody is asked, and nothing else is left of it.
    mutating func end() {
        settle()
        command("ben", .setStatus(.available, reason: ""))
        settle()
        checkHolders()
        let queued = routers.compactMap { $0.queues[ticket] }
        if queued.count > 1 { wrong.append("two routers queue it") }
        let open = queued.first?.openOffers ?? []
        let shown = routers.flatMap { $0.hosted.rows.flatMap(\.offers) }
        switch coordinator.ledger.tickets[ticket]?.state {
        case .assigned?:
            if !open.isEmpty || !shown.isEmpty { wrong.append("it has a holder and is still offered") }
            if !queued.isEmpty { wrong.append("it has a holder and still waits") }
        case .waiting?:
            if open.isEmpty { wrong.append("it waits and nobody is asked") }
            if Set(shown.map(\.offer.id)) != Set(open.map(\.offer.id)) { wrong.append("others are shown it") }
        case nil where isCancelled:
            if !queued.isEmpty || !shown.isEmpty { wrong.append("it is cancelled and somebody has it still") }
            if coordinator.ledger.agents.contains(where: { !$0.work.isEmpty }) {
                wrong.append("it is cancelled and somebody holds it")
            }
        case let other: wrong.append("the ticket is lost: \(String(describing: other))")
        }
        for row in routers.flatMap(\.presence.all) {
            for held in row.held where !open.contains(where: { $0.offer.id == held.offer }) {
                wrong.append("a unit of \(row.presence.agent.value) is held for nothing")
            }
        }
    }
}
