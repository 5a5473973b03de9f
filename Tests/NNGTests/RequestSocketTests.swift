import Dispatch
import Glibc
import Testing

@testable import NNG

extension Network {
    @Suite struct RequestSocketTests {
        @Test("more requests than contexts are all answered, once each", arguments: [anyPort, "inproc://many"])
        func moreThanContexts(url: String) async throws {
            let server = try Server(url)
            let client = try Client(server.url, contexts: 8, waitingMax: 1_000)
            for tag in UInt64(0)..<1_000 { client.ask(tag) }
            #expect(try await client.hasAnswers(1_000))
            #expect(Set(client.heard.all.compactMap(\.answeredTag)).count == 1_000)
            #expect(client.heard.count { $0.failure != nil } == 0)
            client.socket.close()
            server.close()
        }

        @Test("a URL that cannot be read is refused, and nothing stays open")
        func badAddress() async throws {
            let before = try openFiles()
            #expect(throws: NNGError.self) { try Client("nonsense://127.0.0.1:1") }
            try await expectEventually { (try? openFiles().count) == before.count }
        }

        @Test("a request beyond the waiting line fails at once")
        func fullLineRefuses() async throws {
            let client = try Client("ws://127.0.0.1:9/switchyard", contexts: 2, waitingMax: 3)
            for tag in UInt64(1)...6 { client.ask(tag) }
            #expect(client.heard.all.compactMap(\.failure) == [.full])
            client.socket.close()
            #expect(client.heard.count { $0.failure == .closed } == 5)
        }

        @Test("an answer that does not come in time is a timeout, and the context is free again")
        func lateAnswerTimesOut() async throws {
            let server = try Server(anyPort, echo: false)
            let client = try Client(server.url, contexts: 1)
            client.ask(1, timeout: 100)
            try await expectEventually { client.heard.all.contains { $0.failure == .timedOut } }
            client.ask(2)
            try await expectEventually { server.heard.count { $0.token != nil } == 2 }
            // The late answer to the first must not be taken for the answer to the second.
            server.socket.reply(1, Array("late".utf8))
            server.socket.reply(2, Array("good".utf8))
            #expect(try await client.hasAnswers(1))
            #expect(client.heard.all.compactMap(\.answer) == ["good"])
            client.socket.close()
            server.close()
        }

        @Test("without a connection requests wait, time out, and go when there is one")
        func waitsForConnection() async throws {
            let probe = try Server(anyPort)
            probe.close()
            let client = try Client(probe.url)
            client.ask(1, timeout: 100)
            try await expectEventually { client.heard.all.contains { $0.failure == .timedOut } }
            client.ask(2)
            let server = try Server(probe.url)
            #expect(try await client.hasAnswers(1))
            #expect(server.heard.all.compactMap(\.text) == ["question 2"])
            client.socket.close()
            server.close()
        }

        @Test("a server that dies fails its requests fast, and its successor is found")
        func serverDies() async throws {
            let server = try Server(anyPort, echo: false)
            let client = try Client(server.url)
            for tag in UInt64(1)...3 { client.ask(tag) }
            try await expectEventually { server.heard.count { $0.token != nil } == 3 }
            let start = ContinuousClock.now
            server.close()
            try await expectEventually { client.heard.count { $0.failure == .connectionReset } == 3 }
            #expect(ContinuousClock.now - start < .seconds(2))
            try await expectEventually { client.heard.all.contains { $0.isDisconnected } }
            let successor = try Server(server.url)
            client.ask(4)
            #expect(try await client.hasAnswers(1))
            client.socket.close()
            successor.close()
        }

        @Test("redial closes what is open and comes back")
        func redialComesBack() async throws {
            let server = try Server(anyPort, echo: false)
            let client = try Client(server.url)
            client.ask(1)
            try await expectEventually { server.heard.count { $0.token != nil } == 1 }
            client.socket.redial()
            try await expectEventually { client.heard.all.contains { $0.failure == .connectionReset } }
            #expect(try await client.isConnected(count: 2))
            client.ask(2)
            try await expectEventually { server.heard.count { $0.token != nil } == 2 }
            server.socket.reply(2, [])
            #expect(try await client.hasAnswers(1))
            client.socket.close()
            server.close()
        }

        @Test("a reply longer than the bound fails its request", arguments: [anyPort, "inproc://long-reply"])
        func longReplyFails(url: String) async throws {
            let server = try Server(url)
            let client = try Client(server.url, replyBytesMax: 100)
            client.ask(1, String(repeating: "x", count: 1_000))
            try await expectEventually { client.heard.count { $0.failure != nil } == 1 }
            client.ask(2, "short")
            #expect(try await client.hasAnswers(1))
            client.socket.close()
            server.close()
        }

        @Test("closing fails what is open, and every tag has exactly one end")
        func closeFailsOpen() async throws {
            let server = try Server(anyPort, echo: false)
            let client = try Client(server.url, contexts: 2, waitingMax: 10)
            for tag in UInt64(1)...5 { client.ask(tag) }
            try await expectEventually { server.heard.count { $0.token != nil } == 2 }
            client.socket.close()
            try await expectEventually { client.heard.count { $0.failure != nil } == 5 }
            client.ask(6)
            #expect(client.heard.count { $0.failure == .closed } >= 4)
            #expect(client.heard.count { $0.failure != nil } == 6)
            server.close()
        }

        /// nng's thread of timeouts takes hold of a context, lets go of its lock, and then follows the pointer: closing
        /// the socket in between freed the context under it, and the process died (once in a run of all tests).
        @Test("a socket may be closed at the moment its requests time out")
        func closedWhileTimingOut() async throws {
            let server = try Server("inproc://timing-out", echo: false, parkedMax: 64)
            for _ in 0..<closingRounds {
                DispatchQueue.concurrentPerform(iterations: 4) { _ in
                    guard let client = try? Client(server.url, contexts: 64, waitingMax: 64) else { return }
                    while !client.heard.all.contains(where: \.isConnected) { sched_yield() }
                    for tag in UInt64(1)...64 { client.ask(tag, timeout: Int32(2 + tag % 3)) }
                    while client.heard.count(where: { $0.failure != nil }) == 0 { sched_yield() }
                    client.socket.close()
                    while client.heard.count(where: { $0.failure != nil }) < 64 { sched_yield() }
                }
            }
            server.close()
        }

        // nng 1.5 ends the process when a dialer of ws is closed in the moment in which its handshake ends.
        @Test("a socket may be closed at any moment of its handshake, and leaves no file behind")
        func closeWhileShakingHands() async throws {
            let server = try Server(anyPort)
            let before = try openFiles().count
            for round in 0..<30 {
                let clients = try (0..<20).map { _ in try Client(server.url) }
                // From at once to when all are connected.
                usleep(UInt32(round) * 300)
                for client in clients { client.socket.close() }
                #expect(clients.allSatisfy { !$0.heard.all.contains { $0.answeredTag != nil } })
            }
            try await expectEventually(within: 20) { server.connectionsLeft == 0 }
            try await expectEventually(within: 20) { (try? openFiles().count) ?? .max <= before }
            server.close()
        }
    }
}

/// Rounds of four sockets each; with the fault in place the process died within a second.
private let closingRounds = 200
