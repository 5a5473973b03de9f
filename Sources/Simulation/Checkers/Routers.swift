package import Routing

/// A router whose lease has ended offers and accepts nothing: while it thinks itself leased, the ledger has it among
/// the living.
package struct LeasesHonoured: Checker {
    package let name = "LeasesHonoured"
    private var complaints = Complaints()
    private var pace = Pace()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {}

    package mutating func look(at cores: any Cores) {
        // Far more often than the least by which a lease can be wrong: the margin of 300 ms.
        guard pace.isDue(cores, every: 50), let ledger = cores.coordinator?.ledger else { return }
        for router in cores.routers {
            guard router.incarnation != .none, ledger.router(router.incarnation) == nil, !router.isDismissing,
                // What was told to another process of that name, or to another life of this one, ends that.
                !ledger.routers.contains(where: { $0.name == router.name }),
                router.isLeased(at: cores.now(at: router.name))
            else { continue }
            complaints.add("\(router.name) thinks itself leased, and its incarnation has ended")
        }
    }
}

/// The owner of a region has in its queues what waits there by the ledger, its own and what was widened to it, and
/// nothing else, a moment later at the most.
package struct QueuesComplete: Checker {
    package let name = "QueuesComplete"
    private struct Place: Hashable {
        let region: RegionID
        let ticket: TicketID
        let fence: Fence
        let isMissing: Bool
    }
    private var complaints = Complaints()
    private var calm = Calm()
    private var pace = Pace()
    private var lasting = Lasting<Place>()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {}

    package mutating func look(at cores: any Cores) {
        guard pace.isDue(cores, every: 500) else { return }
        let length = calm.length(cores)
        guard length >= 4_000, let core = cores.coordinator else { return lasting.forget() }
        var differing: [Place] = []
        let waiting = core.ledger.tickets.all.filter { $0.state == .waiting }
        for owner in core.ledger.owners {
            guard let router = cores.routers.first(where: { $0.incarnation == owner.owner }) else { continue }
            var wanted: [TicketID: Fence] = [:]
            for ticket in waiting {
                let regions = ([ticket.group] + ticket.widened).compactMap { core.policy.group($0)?.region }
                if regions.contains(owner.region) { wanted[ticket.id] = ticket.fence }
            }
            for queued in router.queued {
                let waiting = queued.waiting
                let groups = [waiting.group] + waiting.widened
                guard groups.contains(where: { core.policy.group($0)?.region == owner.region }) else { continue }
                let isWanted = wanted.removeValue(forKey: waiting.ticket) == waiting.fence
                if isWanted { continue }
                differing.append(
                    Place(region: owner.region, ticket: waiting.ticket, fence: waiting.fence, isMissing: false))
            }
            differing += wanted.map { Place(region: owner.region, ticket: $0.key, fence: $0.value, isMissing: true) }
        }
        for place in lasting.look(cores.now.instant.milliseconds, at: differing, for: 2_000) {
            let what = place.isMissing ? "does not know that it waits" : "thinks that it waits"
            complaints.add("ticket \(place.ticket.value): the owner of region \(place.region.value) \(what)")
        }
    }
}

/// What is shown to an agent is to be had: an offer goes from his screen when its ticket waits no more. Not the offer
/// of an owner that is lost: nobody takes it back, it ends at its time, and a yes to it is refused. Up to four messages
/// lie between, of which each may be a slow one: the owner's question, the news, asked for anew where answers overtook
/// each other, and the withdraw.
package struct OffersEnd: Checker {
    package let name = "OffersEnd"
    private struct Shown: Hashable {
        let agent: AgentID
        let offer: OfferID
    }
    private var complaints = Complaints()
    private var calm = Calm()
    private var pace = Pace()
    private var lasting = Lasting<Shown>()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {}

    package mutating func look(at cores: any Cores) {
        guard pace.isDue(cores, every: 100) else { return }
        guard calm.length(cores) >= 3_000, let ledger = cores.coordinator?.ledger else { return lasting.forget() }
        var stale: [Shown] = []
        for router in cores.routers {
            for (agent, offer, owner) in router.shownOffers where ledger.router(owner) != nil {
                let ticket = ledger.tickets[offer.ticket]
                if ticket?.state == .waiting && ticket?.fence == offer.fence { continue }
                stale.append(Shown(agent: agent, offer: offer))
            }
        }
        for shown in lasting.look(cores.now.instant.milliseconds, at: stale, for: 1_000 + 4 * cores.messageTimeMax) {
            complaints.add(
                "agent \(shown.agent.value) is shown ticket \(shown.offer.ticket.value), which waits no more")
        }
    }
}

/// No eligible free agent waits while a ticket does that he may take (promise 3): not for longer than it takes routers
/// to hear of each other, once nothing is between them. Five seconds: a lost publication is noticed after one, and
/// where messages take 400 ms the question for it, its answer, and the offer after that take most of the others.
package struct NobodyWaitsInVain: Checker {
    package let name = "NobodyWaitsInVain"
    private struct Pair: Hashable {
        let agent: AgentID
        let ticket: TicketID
    }
    private var complaints = Complaints()
    private var calm = Calm()
    private var pace = Pace()
    private var lasting = Lasting<Pair>()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {}

    package mutating func look(at cores: any Cores) {
        guard pace.isDue(cores, every: 500) else { return }
        guard calm.length(cores) >= 5_000 else { return lasting.forget() }
        let routers = cores.routers
        let times = routers.map { cores.now(at: $0.name) }
        // Mostly everybody has what to do, or nothing waits.
        let hasFree = routers.indices.filter { routers[$0].hasFree(at: times[$0]) }
        let queued = hasFree.isEmpty ? [] : routers.map(\.queued)
        // A ticket's own owner knows best who is not to be asked.
        var homes: [TicketID: (judge: Int, known: QueuedTicket)] = [:]
        for place in queued.indices.reversed() {
            for ticket in queued[place] where routers[place].isHome(to: ticket) {
                homes[ticket.waiting.ticket] = (place, ticket)
            }
        }
        var pairs: [Pair] = []
        for place in queued.indices where routers[place].isLeased(at: times[place]) {
            for ticket in queued[place] where ticket.phase == .queued {
                let isOwn = routers[place].isHome(to: ticket)
                guard let (judge, known) = isOwn ? (place, ticket) : homes[ticket.waiting.ticket] else { continue }
                for home in hasFree {
                    for agent in routers[home].free(for: ticket.asked, at: times[home])
                    where routers[place].mayAsk(agent, for: ticket, at: times[place])
                        && routers[judge].isAskable(agent, for: known, at: times[judge])
                    {
                        pairs.append(Pair(agent: agent, ticket: ticket.waiting.ticket))
                    }
                }
            }
        }
        for pair in lasting.look(cores.now.instant.milliseconds, at: pairs, for: 5_000) {
            complaints.add("agent \(pair.agent.value) is free, and ticket \(pair.ticket.value) waits")
        }
    }
}
