import Routing
import Wire

/// One example of every message and record there is; the golden bytes are of these.
enum Examples {
    static let submission = Submission(
        customer: "ACME", channel: "mail", segment: "vip", language: "de", region: "north", product: "truck",
        labels: ["brakes"], subject: "it smokes", text: "since Tuesday – ü", attachments: ["https://a/b"])
    static let signature = Signature([
        Requirement(skill: SkillID(3), levelMin: 4),
        Requirement(
            skill: SkillID(8), levelMin: 6, isPreferred: true,
            relaxations: [Relaxation(after: .seconds(20), levelMin: 2), Relaxation(after: .seconds(60), levelMin: 0)]),
    ])
    static let classification = Classification(
        group: GroupID(2), priority: 7, signature: signature, rule: "north trucks",
        cost: Cost(active: 3, pending: 2))
    static let key = SubmitKey(high: 0x0102_0304_0506_0708, low: 0xfffe_fdfc_fbfa_f9f8)
    static let instance = ClientInstance(0xdead_beef_0000_0001)
    static let command = CommandID(instance: instance, sequence: 300)
    static let offerID = OfferID(ticket: TicketID(900), fence: Fence(3), ownerEpoch: OwnerEpoch(2), attempt: 1)
    static let offer = Offer(
        id: offerID, agent: AgentID(5), agentEpoch: AgentEpoch(6), group: GroupID(2), priority: 7, age: .seconds(9),
        timeout: .seconds(20), subject: "it smokes", cost: Cost(active: 3, pending: 2), channel: "mail",
        decision: decision, isAccepted: true)
    static let decision = DecisionRecord(
        policyVersion: 3, group: GroupID(2), strategy: .leastLoaded, isSticky: true, isClaim: false,
        counts: {
            var counts = DecisionRecord.Counts()
            counts.members = 300
            counts.ready = 80
            counts.able = 7
            counts.notExcluded = 6
            counts.mayBeMore = true
            return counts
        }(), chosen: DecisionRecord.Candidate(agent: AgentID(5), score: 333),
        best: [
            DecisionRecord.Candidate(agent: AgentID(6), score: 0),
            DecisionRecord.Candidate(agent: AgentID(5), score: 333),
        ])
    static let assignment = Assignment(
        ticket: TicketID(900), fence: Fence(4), group: GroupID(2), isPending: true, priority: 7,
        cost: Cost(active: 3, pending: 2), submission: submission, wroteAt: wall)
    static let router = RouterInfo(
        incarnation: Incarnation(11), name: "north-1", region: RegionID(1), address: "10.0.0.1:7001",
        gossipAddress: "10.0.0.1:7002", speaks: 2)
    static let offerNumber = OfferNumber(ownerEpoch: OwnerEpoch(2), attempt: 300)
    static let owner = RegionOwner(region: RegionID(1), owner: Incarnation(11), epoch: OwnerEpoch(2))
    static let wall = WallTime(milliseconds: 1_700_000_000_123)

    static let catalog: Catalog = {
        var catalog = Catalog()
        catalog.add(additions)
        return catalog
    }()
    static let additions: Catalog.Additions = {
        var additions = Catalog.Additions()
        additions.regions = ["hq"]
        additions.skills = ["truck"]
        additions.groups = ["hq-agents"]
        additions.agents = ["ana", "ben"]
        return additions
    }()

    static let policy: Policy = {
        let group = Group(
            id: GroupID(0), name: "hq-agents", region: RegionID(0), tier: .engineers, escalatesTo: GroupID(0),
            steps: steps, offerTimeout: .seconds(20),
            refuseAt: 500, strategy: .bestSkilled, weight: 70, hours: CalendarID(0), delivery: .offered(atOnce: 3),
            lead: AgentID(1))
        let agent = Agent(
            id: AgentID(0), name: "ana", groups: [GroupID(0)], skills: [SkillLevel(skill: SkillID(0), level: 9)],
            capacity: 3, channelLimits: [ChannelLimit(channel: "mail", most: 2)], wrapUp: .seconds(15),
            hours: CalendarID(1))
        var rule = Rule(name: "all", group: GroupID(0), priority: 5)
        rule.regions = ["hq"]
        rule.labels = ["a", "b"]
        rule.requirements = [
            RuleRequirement(.skill(SkillID(0)), levelMin: 2),
            RuleRequirement(
                .product(otherwise: SkillID(0)), levelMin: 3, isPreferred: true,
                relaxations: [Relaxation(after: .seconds(20), levelMin: 0)]),
        ]
        var fairness = Fairness()
        fairness.most = 12
        return Policy(
            version: 3, catalog: catalog, groups: [group], agents: [agent, nil], regions: [true], rules: [rule],
            timing: Timing(), channels: [Channel(name: "mail", cost: Cost(active: 3, pending: 2))],
            fairness: fairness, order: .aging(headStarts: [.zero, .seconds(600)]), awayReasons: ["lunch"],
            declineReasons: [DeclineReason(name: "busy", pause: .seconds(30), exclude: .seconds(300))],
            calendars: [hours, .always], slas: [sla])
    }()

    /// Two days in Warsaw, the second a holiday.
    static let hours = Hours(
        name: "poland", zone: "Europe/Warsaw", from: hour(0), until: hour(48),
        edges: [hour(8), hour(12), hour(13), hour(17)],
        holidays: [Hours.Holiday(from: hour(24), until: hour(48), name: "Christmas")])!

    private static func hour(_ count: UInt64) -> WallTime {
        WallTime(milliseconds: 1_798_066_800_000 + count * 3_600_000)
    }

    static let record = TicketRecord(
        ticket: TicketID(900), fence: Fence(4), state: .pending(AgentID(5)), group: GroupID(2), widened: [GroupID(0)],
        priority: 7, signature: signature, rule: "north trucks", openedAt: wall, said: PackedSubmission(submission),
        steps: [
            TicketStep(at: wall, kind: .opened, group: GroupID(2), agent: nil, cause: cause),
            TicketStep(at: wall, kind: .paused, group: GroupID(2), agent: AgentID(5)),
        ], decision: decision)

    static let status: ClusterStatus = {
        var status = ClusterStatus()
        status.reign = 2
        status.lsn = LSN(77)
        status.policyVersion = 3
        status.routers = [router]
        status.states = [
            ClusterStatus.RouterStatus(
                incarnation: Incarnation(11), isDraining: true, isSuspect: false, agents: 300, lease: .seconds(2))
        ]
        status.regions = [owner]
        status.groups = [
            ClusterStatus.GroupStatus(
                group: GroupID(0), waiting: 1, working: 2, pending: 3, widened: 4,
                waits: [
                    ClusterStatus.PriorityWait(
                        priority: 7, waiting: 1, estimate: WaitEstimate(p50: .seconds(50), p90: .seconds(90))),
                    ClusterStatus.PriorityWait(priority: 2, waiting: 300, estimate: nil),
                ], usual: WaitEstimate(p50: .seconds(60), p90: .seconds(300)))
        ]
        status.quarantined = [TicketID(900), TicketID(901)]
        status.program = "0.9"
        status.library = "1.5.2"
        status.agentsAttached = 5
        status.counters.ticketsOpened = 6
        status.counters.records = 7
        status.atRisk = atRisk
        return status
    }()

    static let waiting = WaitingTicket(
        ticket: TicketID(900), fence: Fence(3), group: GroupID(2), widened: [GroupID(0)], priority: 7,
        enteredAt: wall, signature: signature, subject: "it smokes", cost: Cost(active: 3, pending: 2), channel: "mail",
        preferred: Preference(AgentID(5), for: .seconds(60)), giver: Giver(AgentID(6), at: wall))

    static let membership: Membership = {
        var membership = Membership()
        membership.routers = [router]
        membership.owners = [owner]
        membership.draining = [Incarnation(12)]
        membership.suspect = [Incarnation(13)]
        membership.handovers = [Handover(region: RegionID(1), from: Incarnation(12))]
        return membership
    }()

    static let gossip = Gossip(
        incarnation: Incarnation(11), number: 42, isFull: true,
        presence: [
            PresenceRecord(
                agent: AgentID(5), agentEpoch: AgentEpoch(6), version: 7, status: .notResponding, load: 1, capacity: 3,
                idle: .seconds(4), offered: .seconds(5), handled: 6, skills: [SkillLevel(skill: SkillID(3), level: 9)],
                fullChannels: ["chat", "mail"])
        ], digest: 0x0123_4567_89ab_cdef, loads: [GroupLoad(group: GroupID(2), waiting: 8, oldest: .seconds(9))])

    static let claim = Claim(
        ticket: TicketID(900), fence: Fence(3), ownerEpoch: OwnerEpoch(2), agent: AgentID(5), agentEpoch: AgentEpoch(6),
        home: Incarnation(11), group: GroupID(0), decision: decision)

    static func work(_ action: WorkAction, id: CommandID? = command) -> Command {
        .work(
            Command.Work(
                ticket: TicketID(900), fence: Fence(4), agent: AgentID(5), agentEpoch: AgentEpoch(6), id: id,
                action: action))
    }

    static let commands: [Command] = plainCommands + workActions.map { work($0) } + manageActions.map { manage($0) }

    private static let plainCommands: [Command] =
        [
            .open(
                Command.Open(
                    key: key, hash: 0xabcdef, policyVersion: 3, classification: classification,
                    submission: submission, delay: .seconds(60))),
            .attach(AgentID(5), instance, renewing: nil), .attach(AgentID(5), instance, renewing: AgentEpoch(6)),
            .detach(AgentID(5), AgentEpoch(6)),
            .assign(
                Command.Assign(
                    ticket: TicketID(900), fence: Fence(3), agent: AgentID(5), agentEpoch: AgentEpoch(6), id: command,
                    decision: decision)),
            .assign(
                Command.Assign(
                    ticket: TicketID(900), fence: Fence(3), agent: AgentID(5), agentEpoch: AgentEpoch(6), id: nil)),
            .attempted(
                Command.Attempted(
                    ticket: TicketID(900), fence: Fence(3), agent: AgentID(5), end: .declined, reason: "busy",
                    offer: offerNumber)),
            .openAssigned(
                Command.Open(
                    key: key, hash: 0xabcdef, policyVersion: 3, classification: classification, submission: submission),
                AgentID(5), AgentEpoch(6), decision),
            work(.giveBack(), id: nil), .show(TicketID(900)), .status, .drain(router: "north-1", isOn: true),
            .own(region: "north", router: "north-1"),
        ]

    static let outcomes: [Outcome] = [
        .opened(TicketID(900)), .attached(AgentEpoch(6), [assignment]), .detached, .assigned(assignment),
        .done(Fence(4)), .shown(record), .shown(clockedRecord), .status(status), .refused(.stalePolicy),
        .agreed,
    ]
}
