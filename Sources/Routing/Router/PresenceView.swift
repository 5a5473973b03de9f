/// Who is where and how free, as far as this router knows: its own agents exactly, the others' by gossip.
struct PresenceView: Sendable {
    struct Row: Sendable {
        var home: Incarnation
        var presence: Presence
        /// Offers made to an agent of another router that his gossip does not show yet.
        var held: [Held] = []
        /// After a refused reservation he is left alone until then, or until he is heard of anew.
        var blockedUntil: Instant?

        var freeUnits: UInt32 {
            let taken = presence.load + UInt32(held.count)
            return taken < presence.capacity ? presence.capacity - taken : 0
        }
    }
    struct Held: Sendable {
        let offer: OfferID
        /// The home router has it: the next gossip of this agent counts it as load.
        var isConfirmed: Bool
    }

    /// By `AgentID.index`.
    private var rows: [Row?] = []
    /// By router: the sum over its agents' rows, to compare with the router's own.
    private var digests: [Incarnation: UInt64] = [:]

    subscript(agent: AgentID) -> Row? { agent.index < rows.count ? rows[agent.index] : nil }
    var all: [Row] { rows.compactMap { $0 } }

    mutating func resize(to count: Int) {
        while rows.count < count { rows.append(nil) }
    }

    func digest(of router: Incarnation) -> UInt64 { digests[router] ?? 0 }

    /// Takes in what `home` says of an agent. False when it is older than what is known.
    mutating func update(_ presence: Presence, home: Incarnation) -> Bool {
        guard presence.agent.index < rows.count else { return false }
        guard let known = rows[presence.agent.index] else {
            digests[home, default: 0] &+= presence.mark
            rows[presence.agent.index] = Row(home: home, presence: presence)
            return true
        }
        let (old, new) = (known.presence, presence)
        let isNewer = new.agentEpoch != old.agentEpoch ? new.agentEpoch > old.agentEpoch : new.version > old.version
        guard isNewer else { return false }
        digests[known.home, default: 0] &-= old.mark
        digests[home, default: 0] &+= new.mark
        let stillHeld = old.agentEpoch == new.agentEpoch ? known.held.filter { !$0.isConfirmed } : []
        rows[presence.agent.index] = Row(home: home, presence: presence, held: stillHeld)
        return true
    }

    mutating func remove(_ agent: AgentID) {
        guard let row = self[agent] else { return }
        digests[row.home, default: 0] &-= row.presence.mark
        rows[agent.index] = nil
    }

    /// Forgets everyone at home with a router that is not among these.
    mutating func keep(homes: [Incarnation]) {
        for index in rows.indices {
            if let row = rows[index], !homes.contains(row.home) { remove(row.presence.agent) }
        }
        for incarnation in digests.keys where !homes.contains(incarnation) { digests[incarnation] = nil }
    }

    /// Forgets those of a router's agents that are not in its full account.
    mutating func keep(_ agents: Set<AgentID>, of home: Incarnation) {
        for index in rows.indices {
            if let row = rows[index], row.home == home, !agents.contains(row.presence.agent) {
                remove(row.presence.agent)
            }
        }
    }

    mutating func hold(_ agent: AgentID, for offer: OfferID) {
        if self[agent] != nil { rows[agent.index]?.held.append(Held(offer: offer, isConfirmed: false)) }
    }
    mutating func confirm(_ agent: AgentID, _ offer: OfferID) {
        guard let row = self[agent], let place = row.held.firstIndex(where: { $0.offer == offer }) else { return }
        rows[agent.index]?.held[place].isConfirmed = true
    }
    mutating func release(_ agent: AgentID, _ offer: OfferID) {
        if self[agent] != nil { rows[agent.index]?.held.removeAll { $0.offer == offer } }
    }
    mutating func block(_ agent: AgentID, until: Instant) {
        if self[agent] != nil { rows[agent.index]?.blockedUntil = until }
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
