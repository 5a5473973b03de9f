import Testing

@testable import NNG

extension Network {
    @Suite struct ReplySocketTests {
        @Test("a request is answered", arguments: [anyPort, "inproc://round-trip"])
        func roundTrip(url: String) async throws {
            let server = try Server(url)
            let client = try Client(server.url)
            client.ask(1, "hello")
            #expect(try await client.hasAnswers(1))
            #expect(client.heard.all.compactMap(\.answer) == ["hello"])
            client.socket.close()
            server.close()
        }

        @Test("an empty request and one of 3 MB are answered whole", arguments: [anyPort, "inproc://sizes"])
        func sizesAreKept(url: String) async throws {
            let server = try Server(url, messageBytesMax: 4_000_000)
            let client = try Client(server.url, replyBytesMax: 4_000_000)
            let long = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            client.socket.send(tag: 1, [], timeout: 10_000)
            client.socket.send(tag: 2, long, timeout: 10_000)
            #expect(try await client.hasAnswers(2))
            for case .answered(let tag, let bytes) in client.heard.all { #expect(bytes == (tag == 1 ? [] : long)) }
            client.socket.close()
            server.close()
        }

        @Test("parked requests are answered in any order, each to its asker", arguments: [anyPort, "inproc://parked"])
        func parkedInAnyOrder(url: String) async throws {
            let server = try Server(url, echo: false)
            let first = try Client(server.url)
            let second = try Client(server.url)
            for tag in UInt64(1)...4 {
                first.ask(tag, "first \(tag)")
                second.ask(tag, "second \(tag)")
            }
            try await expectEventually { server.heard.count { $0.token != nil } == 8 }
            let tokens = server.heard.all.compactMap(\.token)
            #expect(tokens == tokens.sorted() && Set(tokens).count == 8)
            for event in server.heard.all.reversed() {
                guard case .request(let token, _, let bytes) = event else { continue }
                server.socket.reply(token, bytes + Array("!".utf8))
            }
            #expect(try await first.hasAnswers(4))
            #expect(try await second.hasAnswers(4))
            #expect(Set(first.heard.all.compactMap(\.answer)) == Set((1...4).map { "first \($0)!" }))
            #expect(Set(second.heard.all.compactMap(\.answer)) == Set((1...4).map { "second \($0)!" }))
            first.socket.close()
            second.socket.close()
            server.close()
        }

        @Test("a second reply to a token, and one to a connection that has gone, do nothing")
        func lateRepliesAreDropped() async throws {
            let server = try Server(anyPort, echo: false)
            let leaving = try Client(server.url)
            leaving.ask(1)
            try await expectEventually { server.heard.all.contains { $0.token == 1 } }
            leaving.socket.close()
            try await expectEventually { server.heard.all.contains { $0.isDisconnected } }
            server.socket.reply(1, [1])
            let staying = try Client(server.url)
            staying.ask(2)
            try await expectEventually { server.heard.all.contains { $0.token == 2 } }
            server.socket.reply(2, [2])
            server.socket.reply(2, [3])
            server.socket.reply(99, [4])
            #expect(try await staying.hasAnswers(1))
            #expect(staying.heard.count { $0.answeredTag != nil } == 1)
            staying.socket.close()
            server.close()
        }

        // More than nng's queue of replies holds, from one thread without a pause. nng 1.5 forgets a message, and later
        // follows a pointer to it, if one is handed over without waiting while an operation waits for room.
        @Test("thousands of replies at once all arrive", arguments: 1...4)
        func manyAtOnce(round: Int) async throws {
            let server = try Server(anyPort, echo: false)
            let clients = try (0..<40).map { _ in try Client(server.url, contexts: 64) }
            for client in clients { for tag in UInt64(1)...64 { client.ask(tag, timeout: 30_000) } }
            let count = clients.count * 64
            try await expectEventually(within: 20) { server.heard.count { $0.token != nil } == count }
            let tokens = server.heard.all.compactMap(\.token)
            let text = [UInt8](repeating: 7, count: 20_000)
            await withTaskGroup { group in
                for half in 0..<2 {
                    group.addTask { for token in tokens where token % 2 == half { server.socket.reply(token, text) } }
                }
            }
            try await expectEventually(within: 20) {
                clients.allSatisfy { client in client.heard.count { $0.answeredTag != nil } == 64 }
            }
            for client in clients { client.socket.close() }
            server.close()
        }

        @Test("a request beyond the parked bound is answered busy at once")
        func parkedBoundAnswersBusy() async throws {
            let server = try Server(anyPort, echo: false, parkedMax: 2)
            let client = try Client(server.url)
            for tag in UInt64(1)...4 { client.ask(tag) }
            #expect(try await client.hasAnswers(2))
            #expect(client.heard.all.compactMap(\.answer) == ["busy", "busy"])
            #expect(server.heard.count { $0.isBusy } == 2)
            for token in server.heard.all.compactMap(\.token) { server.socket.reply(token, [7]) }
            #expect(try await client.hasAnswers(4))
            client.socket.close()
            server.close()
        }

        @Test("64 parked requests of one connection answered at a stroke all arrive")
        func fullParkingArrives() async throws {
            let server = try Server(anyPort, echo: false)
            let client = try Client(server.url, contexts: 64)
            for tag in UInt64(1)...64 { client.ask(tag) }
            try await expectEventually { server.heard.count { $0.token != nil } == 64 }
            for token in server.heard.all.compactMap(\.token) { server.socket.reply(token, [1]) }
            #expect(try await client.hasAnswers(64))
            client.socket.close()
            server.close()
        }

        @Test("a connection beyond the bound is refused, and gets in when another has left")
        func connectionsAreBounded() async throws {
            let server = try Server(anyPort, connectionsMax: 1)
            let first = try Client(server.url)
            first.ask(1)
            #expect(try await first.hasAnswers(1))
            let second = try Client(server.url)
            second.ask(2)
            try await expectEventually { server.heard.all.contains { $0.isRefusedConnection } }
            first.socket.close()
            // Its question may have been lost with a refused connection, so it asks until it is heard.
            var tag: UInt64 = 3
            let isServed = try await eventually {
                second.ask(tag, timeout: 500)
                tag += 1
                return second.heard.all.contains { $0.answeredTag != nil }
            }
            #expect(isServed)
            second.socket.close()
            server.close()
        }

        @Test("a message too long closes its connection, and others are served", arguments: [anyPort, "inproc://long"])
        func oversizedClosesPipe(url: String) async throws {
            let server = try Server(url, messageBytesMax: 1_000)
            let honest = try Client(server.url)
            let greedy = try Client(server.url)
            #expect(try await greedy.isConnected())
            greedy.ask(1, String(repeating: "x", count: 5_000))
            try await expectEventually { greedy.heard.all.contains { $0.failure == .connectionReset } }
            try await expectEventually { server.heard.all.contains { $0.isDisconnected } }
            honest.ask(2, String(repeating: "x", count: 1_000))
            #expect(try await honest.hasAnswers(1))
            greedy.socket.close()
            honest.socket.close()
            server.close()
        }

        @Test("a connection cut off by the server is dialled anew")
        func cutConnectionComesBack() async throws {
            let server = try Server(anyPort)
            let client = try Client(server.url)
            client.ask(1)
            #expect(try await client.hasAnswers(1))
            let pipe = server.heard.all.compactMap { if case .connected(let pipe) = $0 { pipe } else { nil } }.first
            server.socket.close(pipe: try #require(pipe))
            #expect(try await client.isConnected(count: 2))
            client.ask(2)
            #expect(try await client.hasAnswers(2))
            client.socket.close()
            server.close()
        }

        @Test("a connection that asks nothing for too long is closed, and dials anew")
        func silenceEndsConnection() async throws {
            let server = try Server(anyPort, echo: false, silenceMillisecondsMax: 100)
            let client = try Client(server.url)
            client.ask(1)
            try await expectEventually { client.heard.all.contains { $0.failure == .connectionReset } }
            #expect(try await client.isConnected(count: 2))
            client.socket.close()
            server.close()
        }

        @Test("an address in use is refused with its name")
        func addressInUse() throws {
            let server = try Server(anyPort)
            #expect(throws: NNGError.addressInUse) { try Server(server.url) }
            server.close()
        }
    }
}
