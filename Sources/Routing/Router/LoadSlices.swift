/// The router's side of the reconciler: within `Limits.reconcileEvery` every agent who is at home here is told to the
/// coordinator once, a slice with each poll.
struct LoadSlices: Sendable {
    /// Where the next slice begins; nil while the round is over.
    var next: AgentID? = AgentID(0)
    var roundBegan = Instant(milliseconds: 0)
}

extension Router {
    /// What goes with the poll that leaves now; nil when everybody's turn of this round has been.
    mutating func nextSlice(at now: Now) -> LoadSlice? {
        let isDue = now.instant.since(slices.roundBegan) >= Limits.reconcileEvery || points.contains(.fewLoads)
        if slices.next == nil, isDue {
            slices.next = AgentID(0)
        }
        guard let first = slices.next, isLeased(at: now), cursor > .zero else { return nil }
        if first == AgentID(0) { slices.roundBegan = now.instant }
        var agents = hosted.keys.filter { $0 >= first }
        agents.sort()
        let most = points.bound(Limits.loadsPerSliceMax, .fewLoads)
        let isRest = agents.count <= most
        agents = Array(agents.prefix(most))
        let last = isRest ? AgentID(.max) : agents.last ?? first
        slices.next = isRest ? nil : AgentID(last.value + 1)
        let unsettled = outbox.unsettled
        return LoadSlice(
            first: first, last: last,
            loads: agents.compactMap { id in
                guard let agent = hosted[id], agent.isCurrent, !unsettled.contains(id) else { return nil }
                return LoadMark(
                    agent: id, agentEpoch: agent.epoch, mark: LoadMark.mark(of: agent.work.lazy.map(\.assignment)))
            }, unsettled: unsettled.filter { first <= $0 && $0 <= last }.sorted())
    }

    /// The coordinator has found, twice, that the ledger has other tickets for these agents: the ledger is right. Not
    /// for whom something is under way, and not from an answer that is older than what was heard.
    mutating func repair(_ repairs: [AgentChange], as lsn: LSN, at now: Now, _ effects: inout [Effect]) {
        guard !repairs.isEmpty, lsn >= cursor else { return }
        let unsettled = outbox.unsettled
        for change in repairs where !unsettled.contains(change.agent) {
            guard let agent = hosted[change.agent], agent.isCurrent else { continue }
            let isRight =
                change.isHome && change.agentEpoch == agent.epoch
                && LoadMark.mark(of: agent.work.lazy.map(\.assignment)) == LoadMark.mark(of: change.work)
            if isRight { continue }
            counters.loadsRepaired += 1
            effects.append(.report(.loadRepaired(policy.agent(change.agent)?.name ?? "?")))
            learn(change, at: now, &effects)
        }
    }
}

extension Outbox {
    /// Agents for whom something has been asked of the coordinator and not been answered.
    var unsettled: Set<AgentID> { Set(commands.compactMap(\.subject)) }
}

extension Command {
    /// The agent whose session or tickets it may change.
    fileprivate var subject: AgentID? {
        switch self {
        case .assign(let assign): assign.agent
        case .work(let work): work.agent
        case .openAssigned(_, let agent, _, _): agent
        case .attach(let agent, _, _): agent
        case .detach(let agent, _): agent
        case .open, .manage, .attempted, .show, .status, .drain, .own: nil
        }
    }
}
