/// The home router's side: an agent's session is here, and only here is his capacity spent.
extension Router {
    /// Shows the offer to the agent, if he can take it, or accepts it for him at once. The same offer again is fine.
    mutating func host(_ offer: Offer, owner: Incarnation, for place: PollPlace? = nil, at now: Now) -> Bool {
        guard isLeased(at: now), let agent = hosted[offer.agent], agent.isCurrent, agent.epoch == offer.agentEpoch
        else { return false }
        if agent.offers.contains(where: { $0.offer.id == offer.id }) { return true }
        if owner != incarnation && endedOffers.contains(offer.id) { return false }
        // A region's new owner may not have heard yet that the ticket is his, or is becoming his.
        guard !agent.has(offer.id) else { return false }
        guard agent.hasRoom(for: offer), !(offer.isAccepted && outbox.isFull) else { return false }
        let expires = now.instant + offer.timeout
        change(offer.agent, shows: !offer.isAccepted, at: now) { agent in
            agent.offeredAt = now.instant
            agent.offers.append(
                HostedOffer(
                    offer: offer, owner: owner, expires: expires, version: agent.version + 1,
                    isAccepting: offer.isAccepted))
        }
        if offer.isAccepted {
            acceptOurselves(offer, for: place)
        } else {
            deadlines.arm(.offerExpires(offer.id, offer.agent), due: expires.milliseconds)
        }
        return true
    }

    /// How long the agent still wants nothing of the ticket; nil if he may be asked. Its owner may not have heard of
    /// his no, where nothing comes through from here, or be a new one who was not told.
    func restOfDecline(_ offer: Offer, at now: Now) -> DeclineTerms? {
        guard !flaws.contains(.exclusionForgotten) else { return nil }
        let declined = hosted[offer.agent]?.declined.first {
            $0.ticket == offer.id.ticket && $0.fence == offer.id.fence && $0.until > now.instant
        }
        return declined.map { DeclineTerms(retryAfter: $0.until.since(now.instant)) }
    }

    /// A peer's offer is shown; or it has ended before, if the agent has said no to its ticket already.
    mutating func reserve(_ offer: Offer, owner: Incarnation, at now: Now, _ effects: inout [Effect]) -> PeerReply {
        if let terms = restOfDecline(offer, at: now) {
            tell(owner, .ended(offer.id, .refused, terms), at: now, &effects)
            return .reserved
        }
        return host(offer, owner: owner, at: now) ? .reserved : .notReserved
    }

    private mutating func acceptOurselves(_ offer: Offer, for place: PollPlace?) {
        outbox.add(
            .assign(
                Command.Assign(
                    ticket: offer.id.ticket, fence: offer.id.fence, agent: offer.agent, agentEpoch: offer.agentEpoch,
                    id: nil, decision: offer.decision)), for: .ownAccept(offer, place))
    }

    /// The coordinator has spoken on an accept of our own. What it does not know yet it is asked again, for as long as
    /// the agent's slot is held for it: nobody else repeats this one.
    mutating func settleOwnAccept(
        _ offer: Offer, _ place: PollPlace?, _ outcome: Outcome, at now: Now, _ effects: inout [Effect]
    ) {
        let isHeld = hosted[offer.agent]?.offers.contains { $0.offer.id == offer.id } ?? false
        switch outcome {
        case .refused(.hold), .refused(.unknown), .refused(.unavailable):
            if isHeld { return acceptOurselves(offer, for: place) }
            if let place { settle(place, .refused(.unknown), at: now, &effects) }
        default:
            let result = settleAccept(offer.id, by: offer.agent, outcome, at: now, &effects)
            if let place { settle(place, result, at: now, &effects) }
        }
    }

    /// Changes an agent, and sees to it that the other routers hear of it, and his client, if it shows.
    mutating func change(_ id: AgentID, shows: Bool = true, at now: Now, _ body: (inout HostedAgent) -> Void) {
        var instance: ClientInstance?
        var isDutyNew = false
        let most = Int(policy.fairness.most)
        let known = hosted.update(id) { agent in
            let (before, full) = (agent.freeUnits, agent.fullChannels)
            let wasOnDuty = agent.isOnDuty
            body(&agent)
            isDutyNew = agent.isOnDuty != wasOnDuty
            agent.isAtShare = most > 0 && agent.given.count + agent.offers.count + agent.expected.count >= most
            agent.presenceVersion += 1
            if shows { agent.version += 1 }
            if shows && !agent.isListed {
                agent.isListed = true
                instance = agent.instance
            }
            // Any unit more, not only the first: a claim may hold the others. A ticket whose customer is waited for may
            // count for its channel alone.
            return agent.freeUnits > before || full.contains { !agent.fullChannels.contains($0) }
        }
        if isDutyNew, let agent = hosted[id] { outbox.report(agent) }
        if known ?? false { freshAgents.append(id) }
        if let instance { list(id, in: instance) }
        announce(id, at: now)
    }

    private mutating func list(_ agent: AgentID, in instance: ClientInstance) {
        _ = sessions.update(instance) { $0.listed.append(agent) }
        sessionsToAnswer.append(instance)
    }

    /// Takes an offer off the agent's screen and tells its owner why.
    mutating func drop(
        _ id: OfferID, of agent: AgentID, _ end: OfferEnd, _ terms: DeclineTerms = .none, at now: Now,
        _ effects: inout [Effect]
    ) {
        guard let offer = hosted[agent]?.offers.first(where: { $0.offer.id == id }) else { return }
        noteEnd(of: id, owner: offer.owner)
        let pause = exclusion(after: end, terms)
        change(agent, at: now) { agent in
            agent.offers.removeAll { $0.offer.id == id }
            if end == .declined { agent.decline(id, until: now.instant + pause, at: now.instant) }
        }
        switch end {
        case .declined: counters.offersDeclined += 1
        case .expiredSeen: counters.offersExpiredSeen += 1
        case .expiredUnseen: counters.offersExpiredUnseen += 1
        case .withdrawn, .refused: counters.offersWithdrawn += 1
        case .gone: counters.acceptedLate += 1
        }
        if offer.owner == incarnation {
            self.end(id, end, terms, at: now, &effects)
        } else {
            tell(offer.owner, .ended(id, end, terms), at: now, &effects)
        }
    }

    /// The owner no longer wants it shown. An accept that is on its way to the coordinator is left to the coordinator.
    mutating func withdraw(_ id: OfferID, from agent: AgentID, at now: Now) {
        let offer = hosted[agent]?.offers.first { $0.offer.id == id }
        noteEnd(of: id, owner: offer?.owner ?? .none)
        guard let offer, !flaws.contains(.withdrawIgnored) else { return }
        if !offer.isAccepting { change(agent, at: now) { $0.offers.removeAll { $0.offer.id == id } } }
    }

    /// An owner that did not hear the answer asks for the same reservation again: a copy that comes after the end, or a
    /// first one that the withdraw has overtaken, must not be shown. Our own offers have no copies.
    private mutating func noteEnd(of id: OfferID, owner: Incarnation) {
        guard owner != incarnation else { return }
        if endedOffers.count == Limits.endedOffersKept { endedOffers.removeFirst() }
        endedOffers.append(id)
    }

    /// A seen offer that was let pass says something of the agent; an unseen one only of his client, which nothing
    /// reaches. Under a policy with a pause for it the agent is left alone for so long; else he has to speak first.
    mutating func expire(_ id: OfferID, of agent: AgentID, at now: Now, _ effects: inout [Effect]) {
        guard let offer = hosted[agent]?.offers.first(where: { $0.offer.id == id }), !offer.isAccepting,
            offer.expires <= now.instant
        else { return }
        let wasSeen = offer.seenAt.map { offer.expires.since($0) >= min(.seconds(2), offer.offer.timeout) } ?? false
        let pause = policy.timing.expiredPause
        if !wasSeen || pause == .zero {
            change(agent, at: now) {
                if $0.status.takesOffers { $0.status = wasSeen ? .notResponding : .unreachable }
            }
        }
        self.pause(agent, for: pause, at: now)
        drop(id, of: agent, wasSeen ? .expiredSeen : .expiredUnseen, at: now, &effects)
    }

    // MARK: - what the agent's client says

    func accept(_ id: OfferID, by agent: HostedAgent, at now: Now) -> Result<Command.Assign?, Refusal> {
        if agent.work.contains(where: { $0.isFor(id.ticket, id.fence.next) }) {
            return .success(nil)
        }
        guard let offer = agent.offers.first(where: { $0.offer.id == id }) else { return .failure(.gone) }
        guard !offer.isAccepting else { return .failure(.unknown) }
        guard isLeased(at: now) else { return .failure(.hold) }
        return .success(
            Command.Assign(
                ticket: id.ticket, fence: id.fence, agent: agent.id, agentEpoch: agent.epoch,
                id: CommandID(instance: agent.instance, sequence: 0), decision: offer.offer.decision))
    }

    /// The coordinator has spoken on an accept.
    mutating func settleAccept(
        _ id: OfferID, by agent: AgentID, _ outcome: Outcome, at now: Now, _ effects: inout [Effect]
    ) -> CommandResult {
        switch outcome {
        case .assigned(let assignment):
            give(assignment, to: agent, at: now)
            return .done(assignment.fence)
        case .refused(let refusal):
            switch refusal {
            case .gone, .closed, .notFound, .wrongState: drop(id, of: agent, .gone, at: now, &effects)
            case .hold, .unknown, .unavailable:
                _ = hosted.update(agent) { agent in
                    for index in agent.offers.indices where agent.offers[index].offer.id == id {
                        agent.offers[index].isAccepting = false
                    }
                }
                // Its own timer may have passed while the coordinator was being asked.
                deadlines.arm(.offerExpires(id, agent), due: due(.zero, from: now))
            default: drop(id, of: agent, .refused, at: now, &effects)
            }
            return .refused(refusal)
        default: return .refused(.unknown)
        }
    }

    /// The ticket is his in the ledger.
    mutating func give(_ assignment: Assignment, to agent: AgentID, at now: Now) {
        counters.accepted += 1
        noteGiven(to: agent, at: now)
        change(agent, at: now) { agent in
            // A former owner and the present one may both have offered it to him; he has it now.
            agent.offers.removeAll {
                $0.offer.id.ticket == assignment.ticket && $0.offer.id.fence < assignment.fence
            }
            agent.idleSince = now.instant
            guard !agent.work.contains(where: { $0.isFor(assignment.ticket, assignment.fence) }) else { return }
            agent.work.append(HostedWork(assignment: assignment, version: agent.version + 1))
        }
        let patience = hosted[agent] == nil ? Interval.zero : policy.timing.offerTimeout
        deadlines.arm(.giveBack(agent, assignment.ticket, assignment.fence), due: due(patience, from: now))
    }

    /// The coordinator has done what an agent asked for a ticket, or has not.
    mutating func settleWork(_ work: Command.Work, _ outcome: Outcome, at now: Now) -> CommandResult {
        switch outcome {
        case .done(let fence):
            switch work.action {
            case .reply, .note: break
            case .pause: setPending(true, work, at: now)
            case .resume: setPending(false, work, at: now)
            case .escalate, .sendDown, .transfer, .handOver, .handOut, .putOff, .resolve:
                removeWork(work.ticket, work.fence, of: work.agent, wrapsUp: true, at: now)
            case .giveBack: removeWork(work.ticket, work.fence, of: work.agent, at: now)
            }
            return .done(fence)
        case .refused(let refusal):
            if refusal == .gone || refusal == .closed {
                removeWork(work.ticket, work.fence, of: work.agent, at: now)
            }
            return .refused(refusal)
        default: return .refused(.unknown)
        }
    }

    private mutating func setPending(_ isPending: Bool, _ work: Command.Work, at now: Now) {
        change(work.agent, at: now) { agent in
            for index in agent.work.indices where agent.work[index].isFor(work.ticket, work.fence) {
                let old = agent.work[index].assignment
                agent.work[index].assignment = Assignment(
                    ticket: old.ticket, fence: old.fence, group: old.group, isPending: isPending,
                    priority: old.priority, cost: old.cost, submission: old.submission,
                    wroteAt: old.wroteAt)
            }
        }
    }

    /// Only this holding of the ticket: it may have come back to him since, under a newer fence.
    mutating func removeWork(
        _ ticket: TicketID, _ fence: Fence, of agent: AgentID, wrapsUp: Bool = false, at now: Now
    ) {
        guard let work = hosted[agent]?.work.first(where: { $0.isFor(ticket, fence) }) else { return }
        let wrapUp = wrapsUp ? policy.agent(agent)?.wrapUp ?? .zero : .zero
        change(agent, at: now) { agent in
            agent.work.removeAll { $0.isFor(ticket, fence) }
            agent.idleSince = now.instant
            if wrapUp > .zero {
                agent.wrapUps.append(WrapUp(units: work.assignment.cost.active, until: now.instant + wrapUp))
            } else if agent.status == .availableForOne && agent.work.isEmpty {
                agent.status = .away
            }
        }
        if wrapUp > .zero { deadlines.arm(.wrapUpEnds(agent), due: due(wrapUp, from: now)) }
    }

    /// The client never acknowledged the assignment: somebody else gets the ticket.
    mutating func giveBack(
        _ ticket: TicketID, _ fence: Fence, of agent: AgentID, at now: Now, _ effects: inout [Effect]
    ) {
        guard let row = hosted[agent],
            let work = row.work.first(where: { $0.isFor(ticket, fence) }),
            row.seen < work.version
        else { return }
        counters.givenBack += 1
        change(agent, at: now) { if $0.status.takesOffers { $0.status = .unreachable } }
        outbox.add(
            .work(
                Command.Work(
                    ticket: ticket, fence: fence, agent: agent, agentEpoch: row.epoch, id: nil, action: .giveBack())),
            for: .giveBack)
    }
}
