/// What a checker may ask of a router that it looks at from outside; nothing in here is used by the router itself.
extension Router {
    /// The regions whose queues it keeps, with the epoch in which it thinks that it owns them.
    package var owned: [RegionOwner] {
        ownedRegions.keys.sorted { $0.value < $1.value }.compactMap { region in
            ownedRegions[region].map { RegionOwner(region: region, owner: incarnation, epoch: $0) }
        }
    }

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

    /// Whether it may ask him now, if he is free, through one of its groups.
    package func mayAsk(_ agent: AgentID, for ticket: QueuedTicket, at now: Now) -> Bool {
        isAskable(agent, for: ticket, at: now)
            && (policy.agent(agent)?.groups ?? []).contains { group in
                ([ticket.waiting.group] + ticket.waiting.widened).contains(group) && asks(group)
            }
    }

    /// Whether any agent at home here could be given something now.
    package func hasFree(at now: Now) -> Bool {
        hosted.keys.contains { id in
            guard let row = presence[id], row.home == incarnation else { return false }
            return isReady(row, at: now.instant)
        }
    }

    /// Agents at home here who could be given a ticket of that demand now.
    package func free(for demand: Demand, at now: Now) -> [AgentID] {
        hosted.rows.filter { agent in
            guard agent.isCurrent, let row = presence[agent.id], row.home == incarnation else { return false }
            return isReady(row, at: now.instant) && row.canMeet(demand)
        }.map(\.id)
    }

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
        hosted.rows.flatMap { agent in
            agent.offers.filter { !$0.isAccepting && agent.isCurrent }.map { (agent.id, $0.offer.id, $0.owner) }
        }
    }
}
