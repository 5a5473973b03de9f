import Glibc
import Testing

@testable import NNG

@Suite struct HandshakeWatchTests {
    private static let server = Endpoint(ipv4: 0x7F00_0001, port: 5_000)

    private func watch(filesMax: Int = 20_000) -> HandshakeWatch {
        HandshakeWatch(limitMilliseconds: 10_000, periodMilliseconds: 5_000, filesMax: filesMax)
    }

    private func socket(_ number: Int, local: Endpoint = server) -> OpenSocket {
        let peer = Endpoint(ipv4: 0x0A00_0001, port: UInt16(number))
        return OpenSocket(
            descriptor: Int32(number), inode: UInt64(number), connection: TCPConnection(local: local, peer: peer))
    }

    private func sight(_ sockets: [OpenSocket], filesCount: Int = 100) -> Sight {
        Sight(listeners: [Self.server], sockets: sockets, filesCount: filesCount)
    }

    @Test("a connection without a pipe is named once, when it has been one for the limit")
    func namedOnceAtTheLimit() {
        var watch = watch()
        let (stranger, piped) = (socket(1), socket(2))
        let named = [0, 5_000, 9_999, 10_000, 10_100, 25_000].map { now in
            watch.look(
                sight([stranger, piped]), isPipe: { $0 == piped.connection }, connectionsMax: [5_000: 10],
                now: UInt64(1_000 + now))
        }
        #expect(named.map(\.overdue) == [[], [], [], [stranger], [], []])
        #expect(named.allSatisfy { $0.crowding.isEmpty })
    }

    @Test("a connection that was a pipe in between begins anew, and so does another one with the same number")
    func inARow() {
        var watch = watch()
        let (first, second) = (socket(1), OpenSocket(descriptor: 1, inode: 9, connection: socket(1).connection))
        let looks: [(socket: OpenSocket, isPipe: Bool)] = [
            (first, false), (first, false), (first, true), (first, false), (first, false), (second, false),
            (second, false), (second, false),
        ]
        let named = looks.enumerated().map { index, look in
            watch.look(
                sight([look.socket]), isPipe: { _ in look.isPipe }, connectionsMax: [5_000: 10],
                now: UInt64(5_000 * index)
            ).overdue
        }
        #expect(named == [[], [], [], [], [], [], [], [second]])
    }

    @Test("time in which nobody looked counts as two periods at most")
    func stoppedProcess() {
        var watch = HandshakeWatch(limitMilliseconds: 10_000, periodMilliseconds: 2_000, filesMax: 20_000)
        let named = [0, 60_000, 62_000, 66_000].map { now in
            watch.look(sight([socket(1)]), isPipe: { _ in false }, connectionsMax: [5_000: 10], now: now).overdue.count
        }
        #expect(named == [0, 0, 0, 1])
    }

    @Test("other ports and connections that no listener accepted are left alone")
    func foreignConnections() {
        var watch = watch()
        let dialled = socket(1, local: Endpoint(ipv4: 0x0A00_0002, port: 5_000))
        let foreign = socket(2, local: Endpoint(ipv4: 0x7F00_0001, port: 6_000))
        for now in [UInt64(0), 10_000, 20_000] {
            let named = watch.look(
                sight([dialled, foreign]), isPipe: { _ in false }, connectionsMax: [5_000: 10], now: now)
            #expect(named.overdue.isEmpty && named.crowding.isEmpty)
        }
        let wildcard = Endpoint(high: 0, low: 0, port: 5_000)
        #expect(dialled.connection.local.isServed(by: wildcard))
        #expect(!foreign.connection.local.isServed(by: wildcard))
    }

    @Test("beyond the bound the youngest without a pipe are named at once, and not again while they close")
    func crowdAtThePort() {
        var watch = watch()
        let bound = HandshakeWatch.socketsMax(connectionsMax: 10)
        #expect(bound == 74)
        let old = (1...70).map { socket($0) }
        let new = (71...80).map { socket($0) }
        let isPipe = { (connection: TCPConnection) in connection.peer.port <= 3 || connection.peer.port == 80 }
        let first = watch.look(sight(old), isPipe: isPipe, connectionsMax: [5_000: 10], now: 0)
        let second = watch.look(sight(old + new), isPipe: isPipe, connectionsMax: [5_000: 10], now: 100)
        let third = watch.look(sight(old + new), isPipe: isPipe, connectionsMax: [5_000: 10], now: 200)
        #expect(first.crowding.isEmpty && third.crowding.isEmpty)
        #expect(second.crowding.map(\.descriptor) == [79, 78, 77, 76, 75, 74])
    }

    @Test("when files run short the youngest without a pipe are named, and first of all those seen before")
    func crowdOfFiles() {
        var watch = watch(filesMax: 1_024)
        #expect(HandshakeWatch.filesComfortable(filesMax: 1_024) == 960)
        let named = [(10, 963), (7, 960), (12, 965), (14, 967)].enumerated().map { index, look in
            watch.look(
                sight((1...look.0).map { socket($0) }, filesCount: look.1), isPipe: { $0.peer.port == 1 },
                connectionsMax: [5_000: 1_000], now: UInt64(index)
            ).crowding.map(\.descriptor)
        }
        #expect(named == [[10, 9, 8], [], [7, 6, 5, 4, 3, 2], [12, 11, 10, 9, 8]])
    }
}

extension Network {
    @Suite struct HandshakeDogTests {
        @Test("silent, half-shaken and plain HTTP connections are gone after the limit; an honest client is served")
        func handshakesThatNeverEnd() async throws {
            let dog = HandshakeDog(periodMilliseconds: 50, limitMilliseconds: 1_500)
            let server = try Server(anyPort, dog: dog)
            let honest = try Client(server.url)
            honest.ask(0)
            #expect(try await honest.hasAnswers(1))
            let before = try openFiles()
            let begin = ContinuousClock.now
            let strangers = try (0..<150).map { number in
                try Stranger(server.port, says: ["", "GET /switchyard HTTP/1.1\r\nHost: a\r\n", keptAlive][number % 3])
            }
            try await expectEventually { acceptedCount(server.port) == 151 }
            #expect(dog.cutCount == 0)
            try await expectEventually { dog.cutCount > 0 }
            #expect(ContinuousClock.now - begin >= .milliseconds(1_500))
            try await expectEventually { acceptedCount(server.port) == 1 }
            #expect(strangers.allSatisfy { $0.isAtEnd() })
            for stranger in strangers { stranger.leave() }
            honest.ask(1)
            #expect(try await honest.hasAnswers(2))
            #expect(dog.cutCount == 150 && server.heard.count { $0.isRefusedConnection } == 150)
            #expect(honest.heard.count { $0.isDisconnected } == 0)
            let isBack = try await eventually { (try? openFiles().count) ?? .max <= before.count }
            #expect(isBack, "before \(before)")
            honest.socket.close()
            server.close()
        }

        @Test("a client that takes a second for its handshake is served, also after the limit")
        func slowHandshake() async throws {
            let dog = HandshakeDog(periodMilliseconds: 50, limitMilliseconds: 3_000)
            let server = try Server(anyPort, dog: dog)
            let slow = try Stranger(server.port, says: "")
            let control = try Stranger(server.port, says: "")
            try await Task.sleep(for: .seconds(1))
            #expect(RudeClient.shakeHands(slow.descriptor))
            // The one that stays silent shows that the limit has passed.
            try await expectEventually { dog.cutCount == 1 }
            #expect(control.isAtEnd())
            try await Task.sleep(for: .milliseconds(500))
            RudeClient.write(slow.descriptor, [0x82, 0x85, 0, 0, 0, 0, 0x80, 0, 0, 1, 7])
            try await expectEventually { slow.read() == [0x82, 0x05, 0x80, 0, 0, 1, 7] }
            #expect(dog.cutCount == 1)
            slow.leave()
            control.leave()
            server.close()
        }

        @Test("too many handshakes at a time are cut down to the bound at once, never an honest client")
        func tooManyHandshakes() async throws {
            let dog = HandshakeDog(periodMilliseconds: 50, limitMilliseconds: 60_000)
            let server = try Server(anyPort, connectionsMax: 5, dog: dog)
            let honest = try Client(server.url)
            honest.ask(0)
            #expect(try await honest.hasAnswers(1))
            let strangers = try (0..<200).map { _ in try Stranger(server.port, says: "") }
            let bound = HandshakeWatch.socketsMax(connectionsMax: 5)
            try await expectEventually { dog.cutCount == 201 - bound && acceptedCount(server.port) == bound }
            honest.ask(1)
            #expect(try await honest.hasAnswers(2))
            #expect(honest.heard.count { $0.isDisconnected } == 0)
            for stranger in strangers { stranger.leave() }
            try await expectEventually { acceptedCount(server.port) == 1 }
            honest.socket.close()
            server.close()
        }

        @Test("two sockets that share a port keep each other's connections, and a publisher's strangers are cut")
        func sharedPort() async throws {
            let dog = HandshakeDog(periodMilliseconds: 20, limitMilliseconds: 300)
            let server = try Server(anyPort, dog: dog)
            let refusals = Recorder<Int>()
            let publisher = try PublishSocket(sendBuffer: 100, dog: dog) { refusals.record(1) }
            let feed = "ws://127.0.0.1:\(server.port)/feed"
            _ = try publisher.listen(feed)
            let ownPort = UInt16(try publisher.listen(anyPort))
            let subscriber = try SubscribeSocket(receiveBuffer: 100, messageBytesMax: 100) { _ in }
            try subscriber.connect(feed)
            let client = try Client(server.url)
            #expect(try await client.isConnected())
            try await expectEventually { publisher.subscribersCount == 1 }
            let strangers = try [Stranger(ownPort, says: ""), Stranger(server.port, says: "")]
            try await expectEventually { dog.cutCount == 2 }
            // Ten more limits would be cut in.
            try await Task.sleep(for: .milliseconds(1_000))
            #expect(dog.cutCount == 2 && publisher.subscribersCount == 1 && server.connectionsLeft == 1)
            #expect(refusals.all.count == 1 && server.heard.count { $0.isRefusedConnection } == 1)
            for stranger in strangers { stranger.leave() }
            client.socket.close()
            subscriber.close()
            server.close()
            publisher.close()
        }

        @Test("the dog's own files are open only while a socket listens on ws")
        func ownFiles() async throws {
            let dog = HandshakeDog(periodMilliseconds: 20, limitMilliseconds: 300)
            let inside = try Server("inproc://no-handshake", dog: dog)
            #expect(try ownFilesCount() == 0)
            for _ in 0..<3 {
                let server = try Server(anyPort, dog: dog)
                #expect(try ownFilesCount() == 2)
                server.close()
                #expect(try ownFilesCount() == 0)
            }
            inside.close()
        }

        @Test("a socket is cut by its identity: one that took the number of another stays")
        func numberReused() throws {
            let sockets = try OpenSockets()
            let dog = HandshakeDog(periodMilliseconds: 60_000)
            let server = try Server(anyPort, dog: dog)
            let stranger = try Stranger(server.port, says: "")
            defer { stranger.leave() }
            let own = sockets.look(at: [try #require(Endpoint(.local, of: stranger.descriptor)).port]).sockets
            let seen = try #require(own.first { $0.descriptor == stranger.descriptor })
            let former = OpenSocket(
                descriptor: seen.descriptor, inode: seen.inode &+ 1, connection: seen.connection)
            let cuts = [sockets.shutDown(former), sockets.shutDown(seen)]
            #expect(cuts == [false, true])
            server.close()
        }
    }
}

/// The files by which dogs look: the folder of open files, twice for each.
private func ownFilesCount() throws -> Int {
    try openFiles().count { $0.hasSuffix("/proc/\(getpid())/fd") }
}

private let keptAlive = "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"

/// The connections that a port of this process has accepted and not closed.
private func acceptedCount(_ port: UInt16) -> Int {
    (try? OpenSockets().look(at: [port]).sockets.count) ?? -1
}

/// A connection that says something, perhaps nothing, and stays.
private struct Stranger {
    let descriptor: Int32

    init(_ port: UInt16, says text: String) throws {
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0 && RudeClient.join(descriptor, port))
        if !text.isEmpty { RudeClient.write(descriptor, Array(text.utf8)) }
    }

    /// What has come, without waiting; nil at the end of the stream.
    func read() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
        return count == 0 ? nil : Array(bytes.prefix(max(0, count)))
    }

    func isAtEnd() -> Bool {
        while let bytes = read() { if bytes.isEmpty { return false } }
        return true
    }

    func leave() { _ = Glibc.close(descriptor) }
}
