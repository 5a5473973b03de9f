/// The owner's side of an offer: the agent's unit is reserved at his home router, which shows it; what comes back is an
/// end (declined, expired, withdrawn ...) or, through the ledger, the news that the ticket has a holder.
extension Router {
    /// What was asked of a peer, kept until its answer.
    enum PeerCall: Equatable, Sendable {
        case reserve(OfferID)
        case claim(TicketID, stamp: UInt64, AgentID, OfferID)
        case snapshot(Incarnation)
        /// A client waits for the reason.
        case explain(RequestToken)
        /// An agent of ours wants to take a ticket of the peer's.
        case take(PollPlace, AgentID, owner: Incarnation)
        /// A client wants to see what an agent may take.
        case browse(RequestToken)
        case release(RegionID, OwnerEpoch, from: Incarnation)
        case adopt([OfferID])
        /// Whether the router at that address has a lease.
        case lease(String)
        /// Repeated until taken, for as long as it can matter.
        case tell(Incarnation, PeerRequest, until: Instant)
    }

    mutating func ask(_ peer: Incarnation, _ request: PeerRequest, _ call: PeerCall, _ effects: inout [Effect]) {
        peerCallLast += 1
        peerCalls[peerCallLast] = call
        effects.append(.ask(peer, request, peerCallLast))
    }

    // MARK: - making an offer

    mutating func offer(
        _ ticket: QueuedTicket, to agent: AgentID, through group: GroupID, isSticky: Bool = false, at now: Now,
        _ effects: inout [Effect]
    ) {
        guard let row = presence[agent] else { return }
        let decision = record(of: agent, for: ticket, through: group, isSticky: isSticky, at: now)
        offer(
            ticket, to: agent, row.presence.agentEpoch, home: row.home, through: group, decision, at: now, &effects)
    }

    mutating func offer(
        _ ticket: QueuedTicket, to agent: AgentID, _ epoch: AgentEpoch, home: Incarnation, through group: GroupID,
        _ decision: DecisionRecord?, at now: Now, _ effects: inout [Effect]
    ) {
        guard let offer = makeOffer(of: ticket, to: agent, epoch, home: home, through: group, decision, at: now)
        else { return }
        if home == incarnation {
            if let terms = restOfDecline(offer, at: now) {
                end(offer.id, .refused, terms, at: now, &effects)
            } else if !host(offer, owner: incarnation, at: now) {
                end(offer.id, .refused, at: now, &effects)
            }
        } else {
            counters.offersToOtherRouters += 1
            presence.hold(agent, for: offer.id, units: offer.cost.active)
            ask(home, .reserve(offer, owner: incarnation), .reserve(offer.id), &effects)
        }
    }

    /// Names a new offer and notes it as open, beside others that are. Nil when the ticket is not ours to offer.
    mutating func makeOffer(
        of ticket: QueuedTicket, to agent: AgentID, _ epoch: AgentEpoch, home: Incarnation, through group: GroupID,
        _ decision: DecisionRecord?, isTaken: Bool = false, at now: Now
    ) -> Offer? {
        guard let region = policy.group(ticket.waiting.group)?.region, let ownerEpoch = ownedRegions[region],
            let known = policy.group(group)
        else { return nil }
        let waiting = ticket.waiting
        attemptLast = attemptLast == .max ? 1 : attemptLast + 1
        let offer = Offer(
            id: OfferID(
                ticket: waiting.ticket, fence: waiting.fence, ownerEpoch: ownerEpoch, attempt: attemptLast),
            agent: agent, agentEpoch: epoch, group: group, priority: waiting.priority,
            age: now.instant.since(ticket.since), timeout: known.offerTimeout, subject: waiting.subject,
            cost: waiting.cost, channel: waiting.channel, decision: decision,
            isAccepted: isTaken || known.delivery == .assigned)
        let open = OpenOffer(
            offer: offer, home: home, madeAt: now.instant, stampLast: queues.stampLast, isReserved: isTaken)
        queues.occupy(waiting.ticket, .offered(ticket.openOffers + [open]))
        counters.offersMade += 1
        deadlines.arm(
            .backstop(offer.id), due: due(offer.timeout + policy.timing.offerBackstop, from: now))
        return offer
    }

    /// How many more agents may be asked for the ticket now: as its own group says, but nobody beside one who has
    /// accepted already. Only its home region's owner asks several.
    func room(for ticket: QueuedTicket) -> Int {
        guard isHome(ticket.waiting) else { return ticket.phase == .queued ? 1 : 0 }
        var atOnce = 1
        if case .offered(let count)? = policy.group(ticket.waiting.group)?.delivery { atOnce = max(1, Int(count)) }
        switch ticket.phase {
        case .queued: return atOnce
        case .offered(let open): return open.contains(where: \.offer.isAccepted) ? 0 : max(0, atOnce - open.count)
        case .claiming: return 0
        }
    }

    func openOffer(_ id: OfferID) -> OpenOffer? { queues.offers[id.ticket]?.first { $0.offer.id == id } }

    private mutating func reserved(_ id: OfferID, _ reply: PeerReply?, at now: Now, _ effects: inout [Effect]) {
        guard let open = openOffer(id) else { return }
        switch reply {
        case .reserved?:
            presence.confirm(open.offer.agent, id)
            var reserved = open
            reserved.isReserved = true
            let all = queues[id.ticket]?.openOffers ?? []
            queues.occupy(id.ticket, .offered(all.map { $0.offer.id == id ? reserved : $0 }))
        case .notReserved?:
            // He is left alone for a moment, or until he is heard of anew, so that nothing spins.
            block(open.offer.agent, at: open.home, at: now)
            end(id, .withdrawn, at: now, &effects)
        default:
            if now.instant.since(open.madeAt) < policy.timing.reservePatience {
                deadlines.arm(.reserveAgain(id), due: due(Interval(milliseconds: 100), from: now))
            } else {
                block(open.offer.agent, at: open.home, at: now)
                tell(open.home, .withdraw(id, open.offer.agent), at: now, &effects)
                end(id, .withdrawn, at: now, &effects)
            }
        }
    }

    private mutating func block(_ agent: AgentID, at home: Incarnation, at now: Now) {
        // Who has come to another router meanwhile can be asked there.
        guard presence[agent]?.home == home else { return }
        let pause = Interval.seconds(1)
        presence.block(agent, until: now.instant + pause)
        deadlines.arm(.agentUnblocked(agent), due: due(pause, from: now))
    }

    mutating func unblock(_ agent: AgentID, at now: Now) {
        presence.unblock(agent, at: now.instant)
        freshAgents.append(agent)
    }

    mutating func reserveAgain(_ id: OfferID, at now: Now, _ effects: inout [Effect]) {
        guard let open = openOffer(id), !open.isReserved else { return }
        ask(open.home, .reserve(open.offer, owner: incarnation), .reserve(id), &effects)
    }

    mutating func backstop(_ id: OfferID, at now: Now, _ effects: inout [Effect]) {
        guard let open = openOffer(id) else { return }
        withdraw(open, at: now, &effects)
        end(id, open.offer.isAccepted ? .withdrawn : .expiredUnseen, at: now, &effects)
    }

    // MARK: - the end of an offer

    /// The agent is not asked for the ticket again for a while. It goes back to its place, with its age, when nobody is
    /// being asked any more; till then somebody else may be asked in his place.
    mutating func end(
        _ id: OfferID, _ end: OfferEnd, _ terms: DeclineTerms = .none, at now: Now, _ effects: inout [Effect]
    ) {
        guard let open = openOffer(id), let ticket = queues[id.ticket] else {
            return forward(id, end, terms, at: now, &effects)
        }
        release(open.offer.agent, id)
        // Refused on the spot he is left alone with the flaw too: matching would try the pair for ever.
        let isForgotten = flaws.contains(.exclusionForgotten) && end != .refused
        let pause = isForgotten ? Interval.zero : exclusion(after: end, terms)
        _ = queues.update(id.ticket) {
            $0.exclude(open.offer.agent, until: now.instant + pause, at: now.instant)
        }
        deadlines.arm(.exclusionEnds(id.ticket), due: due(pause, from: now))
        report(open.offer, end, terms)
        let others = ticket.openOffers.filter { $0.offer.id != id }
        if others.isEmpty {
            requeue(id.ticket, at: now)
        } else {
            queues.occupy(id.ticket, .offered(others))
            freshTickets.append(id.ticket)
        }
    }

    /// What the agent asked for, or else what his reason says, or else the policy.
    func exclusion(after end: OfferEnd, _ terms: DeclineTerms) -> Interval {
        if let asked = terms.retryAfter { return min(asked, Limits.retryAfterMax) }
        return switch end {
        case .declined, .expiredSeen, .expiredUnseen:
            policy.declineReason(named: terms.reason)?.exclude ?? policy.timing.declineExclusion
        case .withdrawn, .refused, .gone: .seconds(1)
        }
    }

    /// The ledger counts, and tells, how often a ticket was offered in vain; what nobody answered for is not that.
    private mutating func report(_ offer: Offer, _ end: OfferEnd, _ terms: DeclineTerms) {
        switch end {
        case .declined, .expiredSeen, .expiredUnseen:
            guard !outbox.isFull, terms.reason.utf8.count <= Limits.wordBytesMax else {
                counters.attemptsUnreported += 1
                return
            }
            outbox.add(
                .attempted(
                    Command.Attempted(
                        ticket: offer.id.ticket, fence: offer.id.fence, agent: offer.agent, end: end,
                        reason: terms.reason, offer: OfferNumber(offer.id))), for: .attempted)
        case .withdrawn, .refused, .gone: break
        }
    }

    mutating func requeue(_ id: TicketID, at now: Now) {
        guard let ticket = queues[id] else { return }
        if let agent = stickyAgent(of: ticket, at: now) {
            queues.occupy(id, .queued)
            stuck.stick(id, to: agent)
            let patience = ticket.waiting.preferred?.patience ?? .zero
            let left = patience.milliseconds - now.instant.since(ticket.since).milliseconds
            deadlines.arm(.stickEnds(id), due: due(Interval(milliseconds: left), from: now))
            freshTickets.append(id)
            return
        }
        stuck.release(id)
        // While its region is handed over nobody is asked for it: it must not hide what else an agent could be given.
        guard !isAwaited(ticket.waiting) else { return queues.occupy(id, .queued) }
        let groups = ([ticket.waiting.group] + ticket.waiting.widened).filter { owns($0) }
        let home = policy.group(ticket.waiting.group)?.region
        queues.enqueue(id, in: groups.map { ($0, policy.group($0)?.region != home) })
        freshTickets.append(id)
    }

    mutating func withdraw(_ open: OpenOffer, at now: Now, _ effects: inout [Effect]) {
        release(open.offer.agent, open.offer.id)
        if open.home == incarnation {
            withdraw(open.offer.id, from: open.offer.agent, at: now)
        } else {
            tell(open.home, .withdraw(open.offer.id, open.offer.agent), at: now, &effects)
        }
    }

    /// The ticket waits no more, or not here: nobody is asked for it any longer.
    mutating func forget(_ id: TicketID, holder: AgentID?, at now: Now, _ effects: inout [Effect]) {
        guard let ticket = queues.remove(id) else { return }
        stuck.release(id)
        if holder != nil { departures[ticket.waiting.group, default: Departures()].note(at: now.instant) }
        switch ticket.phase {
        case .offered(let offers):
            for open in offers {
                // Whoever has it is told so by his own router. One of ours may have it by another owner's offer.
                if holder == open.offer.agent && open.home != incarnation {
                    release(open.offer.agent, open.offer.id)
                } else {
                    withdraw(open, at: now, &effects)
                }
            }
        case .claiming(let agent): release(agent, claimID(ticket.waiting))
        case .queued: break
        }
    }

    /// The agent's unit is free again for whatever else waits.
    mutating func release(_ agent: AgentID, _ held: OfferID) {
        presence.release(agent, held)
        freshAgents.append(agent)
    }

    /// A message that is repeated until the peer has it, but no longer than an offer can live.
    mutating func tell(_ peer: Incarnation, _ request: PeerRequest, at now: Now, _ effects: inout [Effect]) {
        ask(peer, request, .tell(peer, request, until: now.instant + .seconds(5)), &effects)
    }

    // MARK: - claims

    /// Holds the agent's unit while the ticket's own owner is asked; attempt 0 is no offer.
    func claimID(_ waiting: WaitingTicket) -> OfferID {
        OfferID(ticket: waiting.ticket, fence: waiting.fence, ownerEpoch: OwnerEpoch(0), attempt: 0)
    }

    /// We have an agent for a ticket that was widened to us: its home region's owner runs the offer.
    mutating func claim(
        _ ticket: QueuedTicket, for agent: AgentID, through group: GroupID, at now: Now, _ effects: inout [Effect]
    ) {
        let waiting = ticket.waiting
        queues.occupy(waiting.ticket, .claiming(agent))
        let stamp = queues[waiting.ticket]?.stamp ?? 0
        deadlines.arm(.claimEnds(waiting.ticket, stamp: stamp), due: due(.seconds(1), from: now))
        // While its home region has no owner it is left alone for that time, lest matching find it again at once.
        guard let region = policy.group(waiting.group)?.region, let row = presence[agent],
            let owner = membership.owners.first(where: { $0.region == region }), owner.owner != .none
        else { return }
        counters.claims += 1
        let held = claimID(waiting)
        let decision = record(of: agent, for: ticket, through: group, isClaim: true, at: now)
        presence.hold(agent, for: held, units: waiting.cost.active)
        let claim = Claim(
            ticket: waiting.ticket, fence: waiting.fence, ownerEpoch: owner.epoch, agent: agent,
            agentEpoch: row.presence.agentEpoch, home: row.home, group: group, decision: decision)
        ask(owner.owner, .claim(claim), .claim(waiting.ticket, stamp: stamp, agent, held), &effects)
    }

    private mutating func claimed(
        _ id: TicketID, _ stamp: UInt64, _ agent: AgentID, _ held: OfferID, _ reply: PeerReply?, at now: Now
    ) {
        switch reply {
        case .claim(.offered)?: presence.confirm(agent, held)
        case .claim(.excluded(let pause))?:
            release(agent, held)
            guard queues[id]?.stamp == stamp else { return }
            _ = queues.update(id) { $0.exclude(agent, until: now.instant + pause, at: now.instant) }
            deadlines.arm(.exclusionEnds(id), due: due(pause, from: now))
            requeue(id, at: now)
        default:
            // Busy or gone: the ticket is left alone until the claim ends, the agent is free for others.
            release(agent, held)
        }
    }

    mutating func endClaim(of id: TicketID, _ stamp: UInt64, at now: Now) {
        guard let ticket = queues[id], ticket.stamp == stamp, case .claiming(let agent) = ticket.phase else { return }
        release(agent, claimID(ticket.waiting))
        requeue(id, at: now)
    }

    mutating func answer(_ claim: Claim, at now: Now, _ effects: inout [Effect]) -> ClaimReply {
        guard isLeased(at: now), let ticket = queues[claim.ticket], ticket.waiting.fence == claim.fence,
            let region = policy.group(ticket.waiting.group)?.region,
            ownedRegions[region] == claim.ownerEpoch || flaws.contains(.ownerEpochIgnored)
        else { return .gone }
        // One who is being asked already is not asked twice; one for whom the ticket waits alone is asked first.
        guard room(for: ticket) > 0, !stuck.contains(claim.ticket), !isAwaited(ticket.waiting),
            !ticket.openOffers.contains(where: { $0.offer.agent == claim.agent })
        else { return .busy }
        if let exclusion = ticket.excluded.last(where: { $0.agent == claim.agent && $0.until > now.instant }) {
            return .excluded(exclusion.until.since(now.instant))
        }
        offer(
            ticket, to: claim.agent, claim.agentEpoch, home: claim.home, through: claim.group, claim.decision, at: now,
            &effects)
        return .offered
    }

    // MARK: - answers of peers

    mutating func conclude(_ call: UInt64, _ reply: PeerReply?, at now: Now, _ effects: inout [Effect]) {
        guard let known = peerCalls[call] else { return }
        peerCalls[call] = nil
        switch known {
        case .reserve(let offer): reserved(offer, reply, at: now, &effects)
        case .claim(let ticket, let stamp, let agent, let held):
            claimed(ticket, stamp, agent, held, reply, at: now)
        case .snapshot(let peer):
            gossip.snapshotEnded(of: peer)
            if case .snapshot(let full)? = reply { hear(full, at: now, &effects) }
        case .explain(let token):
            if case .explained(let explained)? = reply {
                effects.append(.explained(explained, token))
            } else {
                effects.append(.answered(.refused(.unavailable), token))
            }
        case .take(let place, let agent, let owner): taken(reply, place, agent, owner, at: now, &effects)
        case .browse(let token): browsed(reply, token, &effects)
        case .release(let region, let epoch, let former):
            released(region, epoch, from: former, reply, at: now, &effects)
        case .adopt(let offers):
            // Without an answer they run until their backstop.
            if case .adopted(let shown)? = reply { adopted(offers, shown, at: now, &effects) }
        case .lease(let address): foundRefuge(address, reply, at: now)
        case .tell(let peer, let request, let until):
            let isLive = membership.routers.contains { $0.incarnation == peer }
            if reply == nil && now.instant < until && isLive {
                ask(peer, request, .tell(peer, request, until: until), &effects)
            }
        }
    }
}
