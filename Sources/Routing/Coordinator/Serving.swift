/// Routers: joining, leases, region owners, and the one call by which they learn and act.
extension Coordinator {
    // MARK: - membership

    mutating func admit(_ join: Join, _ token: RequestToken, at now: Now, _ effects: inout [Effect]) {
        guard [join.name, join.address, join.gossipAddress].allSatisfy({ $0.utf8.count <= Limits.wordBytesMax }) else {
            effects.append(.refused(.notUnderstood, token))
            return
        }
        guard let region = policy.catalog.regions.number(of: join.region), policy.regions[Int(region)] else {
            effects.append(.refused(.unknownRegion, token))
            return
        }
        if let former = ledger.routers.first(where: { $0.name == join.name }) {
            // The same process's second try, or its successor at the same place; any other holder of the name is alive.
            guard former.address == join.address || !isLeased(former.incarnation, at: now) else {
                effects.append(.refused(.nameTaken, token))
                return
            }
            end(former.incarnation, at: now, &effects)
        }
        guard ledger.routers.count < Limits.routersMax else {
            effects.append(.refused(.tooManyRouters, token))
            return
        }
        let router = RouterInfo(
            incarnation: Incarnation(ledger.incarnationLast.value + 1), name: join.name, region: RegionID(region),
            address: join.address, gossipAddress: join.gossipAddress, speaks: join.speaks)
        commit(.routerJoined(router), &effects)
        members.add(
            router, at: now.instant, leaseUntil: members.judgeTime(now.instant) + policy.timing.lease, ledger.lsn)
        effects.append(.report(.routerJoined(router.name, router.incarnation)))
        effects.append(
            .joined(Joined(incarnation: router.incarnation, reign: ledger.reign, policy: policy), token))
    }

    mutating func leave(_ incarnation: Incarnation, _ token: RequestToken, at now: Now, _ effects: inout [Effect]) {
        if let router = ledger.router(incarnation) {
            end(incarnation, at: now, &effects)
            effects.append(.report(.routerLeft(router.name)))
        }
        effects.append(.answered(.detached, token))
    }

    /// The end of an incarnation ends its sessions and starts the graces of its agents.
    mutating func end(_ incarnation: Incarnation, at now: Now, _ effects: inout [Effect]) {
        let attached = ledger.agents.indices.filter { ledger.agents[$0].presence == .attached(incarnation) }
        commit(.routerEnded(incarnation), &effects)
        members.remove(incarnation, at: ledger.lsn)
        for index in attached { refreshDuty(of: AgentID(UInt32(index))) }
        for index in attached { armGrace(AgentID(UInt32(index)), at: now) }
    }

    // MARK: - exchange

    mutating func serve(_ exchange: Exchange, _ token: RequestToken, at now: Now, _ effects: inout [Effect]) {
        guard let member = members.table[exchange.incarnation] else {
            effects.append(.refused(.notMember, token))
            return
        }
        // In a new reign everything that was not acknowledged is still to come, whichever batch arrives first.
        let next = exchange.commands.isEmpty ? exchange.firstCommand : member.nextCommand ?? exchange.acknowledged &+ 1
        // No router lives to give so many commands: such a number is made up, and would overflow below.
        let highest = UInt64(1) << 62
        guard exchange.firstCommand < highest, exchange.acknowledged < highest else {
            effects.append(.refused(.gap, token))
            return
        }
        guard exchange.firstCommand <= next, exchange.commands.count <= Limits.commandsPerBatchMax else {
            effects.append(.refused(.gap, token))
            return
        }
        members.renew(exchange.incarnation, until: members.judgeTime(now.instant) + policy.timing.lease)
        hear(exchange.duty, from: exchange.incarnation)
        reconcile(exchange, at: now, &effects)
        var outcomes: [Outcome] = []
        let known = Int(clamping: next - exchange.firstCommand)
        let repeats = flaws.contains(.batchRepeated) ? 0 : min(known, exchange.commands.count)
        let kept = member.kept.suffix(known).prefix(repeats)
        for _ in kept.count..<max(repeats, kept.count) { outcomes.append(.refused(.unknown)) }
        outcomes += kept
        var fresh: [Outcome] = []
        for command in exchange.commands.dropFirst(repeats) {
            fresh.append(decide(command, from: exchange.incarnation, at: now, &effects))
        }
        outcomes += fresh
        let after = max(next, exchange.firstCommand &+ UInt64(exchange.commands.count))
        let superseded = members.update(exchange.incarnation) { member -> Membership.Parked? in
            if !exchange.commands.isEmpty { member.nextCommand = after }
            member.kept += fresh
            let last = (member.nextCommand ?? 1) - 1
            let wanted = last > exchange.acknowledged ? Int(clamping: last - exchange.acknowledged) : 0
            if member.kept.count > wanted { member.kept.removeFirst(member.kept.count - wanted) }
            guard exchange.commands.isEmpty else { return nil }
            let former = member.parked
            // A cursor before one that it has named already: it knows less than it was told, and wants it again.
            member.parked = Membership.Parked(
                token: token, cursor: exchange.cursor, until: now.instant + min(exchange.park, policy.timing.lease),
                isBehind: exchange.cursor < member.cursorHighest, listing: exchange.listing)
            member.cursorHighest = max(member.cursorHighest, exchange.cursor)
            return former
        }
        if let superseded = superseded.flatMap({ $0 }) {
            answer(superseded, of: exchange.incarnation, &effects)
        }
        if !exchange.commands.isEmpty {
            let news = News(cursor: exchange.cursor, listing: exchange.listing, isOfPoll: false)
            reply(outcomes, to: exchange.incarnation, news, token, &effects)
        }
    }

    /// Parked polls leave when there is something their router has not been told, or when they have waited enough.
    mutating func answerParked(at now: Now, _ effects: inout [Effect]) {
        for watch in members.watches {
            guard let until = watch.parkedUntil, watch.hasNews || until <= now.instant else { continue }
            let parked = members.update(watch.incarnation) { $0.parked.take() }
            guard let parked = parked.flatMap({ $0 }) else { continue }
            answer(parked, of: watch.incarnation, &effects)
        }
    }

    private mutating func answer(
        _ parked: Membership.Parked, of incarnation: Incarnation, _ effects: inout [Effect]
    ) {
        let news = News(cursor: parked.cursor, listing: parked.listing, isOfPoll: true)
        reply([], to: incarnation, news, parked.token, &effects)
    }

    /// What a router is to be told: what happened since then, and more of which lists. These go on with polls alone, as
    /// several batches may be on their way.
    struct News {
        let cursor: LSN
        let listing: [RegionListing]
        let isOfPoll: Bool
    }

    private mutating func reply(
        _ outcomes: [Outcome], to incarnation: Incarnation, _ news: News, _ token: RequestToken,
        _ effects: inout [Effect]
    ) {
        guard let member = members.table[incarnation] else { return }
        let cursor = news.cursor
        var membership: Membership?
        if members.membershipChanged > cursor {
            membership = Membership()
            membership?.routers = ledger.routers
            membership?.owners = ledger.owners
            membership?.draining = ledger.draining
            membership?.suspect = members.suspects
            membership?.handovers = handovers
        }
        let exchanged = Exchanged(
            reign: ledger.reign, lsn: ledger.lsn, outcomes: outcomes, membership: membership,
            policy: members.policyChangedAt > max(cursor, member.policyAsOf) ? policy : nil,
            regions: ledger.owners.filter { $0.owner == incarnation }.compactMap {
                changes(in: $0.region, member, news)
            },
            agents: agentChanges(for: member, cursor), wall: time,
            repairs: member.repairs.compactMap { change(of: $0, for: incarnation) })
        _ = members.update(incarnation) {
            $0.toldThrough = ledger.lsn
            $0.repairs = []
        }
        effects.append(.exchanged(exchanged, token))
    }

    /// What others changed for the router's agents: to a new member those who are at home with it, and those who came
    /// to it with its first commands and have been taken elsewhere; to one whose news are longer ago than is
    /// remembered, of this reign or of one before, everyone who ever attached, wherever he is.
    private func agentChanges(for member: Membership.Member, _ cursor: LSN) -> [AgentChange] {
        let home = LedgerAgent.Presence.attached(member.router.incarnation)
        func all(_ isTold: (LedgerAgent) -> Bool) -> [AgentID] {
            ledger.agents.indices.filter { isTold(ledger.agents[$0]) }.map { AgentID(UInt32($0)) }
        }
        let agents =
            if cursor == .zero {
                all { $0.presence == home }
                    + member.agents.remembered.filter { ledger.agents[$0.index].presence != home }
            } else {
                member.agents.keys(after: cursor) ?? all { $0.epoch > AgentEpoch(0) }
            }
        return agents.compactMap { change(of: $0, for: member.router.incarnation) }
    }

    /// The agent as the ledger has him, for a router that has him or had him.
    private func change(of id: AgentID, for router: Incarnation) -> AgentChange? {
        guard let row = ledger.agent(id) else { return nil }
        let isHome = row.presence == .attached(router)
        return AgentChange(
            agent: id, agentEpoch: row.epoch, isHome: isHome, instance: row.instance, work: isHome ? work(of: id) : [])
    }
}
