package import Routing
package import Wire

/// The client's side of a session, for one agent or many over one connection: attaches, polls, sends commands, and
/// moves to another router by itself. Pure like the other cores; the shells are in `AgentClient`.
///
/// One poll is parked at the router whenever there is nothing else to wait for; commands travel in polls of their own,
/// so that an answer to one brings the other's news. A command without an answer is sent again with its number until
/// there is one, to whatever router the session is at then.
package struct AgentSession: Sendable {
    package enum Event: Sendable {
        /// Does something for an agent; `tag` comes back in one `result`.
        case command(agent: String, AgentAction, tag: UInt64)
        case answered(UInt64, Reply)
        case failed(UInt64)
        /// What waits that the agent may take; `tag` comes back in one `browsed`.
        case browse(agent: String, tag: UInt64)
        /// No reconnecting any more; what is open is refused.
        case stop
        /// Last of every turn.
        case turnEnds
    }

    package enum Effect: Equatable, Sendable {
        case ask(router: String, Request, UInt64, patience: Interval)
        /// The connection to this router is of no more use.
        case leave(router: String)
        case news(News)
        case result(UInt64, CommandResult)
        /// Nil when no router could say; it may be asked again.
        case browsed(UInt64, Browsed?, Catalog)
    }

    /// What the agents' program is told. Everything is said once, however often the router repeats it.
    package enum News: Equatable, Sendable {
        case attached(agent: String)
        case refused(agent: String, Refusal)
        case offered(agent: String, OfferView)
        /// Not to be had any more: withdrawn, expired, or taken by another.
        case offerEnded(agent: String, OfferID)
        case assigned(agent: String, WorkView)
        case pendingChanged(agent: String, TicketID, isPending: Bool)
        case customerWrote(agent: String, TicketID)
        /// The ticket is no longer this agent's, by his own command or otherwise.
        case released(agent: String, TicketID, Fence)
        case status(agent: String, Status)
        /// A newer session of the agent has taken over; final.
        case superseded(agent: String)
        /// The company does not have the agent any more; final.
        case dismissed(agent: String)
        case connected(router: String)
        case disconnected(router: String)
        /// No answer for so long that the agent's tickets may be somebody else's by now.
        case uncertain
    }

    package let instance: ClientInstance
    private var lines: [Line]
    private var numbers: [AgentID: Int] = [:]
    private var names: [String: Int] = [:]
    private var routers: [String]
    private var router = 0
    private var phase: Phase
    private var failures = 0
    private var callLast: UInt64 = 0
    private var parked: UInt64?
    private var calls: [UInt64: [Pending]] = [:]
    private var waiting: [Pending] = []
    private var browses = OpenBrowses()
    private var rests = Rests()
    private var unseen: [SeenView] = []
    /// An offer or assignment has come that the router should soon know to have arrived.
    private var mustAcknowledge = false
    private var lastAnswer: Instant
    private var saidUncertain = false
    private var random: UInt64
    private let grace: Interval
    private let park: Interval

    /// Command polls on their way at once.
    private static let commandPollsMax = 4

    /// `routers` are tried in the given order, then the ones a router names. `grace` is the cluster's: five seconds
    /// before it ends without an answer the tickets are called uncertain.
    package init(
        instance: ClientInstance, agents: [String], routers: [String], grace: Interval, park: Interval, at now: Now
    ) {
        invariant(!routers.isEmpty && !agents.isEmpty, "a session needs an agent and a router")
        self.instance = instance
        lines = agents.map { Line(name: $0) }
        for (index, name) in agents.enumerated() { names[name] = index }
        self.routers = routers
        phase = .waiting(until: now.instant)
        nextDeadline = now.instant
        lastAnswer = now.instant
        random = instance.value | 1
        self.grace = grace
        self.park = park
    }

    package var isAttached: Bool { phase == .attached }
    package var isStopped: Bool { phase == .stopped }

    /// When it is to be stepped next at the latest. Stored, as asking a session in a list copies all of it.
    package private(set) var nextDeadline: Instant?

    private var earliestDeadline: Instant? {
        switch phase {
        case .waiting(let until): until
        case .attached: rests.pollsAt ?? (waiting.isEmpty ? nil : rests.commandsAt)
        case .attaching, .stopped: nil
        }
    }

    package mutating func step(_ event: Event, at now: Now, into effects: inout [Effect]) {
        switch event {
        case .command(let agent, let action, let tag): command(agent, action, tag, &effects)
        case .answered(let call, let reply): answered(call, reply, at: now, &effects)
        case .failed(let call): failed(call, at: now, &effects)
        case .browse(let agent, let tag): browse(agent, tag, &effects)
        case .stop: stop(&effects)
        case .turnEnds: endTurn(at: now, &effects)
        }
        nextDeadline = earliestDeadline
    }

    // MARK: - commands

    private mutating func command(_ agent: String, _ action: AgentAction, _ tag: UInt64, _ effects: inout [Effect]) {
        guard let line = names[agent], phase != .stopped else {
            effects.append(.result(tag, .refused(names[agent] == nil ? .notFound : .unavailable)))
            return
        }
        guard !lines[line].isOver else {
            effects.append(.result(tag, .refused(.superseded)))
            return
        }
        lines[line].sequence += 1
        waiting.append(Pending(line: line, sequence: lines[line].sequence, action: action, tag: tag))
    }

    private mutating func browse(_ agent: String, _ tag: UInt64, _ effects: inout [Effect]) {
        guard phase == .attached else { return effects.append(.browsed(tag, nil, Catalog())) }
        let id = call()
        browses.add(id, tag: tag)
        effects.append(.ask(router: routers[router], .browse(agent), id, patience: .seconds(5)))
    }

    private mutating func endTurn(at now: Now, _ effects: inout [Effect]) {
        if case .waiting(let until) = phase, until <= now.instant { attach(&effects) }
        if phase == .attached { sendPolls(at: now, &effects) }
        if phase != .stopped, !saidUncertain, now.instant.since(lastAnswer) > patience {
            saidUncertain = true
            if lines.contains(where: { !($0.view?.work.isEmpty ?? true) }) { effects.append(.news(.uncertain)) }
        }
    }

    /// Silence for longer than this makes the tickets uncertain. A healthy router is silent for as long as a poll
    /// parks, so under a grace that is shorter than that, nothing is said before the parked poll has failed.
    private var patience: Interval {
        let ofGrace = grace.milliseconds > 5000 ? grace.milliseconds - 5000 : grace.milliseconds / 2
        return Interval(milliseconds: phase == .attached ? max(ofGrace, park.milliseconds + 1000) : ofGrace)
    }

    private mutating func call() -> UInt64 {
        callLast += 1
        return callLast
    }

    private mutating func attach(_ effects: inout [Effect]) {
        let id = call()
        phase = .attaching(id)
        let present = lines.filter { !$0.isOver }
        let attach = Attach(instance: instance, agents: present.map(\.name), states: present.compactMap(\.state))
        // One that is not there says nothing: the first are not waited for as long as one that has much to do.
        let patience = Interval.seconds(failures < 4 ? 2 : 5)
        effects.append(.ask(router: routers[router], .attach(attach), id, patience: patience))
    }

    private mutating func sendPolls(at now: Now, _ effects: inout [Effect]) {
        rests.pass(to: now.instant)
        guard rests.pollsAt == nil else { return }
        while rests.commandsAt == nil && !waiting.isEmpty && calls.count < Self.commandPollsMax {
            var batch = Array(waiting.prefix(Limits.commandsPerPollMax))
            waiting.removeFirst(batch.count)
            for index in batch.indices { batch[index].wasSent = true }
            let id = call()
            calls[id] = batch
            let commands = batch.compactMap { pending -> AgentCommand? in
                guard let agent = lines[pending.line].id else { return nil }
                return AgentCommand(agent: agent, sequence: pending.sequence, action: pending.action)
            }
            poll(commands, id, .seconds(5), &effects)
        }
        // A parked poll is renewed when there is something to acknowledge and no command to say it with.
        if calls.isEmpty && (parked == nil || mustAcknowledge) {
            let id = call()
            parked = id
            poll([], id, park + .seconds(3), &effects)
        }
    }

    /// With what was seen since the poll before.
    private mutating func poll(
        _ commands: [AgentCommand], _ id: UInt64, _ patience: Interval, _ effects: inout [Effect]
    ) {
        let poll = SessionPoll(instance: instance, seen: unseen, commands: commands)
        unseen = []
        mustAcknowledge = false
        effects.append(.ask(router: routers[router], .poll(poll), id, patience: patience))
    }

    // MARK: - answers

    private mutating func answered(_ id: UInt64, _ reply: Reply, at now: Now, _ effects: inout [Effect]) {
        if browses.settle(id, reply, &effects) { return }
        switch (phase, reply) {
        case (.attaching(let wanted), .attached(let attached)) where wanted == id:
            enter(attached, at: now, &effects)
        case (.attached, .session(let answer)) where parked == id || calls[id] != nil:
            heard(at: now)
            settle(id, answer, at: now, &effects)
        case (.attached, .refused(.busy, let pause)) where parked == id || calls[id] != nil:
            // Too much is open on this connection, or at this router: the same again, after a pause.
            if parked == id { parked = nil }
            waiting = (calls.removeValue(forKey: id) ?? []) + waiting
            rests.begin(atLeast: pause, isForAll: true, at: now.instant, random: draw())
        // Also to a poll that a newer one has replaced: the router is leaving, or has forgotten us.
        case (.attached, .noSession): loseRouter(at: now, &effects)
        case (.attached, .move(let routers)) where parked == id || calls[id] != nil:
            follow(to: routers, at: now, &effects)
        case (.attaching(let wanted), _) where wanted == id: move(at: now, &effects)
        case (.attached, _) where parked == id || calls[id] != nil: loseRouter(at: now, &effects)
        default: break
        }
    }

    private mutating func heard(at now: Now) {
        lastAnswer = now.instant
        failures = 0
        saidUncertain = false
    }

    private mutating func enter(_ attached: Attached, at now: Now, _ effects: inout [Effect]) {
        let mayRetry: [Refusal] = [.unavailable, .full, .busy, .unknown, .hold]
        if attached.results.contains(where: { $0.refusal.map { mayRetry.contains($0) } ?? false }) {
            learn(attached.routers)
            return move(at: now, &effects)
        }
        heard(at: now)
        phase = .attached
        effects.append(.news(.connected(router: routers[router])))
        for result in attached.results {
            guard let line = names[result.name] else { continue }
            if let refusal = result.refusal {
                lines[line].isOver = true
                effects.append(.news(.refused(agent: result.name, refusal)))
                refuseWaiting(of: line, refusal, &effects)
            } else {
                if lines[line].id == nil { effects.append(.news(.attached(agent: result.name))) }
                lines[line].id = result.agent
                lines[line].epoch = result.agentEpoch
                numbers[result.agent] = line
            }
        }
        learn(attached.routers)
        if lines.allSatisfy(\.isOver) { stop(&effects) }
    }

    /// What an agent who is out for good still wanted is not asked any more.
    private mutating func refuseWaiting(of line: Int, _ refusal: Refusal, _ effects: inout [Effect]) {
        for pending in waiting where pending.line == line {
            effects.append(.result(pending.tag, .refused(refusal)))
        }
        waiting.removeAll { $0.line == line }
    }

    private mutating func learn(_ addresses: [String]) {
        for address in addresses where !routers.contains(address) && routers.count < Limits.routersMax {
            routers.append(address)
        }
    }

    private mutating func settle(_ id: UInt64, _ answer: SessionAnswer, at now: Now, _ effects: inout [Effect]) {
        let batch = calls.removeValue(forKey: id) ?? []
        if parked == id { parked = nil }
        for view in answer.views { take(view, &effects) }
        var again: [Pending] = []
        for (index, pending) in batch.enumerated() {
            let result = index < answer.results.count ? answer.results[index] : .refused(.unknown)
            switch result {
            // A router that was cut off asked under its former incarnation; the tickets are still the agent's. One who
            // is at home elsewhere is told `superseded`, which ends this.
            case .refused(.busy) where pending.action.isTake: effects.append(.result(pending.tag, result))
            case .refused(.unknown), .refused(.hold), .refused(.busy), .refused(.staleEpoch): again.append(pending)
            default: effects.append(.result(pending.tag, conclude(pending, result)))
            }
        }
        guard !again.isEmpty else { return batch.isEmpty ? () : rests.wentWell() }
        waiting = again + waiting
        rests.begin(at: now.instant, random: draw())
    }

    private mutating func draw() -> UInt64 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return random >> 33
    }

    /// An accept that was asked again elsewhere is known by what the agent holds now.
    private mutating func conclude(_ pending: Pending, _ result: CommandResult) -> CommandResult {
        if case .done = result, case .setStatus(_, let reason) = pending.action { lines[pending.line].reason = reason }
        guard case .refused(.gone) = result, case .accept(let offer) = pending.action,
            let held = lines[pending.line].view?.work.first(where: { $0.ticket == offer.ticket }),
            held.fence == offer.fence.next
        else { return result }
        return .done(held.fence)
    }

    private mutating func take(_ view: AgentView, _ effects: inout [Effect]) {
        guard let number = numbers[view.agent], !lines[number].isOver, view.agentEpoch >= lines[number].epoch else {
            return
        }
        let known = lines[number].view
        if let known, known.agentEpoch == view.agentEpoch, known.version > view.version { return }
        unseen.append(SeenView(agent: view.agent, agentEpoch: view.agentEpoch, version: view.version))
        if !view.offers.isEmpty || view.work.contains(where: { $0.submission != nil }) { mustAcknowledge = true }
        if let known, known.agentEpoch == view.agentEpoch, known.version == view.version { return }
        lines[number].epoch = view.agentEpoch
        AgentView.tell(from: known, to: view, lines[number].name, &effects)
        lines[number].view = view
        if let end = view.end {
            lines[number].isOver = true
            let name = lines[number].name
            effects.append(.news(end == .dismissed ? .dismissed(agent: name) : .superseded(agent: name)))
            refuseWaiting(of: number, .superseded, &effects)
            if lines.allSatisfy(\.isOver) { stop(&effects) }
        }
    }

    // MARK: - losing a router and finding another

    private mutating func failed(_ id: UInt64, at now: Now, _ effects: inout [Effect]) {
        if browses.settle(id, nil, &effects) { return }
        switch phase {
        case .attaching(let wanted) where wanted == id: move(at: now, &effects)
        case .attached where parked == id || calls[id] != nil: loseRouter(at: now, &effects)
        default: break
        }
    }

    private mutating func loseRouter(at now: Now, _ effects: inout [Effect]) {
        effects.append(.news(.disconnected(router: routers[router])))
        move(at: now, &effects)
    }

    /// What was asked is asked again elsewhere. The first retry is soon; then the pause doubles to 2 s, each with
    /// jitter, so that a lost router's clients do not come to the next one all at once.
    private mutating func move(at now: Now, _ effects: inout [Effect]) {
        letGo(&effects)
        failures += 1
        router = (router + 1) % routers.count
        let ceiling = min(UInt64(50) << UInt64(min(failures, 6)), 2000)
        phase = .waiting(until: now.instant + Interval(milliseconds: ceiling / 2 + jitter(below: ceiling / 2)))
    }

    /// The router has said where to go: no fault of anybody's, so at once.
    private mutating func follow(to addresses: [String], at now: Now, _ effects: inout [Effect]) {
        effects.append(.news(.disconnected(router: routers[router])))
        letGo(&effects)
        learn(addresses)
        router = addresses.first.flatMap { routers.firstIndex(of: $0) } ?? (router + 1) % routers.count
        phase = .waiting(until: now.instant + Interval(milliseconds: jitter(below: 20)))
    }

    private mutating func jitter(below ceiling: UInt64) -> UInt64 { draw() % max(1, ceiling) }

    /// What is open goes with the session.
    private mutating func letGo(_ effects: inout [Effect]) {
        let open = calls.keys.sorted().flatMap { calls[$0] ?? [] }
        waiting = open + waiting
        calls = [:]
        browses.end(&effects)
        parked = nil
        rests.end()
        effects.append(.leave(router: routers[router]))
    }

    private mutating func stop(_ effects: inout [Effect]) {
        guard phase != .stopped else { return }
        phase = .stopped
        for pending in calls.keys.sorted().flatMap({ calls[$0] ?? [] }) + waiting {
            effects.append(.result(pending.tag, .refused(pending.wasSent ? .unknown : .unavailable)))
        }
        calls = [:]
        browses.end(&effects)
        waiting = []
        effects.append(.leave(router: routers[router]))
    }
}
