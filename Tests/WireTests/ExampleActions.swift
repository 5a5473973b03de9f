import Routing
import Wire

// What is done with tickets: every case of every action, step and record about them.
extension Examples {
    static let cause = Cause(.supervisor, by: "eva", note: "needs the database team")

    static let workActions: [WorkAction] = [
        .reply(text: "a"), .note(text: "b"), .pause(reason: "c"),
        .pause(reason: "spare part", kind: .hold, for: .seconds(3600)), .resume,
        .escalate(to: .vendors, reason: "d"), .escalate(to: nil), .sendDown(to: .agents, reason: "e"),
        .sendDown(to: nil), .transfer(to: "hq-agents", reason: "f"), .handOver(to: "ben", reason: "g"),
        .handOut(to: "the post", reason: "h"), .putOff(for: .seconds(7200), reason: "i"), .giveBack(reason: "j"),
        .giveBack(), .resolve,
    ]

    static let manageActions: [ManageAction] = [
        .write(text: "a"), .cancel, .reopen, .merge(into: TicketID(901)), .schedule(in: .seconds(3600)),
        .callback(contact: "+48 1"), .requeue, .assign("ben"), .transfer(to: "hq-agents"), .escalate(to: .engineers),
        .escalate(to: nil), .release, .setPriority(9), .close,
    ]

    static func manage(_ action: ManageAction) -> Command {
        .manage(Command.Manage(ticket: TicketID(900), key: key, action: action, cause: cause))
    }

    static let steps: [GroupStep] = [
        GroupStep.widen(after: .seconds(30), to: [GroupID(0)]),
        GroupStep(
            note: "everything",
            when: [
                .waited(.seconds(1)), .age(.seconds(2)), .sinceStep(.seconds(3)), .predictedWait(.seconds(4)),
                .length(5), .nobodyOnDuty, .closed, .attempts(6), .segment(["vip"]), .channel(["mail", "chat"]),
                .priority(7),
            ],
            do: [
                .widen([GroupID(0), GroupID(1)]), .move(GroupID(2)), .escalate(nil), .escalate(.vendors), .raise(1),
                .answer("We open at {opens}."), .alert, .alertLead, .notify(topic: "night shift"),
            ], every: .seconds(60)),
    ]

    static let pause = Pause(kind: .hold, reason: "spare part", until: wall)

    static let dispositions: [Disposition] = [
        .solved, .handedOut("the post"), .cancelled, .merged(into: TicketID(901)), .expired,
    ]

    static let standing: TicketRecord.Standing = {
        var standing = TicketRecord.Standing()
        standing.pause = pause
        standing.startsAt = wall
        standing.callback = "+48 1"
        standing.attempts = 1
        standing.deaths = 2
        standing.hops = 3
        standing.disposition = .merged(into: TicketID(901))
        return standing
    }()

    static let changes: [(name: String, value: LedgerRecord)] = held + unheld + ends + clockRecords

    private static let ends: [(name: String, value: LedgerRecord)] = zip(
        ["solved", "handed out", "cancelled", "merged", "expired"], dispositions
    ).map { ("closed \($0)", .closed(TicketID(900), Fence(5), $1, Cause(.time))) }

    private static let held: [(name: String, value: LedgerRecord)] =
        [
            ("replied", .noted(TicketID(900), .replied(text: "a"), AgentID(5), command)),
            ("noted", .noted(TicketID(900), .noted(text: "b"), AgentID(5), nil)),
            ("paused", .noted(TicketID(900), .paused(pause), AgentID(5), command)),
            ("resumed", .noted(TicketID(900), .resumed(nil), AgentID(5), command)),
            ("resumed by time", .noted(TicketID(900), .resumed(Cause(.time)), AgentID(5), nil)),
            (
                "moved",
                .moved(
                    LedgerRecord.Moved(
                        ticket: TicketID(900), fence: Fence(5), group: GroupID(1), cause: .escalated, agent: AgentID(5),
                        id: command, why: cause, preferred: Preference(AgentID(6), for: .seconds(60)), keepsAge: true))
            ),
            (
                "returned",
                .moved(
                    LedgerRecord.Moved(
                        ticket: TicketID(900), fence: Fence(5), group: GroupID(2), cause: .returned, agent: nil,
                        id: nil,
                        isDeath: true))
            ),
            ("widened", .widened(TicketID(900), GroupID(0), step: 77, Cause(.nobodyOnDuty))),
            ("narrowed", .narrowed(TicketID(900), GroupID(0), Cause(.recovered))),
            ("resolved", .resolved(TicketID(900), AgentID(5), command, handedOut: nil)),
            ("handed out", .resolved(TicketID(900), AgentID(5), nil, handedOut: Cause(.agent, by: "the post"))),
        ]

    private static let unheld: [(name: String, value: LedgerRecord)] = [
        ("step taken", .stepTaken(TicketID(900), step: 77)),
        ("raised", .raised(TicketID(900), 8, cause)),
        ("answered", .answered(TicketID(900), text: "We open at {opens}.", opens: wall, Cause(.closed))),
        ("alerted", .alerted(TicketID(900), Cause(.hops))),
        ("told to the lead", .notified(TicketID(900), .lead(AgentID(5)), Cause(.sla))),
        ("told under a name", .notified(TicketID(900), .topic("night shift"), Cause(.sla))),
        (
            "scheduled",
            .scheduled(
                LedgerRecord.Scheduled(
                    ticket: TicketID(900), fence: Fence(5), startsAt: wall, agent: AgentID(5), id: command,
                    why: cause))
        ),
        ("quarantined", .quarantined(TicketID(900), Fence(5), Cause(.deaths))),
        ("callback", .callback(TicketID(900), contact: "+48 1", cost: Cost(active: 2, pending: 1), cause)),
        ("customer wrote", .customerWrote(TicketID(900), text: "a", Cause(.customer))),
        ("absorbed", .absorbed(TicketID(901), from: TicketID(900), cause)),
        ("key kept", .keyKept(key, hash: 0xabcdef, TicketID(900))),
    ]
}
