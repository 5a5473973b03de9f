/// Every live ticket with its holder and history, who is attached where, which routers live, which keys were used:
/// the fold of the journal's records. `apply` is the only thing that changes it, in life as in replay.
package struct Ledger: Sendable {
    package internal(set) var lsn = LSN.zero
    /// The latest time in the journal; the coordinator's own time never falls behind it.
    package internal(set) var wall = WallTime(milliseconds: 0)
    package internal(set) var reign: UInt32 = 0
    package internal(set) var policyVersion: UInt32 = 0
    package internal(set) var policyText = ""
    package internal(set) var catalog = Catalog()
    package internal(set) var tickets = TicketStore()
    package internal(set) var ticketsOpened: UInt64 = 0
    package internal(set) var ticketsClosed: UInt64 = 0
    package internal(set) var ticketsWidened: UInt64 = 0
    package internal(set) var agents: [LedgerAgent] = []
    /// In order of joining.
    package internal(set) var routers: [RouterInfo] = []
    /// Of `routers`, those that give everything away.
    package internal(set) var draining: [Incarnation] = []
    package internal(set) var incarnationLast = Incarnation.none
    /// By `RegionID.index`; an owner of `.none` means nobody.
    package internal(set) var owners: [RegionOwner] = []
    /// Regions whose owner of now was chosen by an operator, in order of choosing.
    package internal(set) var chosen: [RegionID] = []
    package internal(set) var keys = KeyStore()
    package internal(set) var groups: [GroupCount] = []
    /// A memory of what was shown last, not part of the state: no snapshot has it.
    package internal(set) var closed = ClosedTickets()
    package internal(set) var customers = CustomerStore()
    package internal(set) var alerts: UInt64 = 0
    /// By `GroupID.index`: the group's own waiting tickets, in order of their numbers.
    var waitingIn: [SortedChunks<TicketID>] = []
    var quarantined = SortedChunks<TicketID>()
    /// Whether these two lists are kept as tickets change; see `LedgerLists.swift`.
    var isListing = true
    /// The ticket that the record in hand has closed.
    private var left: TicketRecord?

    package init() {}

    /// Takes in the next record. Ends the process if it does not follow from the state: the journal is then not ours.
    /// Gives the ticket that it has closed, whole, for the archive.
    @discardableResult
    package mutating func apply(_ record: LedgerRecord, at wall: WallTime) -> TicketRecord? {
        lsn = LSN(lsn.value + 1)
        self.wall = max(self.wall, wall)
        keys.forget(before: wall)
        switch record {
        case .reignBegan(let reign): self.reign = reign
        case .policyAdopted(let version, let text, let additions): adopt(version, text, additions)
        case .routerJoined(let router):
            routers.append(router)
            incarnationLast = max(incarnationLast, router.incarnation)
        case .routerEnded(let incarnation): endRouter(incarnation, at: wall)
        case .regionOwned(let owner): own(owner)
        case .ownerChosen(let region): chosen.append(region)
        case .routerDraining(let incarnation, let isOn): drain(incarnation, isOn)
        case .routerSuspect: break
        case .attached(let agent, let epoch, let home, let instance):
            agents[agent.index].attach(epoch, to: home, instance)
        case .detached(let agent, _): agents[agent.index].detach(at: wall)
        case .graceEnded(let agent, _): agents[agent.index].presence = .offline
        default:
            applyToTicket(record, at: wall)
            follow(record)
        }
        // Most records close nothing, and a ticket's record is long: not to be moved about for nothing.
        if case nil = left { return nil }
        return left.take()
    }

    /// Keeps the ticket's time: all of it comes from the same records as the rest.
    private mutating func follow(_ record: LedgerRecord) {
        guard record.mayMoveClocks || record.isOfClocks, let id = record.ticket else { return }
        let wall = self.wall
        tickets.change(id) { ticket in
            let (phase, group) = (ticket.phase, ticket.group)
            ticket.clocks.follow(record, phase, in: group, at: wall)
        }
    }

    private mutating func applyToTicket(_ record: LedgerRecord, at wall: WallTime) {
        switch record {
        case .opened(let opened): open(opened, at: wall)
        case .assigned(let ticket, let fence, let agent, let id, let decision):
            assign(ticket, fence, agent, id, decision, at: wall)
        case .attempted(let ticket, _, let agent, let end, let reason, let offer):
            note(attempt: ticket, agent, end, reason, offer, at: wall)
        case .noted(let ticket, let what, let agent, let id): note(ticket, what, agent, id, at: wall)
        case .moved(let moved): move(moved, at: wall)
        case .widened(let ticket, let group, let step, let why): widen(ticket, group, step, why, at: wall)
        case .resolved(let ticket, let agent, let id, let handedOut):
            resolve(ticket, agent, id, handedOut, at: wall)
        case .closed(let ticket, let fence, let how, let why): close(ticket, fence, how, why, at: wall)
        case .scheduled(let scheduled): schedule(scheduled, at: wall)
        case .quarantined(let ticket, let fence, let why): quarantine(ticket, fence, why, at: wall)
        case .keyKept(let key, let hash, let ticket): keep(key, hash, for: ticket, at: wall)
        default: annotate(record, at: wall)
        }
    }

    /// What changes neither where the ticket stands nor who has it.
    private mutating func annotate(_ record: LedgerRecord, at wall: WallTime) {
        guard let id = record.ticket else { return }
        if case .alerted = record { alerts += 1 }
        change(id) { ticket in
            switch record {
            case .narrowed(_, let group, let why):
                // The step may be taken again, should it spill over again.
                let steps = ticket.widenings.filter { $0.group == group }.map(\.step)
                ticket.taken.removeAll { steps.contains($0.step) }
                ticket.widenings.removeAll { $0.group == group }
                ticket.note(.narrowed, at: wall, agent: nil, group: group, why)
            case .stepTaken(_, let step):
                ticket.taken.removeAll { $0.step == step }
                ticket.taken.append(LedgerTicket.TakenStep(step: step, at: wall))
            case .raised(_, let priority, let why):
                ticket.priority = priority
                ticket.note(.raised, at: wall, agent: nil, why)
            case .answered(_, let text, let opens, let why):
                let told = text.replacing("{opens}", with: opens?.minuteInUTC ?? "as soon as we are open")
                let note = String(decoding: told.utf8.prefix(Limits.noteBytesMax), as: UTF8.self)
                ticket.note(.answered, at: wall, agent: nil, Cause(why.trigger, by: why.by, note: note))
            case .clockFired(let fired): ticket.note(.clock, at: wall, agent: nil, fired.cause)
            case .alerted(_, let why):
                // Told once: from now on it is beyond its budget.
                if why.trigger == .hops { ticket.standing.hops += 1 }
                ticket.note(.alerted, at: wall, agent: nil, why)
            case .notified(_, .lead(let agent), let why): ticket.note(.notified, at: wall, agent: agent, why)
            case .notified(_, .topic(let topic), let why):
                ticket.note(.notified, at: wall, agent: nil, Cause(why.trigger, by: topic, note: why.note))
            case .callback(_, let contact, let cost, let why):
                ticket.standing.callback = contact
                ticket.cost = cost
                ticket.note(.callback, at: wall, agent: nil, why)
            case .customerWrote(_, let text, let why):
                let words = why.note.isEmpty ? Cause.excerpt(why.trigger, by: why.by, of: text) : nil
                ticket.note(.customerWrote, at: wall, agent: nil, words ?? why)
            case .absorbed(_, let from, let why):
                ticket.note(
                    .absorbed, at: wall, agent: nil, Cause(why.trigger, by: why.by, note: "ticket \(from.value)"))
            default: break
            }
        }
    }

    // MARK: - the company

    private mutating func adopt(_ version: UInt32, _ text: String, _ additions: Catalog.Additions) {
        policyVersion = version
        policyText = text
        catalog.add(additions)
        while agents.count < catalog.agents.count { agents.append(LedgerAgent()) }
        while groups.count < catalog.groups.count { groups.append(GroupCount()) }
        listGroups()
        while owners.count < catalog.regions.count {
            owners.append(
                RegionOwner(region: RegionID(UInt32(owners.count)), owner: .none, epoch: OwnerEpoch(0)))
        }
    }

    private mutating func endRouter(_ incarnation: Incarnation, at wall: WallTime) {
        routers.removeAll { $0.incarnation == incarnation }
        draining.removeAll { $0 == incarnation }
        for index in agents.indices where agents[index].presence == .attached(incarnation) {
            agents[index].detach(at: wall)
        }
    }

    // MARK: - tickets

    private mutating func open(_ opened: LedgerRecord.Opened, at wall: WallTime) {
        invariant(opened.ticket.value == ticketsOpened + 1, "tickets are numbered without gaps")
        ticketsOpened = opened.ticket.value
        keys.keep(opened.key, hash: opened.hash, ticket: opened.ticket)
        add(LedgerTicket(opened, at: wall))
    }

    private mutating func assign(
        _ id: TicketID, _ fence: Fence, _ agent: AgentID, _ command: CommandID?, _ decision: DecisionRecord?,
        at wall: WallTime
    ) {
        if let (group, since) = tickets.read(id, { ($0.group, $0.waitingSince) }) {
            groups[group.index].left(after: wall.since(since), at: wall)
        }
        change(id) { ticket in
            invariant(ticket.state == .waiting, "only a waiting ticket is assigned; \(id.value) is \(ticket.state)")
            ticket.fence = fence
            ticket.state = .assigned(agent)
            ticket.leaveQueue()
            ticket.decision = decision
            ticket.note(.assigned, at: wall, agent: agent)
        }
        agents[agent.index].work.append(id)
        if let command { agents[agent.index].keep(.assigned(id, fence), for: command) }
    }

    private mutating func note(
        attempt id: TicketID, _ agent: AgentID, _ end: OfferEnd, _ reason: String, _ offer: OfferNumber?,
        at wall: WallTime
    ) {
        change(id) { ticket in
            ticket.standing.attempts += 1
            if let offer { ticket.count(offer) }
            ticket.note(
                end == .declined ? .declined : .expired, at: wall, agent: agent,
                reason.isEmpty ? nil : Cause(.agent, note: reason))
        }
    }

    private mutating func note(
        _ id: TicketID, _ what: LedgerRecord.Noted, _ agent: AgentID, _ command: CommandID?, at wall: WallTime
    ) {
        var fence = Fence(0)
        change(id) { ticket in
            fence = ticket.fence
            switch what {
            case .replied(let text): ticket.note(.replied, at: wall, agent: agent, Cause.excerpt(.agent, of: text))
            case .noted(let text): ticket.note(.noted, at: wall, agent: agent, Cause.excerpt(.agent, of: text))
            case .paused(let pause):
                ticket.state = .pending(agent)
                ticket.standing.pause = pause
                ticket.note(.paused, at: wall, agent: agent, Cause(.agent, note: pause.reason))
            case .resumed(let why):
                ticket.state = .assigned(agent)
                ticket.standing.pause = nil
                ticket.note(.resumed, at: wall, agent: agent, why)
            }
        }
        if let command { agents[agent.index].keep(.done(fence), for: command) }
    }

    private mutating func move(_ moved: LedgerRecord.Moved, at wall: WallTime) {
        release(moved.ticket)
        change(moved.ticket) { ticket in
            ticket.fence = moved.fence
            ticket.state = .waiting
            ticket.waitingSince = wall
            let isElsewhere = moved.group != ticket.group
            if isElsewhere { ticket.enter(moved.group) }
            if !moved.keepsAge && (isElsewhere || moved.cause == .reopened || moved.cause == .started) {
                ticket.enteredAt = wall
            }
            var others = ticket.others
            others.move(moved, isElsewhere: isElsewhere)
            ticket.others = others
            ticket.note(TicketStep.Kind(moved.cause), at: wall, agent: moved.agent, moved.why)
        }
        if let agent = moved.agent, let command = moved.id {
            agents[agent.index].keep(.done(moved.fence), for: command)
        }
    }

    private mutating func widen(
        _ id: TicketID, _ group: GroupID, _ step: UInt32, _ why: Cause, at wall: WallTime
    ) {
        if tickets.read(id, { $0.widenings.isEmpty }) ?? false { ticketsWidened += 1 }
        change(id) { ticket in
            ticket.widenings.append(
                LedgerTicket.Widening(group: group, step: step, trigger: why.trigger, at: wall))
            ticket.standing.hops += 1
            ticket.note(.widened, at: wall, agent: nil, group: group, why)
        }
        if let home = tickets.read(id, { $0.group }) { groups[home.index].overflowed(by: why.trigger) }
    }

    private mutating func schedule(_ scheduled: LedgerRecord.Scheduled, at wall: WallTime) {
        release(scheduled.ticket)
        change(scheduled.ticket) { ticket in
            ticket.fence = scheduled.fence
            ticket.state = .scheduled
            ticket.leaveQueue()
            ticket.standing.pause = nil
            ticket.standing.startsAt = scheduled.startsAt
            // Patience zero: how long he is asked alone is said when it starts.
            ticket.preferred = scheduled.agent.map { Preference($0, for: .zero) }
            ticket.note(.scheduled, at: wall, agent: scheduled.agent, scheduled.why)
        }
        if let agent = scheduled.agent, let command = scheduled.id {
            agents[agent.index].keep(.done(scheduled.fence), for: command)
        }
    }

    private mutating func quarantine(_ id: TicketID, _ fence: Fence, _ why: Cause, at wall: WallTime) {
        release(id)
        change(id) { ticket in
            ticket.fence = fence
            ticket.state = .quarantined
            ticket.leaveQueue()
            ticket.standing.pause = nil
            if why.trigger == .deaths { ticket.standing.deaths += 1 }
            ticket.note(.quarantined, at: wall, agent: nil, why)
        }
    }

    private mutating func resolve(
        _ id: TicketID, _ agent: AgentID, _ command: CommandID?, _ handedOut: Cause?, at wall: WallTime
    ) {
        release(id)
        var fence = Fence(0)
        if handedOut == nil, let customer = tickets.read(id, { $0.said.customer }) {
            customers.note(agent, for: customer)
        }
        change(id) { ticket in
            fence = ticket.fence
            ticket.state = .resolved(agent)
            ticket.standing.pause = nil
            ticket.standing.disposition = handedOut.map { .handedOut($0.by) }
            ticket.note(handedOut == nil ? .resolved : .handedOut, at: wall, agent: agent, handedOut)
        }
        if let command { agents[agent.index].keep(.done(fence), for: command) }
    }

    private mutating func close(
        _ id: TicketID, _ fence: Fence, _ disposition: Disposition, _ why: Cause, at wall: WallTime
    ) {
        release(id)
        change(id) { ticket in
            ticket.fence = fence
            ticket.state = .closed
            ticket.leaveQueue()
            ticket.standing.pause = nil
            ticket.standing.disposition = disposition
            ticket.clocks.end(at: wall)
            ticket.note(TicketStep.Kind(disposition), at: wall, agent: nil, why)
        }
        guard let ticket = tickets.remove(id) else { return }
        ticketsClosed += 1
        keys.close(ticket.key, at: wall)
        for key in ticket.keys { keys.close(key, at: wall) }
        let record = ticket.record
        closed.keep(record)
        left = record
    }

    /// The command may have been the one that closed the ticket: its key is then kept as the ticket's others are.
    private mutating func keep(_ key: SubmitKey, _ hash: UInt64, for id: TicketID, at wall: WallTime) {
        guard let fence = tickets.read(id, { $0.fence }) else {
            keys.keep(key, hash: hash, ticket: id, fence: closed[id]?.fence ?? Fence(0))
            return keys.close(key, at: wall)
        }
        var forgotten: SubmitKey?
        tickets.change(id) { ticket in
            if ticket.keys.count == Limits.keysPerTicketMax { forgotten = ticket.keys.removeFirst() }
            ticket.keys.append(key)
        }
        if let forgotten { keys.drop(forgotten) }
        keys.keep(key, hash: hash, ticket: id, fence: fence)
    }

    /// Takes the ticket out of its holder's hands.
    private mutating func release(_ id: TicketID) {
        guard let holder = tickets.read(id, { $0.state.holder }) ?? nil else { return }
        agents[holder.index].letGo(of: id)
    }

    /// Changes a ticket and keeps the groups' counts and lists in step.
    private mutating func change(_ id: TicketID, _ body: (inout LedgerTicket) -> Void) {
        var before: (group: GroupID, state: TicketState, widened: Bool, priority: Priority)?
        var after: (group: GroupID, state: TicketState, widened: Bool, priority: Priority)?
        tickets.change(id) { ticket in
            before = (ticket.group, ticket.state, !ticket.widenings.isEmpty, ticket.priority)
            body(&ticket)
            after = (ticket.group, ticket.state, !ticket.widenings.isEmpty, ticket.priority)
        }
        guard let before, let after else { return }
        groups[before.group.index].add(before.state, before.widened, before.priority, -1)
        groups[after.group.index].add(after.state, after.widened, after.priority, 1)
        guard isListing else { return }
        if after.state == .quarantined { quarantined.insert(id) }
        if before.state == .quarantined && after.state != .quarantined { quarantined.remove(id) }
        let (waited, waits) = (before.state == .waiting, after.state == .waiting)
        guard waited != waits || before.group != after.group else { return }
        if waited { waitingIn[before.group.index].remove(id) }
        if waits { waitingIn[after.group.index].insert(id) }
    }
}
