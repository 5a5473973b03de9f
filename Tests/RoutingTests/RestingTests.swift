import Routing
import Testing

@testable import Routing

/// A router that is home to one agent of capacity 4, and owner of his group; the coordinator says yes to everything.
@Suite("when an available agent is left alone") struct RestingTests {
    struct Home {
        var router = Router(name: "a")
        var effects: [Router.Effect] = []
        var now = Now(instant: Instant(milliseconds: 1_000_000), wall: WallTime(milliseconds: 5_000_000))
        private var lsn: UInt64 = 1
        private var sequence: UInt64 = 0
        let ana = AgentID(0)
        let instance = ClientInstance(7)

        init(
            wrapUp: Interval = .zero, fairness: Fairness = Fairness(), limits: [ChannelLimit] = [],
            capacity: UInt32 = 4, hours: Hours? = nil, crew: Int = 1
        ) {
            let policy = Self.policy(1, wrapUp, fairness, limits, capacity, hours, crew: crew)
            step(.joined(Joined(incarnation: Incarnation(1), reign: 1, policy: policy)))
            var membership = Membership()
            membership.routers = [
                RouterInfo(
                    incarnation: Incarnation(1), name: "a", region: RegionID(0), address: "a", gossipAddress: "g")
            ]
            membership.owners = [RegionOwner(region: RegionID(0), owner: Incarnation(1), epoch: OwnerEpoch(1))]
            answer([], membership)
            step(.attach(Attach(instance: instance, agents: Self.names(crew)), RequestToken(1), PipeID(1)))
            // So many attaches are under way at a time.
            for begin in stride(from: 0, to: crew, by: Limits.attachesOutstandingMax) {
                let count = min(Limits.attachesOutstandingMax, crew - begin)
                answer([Outcome](repeating: .attached(AgentEpoch(1), []), count: count))
            }
        }

        /// ana and her colleagues, who are like her.
        private static func names(_ crew: Int) -> [String] { ["ana"] + (1..<crew).map { "ana\($0)" } }

        private static func policy(
            _ version: UInt32, _ wrapUp: Interval, _ fairness: Fairness, _ limits: [ChannelLimit], _ capacity: UInt32,
            _ hours: Hours?, crew: Int = 1
        ) -> Policy {
            var additions = Catalog.Additions()
            additions.regions = ["hq"]
            additions.groups = ["hq-1"]
            additions.agents = names(crew)
            var catalog = Catalog()
            catalog.add(additions)
            let group = Group(
                id: GroupID(0), name: "hq-1", region: RegionID(0), tier: .agents, escalatesTo: nil,
                offerTimeout: .seconds(20), refuseAt: 100)
            let agents = names(crew).enumerated().map { index, name in
                Agent(
                    id: AgentID(UInt32(index)), name: name, groups: [GroupID(0)], skills: [], capacity: capacity,
                    channelLimits: limits, wrapUp: wrapUp, hours: hours.map { _ in CalendarID(0) })
            }
            return Policy(
                version: version, catalog: catalog, groups: [group], agents: agents, regions: [true],
                rules: [Rule(name: "default", group: GroupID(0), priority: 5)], timing: Timing(), fairness: fairness,
                calendars: hours.map { [$0] } ?? [])
        }

        /// A new policy with these hours comes with the next answer.
        mutating func adopt(hours: Hours?) {
            answer([], policy: Self.policy(router.policy.version + 1, .zero, Fairness(), [], 4, hours))
        }

        mutating func step(_ event: Router.Event) {
            router.step(.turnBegins, at: now, into: &effects)
            router.step(event, at: now, into: &effects)
            router.step(.turnEnds, at: now, into: &effects)
            #expect(router.checkInvariants(at: now) == [])
        }

        /// Answers the newest batch of commands, or the newest poll if there are no outcomes.
        mutating func answer(
            _ outcomes: [Outcome], _ membership: Membership? = nil, _ waiting: [WaitingTicket] = [],
            gone: [TicketID] = [], ended: [TicketID] = [], policy: Policy? = nil
        ) {
            let call = effects.compactMap { effect -> UInt64? in
                guard case .exchange(let exchange, let id) = effect else { return nil }
                return exchange.commands.isEmpty == outcomes.isEmpty ? id : nil
            }.last
            guard let call else { return }
            lsn += 1
            let changes = RegionChanges(
                region: RegionID(0), waiting: waiting,
                noLonger: gone.map { Departed(ticket: $0, holder: ana) }
                    + ended.map { Departed(ticket: $0, holder: nil) })
            step(
                .exchanged(
                    call,
                    Exchanged(
                        reign: 1, lsn: LSN(lsn), outcomes: outcomes, membership: membership, policy: policy,
                        regions: [changes], agents: [], wall: now.wall)))
        }

        mutating func pass(seconds: Int) {
            for _ in 0..<seconds {
                now = Now(instant: now.instant + .seconds(1), wall: now.wall + .seconds(1))
                answer([])
                // His program is there, and has seen all there is.
                let seen = SeenView(agent: ana, agentEpoch: AgentEpoch(1), version: .max)
                sequence += 1
                step(
                    .poll(
                        SessionPoll(instance: instance, seen: [seen], commands: []), RequestToken(100_000 + sequence),
                        PipeID(1)))
            }
        }

        mutating func command(_ action: AgentAction) {
            sequence += 1
            let command = AgentCommand(agent: ana, sequence: sequence, action: action)
            step(
                .poll(
                    SessionPoll(instance: instance, seen: [], commands: [command]), RequestToken(100 + sequence),
                    PipeID(1)))
        }

        mutating func wait(_ id: UInt64, cost: Cost = .one, channel: String = "") {
            let ticket = WaitingTicket(
                ticket: TicketID(id), fence: Fence(1), group: GroupID(0), widened: [], priority: 5,
                enteredAt: now.wall, signature: Signature([]), subject: "", cost: cost, channel: channel)
            answer([], nil, [ticket])
        }

        func isOffered(_ id: UInt64) -> Bool {
            router.hosted[ana]?.offers.contains { $0.offer.id.ticket.value == id } ?? false
        }

        /// Accepts the offer of the ticket; the coordinator agrees.
        mutating func take(_ id: UInt64, cost: Cost = .one, channel: String = "") {
            guard let offer = router.hosted[ana]?.offers.first(where: { $0.offer.id.ticket.value == id }) else {
                Issue.record("ticket \(id) is not offered")
                return
            }
            command(.accept(offer.offer.id))
            answer(
                [
                    .assigned(
                        Assignment(
                            ticket: TicketID(id), fence: Fence(2), group: GroupID(0), isPending: false, priority: 5,
                            cost: cost, submission: Submission(channel: channel)))
                ], nil, [], gone: [TicketID(id)])
        }

        mutating func resolve(_ id: UInt64) {
            command(.work(TicketID(id), Fence(2), .resolve))
            answer([.done(Fence(2))])
        }
    }

    @Test("after a ticket its units stay taken for the agent's wrap-up, and he may end it himself")
    func wrapUp() {
        var home = Home(wrapUp: .seconds(15), capacity: 1)
        home.wait(1)
        home.take(1)
        home.resolve(1)
        home.wait(2)
        #expect(!home.isOffered(2))
        home.pass(seconds: 14)
        #expect(!home.isOffered(2))
        home.pass(seconds: 2)
        #expect(home.isOffered(2))
        home.take(2)
        home.resolve(2)
        home.wait(3)
        #expect(!home.isOffered(3))
        home.command(.endWrapUp)
        #expect(home.isOffered(3))
    }

    @Test("who has had his fair share is left alone until the oldest leaves the window")
    func fairShare() {
        var fairness = Fairness()
        fairness.most = 2
        fairness.window = .seconds(20)
        var home = Home(fairness: fairness)
        home.wait(1)
        home.take(1)
        home.pass(seconds: 5)
        home.wait(2)
        home.take(2)
        home.wait(3)
        #expect(!home.isOffered(3))
        home.pass(seconds: 14)
        #expect(!home.isOffered(3))
        home.pass(seconds: 2)
        #expect(home.isOffered(3))
    }

    @Test("a status that flaps gets nothing until it has kept still for half a minute")
    func flapping() {
        var home = Home()
        for _ in 0...Limits.statusChangesMax {
            home.command(.setStatus(.away, reason: ""))
            home.command(.setStatus(.available, reason: ""))
        }
        home.wait(1)
        #expect(!home.isOffered(1))
        home.pass(seconds: 29)
        #expect(!home.isOffered(1))
        home.pass(seconds: 2)
        #expect(home.isOffered(1))
    }

    @Test("available for one: one ticket, and then away")
    func availableForOne() {
        var home = Home()
        home.command(.setStatus(.availableForOne, reason: ""))
        home.wait(1)
        home.wait(2)
        #expect(home.isOffered(1) && !home.isOffered(2))
        home.take(1)
        #expect(!home.isOffered(2))
        home.resolve(1)
        #expect(!home.isOffered(2))
        #expect(home.router.hosted[home.ana]?.status == .away)
    }

    @Test("a channel's cost is taken of the units, less while pending, and its limit holds whatever is free")
    func channels() {
        let call = Cost(active: 3, pending: 1)
        var home = Home(limits: [ChannelLimit(channel: "chat", most: 1)])
        home.wait(1, cost: call, channel: "voice")
        home.take(1, cost: call, channel: "voice")
        home.wait(2, cost: call, channel: "voice")
        #expect(!home.isOffered(2))
        home.wait(3, channel: "chat")
        #expect(home.isOffered(3))
        home.take(3, channel: "chat")
        home.command(.work(TicketID(1), Fence(2), .pause(reason: "customer")))
        home.answer([.done(Fence(2))])
        #expect(home.router.hosted[home.ana]?.load == 2)
        home.wait(4, channel: "chat")
        #expect(!home.isOffered(4))
        home.wait(5, channel: "mail")
        #expect(home.isOffered(5))
    }

    @Test("who has room in a channel again is asked at once, also when he has no unit more than before")
    func roomAgain() {
        let free = Cost(active: 1, pending: 0)
        var home = Home(limits: [ChannelLimit(channel: "chat", most: 1)])
        home.wait(1, cost: free, channel: "chat")
        home.take(1, cost: free, channel: "chat")
        home.command(.work(TicketID(1), Fence(2), .pause(reason: "customer")))
        home.answer([.done(Fence(2))])
        home.wait(2, cost: free, channel: "chat")
        #expect(home.router.hosted[home.ana]?.load == 0 && !home.isOffered(2))
        home.resolve(1)
        #expect(home.isOffered(2))
    }
}
