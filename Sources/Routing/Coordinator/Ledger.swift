/// Every live ticket with its holder and history, who is attached where, which routers live, which keys were used:
/// the fold of the journal's records. `apply` is the only thing that changes it, in life as in replay.
package struct Ledger: Sendable {
    package private(set) var lsn = LSN.zero
    /// The latest time in the journal; the coordinator's own time never falls behind it.
    package private(set) var wall = WallTime(milliseconds: 0)
    package private(set) var reign: UInt32 = 0
    package private(set) var policyVersion: UInt32 = 0
    package private(set) var policyText = ""
    package private(set) var catalog = Catalog()
    package private(set) var tickets = TicketStore()
    package private(set) var ticketsOpened: UInt64 = 0
    package private(set) var ticketsClosed: UInt64 = 0
    package private(set) var ticketsWidened: UInt64 = 0
    package private(set) var agents: [LedgerAgent] = []
    /// In order of joining.
    package private(set) var routers: [RouterInfo] = []
    package private(set) var incarnationLast = Incarnation.none
    /// By `RegionID.index`; an owner of `.none` means nobody.
    package private(set) var owners: [RegionOwner] = []
    package private(set) var keys = KeyStore()
    package private(set) var groups: [GroupCount] = []
    package private(set) var closed = ClosedTickets()
    package private(set) var customers = CustomerStore()

    package init() {}

    package func agent(_ id: AgentID) -> LedgerAgent? { id.index < agents.count ? agents[id.index] : nil }
    package func router(_ incarnation: Incarnation) -> RouterInfo? { routers.first { $0.incarnation == incarnation } }
    package func owner(of region: RegionID) -> RegionOwner? {
        region.index < owners.count ? owners[region.index] : nil
    }
    package func count(of group: GroupID) -> GroupCount {
        group.index < groups.count ? groups[group.index] : GroupCount()
    }

    /// Takes in the next record. Ends the process if it does not follow from the state: the journal is then not ours.
    package mutating func apply(_ record: LedgerRecord, at wall: WallTime) {
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
        case .regionOwned(let owner): owners[owner.region.index] = owner
        case .attached(let agent, let epoch, let home, let instance):
            agents[agent.index].attach(epoch, to: home, instance)
        case .detached(let agent, _): agents[agent.index].detach(at: wall)
        case .graceEnded(let agent, _): agents[agent.index].presence = .offline
        case .opened(let opened): open(opened, at: wall)
        case .assigned(let ticket, let fence, let agent, let id): assign(ticket, fence, agent, id, at: wall)
        case .attempted(let ticket, _, let agent, let end, _): note(attempt: ticket, agent, end, at: wall)
        case .noted(let ticket, let what, let agent, let id): note(ticket, what, agent, id, at: wall)
        case .moved(let moved): move(moved, at: wall)
        case .widened(let ticket, let group): widen(ticket, group, at: wall)
        case .resolved(let ticket, let agent, let id): resolve(ticket, agent, id, at: wall)
        case .closed(let ticket, let fence): close(ticket, fence, at: wall)
        }
    }

    // MARK: - the company

    private mutating func adopt(_ version: UInt32, _ text: String, _ additions: Catalog.Additions) {
        policyVersion = version
        policyText = text
        catalog.add(additions)
        while agents.count < catalog.agents.count { agents.append(LedgerAgent()) }
        while groups.count < catalog.groups.count { groups.append(GroupCount()) }
        while owners.count < catalog.regions.count {
            owners.append(
                RegionOwner(region: RegionID(UInt32(owners.count)), owner: .none, epoch: OwnerEpoch(0)))
        }
    }

    private mutating func endRouter(_ incarnation: Incarnation, at wall: WallTime) {
        routers.removeAll { $0.incarnation == incarnation }
        for index in agents.indices where agents[index].presence == .attached(incarnation) {
            agents[index].detach(at: wall)
        }
    }

    // MARK: - tickets

    private mutating func open(_ opened: LedgerRecord.Opened, at wall: WallTime) {
        invariant(opened.ticket.value == ticketsOpened + 1, "tickets are numbered without gaps")
        ticketsOpened = opened.ticket.value
        let ticket = LedgerTicket(opened, at: wall)
        keys.keep(opened.key, hash: opened.hash, ticket: opened.ticket)
        tickets.insert(ticket)
        count(ticket, 1)
    }

    private mutating func assign(
        _ id: TicketID, _ fence: Fence, _ agent: AgentID, _ command: CommandID?, at wall: WallTime
    ) {
        change(id) { ticket in
            invariant(ticket.state == .waiting, "only a waiting ticket is assigned; \(id.value) is \(ticket.state)")
            ticket.fence = fence
            ticket.state = .assigned(agent)
            ticket.widened = []
            ticket.note(.assigned, at: wall, agent: agent)
        }
        agents[agent.index].work.append(id)
        if let command { agents[agent.index].keep(.assigned(id, fence), for: command) }
    }

    private mutating func note(attempt id: TicketID, _ agent: AgentID, _ end: OfferEnd, at wall: WallTime) {
        change(id) { ticket in
            ticket.attempts &+= 1
            ticket.note(end == .declined ? .declined : .expired, at: wall, agent: agent)
        }
    }

    private mutating func note(
        _ id: TicketID, _ what: LedgerRecord.Noted, _ agent: AgentID, _ command: CommandID?, at wall: WallTime
    ) {
        var fence = Fence(0)
        change(id) { ticket in
            fence = ticket.fence
            switch what {
            case .replied: ticket.note(.replied, at: wall, agent: agent)
            case .noted: ticket.note(.noted, at: wall, agent: agent)
            case .paused:
                ticket.state = .pending(agent)
                ticket.note(.paused, at: wall, agent: agent)
            case .resumed:
                ticket.state = .assigned(agent)
                ticket.note(.resumed, at: wall, agent: agent)
            }
        }
        if let command { agents[agent.index].keep(.done(fence), for: command) }
    }

    private mutating func move(_ moved: LedgerRecord.Moved, at wall: WallTime) {
        release(moved.ticket)
        change(moved.ticket) { ticket in
            ticket.fence = moved.fence
            ticket.state = .waiting
            ticket.widened = []
            ticket.waitingSince = wall
            if moved.group != ticket.group {
                ticket.enter(moved.group)
                ticket.enteredAt = wall
            }
            ticket.note(TicketStep.Kind(moved.cause), at: wall, agent: moved.agent)
        }
        if let agent = moved.agent, let command = moved.id {
            agents[agent.index].keep(.done(moved.fence), for: command)
        }
    }

    private mutating func widen(_ id: TicketID, _ group: GroupID, at wall: WallTime) {
        if tickets[id]?.widened.isEmpty ?? false { ticketsWidened += 1 }
        change(id) { ticket in
            ticket.widened.append(group)
            ticket.note(.widened, at: wall, agent: nil, group: group)
        }
    }

    private mutating func resolve(_ id: TicketID, _ agent: AgentID, _ command: CommandID?, at wall: WallTime) {
        release(id)
        var fence = Fence(0)
        if let customer = tickets[id]?.submission.customer { customers.note(agent, for: customer) }
        change(id) { ticket in
            fence = ticket.fence
            ticket.state = .resolved(agent)
            ticket.note(.resolved, at: wall, agent: agent)
        }
        if let command { agents[agent.index].keep(.done(fence), for: command) }
    }

    private mutating func close(_ id: TicketID, _ fence: Fence, at wall: WallTime) {
        release(id)
        change(id) { ticket in
            ticket.fence = fence
            ticket.state = .closed
            ticket.note(.closed, at: wall, agent: nil)
        }
        guard let ticket = tickets.remove(id) else { return }
        ticketsClosed += 1
        keys.close(ticket.key, at: wall)
        closed.keep(ticket.record(withText: false))
    }

    /// Takes the ticket out of its holder's hands.
    private mutating func release(_ id: TicketID) {
        guard let holder = tickets[id]?.state.holder else { return }
        agents[holder.index].work.removeAll { $0 == id }
    }

    /// Changes a ticket and keeps the groups' counts in step.
    private mutating func change(_ id: TicketID, _ body: (inout LedgerTicket) -> Void) {
        var before: (group: GroupID, state: TicketState, widened: Bool)?
        var after: (group: GroupID, state: TicketState, widened: Bool)?
        tickets.change(id) { ticket in
            before = (ticket.group, ticket.state, !ticket.widened.isEmpty)
            body(&ticket)
            after = (ticket.group, ticket.state, !ticket.widened.isEmpty)
        }
        if let before { groups[before.group.index].add(before.state, before.widened, -1) }
        if let after { groups[after.group.index].add(after.state, after.widened, 1) }
    }

    private mutating func count(_ ticket: LedgerTicket, _ sign: Int32) {
        groups[ticket.group.index].add(ticket.state, !ticket.widened.isEmpty, sign)
    }
}

/// How many tickets of a group are in which state.
package struct GroupCount: Equatable, Sendable {
    package private(set) var waiting: Int32 = 0
    package private(set) var working: Int32 = 0
    package private(set) var pending: Int32 = 0
    package private(set) var widened: Int32 = 0

    mutating func add(_ state: TicketState, _ isWidened: Bool, _ sign: Int32) {
        switch state {
        case .waiting:
            waiting += sign
            if isWidened { widened += sign }
        case .assigned: working += sign
        case .pending: pending += sign
        case .resolved, .closed: break
        }
        invariant(waiting >= 0 && working >= 0 && pending >= 0 && widened >= 0, "a group's count fell below zero")
    }
}

extension TicketStep.Kind {
    init(_ cause: MoveCause) {
        switch cause {
        case .escalated: self = .escalated
        case .sentDown: self = .sentDown
        case .transferred: self = .transferred
        case .returned: self = .returned
        }
    }
}
