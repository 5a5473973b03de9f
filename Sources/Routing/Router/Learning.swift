/// What the coordinator answered: first the outcomes of our commands, then what changed for us.
extension Router {
    mutating func learn(_ exchanged: Exchanged, from batch: UInt64, at now: Now, _ effects: inout [Effect]) {
        guard let answered = outbox.answered(batch, exchanged.outcomes) else { return }
        leaseUntil = max(leaseUntil, lease(askedAt: answered.sentAt, at: now))
        // Answers may overtake each other: an older policy than ours is no news.
        if let policy = exchanged.policy, policy.version >= self.policy.version { adopt(policy, at: now, &effects) }
        if reign != exchanged.reign {
            // A new coordinator takes everybody as on duty until it hears otherwise.
            reign = exchanged.reign
            for agent in hosted.rows where !agent.isOnDuty { outbox.report(agent) }
        }
        // Answers may overtake each other; one that reflects an older state than we know brings no news.
        // One to a question that left before we had to go back (`goBack`) leaves a gap.
        let isList = exchanged.lsn == cursor && exchanged.regions.contains { $0.listed != nil }
        let isNews = (exchanged.lsn > cursor || isList) && answered.cursor <= cursor || cursor == .zero
        if isNews {
            cursor = max(cursor, exchanged.lsn)
            if let membership = exchanged.membership { learn(membership, at: now, &effects) }
            let wasListing = !unlisted.isEmpty
            learn(exchanged.regions, wall: exchanged.wall, at: now, &effects)
            // The poll that is out does not ask for the rest of what has begun.
            if !wasListing && !unlisted.isEmpty { outbox.askAnew() }
        }
        goBack(answered.settled.map(\.0))
        lsnHighest = max(lsnHighest, exchanged.lsn)
        for (entry, outcome) in answered.settled {
            settle(entry, outcome, at: now, &effects)
            if let agent = entry.command.spender { _ = hosted.update(agent) { $0.settledAt = lsnHighest } }
        }
        // After the outcomes, which are all older: what others did to our agents' tickets is done to those of now.
        if isNews || exchanged.lsn == cursor && answered.cursor <= cursor {
            var isOlder = false
            for change in exchanged.agents {
                if let settled = hosted[change.agent]?.settledAt, settled > exchanged.lsn {
                    isOlder = true
                } else {
                    learn(change, at: now, &effects)
                }
            }
            // An outcome that we have may be missing in it: asked again, it comes as of now.
            if isOlder { ask(from: answered.cursor) }
        }
        repair(exchanged.repairs, as: exchanged.lsn, at: now, &effects)
    }

    /// What others changed for an agent was heard before the outcome of a command of his, which was late or lost.
    /// Which of them is the newer is not known, so the news since the command left are asked for once more.
    private mutating func goBack(_ settled: [Outbox.Entry]) {
        for entry in settled {
            guard let asked = entry.asked, asked > .zero, let told = told(of: entry.command), asked < told
            else { continue }
            if asked < cursor { ask(from: asked) }
        }
    }

    /// All news since then, once more.
    private mutating func ask(from lsn: LSN) {
        cursor = lsn
        // The poll that is out asks from too late on: its answer would be no news.
        outbox.askAnew()
    }

    /// What was heard last of the agent whose tickets the outcome tells or changes; of one who is only welcomed now,
    /// what was heard of his new session before.
    private mutating func told(of command: Command) -> LSN? {
        if case .attach(let agent, _, _) = command { return toldEarly.removeValue(forKey: agent) }
        return command.spender.flatMap { hosted[$0]?.toldAt }
    }

    /// The holder's lease ends this much before the grantor's.
    static let leaseMargin = Interval(milliseconds: 300)

    private func lease(askedAt: Instant, at now: Now) -> Instant {
        let lease = policy.timing.lease.milliseconds
        if flaws.contains(.leaseFromReceipt) { return now.instant + Interval(milliseconds: 3 * lease) }
        return askedAt + Interval(milliseconds: lease - Self.leaseMargin.milliseconds)
    }

    private mutating func adopt(_ policy: Policy, at now: Now, _ effects: inout [Effect]) {
        self.policy = policy
        queues.resize(to: policy.groups.count)
        queues.reorder(policy.order)
        presence.adopt(policy)
        for agent in hosted.rows { renew(agent, at: now) }
        for id in queues.ids { relax(id, at: now) }
        queueAnew(at: now, &effects)
        freshTickets += stuck.all
        changeShifts(at: now, &effects)
        // Who is in other groups now, or whose groups weigh otherwise, may take what he could not take before.
        freshAgents += presence.all.map(\.presence.agent)
    }

    /// An agent as the new policy has him. Whoever it does not have any more hears so from the coordinator.
    private mutating func renew(_ agent: HostedAgent, at now: Now) {
        guard let known = policy.agent(agent.id),
            known.capacity != agent.capacity || known.skills != agent.skills
                || known.channelLimits != agent.channelLimits
        else { return }
        change(agent.id, at: now) { agent in
            agent.capacity = known.capacity
            agent.skills = known.skills
            agent.channelLimits = known.channelLimits
        }
        freshAgents.append(agent.id)
    }

    private mutating func settle(_ entry: Outbox.Entry, _ outcome: Outcome, at now: Now, _ effects: inout [Effect]) {
        switch entry.purpose {
        case .submit(let token, let index, let tries):
            settleOpening(entry.command, outcome, at: now)
            settleSubmit(token, index, tries, outcome, at: now, &effects)
        case .attach(let token, let index):
            guard case .attach(let agent, _, _) = entry.command else { return }
            settleAttach(token, index, agent, outcome, at: now, &effects)
        case .reattach(let agent, let former): settleReattach(agent, former, outcome, at: now, &effects)
        case .accept(let token, let index, let agent, let offer):
            settle(token, index, settleAccept(offer, by: agent, outcome, at: now, &effects), at: now, &effects)
        case .ownAccept(let offer, let place): settleOwnAccept(offer, place, outcome, at: now, &effects)
        case .locate(let place, let agent, let ticket, let fence):
            located(ticket, fence, by: agent, place, outcome, at: now, &effects)
        case .work(let token, let index):
            guard case .work(let work) = entry.command else { return }
            settle(token, index, settleWork(work, outcome, at: now), at: now, &effects)
        case .giveBack:
            // Refused when he has attached anew meanwhile: then his new session knows that he has it.
            guard case .work(let work) = entry.command else { return }
            _ = settleWork(work, outcome, at: now)
        case .query(let token): effects.append(.answered(outcome, token))
        case .explain(let token, let ticket): settleExplain(token, ticket, outcome, &effects)
        case .detach, .attempted, .drain: break
        }
    }

    private mutating func settleReattach(
        _ agent: AgentID, _ former: AgentEpoch, _ outcome: Outcome, at now: Now, _ effects: inout [Effect]
    ) {
        // Without that session the agent has left, and his detach is on its way, or has attached anew himself.
        guard let known = hosted[agent], known.epoch == former else {
            if case .attached(let epoch, _) = outcome, hosted[agent] == nil {
                outbox.add(.detach(agent, epoch), for: .detach(agent))
            }
            return
        }
        if case .attached(let epoch, let work) = outcome {
            welcome(agent, epoch, known.instance, work, at: now, &effects)
        } else if case .refused(.staleEpoch) = outcome {
            endSession(known.instance, at: now, &effects)
        } else {
            supersede(agent, at: now, &effects)
        }
    }

    // MARK: - membership and regions

    private mutating func learn(_ membership: Membership, at now: Now, _ effects: inout [Effect]) {
        self.membership = membership
        presence.keep(homes: membership.routers.map(\.incarnation))
        freshAgents += presence.suspect(membership.suspect)
        learnDraining(at: now)
        gossip.meet(membership.routers.map(\.incarnation).filter { $0 != incarnation }, at: now.instant)
        freshTickets += stuck.all
        effects.append(.membership(membership))
        let former = ownedRegions
        for owner in membership.owners {
            let name = policy.catalog.regions.name(owner.region.value)
            let known = ownedRegions[owner.region]
            if owner.owner == incarnation {
                // A peer may have told us what came after this.
                guard handovers.kept[owner.region].map({ $0.epoch < owner.epoch }) ?? true else { continue }
                guard known != owner.epoch else { continue }
                effects.append(.report(.owns(name, owner.epoch)))
                ownedRegions[owner.region] = owner.epoch
                let former = membership.handovers.first { $0.region == owner.region }?.from
                if let former, former != incarnation {
                    self.await(owner.region, owner.epoch, from: former, at: now, &effects)
                }
            } else if known != nil, !flaws.contains(.ownerEpochIgnored) {
                let isLive = membership.routers.contains { $0.incarnation == owner.owner }
                letGo(owner.region, owner.epoch, to: isLive ? owner.owner : .none, at: now, &effects)
            }
        }
        if ownedRegions != former { queueAnew(at: now, &effects) }
    }

    /// After a change of owners or groups: lets go the tickets that wait in no region of ours any more, and puts the
    /// others into the lanes of those that are ours now. Only a ticket's home region makes offers, only another one
    /// claims.
    mutating func queueAnew(at now: Now, _ effects: inout [Effect]) {
        for id in queues.ids {
            guard let ticket = queues[id] else { continue }
            let isOurs = ([ticket.waiting.group] + ticket.waiting.widened).contains { owns($0) }
            guard isOurs else {
                forget(id, holder: nil, at: now, &effects)
                continue
            }
            switch ticket.phase {
            case .queued: requeue(id, at: now)
            case .offered(let offers):
                guard !isHome(ticket.waiting) else { break }
                for open in offers { withdraw(open, at: now, &effects) }
                requeue(id, at: now)
            case .claiming(let agent):
                guard isHome(ticket.waiting) else { break }
                release(agent, claimID(ticket.waiting))
                requeue(id, at: now)
            }
        }
    }

    // MARK: - tickets

    private mutating func learn(
        _ regions: [RegionChanges], wall: WallTime, at now: Now, _ effects: inout [Effect]
    ) {
        // What has gone goes first: a ticket may have left one region of ours for another.
        for region in regions {
            for departed in region.noLonger where !waitsAtHome(departed.ticket, not: region.region) {
                forget(departed.ticket, holder: departed.holder, at: now, &effects)
            }
            learnList(region, at: now, &effects)
        }
        for region in regions {
            for ticket in region.waiting { learn(ticket, wall: wall, at: now, &effects) }
            takeOverIfListed(region.region, at: now, &effects)
        }
    }

    /// Whether the ticket's own group is in another region of ours: then the news of that one say what becomes of it.
    /// A ticket that is narrowed leaves a region to which it had been widened, and nothing else about it changes.
    func waitsAtHome(_ id: TicketID, not region: RegionID) -> Bool {
        guard let place = queues.place(of: id), let home = policy.group(place.group)?.region else { return false }
        return home != region && ownedRegions[home] != nil
    }

    /// Whoever gave it away is not asked at once whether he wants it.
    private mutating func exclude(_ giver: Giver, from ticket: TicketID, wall: WallTime, at now: Now) {
        let spent = wall.since(giver.at).milliseconds
        let whole = policy.timing.declineExclusion.milliseconds
        guard spent < whole else { return }
        let rest = Interval(milliseconds: whole - spent)
        _ = queues.update(ticket) { $0.exclude(giver.agent, until: now.instant + rest, at: now.instant) }
        deadlines.arm(.exclusionEnds(ticket), due: due(rest, from: now))
    }

    private mutating func learn(
        _ ticket: WaitingTicket, wall: WallTime, at now: Now, _ effects: inout [Effect]
    ) {
        let ticket = ticket.mistaken(flaws)
        if let known = queues[ticket.ticket] {
            guard known.waiting != ticket else { return }
            guard ticket.fence >= known.waiting.fence else { return }
            if ticket.fence == known.waiting.fence && ticket.group == known.waiting.group {
                // Widened: it keeps its place, and an offer that is out goes on.
                _ = queues.update(ticket.ticket) { $0.waiting = ticket }
                relax(ticket.ticket, at: now)
                if known.phase == .queued {
                    requeue(ticket.ticket, at: now)
                } else {
                    freshTickets.append(ticket.ticket)
                }
                return
            }
            forget(ticket.ticket, holder: nil, at: now, &effects)
        }
        guard ticket.group.index < policy.groups.count else { return }
        queues.insert(ticket, since: now.instant - wall.since(ticket.enteredAt))
        if let giver = ticket.giver { exclude(giver, from: ticket.ticket, wall: wall, at: now) }
        relax(ticket.ticket, at: now)
        requeue(ticket.ticket, at: now)
    }

    // MARK: - our agents, changed by others

    mutating func learn(_ change: AgentChange, at now: Now, _ effects: inout [Effect]) {
        if hosted[change.agent].map({ $0.epoch < change.agentEpoch }) ?? true, outbox.isAttaching(change.agent) {
            // The outcome of his attach is still to come, and is older.
            toldEarly[change.agent] = max(toldEarly[change.agent] ?? .zero, cursor)
        }
        guard let agent = hosted[change.agent], agent.isCurrent else { return }
        guard change.isHome else {
            guard change.agentEpoch >= agent.epoch else { return }
            if policy.agent(agent.id) != nil && change.instance == agent.instance {
                endSession(agent.instance, at: now, &effects)
            } else {
                supersede(agent.id, at: now, &effects)
            }
            return
        }
        guard change.agentEpoch == agent.epoch else { return }
        _ = hosted.update(agent.id) { $0.toldAt = max($0.toldAt, cursor) }
        let isSame =
            agent.work.count == change.work.count
            && change.work.allSatisfy { work in agent.work.contains { $0.assignment == work } }
        if isSame { return }
        self.change(agent.id, at: now) { agent in
            agent.work.removeAll { held in !change.work.contains { held.isFor($0.ticket, $0.fence) } }
            for index in agent.work.indices {
                let held = agent.work[index]
                if let work = change.work.first(where: { held.isFor($0.ticket, $0.fence) }) {
                    agent.work[index].assignment = work
                }
            }
            for work in change.work where !agent.work.contains(where: { $0.isFor(work.ticket, work.fence) }) {
                agent.work.append(HostedWork(assignment: work, version: agent.version + 1))
            }
        }
    }
}

extension Command {
    /// Whose capacity the outcome changes.
    fileprivate var spender: AgentID? {
        switch self {
        case .assign(let assign): assign.agent
        case .work(let work): work.agent
        case .openAssigned(_, let agent, _, _): agent
        case .open, .attach, .detach, .manage, .attempted, .show, .status, .drain, .own: nil
        }
    }
}

extension WaitingTicket {
    /// As an owner takes it in that makes the mistake.
    fileprivate func mistaken(_ flaws: Flaws) -> WaitingTicket {
        let (isOpen, isFlat) = (flaws.contains(.requirementsLost), flaws.contains(.prioritiesLost))
        guard isOpen || isFlat else { return self }
        return WaitingTicket(
            ticket: ticket, fence: fence, group: group, widened: widened, priority: isFlat ? 0 : priority,
            enteredAt: enteredAt, signature: isOpen ? Signature([]) : signature, subject: subject, cost: cost,
            channel: channel, preferred: preferred, giver: giver)
    }
}
