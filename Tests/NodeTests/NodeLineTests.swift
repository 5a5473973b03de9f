import NNG
import Routing
import Synchronization
import Testing
import Wire

@testable import AgentClient

@Suite("questions to nodes of other wire versions") struct NodeLineTests {
    /// A node that speaks no newer version, and answers every question with its vitals.
    private final class OlderNode: Sendable {
        let asked = Mutex<[UInt8]>([])
        private let socket = Mutex<ReplySocket?>(nil)

        init(at address: String, speaking newest: UInt8) throws {
            let made = try ReplySocket(
                limits: ReplyLimits(messageBytesMax: 1 << 16, connectionsMax: 8, parkedPerConnectionMax: 8),
                busyAnswer: []
            ) { [weak self] event in
                guard case .request(let token, _, let bytes) = event else { return }
                self?.asked.withLock { $0.append(bytes[0]) }
                let isSpoken = bytes[0] <= newest
                let reply = isSpoken ? Reply.vitals(Vitals(role: "r", name: "n", values: [])) : .refused(.notUnderstood)
                self?.socket.withLock { $0 }?.reply(token, Frame.encode(reply, version: min(bytes[0], newest)))
            }
            socket.withLock { $0 = made }
            _ = try made.listen(try TransportTable.current.url(for: address))
        }
        func close() { socket.withLock { $0 }?.close() }
    }

    /// The versions in which a node that speaks no newer one than that is asked, in the course of three questions.
    private func askedThrice(_ address: String, speaking newest: UInt8) async throws -> [UInt8] {
        let node = try OlderNode(at: address, speaking: newest)
        let client = try TicketClient(node: address)
        for _ in 0..<3 {
            let name: String? = if case .vitals(let vitals) = try await client.ask(.vitals) { vitals.name } else { nil }
            #expect(name == "n")
        }
        client.close()
        node.close()
        return node.asked.withLock { $0 }
    }

    @Test("an older node is asked again in its own version, and from then on in no other", .timeLimit(.minutes(1)))
    func older() async throws {
        let asked = try await askedThrice("inproc:node-line-older", speaking: 1)
        #expect(asked == [2, 1, 1, 1])
    }

    @Test("a node that speaks the newest version is asked once each, also for what it refuses", .timeLimit(.minutes(1)))
    func newest() async throws {
        let asked = try await askedThrice("inproc:node-line-newest", speaking: 2)
        #expect(asked == [2, 2, 2])
    }

    @Test("a node that understands no version at all has refused, after one question each", .timeLimit(.minutes(1)))
    func none() async throws {
        let node = try OlderNode(at: "inproc:node-line-none", speaking: 0)
        let client = try TicketClient(node: "inproc:node-line-none")
        var said = ""
        do { _ = try await client.ask(.vitals) } catch { said = "\(error)" }
        #expect(said == "the answer was not understood: is it a node of another version?")
        client.close()
        node.close()
    }
}
