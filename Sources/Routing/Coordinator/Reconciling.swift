/// The reconciler: what home routers say that their agents hold, against the ledger. Outcomes and news keep the two the
/// same; a difference is a bug, and would stay until the agent attaches anew: a unit that nobody can use, or a ticket
/// that nobody sees. So what differs twice in a row is put right as the ledger has it, and counted.
package struct Reconciling: Equatable, Sendable {
    /// Agents compared, of whom nothing was under way.
    package internal(set) var compared: UInt64 = 0
    /// Found once: news may be missing that are still to come.
    package internal(set) var differed: UInt64 = 0
    /// Found twice in a row. Never, in a cluster without bugs.
    package internal(set) var repaired: UInt64 = 0
}

extension Coordinator {
    /// Compares a slice, unless commands that left after it have come before it: then the ledger is ahead of it.
    mutating func reconcile(_ exchange: Exchange, at now: Now, _ effects: inout [Effect]) {
        guard let slice = exchange.slice, let member = members.table[exchange.incarnation],
            exchange.cursor > .zero, (member.nextCommand ?? 0) <= exchange.firstCommand,
            let changed = member.agents.keys(after: exchange.cursor)
        else { return }
        let inconclusive = Set(changed).union(slice.unsettled)
        let told = Set(slice.loads.map(\.agent))
        for load in slice.loads where !inconclusive.contains(load.agent) {
            let isWrong = isTwiceWrong(load.agent, differs(load, from: exchange.incarnation), exchange.incarnation)
            if isWrong { tell(exchange.incarnation, of: load.agent, &effects) }
        }
        // Whom the ledger has at home there and the router does not know of: as if his session had ended.
        let end = min(ledger.agents.count, Int(slice.last.value) + 1)
        guard slice.first.index < end else { return }
        for index in slice.first.index..<end where ledger.agents[index].presence == .attached(exchange.incarnation) {
            let agent = AgentID(UInt32(index))
            guard !told.contains(agent), !inconclusive.contains(agent) else { continue }
            guard isTwiceWrong(agent, true, exchange.incarnation) else { continue }
            let epoch = ledger.agents[index].epoch
            commit(.detached(agent, epoch), &effects)
            armGrace(agent, at: now)
            effects.append(.report(.loadRepaired(policy.agent(agent)?.name ?? "?")))
        }
    }

    private func differs(_ load: LoadMark, from router: Incarnation) -> Bool {
        guard policy.agent(load.agent) != nil, let row = ledger.agent(load.agent) else { return false }
        return row.presence != .attached(router) || row.epoch != load.agentEpoch
            || LoadMark.mark(of: work(of: load.agent)) != load.mark
    }

    /// Notes what a comparison said. True for a difference that the one before had found too.
    private mutating func isTwiceWrong(_ agent: AgentID, _ differs: Bool, _ router: Incarnation) -> Bool {
        reconciling.compared += 1
        let wasWrong = members.update(router) { member in
            defer { if differs { member.suspects.insert(agent) } }
            return member.suspects.remove(agent) != nil
        }
        guard differs else { return false }
        reconciling.differed += 1
        guard wasWrong ?? false else { return false }
        reconciling.repaired += 1
        return true
    }

    /// What the ledger has of the agent goes with the next answer. One more than a slice has agents waits for the next
    /// round: it differs still.
    private mutating func tell(_ router: Incarnation, of agent: AgentID, _ effects: inout [Effect]) {
        effects.append(.report(.loadRepaired(policy.agent(agent)?.name ?? "?")))
        _ = members.update(router) { member in
            if member.repairs.count < Limits.loadsPerSliceMax { member.repairs.append(agent) }
        }
    }
}
