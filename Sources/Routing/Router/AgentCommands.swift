/// What agents' clients ask for in a poll: each command is begun at once and settled when its outcome is known.
extension Router {
    /// Starts one command; nil while the coordinator is being asked.
    mutating func begin(
        _ command: AgentCommand, _ instance: ClientInstance, _ token: RequestToken, _ index: Int, at now: Now,
        _ effects: inout [Effect]
    ) -> CommandResult? {
        guard let agent = hosted[command.agent] else { return .refused(.notAllowed) }
        guard agent.instance == instance, agent.isCurrent else { return .refused(.superseded) }
        let id = CommandID(instance: instance, sequence: command.sequence)
        switch command.action {
        case .accept(let offer):
            switch accept(offer, by: agent, at: now) {
            case .failure(let refusal): return .refused(refusal)
            case .success(nil): return .done(offer.fence.next)
            case .success(let assign?):
                guard !outbox.isFull else { return .refused(.busy) }
                _ = hosted.update(agent.id) { agent in
                    for place in agent.offers.indices where agent.offers[place].offer.id == offer {
                        agent.offers[place].isAccepting = true
                    }
                }
                let numbered = Command.Assign(
                    ticket: assign.ticket, fence: assign.fence, agent: assign.agent, agentEpoch: assign.agentEpoch,
                    id: id, decision: assign.decision)
                outbox.add(.assign(numbered), for: .accept(token, index, agent.id, offer))
                return nil
            }
        case .decline(let offer, let reason, let retryAfter):
            return decline(offer, by: agent, DeclineTerms(reason: reason, retryAfter: retryAfter), at: now, &effects)
        case .work(let ticket, let fence, let work):
            guard work.isWithinLimits else { return .refused(.invalid) }
            guard isLeased(at: now) else { return .refused(.hold) }
            guard !outbox.isFull else { return .refused(.busy) }
            let numbered = Command.Work(
                ticket: ticket, fence: fence, agent: agent.id, agentEpoch: agent.epoch, id: id, action: work)
            outbox.add(.work(numbered), for: .work(token, index))
            return nil
        case .setStatus(let status, let reason):
            let isKnown = reason.isEmpty || policy.awayReasons.isEmpty || policy.awayReasons.contains(reason)
            guard status.isSettable, reason.isEmpty || status == .away else { return .refused(.notAllowed) }
            guard isKnown, reason.utf8.count <= Limits.wordBytesMax else { return .refused(.invalid) }
            setStatus(status, reason, of: agent, at: now, &effects)
            return .done(Fence(0))
        case .take(let ticket, let fence):
            return take(ticket, fence, by: agent, PollPlace(token: token, index: index), at: now, &effects)
        case .endWrapUp:
            endWrapUp(of: agent.id, all: true, at: now)
            return .done(Fence(0))
        }
    }

    /// What follows for him is his home router's; what follows for him and this ticket is the owner's (`end`).
    private mutating func decline(
        _ offer: OfferID, by agent: HostedAgent, _ terms: DeclineTerms, at now: Now, _ effects: inout [Effect]
    ) -> CommandResult {
        let reason = policy.declineReason(named: terms.reason)
        let isKnown = terms.reason.isEmpty || policy.declineReasons.isEmpty || reason != nil
        guard isKnown, terms.reason.utf8.count <= Limits.wordBytesMax,
            terms.retryAfter.map({ $0 <= Limits.retryAfterMax }) ?? true
        else { return .refused(.invalid) }
        guard agent.offers.contains(where: { $0.offer.id == offer && !$0.isAccepting }) else {
            return .refused(.gone)
        }
        // The pause first: nothing else may reach him in between.
        pause(agent.id, for: reason?.pause ?? .zero, at: now)
        drop(offer, of: agent.id, .declined, terms, at: now, &effects)
        return .done(offer.fence)
    }

    private mutating func setStatus(
        _ status: Status, _ reason: String, of agent: HostedAgent, at now: Now, _ effects: inout [Effect]
    ) {
        if !agent.status.takesOffers && status.takesOffers { noteAvailable(agent.id, at: now) }
        change(agent.id, at: now) { agent in
            agent.status = status
            agent.reason = reason
        }
        guard !status.takesOffers else { return }
        for offer in agent.offers where !offer.isAccepting {
            drop(offer.offer.id, of: agent.id, .withdrawn, at: now, &effects)
        }
    }

    mutating func settle(_ place: PollPlace, _ result: CommandResult, at now: Now, _ effects: inout [Effect]) {
        settle(place.token, place.index, result, at: now, &effects)
    }

    mutating func settle(
        _ token: RequestToken, _ index: Int, _ result: CommandResult, at now: Now, _ effects: inout [Effect]
    ) {
        _ = polls.update(token) {
            $0.results[index] = result
            $0.missing -= 1
        }
        finishPoll(token, at: now, &effects)
    }

    mutating func finishPoll(_ token: RequestToken, at now: Now, _ effects: inout [Effect]) {
        guard let pending = polls[token], pending.missing == 0 else { return }
        polls[token] = nil
        for case .refused(let refusal)? in pending.results { counters.refusals.add(refusal) }
        effects.append(
            .sessionAnswer(
                SessionAnswer(
                    results: pending.results.compactMap { $0 }, views: views(for: pending.instance, at: now)), token))
    }
}

extension WorkAction {
    /// Texts have the bounds of a submission's.
    var isWithinLimits: Bool {
        switch self {
        case .reply(let text), .note(let text): text.utf8.count <= Limits.textBytesMax
        case .pause(let reason, _, let length):
            reason.utf8.count <= Limits.noteBytesMax && length ?? .zero <= Limits.delayMax
        case .escalate(_, let reason), .sendDown(_, let reason), .giveBack(let reason):
            reason.utf8.count <= Limits.noteBytesMax
        case .transfer(let name, let reason), .handOver(let name, let reason), .handOut(let name, let reason):
            name.utf8.count <= Limits.wordBytesMax && reason.utf8.count <= Limits.noteBytesMax
        case .putOff(let delay, let reason):
            delay <= Limits.delayMax && reason.utf8.count <= Limits.noteBytesMax
        case .resume, .resolve: true
        }
    }
}
