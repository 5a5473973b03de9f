/// Sessions go to other routers: because this one drains, or because it has lost the coordinator and knows of a router
/// that has not. A session whose turn it is gets no new offers, waits for the end of those that its agents look at, and
/// is then told where to attach. It counts as being here until the ledger says that it is elsewhere, so that nobody
/// seems to be off duty on the way.
extension Router {
    /// Others that take sessions: those of our own region first, each list begun at another place for each asker, so
    /// that clients spread; then, as a last resort, those that are late or drain.
    func refuges(for asker: Int) -> [String] {
        let others = membership.routers.filter { $0.incarnation != incarnation }
        let own = membership.routers.first { $0.incarnation == incarnation }?.region
        let takers = others.filter { membership.takes($0.incarnation) }
        func turned(_ list: [RouterInfo]) -> [RouterInfo] {
            guard !list.isEmpty else { return [] }
            let place = asker % list.count
            return Array(list[place...] + list[..<place])
        }
        let list =
            turned(takers.filter { $0.region == own }) + turned(takers.filter { $0.region != own })
            + others.filter { !membership.takes($0.incarnation) }
        return list.map(\.address)
    }

    /// Whether anybody could take over what is here.
    package var hasRefuge: Bool {
        membership.routers.contains { $0.incarnation != incarnation && membership.takes($0.incarnation) }
    }

    /// Draining, and nothing is left to give away.
    package var isDrained: Bool {
        isDraining && sessions.isEmpty && ownedRegions.isEmpty && handovers.areFetched && outbox.count == 0
            && submits.isEmpty
    }

    /// What the coordinator says of us.
    mutating func learnDraining(at now: Now) {
        let wasDraining = isDraining
        isDraining = membership.draining.contains(incarnation)
        if isDraining && !wasDraining { deadlines.arm(.moveLot, due: now.instant.milliseconds) }
        if !isDraining && wasDraining { keepSessions(at: now) }
    }

    /// Nobody has to go any more; whoever was told already goes.
    private mutating func keepSessions(at now: Now) {
        moveTo = nil
        for session in sessions.rows where session.movesSince != nil && !session.isMoved {
            _ = sessions.update(session.instance) { $0.movesSince = nil }
            for id in session.agents { change(id, shows: false, at: now) { $0.isMoving = false } }
        }
    }

    // MARK: - lots

    /// Where sessions should go now; nil when they should stay.
    private func whereTo(_ asker: Int, at now: Now) -> [String]? {
        if isDraining { return hasRefuge ? refuges(for: asker) : nil }
        return isLeased(at: now) ? nil : moveTo.map { [$0] }
    }

    /// Some sessions are told to go, and those whose offers have ended since the last lot.
    mutating func moveLot(at now: Now, _ effects: inout [Effect]) {
        guard whereTo(0, at: now) != nil else {
            if isDraining { deadlines.arm(.moveLot, due: due(.seconds(1), from: now)) } else { keepSessions(at: now) }
            return
        }
        var left = points.bound(Limits.sessionsMovedPerLot, .fewSessionsMoved)
        var isWaiting = false
        for (number, session) in sessions.rows.enumerated() where !session.isMoved {
            if session.movesSince == nil {
                guard left > 0 else {
                    isWaiting = true
                    continue
                }
                left -= 1
                _ = sessions.update(session.instance) { $0.movesSince = now.instant }
                for id in session.agents { change(id, shows: false, at: now) { $0.isMoving = true } }
            }
            if isBusy(session), now.instant.since(session.movesSince ?? now.instant) < Limits.moveOfferPatience {
                isWaiting = true
            } else if let routers = whereTo(number, at: now) {
                move(session, to: routers, at: now, &effects)
            }
        }
        if isWaiting { deadlines.arm(.moveLot, due: due(Limits.moveLotEvery, from: now)) }
    }

    /// Whether its agents look at something, or wait for the answer to something.
    private func isBusy(_ session: Session) -> Bool {
        session.agents.contains { hosted[$0].map { !$0.offers.isEmpty || !$0.expected.isEmpty } ?? false }
            || polls.rows.contains { $0.instance == session.instance }
    }

    private mutating func move(
        _ session: Session, to routers: [String], at now: Now, _ effects: inout [Effect]
    ) {
        counters.sessionsMoved += 1
        _ = sessions.update(session.instance) {
            $0.isMoved = true
            $0.parked = nil
        }
        awaitWord(of: session.instance, at: now)
        if let token = session.parked { effects.append(.move(routers, token)) }
    }

    /// A session that was to go says something: it is told once more. False when it may stay.
    mutating func isSentAway(
        _ instance: ClientInstance, _ token: RequestToken, at now: Now, _ effects: inout [Effect]
    ) -> Bool {
        guard sessions.update(instance, { $0.isMoved }) ?? false, let session = sessions[instance] else { return false }
        guard let routers = whereTo(Int(truncatingIfNeeded: token.value & 0xffff), at: now) else {
            _ = sessions.update(instance) {
                $0.isMoved = false
                $0.movesSince = nil
            }
            for id in session.agents { change(id, shows: false, at: now) { $0.isMoving = false } }
            return false
        }
        effects.append(.move(routers, token))
        return true
    }

    // MARK: - without a lease

    /// Once a second while the lease is over: is there a router that has one?
    mutating func seekRefuge(at now: Now, _ effects: inout [Effect]) {
        guard incarnation != .none, !isLeased(at: now), !sessions.isEmpty, moveTo == nil else {
            if isLeased(at: now) && moveTo != nil { keepSessions(at: now) }
            return
        }
        let others = membership.routers.filter { $0.incarnation != incarnation }
        let own = membership.routers.first { $0.incarnation == incarnation }?.region
        let asked = others.filter { $0.region == own } + others.filter { $0.region != own }
        for router in asked.prefix(2) { ask(router.incarnation, .lease, .lease(router.address), &effects) }
    }

    mutating func foundRefuge(_ address: String, _ reply: PeerReply?, at now: Now) {
        guard case .leased(true)? = reply, moveTo == nil, !isLeased(at: now) else { return }
        moveTo = address
        deadlines.arm(.moveLot, due: now.instant.milliseconds)
    }

    // MARK: - the end of the process

    /// The process is about to end: the coordinator is asked to let this router go.
    mutating func leave(_ effects: inout [Effect]) {
        isLeaving = true
        if incarnation != .none { outbox.add(.drain(router: name, isOn: true), for: .drain) }
    }
}
