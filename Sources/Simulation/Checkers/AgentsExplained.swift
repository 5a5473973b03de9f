package import Routing

/// What `explain agent` says of some agents agrees with the ledger (promise 8): whether he is there, what he holds, and
/// in each of his queues that the asked router owns, how much waits and how much of it he has the skills for.
package struct AgentsExplained: Checker {
    package let name = "AgentsExplained"
    private struct Doubt: Hashable {
        let agent: AgentID
        let router: Incarnation
        let what: String
    }
    private var complaints = Complaints()
    private var calm = Calm()
    private var pace = Pace()
    private var lasting = Lasting<Doubt>()
    /// All would take longer than the world itself.
    private static let agentsMax = 3

    package init() {}
    package var wrong: [String] { complaints.sentences }

    package mutating func see(_ observation: Observation, _ books: Books, at now: Now) {}

    package mutating func look(at cores: any Cores) {
        guard pace.isDue(cores, every: 1_000) else { return }
        guard calm.length(cores) >= 5_000, let doubts = cores.withCoordinator({ Self.doubts($0, cores) }) else {
            return lasting.forget()
        }
        for doubt in lasting.look(cores.now.instant.milliseconds, at: doubts, for: 5_000) {
            complaints.add("agent \(doubt.agent.value), explained by router \(doubt.router.value): \(doubt.what)")
        }
    }

    private static func doubts(_ core: Coordinator, _ cores: any Cores) -> [Doubt] {
        let count = core.policy.catalog.agents.count
        // What is on its way to the ledger of an agent, or back, may take its time where links are slow.
        var unsettled: Set<AgentID> = []
        cores.forEachRouter { unsettled.formUnion($0.unsettledAgents) }
        let agents = (0..<agentsMax).compactMap { core.policy.agent(AgentID(UInt32($0 * count / agentsMax))) }
        var doubts: [Doubt] = []
        cores.forEachRouter { router in
            // One that is no member knows nothing.
            guard core.ledger.router(router.incarnation) != nil else { return }
            var since: [TicketID: Instant] = [:]
            for ticket in router.queued { since[ticket.waiting.ticket] = ticket.since }
            let now = cores.now(at: router.name)
            // What comes and goes all the time is always another number, where messages take long.
            let isCurrent = router.cursor == core.ledger.lsn && !router.isListing
            for agent in agents where !unsettled.contains(agent.id) {
                guard case .agent(let said) = router.explain(.agent(agent.id), at: now) else { continue }
                var found = Self.doubts(said, agent, core)
                if isCurrent, said.queues.map(\.group) != Self.owned(by: router.incarnation, of: agent, core) {
                    found.append("his queues here are others than it is said")
                } else if isCurrent {
                    for queue in said.queues { found += Self.doubts(queue, agent, core, since, now.instant) }
                }
                doubts += found.map { Doubt(agent: agent.id, router: router.incarnation, what: $0) }
            }
        }
        return doubts
    }

    private static func owned(by router: Incarnation, of agent: Agent, _ core: Coordinator) -> [GroupID] {
        agent.groups.filter { group in
            guard let region = core.policy.group(group)?.region else { return false }
            return core.ledger.owners.contains { $0.region == region && $0.owner == router }
        }
    }

    private static func doubts(_ said: AgentExplanation, _ agent: Agent, _ core: Coordinator) -> [String] {
        guard let row = core.ledger.agent(agent.id), said.obstacle != .cutOff else { return [] }
        guard case .attached = row.presence else {
            return said.obstacle == .absent ? [] : ["he is absent, and is said to be \(said.obstacle)"]
        }
        if said.obstacle == .absent { return ["he is attached, and is said to be absent"] }
        var doubts: [String] = []
        if said.capacity != agent.capacity { doubts.append("he has another capacity than it is said") }
        let held = row.work.reduce(UInt32(0)) { $0 + (core.ledger.tickets[$1]?.units ?? 0) }
        // What he is offered and what he wraps up takes units too, and is his router's to say.
        if said.load < held { doubts.append("he holds \(held) units, and \(said.load) are said") }
        return doubts
    }

    private static func doubts(
        _ said: AgentExplanation.Queue, _ agent: Agent, _ core: Coordinator, _ since: [TicketID: Instant],
        _ now: Instant
    ) -> [String] {
        var (waiting, able) = (UInt32(0), UInt32(0))
        core.ledger.tickets.forEach { ticket in
            guard ticket.state == .waiting, ticket.group == said.group || ticket.widened.contains(said.group) else {
                return
            }
            waiting += 1
            let waited = since[ticket.id].map { now.since($0) } ?? .zero
            if SkillsKept.isMet(ticket.signature, by: agent.skills, after: waited) { able += 1 }
        }
        var doubts: [String] = []
        if said.waiting != waiting { doubts.append("in group \(said.group.value) more or less waits than it is said") }
        if said.fitting + said.excluded != able {
            doubts.append("in group \(said.group.value) he is able to do more or less than it is said")
        }
        if (said.lacking == nil) != (able == waiting) {
            doubts.append("in group \(said.group.value) he lacks a skill, or none, and it is said otherwise")
        }
        return doubts
    }
}
