import Testing

@testable import Routing

@Suite("the life of a ticket at the coordinator") struct LifeTests {
    /// The usual company, with these steps for north's agents and for head office's.
    private func company(
        north: [GroupStep] = [], hq: [GroupStep] = [], timing: Timing = .brisk, limits: [ChannelLimit] = []
    ) -> Company {
        let base = Company(people: Desk.people, timing: timing)
        let steps = [GroupID(3): north, GroupID(0): hq]
        let groups = base.policy.groups.map { group in
            group.map {
                Group(
                    id: $0.id, name: $0.name, region: $0.region, tier: $0.tier, escalatesTo: $0.escalatesTo,
                    steps: steps[$0.id] ?? [], offerTimeout: $0.offerTimeout, refuseAt: $0.refuseAt)
            }
        }
        let agents = base.policy.agents.map { agent in
            agent.map {
                Agent(
                    id: $0.id, name: $0.name, groups: $0.groups, skills: $0.skills, capacity: 3, channelLimits: limits)
            }
        }
        let policy = Policy(
            version: 1, catalog: base.policy.catalog, groups: groups, agents: agents, regions: base.policy.regions,
            rules: base.policy.rules, timing: timing)
        return Company(policy: policy, additions: base.additions)
    }

    private func manage(
        _ action: ManageAction, _ ticket: TicketID = TicketID(1), key: UInt64 = 900,
        cause: Cause = Cause(.supervisor, by: "sue")
    ) -> Command {
        .manage(Command.Manage(ticket: ticket, key: SubmitKey(high: 1, low: key), action: action, cause: cause))
    }

    @Test("a command that closes a ticket is answered the same again, as long as its key is kept")
    func repeatedCancel() {
        var desk = Desk()
        _ = desk.decide(desk.open(1))
        _ = desk.decide(manage(.setPriority(7), key: 901))
        #expect(desk.decide(manage(.cancel)) == .done(Fence(2)))
        #expect(desk.decide(manage(.cancel)) == .done(Fence(2)))
        #expect(desk.decide(manage(.setPriority(7), key: 901)) == .done(Fence(1)))
        #expect(desk.decide(manage(.cancel, key: 902)) == .refused(.closed))
        #expect(desk.decide(manage(.reopen)) == .refused(.keyReused))
        desk.pass(Limits.keyLife.milliseconds + 1)
        _ = desk.decide(desk.open(2))
        #expect(desk.core.ledger.keys.count == 1)
    }

    @Test("what is beyond its bounds is refused by the coordinator too, whatever a router let through")
    func bounds() {
        var desk = Desk()
        _ = desk.decide(desk.open(1))
        let long = String(repeating: "x", count: Limits.textBytesMax + 1)
        let actions: [ManageAction] = [
            .setPriority(10), .write(text: long), .callback(contact: long), .assign(long), .transfer(to: long),
            .schedule(in: Limits.delayMax + .seconds(1)),
        ]
        for action in actions { #expect(desk.decide(manage(action)) == .refused(.invalid)) }
        for cause in [Cause(.waited), Cause(.customer, by: long), Cause(.customer, note: long)] {
            #expect(desk.decide(manage(.cancel, cause: cause)) == .refused(.invalid))
        }
        let urgent = Command.Open(
            key: SubmitKey(high: 0, low: 5), hash: 1, policyVersion: 1,
            classification: Classification(group: GroupID(3), priority: 10, signature: Signature([]), rule: "r"),
            submission: Submission())
        #expect(desk.decide(.open(urgent)) == .refused(.invalid))
        let held = desk.hold(2, by: desk.ana)
        #expect(desk.work(.note(text: long), held.ticket, held.fence, by: desk.ana, held.epoch) == .refused(.invalid))
    }

    @Test("a step that repeats is not looked at all the time while what it is for is over")
    func noSpinning() {
        let step = GroupStep(when: [.nobodyOnDuty], do: [.alert], every: .seconds(2))
        var desk = Desk(company: company(north: [step]))
        _ = desk.decide(desk.open(1))
        #expect(desk.core.ledger.alerts == 1)
        desk.pass(2000)
        #expect(desk.core.ledger.alerts == 2)
        _ = desk.attach(desk.ana)
        desk.pass(2001)
        #expect(desk.core.ledger.alerts == 2)
        #expect(desk.core.nextDeadline.map { $0.milliseconds > desk.now + 100 } ?? true)
    }

    @Test("two groups that send everything on to each other stop at the hop budget, and a person is told once")
    func pingPong() {
        var timing = Timing.brisk
        timing.hopBudget = 1000
        let away = GroupStep(when: [.priority(1)], do: [.move(GroupID(0))])
        let back = GroupStep(when: [], do: [.move(GroupID(3))])
        var desk = Desk(company: company(north: [away], hq: [back], timing: timing))
        _ = desk.decide(desk.open(1))
        #expect(desk.core.ledger.tickets[TicketID(1)]?.fence == Fence(1001))
        #expect(desk.core.ledger.alerts == 1)
        _ = desk.decide(manage(.setPriority(8)))
        #expect(desk.core.ledger.alerts == 1)
    }

    @Test("the window in which a ticket can be reopened goes on through a new reign")
    func windowOutlivesReign() {
        var desk = Desk()
        let held = desk.hold(1, by: desk.ana)
        _ = desk.work(.resolve, held.ticket, held.fence, by: desk.ana, held.epoch)
        desk.pass(7000)
        let ledger = desk.core.ledger
        desk.core = Coordinator(ledger: ledger, at: Desk.time(desk.now), into: &desk.effects)
        desk.step(.policyLoaded(desk.company.policy, text: "{}", additions: .init()))
        desk.pass(3001)
        #expect(desk.core.ledger.ticketsClosed == 1)
    }

    @Test("who waits to be called back is no chat any more, for the agent's limit too")
    func callbackIsNoChat() {
        var desk = Desk(company: company(limits: [ChannelLimit(channel: "chat", most: 1)]))
        let epoch = desk.attach(desk.ana)
        for key in UInt64(1)...3 {
            let submission = Submission(channel: "chat", region: "north")
            _ = desk.decide(
                .open(
                    Command.Open(
                        key: SubmitKey(high: 0, low: key), hash: key, policyVersion: 1,
                        classification: Classification(
                            group: GroupID(3), priority: 5, signature: Signature([]), rule: "r"),
                        submission: submission)))
        }
        _ = desk.assign(TicketID(1), Fence(1), to: desk.ana, epoch)
        #expect(desk.assign(TicketID(2), Fence(1), to: desk.ana, epoch) == .refused(.overCapacity))
        _ = desk.decide(manage(.callback(contact: "555"), TicketID(3)))
        guard case .assigned(let held) = desk.assign(TicketID(3), Fence(1), to: desk.ana, epoch) else {
            Issue.record("not assigned")
            return
        }
        #expect(held.submission.channel == Policy.callbackChannel)
    }

    @Test("timers whose reason has gone do not pile up")
    func timersLeave() {
        var desk = Desk()
        _ = desk.decide(desk.open(1))
        for key in UInt64(0)..<6000 {
            #expect(desk.decide(manage(.schedule(in: .seconds(30 * 24 * 3600)), key: key)) != .refused(.full))
            if key % 100 == 0 { desk.pass(1) }
        }
        desk.pass(1)
        #expect(desk.core.timers.count == 1)
    }

    @Test("a router whose join was answered before a reload has the new policy with its first exchange")
    func joinedBeforeReload() {
        var desk = Desk()
        let base = desk.company.policy
        let second = Policy(
            version: 2, catalog: base.catalog, groups: base.groups, agents: base.agents, regions: base.regions,
            rules: base.rules, timing: base.timing)
        desk.step(.policyLoaded(second, text: "{2}", additions: .init()))
        desk.effects = []
        let exchange = Exchange(
            incarnation: desk.router, cursor: .zero, park: .seconds(1), firstCommand: 1, acknowledged: 0, commands: [])
        desk.step(.exchange(exchange, desk.token()))
        desk.step(.turnEnds)
        let versions = desk.effects.compactMap { effect -> UInt32? in
            if case .exchanged(let exchanged, _) = effect { exchanged.policy?.version } else { nil }
        }
        #expect(versions == [2])
    }

    /// The desk's policy as another version, in which one group may be missing.
    private func policy(_ base: Policy, _ version: UInt32, without group: GroupID? = nil) -> Policy {
        Policy(
            version: version, catalog: base.catalog, groups: base.groups.map { $0?.id == group ? nil : $0 },
            agents: base.agents, regions: base.regions, rules: base.rules.filter { $0.group != group },
            timing: base.timing)
    }

    @Test("a group that comes back before its tickets have left it keeps the rest of them")
    func groupComesBack() {
        var desk = Desk(company: company())
        for key in UInt64(0)..<900 { _ = desk.decide(desk.open(key)) }
        let base = desk.company.policy
        desk.step(.policyLoaded(policy(base, 2, without: GroupID(3)), text: "{2}", additions: .init()))
        desk.step(.policyLoaded(policy(base, 3), text: "{3}", additions: .init()))
        desk.step(.turnEnds)
        #expect(desk.core.ledger.count(of: GroupID(3)).waiting == 900)
    }

    /// The router's next poll, answered at once: what it is told of a region since its last one.
    private func news(_ desk: inout Desk, of region: RegionID, after cursor: LSN) -> (all: [TicketID]?, lsn: LSN) {
        let poll = Exchange(
            incarnation: desk.router, cursor: cursor, park: .zero, firstCommand: 1, acknowledged: 0, commands: [])
        desk.effects = []
        desk.step(.exchange(poll, desk.token()))
        desk.step(.turnEnds)
        for case .exchanged(let exchanged, _) in desk.effects {
            let changes = exchanged.regions.first { $0.region == region && $0.listed == .whole }
            return (changes?.waiting.map(\.ticket), exchanged.lsn)
        }
        return (nil, cursor)
    }

    @Test("when a group comes back, its region's owner is told of the tickets that had been widened to it")
    func wideningsComeBack() {
        let toSouth = GroupStep(when: [.priority(1)], do: [.widen([GroupID(4)])])
        var desk = Desk(company: company(north: [toSouth]))
        let base = desk.company.policy
        let south = RegionID(2)
        _ = desk.decide(desk.open(1))
        var (all, lsn) = news(&desk, of: south, after: .zero)
        #expect(all == [TicketID(1)])
        desk.step(.policyLoaded(policy(base, 2, without: GroupID(4)), text: "{2}", additions: .init()))
        (all, lsn) = news(&desk, of: south, after: lsn)
        #expect(all == [])
        desk.step(.policyLoaded(policy(base, 3), text: "{3}", additions: .init()))
        (all, lsn) = news(&desk, of: south, after: lsn)
        #expect(all == [TicketID(1)])
    }
}
