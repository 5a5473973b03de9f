package import Routing

/// What `explain` says of a ticket agrees with where it is (promise 8): what waits is explained by whoever has its
/// queue, with every member of its groups counted once and the right ones as lacking a skill; what does not wait is
/// shown as it is. Nothing that waits for long has nobody and nothing between it and a free agent.
package struct ExplainedRight: Checker {
    package let name = "ExplainedRight"
    package let seesPeople = true
    private struct Place {
        var isWaiting: Bool
        /// Since when it is so.
        var since: Instant
    }
    private struct Doubt: Hashable {
        let ticket: TicketID
        let what: String
    }
    private var complaints = Complaints()
    private var places: [TicketID: Place] = [:]
    private var asked: [UInt64: (ticket: TicketID, at: Instant)] = [:]
    private var isBehind = false
    private var lsn = LSN.zero
    private var calm = Calm()
    private var isCalm = false
    private var pace = Pace()
    /// Tickets whose explanations are followed from look to look: all would take longer than the world itself.
    private var followed: Set<TicketID> = []
    private static let followedMax = 4
    private var lasting = Lasting<Doubt>()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .journaled(let lsn, _, let record):
            if lsn.value != self.lsn.value + 1 { isBehind = true }
            self.lsn = lsn
            if let (id, isWaiting) = record.waits { place(id, isWaiting, now.instant) }
        case .coordinatorStarted(let ledger, _):
            if isBehind { places = [:] }
            for ticket in ledger.tickets.all { place(ticket.id, ticket.state == .waiting, now.instant) }
            isBehind = false
            lsn = ledger.lsn
        case .coordinatorDied, .routerDied: isCalm = false
        case .asked(.explanation(let id), let tag): asked[tag] = (id, now.instant)
        case .told(let answer, let tag):
            if let question = asked.removeValue(forKey: tag), isCalm { check(answer, question, now.instant) }
        default: break
        }
    }

    private mutating func place(_ id: TicketID, _ isWaiting: Bool, _ now: Instant) {
        if places[id]?.isWaiting != isWaiting { places[id] = Place(isWaiting: isWaiting, since: now) }
    }

    private mutating func check(_ answer: Told, _ question: (ticket: TicketID, at: Instant), _ now: Instant) {
        guard let place = places[question.ticket] else { return }
        let id = question.ticket.value
        // What an owner knows may be a little older than the ledger.
        let isSettled = question.at.since(place.since) > .seconds(3)
        switch answer {
        case .explained(.ticket(let explanation)):
            complaints.expect(
                place.isWaiting || now.since(place.since) < .seconds(5),
                "ticket \(id) is explained as waiting, and has not waited for a while")
            complaints.expect(explanation.isWhole, "ticket \(id): the parts of a group are not its members")
        case .explained(.notHere):
            complaints.expect(
                !(place.isWaiting && isSettled), "ticket \(id) waits, and whoever was asked to explain it has it not")
        case .shown(let record):
            complaints.expect(
                (record.state == .waiting) == place.isWaiting || now.since(place.since) < .seconds(5),
                "ticket \(id) is shown as \(record.state), and is elsewhere")
        case .explained(.agent), .refused, .nothing: break
        }
    }

    package mutating func look(at cores: any Cores) {
        isCalm = calm.length(cores) >= 5_000
        guard pace.isDue(cores, every: 1_000) else { return }
        guard isCalm, let doubtful = cores.withCoordinator({ core in doubts(core, cores) }) else {
            return lasting.forget()
        }
        for doubt in lasting.look(cores.now.instant.milliseconds, at: doubtful, for: 5_000) {
            complaints.add("ticket \(doubt.ticket.value): \(doubt.what)")
        }
    }

    private mutating func doubts(_ core: Coordinator, _ cores: any Cores) -> [Doubt] {
        var doubts: [Doubt] = []
        var known: Set<TicketID> = []
        cores.forEachRouter { router in
            let now = cores.now(at: router.name)
            for ticket in router.queued where router.isHome(to: ticket) {
                let isNew = followed.count < Self.followedMax && followed.insert(ticket.waiting.ticket).inserted
                guard isNew || followed.contains(ticket.waiting.ticket) else { continue }
                known.insert(ticket.waiting.ticket)
                guard case .ticket(let explanation) = router.explain(.ticket(ticket.waiting.ticket), at: now) else {
                    doubts.append(Doubt(ticket: ticket.waiting.ticket, what: "its owner does not explain it"))
                    continue
                }
                for what in Self.doubts(explanation, ticket, router, core, at: now) {
                    doubts.append(Doubt(ticket: ticket.waiting.ticket, what: what))
                }
            }
        }
        followed = known
        return doubts
    }

    private static func doubts(
        _ explanation: TicketExplanation, _ ticket: QueuedTicket, _ router: Router, _ core: Coordinator, at now: Now
    ) -> [String] {
        var doubts: [String] = []
        let waiting = ticket.waiting
        if !explanation.isWhole { doubts.append("the parts of a group are not its members") }
        if explanation.groups.first?.group != waiting.group { doubts.append("it is explained in another group") }
        for group in explanation.groups {
            let members = core.policy.members(of: group.group).compactMap { core.policy.agent($0) }
            let lacking = members.count {
                !SkillsKept.isMet(waiting.signature, by: $0.skills, after: now.instant.since(ticket.since))
            }
            if Int(group.members) != members.count { doubts.append("a group has other members than it is said") }
            if group.count(of: .lacksSkill) != lacking { doubts.append("others lack a skill than it is said") }
            let isAsked = core.policy.group(group.group)?.delivery != .taken
            if isAsked && explanation.phase == .queued && group.count(of: .none) > 0 {
                doubts.append("nothing is between it and an agent, and it waits")
            }
        }
        guard core.policy.order == .priority else { return doubts }
        // Among those of whom its owner has heard: what it has to know is `QueuesComplete`'s.
        var position: UInt32 = 1
        for other in router.queued.map(\.waiting) where other.group == waiting.group {
            let isBefore =
                other.priority > waiting.priority
                || other.priority == waiting.priority
                    && (other.enteredAt, other.ticket) < (waiting.enteredAt, waiting.ticket)
            if isBefore { position += 1 }
        }
        if explanation.position != position { doubts.append("it is said to be in another place than it is") }
        return doubts
    }
}

extension TicketExplanation {
    /// Whether each member of each group is counted once.
    fileprivate var isWhole: Bool { groups.allSatisfy { $0.members == $0.parts.reduce(0) { $0 + $1.count } } }
}

extension GroupExplanation {
    fileprivate func count(of obstacle: Obstacle) -> Int { Int(parts.first { $0.obstacle == obstacle }?.count ?? 0) }
}

extension LedgerRecord {
    /// Whether its ticket waits after it, for those that decide that.
    fileprivate var waits: (TicketID, Bool)? {
        switch self {
        case .opened(let opened): (opened.ticket, opened.startsAt == nil)
        case .moved(let moved): (moved.ticket, true)
        case .assigned(let id, _, _, _, _), .resolved(let id, _, _, _), .closed(let id, _, _, _),
            .quarantined(let id, _, _):
            (id, false)
        case .scheduled(let scheduled): (scheduled.ticket, false)
        default: nil
        }
    }
}
