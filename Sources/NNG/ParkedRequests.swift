/// The requests that wait for an answer, and the connections they came by. A plain value behind the lock of
/// `ReplySocket`; it holds messages only as handles, and hands back every one that must be freed.
struct ParkedRequests: Sendable {
    /// What became of a request offered to `park`. Unless it was parked, the caller still owns the message.
    enum Outcome: Equatable {
        case parked(token: UInt64)
        case connectionFull
        case connectionGone
    }

    /// A message waiting for its answer, and the connection that asked.
    struct Parked: Sendable {
        let message: MessageHandle
        let pipe: UInt32
    }

    private struct Connection {
        var tokens: [UInt64] = []
        /// When it last asked something, in milliseconds of `Uptime`.
        var heardAt: UInt64
    }

    private let connectionsMax: Int
    private let parkedPerConnectionMax: Int
    private let silenceMillisecondsMax: UInt64
    private var connections: [UInt32: Connection] = [:]
    private var parkedByToken: [UInt64: Parked] = [:]
    private var tokenLast: UInt64 = 0
    private var closed = false

    init(limits: ReplyLimits) {
        connectionsMax = limits.connectionsMax
        parkedPerConnectionMax = limits.parkedPerConnectionMax
        silenceMillisecondsMax = UInt64(limits.silenceMillisecondsMax)
    }

    /// Live connections.
    var connectionsCount: Int { connections.count }

    /// Requests without an answer, over all connections.
    var parkedCount: Int { parkedByToken.count }

    /// Takes in a new connection, or refuses it at the bound.
    mutating func connect(_ pipe: UInt32, now: UInt64) -> Bool {
        guard !closed, connections.count < connectionsMax else { return false }
        invariant(connections[pipe] == nil, "pipe \(pipe) was added twice")
        connections[pipe] = Connection(heardAt: now)
        return true
    }

    /// Gives a request its token. `connectionGone` is a request that nng had queued when its pipe was removed.
    mutating func park(_ message: MessageHandle, pipe: UInt32, now: UInt64) -> Outcome {
        guard let count = connections[pipe]?.tokens.count else { return .connectionGone }
        connections[pipe]?.heardAt = now
        guard count < parkedPerConnectionMax else { return .connectionFull }
        tokenLast += 1
        connections[pipe]?.tokens.append(tokenLast)
        parkedByToken[tokenLast] = Parked(message: message, pipe: pipe)
        return .parked(token: tokenLast)
    }

    /// Takes a request out, to answer it; nil when its connection is gone or it has been answered.
    mutating func take(_ token: UInt64) -> Parked? {
        guard let parked = parkedByToken.removeValue(forKey: token) else { return nil }
        if let place = connections[parked.pipe]?.tokens.firstIndex(of: token) {
            connections[parked.pipe]?.tokens.remove(at: place)
        }
        return parked
    }

    /// Forgets a connection; nil when it was never taken in. The messages must be freed by the caller.
    mutating func disconnect(_ pipe: UInt32) -> [MessageHandle]? {
        guard let tokens = connections.removeValue(forKey: pipe)?.tokens else { return nil }
        return tokens.compactMap { parkedByToken.removeValue(forKey: $0)?.message }
    }

    /// The connections that have asked nothing for too long, rising. A parked request does not excuse: those that leak
    /// have one more often than not.
    func silent(now: UInt64) -> [UInt32] {
        connections.filter { $0.value.heardAt + silenceMillisecondsMax < now }.map(\.key).sorted()
    }

    /// From now on nobody is taken in. Connections leave one by one, as nng reports them. False when closed already.
    mutating func close() -> Bool {
        defer { closed = true }
        return !closed
    }
}
