/// One client program's connection for its agents.
struct Session: Sendable {
    let instance: ClientInstance
    var pipe: PipeID
    var agents: [AgentID] = []
    var parked: RequestToken?
    /// Agents whose view is to be sent, and those whose view was sent and not acknowledged.
    var listed: [AgentID] = []
    var sent: [AgentID] = []
    /// The last that this client hears of agents whom a newer session, also of this router, has taken over.
    var farewells: [AgentView] = []
    var lastHeard: Instant
    /// Since when it is to go to another router; nil while it may stay.
    var movesSince: Instant?
    /// It was told where to go, and counts as being here until it is there.
    var isMoved = false

    var hasNews: Bool { !listed.isEmpty || !farewells.isEmpty }
}

struct PendingAttach: Sendable {
    let instance: ClientInstance
    let pipe: PipeID
    let states: [AgentState]
    var results: [AttachResult?]
    var missing: Int
}

/// One command of a poll that waits for its result.
struct PollPlace: Equatable, Sendable {
    let token: RequestToken
    let index: Int
}

struct PendingPoll: Sendable {
    let instance: ClientInstance
    var results: [CommandResult?]
    var missing: Int
}

extension Router {
    // MARK: - attach

    mutating func attach(
        _ attach: Attach, _ token: RequestToken, _ pipe: PipeID, at now: Now, _ effects: inout [Effect]
    ) {
        var pending = PendingAttach(
            instance: attach.instance, pipe: pipe, states: attach.states, results: [], missing: 0)
        let known = sessions[attach.instance]
        let isFull =
            known == nil && sessions.count >= Limits.sessionsMax
            || attach.agents.count + (known?.agents.count ?? 0) > Limits.agentsPerSessionMax
        for (index, name) in attach.agents.enumerated() {
            let refusal: Refusal? =
                if !isLeased(at: now) || isLeaving || isDraining && hasRefuge {
                    .unavailable
                } else if isFull {
                    .full
                } else {
                    outbox.isFull ? .busy : nil
                }
            guard refusal == nil, let agent = policy.agent(named: name) else {
                pending.results.append(
                    AttachResult(
                        name: name, agent: AgentID(0), agentEpoch: AgentEpoch(0), refusal: refusal ?? .notFound))
                continue
            }
            outbox.add(.attach(agent.id, attach.instance, renewing: nil), for: .attach(token, index))
            pending.results.append(nil)
            pending.missing += 1
        }
        if pending.missing > 0 {
            if let known {
                connect(attach.instance, pipe)
                _ = sessions.update(attach.instance) {
                    $0.movesSince = nil
                    $0.isMoved = false
                    $0.lastHeard = now.instant
                    $0.parked = nil
                }
                // A client that lost a connection reads this poll no more; what is new must not go there.
                if let token = known.parked {
                    effects.append(.sessionAnswer(SessionAnswer(results: [], views: []), token))
                }
            } else {
                sessions[attach.instance] = Session(instance: attach.instance, pipe: pipe, lastHeard: now.instant)
                pipes[pipe, default: []].append(attach.instance)
            }
            awaitWord(of: attach.instance, at: now)
        }
        attaches[token] = pending
        finishAttach(token, &effects)
    }

    mutating func settleAttach(
        _ token: RequestToken, _ index: Int, _ agent: AgentID, _ outcome: Outcome, at now: Now,
        _ effects: inout [Effect]
    ) {
        guard let pending = attaches[token] else { return }
        let name = policy.agent(agent)?.name ?? "?"
        var result = AttachResult(name: name, agent: agent, agentEpoch: AgentEpoch(0), refusal: .unknown)
        switch outcome {
        case .attached(let epoch, let work):
            let state = pending.states.first { $0.name == name }
            welcome(agent, epoch, pending.instance, work, state, at: now, &effects)
            result = AttachResult(name: name, agent: agent, agentEpoch: epoch, refusal: nil)
        case .refused(let refusal):
            result = AttachResult(name: name, agent: agent, agentEpoch: AgentEpoch(0), refusal: refusal)
        default: break
        }
        _ = attaches.update(token) {
            $0.results[index] = result
            $0.missing -= 1
        }
        finishAttach(token, &effects)
    }

    private mutating func finishAttach(_ token: RequestToken, _ effects: inout [Effect]) {
        guard let pending = attaches[token], pending.missing == 0 else { return }
        attaches[token] = nil
        for result in pending.results { if let refusal = result?.refusal { counters.refusals.add(refusal) } }
        effects.append(
            .attached(
                Attached(results: pending.results.compactMap { $0 }, routers: refuges(for: sessions.count)), token))
    }

    /// The agent is at home here from now on, with what he holds. If his client has gone meanwhile, he leaves again.
    mutating func welcome(
        _ agent: AgentID, _ epoch: AgentEpoch, _ instance: ClientInstance, _ work: [Assignment],
        _ state: AgentState? = nil, at now: Now, _ effects: inout [Effect]
    ) {
        guard let known = policy.agent(agent) else { return }
        let former = hosted[agent]
        guard sessions[instance] != nil else {
            outbox.add(.detach(agent, epoch), for: .detach(agent))
            // Another client of his was here, and this attach took him from it all the same.
            if let former, former.isCurrent, former.epoch < epoch { supersede(agent, at: now, &effects) }
            return
        }
        for offer in former?.offers ?? [] { drop(offer.offer.id, of: agent, .withdrawn, at: now, &effects) }
        if let former, former.instance != instance {
            _ = sessions.update(former.instance) { session in
                session.agents.removeAll { $0 == agent }
                session.farewells.append(
                    AgentView(
                        agent: agent, agentEpoch: former.epoch, version: former.version + 1, status: .offline,
                        end: .superseded, offers: [], work: []))
            }
            sessionsToAnswer.append(former.instance)
        }
        var home = HostedAgent(
            id: agent, epoch: epoch, instance: instance, capacity: known.capacity, skills: known.skills,
            channelLimits: known.channelLimits, status: .available,
            work: work.map { HostedWork(assignment: $0, version: 2) }, idleSince: now.instant)
        if let state { home.keep(state.status, state.reason) }
        if let former { home.continue(former, isSameClient: former.instance == instance) }
        home.isOffShift = !policy.hours(of: known).isOpen(at: now.wall)
        hosted[agent] = home
        if !home.isOnDuty { outbox.report(home) }
        _ = sessions.update(instance) { session in
            if !session.agents.contains(agent) { session.agents.append(agent) }
            session.listed.removeAll { $0 == agent }
        }
        change(agent, at: now) { _ in }
        freshAgents.append(agent)
    }

    /// After a rejoin every session attaches anew under the new incarnation, unless its agent is elsewhere by now.
    mutating func reattachAll() {
        for agent in hosted.rows where agent.isCurrent {
            outbox.add(.attach(agent.id, agent.instance, renewing: agent.epoch), for: .reattach(agent.id, agent.epoch))
        }
    }

    /// The agent is at home elsewhere: his client here is told so, and that is all it is told.
    mutating func supersede(_ id: AgentID, at now: Now, _ effects: inout [Effect]) {
        for offer in hosted[id]?.offers ?? [] { drop(offer.offer.id, of: id, .withdrawn, at: now, &effects) }
        change(id, at: now) { agent in
            agent.isCurrent = false
            agent.work = []
        }
    }

    // MARK: - poll

    mutating func poll(
        _ poll: SessionPoll, _ token: RequestToken, _ pipe: PipeID, at now: Now, _ effects: inout [Effect]
    ) {
        guard sessions.contains(poll.instance), !isEnding else {
            effects.append(.noSession(token))
            return
        }
        guard !isSentAway(poll.instance, token, at: now, &effects) else { return }
        hear(from: poll, pipe, at: now)
        guard !poll.commands.isEmpty else { return park(token, poll.instance, at: now, &effects) }
        awaitWord(of: poll.instance, at: now)
        var pending = PendingPoll(instance: poll.instance, results: [], missing: 0)
        for (index, command) in poll.commands.enumerated() {
            let result =
                index < Limits.commandsPerPollMax
                ? begin(command, poll.instance, token, index, at: now, &effects) : .refused(.full)
            pending.results.append(result)
            if result == nil { pending.missing += 1 }
        }
        polls[token] = pending
        finishPoll(token, at: now, &effects)
    }

    /// What the client has seen since, and that it is there.
    private mutating func hear(from poll: SessionPoll, _ pipe: PipeID, at now: Now) {
        for seen in poll.seen {
            _ = hosted.update(seen.agent) { agent in
                guard agent.epoch == seen.agentEpoch, agent.instance == poll.instance else { return }
                agent.seen = max(agent.seen, min(seen.version, agent.version))
                for index in agent.offers.indices
                where agent.offers[index].seenAt == nil && agent.offers[index].version <= agent.seen {
                    agent.offers[index].seenAt = now.instant
                }
            }
        }
        var sent: [AgentID] = []
        let known = sessions.update(poll.instance) { session in
            session.lastHeard = now.instant
            swap(&session.sent, &sent)
            return (session.pipe, session.agents)
        }
        guard let (former, agents) = known else { return }
        if former != pipe { connect(poll.instance, pipe) }
        // Who has another client by now is listed there.
        let unseen = sent.filter { id in
            hosted.update(id) { $0.instance == poll.instance && $0.seen < $0.version && !$0.isListed } ?? false
        }
        for id in unseen { _ = hosted.update(id) { $0.isListed = true } }
        if !unseen.isEmpty { _ = sessions.update(poll.instance) { $0.listed += unseen } }
        // Whoever could not be reached can be: his client speaks.
        for id in agents where hosted.update(id, { $0.status }) == .unreachable {
            change(id, at: now) { $0.status = .available }
        }
    }

    private mutating func park(
        _ token: RequestToken, _ instance: ClientInstance, at now: Now, _ effects: inout [Effect]
    ) {
        let known = sessions.update(instance) { session in
            let former = session.parked
            session.parked = token
            return (former: former, hasNews: session.hasNews)
        }
        if let former = known?.former {
            effects.append(.sessionAnswer(SessionAnswer(results: [], views: []), former))
        }
        deadlines.arm(.parkEnds(instance, token), due: due(policy.timing.sessionPark, from: now))
        if known?.hasNews ?? false { sessionsToAnswer.append(instance) }
    }

    mutating func endPark(of instance: ClientInstance, _ token: RequestToken, at now: Now, _ effects: inout [Effect]) {
        let isParked = sessions.update(instance) { session in
            guard session.parked == token else { return false }
            session.parked = nil
            session.lastHeard = now.instant
            return true
        }
        guard isParked ?? false else { return }
        awaitWord(of: instance, at: now)
        effects.append(.sessionAnswer(SessionAnswer(results: [], views: []), token))
    }

    /// Answers every parked poll for which there is something new: once a turn.
    mutating func answerSessions(at now: Now, _ effects: inout [Effect]) {
        let instances = sessionsToAnswer
        sessionsToAnswer = []
        for instance in instances {
            guard let session = sessions[instance], let token = session.parked, session.hasNews else { continue }
            _ = sessions.update(instance) { $0.parked = nil }
            effects.append(.sessionAnswer(SessionAnswer(results: [], views: views(for: instance, at: now)), token))
        }
    }

    /// The views that changed since the client last said what it has seen.
    mutating func views(for instance: ClientInstance, at now: Now) -> [AgentView] {
        guard let session = sessions[instance] else { return [] }
        let batch = Array(session.listed.prefix(points.bound(Limits.viewsPerAnswerMax, .fewViews)))
        var views = session.farewells
        var gone: [AgentID] = []
        for id in batch {
            guard let agent = hosted[id], agent.instance == instance else { continue }
            views.append(view(of: agent, at: now))
            // What is in it counts as seen when the client says so: its poll may have crossed this answer, and the
            // client waits for the answer of that one only.
            _ = hosted.update(id) { $0.isListed = false }
            if !agent.isCurrent { gone.append(id) }
        }
        _ = sessions.update(instance) { session in
            session.farewells = []
            session.listed.removeFirst(batch.count)
            session.sent += batch
            session.agents.removeAll { gone.contains($0) }
            session.lastHeard = now.instant
        }
        awaitWord(of: instance, at: now)
        for id in gone { unhost(id, at: now) }
        return views
    }

    private func view(of agent: HostedAgent, at now: Now) -> AgentView {
        AgentView(
            agent: agent.id, agentEpoch: agent.epoch, version: agent.version, status: agent.status,
            end: agent.isCurrent ? nil : policy.agent(agent.id) == nil ? .dismissed : .superseded,
            offers: agent.offers.filter { !$0.isAccepting }.map { hosted in
                OfferView(
                    id: hosted.offer.id, group: policy.group(hosted.offer.group)?.name ?? "?",
                    priority: hosted.offer.priority, age: hosted.offer.age,
                    remaining: hosted.expires.since(now.instant), subject: hosted.offer.subject)
            },
            work: agent.work.map { held in
                WorkView(
                    ticket: held.assignment.ticket, fence: held.assignment.fence,
                    isPending: held.assignment.isPending, group: policy.group(held.assignment.group)?.name ?? "?",
                    priority: held.assignment.priority,
                    submission: held.version > agent.seen ? held.assignment.submission : nil,
                    wroteAt: held.assignment.wroteAt)
            })
    }

    // MARK: - the end of a session

    /// Every parked poll is answered, so that its client looks for another router at once.
    mutating func dismissSessions(_ effects: inout [Effect]) {
        isEnding = true
        for session in sessions.rows { if let token = session.parked { effects.append(.noSession(token)) } }
    }

    mutating func disconnect(_ pipe: PipeID, at now: Now, _ effects: inout [Effect]) {
        for instance in pipes[pipe] ?? [] {
            // One that was told to go has gone: whoever has it now will say so.
            guard let session = sessions[instance], !session.isMoved else { continue }
            endSession(session, at: now, &effects)
        }
        pipes[pipe] = nil
    }

    /// The session is on that connection from now on.
    private mutating func connect(_ instance: ClientInstance, _ pipe: PipeID) {
        guard let former = sessions[instance]?.pipe, former != pipe else { return }
        pipes[former]?.removeAll { $0 == instance }
        if pipes[former]?.isEmpty ?? false { pipes[former] = nil }
        pipes[pipe, default: []].append(instance)
        _ = sessions.update(instance) { $0.pipe = pipe }
    }

    /// An attach of this client that another router was late with has taken the agent there: the client, if it is here,
    /// has to attach anew, and the newer attach wins.
    mutating func endSession(_ instance: ClientInstance, at now: Now, _ effects: inout [Effect]) {
        guard let session = sessions[instance] else { return }
        endSession(session, at: now, &effects)
        if let token = session.parked { effects.append(.noSession(token)) }
    }

    mutating func endSession(_ session: Session, at now: Now, _ effects: inout [Effect]) {
        sessions[session.instance] = nil
        pipes[session.pipe]?.removeAll { $0 == session.instance }
        if pipes[session.pipe]?.isEmpty ?? false { pipes[session.pipe] = nil }
        for id in session.agents {
            guard let agent = hosted[id], agent.instance == session.instance else { continue }
            for offer in agent.offers { drop(offer.offer.id, of: id, .withdrawn, at: now, &effects) }
            if agent.isCurrent { outbox.add(.detach(id, agent.epoch), for: .detach(id)) }
            unhost(id, at: now)
        }
        effects.append(.report(.sessionEnded(agents: session.agents.count)))
    }

    /// The agent is not at home here any more.
    mutating func unhost(_ id: AgentID, at now: Now) {
        _ = hosted.update(id) {
            $0.status = .offline
            $0.presenceVersion += 1
        }
        announce(id, at: now)
        hosted[id] = nil
        // What another router says of his newer session stays.
        if presence[id]?.home == incarnation { presence.remove(id) }
        gossip.left(id)
    }
}
