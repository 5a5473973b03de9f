package import Routing

/// No assignment takes an agent over his capacity, in units or in tickets of a channel (promise 2): counted from the
/// records and the policy, not by the node's own sums.
package struct CapacityKept: Checker {
    package let name = "CapacityKept"
    private var complaints = Complaints()
    private var policy = Policy.empty

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        switch observation {
        case .journaled(let lsn, _, .assigned(let id, _, let agent, _, _)):
            if books.isNext(lsn) { check(agent, id, lsn, books) }
        case .coordinatorStarted(_, let policy), .policyInForce(let policy): self.policy = policy
        default: break
        }
    }

    private mutating func check(_ id: AgentID, _ ticket: TicketID, _ lsn: LSN, _ books: Books) {
        guard let agent = policy.agent(id) else {
            return complaints.add("record \(lsn.value) gives ticket \(ticket.value) to somebody who is not there")
        }
        let held = books.held(by: id)
        let given = books.tickets[ticket]
        let units = held.reduce(UInt32(given?.cost.active ?? 0)) { $0 + $1.units }
        complaints.expect(
            units <= agent.capacity, "record \(lsn.value): \(agent.name) has \(units) units of \(agent.capacity)")
        guard let channel = given?.channel,
            let limit = agent.channelLimits.first(where: { $0.channel == channel })
        else { return }
        let count = held.count { $0.channel == channel } + 1
        complaints.expect(
            count <= Int(limit.most), "record \(lsn.value): \(agent.name) has \(count) of \(channel)")
    }
}

/// An agent is in one session at a time, under one epoch, at one living router; only there he is given tickets, and
/// what he does comes from the program that attached last.
package struct OneSession: Checker {
    package let name = "OneSession"
    private var complaints = Complaints()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        if case .journaled(let lsn, _, let record) = observation, books.isNext(lsn) { check(record, lsn, books) }
    }

    private mutating func check(_ record: LedgerRecord, _ lsn: LSN, _ books: Books) {
        if case .attached(let agent, let epoch, let home, _) = record {
            let former = books.agents[agent]?.epoch ?? AgentEpoch(0)
            complaints.expect(
                epoch == former.next && books.routers[home] != nil,
                "record \(lsn.value) attaches agent \(agent.value) in \(epoch.value) after \(former.value)")
        }
        if case .assigned(let ticket, _, let agent, _, _) = record { expectAttached(agent, ticket, lsn, books) }
        guard let command = record.command, let ticket = record.ticket else { return }
        var agent = record.holder
        if case .assigned(_, _, let holder, _, _) = record { agent = holder }
        guard let agent else { return }
        expectAttached(agent, ticket, lsn, books)
        complaints.expect(
            books.agents[agent]?.instance == command.instance,
            "record \(lsn.value): another program than the present one of agent \(agent.value) acts on \(ticket.value)")
    }

    private mutating func expectAttached(_ agent: AgentID, _ ticket: TicketID, _ lsn: LSN, _ books: Books) {
        if case .attached(let home)? = books.agents[agent]?.presence, books.routers[home] != nil { return }
        complaints.add("record \(lsn.value): agent \(agent.value), who is not there, gets or has \(ticket.value)")
    }
}

/// Routers are given regions one after the other, each with an epoch of its own; none has a region of which the ledger
/// says otherwise for longer than it takes to hear that.
package struct OwnersAgree: Checker {
    package let name = "OwnersAgree"
    private var complaints = Complaints()
    private var calm = Calm()
    private var pace = Pace()
    private var lasting = Lasting<String>()

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {
        guard case .journaled(let lsn, _, .regionOwned(let owner)) = observation, books.isNext(lsn) else { return }
        let former = books.owners[owner.region]?.epoch ?? OwnerEpoch(0)
        complaints.expect(
            owner.epoch == former.next && books.routers[owner.owner] != nil,
            "record \(lsn.value): the epoch of region \(owner.region.value) is not \(former.value) + 1")
    }

    package mutating func look(at cores: any Cores) {
        guard pace.isDue(cores, every: 500) else { return }
        var claims: [OwnerEpoch: [RegionID: String]] = [:]
        cores.forEachRouter { router in
            for owned in router.owned {
                if let other = claims[owned.epoch]?[owned.region] {
                    complaints.add("\(other) and \(router.name) both own region \(owned.region.value)")
                }
                claims[owned.epoch, default: [:]][owned.region] = router.name
            }
        }
        let length = calm.length(cores)
        guard length >= 5_000, cores.hasCoordinator else { return lasting.forget() }
        var stale: [String] = []
        cores.withCoordinator { core in
            cores.forEachRouter { router in
                guard router.incarnation != .none else { return }
                for owned in router.owned where core.ledger.owner(of: owned.region)?.epoch != owned.epoch {
                    stale.append("\(router.name) owns region \(owned.region.value) in \(owned.epoch.value)")
                }
            }
        }
        let now = cores.now.instant.milliseconds
        for sentence in lasting.look(now, at: stale, for: 2_000) {
            complaints.add("\(sentence), and the ledger differs")
        }
    }
}
