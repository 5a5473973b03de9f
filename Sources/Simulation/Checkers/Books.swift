import Routing

/// What the journal's records say, read by a hand of its own: no line of it is the ledger's, and what does not follow
/// is taken down all the same, for the checkers to complain of. All of them read the same books.
package final class Books {
    package init() {}

    struct Ticket {
        var fence = Fence(1)
        var state: TicketState
        var group: GroupID
        var cost: Cost
        var channel: String
        let key: SubmitKey
        var units: UInt32 {
            switch state {
            case .assigned: UInt32(cost.active)
            case .pending: UInt32(cost.pending)
            case .waiting, .resolved, .closed, .scheduled, .quarantined: 0
            }
        }
    }
    struct Agent {
        var presence = LedgerAgent.Presence.offline
        var epoch = AgentEpoch(0)
        var instance = ClientInstance(0)
    }

    private(set) var tickets: [TicketID: Ticket] = [:]
    private(set) var closed: Set<TicketID> = []
    private(set) var agents: [AgentID: Agent] = [:]
    private(set) var routers: [Incarnation: RouterInfo] = [:]
    private(set) var owners: [RegionID: RegionOwner] = [:]
    private(set) var lsn = LSN.zero
    /// After a death records can be durable that nobody was told of; the next reign's ledger has them.
    private(set) var isBehind = false

    /// Whether the record follows what is known; else nothing can be said of it.
    func isNext(_ lsn: LSN) -> Bool { !isBehind && lsn.value == self.lsn.value + 1 }

    package func follow(_ observation: Observation) {
        switch observation {
        case .journaled(let lsn, let wall, let record):
            isBehind = !isNext(lsn)
            self.lsn = lsn
            apply(record, at: wall)
        case .coordinatorStarted(let ledger, _): take(ledger)
        default: break
        }
    }

    /// The next reign's ledger is what there is.
    private func take(_ ledger: Ledger) {
        let former = tickets.keys
        tickets = [:]
        for ticket in ledger.tickets.all {
            tickets[ticket.id] = Ticket(
                fence: ticket.fence, state: ticket.state, group: ticket.group, cost: ticket.cost,
                channel: ticket.channel, key: ticket.key)
        }
        closed.formUnion(former.filter { tickets[$0] == nil })
        for (index, row) in ledger.agents.enumerated() {
            agents[AgentID(UInt32(index))] = Agent(
                presence: row.presence, epoch: row.epoch, instance: row.instance)
        }
        routers = Dictionary(uniqueKeysWithValues: ledger.routers.map { ($0.incarnation, $0) })
        owners = Dictionary(uniqueKeysWithValues: ledger.owners.map { ($0.region, $0) })
        lsn = ledger.lsn
        isBehind = false
    }

    func held(by agent: AgentID) -> [Ticket] { tickets.values.filter { $0.state.holder == agent } }

    private func apply(_ record: LedgerRecord, at wall: WallTime) {
        switch record {
        case .opened(let opened):
            tickets[opened.ticket] = Ticket(
                state: opened.startsAt == nil ? .waiting : .scheduled, group: opened.classification.group,
                cost: opened.classification.cost, channel: opened.submission.channel, key: opened.key)
        case .assigned(let id, let fence, let agent, _, _): change(id, .assigned(agent), fence)
        case .noted(let id, .paused, let agent, _): change(id, .pending(agent))
        case .noted(let id, .resumed, let agent, _): change(id, .assigned(agent))
        case .moved(let moved):
            change(moved.ticket, .waiting, moved.fence)
            tickets[moved.ticket]?.group = moved.group
        case .resolved(let id, let agent, _, _): change(id, .resolved(agent))
        case .closed(let id, _, _, _):
            tickets[id] = nil
            closed.insert(id)
        case .scheduled(let scheduled): change(scheduled.ticket, .scheduled, scheduled.fence)
        case .quarantined(let id, let fence, _): change(id, .quarantined, fence)
        case .callback(let id, _, let cost, _):
            tickets[id]?.cost = cost
            tickets[id]?.channel = Policy.callbackChannel
        default: applyToCompany(record, at: wall)
        }
    }

    private func applyToCompany(_ record: LedgerRecord, at wall: WallTime) {
        switch record {
        case .attached(let agent, let epoch, let home, let instance):
            agents[agent] = Agent(presence: .attached(home), epoch: epoch, instance: instance)
        case .detached(let agent, _): agents[agent]?.presence = .inGrace(since: wall)
        case .graceEnded(let agent, _): agents[agent]?.presence = .offline
        case .routerJoined(let router): routers[router.incarnation] = router
        case .routerEnded(let incarnation):
            routers[incarnation] = nil
            for (id, agent) in agents where agent.presence == .attached(incarnation) {
                agents[id]?.presence = .inGrace(since: wall)
            }
        case .regionOwned(let owner): owners[owner.region] = owner
        default: break
        }
    }

    private func change(_ id: TicketID, _ state: TicketState, _ fence: Fence? = nil) {
        tickets[id]?.state = state
        if let fence { tickets[id]?.fence = fence }
    }
}

extension LedgerRecord {
    /// The fence that the ticket has after it, for those that raise it.
    var raisedFence: Fence? {
        switch self {
        case .assigned(_, let fence, _, _, _), .closed(_, let fence, _, _), .quarantined(_, let fence, _): fence
        case .moved(let moved): moved.fence
        case .scheduled(let scheduled): scheduled.fence
        default: nil
        }
    }

    /// Who did it as the ticket's holder.
    var holder: AgentID? {
        switch self {
        case .noted(_, _, let agent, _), .resolved(_, let agent, _, _): agent
        case .moved(let moved): moved.agent
        case .scheduled(let scheduled): scheduled.agent
        default: nil
        }
    }

    /// The agent's command that it came of.
    var command: CommandID? {
        switch self {
        case .assigned(_, _, _, let id, _), .noted(_, _, _, let id), .resolved(_, _, let id, _): id
        case .moved(let moved): moved.id
        case .scheduled(let scheduled): scheduled.id
        default: nil
        }
    }
}
