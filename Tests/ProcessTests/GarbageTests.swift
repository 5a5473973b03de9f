import Foundation
import NNG
import Routing
import Synchronization
import Testing
import Wire

import struct Simulation.SplitMix64

extension Processes.HostileTests {
    @Test("what is no message, or none for this node, is refused by name and counted")
    func garbage() async throws {
        try await Siege.run("garbage") { siege in
            let cluster = siege.cluster
            for member in [cluster.routers[0], cluster.coordinator] {
                let before = try await member.vitals()
                let stranger = try Stranger(member.address)
                let frames = Self.malformed()
                for frame in frames {
                    #expect(
                        await stranger.ask(frame) == .refused(.notUnderstood),
                        "\(member.child.name): \(frame.prefix(40))")
                }
                let after = try await member.vitals()
                #expect(after["wireErrors"] == before["wireErrors"] + UInt64(frames.count))
                print("garbage: \(frames.count) frames refused and counted by \(member.child.name)")
                stranger.close()
            }
        }
    }

    /// Frames that no decoder may take: wrong versions, kinds, lengths, counts, text, and every truncation of a
    /// good one.
    private static func malformed() -> [[UInt8]] {
        var frames: [[UInt8]] = [[], [0], [wireVersion + 1, 9], [255], [1], [1, 0], [1, 10], [1, 255], [1, 9, 0]]
        let endless = [UInt8](repeating: 0xff, count: 11)
        // A list, a text and a number longer than can be.
        frames += [
            [1, 4] + endless, [1, 4, 0xff, 0xff, 0xff, 0xff, 0x0f], [1, 5] + endless, [1, 8, 99], [1, 7, 99],
        ]
        frames.append([1, 4, 1] + [UInt8](repeating: 0, count: 16) + [3, 0xff, 0xfe, 0xfd])
        let submission = Submission(product: "p", labels: ["a", "b"], subject: "s", text: "t", attachments: ["u"])
        let good = Frame.encode(
            Request.submit([KeyedSubmission(key: SubmitKey(high: 1, low: 2), submission: submission)]))
        frames += (1..<good.count).map { Array(good.prefix($0)) }
        frames.append(good + [0])
        // Noise of every length, from a fixed seed; none of it begins with a version that is spoken.
        var random = SplitMix64(seed: 7)
        frames += (1..<200).map { length in
            (0..<length * 7).map {
                $0 == 0 ? wireVersion + 1 + UInt8(random.below(250)) : UInt8(truncatingIfNeeded: random.next())
            }
        }
        return frames
    }

    @Test("requests of the wrong kind are refused by router and coordinator alike")
    func wrongKind() async throws {
        try await Siege.run("wrong kind") { siege in
            let cluster = siege.cluster
            let instance = ClientInstance(1)
            let forRouters: [Request] = [
                .submit([]), .attach(Attach(instance: instance, agents: ["branch-01"])),
                .poll(SessionPoll(instance: instance, seen: [], commands: [])), .peer(.snapshot),
            ]
            let exchange = Exchange(
                incarnation: Incarnation(99), cursor: .zero, park: .zero, firstCommand: 1, acknowledged: 0, commands: []
            )
            let join = Join(name: "branch", region: "branch", address: "x", gossipAddress: "y")
            let forCoordinator: [Request] = [.join(join), .leave(Incarnation(1)), .exchange(exchange)]
            let commands: [Request] = [
                .query(.detach(AgentID(0), AgentEpoch(1))),
                .query(.attach(AgentID(0), instance, renewing: nil)),
            ]
            let toCoordinator = try Stranger(cluster.coordinator.address)
            let toRouter = try Stranger(cluster.routers[0].address)
            for request in forRouters + commands {
                #expect(await toCoordinator.ask(request) == .refused(.notUnderstood))
            }
            for request in forCoordinator + commands {
                #expect(await toRouter.ask(request) == .refused(.notUnderstood))
            }
            // A stranger who speaks like a router: he is no member, and cannot take a living member's name.
            #expect(await toCoordinator.ask(.exchange(exchange)) == .routerRefused(.notMember))
            #expect(await toCoordinator.ask(.join(join)) == .routerRefused(.nameTaken))
            let nowhere = Join(name: "z", region: "nowhere", address: "x", gossipAddress: "y")
            #expect(await toCoordinator.ask(.join(nowhere)) == .routerRefused(.unknownRegion))
            toCoordinator.close()
            toRouter.close()
        }
    }
}

/// Somebody with one connection who sends whatever bytes he likes.
final class Stranger: Sendable {
    private final class Open: Sendable {
        let answers = Mutex<[UInt64: @Sendable ([UInt8]?) -> Void]>([:])
    }
    private let open: Open
    private let tagLast = Atomic<UInt64>(0)
    private let socket: RequestSocket

    init(_ address: String) throws {
        let open = Open()
        self.open = open
        let url = try TransportTable.current.url(for: address)
        socket = try RequestSocket(url: url, contexts: 64, waitingMax: 1_000, replyBytesMax: 1 << 26) { event in
            switch event {
            case .answered(let tag, let bytes): open.answers.withLock { $0.removeValue(forKey: tag) }?(bytes)
            case .failed(let tag, _): open.answers.withLock { $0.removeValue(forKey: tag) }?(nil)
            case .connected, .disconnected: break
            }
        }
    }

    /// The answer, or nil when there was none in time.
    func ask(_ bytes: [UInt8], milliseconds: Int32 = 5_000) async -> Reply? {
        let tag = tagLast.wrappingAdd(1, ordering: .relaxed).newValue
        let answer = await withCheckedContinuation { (continuation: CheckedContinuation<[UInt8]?, Never>) in
            open.answers.withLock { $0[tag] = { continuation.resume(returning: $0) } }
            socket.send(tag: tag, bytes, timeout: milliseconds)
        }
        return answer.flatMap { try? Frame.decode(Reply.self, $0) }
    }

    func ask(_ request: Request, milliseconds: Int32 = 5_000) async -> Reply? {
        await ask(Frame.encode(request), milliseconds: milliseconds)
    }

    func close() { socket.close() }
}
