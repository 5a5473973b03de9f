/// Judges which connections of a port will never become pipes. A plain value: it is shown the open sockets and the live
/// pipes at each look, and names those to cut.
struct HandshakeWatch: Sendable {
    /// A connection without a pipe is watched at first sight, and moves to cut when it is named; it is forgotten as
    /// soon as a look does not find it so.
    private enum Standing: Equatable {
        case watched(milliseconds: UInt64)
        case cut
    }

    /// A connection without a pipe, and how long it has been one before our eyes.
    private struct Stranger {
        let socket: OpenSocket
        let milliseconds: UInt64
        /// Whether an earlier look has seen it.
        let isKnown: Bool
    }

    private let limitMilliseconds: UInt64
    private let periodMilliseconds: UInt64
    private let filesMax: Int
    private var standings: [OpenSocket: Standing] = [:]
    private var lookedAt: UInt64?

    init(limitMilliseconds: Int, periodMilliseconds: Int, filesMax: Int) {
        invariant(limitMilliseconds > 0 && periodMilliseconds > 0, "the times of a watchdog must be positive")
        self.limitMilliseconds = UInt64(limitMilliseconds)
        self.periodMilliseconds = UInt64(periodMilliseconds)
        self.filesMax = filesMax
    }

    /// Sockets a port may have, pipes and handshakes together, where `connectionsMax` of them may be pipes: an eighth
    /// more, as after a restart everybody shakes hands at once.
    static func socketsMax(connectionsMax: Int) -> Int {
        connectionsMax + max(64, connectionsMax / 8)
    }

    /// Open files beyond which handshakes are cut: nng's accept loop spins once there are none left, and the rest of
    /// the process wants some too.
    static func filesComfortable(filesMax: Int) -> Int {
        filesMax - max(16, filesMax / 16)
    }

    /// The connections to cut, each named once: those without a pipe for the limit, and of the others the youngest as
    /// far as their port has too many. When the files of the process run short, all that an earlier look has seen, and
    /// the youngest as far as that does not do. The pipes must have been noted after the sight, or a connection whose
    /// handshake ended in between would look like a stranger. `now` in milliseconds.
    mutating func look(
        _ sight: Sight, isPipe: (TCPConnection) -> Bool, connectionsMax: [UInt16: Int], now: UInt64
    ) -> (overdue: [OpenSocket], crowding: [OpenSocket]) {
        let accepted = sight.sockets.filter { socket in
            connectionsMax[socket.connection.local.port] != nil
                && sight.listeners.contains { socket.connection.local.isServed(by: $0) }
        }
        let strangers = update(accepted.filter { !isPipe($0.connection) }, now: now)
        let overdue = strangers.filter { $0.milliseconds >= limitMilliseconds }.map(\.socket)
        let leaving = Set(overdue).union(standings.filter { $0.value == .cut }.map(\.key))
        let staying = accepted.filter { !leaving.contains($0) }
        var excess = connectionsMax.mapValues { -Self.socketsMax(connectionsMax: $0) }
        for socket in staying { excess[socket.connection.local.port, default: 0] += 1 }
        let young = strangers.filter { $0.milliseconds < limitMilliseconds }
        var filesExcess = sight.filesCount - leaving.count - Self.filesComfortable(filesMax: filesMax)
        // Whoever waits to be accepted fills the room at once, so it must be larger than the excess.
        let isShort = filesExcess > 0
        if isShort { filesExcess -= young.count { $0.isKnown } }
        var crowding: [OpenSocket] = []
        for stranger in young.reversed() {
            let port = stranger.socket.connection.local.port
            let isOneTooMany = stranger.isKnown ? isShort : filesExcess > 0
            guard isOneTooMany || excess[port, default: 0] > 0 else { continue }
            crowding.append(stranger.socket)
            if !stranger.isKnown { filesExcess -= 1 }
            excess[port, default: 0] -= 1
        }
        for socket in overdue + crowding { standings[socket] = .cut }
        return (overdue, crowding)
    }

    /// Those not yet cut, the oldest first. Time counts only as far as looks divide it: a process that was itself
    /// stopped for a while could not shake hands, and must not blame the peers.
    private mutating func update(_ sockets: [OpenSocket], now: UInt64) -> [Stranger] {
        let passed = min(now - (lookedAt ?? now), 2 * periodMilliseconds)
        lookedAt = now
        let former = standings
        standings = [:]
        var strangers: [Stranger] = []
        for socket in sockets {
            switch former[socket] {
            case nil: strangers.append(Stranger(socket: socket, milliseconds: 0, isKnown: false))
            case .watched(let age):
                strangers.append(Stranger(socket: socket, milliseconds: age + passed, isKnown: true))
            case .cut: standings[socket] = .cut
            }
        }
        for stranger in strangers { standings[stranger.socket] = .watched(milliseconds: stranger.milliseconds) }
        return strangers.sorted { ($1.milliseconds, $0.socket.inode) < ($0.milliseconds, $1.socket.inode) }
    }
}
