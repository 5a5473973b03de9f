import Routing
import Wire

extension Examples {
    static let agentCommands: [AgentCommand] =
        ([
            .accept(offerID), .decline(offerID), .decline(offerID, reason: "busy", retryAfter: .seconds(120)),
            .take(TicketID(900), Fence(3)), .setStatus(.away, reason: "lunch"), .endWrapUp,
        ] + workActions.map { .work(TicketID(900), Fence(4), $0) }).enumerated().map {
            AgentCommand(agent: AgentID(5), sequence: UInt64($0), action: $1)
        }

    static let requests: [(name: String, value: Request)] = [
        (
            "join",
            .join(
                Join(
                    name: "north-1", region: "north", address: "10.0.0.1:7001", gossipAddress: "10.0.0.1:7002",
                    speaks: 2))
        ),
        ("leave", .leave(Incarnation(11))),
        (
            "exchange",
            .exchange(
                Exchange(
                    incarnation: Incarnation(11), cursor: LSN(77), park: .seconds(1), firstCommand: 12,
                    acknowledged: 11, commands: commands,
                    duty: [DutyReport(agent: AgentID(5), agentEpoch: AgentEpoch(6), isOnDuty: false, version: 300)],
                    slice: LoadSlice(
                        first: AgentID(0), last: AgentID(9),
                        loads: [LoadMark(agent: AgentID(5), agentEpoch: AgentEpoch(6), mark: 0x1234_5678_9abc_def0)],
                        unsettled: [AgentID(7)]),
                    listing: [RegionListing(region: RegionID(1), after: TicketID(900))]))
        ),
        (
            "submit",
            .submit([KeyedSubmission(key: key, submission: submission, delay: .seconds(60))], patience: .seconds(3))
        ),
        (
            "attach",
            .attach(
                Attach(
                    instance: instance, agents: ["ana", "ben"],
                    states: [AgentState(name: "ben", status: .away, reason: "lunch")]))
        ),
        ("release", .peer(.release(RegionID(1), OwnerEpoch(3), to: Incarnation(11)))),
        ("adopt", .peer(.adopt([offerID], owner: Incarnation(11)))),
        ("lease", .peer(.lease)),
        ("drain", .query(.drain(router: "north-1", isOn: true))),
        ("own", .query(.own(region: "north", router: "north-1"))),
        (
            "poll",
            .poll(
                SessionPoll(
                    instance: instance,
                    seen: [SeenView(agent: AgentID(5), agentEpoch: AgentEpoch(6), version: 9)],
                    commands: agentCommands))
        ),
        ("query show", .query(.show(TicketID(900)))),
        ("query status", .query(.status)),
        ("query manage", .query(manage(.cancel))),
        ("reload", .reload),
        ("reserve", .peer(.reserve(offer, owner: Incarnation(11)))),
        ("withdraw", .peer(.withdraw(offerID, AgentID(5)))),
        ("ended", .peer(.ended(offerID, .expiredSeen))),
        (
            "declined", .peer(.ended(offerID, .declined, DeclineTerms(reason: "busy", retryAfter: .seconds(120))))
        ),
        (
            "take",
            .peer(
                .take(
                    Take(
                        ticket: TicketID(900), fence: Fence(3), agent: AgentID(5), agentEpoch: AgentEpoch(6),
                        home: Incarnation(11))))
        ),
        ("browse to a peer", .peer(.browse(AgentID(5)))),
        ("claim", .peer(.claim(claim))),
        ("snapshot", .peer(.snapshot)),
        ("explain ticket to a peer", .peer(.explain(.ticket(TicketID(900))))),
        ("explain agent to a peer", .peer(.explain(.agent(AgentID(5))))),
        ("vitals", .vitals),
        ("explain ticket", .explainTicket(TicketID(900))),
        ("explain agent", .explainAgent("ana")),
        ("browse", .browse("ana")),
    ]

    static let view = AgentView(
        agent: AgentID(5), agentEpoch: AgentEpoch(6), version: 9, status: .available, end: .dismissed,
        offers: [
            OfferView(
                id: offerID, group: "hq-agents", priority: 7, age: .seconds(9), remaining: .seconds(20),
                subject: "it smokes")
        ],
        work: [
            WorkView(
                ticket: TicketID(900), fence: Fence(4), isPending: false, group: "hq-agents", priority: 7,
                submission: submission),
            WorkView(
                ticket: TicketID(901), fence: Fence(2), isPending: true, group: "hq-agents", priority: 5,
                submission: nil, wroteAt: wall),
        ])

    static let exchanged = Exchanged(
        reign: 2, lsn: LSN(78), outcomes: outcomes, membership: membership, policy: policy,
        regions: [
            RegionChanges(
                region: RegionID(1), isAnew: true, listed: .whole, waiting: [waiting],
                noLonger: [
                    Departed(ticket: TicketID(1), holder: AgentID(5)), Departed(ticket: TicketID(2), holder: nil),
                ])
        ],
        agents: [
            AgentChange(
                agent: AgentID(5), agentEpoch: AgentEpoch(6), isHome: true, instance: instance, work: [assignment])
        ], wall: wall,
        repairs: [
            AgentChange(
                agent: AgentID(6), agentEpoch: AgentEpoch(2), isHome: false, instance: instance, work: [])
        ])

    static let replies: [(name: String, value: Reply)] = [
        ("joined", .joined(Joined(incarnation: Incarnation(11), reign: 2, policy: policy))),
        ("exchanged", .exchanged(exchanged)),
        ("router refused", .routerRefused(.nameTaken)),
        (
            "submitted",
            .submitted([
                .accepted(TicketID(900)), .refused(.invalid, field: "labels[1]"),
                .refused(.busy, field: "", retryAfter: .seconds(2)),
            ])
        ),
        (
            "attached",
            .attached(
                Attached(
                    results: [
                        AttachResult(name: "ana", agent: AgentID(0), agentEpoch: AgentEpoch(1), refusal: nil),
                        AttachResult(
                            name: "zoe", agent: AgentID(0), agentEpoch: AgentEpoch(0), refusal: .notFound),
                    ], routers: ["10.0.0.1:7001"]))
        ),
        ("session", .session(SessionAnswer(results: [.done(Fence(4)), .refused(.gone)], views: [view]))),
        ("no session", .noSession),
        ("move", .move(["10.0.0.1:7001"])),
        (
            "released",
            .peer(
                .released([
                    ReleasedTicket(
                        ticket: TicketID(900), fence: Fence(3),
                        offers: [ReleasedOffer(offer: offer, home: Incarnation(11), remaining: .seconds(9))],
                        excluded: [ReleasedExclusion(agent: AgentID(6), remaining: .seconds(40))])
                ]))
        ),
        ("adopted", .peer(.adopted([offerID]))),
        ("leased", .peer(.leased(true))),
        ("agreed", .answered(.agreed, catalog)),
        ("answered", .answered(.shown(record), catalog)),
        ("reserved", .peer(.reserved)),
        ("not reserved", .peer(.notReserved)),
        ("taken", .peer(.taken)),
        ("claim offered", .peer(.claim(.offered))),
        ("claim excluded", .peer(.claim(.excluded(.seconds(3))))),
        ("claim busy", .peer(.claim(.busy))),
        ("claim gone", .peer(.claim(.gone))),
        ("snapshot", .peer(.snapshot(gossip))),
        ("explained to a peer", .peer(.explained(.notHere))),
        ("take offered", .peer(.take(.offered(offer)))),
        ("take refused", .peer(.take(.refused(.busy)))),
        ("browsed to a peer", .peer(.browsed([browsed]))),
        (
            "vitals",
            .vitals(
                Vitals(
                    role: "router", name: "north-1", values: [Vital("syncs", 300)], program: "0.9", library: "1.5.2"))
        ),
        ("explained ticket", .explained(.ticket(ticketExplanation), catalog)),
        ("explained agent", .explained(.agent(agentExplanation), catalog)),
        ("explained agent off shift", .explained(.agent(agentOffShift), catalog)),
        (
            "reloaded",
            .reloaded(Reloaded(version: 3, isChanged: false, problems: ["groups.json5: groups.pl-1: nobody is in it"]))
        ),
        ("browsed", .browsed(Browsed(tickets: [browsed], isWhole: false), catalog)),
        ("refused", .refused(.notUnderstood)), ("refused for now", .refused(.busy, retryAfter: .seconds(1))),
    ]

    static let records: [(name: String, value: LedgerRecord)] =
        [
            ("reignBegan", .reignBegan(2)),
            ("policyAdopted", .policyAdopted(version: 3, text: "{}", additions: additions)),
            ("routerJoined", .routerJoined(router)),
            ("routerEnded", .routerEnded(Incarnation(11))),
            ("regionOwned", .regionOwned(owner)),
            ("ownerChosen", .ownerChosen(RegionID(1))),
            ("routerDraining", .routerDraining(Incarnation(11), true)),
            ("routerSuspect", .routerSuspect(Incarnation(11), true)),
            ("attached", .attached(AgentID(5), AgentEpoch(6), Incarnation(11), instance)),
            ("detached", .detached(AgentID(5), AgentEpoch(6))),
            ("graceEnded", .graceEnded(AgentID(5), AgentEpoch(6))),
            (
                "opened",
                .opened(
                    LedgerRecord.Opened(
                        ticket: TicketID(900), key: key, hash: 0xabcdef, classification: classification,
                        submission: submission, preferred: Preference(AgentID(5), for: .seconds(60)), startsAt: wall))
            ),
            ("assigned", .assigned(TicketID(900), Fence(4), AgentID(5), command, decision)),
            ("assigned without a decision", .assigned(TicketID(900), Fence(4), AgentID(5), command)),
            ("assigned unasked", .assigned(TicketID(900), Fence(4), AgentID(5), nil)),
            ("attempted", .attempted(TicketID(900), Fence(3), AgentID(5), .declined, "busy", offerNumber)),
        ] + changes
}

extension Examples {
    static let browsed = BrowsedTicket(
        ticket: TicketID(900), fence: Fence(3), group: GroupID(0), priority: 7, age: .seconds(9), subject: "it smokes")
    static let ticketExplanation = TicketExplanation(
        position: 3, waited: .seconds(40), estimate: WaitEstimate(p50: .seconds(50), p90: .seconds(90)),
        phase: .offered([AgentID(5), AgentID(6)]), signature: signature, relaxesIn: .seconds(20),
        groups: [
            GroupExplanation(
                group: GroupID(0), members: 12,
                parts: [GroupExplanation.Part(obstacle: .full, count: 11, examples: [AgentID(1), AgentID(2)])])
        ])
    static let agentExplanation = AgentExplanation(
        obstacle: .resting, load: 1, capacity: 2, idle: .seconds(7), given: 8,
        queues: [
            AgentExplanation.Queue(
                group: GroupID(0), waiting: 5, fitting: 1, excluded: 1,
                lacking: Requirement(skill: SkillID(0), levelMin: 4))
        ])
    static let agentOffShift = AgentExplanation(
        obstacle: .offShift, load: 0, capacity: 2, idle: .seconds(7), given: 0, queues: [],
        offShift: AgentExplanation.OffShift(calendar: "poland", zone: "Europe/Warsaw", until: wall))
}
