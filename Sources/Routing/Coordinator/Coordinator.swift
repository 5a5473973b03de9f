/// The brain of the coordinator node: the ledger, who is a member, which timers run. Events in, effects out.
///
/// `decide…` functions check and answer; what they decide becomes `LedgerRecord`s, and only `commit` applies them.
/// Safety comes from here alone: fence, agent epoch and capacity are checked at `assign`, and nothing else has to be
/// right.
package struct Coordinator: Sendable {
    /// Names a request whose reply is awaited; given by the shell.
    package struct RequestToken: Hashable, Sendable {
        package let value: UInt64
        package init(_ value: UInt64) { self.value = value }
    }

    package enum Event: Sendable {
        /// First of every turn: what is due fires before commands.
        case turnBegins
        case policyLoaded(Policy, text: String, additions: Catalog.Additions)
        case join(Join, RequestToken)
        case leave(Incarnation, RequestToken)
        case exchange(Exchange, RequestToken)
        case query(Command, RequestToken)
        /// While the ledger's disk is nearly full, new tickets are refused; what is there already goes on.
        case diskChanged(isNearlyFull: Bool)
        /// Last of every turn: leases are judged after the whole inbox, parked polls are answered once.
        case turnEnds
    }

    /// Done in order by the shell: all records of a turn are journaled and synced before any reply leaves.
    package enum Effect: Equatable, Sendable {
        case journal(LSN, WallTime, LedgerRecord)
        case joined(Joined, RequestToken)
        case exchanged(Exchanged, RequestToken)
        case answered(Outcome, RequestToken)
        case refused(RouterRefusal, RequestToken)
        /// For the log: something an operator wants to know.
        case report(Report)
    }

    package enum Report: Equatable, Sendable {
        case routerJoined(String, Incarnation)
        case routerLeft(String)
        case routerLost(String)
        case regionOwned(String, by: String)
        case graceEnded(String, tickets: Int)
        case policyAdopted(UInt32)
    }

    enum Timer: Equatable, Sendable {
        /// The ticket's overflow step of that number, for this stay in the queue.
        case widen(TicketID, Fence, step: Int)
        case close(TicketID, Fence)
        case grace(AgentID, AgentEpoch)
    }

    package private(set) var ledger: Ledger
    package internal(set) var policy = Policy.empty
    package internal(set) var counters = ClusterStatus.Counters()
    package internal(set) var refusals = RefusalCounts()
    var members = Membership.Members()
    var deadlines = Deadlines<Timer>()
    var time = WallTime(milliseconds: 0)
    var isDiskNearlyFull = false

    /// Takes up a ledger folded from the journal and begins a new reign.
    package init(ledger: Ledger, at now: Now, into effects: inout [Effect]) {
        self.ledger = ledger
        time = max(now.wall, ledger.wall)
        commit(.reignBegan(ledger.reign + 1), &effects)
        for router in ledger.routers {
            members.resume(router, leaseUntil: now.instant + Timing().lease, at: self.ledger.lsn)
        }
    }

    package mutating func step(_ event: Event, at now: Now, into effects: inout [Effect]) {
        time = max(now.wall, ledger.wall)
        switch event {
        case .turnBegins: fireDue(at: now, &effects)
        case .policyLoaded(let policy, let text, let additions): adopt(policy, text, additions, at: now, &effects)
        case .join(let join, let token): admit(join, token, at: now, &effects)
        case .leave(let incarnation, let token): leave(incarnation, token, at: now, &effects)
        case .exchange(let exchange, let token): serve(exchange, token, at: now, &effects)
        case .query(let command, let token):
            effects.append(.answered(decide(command, from: .none, at: now, &effects), token))
        case .diskChanged(let isNearlyFull): isDiskNearlyFull = isNearlyFull
        case .turnEnds:
            judgeLeases(at: now, &effects)
            answerParked(at: now, &effects)
        }
    }

    /// When the next timer is due; the shell steps a turn then at the latest.
    package var nextDeadline: Instant? { deadlines.next.map { Instant(milliseconds: $0) } }

    // MARK: - records

    /// Applies an outcome, notes whom it concerns, and hands it to the journal.
    mutating func commit(_ record: LedgerRecord, _ effects: inout [Effect]) {
        let ticket = record.ticket
        let before = ticket.map { interest(in: $0) } ?? []
        ledger.apply(record, at: time)
        counters.records += 1
        if let ticket {
            for region in before { members.changed(ticket, in: region, at: ledger.lsn, owner(of: region)) }
            for region in interest(in: ticket) where !before.contains(region) {
                members.changed(ticket, in: region, at: ledger.lsn, owner(of: region))
            }
        }
        effects.append(.journal(ledger.lsn, time, record))
    }

    /// The regions whose owners queue the ticket now.
    private func interest(in id: TicketID) -> [RegionID] {
        guard let ticket = ledger.tickets[id], ticket.state == .waiting else { return [] }
        var regions: [RegionID] = []
        for group in [ticket.group] + ticket.widened {
            if let region = policy.group(group)?.region, !regions.contains(region) { regions.append(region) }
        }
        return regions
    }

    func owner(of region: RegionID) -> Incarnation { ledger.owner(of: region)?.owner ?? .none }

    // MARK: - policy

    /// Takes up the policy compiled from the cluster file; its text is journaled only when it is a new one.
    private mutating func adopt(
        _ policy: Policy, _ text: String, _ additions: Catalog.Additions, at now: Now, _ effects: inout [Effect]
    ) {
        if policy.version != ledger.policyVersion {
            commit(.policyAdopted(version: policy.version, text: text, additions: additions), &effects)
        }
        invariant(policy.catalog == ledger.catalog, "the policy speaks of other numbers than the ledger")
        let isFirst = self.policy.version == 0
        self.policy = policy
        members.policyChanged(at: ledger.lsn, regions: policy.catalog.regions.count)
        if isFirst {
            for router in ledger.routers { members.renew(router.incarnation, until: now.instant + policy.timing.lease) }
            rearm(at: now)
        }
        effects.append(.report(.policyAdopted(policy.version)))
    }

    // MARK: - timers

    /// Arms what the ledger says should be armed: at the start of a reign.
    private mutating func rearm(at now: Now) {
        for ticket in ledger.tickets.all {
            switch ticket.state {
            case .waiting: armWidening(ticket, at: now)
            case .resolved: armClose(ticket.id, ticket.fence, at: now)
            case .assigned, .pending, .closed: break
            }
        }
        for index in ledger.agents.indices {
            // A new reign begins every running grace anew: nobody loses tickets because the coordinator was away.
            if case .inGrace = ledger.agents[index].presence {
                armGrace(AgentID(UInt32(index)), ledger.agents[index].epoch, at: now)
            }
        }
    }

    mutating func armWidening(_ ticket: LedgerTicket, at now: Now) {
        let steps = policy.group(ticket.group)?.overflow ?? []
        let step = ticket.widened.count
        guard step < steps.count else { return }
        let waited = time.since(ticket.waitingSince)
        let left = steps[step].after > waited ? steps[step].after.milliseconds - waited.milliseconds : 0
        deadlines.arm(.widen(ticket.id, ticket.fence, step: step), due: now.instant.milliseconds + left)
    }

    mutating func armClose(_ id: TicketID, _ fence: Fence, at now: Now) {
        deadlines.arm(.close(id, fence), due: (now.instant + policy.timing.reopenWindow).milliseconds)
    }

    mutating func armGrace(_ agent: AgentID, _ epoch: AgentEpoch, at now: Now) {
        deadlines.arm(.grace(agent, epoch), due: (now.instant + policy.timing.grace).milliseconds)
    }

    private mutating func fireDue(at now: Now, _ effects: inout [Effect]) {
        while let timer = deadlines.popDue(at: now.instant.milliseconds) {
            switch timer {
            case .widen(let id, let fence, let step): widen(id, fence, step, at: now, &effects)
            case .close(let id, let fence):
                guard let ticket = ledger.tickets[id], ticket.fence == fence, case .resolved = ticket.state else {
                    break
                }
                commit(.closed(id, fence.next), &effects)
            case .grace(let agent, let epoch): endGrace(of: agent, epoch, at: now, &effects)
            }
        }
    }

    private mutating func widen(
        _ id: TicketID, _ fence: Fence, _ step: Int, at now: Now, _ effects: inout [Effect]
    ) {
        guard let ticket = ledger.tickets[id], ticket.fence == fence, ticket.state == .waiting,
            ticket.widened.count == step, let group = policy.group(ticket.group), step < group.overflow.count
        else { return }
        commit(.widened(id, group.overflow[step].target), &effects)
        if let widened = ledger.tickets[id] { armWidening(widened, at: now) }
    }

    private mutating func endGrace(
        of agent: AgentID, _ epoch: AgentEpoch, at now: Now, _ effects: inout [Effect]
    ) {
        guard let row = ledger.agent(agent), row.epoch == epoch, case .inGrace = row.presence else { return }
        commit(.graceEnded(agent, epoch), &effects)
        for id in row.work { returnToQueue(id, from: nil, nil, at: now, &effects) }
        effects.append(.report(.graceEnded(policy.catalog.agents.name(agent.value), tickets: row.work.count)))
    }

    /// Back to the queue it came from, with its age.
    mutating func returnToQueue(
        _ id: TicketID, from agent: AgentID?, _ command: CommandID?, at now: Now, _ effects: inout [Effect]
    ) {
        guard let ticket = ledger.tickets[id] else { return }
        commit(
            .moved(
                LedgerRecord.Moved(
                    ticket: id, fence: ticket.fence.next, group: ticket.group, cause: .returned, agent: agent,
                    id: command)), &effects)
        if let returned = ledger.tickets[id] { armWidening(returned, at: now) }
    }
}
