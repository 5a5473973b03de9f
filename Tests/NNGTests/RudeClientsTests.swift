import Glibc
import Testing

@testable import NNG

extension Network {
    @Suite struct RudeClientsTests {
        @Test("300 rude connections leave an honest client served and no file open")
        func rudeClientsLeaveNothing() async throws {
            let server = try Server(anyPort, silenceMillisecondsMax: 1_000)
            let honest = try Client(server.url)
            honest.ask(0)
            #expect(try await honest.hasAnswers(1))
            let before = try openFiles()
            let port = try #require(UInt16(server.url.split(separator: ":")[2].prefix { $0 != "/" }))
            var handshakesCount = 0
            for number in 0..<300 {
                let isShaken = RudeClient.allCases[number % RudeClient.allCases.count].connect(port)
                if isShaken { handshakesCount += 1 }
                if number % 50 == 0 { honest.ask(UInt64(number) + 1) }
            }
            #expect(handshakesCount == 100)
            #expect(try await honest.hasAnswers(7))
            let isBack = try await eventually { (try? openFiles().count) ?? .max <= before.count }
            let after = try openFiles()
            #expect(isBack, "before \(before), after \(after)")
            honest.socket.close()
            server.close()
        }

        // On nng 1.5.2 under load, some of these are never reported lost by nng itself: only the bound on silence frees
        // them.
        @Test("40 clients closed with requests open leave the server's files at their number")
        func vanishingClients() async throws {
            let server = try Server(anyPort, echo: false, silenceMillisecondsMax: 1_000)
            let before = try openFiles()
            for _ in 0..<40 {
                let client = try Client(server.url, contexts: 16)
                for tag in UInt64(0)..<16 { client.ask(tag) }
                #expect(try await client.isConnected())
                client.socket.close()
            }
            let isBack = try await eventually { (try? openFiles().count) ?? .max <= before.count }
            let after = try openFiles()
            #expect(isBack, "connections left \(server.connectionsLeft), before \(before), after \(after)")
            let last = try Client(server.url)
            last.ask(1)
            try await expectEventually { last.heard.all.contains { $0.isConnected } }
            last.socket.close()
            server.close()
        }
    }
}

/// What connects and does not behave.
enum RudeClient: CaseIterable {
    case leavesAtOnce
    case resetsAtOnce
    case halfHandshake
    case garbage
    case halfFrame
    case requestThenReset

    /// Connects, misbehaves and leaves; true when it was taken for a websocket before.
    func connect(_ port: UInt16) -> Bool {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { _ = Glibc.close(descriptor) }
        guard descriptor >= 0, Self.join(descriptor, port) else { return false }
        var isShaken = false
        switch self {
        case .leavesAtOnce: break
        case .resetsAtOnce: Self.resetOnClose(descriptor)
        case .halfHandshake: Self.write(descriptor, Array("GET /switchyard HTTP/1.1\r\nHost: a\r\n".utf8))
        case .garbage: Self.write(descriptor, [0, 255, 13, 10, 13, 10, 0, 1, 2, 3])
        case .halfFrame:
            isShaken = Self.shakeHands(descriptor)
            Self.write(descriptor, [0x82, 0xFE, 0x10, 0x00, 1, 2, 3, 4, 5])
        case .requestThenReset:
            isShaken = Self.shakeHands(descriptor)
            Self.write(descriptor, [0x82, 0x85, 0, 0, 0, 0, 0x80, 0, 0, 1, 7])
            Self.write(descriptor, [0x82, 0x85, 0, 0, 0, 0, 0x80, 0, 0, 2, 7])
            Self.resetOnClose(descriptor)
        }
        return isShaken
    }

    static func join(_ descriptor: Int32, _ port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe Glibc.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    static func write(_ descriptor: Int32, _ bytes: [UInt8]) {
        _ = unsafe bytes.withUnsafeBytes { bytes in
            unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
    }

    static func shakeHands(_ descriptor: Int32) -> Bool {
        let lines = [
            "GET /switchyard HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: rep.sp.nanomsg.org", "", "",
        ]
        write(descriptor, Array(lines.joined(separator: "\r\n").utf8))
        var reply = [UInt8](repeating: 0, count: 1_024)
        _ = unsafe reply.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        return reply.starts(with: "HTTP/1.1 101".utf8)
    }

    static func resetOnClose(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}
