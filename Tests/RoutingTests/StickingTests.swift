import Routing
import Testing

@testable import Routing

@Suite("whoever knows the customer is asked first") struct StickingTests {
    static let ana = AgentID(0)
    static let ben = AgentID(1)

    /// Two agents in one group; the customer's last tickets were ana's.
    static func policy(stickyFor: Interval = .seconds(30), order: Order = .priority) -> Policy {
        var additions = Catalog.Additions()
        additions.regions = ["hq"]
        additions.groups = ["hq-1"]
        additions.agents = ["ana", "ben"]
        var catalog = Catalog()
        catalog.add(additions)
        var timing = Timing()
        timing.stickyFor = stickyFor
        let group = Group(
            id: GroupID(0), name: "hq-1", region: RegionID(0), tier: .agents, escalatesTo: nil,
            offerTimeout: .seconds(20), refuseAt: 100)
        let agents = ["ana", "ben"].enumerated().map { index, name in
            Agent(id: AgentID(UInt32(index)), name: name, groups: [GroupID(0)], skills: [], capacity: 1)
        }
        return Policy(
            version: 1, catalog: catalog, groups: [group], agents: agents, regions: [true],
            rules: [Rule(name: "default", group: GroupID(0), priority: 5)], timing: timing, order: order)
    }

    /// A router that owns the region and hears of agents by gossip of another.
    struct Desk {
        var router: Router
        var effects: [Router.Effect] = []
        var now = Now(instant: Instant(milliseconds: 1_000_000), wall: WallTime(milliseconds: 5_000_000))
        var lsn: UInt64 = 1
        var number: UInt64 = 0
        var version: UInt32 = 0
        let patience: Interval

        init(_ policy: Policy, flaws: Flaws = .none) {
            router = Router(name: "a", flaws: flaws)
            patience = policy.timing.stickyFor
            turn(.joined(Joined(incarnation: Incarnation(1), reign: 1, policy: policy)))
            var membership = Membership()
            for id in UInt64(1)...2 {
                membership.routers.append(
                    RouterInfo(
                        incarnation: Incarnation(id), name: "r\(id)", region: RegionID(0), address: "r\(id)",
                        gossipAddress: "g\(id)"))
            }
            membership.owners = [RegionOwner(region: RegionID(0), owner: Incarnation(1), epoch: OwnerEpoch(1))]
            learn(membership: membership, [])
        }

        mutating func turn(_ events: Router.Event...) {
            router.step(.turnBegins, at: now, into: &effects)
            for event in events { router.step(event, at: now, into: &effects) }
            router.step(.turnEnds, at: now, into: &effects)
            #expect(router.checkInvariants(at: now) == [])
        }

        /// Second by second, so that the lease is renewed meanwhile.
        mutating func pass(seconds: Int) {
            for _ in 0..<seconds {
                now = Now(instant: now.instant + .seconds(1), wall: now.wall + .seconds(1))
                // The other router is heard each second.
                router.gossip.peers[Incarnation(2)]?.heardAt = now.instant
                learn([])
            }
        }

        mutating func learn(membership: Membership? = nil, _ tickets: [WaitingTicket]) {
            guard let poll = effects.last(where: { if case .exchange = $0 { true } else { false } }),
                case .exchange(_, let call) = poll
            else { return }
            lsn += 1
            turn(
                .exchanged(
                    call,
                    Exchanged(
                        reign: 1, lsn: LSN(lsn), outcomes: [], membership: membership, policy: nil,
                        regions: [
                            RegionChanges(region: RegionID(0), waiting: tickets, noLonger: [])
                        ], agents: [], wall: now.wall)))
        }

        mutating func hear(_ agent: AgentID, _ status: Status, load: UInt32 = 0, full: [String] = []) {
            number += 1
            version += 1
            turn(
                .gossiped(
                    Gossip(
                        incarnation: Incarnation(2), number: number, isFull: false,
                        presence: [
                            PresenceRecord(
                                agent: agent, agentEpoch: AgentEpoch(1), version: version, status: status, load: load,
                                capacity: 1, idle: .seconds(agent == StickingTests.ben ? 500 : 5), offered: .zero,
                                handled: 0, skills: [], fullChannels: full)
                        ], digest: 0, loads: [])))
        }

        func ticket(
            _ id: UInt64, preferred: AgentID? = nil, priority: Priority = 5, age: Interval = .zero, channel: String = ""
        ) -> WaitingTicket {
            WaitingTicket(
                ticket: TicketID(id), fence: Fence(1), group: GroupID(0), widened: [], priority: priority,
                enteredAt: WallTime(milliseconds: now.wall.milliseconds - age.milliseconds), signature: Signature([]),
                subject: "", channel: channel,
                preferred: preferred.map { Preference($0, for: patience) })
        }

        /// Whom a ticket was offered to, in order.
        func offered(_ id: UInt64) -> [AgentID] {
            effects.compactMap { effect in
                guard case .ask(_, .reserve(let offer, _), _) = effect, offer.id.ticket.value == id else { return nil }
                return offer.agent
            }
        }
    }

    @Test("a free agent who knows the customer gets the ticket, though another has been idle longer")
    func knownFirst() {
        var desk = Desk(Self.policy())
        desk.hear(Self.ana, .available)
        desk.hear(Self.ben, .available)
        desk.learn([desk.ticket(1, preferred: Self.ana)])
        #expect(desk.offered(1) == [Self.ana])
    }

    @Test("while he is busy the ticket waits for him, and gets him when he is free")
    func waitsForHim() {
        var desk = Desk(Self.policy())
        desk.hear(Self.ana, .available, load: 1)
        desk.hear(Self.ben, .available)
        desk.learn([desk.ticket(1, preferred: Self.ana)])
        desk.pass(seconds: 10)
        #expect(desk.offered(1).isEmpty)
        desk.hear(Self.ana, .available)
        #expect(desk.offered(1) == [Self.ana])
    }

    @Test("after the time it is everybody's")
    func timeout() {
        var desk = Desk(Self.policy())
        desk.hear(Self.ana, .available, load: 1)
        desk.hear(Self.ben, .available)
        desk.learn([desk.ticket(1, preferred: Self.ana)])
        desk.pass(seconds: 31)
        #expect(desk.offered(1) == [Self.ben])
    }

    @Test("is he not there, nobody waits for him", arguments: [Status.away, .draining, .offline])
    func notThere(_ status: Status) {
        var desk = Desk(Self.policy())
        desk.hear(Self.ana, status)
        desk.hear(Self.ben, .available)
        desk.learn([desk.ticket(1, preferred: Self.ana)])
        #expect(desk.offered(1) == [Self.ben])
    }

    @Test("does he leave while it waits for him, it goes to another at once")
    func leaves() {
        var desk = Desk(Self.policy())
        desk.hear(Self.ana, .available, load: 1)
        desk.hear(Self.ben, .available)
        desk.learn([desk.ticket(1, preferred: Self.ana)])
        #expect(desk.offered(1).isEmpty)
        desk.hear(Self.ana, .away, load: 1)
        #expect(desk.offered(1) == [Self.ben])
    }

    @Test("by age, a ticket of higher priority counts as come earlier, and a very old one is served all the same")
    func aging() {
        let starts = (0...9).map { Interval.seconds(UInt64($0) * 60) }
        var desk = Desk(Self.policy(order: .aging(headStarts: starts)))
        desk.learn([
            desk.ticket(1, priority: 5, age: .seconds(100)), desk.ticket(2, priority: 6, age: .seconds(50)),
            desk.ticket(3, priority: 0, age: .seconds(500)),
        ])
        desk.hear(Self.ana, .available)
        #expect(desk.offered(3) == [Self.ana])
        desk.hear(Self.ben, .available)
        #expect(desk.offered(2) == [Self.ben])
        #expect(desk.offered(1).isEmpty)
    }

    @Test("by deadline, what is due first is served first")
    func deadline() {
        let targets = (0...9).map { Interval.seconds(UInt64(10 - $0) * 60) }
        var desk = Desk(Self.policy(order: .deadline(targets: targets)))
        desk.learn([desk.ticket(1, priority: 2, age: .seconds(300)), desk.ticket(2, priority: 9)])
        desk.hear(Self.ana, .available)
        #expect(desk.offered(2) == [Self.ana])
    }
}
