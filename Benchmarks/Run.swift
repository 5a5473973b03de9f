import Routing

/// All measurements at one size. Ratios are to the plain scan of the same run.
struct Run {
    private let agents: Int
    private var town: Town
    private var presence = PresenceView()
    private var queues: Queues
    private let now = Instant(milliseconds: 2_000_000)
    private let home = Incarnation(1)

    init(agents: Int) {
        self.agents = agents
        town = Town(agents: agents, seed: 7)
        queues = Queues(groups: town.policy.groups.count)
    }

    consuming func measure() -> [String: Double] {
        var figures: [String: Double] = [:]
        fillPresence()
        fillQueues()
        let naive = scans()
        let found = decisions()
        let records = recordings()
        func note(_ name: String, _ times: Times) {
            times.show(agents, name)
            figures["\(name) at \(agents), of a scan"] = Double(times.median) / Double(naive.median)
        }
        naive.show(agents, "scan: ticket to agent")
        note("match: ticket to agent", found)
        note("record of a decision", records)
        ticketScans().show(agents, "scan: agent to ticket")
        note("match: freed agent to ticket", freed())
        note("add a ticket", adding())
        note("change a presence", changing())
        return figures
    }

    /// What this many agents, and ten tickets for each, take of memory. To be asked first in a process: what an earlier
    /// run has given back would be used again and not be seen.
    consuming func weigh() -> [String: Double] {
        let empty = bytesResident()
        fillPresence()
        let filled = bytesResident()
        fillQueues()
        let queued = bytesResident()
        let (agent, ticket) = ((filled - empty) / agents, (queued - filled) / (agents * 10))
        print("\(agents)".filled(8), "bytes (resident set) an agent \(agent), a waiting ticket \(ticket)")
        // Keeps all of it until here.
        invariant(queues.count == agents * 10 && presence.all.count == agents, "not all are there")
        return ["bytes an agent at \(agents)": Double(agent), "bytes a ticket at \(agents)": Double(ticket)]
    }

    private mutating func fillPresence() {
        presence.adopt(town.policy)
        for index in 0..<agents { _ = presence.update(town.presence(index, version: 1), home: home) }
    }

    private mutating func fillQueues() { for number in 1...(agents * 10) { add(town.ticket(number)) } }

    private mutating func add(_ ticket: WaitingTicket) {
        queues.insert(ticket, since: Instant(milliseconds: 1000))
        queues.enqueue(ticket.ticket, in: [(ticket.group, false)])
    }

    // MARK: - ticket to agent

    private mutating func asked(_ count: Int) -> [WaitingTicket] { (0..<count).map { town.ticket($0 + 1) } }

    private mutating func decisions() -> Times {
        let tickets = asked(100_000)
        return Times(tickets.count) { index in
            let ticket = tickets[index]
            return UInt64(presence.best(in: ticket.group, for: ticket.demand, at: now)?.value ?? 0)
        }
    }

    /// What an offer costs more than its decision: who else could have been asked.
    private mutating func recordings() -> Times {
        let tickets = asked(100_000)
        return Times(tickets.count) { index in
            let ticket = tickets[index]
            let survey = presence.survey(ticket.group, for: ticket.demand, at: now)
            return UInt64(survey.counts.able) + (survey.best.first?.score ?? 0)
        }
    }

    /// Every member of the group is looked at, and the best by its strategy kept.
    private mutating func scans() -> Times {
        let tickets = asked(5_000)
        return Times(tickets.count) { index in
            let ticket = tickets[index]
            let strategy = town.policy.group(ticket.group)?.strategy ?? .longestIdle
            var best: (key: UInt64, idle: UInt64, agent: UInt32)?
            for agent in town.policy.members(of: ticket.group) {
                guard let row = presence[agent], row.presence.status.takesOffers, row.freeUnits > 0,
                    ticket.signature.isMet(by: row.presence.skills)
                else { continue }
                let found = (key(strategy, row.presence, ticket), row.presence.idleSince.milliseconds, agent.value)
                if best.map({ found < $0 }) ?? true { best = found }
            }
            return UInt64(best?.agent ?? 0)
        }
    }

    private func key(_ strategy: Strategy, _ presence: Presence, _ ticket: WaitingTicket) -> UInt64 {
        switch strategy {
        case .longestIdle: 0
        case .leastLoaded: UInt64(presence.load)
        case .roundRobin: presence.offeredAt.milliseconds
        case .fewestHandled: UInt64(presence.handled)
        case .bestSkilled:
            ticket.signature.requirements.reduce(1000) { sum, wanted in
                sum - UInt64(presence.skills.first { $0.skill == wanted.skill }?.level ?? 0)
            }
        }
    }

    // MARK: - agent to ticket

    private mutating func someone() -> AgentID { AgentID(UInt32(town.draw(agents))) }

    private mutating func freed() -> Times {
        let freed = (0..<100_000).map { _ in someone() }
        return Times(freed.count) { index in
            guard let row = presence[freed[index]], let agent = town.policy.agent(freed[index]) else { return 0 }
            return queues.best(for: row, in: agent.groups, town.policy, where: { _ in true }, at: now)?.ticket.value
                ?? 0
        }
    }

    /// Every ticket of the agent's groups is looked at.
    private mutating func ticketScans() -> Times {
        var waiting = [[WaitingTicket]](repeating: [], count: town.policy.groups.count)
        for number in 1...(agents * 10) {
            if let ticket = queues[TicketID(UInt64(number))]?.waiting { waiting[ticket.group.index].append(ticket) }
        }
        let freed = (0..<2_000).map { _ in someone() }
        return Times(freed.count) { index in
            guard let row = presence[freed[index]], let agent = town.policy.agent(freed[index]) else { return 0 }
            var best: (Int, Int, UInt64)?
            for group in agent.groups {
                let weight = -Int(town.policy.group(group)?.weight ?? 0)
                for ticket in waiting[group.index] where ticket.signature.isMet(by: row.presence.skills) {
                    let found = (weight, -Int(ticket.priority), ticket.ticket.value)
                    if best.map({ found < $0 }) ?? true { best = found }
                }
            }
            return best?.2 ?? 0
        }
    }

    // MARK: - changes

    private mutating func adding() -> Times {
        let first = agents * 10 + 1
        let tickets = (0..<50_000).map { town.ticket(first + $0) }
        var queues = self.queues
        self.queues = Queues()
        let times = Times(tickets.count) { index in
            queues.insert(tickets[index], since: Instant(milliseconds: 1000))
            queues.enqueue(tickets[index].ticket, in: [(tickets[index].group, false)])
            return 0
        }
        self.queues = queues
        return times
    }

    private mutating func changing() -> Times {
        let changes = (0..<50_000).map { town.presence(town.draw(agents), version: UInt32($0 + 2)) }
        var presence = self.presence
        self.presence = PresenceView()
        let times = Times(changes.count) { presence.update(changes[$0], home: home) ? 1 : 0 }
        self.presence = presence
        return times
    }
}
