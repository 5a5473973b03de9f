/// What a checker may ask of a router that it looks at from outside; nothing in here is used by the router itself.
extension Router {
    /// The regions whose queues it keeps, with the epoch in which it thinks that it owns them.
    package var owned: [RegionOwner] {
        ownedRegions.keys.sorted { $0.value < $1.value }.compactMap { region in
            ownedRegions[region].map { RegionOwner(region: region, owner: incarnation, epoch: $0) }
        }
    }

    /// Agents for whom something has been asked of the coordinator and not been answered.
    package var unsettledAgents: Set<AgentID> { outbox.unsettled }

    /// Whether it sends its sessions elsewhere, and ends.
    package var isDismissing: Bool { isLeaving }

    /// What waits here, its own and what was widened to its regions.
    package var queued: [QueuedTicket] { queues.ids.compactMap { queues[$0] } }

    /// Whether it runs the ticket's offers.
    package func isHome(to ticket: QueuedTicket) -> Bool { isHome(ticket.waiting) }

    /// Whether nothing is between this agent and the ticket: neither was he just asked, nor is somebody else asked
    /// alone.
    package func isAskable(_ agent: AgentID, for ticket: QueuedTicket, at now: Now) -> Bool {
        ticket.phase == .queued && !stuck.contains(ticket.waiting.ticket) && !ticket.excludes(agent, at: now.instant)
    }

    /// Those of these agents whom it may ask now, if they are free, through one of its groups.
    package func askable(_ agents: [AgentID], for ticket: QueuedTicket, at now: Now) -> [AgentID] {
        let groups = ([ticket.waiting.group] + ticket.waiting.widened).filter { asks($0) }
        return groups.isEmpty
            ? []
            : agents.filter { agent in
                isAskable(agent, for: ticket, at: now)
                    && (policy.agent(agent)?.groups ?? []).contains(where: groups.contains)
            }
    }

    /// Agents at home here who could be given something now.
    package func readyHosted(at now: Now) -> [AgentID] {
        var ready: [AgentID] = []
        // With so many commands waiting for the coordinator no yes is taken.
        guard !outbox.isFull else { return ready }
        hosted.forEach { agent in
            guard agent.isCurrent, let row = presence[agent.id], row.home == incarnation,
                isReady(row, at: now.instant)
            else { return }
            ready.append(agent.id)
        }
        return ready
    }

    /// Those of these agents who could take a ticket of that demand.
    package func able(_ agents: [AgentID], for demand: Demand) -> [AgentID] {
        agents.filter { presence[$0]?.canMeet(demand) ?? false }
    }

    /// Each ticket that waits here, its own and what was widened to its regions, with the groups in which it waits.
    package func forEachQueued(_ body: (TicketID, Fence, Priority, [GroupID]) -> Void) { queues.forEach(body) }

    /// Whether his client has said that it shows all that there was to show.
    package func hasShownAll(to agent: AgentID) -> Bool {
        hosted[agent].map { $0.isCurrent && $0.seen >= $0.version } ?? false
    }

    /// Offers of its own making that have not ended. A ticket with a stamp after `stampLast` has entered its lanes, or
    /// left them, only since then.
    package var madeOffers: [(ticket: WaitingTicket, offer: Offer, madeAt: Instant, stampLast: UInt64)] {
        queues.offered.flatMap { ticket in
            ticket.openOffers.filter { $0.stampLast > 0 }.map { (ticket.waiting, $0.offer, $0.madeAt, $0.stampLast) }
        }
    }

    /// What its agents are being shown, and who is to say when that is over.
    package var shownOffers: [(agent: AgentID, offer: OfferID, owner: Incarnation)] {
        var shown: [(agent: AgentID, offer: OfferID, owner: Incarnation)] = []
        hosted.forEach { agent in
            guard agent.isCurrent else { return }
            for offer in agent.offers where !offer.isAccepting { shown.append((agent.id, offer.offer.id, offer.owner)) }
        }
        return shown
    }
}
