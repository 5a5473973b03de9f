import Dispatch
import Routing
import Wire

/// What gossip costs: one router with so many agents says what changed, another hears it. Both are the real cores, and
/// the frames are the real frames; the sockets are missing.
struct GossipRun {
    private var teller: Side
    private var hearer: Side
    private let agents: Int
    private var now: UInt64 = 1_000_000
    private var next = 0
    private var sequence: UInt64 = 0
    private var token: UInt64 = 1_000_000

    /// A router with what it wants done.
    private struct Side {
        var router: Router
        var effects: [Router.Effect] = []
        var lsn: UInt64 = 1

        mutating func turn(_ events: [Router.Event], at now: Now) {
            router.step(.turnBegins, at: now, into: &effects)
            for event in events { router.step(event, at: now, into: &effects) }
            router.step(.turnEnds, at: now, into: &effects)
        }

        /// The coordinator's part: every attach succeeds.
        mutating func answer(_ membership: Membership?, at now: Now) {
            while true {
                let asked = effects
                effects = []
                var answers: [Router.Event] = []
                for case .exchange(let exchange, let id) in asked where !exchange.commands.isEmpty || lsn == 1 {
                    lsn += 1
                    answers.append(
                        .exchanged(
                            id,
                            Exchanged(
                                reign: 1, lsn: LSN(lsn),
                                outcomes: exchange.commands.map { _ in .attached(AgentEpoch(1), []) },
                                membership: membership, policy: nil, regions: [], agents: [], wall: now.wall)))
                }
                if answers.isEmpty { return }
                turn(answers, at: now)
            }
        }
    }

    init(agents count: Int) {
        agents = count
        let policy = Town(agents: count, seed: 3).named
        var membership = Membership()
        membership.routers = [1, 2].map {
            RouterInfo(
                incarnation: Incarnation($0), name: "r\($0)", region: RegionID(0), address: "a\($0)",
                gossipAddress: "g\($0)")
        }
        membership.owners = [RegionOwner(region: RegionID(0), owner: Incarnation(1), epoch: OwnerEpoch(1))]
        teller = Side(router: Router(name: "r1"))
        hearer = Side(router: Router(name: "r2"))
        let now = Self.time(self.now)
        teller.turn([.joined(Joined(incarnation: Incarnation(1), reign: 1, policy: policy))], at: now)
        teller.answer(membership, at: now)
        hearer.turn([.joined(Joined(incarnation: Incarnation(2), reign: 1, policy: policy))], at: now)
        hearer.answer(membership, at: now)
        for start in stride(from: 0, to: count, by: Limits.agentsPerSessionMax) {
            let names = (start..<min(start + Limits.agentsPerSessionMax, count)).map { "a\($0)" }
            let attach = Attach(instance: ClientInstance(UInt64(7 + start)), agents: names)
            teller.turn([.attach(attach, RequestToken(UInt64(start)), PipeID(UInt32(start)))], at: now)
            teller.answer(nil, at: now)
        }
    }

    private static func time(_ milliseconds: UInt64) -> Now {
        Now(
            instant: Instant(milliseconds: milliseconds), wall: WallTime(milliseconds: 1_700_000_000_000 + milliseconds)
        )
    }

    mutating func measure() {
        print("gossip of a router with \(agents) agents, to one other; ns of processor a change, sockets left out")
        print(
            "changes at once".filled(18), "bytes".filled(9, true), "a change".filled(10, true),
            "saying".filled(9, true), "hearing".filled(9, true))
        _ = publish()
        for count in [1, 10, 100, 1_000] where count <= agents {
            var (bytes, saying, hearing) = (0, UInt64(0), UInt64(0))
            let rounds = max(3, 1_000 / count)
            for _ in 0..<rounds {
                change(count)
                let cost = publish()
                bytes += cost.bytes
                saying += cost.saying
                hearing += cost.hearing
            }
            let changes = rounds * count
            print(
                "\(count)".filled(18), "\(bytes / rounds)".filled(9, true), "\(bytes / changes)".filled(10, true),
                "\(saying / UInt64(changes))".filled(9, true), "\(hearing / UInt64(changes))".filled(9, true))
        }
        now += 1_100
        let digest = publish()
        print(
            "a digest, once a second: \(digest.bytes) bytes, \(digest.saying) ns to say, \(digest.hearing) ns to hear")
        let snapshot = snapshot()
        print("a snapshot: \(snapshot) bytes")
    }

    /// Bytes of the answer to whoever asks for all.
    private mutating func snapshot() -> Int {
        teller.effects = []
        teller.turn([.peerAsked(.snapshot, RequestToken(1))], at: Self.time(now))
        for case .peerReply(let reply, _) in teller.effects { return Frame.encode(Reply.peer(reply)).count }
        return 0
    }

    /// So many agents set their status, each another one than the last.
    private mutating func change(_ count: Int) {
        var left = count
        while left > 0 {
            var commands: [AgentCommand] = []
            let session = next / Limits.agentsPerSessionMax * Limits.agentsPerSessionMax
            while left > 0, commands.count < Limits.commandsPerPollMax,
                next / Limits.agentsPerSessionMax * Limits.agentsPerSessionMax == session
            {
                sequence += 1
                let isAway = sequence / UInt64(agents) % 2 == 0
                commands.append(
                    AgentCommand(
                        agent: AgentID(UInt32(next)), sequence: sequence,
                        action: .setStatus(isAway ? .away : .available, reason: "")))
                next = (next + 1) % agents
                left -= 1
                if next == 0 { break }
            }
            token += 1
            let poll = SessionPoll(instance: ClientInstance(UInt64(7 + session)), seen: [], commands: commands)
            teller.turn([.poll(poll, RequestToken(token), PipeID(UInt32(session)))], at: Self.time(now))
        }
    }

    /// The time of gathering passes, and what is published is heard.
    private mutating func publish() -> (bytes: Int, saying: UInt64, hearing: UInt64) {
        now += 25
        teller.effects = []
        let start = DispatchTime.now().uptimeNanoseconds
        teller.turn([], at: Self.time(now))
        var frames: [[UInt8]] = []
        for case .publish(let gossip) in teller.effects { frames.append(Frame.encode(gossip)) }
        let said = DispatchTime.now().uptimeNanoseconds
        var heard: [Router.Event] = []
        for frame in frames {
            do { heard.append(.gossiped(try Frame.decode(Gossip.self, frame))) } catch { fatalError("\(error)") }
        }
        hearer.turn(heard, at: Self.time(now))
        let end = DispatchTime.now().uptimeNanoseconds
        hearer.effects = []
        return (frames.map(\.count).reduce(0, +), said - start, end - said)
    }
}
