import Node
import Routing
import Synchronization

/// A network in memory: letters between addresses, delivered when the test lets the nodes turn. Time is the test's.
final class Town: Sendable {
    private struct Asked {
        let asker: String
        let target: String
        let tag: UInt64
        let expires: UInt64
    }

    private struct State {
        var now: UInt64 = 1_000_000
        var inboxes: [String: [Arrival]] = [:]
        var asked: [UInt64: Asked] = [:]
        var tokenLast: UInt64 = 0
        var pipes: [String: UInt32] = [:]
        /// By publisher: who hears him.
        var hearers: [String: Set<String>] = [:]
        var cuts: Set<Set<String>> = []
        /// What outsiders were answered, by token.
        var answers: [UInt64: [UInt8]] = [:]
        var residents: Set<String> = []
        /// Wire versions of what came to each, since somebody looked.
        var versions: [String: Set<UInt8>] = [:]
    }
    private let state = Mutex(State())
    /// UTC when its clock, which began long before the test, was at zero.
    private let epoch: UInt64

    init(epoch: UInt64 = 1_700_000_000_000) { self.epoch = epoch }

    var now: Now {
        let milliseconds = state.withLock { $0.now }
        return Now(
            instant: Instant(milliseconds: milliseconds), wall: WallTime(milliseconds: epoch + milliseconds)
        )
    }

    /// Time passes; whoever was asked and has not answered in time, has failed.
    func pass(_ milliseconds: UInt64) {
        state.withLock { state in
            state.now += milliseconds
            for token in state.asked.keys.sorted() {
                guard let asked = state.asked[token], asked.expires <= state.now else { continue }
                state.asked[token] = nil
                state.inboxes[asked.asker]?.append(.failed(tag: asked.tag))
            }
        }
    }

    func moveIn(_ address: String) {
        state.withLock { state in
            state.residents.insert(address)
            state.inboxes[address] = []
        }
    }
    /// Its process dies: connections to it are reset.
    func moveOut(_ address: String) {
        for asker in state.withLock({ $0.residents.sorted() }) { reset(asker, address) }
        state.withLock { state in
            state.residents.remove(address)
            state.inboxes[address] = nil
            state.asked = state.asked.filter { $0.value.asker != address }
        }
    }
    /// Nothing passes between the two any more.
    func cut(_ one: String, _ other: String) { state.withLock { _ = $0.cuts.insert([one, other]) } }
    func heal() { state.withLock { $0.cuts = [] } }

    func take(_ address: String) -> [Arrival] {
        state.withLock { state in
            defer { state.inboxes[address] = state.inboxes[address].map { _ in [] } }
            return state.inboxes[address] ?? []
        }
    }
    func hasMail(_ address: String) -> Bool { state.withLock { !($0.inboxes[address]?.isEmpty ?? true) } }

    /// The question's token; an outsider's answer is fetched with it.
    func ask(_ target: String, from asker: String, tag: UInt64, _ bytes: [UInt8], patience: Interval) -> UInt64 {
        state.withLock { state in
            state.tokenLast += 1
            let token = state.tokenLast
            let route = "\(asker)>\(target)"
            let pipe = state.pipes[route] ?? UInt32(state.pipes.count + 1)
            state.pipes[route] = pipe
            state.asked[token] = Asked(
                asker: asker, target: target, tag: tag, expires: state.now + patience.milliseconds)
            if state.residents.contains(target) && !state.cuts.contains([asker, target]) {
                state.inboxes[target]?.append(.request(token: token, pipe: pipe, bytes: bytes))
                state.versions[target, default: []].formUnion(bytes.prefix(1))
            }
            return token
        }
    }

    func reply(_ token: UInt64, _ bytes: [UInt8]) {
        state.withLock { state in
            guard let asked = state.asked[token], !state.cuts.contains([asked.asker, asked.target]) else { return }
            state.asked[token] = nil
            if state.residents.contains(asked.asker) {
                state.inboxes[asked.asker]?.append(.answered(tag: asked.tag, bytes: bytes))
                state.versions[asked.asker, default: []].formUnion(bytes.prefix(1))
            } else {
                state.answers[token] = bytes
            }
        }
    }

    /// What the one has asked the other and was not answered has failed.
    func reset(_ asker: String, _ target: String) {
        state.withLock { state in
            for token in state.asked.keys.sorted() {
                guard let asked = state.asked[token], asked.asker == asker, asked.target == target else { continue }
                state.asked[token] = nil
                state.inboxes[asker]?.append(.failed(tag: asked.tag))
            }
        }
    }

    /// An outsider's connection ends: what he asked is not answered any more, and who was asked hears that he is gone.
    func hangUp(_ asker: String, _ target: String) {
        state.withLock { state in
            guard let pipe = state.pipes["\(asker)>\(target)"] else { return }
            state.asked = state.asked.filter { $0.value.asker != asker || $0.value.target != target }
            state.inboxes[target]?.append(.disconnected(pipe: pipe))
        }
    }

    func answer(_ token: UInt64) -> [UInt8]? { state.withLock { $0.answers[token] } }

    /// The wire versions in which somebody was asked, answered and told things since this was asked last, rising.
    func takeVersions(to address: String) -> [UInt8] {
        state.withLock { ($0.versions.removeValue(forKey: address) ?? []).sorted() }
    }

    func publish(from publisher: String, _ bytes: [UInt8]) {
        state.withLock { state in
            for hearer in (state.hearers[publisher] ?? []).sorted() where !state.cuts.contains([publisher, hearer]) {
                state.inboxes[hearer]?.append(.published(bytes))
                state.versions[hearer, default: []].formUnion(bytes.prefix(1))
            }
        }
    }
    func subscribe(_ hearer: String, to publishers: [String]) {
        state.withLock { state in
            for publisher in state.hearers.keys { state.hearers[publisher]?.remove(hearer) }
            for publisher in publishers { state.hearers[publisher, default: []].insert(hearer) }
        }
    }
}

/// A node's place in the town; a router gossips at the same address. Each reply is shown to `onReply` as it leaves.
final class TownNetwork: Network {
    private let address: String
    private let town: Town
    private let onReply: @Sendable ([UInt8]) -> Void

    init(_ address: String, _ town: Town, onReply: @escaping @Sendable ([UInt8]) -> Void = { _ in }) {
        self.address = address
        self.town = town
        self.onReply = onReply
        town.moveIn(address)
    }

    func reply(_ token: UInt64, _ bytes: [UInt8]) {
        onReply(bytes)
        town.reply(token, bytes)
    }
    func ask(_ address: String, tag: UInt64, _ bytes: [UInt8], patience: Interval) {
        _ = town.ask(address, from: self.address, tag: tag, bytes, patience: patience)
    }
    func publish(_ bytes: [UInt8]) { town.publish(from: address, bytes) }
    func subscribe(to addresses: [String]) { town.subscribe(address, to: addresses) }
    func keep(_ addresses: [String]) {}
    func redial(_ address: String) { town.reset(self.address, address) }
}
