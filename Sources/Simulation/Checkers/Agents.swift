import AgentClient
package import Routing

/// What an agent is told to have done was done under the fence that he had: an offer that has ended, or an assignment
/// that is another's by now, cannot be acted on.
package struct AcceptsAreCurrent: Checker {
    package let name = "AcceptsAreCurrent"
    package let seesPeople = true
    private var complaints = Complaints()
    /// Who was given a ticket under which fence.
    private var given: [TicketID: [Fence: AgentID]] = [:]
    private var policy = Policy.empty

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .journaled(_, _, .assigned(let id, let fence, let agent, _, _)): given[id, default: [:]][fence] = agent
        case .coordinatorStarted(let ledger, let policy):
            self.policy = policy
            for ticket in ledger.tickets.all {
                if let holder = ticket.state.holder { given[ticket.id, default: [:]][ticket.fence] = holder }
            }
        case .policyInForce(let policy): self.policy = policy
        case .commandAnswered(let device, let action, .done(let fence), _): check(device, action, fence)
        default: break
        }
    }

    private mutating func check(_ device: Device, _ action: AgentAction, _ fence: Fence) {
        switch action {
        case .accept(let offer):
            complaints.expect(
                fence == offer.fence.next,
                "\(device) accepts ticket \(offer.ticket.value) under \(offer.fence.value) and gets \(fence.value)")
            expect(device, has: offer.ticket, offer.fence.next)
        case .work(let ticket, let known, let work):
            let isSame = work.raisesFence ? fence == known.next : fence == known
            complaints.expect(
                isSame, "\(device) does something with \(ticket.value) under \(known.value) and hears \(fence.value)")
            expect(device, has: ticket, known)
        case .decline, .setStatus, .endWrapUp, .take: break
        }
    }

    private mutating func expect(_ device: Device, has ticket: TicketID, _ fence: Fence) {
        guard let agent = policy.agent(named: device.agent)?.id, let holders = given[ticket] else { return }
        complaints.expect(
            holders[fence] == agent || holders[fence] == nil && fence.value == 0,
            "\(device) acts on ticket \(ticket.value) under \(fence.value), which was never his")
    }
}

extension WorkAction {
    fileprivate var raisesFence: Bool {
        switch self {
        case .escalate, .sendDown, .transfer, .handOver, .putOff, .giveBack: true
        case .reply, .note, .pause, .resume, .resolve, .handOut: false
        }
    }
}

/// Whoever declined a ticket is not asked for it again, by the same owner, before his time alone is over.
package struct DeclinesRespected: Checker {
    package let name = "DeclinesRespected"
    package let seesPeople = true
    private struct Asked: Hashable {
        let agent: String
        let ticket: TicketID
        let fence: Fence
        let ownerEpoch: OwnerEpoch
    }
    private struct Declined {
        let attempt: UInt32
        let sentAt: Instant
        let rest: Interval
    }
    private var complaints = Complaints()
    private var policy = Policy.empty
    private var sent: [Device: [UInt64: Instant]] = [:]
    /// Only what was answered: before that, he may be asked by who does not know of it yet.
    private var declined: [Asked: Declined] = [:]

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .coordinatorStarted(_, let policy), .policyInForce(let policy):
            // Whose wait is under another policy now, nobody knows.
            self.policy = policy
            declined = [:]
        case .commanded(let device, .decline, let tag): sent[device, default: [:]][tag] = now.instant
        case .commandAnswered(let device, .decline(let offer, let reason, let retryAfter), .done, let tag):
            guard let sentAt = sent[device]?.removeValue(forKey: tag) else { return }
            let rest = retryAfter ?? policy.declineReason(named: reason)?.exclude ?? policy.timing.declineExclusion
            declined[Self.asked(device, offer)] = Declined(attempt: offer.attempt, sentAt: sentAt, rest: rest)
        case .programStarted(let device, _): sent[device] = nil
        case .news(let device, .offered(_, let view)):
            check(Self.asked(device, view.id), view.id.attempt, now.instant)
        default: break
        }
    }

    private static func asked(_ device: Device, _ offer: OfferID) -> Asked {
        Asked(agent: device.agent, ticket: offer.ticket, fence: offer.fence, ownerEpoch: offer.ownerEpoch)
    }

    private mutating func check(_ asked: Asked, _ attempt: UInt32, _ at: Instant) {
        guard let declined = declined[asked], attempt > declined.attempt else { return }
        // Clocks of routers may run fast by a little; what is heard later was offered later.
        let rest = Interval(milliseconds: declined.rest.milliseconds / 100 * 98)
        complaints.expect(
            at.since(declined.sentAt) >= rest,
            "\(asked.agent) declined ticket \(asked.ticket.value) for \(declined.rest.milliseconds) ms, and was asked "
                + "again after \(at.since(declined.sentAt).milliseconds)")
    }
}

/// The ledger counts each offer that ended in vain once, however often the router had to say it. Only a router of wire
/// version 1 does not name the offer: there one whose answer died with a coordinator, or with the router's membership,
/// may be counted once more, as it is said anew.
package struct AttemptsCounted: Checker {
    package let name = "AttemptsCounted"
    package let seesPeople = true
    private struct Asked: Hashable {
        let agent: AgentID
        let ticket: TicketID
        let fence: Fence
    }
    private var complaints = Complaints()
    private var policy = Policy.empty
    private var declined: [Asked: Set<OfferID>] = [:]
    private var counted: [Asked: (count: Int, life: Int)] = [:]
    private var repeatable: [Asked: Int] = [:]
    private var named: Set<OfferID> = []
    /// Rises with each end of a coordinator's reign and of a router's incarnation.
    private var life = 0

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .coordinatorStarted(_, let policy):
            self.policy = policy
            life += 1
        case .policyInForce(let policy): self.policy = policy
        case .journaled(_, _, .routerEnded): life += 1
        case .commanded(let device, .decline(let offer, _, _), _):
            guard let agent = policy.catalog.agents.number(of: device.agent).map({ AgentID($0) }) else { return }
            declined[Asked(agent: agent, ticket: offer.ticket, fence: offer.fence), default: []].insert(offer)
        case .journaled(let lsn, _, .attempted(let id, let fence, let agent, let end, _, let offer)):
            if let offer {
                let name = OfferID(ticket: id, fence: fence, ownerEpoch: offer.ownerEpoch, attempt: offer.attempt)
                complaints.expect(named.insert(name).inserted, "record \(lsn.value): \(name) is counted once more")
            }
            guard end == .declined else { return }
            let asked = Asked(agent: agent, ticket: id, fence: fence)
            let former = counted[asked] ?? (0, life)
            if former.life < life { repeatable[asked, default: 0] += former.count }
            counted[asked] = (former.count + 1, life)
            let most = (declined[asked]?.count ?? 0) + (repeatable[asked] ?? 0)
            complaints.expect(
                former.count < most,
                "record \(lsn.value): agent \(agent.value) declined ticket \(id.value) \(most) times, and it is "
                    + "counted once more")
        default: break
        }
    }
}

/// An agent's program shows what the ledger says that he holds, a moment later at the most. Where an answer was lost
/// with its connection, or swallowed, it is missed only when the poll's time is over: 10 s, and the client's patience.
package struct AgentsKnow: Checker {
    package let name = "AgentsKnow"
    package let seesPeople = true
    private struct Program {
        let instance: ClientInstance
        var held: [TicketID: Fence] = [:]
        /// Whether it knows that it has lost its router, and shows all that it has as perhaps no longer its agent's.
        var isApart = false
    }
    private var complaints = Complaints()
    private var programs: [Device: Program] = [:]
    private var calm = Calm()
    private var pace = Pace()
    /// What a program said that it knows, and what it was told and may not have heard: the connection can break with
    /// the answer, in a world without other faults too, and then it notices only when the poll has taken too long.
    private var known = Lasting<String>()
    private var told = Lasting<String>()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .programStarted(let device, let instance): programs[device] = Program(instance: instance)
        case .programEnded(let device): programs[device] = nil
        case .news(let device, .assigned(_, let work)): programs[device]?.held[work.ticket] = work.fence
        case .news(let device, .released(_, let ticket, let fence)):
            if programs[device]?.held[ticket] == fence { programs[device]?.held[ticket] = nil }
        case .news(let device, .disconnected): programs[device]?.isApart = true
        case .news(let device, .connected): programs[device]?.isApart = false
        default: break
        }
    }

    package mutating func look(at cores: any Cores) {
        guard pace.isDue(cores, every: 1_000) else { return }
        let length = calm.length(cores)
        guard length >= 5_000 else {
            known.forget()
            return told.forget()
        }
        check(cores, mayMiss: length < Self.pollTime, isEnd: false)
    }

    package mutating func finish(_ cores: any Cores) {
        if calm.length(cores) >= Self.pollTime { check(cores, mayMiss: false, isEnd: true) }
    }

    private static let pollTime: UInt64 = 14_000

    private mutating func check(_ cores: any Cores, mayMiss: Bool, isEnd: Bool) {
        guard let differing = cores.withCoordinator({ different($0, cores, mayMiss: mayMiss, isEnd: isEnd) }) else {
            return
        }
        let now = cores.now.instant.milliseconds
        let lengths: (known: UInt64, told: UInt64) = isEnd ? (0, 0) : (4_000, Self.pollTime)
        let wrong =
            known.look(now, at: differing.known.sorted(), for: lengths.known)
            + told.look(now, at: differing.told.sorted(), for: lengths.told)
        for sentence in wrong { complaints.add(sentence) }
    }

    private func different(
        _ core: Coordinator, _ cores: any Cores, mayMiss: Bool, isEnd: Bool
    ) -> (known: [String], told: [String]) {
        var differing: (known: [String], told: [String]) = ([], [])
        for (device, program) in programs where isEnd || !program.isApart {
            guard let agent = core.policy.agent(named: device.agent)?.id, let row = core.ledger.agent(agent),
                row.instance == program.instance, case .attached = row.presence
            else { continue }
            let work = row.work.compactMap { id in core.ledger.tickets[id].map { (id, $0.fence) } }
            let isSame =
                work.count == program.held.count && work.allSatisfy { program.held[$0.0] == $0.1 }
            if isSame { continue }
            // What it has acknowledged it knows; that something has gone it is told without being asked for a receipt.
            let isKnown =
                program.held.count < work.count
                && (0..<cores.routerCount).contains { cores.withRouter($0) { $0.hasShownAll(to: agent) } }
            let shown = program.held.keys.map(\.value).sorted()
            let sentence = "\(device) shows \(shown) and holds \(row.work.map(\.value).sorted())"
            if isKnown { differing.known.append(sentence) } else if !mayMiss { differing.told.append(sentence) }
        }
        return differing
    }
}
