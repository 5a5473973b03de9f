/// What must hold of a router between turns, told as sentences when it does not. For tests and debugging: it counts
/// everything anew from rows and tickets, and tries every free agent against every waiting ticket.
extension Router {
    package func checkInvariants(at now: Now) -> [String] {
        var wrong = queues.faults()
        if presence.ready != presence.recount(policy) { wrong.append("the index of ready agents is not its recount") }
        wrong += faultsOfLoads() + faultsOfOffers() + faultsOfRelaxing(at: now) + faultsOfViews() + faultsOfSilences()
        if let pair = missedPair(at: now) {
            wrong.append("\(pair.agent.value) is free and \(pair.ticket.value) waits")
        }
        return wrong.map { "\(name) at \(now.instant.milliseconds): \($0)" }
    }

    /// An agent who is free and a ticket he may take: after a match there must be none.
    private func missedPair(at now: Now) -> (agent: AgentID, ticket: TicketID)? {
        guard isLeased(at: now) else { return nil }
        let free = presence.all.filter { isReady($0, at: now.instant) }
        // Mostly nobody is free while tickets wait: then none of those need be looked at.
        guard !free.isEmpty else { return nil }
        for id in queues.ids {
            guard let ticket = queues[id], ticket.phase == .queued, !stuck.contains(id),
                !isAwaited(ticket.waiting)
            else { continue }
            for group in [ticket.waiting.group] + ticket.waiting.widened where asks(group) {
                let members = policy.members(of: group)
                let pair = free.first { row in
                    members.contains(row.presence.agent) && row.canMeet(ticket.asked)
                        && !ticket.excludes(row.presence.agent, at: now.instant)
                }
                if let pair { return (pair.presence.agent, id) }
            }
        }
        return nil
    }

    /// Nobody waits for a requirement longer than the policy says.
    private func faultsOfRelaxing(at now: Now) -> [String] {
        queues.ids.compactMap { id in
            queues.asksTooMuch(id, at: now.instant) ? "ticket \(id.value) asks for more than it may by now" : nil
        }
    }

    /// An agent whose view is to be sent is in the list of his own session: nothing else would send it.
    private func faultsOfViews() -> [String] {
        hosted.rows.compactMap { agent in
            let isSent = !agent.isListed || sessions[agent.instance]?.listed.contains(agent.id) ?? false
            return isSent ? nil : "the view of agent \(agent.id.value) is listed nowhere"
        }
    }

    /// What is said of our own agents is what they have.
    private func faultsOfLoads() -> [String] {
        var wrong: [String] = []
        for agent in hosted.rows {
            let works = agent.work
            if works.count > 1 && Set(works.map(\.assignment.ticket)).count < works.count {
                wrong.append("agent \(agent.id.value) holds a ticket twice")
            }
            guard let row = presence[agent.id], row.home == incarnation, row.presence.agentEpoch == agent.epoch,
                row.presence.version == agent.presenceVersion
            else { continue }
            if row.presence.load != agent.load {
                wrong.append("agent \(agent.id.value) is said to have \(row.presence.load), and has \(agent.load)")
            }
        }
        var digests: [Incarnation: UInt64] = [:]
        for row in presence.all { digests[row.home, default: 0] &+= row.presence.mark }
        if digests.contains(where: { presence.digest(of: $0.key) != $0.value }) {
            wrong.append("a digest is not the sum of its rows")
        }
        return wrong
    }

    /// A ticket is offered once to an agent, and a unit is held only for what is being asked or has been taken.
    private func faultsOfOffers() -> [String] {
        var wrong: [String] = []
        for agent in hosted.rows {
            for hosted in agent.offers where hosted.owner == incarnation && !hosted.isAccepting {
                let id = hosted.offer.id
                let same = agent.offers.filter {
                    $0.offer.id.ticket == id.ticket && $0.owner == incarnation && !$0.isAccepting
                }
                if same.count > 1 {
                    wrong.append("ticket \(id.ticket.value) is shown twice to agent \(agent.id.value)")
                }
                if queues[id.ticket]?.openOffers.contains(where: { $0.offer.id == id }) ?? false { continue }
                wrong.append("agent \(agent.id.value) is shown \(id.ticket.value), which is not offered")
            }
        }
        for row in presence.all {
            for held in row.held where !held.isConfirmed {
                let ticket = queues[held.offer.ticket]
                let isAsked =
                    switch ticket?.phase {
                    case .offered(let open)?: open.contains { $0.offer.id == held.offer }
                    case .claiming(let agent)?: agent == row.presence.agent
                    case .queued?, nil: false
                    }
                if !isAsked { wrong.append("a unit of agent \(row.presence.agent.value) is held for nothing") }
            }
        }
        return wrong
    }
}
