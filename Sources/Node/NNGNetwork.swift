import NNG
package import Routing
import Synchronization

/// `Network` over nng: one raw REP socket for everybody who asks, one PUB and one SUB for gossip, one REQ for each
/// process that is asked. The only file of this module that knows nng.
package final class NNGNetwork: Network {
    private struct Peers {
        var sockets: [String: RequestSocket] = [:]
        var publishers: [String] = []
    }

    private let inbox: Inbox
    private let log: Log
    private let contexts: Int
    private let server: ReplySocket
    private let publisher: PublishSocket?
    private let subscriber: SubscribeSocket?
    private let peers = Mutex(Peers())
    private let dog: ReaperDog

    /// Listens at `address`, and at `gossipAddress` for subscribers if there is one. `busy` answers a request beyond
    /// the number that one connection may have open, or that the inbox has no room for.
    package init(
        address: String, gossipAddress: String?, requestBytesMax: Int, contexts: Int, busy: [UInt8], inbox: Inbox,
        log: Log
    ) throws {
        self.inbox = inbox
        self.log = log
        self.contexts = contexts
        let door = Door()
        let server = try ReplySocket(
            limits: ReplyLimits(
                messageBytesMax: requestBytesMax, connectionsMax: Limits.connectionsMax,
                parkedPerConnectionMax: Limits.parkedPerConnectionMax), busyAnswer: busy
        ) { event in
            switch event {
            case .request(let token, let pipe, let bytes):
                guard !inbox.post(.request(token: token, pipe: pipe, bytes: bytes)) else { return }
                door.server.withLock { $0 }?.reply(token, busy)
            case .disconnected(let pipe): inbox.post(.disconnected(pipe: pipe))
            case .refusedBusy, .refusedConnection: inbox.post(.turnedAway)
            case .connected: break
            }
        }
        self.server = server
        door.server.withLock { $0 = server }
        if let gossipAddress {
            let publisher = try PublishSocket(sendBuffer: 1024) { inbox.post(.turnedAway) }
            self.publisher = publisher
            subscriber = try SubscribeSocket(
                receiveBuffer: 4096, messageBytesMax: Limits.nodeMessageBytesMax, silenceMillisecondsMax: 5_000
            ) { inbox.post(.published($0)) }
            try Self.listen(at: gossipAddress, "for other routers' gossip", log) { url throws(NNGError) in
                _ = try publisher.listen(url)
            }
        } else {
            publisher = nil
            subscriber = nil
        }
        dog = try ReaperDog {
            log.error("nng's reaper is stuck: connections would leak from now on; leaving to be started again")
            Process.exit(ExitCode.startAgain)
        }
        try Self.listen(at: address, "for questions", log) { url throws(NNGError) in _ = try server.listen(url) }
    }

    /// Which address it is that cannot be had, nng does not say.
    private static func listen(
        at address: String, _ what: String, _ log: Log, _ open: (String) throws(NNGError) -> Void
    ) throws {
        let url = try TransportTable.current.url(for: address)
        do throws(NNGError) { try open(url) } catch {
            log.error("cannot listen at \(address) \(what): \(error)")
            throw error
        }
    }

    package func reply(_ token: UInt64, _ bytes: [UInt8]) { server.reply(token, bytes) }

    package func ask(_ address: String, tag: UInt64, _ bytes: [UInt8], patience: Interval) {
        guard let socket = socket(for: address) else {
            inbox.post(.failed(tag: tag))
            return
        }
        socket.send(tag: tag, bytes, timeout: Int32(patience.milliseconds))
    }

    private func socket(for address: String) -> RequestSocket? {
        peers.withLock { peers in
            if let known = peers.sockets[address] { return known }
            let inbox = inbox
            do {
                let heart = Heart()
                let socket = try RequestSocket(
                    url: try TransportTable.current.url(for: address), contexts: contexts,
                    waitingMax: Limits.peerRequestsWaitingMax, replyBytesMax: Limits.nodeMessageBytesMax
                ) { event in
                    switch event {
                    case .answered(let tag, let bytes):
                        heart.beat()
                        inbox.post(.answered(tag: tag, bytes: bytes))
                    case .failed(let tag, let error):
                        if error == .timedOut && heart.isSilent() { inbox.post(.silent(address)) }
                        inbox.post(.failed(tag: tag))
                    case .connected: heart.beat()
                    case .disconnected: break
                    }
                }
                peers.sockets[address] = socket
                return socket
            } catch {
                log.error("cannot talk to \(address): \(error)")
                return nil
            }
        }
    }

    package static var libraryVersion: String { TransportTable.current.version }
    package var library: String { Self.libraryVersion }

    package func redial(_ address: String) { peers.withLock { $0.sockets[address] }?.redial() }

    package func publish(_ bytes: [UInt8]) { publisher?.publish(bytes) }

    package func subscribe(to addresses: [String]) {
        guard let subscriber else { return }
        let former = peers.withLock { peers in
            defer { peers.publishers = addresses }
            return peers.publishers
        }
        for address in addresses where !former.contains(address) {
            do {
                try subscriber.connect(try TransportTable.current.url(for: address))
            } catch {
                log.error("cannot listen to \(address): \(error)")
            }
        }
        for address in former where !addresses.contains(address) {
            guard let url = try? TransportTable.current.url(for: address) else { continue }
            subscriber.disconnect(url)
        }
    }

    package func keep(_ addresses: [String]) {
        let gone = peers.withLock { peers in
            let gone = peers.sockets.filter { !addresses.contains($0.key) }
            for address in gone.keys { peers.sockets[address] = nil }
            return Array(gone.values)
        }
        // nng waits inside a close: never on a node's thread.
        if !gone.isEmpty { Background.run { for socket in gone { socket.close() } } }
    }
}

/// The socket, for its own handler, which answers what the inbox does not take.
private final class Door: Sendable {
    let server = Mutex<ReplySocket?>(nil)
}

/// When a link last showed life. TCP stays silent for longer than a cut lasts, and nng does not notice by itself: a
/// question without an answer on a link that said nothing meanwhile means that the link is to be made anew.
private final class Heart: Sendable {
    /// The shortest patience of any question is 1 s.
    private static let silenceNanoseconds: UInt64 = 900_000_000
    private let lastBeat = Atomic<UInt64>(SystemClock.nanoseconds())

    func beat() { lastBeat.store(SystemClock.nanoseconds(), ordering: .relaxed) }

    /// Whether it has been silent for long; says so once, then the new link gets its time.
    func isSilent() -> Bool {
        let now = SystemClock.nanoseconds()
        let last = lastBeat.load(ordering: .relaxed)
        guard now > last && now - last > Self.silenceNanoseconds else { return false }
        return lastBeat.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
    }
}
