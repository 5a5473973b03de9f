/// Who is where and how free, as far as this router knows: its own agents exactly, the others' by gossip. Every change
/// goes through `change`, which keeps the index of who is ready in step.
package struct PresenceView: Sendable {
    package struct Row: Sendable {
        package internal(set) var home: Incarnation
        package internal(set) var presence: Presence
        /// Channels of which he may have no more.
        var fullChannels: [String] = []
        /// Offers made to an agent of another router that his gossip does not show yet.
        var held: [Held] = []
        /// After a refused reservation he is left alone until `unblock` finds this past, or until he is heard of anew.
        var blockedUntil: Instant?
        /// His home router is late: whether it could show him anything is not known.
        var isHomeSuspect = false
        /// His home router has not been heard from for so long that he cannot be reached from here.
        var isCutOff = false

        /// Units in use, as many as can be said: a load that gossip made up must not stop the node.
        var taken: UInt32 {
            held.reduce(presence.load) { sum, held in
                let (next, isBeyond) = sum.addingReportingOverflow(UInt32(held.units))
                return isBeyond ? .max : next
            }
        }
        package var freeUnits: UInt32 {
            let taken = taken
            return taken < presence.capacity ? presence.capacity - taken : 0
        }
    }
    struct Held: Sendable {
        let offer: OfferID
        let units: UInt8
        /// The home router has it: the next gossip of this agent counts it as load.
        var isConfirmed: Bool
    }

    /// By `AgentID.index`.
    private var rows: [Row?] = []
    private(set) var ready = ReadyIndex()
    private var suspects: [Incarnation] = []
    /// By router: the sum over its agents' rows, to compare with the router's own.
    private var digests: [Incarnation: UInt64] = [:]
    /// Routers that are members and not heard from.
    private(set) var silentHomes: Set<Incarnation> = []

    package init() {}

    package subscript(agent: AgentID) -> Row? { agent.index < rows.count ? rows[agent.index] : nil }
    package var all: [Row] { rows.compactMap { $0 } }

    /// Another policy: other agents, other groups, other strategies. What is known of those who stay is kept.
    package mutating func adopt(_ policy: Policy) {
        while rows.count < policy.agents.count { rows.append(nil) }
        ready = recount(policy)
    }

    /// The index as it follows from the rows alone.
    func recount(_ policy: Policy) -> ReadyIndex {
        var index = ReadyIndex(policy)
        for case let row? in rows { index.move(row.presence.agent, from: nil, to: row.readiness) }
        return index
    }

    func digest(of router: Incarnation) -> UInt64 { digests[router] ?? 0 }

    private mutating func change(_ agent: AgentID, _ body: (inout Row?) -> Void) {
        let before = rows[agent.index]?.readiness
        body(&rows[agent.index])
        ready.move(agent, from: before, to: rows[agent.index]?.readiness)
    }

    /// Takes in what `home` says of an agent. False when it is older than what is known.
    package mutating func update(_ presence: Presence, home: Incarnation, fullChannels: [String] = []) -> Bool {
        guard presence.agent.index < rows.count else { return false }
        var held: [Held] = []
        if let known = rows[presence.agent.index] {
            let (old, new) = (known.presence, presence)
            let isNewer =
                new.agentEpoch != old.agentEpoch ? new.agentEpoch > old.agentEpoch : new.version > old.version
            guard isNewer else { return false }
            digests[known.home, default: 0] &-= old.mark
            if new.agentEpoch == old.agentEpoch && !known.held.isEmpty { held = known.held.filter { !$0.isConfirmed } }
        }
        digests[home, default: 0] &+= presence.mark
        let (isSuspect, isCutOff) = (suspects.contains(home), silentHomes.contains(home))
        change(presence.agent) {
            $0 = Row(
                home: home, presence: presence, fullChannels: fullChannels, held: held, isHomeSuspect: isSuspect,
                isCutOff: isCutOff)
        }
        return true
    }

    /// These routers are late; gives the agents of those that are so no more.
    mutating func suspect(_ routers: [Incarnation]) -> [AgentID] {
        guard routers != suspects else { return [] }
        suspects = routers
        var cleared: [AgentID] = []
        for case let row? in rows where row.isHomeSuspect != routers.contains(row.home) {
            if row.isHomeSuspect { cleared.append(row.presence.agent) }
            change(row.presence.agent) { $0?.isHomeSuspect.toggle() }
        }
        return cleared
    }

    package mutating func remove(_ agent: AgentID) {
        guard let row = self[agent] else { return }
        digests[row.home, default: 0] &-= row.presence.mark
        change(agent) { $0 = nil }
    }

    /// Forgets everyone at home with a router that is not among these.
    mutating func keep(homes: [Incarnation]) {
        for index in rows.indices {
            if let row = rows[index], !homes.contains(row.home) { remove(row.presence.agent) }
        }
        for incarnation in digests.keys where !homes.contains(incarnation) { digests[incarnation] = nil }
        silentHomes = silentHomes.filter { homes.contains($0) }
    }

    func isCutOff(_ home: Incarnation) -> Bool { silentHomes.contains(home) }

    /// Nobody at home there is asked until `reconnect`. Tells who that is.
    mutating func cutOff(_ home: Incarnation) -> [AgentID] {
        silentHomes.insert(home)
        return mark(home, isCutOff: true)
    }
    /// Tells who may be asked again.
    mutating func reconnect(_ home: Incarnation) -> [AgentID] {
        silentHomes.remove(home)
        return mark(home, isCutOff: false)
    }
    private mutating func mark(_ home: Incarnation, isCutOff: Bool) -> [AgentID] {
        let agents = rows.compactMap { row in row.flatMap { $0.home == home ? $0.presence.agent : nil } }
        for agent in agents { change(agent) { $0?.isCutOff = isCutOff } }
        return agents
    }

    /// Forgets those of a router's agents that are not in its full account.
    mutating func keep(_ agents: Set<AgentID>, of home: Incarnation) {
        for index in rows.indices {
            if let row = rows[index], row.home == home, !agents.contains(row.presence.agent) {
                remove(row.presence.agent)
            }
        }
    }

    package mutating func hold(_ agent: AgentID, for offer: OfferID, units: UInt8 = 1) {
        guard self[agent] != nil else { return }
        change(agent) { $0?.held.append(Held(offer: offer, units: units, isConfirmed: false)) }
    }
    mutating func confirm(_ agent: AgentID, _ offer: OfferID) {
        guard let row = self[agent], let place = row.held.firstIndex(where: { $0.offer == offer }) else { return }
        rows[agent.index]?.held[place].isConfirmed = true
    }
    package mutating func release(_ agent: AgentID, _ offer: OfferID) {
        guard let row = self[agent], row.held.contains(where: { $0.offer == offer }) else { return }
        change(agent) { $0?.held.removeAll { $0.offer == offer } }
    }
    /// Nobody's unit is held any more: what it was held for is not asked from here.
    mutating func releaseAll() {
        for case let row? in rows where !row.held.isEmpty { change(row.presence.agent) { $0?.held = [] } }
    }
    mutating func block(_ agent: AgentID, until: Instant) {
        guard self[agent] != nil else { return }
        change(agent) { $0?.blockedUntil = until }
    }
    /// His time alone is over, unless it was prolonged.
    mutating func unblock(_ agent: AgentID, at now: Instant) {
        guard let until = self[agent]?.blockedUntil, until <= now else { return }
        change(agent) { $0?.blockedUntil = nil }
    }

    /// Whom a group's strategy prefers among its ready agents who can meet the demand and are not excluded.
    package func best(
        in group: GroupID, for demand: Demand, excluding excluded: [Exclusion] = [], at now: Instant
    ) -> AgentID? {
        ready.best(in: group, for: demand, excluding: excluded, at: now)
    }
}

extension PresenceView.Row {
    /// Nil for whoever is not to be asked now.
    var readiness: ReadyIndex.Readiness? {
        guard presence.status.takesOffers, freeUnits > 0, blockedUntil == nil, !isHomeSuspect, !isCutOff else {
            return nil
        }
        return ReadyIndex.Readiness(
            idleSince: presence.idleSince, offeredAt: presence.offeredAt, handled: presence.handled, taken: taken,
            capacity: presence.capacity, skills: presence.skills, fullChannels: fullChannels)
    }

    /// Whether he could take such a ticket, if he is ready at all.
    func canMeet(_ demand: Demand) -> Bool {
        freeUnits >= UInt32(demand.cost.active) && !fullChannels.contains(demand.channel)
            && demand.signature.isMet(by: presence.skills)
    }
}

extension Presence {
    /// This version of this agent in one number; a router's agents' marks are added up to compare views.
    var mark: UInt64 {
        var value = UInt64(agent.value) << 32 | UInt64(agentEpoch.value)
        value = (value ^ UInt64(version) &* 0x9e37_79b9_7f4a_7c15) &* 0xbf58_476d_1ce4_e5b9
        return value ^ (value >> 31)
    }
}
