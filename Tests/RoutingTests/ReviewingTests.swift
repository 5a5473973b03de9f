import Testing

@testable import Routing

@Suite("what groups do with waiting tickets by themselves") struct ReviewingTests {
    // MARK: - steps

    /// The words of a step, as two programs of two days would compare them.
    private static func naive(_ step: GroupStep) -> String {
        "\(step.note)|\(step.when)|\(step.operations)|\(String(describing: step.every))"
    }

    private static let someSteps: [GroupStep] = {
        let conditions: [Condition] = [
            .waited(.seconds(1)), .waited(.seconds(2)), .age(.seconds(1)), .sinceStep(.seconds(1)),
            .predictedWait(.seconds(1)), .length(1), .length(2), .nobodyOnDuty, .closed, .attempts(1),
            .segment(["a", "b"]), .segment(["ab"]), .channel(["a", "b"]), .priority(1),
        ]
        let operations: [StepOperation] = [
            .widen([GroupID(1)]), .widen([GroupID(1), GroupID(2)]), .move(GroupID(1)), .escalate(nil),
            .escalate(.engineers), .escalate(.vendors), .raise(1), .raise(2), .answer("a"), .answer("b"), .alert,
        ]
        var steps: [GroupStep] = []
        for condition in conditions {
            for operation in operations {
                for every in [nil, Interval.seconds(5)] {
                    for note in ["", "a"] {
                        steps.append(GroupStep(note: note, when: [condition], do: [operation], every: every))
                    }
                }
            }
        }
        return steps
    }()

    @Test("a step's number says what it says: equal steps have equal ones, others others")
    func stepNumbers() {
        let steps = Self.someSteps
        var words: [UInt32: String] = [:]
        for step in steps {
            let again = GroupStep(note: step.note, when: step.when, do: step.operations, every: step.every)
            #expect(again.id == step.id)
            if let former = words.updateValue(Self.naive(step), forKey: step.id) {
                #expect(former == Self.naive(step))
            }
        }
        #expect(words.count == steps.count)
    }

    @Test("a step's number is the same in every process and every version: it is in the journal")
    func stableNumbers() {
        #expect(GroupStep.widen(after: .seconds(30), to: [GroupID(0)]).id == Self.widenID)
        #expect(GroupStep(note: "a", when: [.closed], do: [.alert]).id == Self.alertID)
    }
    private static let widenID: UInt32 = 3_783_314_970
    private static let alertID: UInt32 = 1_966_685_586

    // MARK: - repeating

    private static func desk(_ steps: [UInt32: [GroupStep]], _ change: (inout Timing) -> Void = { _ in }) -> Desk {
        var timing = Timing.brisk
        timing.lease = .seconds(86_400)
        change(&timing)
        return Desk(company: Company(people: Desk.people, timing: timing).with(steps))
    }

    private static func count(_ kind: TicketStep.Kind, _ ticket: UInt64, _ desk: Desk) -> Int {
        desk.core.ledger.tickets[TicketID(ticket)]?.steps.count { $0.kind == kind } ?? 0
    }

    @Test("a step with `every` is taken again whenever so much time has passed, one without is taken once a stay")
    func every() {
        let again = GroupStep(when: [.waited(.seconds(5))], do: [.alert], every: .seconds(10))
        let once = GroupStep(note: "once", when: [.waited(.seconds(5))], do: [.raise(1)])
        var desk = Self.desk([3: [again, once]])
        _ = desk.decide(desk.open(1))
        desk.pass(4_999)
        #expect(Self.count(.alerted, 1, desk) == 0)
        desk.pass(1)
        #expect(Self.count(.alerted, 1, desk) == 1)
        desk.pass(9_999)
        #expect(Self.count(.alerted, 1, desk) == 1)
        desk.pass(1)
        #expect(Self.count(.alerted, 1, desk) == 2)
        desk.pass(10_000)
        #expect(Self.count(.alerted, 1, desk) == 3)
        #expect(Self.count(.raised, 1, desk) == 1)
        // Another stay: once more.
        let (fence, epoch) = (desk.core.ledger.tickets[TicketID(1)]!.fence, desk.attach(desk.ana))
        _ = desk.assign(TicketID(1), fence, to: desk.ana, epoch)
        desk.pass(60_000)
        #expect(Self.count(.alerted, 1, desk) == 3)
        _ = desk.work(.giveBack(), TicketID(1), fence.next, by: desk.ana, epoch)
        desk.pass(5_000)
        #expect(Self.count(.alerted, 1, desk) == 4)
        #expect(Self.count(.raised, 1, desk) == 2)
    }

    @Test("a change of other steps does not make a taken one new, a change of its own words does")
    func changedSteps() {
        let alert = GroupStep(note: "slow", when: [.waited(.seconds(5))], do: [.alert])
        var desk = Self.desk([3: [alert]])
        _ = desk.decide(desk.open(1))
        desk.pass(5_000)
        #expect(Self.count(.alerted, 1, desk) == 1)
        let raise = GroupStep(when: [.waited(.seconds(1))], do: [.raise(1)])
        desk.adopt(desk.company.with([3: [raise, alert]]), version: 2)
        #expect(Self.count(.raised, 1, desk) == 1)
        #expect(Self.count(.alerted, 1, desk) == 1)
        let other = GroupStep(note: "too slow", when: [.waited(.seconds(5))], do: [.alert])
        desk.adopt(desk.company.with([3: [raise, other]]), version: 3)
        #expect(Self.count(.alerted, 1, desk) == 2)
    }

    // MARK: - targets

    private static func hours(open: UInt64?) -> Hours {
        let start: UInt64 = 1_700_000_000
        let edges = open.map { [start + $0, start + $0 + 100] } ?? []
        return Hours(
            name: "h", zone: "UTC", from: WallTime(milliseconds: start * 1000),
            until: WallTime(milliseconds: (start + 100_000) * 1000),
            edges: edges.map { WallTime(milliseconds: $0 * 1000) })!
    }

    @Test("of several groups the first well one helps, else the first open one, else the one that opens first")
    func targets() {
        let step = GroupStep(when: [.waited(.seconds(1))], do: [.widen([GroupID(0), GroupID(1), GroupID(2)])])
        func widened(
            _ hours: [UInt32: UInt64?], onDuty: [String] = [], waiting: UInt64 = 0
        ) -> [GroupID] {
            let people = ["hq-agents", "hq-engineers", "vendors", "north-agents"].map {
                Company.Person(name: $0 + "-1", groups: [$0])
            }
            let company = Company(people: people).with([3: [step]], hours: hours.mapValues { Self.hours(open: $0) })
            var desk = Desk(company: company)
            for name in onDuty { _ = desk.attach(desk.company.policy.agent(named: name + "-1")!.id) }
            for key in 0..<waiting { _ = desk.decide(desk.open(100 + key, group: GroupID(0))) }
            _ = desk.decide(desk.open(1))
            desk.pass(1_000)
            return desk.core.ledger.tickets[TicketID(waiting + 1)]?.widened ?? []
        }
        #expect(widened([:], onDuty: ["vendors"]) == [GroupID(2)], "somebody is there")
        #expect(widened([:], onDuty: ["vendors", "hq-engineers"]) == [GroupID(1)], "in the order of the list")
        #expect(widened([:]) == [GroupID(0)], "nobody is there: the first open one")
        #expect(widened([0: 500]) == [GroupID(1)], "the first is closed")
        #expect(widened([0: 500, 1: 300, 2: 400]) == [GroupID(1)], "all are closed: who opens first")
        #expect(widened([0: nil, 1: nil, 2: 400]) == [GroupID(2)], "who never opens is the last choice")
        #expect(widened([:], onDuty: ["hq-agents", "vendors"], waiting: 5) == [GroupID(2)], "the first overflows")
    }

    // MARK: - coming home

    @Test("what spilled over by length is home again when half as many wait, and not while it is between")
    func hysteresis() {
        let step = GroupStep(when: [.length(4)], do: [.widen([GroupID(0)])])
        var desk = Self.desk([3: [step]]) { $0.homecomingAfter = .seconds(10) }
        _ = desk.attach(desk.ana)
        for key in 1...5 { _ = desk.decide(desk.open(UInt64(key))) }
        func widened() -> [GroupID] { desk.core.ledger.tickets[TicketID(5)]?.widened ?? [] }
        #expect(widened() == [GroupID(0)], "four others wait")
        #expect(desk.core.ledger.tickets[TicketID(4)]?.widened == [])
        desk.pass(60_000)
        #expect(widened() == [GroupID(0)])
        _ = desk.manage(.cancel, TicketID(1))
        desk.pass(60_000)
        #expect(widened() == [GroupID(0)], "three others wait: neither too many nor few")
        _ = desk.manage(.cancel, TicketID(2))
        desk.pass(10_000)
        #expect(widened() == [], "two others wait")
    }

    @Test("it does not come home before `homecomingAfter`, and not to a group where nobody is on duty")
    func dwell() {
        let step = GroupStep(when: [.nobodyOnDuty], do: [.widen([GroupID(0)])])
        var desk = Self.desk([3: [step]]) { $0.homecomingAfter = .seconds(10) }
        _ = desk.decide(desk.open(1))
        func widened() -> [GroupID] { desk.core.ledger.tickets[TicketID(1)]?.widened ?? [] }
        #expect(widened() == [GroupID(0)])
        desk.pass(60_000)
        #expect(widened() == [GroupID(0)])
        let epoch = desk.attach(desk.ana)
        desk.pass(1)
        #expect(widened() == [], "it has been there for long enough")
        _ = desk.decide(.detach(desk.ana, epoch))
        desk.pass(1)
        #expect(widened() == [GroupID(0)], "and out again, when she goes")
        _ = desk.attach(desk.ana)
        desk.pass(9_000)
        #expect(widened() == [GroupID(0)])
        desk.pass(1_000)
        #expect(widened() == [])
    }

    // MARK: - lots and timers

    @Test("a group's tickets are looked at in lots of `reviewsPerTurnMax`, each once, also when it changes meanwhile")
    func lots() {
        let count = 2 * Limits.reviewsPerTurnMax + 5
        let step = GroupStep(when: [.nobodyOnDuty], do: [.alert])
        var desk = Desk(company: Company(people: Desk.people).with([4: [step]], refuseAt: 10_000))
        for key in 0..<count { _ = desk.decide(desk.open(UInt64(key), group: GroupID(4))) }
        func alerts() -> UInt64 { desk.core.ledger.alerts }
        // Nobody has ever been there: each as it comes.
        #expect(alerts() == UInt64(count))
        desk.core.reviews.add(GroupID(4))
        for turn in 1...3 {
            desk.pass(1)
            #expect(desk.core.reviews.pending.isEmpty == (turn == 3))
        }
        #expect(alerts() == UInt64(count))
    }
}

extension Desk {
    mutating func manage(_ action: ManageAction, _ ticket: TicketID, key: UInt64? = nil) -> Outcome {
        sequence += 1
        return decide(
            .manage(
                Command.Manage(
                    ticket: ticket, key: SubmitKey(high: 9, low: key ?? sequence), action: action,
                    cause: Cause(.supervisor, by: "eva"))))
    }

    mutating func adopt(_ company: Company, version: UInt32) {
        let policy = company.policy
        let newer = Policy(
            version: version, catalog: policy.catalog, groups: policy.groups, agents: policy.agents,
            regions: policy.regions, rules: policy.rules, timing: policy.timing, calendars: policy.calendars)
        step(.policyLoaded(newer, text: "{ version: \(version) }", additions: Catalog.Additions()))
        step(.turnEnds)
    }
}

extension Company {
    /// With these steps, hours and bounds of groups, by their numbers, in place of its own.
    func with(_ steps: [UInt32: [GroupStep]], hours: [UInt32: Hours] = [:], refuseAt: UInt32? = nil) -> Company {
        let calendars = hours.sorted { $0.key < $1.key }
        let groups = policy.groups.map { group -> Group? in
            guard let group else { return nil }
            let calendar = calendars.firstIndex { $0.key == group.id.value }
            return Group(
                id: group.id, name: group.name, region: group.region, tier: group.tier,
                escalatesTo: group.escalatesTo, steps: steps[group.id.value] ?? [], offerTimeout: group.offerTimeout,
                refuseAt: refuseAt ?? group.refuseAt, overflowAt: 5,
                hours: calendar.map { CalendarID(UInt32($0)) })
        }
        return Company(
            policy: Policy(
                version: policy.version, catalog: policy.catalog, groups: groups, agents: policy.agents,
                regions: policy.regions, rules: policy.rules, timing: policy.timing, calendars: calendars.map(\.value)),
            additions: additions)
    }
}
