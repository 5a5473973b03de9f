/// A region changes hands in peace: its new owner asks the former one what it has begun there, runs the open offers on,
/// keeps the exclusions, and matches in the turn in which the answer comes. Nothing rests on it: without an answer
/// within `Limits.handoverPatience` the new owner begins anew, and the worst is a ticket that two agents are shown.
struct Handovers: Sendable {
    /// As new owner: until when nothing of the region is offered.
    struct Awaited: Sendable {
        let epoch: OwnerEpoch
        let from: Incarnation
        let until: Instant
        /// What the former owner said, while not all that waits there is listed.
        var told: [ReleasedTicket]?
    }
    /// As former owner: what was let go of.
    struct Kept: Sendable {
        let epoch: OwnerEpoch
        let owner: Incarnation
        var tickets: [ReleasedTicket]
        var isFetched = false
    }
    var awaited: [RegionID: Awaited] = [:]
    var kept: [RegionID: Kept] = [:]
    /// Ends of offers that came before the offers did; `Limits.releasedEndsKept` at most.
    var earlyEnds: [EarlyEnd] = []

    struct EarlyEnd: Sendable {
        let offer: OfferID
        let end: OfferEnd
        let terms: DeclineTerms
    }
    /// Whether everything that was let go of has been asked for.
    var areFetched: Bool { kept.values.allSatisfy(\.isFetched) }
}

extension Router {
    /// Whether the ticket's own region is still being handed over to us.
    func isAwaited(_ ticket: WaitingTicket) -> Bool {
        guard !handovers.awaited.isEmpty, let region = policy.group(ticket.group)?.region else { return false }
        return handovers.awaited[region] != nil
    }

    // MARK: - the former owner

    /// Another router owns the region from now on. What its agents look at stays on their screens.
    mutating func letGo(
        _ region: RegionID, _ epoch: OwnerEpoch, to owner: Incarnation, at now: Now, _ effects: inout [Effect]
    ) {
        guard ownedRegions[region] != nil else { return }
        ownedRegions[region] = nil
        unlisted[region] = nil
        handovers.awaited[region] = nil
        effects.append(.report(.noLongerOwns(policy.catalog.regions.name(region.value))))
        guard owner != .none else { return }
        var tickets: [ReleasedTicket] = []
        for id in queues.ids where tickets.count < points.bound(Limits.releasedTicketsMax, .fewReleased) {
            guard let ticket = queues[id], policy.group(ticket.waiting.group)?.region == region,
                let released = release(ticket, to: owner, at: now)
            else { continue }
            tickets.append(released)
        }
        handovers.kept[region] = Handovers.Kept(epoch: epoch, owner: owner, tickets: tickets)
        deadlines.arm(.releaseEnds(region, epoch), due: due(Limits.releaseKept, from: now))
    }

    /// Nil when there is nothing to hand over. An offer of which its home router has not said that it shows it is left
    /// to be withdrawn.
    private mutating func release(_ ticket: QueuedTicket, to owner: Incarnation, at now: Now) -> ReleasedTicket? {
        let shown = ticket.openOffers.filter { $0.home == incarnation || $0.isReserved }
        let excluded = ticket.excluded.filter { $0.until > now.instant }
        guard !shown.isEmpty || !excluded.isEmpty else { return nil }
        for open in shown {
            release(open.offer.agent, open.offer.id)
            guard open.home == incarnation else { continue }
            _ = adopt([open.offer.id], owner: owner)
        }
        if !shown.isEmpty {
            let rest = ticket.openOffers.filter { open in !shown.contains { $0.offer.id == open.offer.id } }
            queues.occupy(ticket.waiting.ticket, rest.isEmpty ? .queued : .offered(rest))
        }
        return ReleasedTicket(
            ticket: ticket.waiting.ticket, fence: ticket.waiting.fence,
            offers: shown.map {
                ReleasedOffer(
                    offer: $0.offer, home: $0.home, remaining: ($0.madeAt + $0.offer.timeout).since(now.instant))
            },
            excluded: excluded.map { ReleasedExclusion(agent: $0.agent, remaining: $0.until.since(now.instant)) })
    }

    /// The new owner asks, perhaps before we have heard of it.
    mutating func answer(
        release region: RegionID, _ epoch: OwnerEpoch, to owner: Incarnation, at now: Now, _ effects: inout [Effect]
    ) -> PeerReply {
        if let owned = ownedRegions[region], owned < epoch {
            letGo(region, epoch, to: owner, at: now, &effects)
            queueAnew(at: now, &effects)
        }
        guard handovers.kept[region]?.epoch == epoch else { return .released([]) }
        handovers.kept[region]?.isFetched = true
        return .released(handovers.kept[region]?.tickets ?? [])
    }

    /// Nobody asked for it: the offers are nobody's.
    mutating func endRelease(of region: RegionID, _ epoch: OwnerEpoch, at now: Now, _ effects: inout [Effect]) {
        guard let kept = handovers.kept[region], kept.epoch == epoch else { return }
        handovers.kept[region] = nil
        guard !kept.isFetched else { return }
        for released in kept.tickets.flatMap(\.offers) {
            takeBack(released.offer, home: released.home, at: now, &effects)
        }
    }

    private mutating func takeBack(_ offer: Offer, home: Incarnation, at now: Now, _ effects: inout [Effect]) {
        if home == incarnation {
            withdraw(offer.id, from: offer.agent, at: now)
        } else {
            tell(home, .withdraw(offer.id, offer.agent), at: now, &effects)
        }
    }

    /// The end of an offer that is not ours: of one that was let go of, or of one that is still to come.
    mutating func forward(
        _ id: OfferID, _ end: OfferEnd, _ terms: DeclineTerms, at now: Now, _ effects: inout [Effect]
    ) {
        for kept in handovers.kept.values.sorted(by: { $0.epoch < $1.epoch }) {
            guard kept.tickets.contains(where: { $0.offers.contains { $0.offer.id == id } }) else { continue }
            return tell(kept.owner, .ended(id, end, terms), at: now, &effects)
        }
        guard !handovers.awaited.isEmpty else { return }
        if handovers.earlyEnds.count == Limits.releasedEndsKept { handovers.earlyEnds.removeFirst() }
        handovers.earlyEnds.append(Handovers.EarlyEnd(offer: id, end: end, terms: terms))
    }

    // MARK: - the new owner

    /// The region is ours; its former owner, who lives, is asked first.
    mutating func await(
        _ region: RegionID, _ epoch: OwnerEpoch, from former: Incarnation, at now: Now, _ effects: inout [Effect]
    ) {
        let until = now.instant + Limits.handoverPatience
        handovers.awaited[region] = Handovers.Awaited(epoch: epoch, from: former, until: until)
        deadlines.arm(.handoverEnds(region, epoch), due: until.milliseconds)
        ask(former, .release(region, epoch, to: incarnation), .release(region, epoch, from: former), &effects)
    }

    mutating func released(
        _ region: RegionID, _ epoch: OwnerEpoch, from former: Incarnation, _ reply: PeerReply?, at now: Now,
        _ effects: inout [Effect]
    ) {
        guard ownedRegions[region] == epoch else { return }
        if case .released(let tickets)? = reply {
            guard handovers.awaited[region]?.epoch == epoch else { return takeOver(tickets, at: now, &effects) }
            handovers.awaited[region]?.told = tickets
            takeOverIfListed(region, at: now, &effects)
        } else if let awaited = handovers.awaited[region], awaited.epoch == epoch, now.instant < awaited.until {
            ask(former, .release(region, epoch, to: incarnation), .release(region, epoch, from: former), &effects)
        }
    }

    /// Once both are there, what waits in the region and what its former owner began.
    mutating func takeOverIfListed(_ region: RegionID, at now: Now, _ effects: inout [Effect]) {
        guard let awaited = handovers.awaited[region], awaited.told != nil, unlisted[region] == nil else { return }
        endHandover(of: region, awaited.epoch, at: now, &effects)
    }

    /// Everything of the region may be offered now.
    mutating func endHandover(
        of region: RegionID, _ epoch: OwnerEpoch, at now: Now, _ effects: inout [Effect]
    ) {
        guard let awaited = handovers.awaited[region], awaited.epoch == epoch else { return }
        if let told = awaited.told { takeOver(told, at: now, &effects) }
        handovers.awaited[region] = nil
        if handovers.awaited.isEmpty { handovers.earlyEnds = [] }
        for id in queues.ids {
            guard let ticket = queues[id], policy.group(ticket.waiting.group)?.region == region else { continue }
            if ticket.phase == .queued { requeue(id, at: now) } else { freshTickets.append(id) }
        }
        freshAgents += presence.all.map(\.presence.agent)
    }

    private mutating func takeOver(_ tickets: [ReleasedTicket], at now: Now, _ effects: inout [Effect]) {
        var homes = Table<Incarnation, [OfferID]>()
        for released in tickets {
            guard let ticket = queues[released.ticket], ticket.waiting.fence == released.fence,
                isHome(ticket.waiting)
            else {
                // Somebody has it by now: whoever else is shown it is not to be.
                for offer in released.offers { takeBack(offer.offer, home: offer.home, at: now, &effects) }
                continue
            }
            for excluded in released.excluded { exclude(excluded, from: released.ticket, at: now) }
            for offer in adopt(released.offers, for: ticket, at: now, &effects) {
                homes[offer.home] = (homes[offer.home] ?? []) + [offer.offer.id]
            }
        }
        for home in homes.keys {
            let offers = homes[home] ?? []
            if home == incarnation {
                adopted(offers, adopt(offers, owner: incarnation), at: now, &effects)
            } else {
                ask(home, .adopt(offers, owner: incarnation), .adopt(offers), &effects)
            }
        }
    }

    private mutating func exclude(_ excluded: ReleasedExclusion, from ticket: TicketID, at now: Now) {
        _ = queues.update(ticket) {
            $0.exclude(excluded.agent, until: now.instant + excluded.remaining, at: now.instant)
        }
        deadlines.arm(.exclusionEnds(ticket), due: due(excluded.remaining, from: now))
    }

    /// Runs the offers on; those that it does not, since their agents are asked already, are withdrawn.
    private mutating func adopt(
        _ offers: [ReleasedOffer], for ticket: QueuedTicket, at now: Now, _ effects: inout [Effect]
    ) -> [ReleasedOffer] {
        var open = ticket.openOffers
        var adopted: [ReleasedOffer] = []
        for released in offers {
            guard open.count < Limits.offersAtOnceMax,
                !open.contains(where: { $0.offer.agent == released.offer.agent })
            else {
                takeBack(released.offer, home: released.home, at: now, &effects)
                continue
            }
            let spent =
                released.offer.timeout.milliseconds
                - min(
                    released.offer.timeout.milliseconds, released.remaining.milliseconds)
            open.append(
                OpenOffer(
                    offer: released.offer, home: released.home, madeAt: now.instant - Interval(milliseconds: spent),
                    isReserved: true))
            deadlines.arm(
                .backstop(released.offer.id), due: due(released.remaining + policy.timing.offerBackstop, from: now))
            adopted.append(released)
        }
        guard !adopted.isEmpty else { return [] }
        if case .claiming(let agent) = ticket.phase { release(agent, claimID(ticket.waiting)) }
        stuck.release(ticket.waiting.ticket)
        queues.occupy(ticket.waiting.ticket, .offered(open))
        counters.offersAdopted += UInt64(adopted.count)
        return adopted
    }

    /// The home router has said which of them its agents still look at.
    mutating func adopted(_ offers: [OfferID], _ shown: [OfferID], at now: Now, _ effects: inout [Effect]) {
        let shown = Set(shown)
        for id in offers where !shown.contains(id) {
            let early = handovers.earlyEnds.first { $0.offer == id }
            end(id, early?.end ?? .withdrawn, early?.terms ?? .none, at: now, &effects)
        }
    }

    // MARK: - the home router

    /// From now on it is told how they end. Those that are shown no more are left out of the answer.
    mutating func adopt(_ offers: [OfferID], owner: Incarnation) -> [OfferID] {
        var agents: [OfferID: AgentID] = [:]
        for agent in hosted.rows { for offer in agent.offers { agents[offer.offer.id] = agent.id } }
        return offers.filter { id in
            guard let agent = agents[id] else { return false }
            _ = hosted.update(agent) { agent in
                for place in agent.offers.indices where agent.offers[place].offer.id == id {
                    agent.offers[place].owner = owner
                }
            }
            return true
        }
    }
}
