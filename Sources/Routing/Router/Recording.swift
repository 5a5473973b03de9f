/// Decision records: made for the offers that are made, never for a look that leads to none.
extension Router {
    /// Why this agent is about to be asked, as the facts are before his unit is held.
    func record(
        of agent: AgentID, for ticket: QueuedTicket, through group: GroupID, isSticky: Bool = false,
        isClaim: Bool = false, at now: Now
    ) -> DecisionRecord {
        record(
            of: agent, for: ticket.asked, excluding: ticket.excluded, through: group, isSticky: isSticky,
            isClaim: isClaim, at: now)
    }

    func record(
        of agent: AgentID, for demand: Demand, excluding excluded: [Exclusion] = [], through group: GroupID,
        isSticky: Bool = false, isClaim: Bool = false, at now: Now
    ) -> DecisionRecord {
        var survey = presence.survey(group, for: demand, excluding: excluded, at: now.instant)
        survey.counts.members = UInt32(policy.members(of: group).count)
        return DecisionRecord(
            policyVersion: policy.version, group: group, strategy: survey.strategy, isSticky: isSticky,
            isClaim: isClaim, counts: survey.counts,
            chosen: presence.candidate(agent, in: group, for: demand, at: now.instant), best: survey.best)
    }
}

extension PresenceView {
    package func survey(
        _ group: GroupID, for demand: Demand, excluding excluded: [Exclusion] = [], at now: Instant
    ) -> DecisionSurvey {
        ready.survey(group, for: demand, excluding: excluded, at: now)
    }

    /// What the agent is worth to the ticket by the group's strategy; nothing if he is not ready.
    package func candidate(
        _ agent: AgentID, in group: GroupID, for demand: Demand, at now: Instant
    ) -> DecisionRecord.Candidate {
        let score = self[agent]?.readiness.map { ready.score(agent, $0, in: group, for: demand, at: now) }
        return DecisionRecord.Candidate(agent: agent, score: score ?? 0)
    }
}

/// Who could have been asked, as a decision record has it.
package struct DecisionSurvey: Equatable, Sendable {
    package var strategy = Strategy.longestIdle
    /// All but the members, whom the index does not know.
    package var counts = DecisionRecord.Counts()
    package var best: [DecisionRecord.Candidate] = []
}

extension ReadyIndex {
    /// Looks at the first `Limits.decisionScanMax` ready agents of a group.
    func survey(
        _ group: GroupID, for demand: Demand, excluding excluded: [Exclusion], at now: Instant
    ) -> DecisionSurvey {
        var survey = DecisionSurvey()
        guard group.index < groupCount else { return survey }
        survey.strategy = ranking(group, for: demand)
        survey.best.reserveCapacity(DecisionRecord.bestMax)
        let mask = SkillMask(demand.signature)
        let folded = mask.folded
        let readyCount = readyCount(in: group)
        var scanned = 0
        firstReady(in: group) { entry in
            if scanned == Limits.decisionScanMax { return true }
            scanned += 1
            guard folded & ~entry.skills == 0, meets(Int(entry.agent), demand, mask) else { return false }
            survey.counts.able += 1
            let agent = AgentID(entry.agent)
            if !excluded.isEmpty && excluded.excludes(agent, at: now) { return false }
            survey.counts.notExcluded += 1
            // In the order of the strategy already, but for the best skilled.
            guard survey.best.count < DecisionRecord.bestMax || survey.strategy == .bestSkilled else { return false }
            let score = score(entry, survey.strategy, for: demand, at: now)
            survey.best.take(DecisionRecord.Candidate(agent: agent, score: score), survey.strategy)
            return false
        }
        survey.counts.ready = UInt32(readyCount)
        survey.counts.mayBeMore = readyCount > scanned
        return survey
    }

    func score(
        _ agent: AgentID, _ readiness: Readiness, in group: GroupID, for demand: Demand, at now: Instant
    ) -> UInt64 {
        guard group.index < groupCount else { return 0 }
        let strategy = ranking(group, for: demand)
        return score(Self.entry(of: agent, readiness, 0, strategy), strategy, for: demand, at: now)
    }

    private func ranking(_ group: GroupID, for demand: Demand) -> Strategy {
        let strategy = strategy(of: group)
        return strategy == .bestSkilled && demand.signature.requirements.isEmpty ? .longestIdle : strategy
    }

    private func score(_ entry: Entry, _ strategy: Strategy, for demand: Demand, at now: Instant) -> UInt64 {
        switch strategy {
        case .longestIdle: now.since(Instant(milliseconds: entry.idleSince)).milliseconds
        case .leastLoaded: Self.thousandths(entry.key)
        case .roundRobin: now.since(Instant(milliseconds: entry.key)).milliseconds
        case .bestSkilled: UInt64(sumOfLevels(Int(entry.agent), for: demand))
        case .fewestHandled: entry.key
        }
    }

    /// A fraction of 2^64, rounded to thousandths.
    private static func thousandths(_ share: UInt64) -> UInt64 {
        let product = share.multipliedFullWidth(by: 1000)
        return product.high + (product.low >> 63)
    }
}

extension [DecisionRecord.Candidate] {
    /// Takes in one more. Those of equal worth come longest idle first, and stay so.
    fileprivate mutating func take(_ candidate: DecisionRecord.Candidate, _ strategy: Strategy) {
        let place = strategy == .bestSkilled ? firstIndex { $0.score < candidate.score } ?? count : count
        guard place < DecisionRecord.bestMax else { return }
        if count == DecisionRecord.bestMax { removeLast() }
        insert(candidate, at: place)
    }
}
