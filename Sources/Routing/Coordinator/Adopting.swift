/// Taking up a policy: at the start, and while everything runs.
extension Coordinator {
    /// Takes up the policy compiled from the cluster file; its text is journaled only when it is a new one. Nothing is
    /// dropped: tickets of a group that is not there any more go to the default rule's group, agents who are not there
    /// any more give back what they hold, and every waiting ticket is looked at under the new steps.
    mutating func adopt(
        _ policy: Policy, _ text: String, _ additions: Catalog.Additions, at now: Now, _ effects: inout [Effect]
    ) {
        if policy.version != ledger.policyVersion {
            commit(.policyAdopted(version: policy.version, text: text, additions: additions), &effects)
        }
        invariant(policy.catalog == ledger.catalog, "the policy speaks of other numbers than the ledger")
        let isFirst = self.policy.version == 0
        // One that comes back counts too: tickets that had been widened to it wait there again.
        let isRedrawn = self.policy.groups.indices.contains { index in
            self.policy.groups[index]?.region != policy.group(GroupID(UInt32(index)))?.region
        }
        self.policy = policy
        members.policyChanged(at: ledger.lsn, regions: policy.catalog.regions.count, isRedrawn: isRedrawn)
        let attached = ledger.agents.indices.map { isAttached(AgentID(UInt32($0))) }
        duty.recount(policy) { attached[$0.index] }
        armHours()
        if isFirst {
            for router in ledger.routers {
                members.renew(router.incarnation, until: members.judgeTime(now.instant) + policy.timing.lease)
            }
            rearm(at: now, &effects)
        }
        dismissAgents(at: now, &effects)
        reviews.begin()
        for index in ledger.groups.indices {
            let group = GroupID(UInt32(index))
            if policy.group(group) == nil { reviews.addRemoved(group) } else { reviews.add(group) }
        }
        recount.begin()
        effects.append(.report(.policyAdopted(policy.version)))
    }

    /// Agents whom the policy does not have any more: their sessions and graces are over.
    private mutating func dismissAgents(at now: Now, _ effects: inout [Effect]) {
        for index in ledger.agents.indices where policy.agent(AgentID(UInt32(index))) == nil {
            let agent = AgentID(UInt32(index))
            let row = ledger.agents[index]
            if row.presence == .offline && row.work.isEmpty { continue }
            if case .attached(let home) = row.presence {
                commit(.detached(agent, row.epoch), &effects)
                members.changed(agent, for: home, at: ledger.lsn)
            }
            commit(.graceEnded(agent, row.epoch), &effects)
            for id in row.work { returnToQueue(id, from: nil, nil, Cause(.policy), at: now, &effects) }
        }
    }

    /// Waiting tickets of a group that is not there any more, so many a turn.
    mutating func moveOrphans(of group: GroupID, atMost most: Int, at now: Now, _ effects: inout [Effect]) -> Int {
        let lot = ledger.waiting(in: group).elements(after: TicketID(0), atMost: most)
        for id in lot {
            guard let ticket = ledger.tickets[id] else { continue }
            place(
                ticket, in: sink, .transferred, Cause(.policy, note: "its group is gone"), keepsAge: true, at: now,
                &effects)
        }
        return lot.count
    }
}
