import Routing
import Wire

/// An agent's client in a test's hands, without the library: it attaches, polls, and says what it is told to say.
final class SteppedAgent {
    let name: String
    let instance: ClientInstance
    private(set) var id = AgentID(0)
    private(set) var epoch = AgentEpoch(0)
    private(set) var view: AgentView?
    var router: String
    private let cluster: SteppedCluster
    private var sequence: UInt64 = 0
    private var parked: UInt64?
    private var seen: [SeenView] = []

    init(_ name: String, _ cluster: SteppedCluster, at router: String, instance: UInt64 = 11) {
        self.name = name
        self.cluster = cluster
        self.router = router
        self.instance = ClientInstance(instance)
    }

    private var address: String { "client-\(name)-\(instance.value)" }

    /// Nil when attached.
    @discardableResult
    func attach() -> Refusal? {
        parked = nil
        let request = Request.attach(Attach(instance: instance, agents: [name]))
        guard case .attached(let attached)? = cluster.ask(router, request, as: address),
            let result = attached.results.first
        else { return .unknown }
        if let refusal = result.refusal { return refusal }
        id = result.agent
        epoch = result.agentEpoch
        return nil
    }

    /// Has one poll parked at all times, until what it shows is enough. False after `patience` milliseconds.
    @discardableResult
    func poll(for patience: UInt64 = 5_000, until isEnough: (AgentView?) -> Bool) -> Bool {
        let end = cluster.town.now.instant.milliseconds + patience
        while !isEnough(view) && cluster.town.now.instant.milliseconds < end {
            let token = parked ?? send([])
            parked = token
            cluster.run(end - cluster.town.now.instant.milliseconds) { cluster.answer(token) != nil }
            guard let reply = cluster.answer(token) else { continue }
            parked = nil
            take(reply)
        }
        return isEnough(view)
    }

    func waitForOffer(_ patience: UInt64 = 5_000) -> OfferView? {
        poll(for: patience) { $0?.offers.isEmpty == false }
        return view?.offers.first
    }

    /// Says one thing, with the next number or with an old one, and waits for its result.
    func perform(_ action: AgentAction, again number: UInt64? = nil) -> CommandResult? {
        if number == nil { sequence += 1 }
        let token = send([AgentCommand(agent: id, sequence: number ?? sequence, action: action)])
        cluster.run(5_000) { cluster.answer(token) != nil }
        guard let reply = cluster.answer(token) else { return nil }
        return take(reply).first
    }

    private func send(_ commands: [AgentCommand]) -> UInt64 {
        defer { seen = [] }
        return cluster.send(
            router, .poll(SessionPoll(instance: instance, seen: seen, commands: commands)), as: address)
    }

    @discardableResult
    private func take(_ reply: Reply) -> [CommandResult] {
        guard case .session(let answer) = reply else { return [] }
        for view in answer.views where view.agent == id {
            self.view = view
            seen.append(SeenView(agent: id, agentEpoch: view.agentEpoch, version: view.version))
        }
        return answer.results
    }
}
