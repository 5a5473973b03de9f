/// Who lives, and who owns which region: leases are judged, regions given to heirs, and what operators ask of a router.
///
/// A router's lease counts from the receipt of its last exchange, on a time that stands still while the judge himself
/// is away. Past two thirds of it the router is suspect: nothing new is given to it. Past its end it is dead.
extension Coordinator {
    func isLeased(_ incarnation: Incarnation, at now: Now) -> Bool {
        members.table[incarnation].map { $0.leaseUntil > members.judgeTime(now.instant) } ?? false
    }

    mutating func judgeLeases(at now: Now, _ effects: inout [Effect]) {
        let time = members.judgeTime(now.instant)
        var lost: [RouterInfo] = []
        for watch in members.watches where watch.leaseUntil <= time {
            if let member = members.table[watch.incarnation] { lost.append(member.router) }
        }
        for router in lost {
            end(router.incarnation, at: now, &effects)
            effects.append(.report(.routerLost(router.name)))
        }
        judgeSuspects(at: time, &effects)
        judgeGraces(at: now, &effects)
        assignRegions(at: now, &effects)
    }

    private mutating func judgeSuspects(at time: Instant, _ effects: inout [Effect]) {
        let rest = Interval(milliseconds: policy.timing.lease.milliseconds / 3)
        var late: [Incarnation] = []
        for watch in members.watches where watch.leaseUntil.since(time) < rest { late.append(watch.incarnation) }
        guard late != members.suspects else { return }
        for router in members.table.rows.map(\.router) {
            let isLate = late.contains(router.incarnation)
            guard isLate != members.suspects.contains(router.incarnation) else { continue }
            commit(.routerSuspect(router.incarnation, isLate), &effects)
            if isLate { effects.append(.report(.routerSuspect(router.name))) }
        }
        members.suspects = late
        members.changedMembership(at: ledger.lsn)
    }

    /// Whom new regions may be given to.
    private func isHeir(_ member: Membership.Member) -> Bool {
        let incarnation = member.router.incarnation
        return !ledger.draining.contains(incarnation) && !members.suspects.contains(incarnation)
    }

    /// Each region belongs to the oldest live router of the region; without one, to the live router with the fewest
    /// regions, ties by name. A region comes home when a router of its own has been there for `regionReturn`, unless an
    /// operator gave it away. A draining router's regions go to others, if there are any.
    private mutating func assignRegions(at now: Now, _ effects: inout [Effect]) {
        var moved = 0
        for owner in ledger.owners where policy.regions[owner.region.index] {
            let isHome = members.region(of: owner.owner) == owner.region
            if isHome && !ledger.draining.contains(owner.owner) { continue }
            let heirs = members.table.rows.filter { isHeir($0) }
            let own = heirs.filter { $0.router.region == owner.region }
                .min { $0.router.incarnation < $1.router.incarnation }
            guard let current = members.table[owner.owner] else {
                if let heir = own ?? leastBurdened(of: heirs) { give(owner, to: heir.router, &effects) }
                continue
            }
            guard moved < points.bound(Limits.regionsMovedPerTurn, .fewRegionsMoved) else { continue }
            if ledger.draining.contains(owner.owner) {
                guard let heir = own ?? leastBurdened(of: heirs) else { continue }
                give(owner, to: heir.router, &effects)
                moved += 1
            } else if let own, current.router.region != owner.region, !ledger.chosen.contains(owner.region),
                now.instant.since(own.joinedAt) >= policy.timing.regionReturn
            {
                give(owner, to: own.router, &effects)
                moved += 1
            }
        }
    }

    private func leastBurdened(of heirs: [Membership.Member]) -> Membership.Member? {
        func burden(_ member: Membership.Member) -> Int {
            ledger.owners.filter { $0.owner == member.router.incarnation }.count
        }
        return heirs.min {
            let (left, right) = (burden($0), burden($1))
            return left != right ? left < right : $0.router.name < $1.router.name
        }
    }

    /// A former owner who lives has offers and exclusions to hand over; the new one is told who that is.
    private mutating func give(_ former: RegionOwner, to router: RouterInfo, _ effects: inout [Effect]) {
        let owner = RegionOwner(region: former.region, owner: router.incarnation, epoch: former.epoch.next)
        commit(.regionOwned(owner), &effects)
        members.formerOwners[owner.region] = members.table[former.owner] == nil ? nil : former.owner
        members.owned(owner.region, by: owner.owner, at: ledger.lsn)
        effects.append(
            .report(.regionOwned(policy.catalog.regions.name(owner.region.value), by: router.name)))
    }

    /// In order of regions.
    var handovers: [Handover] {
        ledger.owners.compactMap { owner in
            guard let former = members.formerOwners[owner.region], members.table[former] != nil else { return nil }
            return Handover(region: owner.region, from: former)
        }
    }

    // MARK: - what operators ask

    /// `notAllowed` for the last one that takes sessions and regions.
    mutating func drain(_ name: String, isOn: Bool, _ effects: inout [Effect]) -> Outcome {
        guard let router = ledger.routers.first(where: { $0.name == name }) else { return .refused(.notFound) }
        guard ledger.draining.contains(router.incarnation) != isOn else { return .agreed }
        let others = members.table.rows.filter { isHeir($0) && $0.router.incarnation != router.incarnation }
        guard !isOn || !others.isEmpty else { return .refused(.notAllowed) }
        commit(.routerDraining(router.incarnation, isOn), &effects)
        members.changedMembership(at: ledger.lsn)
        effects.append(.report(isOn ? .routerDrains(name) : .routerDrainsNoMore(name)))
        return .agreed
    }

    /// `notAllowed` for a router that takes no regions now. The choice is recorded, and holds as long as the router has
    /// the region: also under the next coordinator.
    mutating func own(_ name: String, by router: String, _ effects: inout [Effect]) -> Outcome {
        guard let number = policy.catalog.regions.number(of: name), policy.regions[Int(number)],
            let owner = ledger.owner(of: RegionID(number)),
            let member = members.table.rows.first(where: { $0.router.name == router })
        else { return .refused(.notFound) }
        guard isHeir(member) else { return .refused(.notAllowed) }
        if owner.owner != member.router.incarnation { give(owner, to: member.router, &effects) }
        if !ledger.chosen.contains(owner.region) { commit(.ownerChosen(owner.region), &effects) }
        return .agreed
    }

    func routerStates(at now: Now) -> [ClusterStatus.RouterStatus] {
        var agents: [Incarnation: UInt32] = [:]
        for agent in ledger.agents { if case .attached(let home) = agent.presence { agents[home, default: 0] += 1 } }
        return ledger.routers.map { router in
            ClusterStatus.RouterStatus(
                incarnation: router.incarnation, isDraining: ledger.draining.contains(router.incarnation),
                isSuspect: members.suspects.contains(router.incarnation), agents: agents[router.incarnation] ?? 0,
                lease: members.table[router.incarnation]?.leaseUntil.since(members.judgeTime(now.instant)) ?? .zero)
        }
    }

    // MARK: - graces

    mutating func armGrace(_ agent: AgentID, at now: Now) {
        guard !flaws.contains(.graceEndless) else { return }
        members.graces[agent] = members.judgeTime(now.instant) + policy.timing.grace
        delays.arm(.grace(agent), due: (now.instant + policy.timing.grace).milliseconds)
    }

    /// Graces that ran out, after the whole inbox: who has come back in this turn keeps his tickets. What the judge was
    /// away meanwhile does not count.
    private mutating func judgeGraces(at now: Now, _ effects: inout [Effect]) {
        let ended = members.gracesDue
        members.gracesDue = []
        for agent in ended {
            guard let row = ledger.agent(agent), case .inGrace = row.presence else { continue }
            let rest = members.graces[agent].map { $0.since(members.judgeTime(now.instant)) } ?? .zero
            if rest > .zero {
                delays.arm(.grace(agent), due: (now.instant + rest).milliseconds)
            } else {
                members.graces[agent] = nil
                endGrace(of: agent, at: now, &effects)
            }
        }
    }
}

extension Ledger {
    /// Whoever had it, by choice or not, has it no more.
    mutating func own(_ owner: RegionOwner) {
        owners[owner.region.index] = owner
        chosen.removeAll { $0 == owner.region }
    }

    mutating func drain(_ router: Incarnation, _ isOn: Bool) {
        draining.removeAll { $0 == router }
        if isOn { draining.append(router) }
    }
}
