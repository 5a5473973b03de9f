/// Who is on duty, as far as the coordinator knows: attached, and not reported otherwise by the home router. It decides
/// whether work spills over and nothing else, so it is not in the ledger; a new coordinator takes everybody who is
/// attached as on duty until his router says otherwise.
struct Duty: Sendable {
    /// By `AgentID.index`: attached and said to be off duty.
    private var isOff: [Bool] = []
    private var isOn: [Bool] = []
    /// By `AgentID.index`: the newest report, so that one that was overtaken counts no more.
    private var heard: [(epoch: AgentEpoch, version: UInt32)] = []
    /// By `GroupID.index`.
    private var counts: [Int32] = []

    func count(in group: GroupID) -> Int32 { group.index < counts.count ? counts[group.index] : 0 }

    /// Counts anew, after a change of who is in which group.
    mutating func recount(_ policy: Policy, _ isAttached: (AgentID) -> Bool) {
        while isOff.count < policy.agents.count {
            isOff.append(false)
            heard.append((AgentEpoch(0), 0))
        }
        isOn = [Bool](repeating: false, count: policy.agents.count)
        counts = [Int32](repeating: 0, count: policy.groups.count)
        for case let agent? in policy.agents { _ = refresh(agent, isAttached: isAttached(agent.id)) }
    }

    mutating func report(_ agent: AgentID, isOnDuty: Bool) {
        if agent.index < isOff.count { isOff[agent.index] = !isOnDuty }
    }

    /// Whether the report is not older than what was heard of the agent in that epoch.
    mutating func isNews(_ report: DutyReport) -> Bool {
        guard report.agent.index < heard.count else { return false }
        let known = heard[report.agent.index]
        if known.epoch == report.agentEpoch && known.version > report.version { return false }
        heard[report.agent.index] = (report.agentEpoch, report.version)
        return true
    }

    /// Takes in a change of the agent; gives the groups that have somebody now and had nobody, or the other way round.
    mutating func refresh(_ agent: Agent, isAttached: Bool) -> [GroupID] {
        guard agent.id.index < isOn.count else { return [] }
        let isNowOn = isAttached && !isOff[agent.id.index]
        guard isOn[agent.id.index] != isNowOn else { return [] }
        isOn[agent.id.index] = isNowOn
        var turned: [GroupID] = []
        for group in agent.groups where group.index < counts.count {
            counts[group.index] += isNowOn ? 1 : -1
            if counts[group.index] == (isNowOn ? 1 : 0) { turned.append(group) }
        }
        return turned
    }
}

extension Coordinator {
    /// A router says who of its agents is on duty.
    mutating func hear(_ reports: [DutyReport], from router: Incarnation) {
        for report in reports {
            guard let row = ledger.agent(report.agent), row.epoch == report.agentEpoch,
                row.presence == .attached(router), duty.isNews(report)
            else { continue }
            duty.report(report.agent, isOnDuty: report.isOnDuty)
            refreshDuty(of: report.agent)
        }
    }

    mutating func refreshDuty(of id: AgentID) {
        guard let agent = policy.agent(id) else { return }
        for group in duty.refresh(agent, isAttached: isAttached(id)) { reviews.add(group) }
    }

    func isAttached(_ agent: AgentID) -> Bool {
        if case .attached? = ledger.agent(agent)?.presence { return true }
        return false
    }

    // MARK: - hours

    func isOpen(_ group: Group) -> Bool { policy.hours(of: group).isOpen(at: time) }

    /// Nil for a group that is open now, or that the calendar never opens.
    func nextOpening(of group: Group) -> WallTime? { policy.hours(of: group).nextOpening(after: time) }
}
