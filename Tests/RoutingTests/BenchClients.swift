import struct Simulation.SplitMix64

@testable import Routing

/// A ticket on its way in; asked again with the same key, at whatever router, until it is acknowledged.
struct PlayedSubmission {
    let keyed: KeyedSubmission
    var router: Int
    var result: SubmitResult?
    var accepted: TicketID? {
        if case .accepted(let ticket)? = result { ticket } else { nil }
    }
}

/// An agent's client program, one agent each. By hand: the test says what he does. Playing: he decides by chance.
struct AgentClient {
    enum Event {
        case attached(Attached, RequestToken)
        case answered(SessionAnswer, RequestToken)
        case noSession(RequestToken)
        /// Told to go to the router at that address.
        case moved(to: String?, RequestToken)
        case timeout(RequestToken)
        case connectionLost(PipeID)
        case attach
        /// Decided some time ago.
        case act(AgentAction)
        case again(AgentCommand)
        case rethink(TicketID)
        /// Looks, now and again, at what there is to take.
        case browse
        case browsed(Browsed)
    }

    let agent: AgentID
    let name: String
    var isPlaying = false
    var instance: ClientInstance
    var router: Int
    var pipe = PipeID(0)
    var isAttached = false
    var attaching: RequestToken?
    var parked: RequestToken?
    var busy: (token: RequestToken, commands: [AgentCommand])?
    var queue: [AgentCommand] = []
    var sequence: UInt64 = 0
    var epoch = AgentEpoch(0)
    var view: AgentView?
    var acknowledged: UInt32 = 0
    var results: [CommandResult] = []
    var supersededCount = 0
    /// What it was told about the end of its session.
    var endings: [SessionEnd] = []
    /// Tickets that he took himself.
    var takesDone = 0
    var offersSeen: Set<OfferID> = []
    var workSeen: Set<HeldWork> = []

    struct HeldWork: Hashable {
        let ticket: TicketID
        let fence: Fence
    }

    init(agent: AgentID, name: String, router: Int, isPlaying: Bool, device: UInt64) {
        self.agent = agent
        self.name = name
        self.router = router
        self.isPlaying = isPlaying
        instance = ClientInstance(UInt64(agent.value) + 1000 * device)
    }
}

extension Bench {
    // MARK: - what a test does

    /// Puts an agent's client to work at a router; gives its place.
    @discardableResult
    mutating func attach(_ name: String, at router: Int, isPlaying: Bool = false, device: UInt64 = 1) -> Int {
        clients.append(
            AgentClient(
                agent: company.id(of: name), name: name, router: router, isPlaying: isPlaying, device: device))
        attach(client: clients.count - 1)
        return clients.count - 1
    }

    /// A command of the agent's, sent at once.
    mutating func command(client index: Int, _ action: AgentAction) {
        clients[index].sequence += 1
        clients[index].queue.append(
            AgentCommand(agent: clients[index].agent, sequence: clients[index].sequence, action: action))
        flush(index)
    }

    /// Hands a ticket in; gives its place in `submissions`.
    @discardableResult
    mutating func submit(_ submission: Submission, at router: Int) -> Int {
        let place = submissions.count
        let keyed = KeyedSubmission(key: SubmitKey(high: 7, low: UInt64(place)), submission: submission)
        submissions.append(PlayedSubmission(keyed: keyed, router: router))
        submitAgain(place)
        return place
    }

    /// Asks the coordinator what it knows of a ticket.
    func record(of ticket: TicketID) -> LedgerTicket? { coordinator.core?.ledger.tickets[ticket] }

    /// Asks what the agent may take; the answer comes to his client, or to `browsed` by the token for a visitor.
    @discardableResult
    mutating func browse(_ index: Int, asVisitor: Bool = false) -> RequestToken {
        let token = RequestToken(nextToken())
        askers[token] = asVisitor ? .visitor : .client(index)
        let router = clients[index].router
        schedule(
            .atRouter(router, process: routers[router].process, .browse(clients[index].agent, token)), in: 1)
        return token
    }

    // MARK: - submitters

    mutating func submitAgain(_ place: Int) {
        guard submissions[place].accepted == nil else { return }
        let router = submissions[place].router
        if routers[router].isUp {
            let token = RequestToken(nextToken())
            askers[token] = .submitter(place)
            schedule(
                .atRouter(router, process: routers[router].process, .submit([submissions[place].keyed], token)), in: 1)
        }
        submissions[place].router = (router + 1) % routers.count
        schedule(.submitAgain(place), in: 3000)
    }

    mutating func settle(submission place: Int, _ result: SubmitResult) {
        submissions[place].result = result
        if case .accepted(let ticket) = result { watch.acknowledged(ticket, submissions[place].keyed) }
    }

    // MARK: - clients

    private mutating func request(_ index: Int, patience: UInt64, _ event: (RequestToken) -> Router.Event)
        -> RequestToken
    {
        let token = RequestToken(nextToken())
        askers[token] = .client(index)
        let router = clients[index].router
        schedule(.atRouter(router, process: routers[router].process, event(token)), in: 1)
        schedule(.atClient(index, .timeout(token)), in: patience)
        return token
    }

    mutating func toClient(_ token: RequestToken, _ event: AgentClient.Event) {
        guard case .client(let index)? = askers.removeValue(forKey: token) else { return }
        schedule(.atClient(index, event), in: 1)
    }

    private mutating func attach(client index: Int) {
        pipeLast += 1
        clients[index].pipe = PipeID(pipeLast)
        clients[index].isAttached = false
        clients[index].parked = nil
        if let busy = clients[index].busy { clients[index].queue = busy.commands + clients[index].queue }
        clients[index].busy = nil
        let name = clients[index].name
        let states = clients[index].view.map { [AgentState(name: name, status: $0.status, reason: "")] }
        let attach = Attach(instance: clients[index].instance, agents: [name], states: states ?? [])
        let pipe = clients[index].pipe
        clients[index].attaching = request(index, patience: 4000) { .attach(attach, $0, pipe) }
    }

    mutating func disconnect(client index: Int, andBackIn pause: UInt64) {
        let router = clients[index].router
        schedule(.atRouter(router, process: routers[router].process, .disconnected(clients[index].pipe)), in: 1)
        clients[index].isAttached = false
        clients[index].attaching = nil
        clients[index].router = (router + 1) % routers.count
        schedule(.atClient(index, .attach), in: pause)
    }

    mutating func step(client index: Int, _ event: AgentClient.Event) {
        let client = clients[index]
        switch event {
        case .attach: if !client.isAttached && client.attaching == nil { attach(client: index) }
        case .attached(let attached, let token):
            guard client.attaching == token else { return }
            welcomed(index, attached)
        case .answered(let answer, let token): heard(index, answer, token)
        case .noSession(let token):
            if client.parked == token || client.busy?.token == token { attach(client: index) }
        case .moved(let address, let token):
            guard client.parked == token || client.busy?.token == token else { return }
            disconnect(client: index, andBackIn: 1)
            if let target = routers.firstIndex(where: { "\($0.name):1" == address }) {
                clients[index].router = target
            }
        case .timeout(let token):
            if client.attaching == token || client.parked == token || client.busy?.token == token {
                disconnect(client: index, andBackIn: 10)
            }
        case .connectionLost(let pipe): if client.pipe == pipe { disconnect(client: index, andBackIn: 20) }
        case .act(let action): if client.isAttached { command(client: index, action) } else { later(index, action) }
        case .again(let command):
            clients[index].queue.append(command)
            flush(index)
        case .browse:
            browse(index)
            schedule(.atClient(index, .browse), in: random.between(500, 2500))
        case .browsed(let browsed):
            guard let ticket = browsed.tickets.first else { return }
            command(client: index, .take(ticket.ticket, ticket.fence))
        case .rethink(let ticket):
            clients[index].workSeen = clients[index].workSeen.filter { $0.ticket != ticket }
            decide(index)
        }
    }

    private mutating func later(_ index: Int, _ action: AgentAction) {
        schedule(.atClient(index, .act(action)), in: 500)
    }

    private mutating func welcomed(_ index: Int, _ attached: Attached) {
        clients[index].attaching = nil
        guard let result = attached.results.first, result.refusal == nil else {
            clients[index].router = (clients[index].router + 1) % routers.count
            schedule(.atClient(index, .attach), in: 700)
            return
        }
        clients[index].isAttached = true
        clients[index].epoch = result.agentEpoch
        clients[index].acknowledged = 0
        clients[index].view = nil
        poll(index)
        flush(index)
    }

    private func seen(_ index: Int) -> [SeenView] {
        let client = clients[index]
        guard let view = client.view, view.version > client.acknowledged else { return [] }
        return [SeenView(agent: client.agent, agentEpoch: view.agentEpoch, version: view.version)]
    }

    private mutating func poll(_ index: Int) {
        guard clients[index].isAttached, clients[index].parked == nil else { return }
        let poll = SessionPoll(instance: clients[index].instance, seen: seen(index), commands: [])
        let pipe = clients[index].pipe
        clients[index].parked = request(index, patience: 13000) { .poll(poll, $0, pipe) }
    }

    private mutating func flush(_ index: Int) {
        guard clients[index].isAttached, clients[index].busy == nil, !clients[index].queue.isEmpty else { return }
        let commands = clients[index].queue
        clients[index].queue = []
        let poll = SessionPoll(instance: clients[index].instance, seen: seen(index), commands: commands)
        let pipe = clients[index].pipe
        clients[index].busy = (request(index, patience: 6000) { .poll(poll, $0, pipe) }, commands)
    }

    private mutating func heard(_ index: Int, _ answer: SessionAnswer, _ token: RequestToken) {
        if let busy = clients[index].busy, busy.token == token {
            clients[index].busy = nil
            clients[index].results += answer.results
            for (command, result) in zip(busy.commands, answer.results) { judge(index, command, result) }
        } else if clients[index].parked == token {
            clients[index].parked = nil
        } else {
            return
        }
        for view in answer.views where view.agent == clients[index].agent { look(index, at: view) }
        guard clients[index].isAttached else { return }
        poll(index)
        flush(index)
    }

    private mutating func look(_ index: Int, at view: AgentView) {
        if let end = view.end {
            guard view.agentEpoch >= clients[index].epoch else { return }
            clients[index].endings.append(end)
            clients[index].supersededCount += 1
            // For a real client this is final; a playing one was told so by mistake, and the test will say so.
            guard clients[index].isPlaying else {
                clients[index].isAttached = false
                return
            }
            clients[index].instance = ClientInstance(clients[index].instance.value + 1000)
            disconnect(client: index, andBackIn: 500)
            return
        }
        guard view.agentEpoch >= clients[index].view?.agentEpoch ?? AgentEpoch(0) else { return }
        clients[index].epoch = view.agentEpoch
        clients[index].view = view
        decide(index)
    }

    /// A command whose outcome is not known is asked again; one that was refused leaves its ticket to be thought over.
    private mutating func judge(_ index: Int, _ command: AgentCommand, _ result: CommandResult) {
        if command.action.isTake, case .done = result { clients[index].takesDone += 1 }
        guard case .refused(let refusal) = result else { return }
        switch refusal {
        case .busy where command.action.isTake: break
        case .unknown, .hold, .busy, .unavailable:
            if clients[index].isPlaying { schedule(.atClient(index, .again(command)), in: 300) }
        default:
            if case .work(let ticket, _, _) = command.action { schedule(.atClient(index, .rethink(ticket)), in: 500) }
        }
    }

    // MARK: - chance

    private mutating func decide(_ index: Int) {
        guard clients[index].isPlaying, let view = clients[index].view else { return }
        if !view.status.takesOffers { later(index, .setStatus(.available, reason: ""), in: random.between(500, 4000)) }
        for offer in view.offers where clients[index].offersSeen.insert(offer.id).inserted {
            let pause = random.between(20, 2500)
            switch random.below(10) {
            case 0: decline(index, offer.id, in: pause)
            case 1: break  // He looks the other way until it expires.
            default: later(index, .accept(offer.id), in: pause)
            }
        }
        for work in view.work {
            let held = AgentClient.HeldWork(ticket: work.ticket, fence: work.fence)
            if clients[index].workSeen.insert(held).inserted { plan(index, work) }
        }
    }

    /// Where the policy knows reasons he may give one, and say when he wants to be asked again.
    private mutating func decline(_ index: Int, _ offer: OfferID, in pause: UInt64) {
        guard !company.policy.declineReasons.isEmpty else { return later(index, .decline(offer), in: pause) }
        let retryAfter = random.chance(1, of: 2) ? Interval(milliseconds: random.between(0, 3000)) : nil
        later(
            index, .decline(offer, reason: random.pick(["", "busy"]), retryAfter: retryAfter), in: pause)
    }

    private mutating func plan(_ index: Int, _ work: WorkView) {
        var ways: [[WorkAction]] = [
            [.resolve], [.reply(text: "yes"), .resolve], [.escalate(to: nil)], [.sendDown(to: nil)], [.giveBack()],
            [.transfer(to: random.pick(Company.groups))], [.pause(reason: "customer"), .resume, .resolve],
            [.note(text: "n"), .resolve], [.resolve], [.resolve],
        ]
        if isLively { ways += livelyWays() }
        var due: UInt64 = 0
        for step in random.pick(ways) {
            due += random.between(100, 2500)
            later(index, .work(work.ticket, work.fence, step), in: due)
        }
        // Whatever came of it, what he still holds after a while he resolves.
        later(index, .work(work.ticket, work.fence, .resolve), in: due + 6000)
    }

    /// What else there is to do with a ticket.
    private mutating func livelyWays() -> [[WorkAction]] {
        let delay = Interval(milliseconds: random.between(0, 8000))
        let tier = random.pick([nil, Tier.agents, .engineers, .vendors])
        return [
            [.handOver(to: random.pick(clients).name, reason: "r")], [.handOut(to: "the maker")],
            [.putOff(for: delay, reason: "later")], [.pause(reason: "part", kind: .hold, for: delay)],
            [.pause(reason: "p", for: delay), .reply(text: "still there?")], [.escalate(to: tier, reason: "e")],
            [.sendDown(to: tier)], [.pause(reason: "p"), .pause(reason: "again"), .resume, .resume, .giveBack()],
        ]
    }

    private mutating func later(_ index: Int, _ action: AgentAction, in pause: UInt64) {
        schedule(.atClient(index, .act(action)), in: pause)
    }
}

extension AgentAction {
    fileprivate var isTake: Bool { if case .take = self { true } else { false } }
}
