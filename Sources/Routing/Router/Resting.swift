/// When the engine leaves an available agent alone: after a ticket (wrap-up), when his fair share is reached, while his
/// status flaps, outside of his hours, and for a while after he declined for certain reasons or let an offer pass. All
/// of it is the agent's own, whatever group a ticket came through.
extension Router {
    /// His time after a ticket is over; he may also say so himself.
    mutating func endWrapUp(of id: AgentID, all: Bool = false, at now: Now) {
        guard let agent = hosted[id], agent.wrapUps.contains(where: { all || $0.until <= now.instant }) else { return }
        change(id, at: now) { agent in
            agent.wrapUps.removeAll { all || $0.until <= now.instant }
            if agent.status == .availableForOne && agent.work.isEmpty && agent.wrapUps.isEmpty { agent.status = .away }
        }
    }

    /// He gets nothing for so long, unless a longer pause runs already.
    mutating func pause(_ id: AgentID, for interval: Interval, at now: Now) {
        guard interval > .zero, let agent = hosted[id] else { return }
        let until = max(now.instant + interval, agent.pausedUntil ?? now.instant)
        change(id, at: now) { $0.pausedUntil = until }
        deadlines.arm(.pauseEnds(id), due: until.milliseconds)
    }

    mutating func endPause(of id: AgentID, at now: Now) {
        guard let until = hosted[id]?.pausedUntil, until <= now.instant else { return }
        change(id, at: now) { $0.pausedUntil = nil }
    }

    /// He was given one more ticket: counted for "fewest handled" and for his fair share.
    mutating func noteGiven(to id: AgentID, at now: Now) {
        let window = policy.fairness.window
        let most = policy.fairness.most
        _ = hosted.update(id) { agent in
            agent.given.removeAll { now.instant.since($0) >= window }
            if agent.given.count == Limits.givenKept { agent.given.removeFirst() }
            agent.given.append(now.instant)
            if most > 0 && agent.handled >= most { agent.isResting = true }
        }
        deadlines.arm(.restEnds(id), due: due(window, from: now))
    }

    /// He became available once more. Too often within a minute, and he is left alone until he has kept still.
    mutating func noteAvailable(_ id: AgentID, at now: Now) {
        let isFlapping = hosted.update(id) { agent in
            agent.becameAvailable.removeAll { now.instant.since($0) >= .seconds(60) }
            if agent.becameAvailable.count > Limits.statusChangesMax { agent.becameAvailable.removeFirst() }
            agent.becameAvailable.append(now.instant)
            return agent.becameAvailable.count > Limits.statusChangesMax
        }
        guard isFlapping ?? false else { return }
        _ = hosted.update(id) { $0.isResting = true }
        deadlines.arm(.restEnds(id), due: due(.seconds(30), from: now))
    }

    /// Something that made him rest is longer ago now: he rests on if there is still a reason.
    mutating func endRest(of id: AgentID, at now: Now) {
        guard let agent = hosted[id] else { return }
        let given = agent.given.filter { now.instant.since($0) < policy.fairness.window }
        let isFull = policy.fairness.most > 0 && given.count >= Int(policy.fairness.most)
        let last = agent.becameAvailable.last ?? Instant(milliseconds: 0)
        let isFlapping =
            agent.becameAvailable.count > Limits.statusChangesMax && now.instant.since(last) < .seconds(30)
        guard given.count != agent.given.count || agent.isResting != (isFull || isFlapping) else { return }
        change(id, at: now) { agent in
            agent.given = given
            agent.isResting = isFull || isFlapping
            if !isFlapping { agent.becameAvailable = [] }
        }
    }

    // MARK: - hours

    /// Whose hours have ended is offered nothing more, and an offer that is open is withdrawn, lest it count against
    /// him that he has gone home; what he holds he keeps. Whose hours have begun is there again.
    ///
    /// At nine in the morning it is thousands: `Limits.shiftsPerTurnMax` a turn, the others in the next one. All agents
    /// are looked at once a minute at least, for the wall clock may be set; the timer runs by the one that never jumps.
    mutating func changeShifts(at now: Now, _ effects: inout [Effect]) {
        let isOpen = policy.calendars.map { $0.isOpen(at: now.wall) }
        let most = points.bound(Limits.shiftsPerTurnMax, .fewShifts)
        var changed = 0
        for agent in hosted.rows where agent.isCurrent && changed < most {
            guard let known = policy.agent(agent.id) else { continue }
            let isOff = known.hours.map { $0.index < isOpen.count && !isOpen[$0.index] } ?? false
            guard isOff != agent.isOffShift else { continue }
            changed += 1
            change(agent.id, at: now) { $0.isOffShift = isOff }
            guard isOff else { continue }
            for offer in agent.offers where !offer.isAccepting {
                drop(offer.offer.id, of: agent.id, .withdrawn, at: now, &effects)
            }
        }
        guard !policy.calendars.isEmpty || changed == most else { return }
        let rests = policy.calendars.compactMap { $0.nextEdge(after: now.wall)?.since(now.wall) }
        let rest = min(rests.min() ?? .seconds(60), .seconds(60))
        shiftsDue = now.instant + (changed < most ? rest : Interval(milliseconds: 1))
        deadlines.arm(.shiftsChange(due: shiftsDue), due: shiftsDue.milliseconds)
    }
}
