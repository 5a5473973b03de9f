import Dispatch
import Foundation
import Journal
import Node
import Routing
import Wire

/// Starts nodes in this process, each on a thread of its own, and ends them in peace.
final class Launch: Sendable {
    private let inboxes: [Inbox]
    private let done = DispatchGroup()

    /// A node with its inbox; handed whole to the thread that will own it.
    struct Seat: @unchecked Sendable {
        // Touched by one thread only: the one that `Launch` starts for it.
        let node: any Steppable
        let inbox: Inbox
        let name: String
    }

    init(_ seats: [Seat]) {
        inboxes = seats.map(\.inbox)
        for seat in seats {
            done.enter()
            let thread = Thread { [done] in
                Turn.run(seat.node, inbox: seat.inbox, clock: SystemClock())
                if let router = seat.node as? RouterNode, let failure = router.failure {
                    Log(seat.name).error(failure)
                    Process.exit(ExitCode.usage)
                }
                done.leave()
            }
            thread.stackSize = 8 << 20
            thread.name = seat.name
            thread.start()
        }
    }

    /// Names the process without which this one has no reason to be: a demo's nodes end when the demo was killed.
    static let parentVariable = "SWITCHYARD_PARENT"

    private static func watchParent() {
        guard let text = ProcessInfo.processInfo.environment[parentVariable], let parent = Int32(text) else { return }
        let thread = Thread {
            while getppid() == parent { usleep(500_000) }
            Node.Process.exit(ExitCode.success)
        }
        thread.start()
    }

    /// Waits until all nodes are over, which SIGTERM and SIGINT bring about: routers first, then the coordinator.
    func wait() async {
        Self.watchParent()
        let signals = Signals([SIGTERM, SIGINT]) { [inboxes] in
            for inbox in inboxes { inbox.post(.stop) }
        }
        let hangUp = Signals([SIGHUP]) { [inboxes] in
            for inbox in inboxes { inbox.post(.reload) }
        }
        await withCheckedContinuation { continuation in
            done.notify(queue: .global()) { continuation.resume() }
        }
        signals.cancel()
        hangUp.cancel()
    }

    /// Names mistakes (`Flaw`), with commas between them, that the nodes of this process are to make: for those who
    /// want to see a harness fail. Nothing else switches one on.
    static let flawsVariable = "SWITCHYARD_FLAWS"

    private static func flaws(_ log: Log) throws -> Flaws {
        guard let text = ProcessInfo.processInfo.environment[flawsVariable], !text.isEmpty else { return .none }
        let flaws = try text.split(separator: ",").map { name in
            guard let flaw = Flaw(rawValue: String(name)) else {
                let known = Flaw.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("\(flawsVariable): unknown flaw \"\(name)\"; there are \(known)")
            }
            return flaw
        }
        log.error("FLAWED ON PURPOSE, BREAKS ITS PROMISES: \(flawsVariable)=\(text) is set; never with real tickets")
        return Flaws(flaws)
    }

    /// For whoever asks more than can be taken, before it is looked at what he speaks: everybody reads the oldest.
    private static let busy = Frame.encode(
        Reply.refused(.busy, retryAfter: Limits.retryAfterLeast), version: wireVersionOldest)

    // MARK: - the two kinds of node

    static func coordinator(
        name: String, address: String, config: String, folder: String, sizes: LedgerDisk.Sizes = LedgerDisk.Sizes()
    ) throws -> Seat {
        let log = Log("\(name):")
        let company = try Configuration.load(config)
        let inbox = Inbox()
        let network = try NNGNetwork(
            address: address, gossipAddress: nil, requestBytesMax: Limits.nodeMessageBytesMax, contexts: 8,
            busy: busy, inbox: inbox, log: log)
        let storage = try FileStorage(folder: folder, aside: Background.run)
        let node = try CoordinatorNode(
            name: name, company: company, storage: storage,
            clusterID: .drawn { Journal.ClusterID(high: Draw.bits(), low: Draw.bits()) },
            sizes: sizes, marker: FileMarker(beside: folder), hand: ThreadHand(),
            onProgress: { inbox.post(.written) }, network: network, now: SystemClock().now(), log: log,
            flaws: flaws(log))
        // A large file takes longer to read than a lease lasts: another thread reads it.
        node.load = { token in
            DispatchQueue.global().async { inbox.post(.loaded(read(config), token: token)) }
        }
        log.info("coordinator listens at \(address), ledger in \(folder)")
        return Seat(node: node, inbox: inbox, name: name)
    }

    @Sendable private static func read(_ config: String) -> Result<Company, Configuration.Invalid> {
        do {
            return .success(try Configuration.load(config))
        } catch let invalid as Configuration.Invalid {
            return .failure(invalid)
        } catch {
            return .failure(
                Configuration.Invalid(mistakes: [Mistake(file: config, path: "", what: error.localizedDescription)]))
        }
    }

    /// `listening` is where it really listens and publishes, if that is not what others are told; `newest` the wire
    /// version that it speaks.
    static func router(
        _ place: RouterNode.Place, listening: (address: String, gossip: String)? = nil,
        speaking newest: UInt8 = wireVersion
    ) throws -> Seat {
        let log = Log("\(place.name):")
        let inbox = Inbox()
        let network = try NNGNetwork(
            address: listening?.address ?? place.address, gossipAddress: listening?.gossip ?? place.gossipAddress,
            requestBytesMax: Limits.clientMessageBytesMax, contexts: 32,
            busy: busy, inbox: inbox, log: log)
        let node = RouterNode(
            place: place, network: network, now: SystemClock().now(), log: log, speaking: newest,
            flaws: try flaws(log))
        log.info("router listens at \(place.address), gossips at \(place.gossipAddress)")
        if newest < wireVersion { log.warning("it speaks wire version \(newest) only, as it was told by --speak") }
        return Seat(node: node, inbox: inbox, name: place.name)
    }

    /// The address with the next port: where gossip is published when nothing else is said.
    static func nextPort(_ address: String) -> String {
        guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]) else {
            return address
        }
        return "\(address[..<colon]):\(port + 1)"
    }
}

/// Signals as calls on a queue of their own, in place of their default.
final class Signals: @unchecked Sendable {
    // Dispatch sources may be used from any thread; only the type does not say so.
    private let sources: [any DispatchSourceSignal]
    init(_ numbers: [Int32], _ handler: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "switchyard.signals")
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler(handler: handler)
            source.resume()
            return source
        }
    }
    func cancel() { for source in sources { source.cancel() } }
}
