import struct Simulation.SplitMix64

@testable import Routing

/// The played shell of the coordinator: its journal is an array, and always synced.
struct CoordinatorShell {
    var core: Coordinator?
    var inbox: [Coordinator.Event] = []
    var journal: [Bench.JournalEntry] = []
    var reports: [Coordinator.Report] = []
    var process = 0
    /// A shell looks in at least this often, so that leases and parked polls end in time.
    var nextTick: UInt64 = 0

    func isDue(at now: UInt64) -> Bool {
        guard let core else { return false }
        return !inbox.isEmpty || nextTick <= now || core.nextDeadline.map { $0.milliseconds <= now } ?? false
    }

    /// The ledger as the journal alone tells it.
    var replayed: Ledger {
        var ledger = Ledger()
        for entry in journal { ledger.apply(entry.record, at: entry.wall) }
        return ledger
    }
}

/// The played shell of a router.
struct RouterShell {
    let name: String
    let region: String
    var core: Router
    var inbox: [Router.Event] = []
    var reports: [Router.Report] = []
    var isUp = true
    var process = 0

    init(name: String, region: String, _ flaws: Flaws) {
        self.name = name
        self.region = region
        core = Router(name: name, flaws: flaws)
    }

    func isDue(at now: UInt64) -> Bool {
        isUp && (!inbox.isEmpty || core.nextDeadline.map { $0.milliseconds <= now } ?? false)
    }
}

extension Bench {
    // MARK: - the coordinator

    mutating func startCoordinator() {
        var effects: [Coordinator.Effect] = []
        coordinator.process += 1
        coordinator.inbox = []
        coordinator.core = Coordinator(
            ledger: coordinator.replayed, flaws: flaws, points: points, at: time, into: &effects)
        let isKnown = coordinator.core!.ledger.policyVersion > 0
        coordinator.core!.step(
            .policyLoaded(policy, text: "{}", additions: isKnown ? .init() : company.additions), at: time,
            into: &effects)
        perform(effects)
    }

    mutating func runCoordinator() {
        var effects: [Coordinator.Effect] = []
        let inbox = coordinator.inbox
        coordinator.inbox = []
        coordinator.nextTick = now + 100
        coordinator.core!.step(.turnBegins, at: time, into: &effects)
        for event in inbox { coordinator.core!.step(event, at: time, into: &effects) }
        coordinator.core!.step(.turnEnds, at: time, into: &effects)
        perform(effects)
    }

    private mutating func perform(_ effects: [Coordinator.Effect]) {
        for effect in effects {
            switch effect {
            case .journal(let lsn, let wall, let record):
                coordinator.journal.append(JournalEntry(lsn: lsn, wall: wall, record: record))
                if case .policyAdopted = record { watch.policy = policy }
                watch.recorded(record)
            case .archive: break
            case .joined(let joined, let token): answer(token.value, .joined(joined))
            case .exchanged(let exchanged, let token): answer(token.value, .exchanged(exchanged))
            case .refused(let refusal, let token): answer(token.value, .refused(refusal))
            case .answered(let outcome, let token): answered[RequestToken(token.value)] = outcome
            case .report(let report): coordinator.reports.append(report)
            }
        }
    }

    private mutating func answer(_ call: UInt64, _ answer: Answer) {
        guard let router = calls[call]?.router, !network.cutFromCoordinator.contains(router) else { return }
        for delay in ways() { schedule(.answer(call, answer), in: delay) }
    }

    /// How long each copy of a message takes: none when it is lost, two when it is doubled.
    private mutating func ways() -> [UInt64] {
        func way(_ random: inout SplitMix64) -> UInt64 { random.between(1, network.delayMax) }
        if network.lost > 0 && random.chance(network.lost, of: 1000) { return [] }
        if network.doubled > 0 && random.chance(network.doubled, of: 1000) { return [way(&random), way(&random)] }
        return [way(&random)]
    }

    // MARK: - routers

    mutating func join(_ index: Int) {
        let router = routers[index]
        let call = call(from: index, .join, patience: 1000)
        let join = Join(
            name: router.name, region: router.region, address: "\(router.name):1", gossipAddress: "\(router.name):2",
            speaks: 2)
        toCoordinator(.join(join, Coordinator.RequestToken(call)), from: index)
    }

    mutating func runRouter(_ index: Int) {
        var effects: [Router.Effect] = []
        let inbox = routers[index].inbox
        routers[index].inbox = []
        routers[index].core.step(.turnBegins, at: time, into: &effects)
        for event in inbox { routers[index].core.step(event, at: time, into: &effects) }
        routers[index].core.step(.turnEnds, at: time, into: &effects)
        watch.turned(routers[index].core, at: time)
        for effect in effects { perform(effect, of: index) }
    }

    private mutating func perform(_ effect: Router.Effect, of index: Int) {
        switch effect {
        case .exchange(let exchange, let id):
            let call = call(from: index, .exchange(id, exchange.incarnation), patience: 2000)
            toCoordinator(.exchange(exchange, Coordinator.RequestToken(call)), from: index)
        case .rejoin: join(index)
        case .ask(let peer, let request, let id): ask(peer, request, id, from: index)
        case .peerReply(let reply, let token):
            guard case .peer(let call)? = askers.removeValue(forKey: token), isPeerReachable(index) else { return }
            for delay in ways() { schedule(.answer(call, .peer(reply)), in: delay) }
        case .publish(let gossip): publish(gossip, from: index)
        case .submitted(let results, let token):
            if case .submitter(let place)? = askers.removeValue(forKey: token) { settle(submission: place, results[0]) }
        case .attached(let attached, let token): toClient(token, .attached(attached, token))
        case .sessionAnswer(let answer, let token): toClient(token, .answered(answer, token))
        case .noSession(let token): toClient(token, .noSession(token))
        case .move(let routers, let token): toClient(token, .moved(to: routers.first, token))
        case .answered(let outcome, let token):
            if case .manager(let place)? = askers[token] { settle(managed: place, outcome) }
            askers[token] = nil
            answered[token] = outcome
        case .explained(_, let token): askers[token] = nil
        case .browsed(let browsed, let token):
            if case .visitor? = askers[token] { self.browsed[token] = browsed }
            toClient(token, .browsed(browsed))
        case .membership: break
        case .report(let report): routers[index].reports.append(report)
        }
    }

    private func isPeerReachable(_ index: Int) -> Bool { !network.cutFromPeers.contains(index) }

    private mutating func call(from router: Int, _ kind: Call.Kind, patience: UInt64) -> UInt64 {
        let call = nextToken()
        calls[call] = Call(router: router, process: routers[router].process, kind: kind)
        schedule(.callTimeout(call), in: patience)
        return call
    }

    private mutating func toCoordinator(_ event: Coordinator.Event, from router: Int) {
        guard !network.cutFromCoordinator.contains(router) else { return }
        for delay in ways() { schedule(.atCoordinator(process: coordinator.process, event), in: delay) }
    }

    private mutating func ask(_ peer: Incarnation, _ request: PeerRequest, _ id: UInt64, from index: Int) {
        let call = call(from: index, .ask(id), patience: 300)
        guard let target = routers.firstIndex(where: { $0.core.incarnation == peer && $0.isUp }),
            isPeerReachable(index), isPeerReachable(target)
        else { return }
        for delay in ways() {
            let token = RequestToken(nextToken())
            askers[token] = .peer(call)
            schedule(.atRouter(target, process: routers[target].process, .peerAsked(request, token)), in: delay)
        }
    }

    private mutating func publish(_ gossip: Gossip, from index: Int) {
        guard isPeerReachable(index) else { return }
        for target in routers.indices where target != index && isPeerReachable(target) {
            for delay in ways() {
                schedule(.atRouter(target, process: routers[target].process, .gossiped(gossip)), in: delay)
            }
        }
    }

    /// The end of a router's call: its answer, or nil when it took too long.
    mutating func conclude(_ id: UInt64, _ answer: Answer?) {
        guard let call = calls.removeValue(forKey: id) else { return }
        guard routers[call.router].isUp, routers[call.router].process == call.process else { return }
        switch (call.kind, answer) {
        case (.exchange(let batch, _), .exchanged(let exchanged)?):
            routers[call.router].inbox.append(.exchanged(batch, exchanged))
        case (.exchange(_, let incarnation), .refused(.notMember)?):
            if routers[call.router].core.incarnation == incarnation {
                routers[call.router].inbox.append(.membershipLost)
            }
        case (.exchange(let batch, _), .refused(.gap)?): routers[call.router].inbox.append(.exchangeRefused(batch))
        case (.exchange(let batch, _), _): routers[call.router].inbox.append(.exchangeFailed(batch))
        case (.join, .joined(let joined)?): routers[call.router].inbox.append(.joined(joined))
        case (.join, _): schedule(.joinAgain(call.router, process: call.process), in: 300)
        case (.ask(let ask), .peer(let reply)?): routers[call.router].inbox.append(.peerAnswered(ask, reply))
        case (.ask(let ask), _): routers[call.router].inbox.append(.peerAnswered(ask, nil))
        }
    }

    // MARK: - faults

    mutating func apply(_ fault: Fault) {
        switch fault {
        case .routerDies(let index):
            guard routers[index].isUp else { return }
            routers[index].isUp = false
            routers[index].inbox = []
            for client in clients.indices where clients[client].router == index {
                schedule(.atClient(client, .connectionLost(clients[client].pipe)), in: random.between(1, 50))
            }
        case .routerStarts(let index):
            guard !routers[index].isUp else { return }
            routers[index].isUp = true
            routers[index].process += 1
            routers[index].core = Router(name: routers[index].name, flaws: flaws)
            join(index)
        case .coordinatorRestarts: startCoordinator()
        case .reload(let policy):
            self.policy = policy
            coordinator.inbox.append(.policyLoaded(policy, text: "{}", additions: .init()))
            coordinator.nextTick = now
        case .cut(let index, let fromCoordinator, let fromPeers):
            if fromCoordinator { network.cutFromCoordinator.insert(index) }
            if fromPeers { network.cutFromPeers.insert(index) }
        case .heal(let index):
            network.cutFromCoordinator.remove(index)
            network.cutFromPeers.remove(index)
        case .clientLeaves(let index): disconnect(client: index, andBackIn: 2000)
        case .order(let command):
            coordinator.inbox.append(.query(command, Coordinator.RequestToken(nextToken())))
            coordinator.nextTick = now
        case .clientPauses(let index): command(client: index, .setStatus(.away, reason: ""))
        }
    }
}
