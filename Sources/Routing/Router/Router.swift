/// The routing brain of one router node: events in, effects out; no I/O, no clock, no randomness of its own.
///
/// A router plays three parts, and the files beside this one are named after them: it takes tickets in (`Intake`), it
/// is *home* to agents' sessions (`Sessions`, `Hosting`), and it *owns* regions, whose queues it keeps and matches
/// (`Queues`, `Matching`, `Offering`). What it knows of other routers' agents is in `PresenceView`; what it wants of
/// the coordinator goes through `Outbox`, and what it learns there comes through `Learning`.
package struct Router: Sendable {
    package let name: String
    package private(set) var incarnation = Incarnation.none
    package internal(set) var policy = Policy.empty
    package internal(set) var membership = Membership()
    package internal(set) var counters = Counters()

    /// Of the state of the ledger that it knows; zero while it knows none.
    package internal(set) var cursor = LSN.zero
    /// Of the newest state of the ledger that any answer reflected.
    var lsnHighest = LSN.zero
    /// Of the coordinator that was heard last.
    var reign: UInt32 = 0
    /// Until when this router may offer and accept: counted from before it asked, so that it ends here before there.
    var leaseUntil = Instant(milliseconds: 0)
    /// The process is about to end, and has asked to be let go.
    var isLeaving = false
    /// It ends now: nobody has a session here any more.
    var isEnding = false
    /// The coordinator wants everything to go to others.
    package internal(set) var isDraining = false
    /// Without a lease: a router that has one.
    var moveTo: String?
    var handovers = Handovers()
    var outbox = Outbox()
    var slices = LoadSlices()
    /// Client requests whose answer waits for outcomes.
    var submits = Table<RequestToken, PendingSubmit>()
    var attaches = Table<RequestToken, PendingAttach>()
    var polls = Table<RequestToken, PendingPoll>()

    var sessions = Table<ClientInstance, Session>()
    /// Whose connection it is, in the order in which they came.
    var pipes: [PipeID: [ClientInstance]] = [:]
    var hosted = Table<AgentID, HostedAgent>()
    /// Offers of other routers that are over here, shown or not; `Limits.endedOffersKept` at most.
    var endedOffers: [OfferID] = []
    var sessionsToAnswer: [ClientInstance] = []
    var silences = Silences()

    var presence = PresenceView()
    var gossip = GossipState()

    /// By region: the epoch in which this router owns it.
    var ownedRegions: [RegionID: OwnerEpoch] = [:]
    /// Of our regions, those whose list is still to come.
    var unlisted: [RegionID: Unlisted] = [:]
    var queues = Queues()
    var stuck = StuckTickets()
    /// By group: when its tickets left for an agent.
    var departures: [GroupID: Departures] = [:]
    var freshAgents: [AgentID] = []
    var freshTickets: [TicketID] = []
    /// The group that the next sweep begins with.
    var sweepNext = 0
    /// By group: tickets of its own that are being opened and are to wait there.
    var opening: [GroupID: Int] = [:]
    var browses = Table<RequestToken, PendingBrowse>()
    var peerCalls = Table<UInt64, PeerCall>()
    var peerCallLast: UInt64 = 0
    /// Of the offers made, whatever their tickets: a ticket that leaves and comes back as it was, as one does that was
    /// widened to another region of ours and is not any more, gets no name again that an answer may still be out for.
    /// After four billion it begins anew.
    var attemptLast: UInt32 = 0
    /// Up to where was heard of agents whose attach here is not answered yet: of each once.
    var toldEarly: [AgentID: LSN] = [:]
    var deadlines = Deadlines<Timer>()
    /// What ran out in this turn, to be judged after the whole inbox.
    var verdicts = Verdicts()
    /// When agents' hours are looked at next.
    var shiftsDue = Instant(milliseconds: 0)
    let flaws: Flaws
    package let points: Points

    package init(name: String, flaws: Flaws = .none, points: Points = .none) {
        self.name = name
        self.flaws = flaws
        self.points = points
        outbox.points = points
    }

    package mutating func step(_ event: Event, at now: Now, into effects: inout [Effect]) {
        switch event {
        case .turnBegins: fireDue(at: now, &effects)
        case .joined(let joined): join(joined, at: now, &effects)
        case .submit(let tickets, let token, let patience):
            submit(tickets, token, until: now.instant + patience, at: now, &effects)
        case .attach(let attach, let token, let pipe): self.attach(attach, token, pipe, at: now, &effects)
        case .poll(let poll, let token, let pipe): self.poll(poll, token, pipe, at: now, &effects)
        case .disconnected(let pipe): disconnect(pipe, at: now, &effects)
        case .query(let command, let token): query(command, token, at: now, &effects)
        case .explain(let request, let token): explain(request, token, at: now, &effects)
        case .browse(let agent, let token): browse(for: agent, token, at: now, &effects)
        case .exchanged(let batch, let exchanged): learn(exchanged, from: batch, at: now, &effects)
        case .exchangeFailed(let batch): outbox.lost(batch)
        case .exchangeRefused(let batch): outbox.refused(batch)
        case .membershipLost: loseMembership(&effects)
        case .peerAsked(let request, let token): answer(request, token, at: now, &effects)
        case .peerAnswered(let call, let reply): conclude(call, reply, at: now, &effects)
        case .gossiped(let gossip): hear(gossip, at: now, &effects)
        case .leaves: leave(&effects)
        case .ends: dismissSessions(&effects)
        case .turnEnds:
            endTurn(at: now, &effects)
            dropVainTimers()
        }
        nextDeadline = deadlines.next.map { Instant(milliseconds: $0) }
    }

    /// When the next timer is due; the shell steps a turn then at the latest. Stored, as asking a core in a class
    /// copies all of it.
    package private(set) var nextDeadline: Instant?

    /// Whether the coordinator still counts this router as alive; without that it neither offers nor accepts.
    package func isLeased(at now: Now) -> Bool { incarnation != .none && now.instant < leaseUntil }

    // MARK: - membership

    private mutating func join(_ joined: Joined, at now: Now, _ effects: inout [Effect]) {
        incarnation = joined.incarnation
        cursor = .zero
        lsnHighest = .zero
        for id in hosted.keys { _ = hosted.update(id) { $0.settledAt = .zero } }
        outbox.beginIncarnation()
        policy = joined.policy
        ownNothing()
        isDraining = false
        moveTo = nil
        presence.adopt(policy)
        gossip.restart()
        if deadlines.count == 0 || !gossip.isTicking {
            gossip.isTicking = true
            deadlines.arm(.digest, due: now.instant.milliseconds)
            deadlines.arm(.sweep, due: (now.instant + .seconds(1)).milliseconds)
        }
        changeShifts(at: now, &effects)
        reattachAll()
    }

    /// The coordinator no longer counts this incarnation: queues are others' now, sessions stay and attach anew.
    private mutating func loseMembership(_ effects: inout [Effect]) {
        guard incarnation != .none else { return }
        incarnation = .none
        leaseUntil = Instant(milliseconds: 0)
        toldEarly = [:]
        ownNothing()
        effects.append(.rejoin)
    }

    /// All queues at once, with everything that was under way for their tickets: nobody is asked from here any more.
    private mutating func ownNothing() {
        ownedRegions = [:]
        unlisted = [:]
        handovers = Handovers()
        queues = emptyQueues
        stuck = StuckTickets()
        presence.releaseAll()
    }

    private var emptyQueues: Queues {
        Queues(
            groups: policy.groups.count, order: policy.order,
            lanes: points.bound(Limits.signaturesPerGroupMax, .fewLanes))
    }

    // MARK: - the end of a turn

    /// Everything that changed is matched, then what is to be said is said once.
    private mutating func endTurn(at now: Now, _ effects: inout [Effect]) {
        judge(at: now, &effects)
        match(at: now, &effects)
        dropStale(at: now, &effects)
        answerSessions(at: now, &effects)
        if incarnation != .none {
            let slice = outbox.needsPoll ? nextSlice(at: now) : nil
            let due = outbox.due(
                incarnation, cursor: cursor, at: now, park: policy.timing.routerPark, slice: slice, listing: listing)
            for (id, exchange) in due {
                effects.append(.exchange(exchange, id))
            }
        }
    }

    // MARK: - timers

    enum Timer: Equatable, Sendable {
        /// Home router: the agent's time to answer is over.
        case offerExpires(OfferID, AgentID)
        /// Home router: the assignment was not acknowledged by the client.
        case giveBack(AgentID, TicketID, Fence)
        case parkEnds(ClientInstance, RequestToken)
        /// The first of the clients who are waited for has been silent for too long, if he is silent still.
        case silenceEnds
        /// Owner: the home router has not said how the offer ended.
        case backstop(OfferID)
        case reserveAgain(OfferID)
        case exclusionEnds(TicketID)
        case claimEnds(TicketID, stamp: UInt64)
        case agentUnblocked(AgentID)
        case relaxes(TicketID)
        case stickEnds(TicketID)
        case wrapUpEnds(AgentID)
        case restEnds(AgentID)
        /// The hours of some agents begin or end; only the newest of these counts.
        case shiftsChange(due: Instant)
        case pauseEnds(AgentID)
        case publish
        case digest
        case sweep
        /// New owner: the former one has said nothing.
        case handoverEnds(RegionID, OwnerEpoch)
        /// Former owner: nobody has asked.
        case releaseEnds(RegionID, OwnerEpoch)
        case moveLot
    }

    private mutating func fireDue(at now: Now, _ effects: inout [Effect]) {
        verdicts.pause = deadlines.next.map { now.instant.since(Instant(milliseconds: $0)) } ?? .zero
        while let timer = deadlines.popDue(at: now.instant.milliseconds) {
            switch timer {
            case .offerExpires, .giveBack, .silenceEnds: verdicts.due.append(timer)
            case .parkEnds(let instance, let token): endPark(of: instance, token, at: now, &effects)
            case .backstop(let offer): backstop(offer, at: now, &effects)
            case .reserveAgain(let offer): reserveAgain(offer, at: now, &effects)
            case .exclusionEnds(let ticket): freshTickets.append(ticket)
            case .claimEnds(let ticket, let stamp): endClaim(of: ticket, stamp, at: now)
            case .agentUnblocked(let agent): unblock(agent, at: now)
            case .stickEnds(let ticket): if stuck.contains(ticket) { freshTickets.append(ticket) }
            case .relaxes(let ticket): relax(ticket, at: now)
            case .wrapUpEnds(let agent): endWrapUp(of: agent, at: now)
            case .restEnds(let agent): endRest(of: agent, at: now)
            case .shiftsChange(let due): if due == shiftsDue { changeShifts(at: now, &effects) }
            case .pauseEnds(let agent): endPause(of: agent, at: now)
            case .publish: publishChanges(at: now, &effects)
            case .digest: publishDigest(at: now, &effects)
            case .sweep:
                sweep(at: now)
                seekRefuge(at: now, &effects)
            case .handoverEnds(let region, let epoch): endHandover(of: region, epoch, at: now, &effects)
            case .releaseEnds(let region, let epoch): endRelease(of: region, epoch, at: now, &effects)
            case .moveLot: moveLot(at: now, &effects)
            }
        }
    }

    /// Nobody is woken for what has lost its reason: most polls are answered before their park ends, and most offers
    /// before they expire.
    private mutating func dropVainTimers() {
        while let timer = deadlines.first, isVain(timer) { deadlines.removeFirst() }
    }

    /// Whether what the timer is for is over for good: its name will not come again.
    private mutating func isVain(_ timer: Timer) -> Bool {
        switch timer {
        case .parkEnds(let instance, let token): sessions.update(instance) { $0.parked == token } != true
        case .offerExpires(let offer, let agent):
            hosted.update(agent) { $0.offers.contains { $0.offer.id == offer } } != true
        case .backstop(let offer): openOffer(offer) == nil
        default: false
        }
    }

    func due(_ interval: Interval, from now: Now) -> UInt64 { (now.instant + interval).milliseconds }
}

extension Router {
    /// How much there is of everything now, for `vitals`.
    package var gauges: [(name: String, value: Int)] {
        [
            ("waiting", queues.count), ("agentsHosted", hosted.count), ("sessions", sessions.count),
            ("agentsKnown", presence.all.count), ("commandsWaiting", outbox.count), ("timers", deadlines.count),
            ("regionsOwned", ownedRegions.count),
            ("mixed", queues.mixedCount), ("peersCutOff", presence.silentHomes.count),
            ("agentsCutOff", presence.all.filter(\.isCutOff).count),
        ] + hostedByStatus
    }

    /// Of the agents who are at home here, as others are told.
    private var hostedByStatus: [(name: String, value: Int)] {
        var counts: [Status: Int] = [:]
        for agent in hosted.rows where agent.isCurrent { counts[agent.presence, default: 0] += 1 }
        return Status.allCases.filter { $0 != .offline }.map { ("agents.\($0)", counts[$0] ?? 0) }
    }
}
