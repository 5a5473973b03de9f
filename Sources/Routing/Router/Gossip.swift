/// What is said to the other routers and heard from them: presence, skills and load. All of it is a hint; a lost
/// publication shows as a gap or as a digest that differs, and is healed by a snapshot.
struct GossipState: Sendable {
    struct Peer: Sendable {
        var heard: UInt64
        /// When it last gave a sign of life: a publication, or a snapshot.
        var heardAt: Instant
        var isAsking = false
        var askedAt: Instant?
    }
    var isTicking = false
    var isPublishing = false
    private(set) var number: UInt64 = 0
    private(set) var changed: [AgentID] = []
    private(set) var departed: [PresenceRecord] = []
    var peers: [Incarnation: Peer] = [:]

    mutating func restart() {
        number = 0
        changed = []
        departed = []
        peers = [:]
    }
    mutating func next() -> UInt64 {
        number += 1
        return number
    }
    mutating func note(_ agent: AgentID) { changed.append(agent) }
    /// An agent who left is published once more, as offline.
    mutating func left(_ agent: AgentID) { changed.removeAll { $0 == agent } }
    mutating func depart(_ record: PresenceRecord) { departed.append(record) }
    /// Whom to publish now, each once, and who left.
    mutating func take() -> (changed: [AgentID], departed: [PresenceRecord]) {
        var seen = Set<AgentID>()
        let agents = changed.filter { seen.insert($0).inserted }
        let gone = departed
        changed = []
        departed = []
        return (agents, gone)
    }
    mutating func snapshotEnded(of peer: Incarnation) { peers[peer]?.isAsking = false }

    /// Other members now: who is new has its time from now on to be heard, who has gone is forgotten.
    mutating func meet(_ others: [Incarnation], at now: Instant) {
        peers = peers.filter { others.contains($0.key) }
        for other in others where peers[other] == nil { peers[other] = Peer(heard: 0, heardAt: now) }
    }
    /// Whether so much has been missed of a member that nothing should be begun with it.
    func isSilent(_ peer: Incarnation, digest: Interval, at now: Instant) -> Bool {
        guard let state = peers[peer] else { return false }
        return now.since(state.heardAt).milliseconds > digest.milliseconds * Limits.digestsMissedMax
    }
}

extension Router {
    // MARK: - saying

    /// Puts an agent's presence into our own view at once, and into the next publication.
    mutating func announce(_ id: AgentID, at now: Now) {
        guard let agent = hosted[id], incarnation != .none else { return }
        let current = presence(of: agent)
        let (before, wasBlocked) = (presence[id]?.freeUnits ?? 0, presence[id]?.blockedUntil != nil)
        _ = presence.update(current, home: incarnation, fullChannels: agent.fullChannels)
        // Units that claims held may be free now, though what he has has not become less.
        // Nor is he left alone any more, whoever had found him out of reach.
        if wasBlocked || presence[id]?.freeUnits ?? 0 > before { freshAgents.append(id) }
        reviewStuck(to: id)
        if agent.status == .offline { gossip.depart(record(of: current, [], at: now)) } else { gossip.note(id) }
        if !gossip.isPublishing {
            gossip.isPublishing = true
            deadlines.arm(.publish, due: due(policy.timing.gossipGather, from: now))
        }
    }

    private func presence(of agent: HostedAgent) -> Presence {
        Presence(
            agent: agent.id, agentEpoch: agent.epoch, version: agent.presenceVersion,
            status: agent.presence, load: agent.load, capacity: agent.capacity,
            idleSince: agent.idleSince, offeredAt: agent.offeredAt, handled: agent.handled, skills: agent.skills)
    }

    private func record(of agent: HostedAgent, at now: Now) -> PresenceRecord {
        record(of: presence(of: agent), agent.fullChannels, at: now)
    }

    private func record(of presence: Presence, _ fullChannels: [String], at now: Now) -> PresenceRecord {
        PresenceRecord(
            agent: presence.agent, agentEpoch: presence.agentEpoch, version: presence.version,
            status: presence.status, load: presence.load, capacity: presence.capacity,
            idle: now.instant.since(presence.idleSince), offered: now.instant.since(presence.offeredAt),
            handled: presence.handled, skills: presence.skills,
            fullChannels: Array(fullChannels.prefix(Limits.channelsMax)))
    }

    mutating func publishChanges(at now: Now, _ effects: inout [Effect]) {
        // The digest may have been quicker than this timer.
        guard gossip.isPublishing, incarnation != .none else { return }
        gossip.isPublishing = false
        let (changed, departed) = gossip.take()
        let records = departed + changed.compactMap { id in hosted[id].map { record(of: $0, at: now) } }
        if !records.isEmpty { effects.append(.publish(publication(records, isFull: false, loads: []))) }
    }

    /// Once a second, changed or not: how many there should be, and how long our queues are. Also the sign of life.
    mutating func publishDigest(at now: Now, _ effects: inout [Effect]) {
        deadlines.arm(.digest, due: due(policy.timing.gossipDigest, from: now))
        guard incarnation != .none else { return }
        lookForSilence(at: now, &effects)
        if gossip.isPublishing { publishChanges(at: now, &effects) }
        let loads = policy.groups.compactMap { group -> GroupLoad? in
            guard let group, ownedRegions[group.region] != nil else { return nil }
            let waiting = queues.waiting(in: group.id)
            return GroupLoad(
                group: group.id, waiting: waiting,
                oldest: waiting == 0 ? .zero : queues.oldest(in: group.id).map { now.instant.since($0) } ?? .zero)
        }
        effects.append(.publish(publication([], isFull: false, loads: loads)))
    }

    private mutating func publication(
        _ records: [PresenceRecord], isFull: Bool, loads: [GroupLoad]
    ) -> Gossip {
        Gossip(
            incarnation: incarnation, number: isFull ? gossip.number : gossip.next(), isFull: isFull,
            presence: records, digest: presence.digest(of: incarnation), loads: loads)
    }

    mutating func snapshot(at now: Now) -> Gossip {
        publication(hosted.rows.map { record(of: $0, at: now) }, isFull: true, loads: [])
    }

    // MARK: - hearing

    mutating func hear(_ heard: Gossip, at now: Now, _ effects: inout [Effect]) {
        guard heard.incarnation != incarnation,
            membership.routers.contains(where: { $0.incarnation == heard.incarnation })
        else { return }
        // Heard of each once a second at least: one look at what is known of it, and one change.
        var peer = gossip.peers[heard.incarnation] ?? GossipState.Peer(heard: 0, heardAt: now.instant)
        let former = peer.heard
        let isOld = !heard.isFull && heard.number <= former
        peer.heardAt = now.instant
        if !isOld { peer.heard = max(former, heard.number) }
        gossip.peers[heard.incarnation] = peer
        // A member that was cut off gives a sign of life: its agents are asked again at once.
        if presence.isCutOff(heard.incarnation) { freshAgents += presence.reconnect(heard.incarnation) }
        if isOld { return }
        if heard.isFull { presence.keep(Set(heard.presence.map(\.agent)), of: heard.incarnation) }
        for record in heard.presence { hear(record, from: heard.incarnation, at: now) }
        let missed = !heard.isFull && heard.number > former + 1
        // Only a publication without changes carries the sum over everything that was published before it.
        let differs = heard.presence.isEmpty && heard.digest != presence.digest(of: heard.incarnation)
        if missed || differs { askSnapshot(of: heard.incarnation, at: now, &effects) }
    }

    private mutating func hear(_ record: PresenceRecord, from home: Incarnation, at now: Now) {
        // Our own agents we know better, unless the other's session is the newer one.
        if let own = hosted[record.agent], own.epoch >= record.agentEpoch { return }
        let heard = Presence(
            agent: record.agent, agentEpoch: record.agentEpoch, version: record.version, status: record.status,
            load: record.load, capacity: record.capacity, idleSince: now.instant - record.idle,
            offeredAt: now.instant - record.offered, handled: record.handled, skills: record.skills)
        guard presence.update(heard, home: home, fullChannels: record.fullChannels) else { return }
        reviewStuck(to: record.agent)
        if record.status == .offline { presence.remove(record.agent) } else { freshAgents.append(record.agent) }
    }

    // MARK: - silence

    /// Once a second: whoever was not heard for some digests is cut off from here. Its agents are still there, perhaps
    /// at work for others, so they are kept and only not asked; and each second the router is asked for a snapshot,
    /// whose answer proves, as any publication does, that the way is open again. No ticket waits for that answer.
    private mutating func lookForSilence(at now: Now, _ effects: inout [Effect]) {
        for router in membership.routers where router.incarnation != incarnation {
            let peer = router.incarnation
            guard gossip.isSilent(peer, digest: policy.timing.gossipDigest, at: now.instant) else { continue }
            if !presence.isCutOff(peer) {
                counters.peersLost += 1
                for agent in presence.cutOff(peer) { reviewStuck(to: agent) }
            }
            askSnapshot(of: peer, at: now, &effects)
        }
    }

    private mutating func askSnapshot(of peer: Incarnation, at now: Now, _ effects: inout [Effect]) {
        guard let state = gossip.peers[peer], !state.isAsking,
            state.askedAt.map({ now.instant.since($0) >= Interval(milliseconds: 500) }) ?? true
        else { return }
        counters.snapshotsAsked += 1
        gossip.peers[peer]?.isAsking = true
        gossip.peers[peer]?.askedAt = now.instant
        ask(peer, .snapshot, .snapshot(peer), &effects)
    }

    // MARK: - what peers ask

    mutating func answer(_ request: PeerRequest, _ token: RequestToken, at now: Now, _ effects: inout [Effect]) {
        switch request {
        case .reserve(let offer, let owner):
            effects.append(.peerReply(host(offer, owner: owner, at: now) ? .reserved : .notReserved, token))
        case .withdraw(let id, let agent):
            withdraw(id, from: agent, at: now)
            effects.append(.peerReply(.taken, token))
        case .ended(let id, let end, let terms):
            self.end(id, end, terms, at: now, &effects)
            effects.append(.peerReply(.taken, token))
        case .claim(let claim):
            effects.append(.peerReply(.claim(answer(claim, at: now, &effects)), token))
        case .explain(let request):
            effects.append(.peerReply(.explained(explain(request, at: now)), token))
        case .take(let take):
            effects.append(.peerReply(.take(answer(take, at: now)), token))
        case .browse(let agent):
            effects.append(.peerReply(.browsed(untaken(for: agent, at: now)), token))
        case .release(let region, let epoch, let owner):
            effects.append(.peerReply(answer(release: region, epoch, to: owner, at: now, &effects), token))
        case .adopt(let offers, let owner):
            effects.append(.peerReply(.adopted(adopt(offers, owner: owner)), token))
        case .lease: effects.append(.peerReply(.leased(isLeased(at: now) && !isDraining), token))
        case .snapshot:
            effects.append(.peerReply(.snapshot(snapshot(at: now)), token))
        }
    }
}
