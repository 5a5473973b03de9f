/// Why a ticket waits and why an agent gets nothing, computed when asked. It reads what matching reads and decides
/// nothing; it looks at every member of a group, which matching never does.
extension Router {
    package func explain(_ request: ExplainRequest, at now: Now) -> Explained {
        switch request {
        case .ticket(let id):
            guard let ticket = queues[id], isHome(ticket.waiting) else { return .notHere }
            return .ticket(explain(ticket, at: now))
        case .agent(let id): return .agent(explain(id, at: now))
        }
    }

    private func explain(_ ticket: QueuedTicket, at now: Now) -> TicketExplanation {
        let waiting = ticket.waiting
        let waited = now.instant.since(ticket.since)
        let signature = waiting.signature.relaxed(after: waited)
        let position = self.position(of: ticket)
        let groups = ([waiting.group] + waiting.widened).filter { owns($0) }
        let phase: TicketExplanation.Phase =
            switch ticket.phase {
            case .queued: groups.contains { asks($0) } ? .queued : .waitsToBeTaken
            case .offered(let open): .offered(open.map(\.offer.agent))
            case .claiming(let agent): .claiming(agent)
            }
        return TicketExplanation(
            position: position, waited: waited,
            estimate: departures[waiting.group].flatMap {
                WaitEstimate(position: Int(position), departures: $0, at: now.instant)
            }, phase: phase, signature: signature,
            relaxesIn: waiting.signature.nextRelaxation(after: waited).map {
                Interval(milliseconds: $0.milliseconds - waited.milliseconds)
            }, groups: groups.map { explain($0, for: ticket, signature, at: now) })
    }

    /// Tickets of the same group that are served before it, and itself.
    private func position(of ticket: QueuedTicket) -> UInt32 {
        let own = ticket.waiting
        func rank(_ waiting: WaitingTicket) -> Rank {
            policy.order.rank(waiting.priority, waiting.enteredAt, isForeign: false, waiting.ticket)
        }
        let mine = rank(own)
        return queues.ids.reduce(1) { count, id in
            guard let other = queues[id]?.waiting, other.group == own.group, other.ticket != own.ticket else {
                return count
            }
            return rank(other) < mine ? count + 1 : count
        }
    }

    private func explain(
        _ group: GroupID, for ticket: QueuedTicket, _ signature: Signature, at now: Now
    ) -> GroupExplanation {
        var found: [Obstacle: (count: UInt32, examples: [AgentID])] = [:]
        for agent in policy.members(of: group) {
            let obstacle = obstacle(for: agent, to: ticket, signature, at: now)
            var part = found[obstacle] ?? (0, [])
            part.count += 1
            if part.examples.count < 5 { part.examples.append(agent) }
            found[obstacle] = part
        }
        return GroupExplanation(
            group: group, members: UInt32(policy.members(of: group).count),
            parts: Obstacle.allCases.compactMap { obstacle in
                found[obstacle].map {
                    GroupExplanation.Part(obstacle: obstacle, count: $0.count, examples: $0.examples)
                }
            })
    }

    private func obstacle(
        for agent: AgentID, to ticket: QueuedTicket, _ signature: Signature, at now: Now
    ) -> Obstacle {
        // The skill first: nothing else would help whoever lacks it.
        let skills = presence[agent]?.presence.skills ?? policy.agent(agent)?.skills ?? []
        if !signature.isMet(by: skills) { return .lacksSkill }
        guard let row = presence[agent] else { return .absent }
        if row.isCutOff { return .cutOff }
        if let obstacle = obstacle(of: row.presence, at: now) { return obstacle }
        if ticket.excludes(agent, at: now.instant) { return .excluded }
        if row.freeUnits < UInt32(ticket.waiting.cost.active) || row.fullChannels.contains(ticket.waiting.channel) {
            return .full
        }
        if let until = row.blockedUntil, until > now.instant { return .blocked }
        if stuck.contains(ticket.waiting.ticket) && ticket.waiting.preferred?.agent != agent { return .kept }
        return .none
    }

    private func obstacle(of presence: Presence, at now: Now) -> Obstacle? {
        switch presence.status {
        case .available, .availableForOne: nil
        case .offline: .absent
        case .away: .away
        case .draining: .draining
        case .notResponding: .notResponding
        case .unreachable: .unreachable
        case .resting: isOffShift(presence.agent, at: now) ? .offShift : .resting
        }
    }

    private func isOffShift(_ agent: AgentID, at now: Now) -> Bool {
        policy.agent(agent).map { !policy.hours(of: $0).isOpen(at: now.wall) } ?? false
    }

    // MARK: - agents

    private func explain(_ id: AgentID, at now: Now) -> AgentExplanation {
        let row = presence[id]
        let obstacle =
            row.flatMap { $0.isCutOff ? .cutOff : self.obstacle(of: $0.presence, at: now) }
            ?? (row == nil ? Obstacle.absent : row.map { $0.freeUnits == 0 } ?? false ? .full : .none)
        let groups = (policy.agent(id)?.groups ?? []).filter { owns($0) }
        let skills = row?.presence.skills ?? policy.agent(id)?.skills ?? []
        return AgentExplanation(
            obstacle: obstacle, load: row?.presence.load ?? 0, capacity: row?.presence.capacity ?? 0,
            idle: row.map { now.instant.since($0.presence.idleSince) } ?? .zero, given: row?.presence.handled ?? 0,
            queues: groups.map { explain($0, for: id, skills, at: now.instant) },
            offShift: obstacle == .offShift ? offShift(id, at: now) : nil)
    }

    private func offShift(_ id: AgentID, at now: Now) -> AgentExplanation.OffShift? {
        guard let agent = policy.agent(id) else { return nil }
        let hours = policy.hours(of: agent)
        return AgentExplanation.OffShift(
            calendar: hours.name, zone: hours.zone, until: hours.nextOpening(after: now.wall))
    }

    private func explain(
        _ group: GroupID, for agent: AgentID, _ skills: [SkillLevel], at now: Instant
    ) -> AgentExplanation.Queue {
        var waiting: UInt32 = 0
        var fitting: UInt32 = 0
        var excluded: UInt32 = 0
        var lacking: [Requirement: Int] = [:]
        for id in queues.ids {
            guard let ticket = queues[id],
                ticket.waiting.group == group
                    || ticket.waiting.widened.contains(group) && !flaws.contains(.wideningUnexplained)
            else { continue }
            waiting += 1
            let signature = ticket.waiting.signature.relaxed(after: now.since(ticket.since))
            if signature.isMet(by: skills) {
                if ticket.excludes(agent, at: now) { excluded += 1 } else { fitting += 1 }
            } else {
                for requirement in signature.requirements
                where !requirement.isPreferred && !Signature([requirement]).isMet(by: skills) {
                    lacking[requirement, default: 0] += 1
                }
            }
        }
        // Many lack the same most often; among equals the lowest skill, so that the answer does not depend on hashing.
        let most = lacking.max { left, right in
            (left.value, right.key.skill.value, right.key.levelMin)
                < (right.value, left.key.skill.value, left.key.levelMin)
        }
        return AgentExplanation.Queue(
            group: group, waiting: waiting, fitting: fitting, excluded: excluded, lacking: most?.key)
    }

    // MARK: - asking the router that knows

    /// A client's question: answered here, or by the owner of the queue; a ticket's queue is the ledger's to say.
    mutating func explain(
        _ request: ExplainRequest, _ token: RequestToken, at now: Now, _ effects: inout [Effect]
    ) {
        switch request {
        case .ticket(let id):
            if case .ticket(let explanation) = explain(request, at: now) {
                effects.append(.explained(.ticket(explanation), token))
            } else if !isLeased(at: now) {
                effects.append(.answered(.refused(.hold), token))
            } else if outbox.isFull {
                effects.append(.answered(.refused(.unavailable), token))
            } else {
                outbox.add(.show(id), for: .explain(token, id))
            }
        case .agent(let id):
            // The owner of his first group sees what waits for him; here only if that is us, or nobody.
            let region = policy.agent(id)?.groups.first.flatMap { policy.group($0)?.region }
            let owner = membership.owners.first { $0.region == region }?.owner ?? .none
            guard owner != .none, owner != incarnation else {
                effects.append(.explained(explain(request, at: now), token))
                return
            }
            ask(owner, .explain(request), .explain(token), &effects)
        }
    }

    /// The ledger has said where the ticket is.
    mutating func settleExplain(
        _ token: RequestToken, _ id: TicketID, _ outcome: Outcome, _ effects: inout [Effect]
    ) {
        guard case .shown(let record) = outcome, record.state == .waiting,
            let region = policy.group(record.group)?.region,
            let owner = membership.owners.first(where: {
                flaws.contains(.explainedElsewhere) ? $0.region != region : $0.region == region
            })?.owner, owner != .none, owner != incarnation
        else {
            effects.append(.answered(outcome, token))
            return
        }
        ask(owner, .explain(.ticket(id)), .explain(token), &effects)
    }
}
