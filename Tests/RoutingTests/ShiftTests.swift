import Testing

@testable import Routing

/// The agent of `RestingTests` with hours; his router's wall clock begins at second 5,000.
@Suite("an agent outside of his hours") struct ShiftTests {
    private static func hours(_ edges: [UInt64]) -> Hours {
        Hours(
            name: "poland", zone: "Europe/Warsaw", from: WallTime(milliseconds: 0),
            until: WallTime(milliseconds: 100_000_000), edges: edges.map { WallTime(milliseconds: $0 * 1000) })!
    }

    @Test("is offered nothing until they begin, and then what waits")
    func begins() {
        var home = RestingTests.Home(hours: Self.hours([5_100, 5_200]))
        home.wait(1)
        #expect(!home.isOffered(1))
        #expect(home.router.hosted[home.ana]?.presence == .resting)
        #expect(home.router.hosted[home.ana]?.status == .available)
        home.pass(seconds: 99)
        #expect(!home.isOffered(1))
        home.pass(seconds: 1)
        #expect(home.isOffered(1))
    }

    @Test("keeps what he holds when they end, and the offer that is open goes without a mark against him")
    func ends() {
        var home = RestingTests.Home(hours: Self.hours([4_000, 5_005, 5_050, 5_100]))
        home.wait(1)
        home.take(1)
        home.wait(2)
        #expect(home.isOffered(2))
        home.pass(seconds: 5)
        #expect(!home.isOffered(2))
        #expect(home.router.hosted[home.ana]?.work.map(\.assignment.ticket) == [TicketID(1)])
        #expect(home.router.hosted[home.ana]?.presence == .resting)
        home.pass(seconds: 30)
        #expect(home.router.hosted[home.ana]?.status == .available, "not notResponding: he had gone home")
        home.resolve(1)
        home.pass(seconds: 15)
        #expect(home.isOffered(2))
    }

    @Test("may say that he is away, and is then away when they begin")
    func ownStatus() {
        var home = RestingTests.Home(hours: Self.hours([5_010, 5_200]))
        home.command(.setStatus(.away, reason: ""))
        #expect(home.router.hosted[home.ana]?.presence == .away)
        home.wait(1)
        home.pass(seconds: 15)
        #expect(!home.isOffered(1))
        home.command(.setStatus(.available, reason: ""))
        #expect(home.isOffered(1))
    }

    @Test("is explained as such, with the time at which they begin")
    func explained() {
        var home = RestingTests.Home(hours: Self.hours([5_100, 5_200]))
        home.wait(1)
        guard case .agent(let agent) = home.router.explain(.agent(home.ana), at: home.now),
            case .ticket(let ticket) = home.router.explain(.ticket(TicketID(1)), at: home.now)
        else {
            Issue.record("nothing is explained")
            return
        }
        #expect(agent.obstacle == .offShift)
        #expect(
            agent.offShift
                == AgentExplanation.OffShift(
                    calendar: "poland", zone: "Europe/Warsaw", until: WallTime(milliseconds: 5_100_000)))
        #expect(ticket.groups[0].parts.map(\.obstacle) == [.offShift])
    }

    @Test("is seen to be so within a minute when the wall clock is set, though the timer runs by another")
    func clockIsSet() {
        var home = RestingTests.Home(hours: Self.hours([50_000, 60_000]))
        home.wait(1)
        home.now = Now(instant: home.now.instant, wall: WallTime(milliseconds: 55_000_000))
        home.pass(seconds: 61)
        #expect(home.isOffered(1))
    }

    @Test("comes back with the next turn when more begin at once than one turn lets")
    func lots() {
        let crew = Limits.shiftsPerTurnMax + 40
        var home = RestingTests.Home(hours: Self.hours([5_010, 5_200]), crew: crew)
        func resting(_ home: RestingTests.Home) -> Int { home.router.hosted.rows.filter(\.isOffShift).count }
        home.pass(seconds: 9)
        #expect(home.router.hosted.count == crew && resting(home) == crew)
        home.pass(seconds: 1)
        #expect(resting(home) == 40)
        home.pass(seconds: 1)
        #expect(resting(home) == 0)
    }

    @Test("is taken by a new policy as it says, at once")
    func newPolicy() {
        var home = RestingTests.Home(hours: Self.hours([5_100, 5_200]))
        home.wait(1)
        home.adopt(hours: nil)
        #expect(home.isOffered(1))
        home.adopt(hours: Self.hours([9_000, 9_100]))
        #expect(!home.isOffered(1))
        #expect(home.router.hosted[home.ana]?.presence == .resting)
    }
}

@Suite("the hours of a policy") struct PolicyHoursTests {
    @Test("are those of the group and of the agent himself, and always where there are none")
    func hours() {
        let hours = Hours(
            name: "a", zone: "UTC", from: WallTime(milliseconds: 0), until: WallTime(milliseconds: 1000), edges: [])!
        let policy = Policy(
            version: 1, catalog: Catalog(), groups: [], agents: [], regions: [], rules: [], timing: Timing(),
            calendars: [hours])
        func agent(_ id: CalendarID?) -> Agent {
            Agent(id: AgentID(0), name: "", groups: [], skills: [], capacity: 1, hours: id)
        }
        func group(_ id: CalendarID?) -> Group {
            Group(
                id: GroupID(0), name: "", region: RegionID(0), tier: .agents, escalatesTo: nil,
                offerTimeout: .zero, refuseAt: 1, hours: id)
        }
        #expect(policy.hours(of: agent(CalendarID(0))) == hours && policy.hours(of: group(CalendarID(0))) == hours)
        #expect(policy.hours(of: agent(nil)) == .always && policy.hours(of: group(nil)) == .always)
        #expect(policy.hours(CalendarID(1)) == .always, "a number from outside that nothing has")
    }
}
