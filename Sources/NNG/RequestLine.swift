import CNNG

/// One context of a REQ socket: it carries one request at a time. Two operations, so that the end of each says which it
/// was; the receive is never submitted before the send has ended (#1702).
struct RequestSlot: Sendable {
    let index: Int
    let context: nng_ctx
    let sender: Completion
    let receiver: Completion
}

/// A request that has not been handed to nng.
struct WaitingRequest: Sendable {
    let tag: UInt64
    let bytes: [UInt8]
    /// In milliseconds of `Uptime`; `.max` is without end.
    let deadline: UInt64
}

/// Who asks what by which context, and who waits: the plain value behind the lock of `RequestSocket`.
struct RequestLine: Sendable {
    /// What one context is doing.
    /// idle -> sending; sending -> receiving, abandoned or idle; abandoned -> idle; receiving -> idle.
    private enum Phase {
        case idle
        case sending(tag: UInt64, deadline: UInt64)
        /// Its time ran out before nng had sent it. The tag has failed; the send is left to end by itself, as
        /// cancelling it is what #1702 warns of.
        case abandoned
        case receiving(tag: UInt64)
    }

    /// What became of a new request.
    enum Admission {
        case start(RequestSlot)
        case wait
        case refuse(NNGError)
    }

    /// What the end of a send means.
    enum SendOutcome {
        /// The request has left: wait for its answer, at most that long (negative: without end).
        case receive(RequestSlot, milliseconds: Int32)
        case failed(tag: UInt64, NNGError)
        /// Its time was over long ago, and the tag has failed.
        case forgotten
    }

    private let waitingMax: Int
    private var phases: [Phase]
    private var slots: [RequestSlot] = []
    /// Places in `slots`.
    private var idle: [Int] = []
    private var waiting = Fifo<WaitingRequest>()
    private(set) var isClosed = false
    /// Whether a connection is up. While none is, requests wait here and not in nng, where they could not be taken
    /// back.
    var isConnected = false

    init(contexts: Int, waitingMax: Int) {
        self.waitingMax = waitingMax
        phases = Array(repeating: .idle, count: contexts)
    }

    /// Whether any request has not been sent yet.
    var hasWaiting: Bool { !waiting.isEmpty }
    /// Requests accepted and not yet answered or failed.
    var outstandingCount: Int { phases.count - idle.count + waiting.count }

    /// Takes in the next context; its place is `slot.index`.
    mutating func add(_ slot: RequestSlot) {
        invariant(slot.index == slots.count && slots.count < phases.count, "context \(slot.index) is out of turn")
        slots.append(slot)
        idle.append(slot.index)
    }

    /// Starts a request, lets it wait, or refuses it at the bound.
    mutating func admit(_ request: WaitingRequest) -> Admission {
        if isClosed { return .refuse(.closed) }
        if isConnected, waiting.isEmpty, let index = idle.popLast() {
            return .start(start(request, in: index))
        }
        guard outstandingCount < phases.count + waitingMax else { return .refuse(.full) }
        waiting.append(request)
        return .wait
    }

    /// The next request that can go, with its context; nil when there is none, or no context, or no connection.
    mutating func startNext() -> (RequestSlot, WaitingRequest)? {
        guard isConnected, !isClosed, !idle.isEmpty, let request = waiting.popFirst() else { return nil }
        return (start(request, in: idle.removeLast()), request)
    }

    /// nng has sent a request, or could not. Unless the outcome is `receive`, the context is idle again.
    mutating func sent(by index: Int, failure: NNGError?, now: UInt64) -> SendOutcome {
        switch (phases[index], failure) {
        case (.sending(let tag, let deadline), nil) where deadline > now && !isClosed:
            phases[index] = .receiving(tag: tag)
            return .receive(slots[index], milliseconds: deadline == .max ? -1 : Int32(clamping: deadline - now))
        case (.sending(let tag, _), let failure):
            release(index)
            return .failed(tag: tag, failure ?? (isClosed ? .closed : .timedOut))
        case (.abandoned, _):
            release(index)
            return .forgotten
        case (.idle, _), (.receiving, _):
            fatalError("context \(index) ended a send nobody had started")
        }
    }

    /// The answer has come, or never will. The context is idle again.
    mutating func received(by index: Int) -> UInt64 {
        guard case .receiving(let tag) = phases[index] else {
            fatalError("context \(index) ended a receive nobody had started")
        }
        release(index)
        return tag
    }

    /// The tags whose time is over before nng has sent them; they count as failed from here on. Those sent have a
    /// timeout of nng's own.
    mutating func expire(now: UInt64) -> [UInt64] {
        var tags: [UInt64] = []
        for (index, phase) in phases.enumerated() {
            guard case .sending(let tag, let deadline) = phase, deadline <= now else { continue }
            phases[index] = .abandoned
            tags.append(tag)
        }
        if waiting.isEmpty { return tags }
        return tags + waiting.remove { $0.deadline <= now }.map(\.tag)
    }

    /// Refuses everything from here on, and hands back the tags that had not been started, and the receives to be
    /// ended before the socket; nil when closed already.
    mutating func close() -> (unsent: [UInt64], receivers: [Completion])? {
        if isClosed { return nil }
        isClosed = true
        isConnected = false
        let receivers = slots.map(\.receiver)
        // The slots' operations hold the socket, and the socket this value: emptied here, all can go.
        slots = []
        idle = []
        return (waiting.remove { _ in true }.map(\.tag), receivers)
    }

    private mutating func start(_ request: WaitingRequest, in index: Int) -> RequestSlot {
        guard case .idle = phases[index] else { fatalError("context \(index) is in use") }
        phases[index] = .sending(tag: request.tag, deadline: request.deadline)
        return slots[index]
    }

    private mutating func release(_ index: Int) {
        phases[index] = .idle
        if !isClosed { idle.append(index) }
    }
}
