import Routing
import Wire

/// An agent of a scenario with his program: one poll is always parked, what came is acknowledged at once.
final class ScenarioPlayer {
    let name: String
    let instance: ClientInstance
    let router: String
    private(set) var view: AgentView?
    private var id = AgentID(0)
    private var isAttached = false
    private var sequence: UInt64 = 0
    private var parked: UInt64?
    private var seen: [SeenView] = []
    private var said: [(token: UInt64, action: AgentAction)] = []
    /// Offers that he has answered: their end is no news.
    private var answered: Set<OfferID> = []
    /// Tickets that he has let go himself: that they leave is no news.
    private var left: Set<TicketID> = []
    /// He takes whatever is offered, and resolves it so many milliseconds later.
    var worksFor: UInt64?

    init(_ name: String, _ instance: ClientInstance, at router: String) {
        self.name = name
        self.instance = instance
        self.router = router
    }

    var address: String { "\(name)-\(instance.value)" }

    func welcome(_ result: AttachResult) {
        id = result.agent
        isAttached = true
    }

    /// His program stops reading; nobody is told.
    func end() { isAttached = false }

    /// His program ends, and its connection with it.
    func leave(_ cluster: SteppedCluster) {
        isAttached = false
        cluster.town.hangUp(address, router)
    }

    func say(_ action: AgentAction, _ scenario: Scenario) {
        sequence += 1
        switch action {
        case .accept(let offer), .decline(let offer, _, _): answered.insert(offer)
        case .work(let ticket, _, let action) where action.letsGo: left.insert(ticket)
        default: break
        }
        let command = AgentCommand(agent: id, sequence: sequence, action: action)
        said.append((send([command], scenario), action))
    }

    private func send(_ commands: [AgentCommand], _ scenario: Scenario) -> UInt64 {
        defer { seen = [] }
        return scenario.cluster.send(
            router, .poll(SessionPoll(instance: instance, seen: seen, commands: commands)), as: address)
    }

    /// Reads what has come and asks for more. False when nothing has.
    func look(_ scenario: Scenario) -> Bool {
        guard isAttached else { return false }
        var isBusy = false
        for (token, action) in said {
            guard let reply = scenario.cluster.answer(token) else { continue }
            said.removeAll { $0.token == token }
            take(reply, to: action, scenario)
            isBusy = true
        }
        if let token = parked, let reply = scenario.cluster.answer(token) {
            parked = nil
            take(reply, to: nil, scenario)
            isBusy = true
        }
        guard parked == nil, isAttached else { return isBusy }
        parked = send([], scenario)
        return true
    }

    private func take(_ reply: Reply, to action: AgentAction?, _ scenario: Scenario) {
        switch reply {
        case .session(let answer):
            if action != nil, case .refused(let refusal)? = answer.results.first, refusal != .already {
                scenario.write("\(name) is told: \(refusal)")
            }
            for view in answer.views where view.agent == id { show(view, scenario) }
        case .noSession:
            scenario.write("\(name) has no session any more")
            isAttached = false
        default: scenario.write("\(name) is answered: \(reply)")
        }
    }

    private func show(_ view: AgentView, _ scenario: Scenario) {
        guard view.end == nil else {
            let why = view.end == .dismissed ? "the company does not have him any more" : "a newer one has taken over"
            scenario.write("\(name)'s former session ends: \(why)")
            return end()
        }
        let former = self.view
        guard view.version > former?.version ?? 0 else { return }
        self.view = view
        seen.append(SeenView(agent: id, agentEpoch: view.agentEpoch, version: view.version))
        for offer in former?.offers ?? [] where !view.offers.contains(where: { $0.id == offer.id }) {
            let isHis = view.work.contains { $0.ticket == offer.id.ticket } || answered.contains(offer.id)
            if !isHis { scenario.write("#\(offer.id.ticket.value) is no longer offered to \(name)") }
        }
        for work in former?.work ?? [] where !view.work.contains(where: { $0.ticket == work.ticket }) {
            if left.remove(work.ticket) == nil { scenario.write("\(name) has #\(work.ticket.value) no longer") }
        }
        if view.status != former?.status ?? .available { scenario.write("\(name) is \(view.status)") }
        for offer in view.offers where !(former?.offers ?? []).contains(where: { $0.id == offer.id }) {
            scenario.write(
                "#\(offer.id.ticket.value) is offered to \(name) through \(offer.group), "
                    + "having waited \(offer.age.milliseconds) ms")
            if worksFor != nil { say(.accept(offer.id), scenario) }
        }
        for work in view.work where !(former?.work ?? []).contains(where: { $0.ticket == work.ticket }) {
            guard let milliseconds = worksFor else { continue }
            scenario.after(milliseconds) { self.say(.work(work.ticket, work.fence, .resolve), scenario) }
        }
    }

    // MARK: - what he means

    /// The highest ranked of those tickets that wait for somebody to take them, or the one of that number.
    func waiting(_ ticket: String?, _ scenario: Scenario) throws -> BrowsedTicket {
        guard case .browsed(let browsed, _)? = scenario.ask(router, .browse(name)) else {
            throw Misuse("\(name) is not told what waits")
        }
        guard let found = browsed.tickets.first(where: { ticket == nil || "\($0.ticket.value)" == ticket }) else {
            throw Misuse("\(name) sees no such ticket")
        }
        return found
    }

    /// The offer of that ticket, or his oldest.
    func offer(of ticket: String?) throws -> OfferID {
        let offers = view?.offers ?? []
        guard let ticket else {
            guard let first = offers.first else { throw Misuse("\(name) is offered nothing") }
            return first.id
        }
        guard let found = offers.first(where: { "\($0.id.ticket.value)" == ticket }) else {
            throw Misuse("\(name) is not offered \(ticket)")
        }
        return found.id
    }

    /// The ticket of that number among those he holds.
    func work(on ticket: String?) throws -> (ticket: TicketID, fence: Fence) {
        let work = view?.work ?? []
        guard let found = ticket == nil ? work.first : work.first(where: { "\($0.ticket.value)" == ticket }) else {
            throw Misuse("\(name) does not hold \(ticket ?? "a ticket")")
        }
        return (found.ticket, found.fence)
    }
}

extension WorkAction {
    /// Whether the ticket is no longer its holder's afterwards.
    fileprivate var letsGo: Bool {
        switch self {
        case .reply, .note, .pause, .resume: false
        case .escalate, .sendDown, .transfer, .handOver, .handOut, .putOff, .giveBack, .resolve: true
        }
    }
}
