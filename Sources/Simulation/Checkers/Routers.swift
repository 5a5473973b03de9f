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
        guard pace.isDue(cores, every: 50) else { return }
        cores.withCoordinator { core in
            cores.forEachRouter { router in
                guard router.incarnation != .none, core.ledger.router(router.incarnation) == nil,
                    !router.isDismissing,
                    // What was told to another process of that name, or to another life of this one, ends that.
                    !core.ledger.routers.contains(where: { $0.name == router.name }),
                    router.isLeased(at: cores.now(at: router.name))
                else { return }
                complaints.add("\(router.name) thinks itself leased, and its incarnation has ended")
            }
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
        let state: State
        let isMissing: Bool
    }
    private struct State: Hashable {
        let fence: Fence
        let priority: Priority
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
        guard length >= 4_000, let places = cores.withCoordinator({ differing($0, cores) }) else {
            return lasting.forget()
        }
        // A poll whose answer was lost with its connection is asked again after three seconds.
        for place in lasting.look(cores.now.instant.milliseconds, at: places, for: 4_000) {
            let what = place.isMissing ? "does not have it as it waits" : "has it otherwise than it is"
            complaints.add("ticket \(place.ticket.value): the owner of region \(place.region.value) \(what)")
        }
    }

    private func differing(_ core: Coordinator, _ cores: any Cores) -> [Place] {
        var wanted: [RegionID: [TicketID: State]] = [:]
        core.ledger.tickets.forEach { ticket in
            guard ticket.state == .waiting else { return }
            for group in [ticket.group] + ticket.widened {
                guard let region = core.policy.group(group)?.region else { continue }
                wanted[region, default: [:]][ticket.id] = State(fence: ticket.fence, priority: ticket.priority)
            }
        }
        var differing: [Place] = []
        for owner in core.ledger.owners {
            cores.forEachRouter { router in
                guard router.incarnation == owner.owner else { return }
                var missing = wanted[owner.region] ?? [:]
                router.forEachQueued { ticket, fence, priority, groups in
                    let state = State(fence: fence, priority: priority)
                    let isOfRegion = groups.contains { core.policy.group($0)?.region == owner.region }
                    if !isOfRegion || missing.removeValue(forKey: ticket) == state { return }
                    if router.isUnlisted(ticket, in: owner.region) { return }
                    differing.append(Place(region: owner.region, ticket: ticket, state: state, isMissing: false))
                }
                for (ticket, state) in missing where !router.isUnlisted(ticket, in: owner.region) {
                    differing.append(Place(region: owner.region, ticket: ticket, state: state, isMissing: true))
                }
            }
        }
        return differing
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
        guard calm.length(cores) >= 3_000, cores.hasCoordinator else { return lasting.forget() }
        var stale: [Shown] = []
        // An owner to whom all is told anew, in parts, hears of it with its part.
        var listing: Set<Incarnation> = []
        cores.forEachRouter { if $0.isListing { listing.insert($0.incarnation) } }
        cores.withCoordinator { core in
            cores.forEachRouter { router in
                for (agent, offer, owner) in router.shownOffers
                where core.ledger.router(owner) != nil && !listing.contains(owner) {
                    if core.ledger.tickets.waits(offer.ticket, under: offer.fence) { continue }
                    stale.append(Shown(agent: agent, offer: offer))
                }
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
        // Mostly everybody has what to do, or nothing waits.
        var free: [(home: Int, agents: [AgentID])] = []
        for home in 0..<cores.routerCount {
            let agents = cores.withRouter(home) { $0.readyHosted(at: cores.now(at: $0.name)) }
            if !agents.isEmpty { free.append((home, agents)) }
        }
        let inVain = free.isEmpty ? [] : pairs(free, cores)
        for pair in lasting.look(cores.now.instant.milliseconds, at: inVain, for: 5_000) {
            complaints.add("agent \(pair.agent.value) is free, and ticket \(pair.ticket.value) waits")
        }
    }

    private func pairs(_ free: [(home: Int, agents: [AgentID])], _ cores: any Cores) -> [Pair] {
        let places = 0..<cores.routerCount
        let times = places.map { cores.withRouter($0) { cores.now(at: $0.name) } }
        let queued = places.map { cores.withRouter($0) { $0.queued } }
        // A ticket's own owner knows best who is not to be asked.
        var homes: [TicketID: (judge: Int, known: QueuedTicket)] = [:]
        for place in places.reversed() {
            for ticket in queued[place] where cores.withRouter(place, { $0.isHome(to: ticket) }) {
                homes[ticket.waiting.ticket] = (place, ticket)
            }
        }
        var pairs: [Pair] = []
        // By demand: who of them can meet it. Many tickets have the same.
        var able: [Demand: [AgentID]] = [:]
        for place in places where cores.withRouter(place, { $0.isLeased(at: times[place]) }) {
            for ticket in queued[place] where ticket.phase == .queued {
                let isOwn = cores.withRouter(place) { $0.isHome(to: ticket) }
                guard let (judge, known) = isOwn ? (place, ticket) : homes[ticket.waiting.ticket] else { continue }
                if able[ticket.asked] == nil {
                    able[ticket.asked] = free.flatMap { home, agents in
                        cores.withRouter(home) { $0.able(agents, for: ticket.asked) }
                    }
                }
                guard let able = able[ticket.asked], !able.isEmpty else { continue }
                let asked = cores.withRouter(place) { $0.askable(able, for: ticket, at: times[place]) }
                for agent in asked
                where cores.withRouter(judge, { $0.isAskable(agent, for: known, at: times[judge]) }) {
                    pairs.append(Pair(agent: agent, ticket: ticket.waiting.ticket))
                }
            }
        }
        return pairs
    }
}
