/// A connection from somebody who asks to the node that is asked.
struct Connection {
    /// As the asked node knows it.
    let pipe: UInt32
    /// The process it leads to.
    var process: Int
    /// Whether it swallows everything until it is made anew.
    var isHalfOpen = false
    /// When it showed life last, as the asker sees it.
    var lastBeat: UInt64
    /// When the newest message there arrives, and the newest one back: on one connection none overtakes another.
    var arrivesThere: UInt64 = 0
    var arrivesBack: UInt64 = 0
    /// Questions without an answer, in order.
    var open: [UInt64] = []
}

/// A question on its way, or waiting for its answer.
struct Call {
    let asker: Int
    /// The asker's process or life; an answer to another one is nobody's.
    let life: Int
    let target: Int
    let tag: UInt64
    let bytes: [UInt8]
    /// Whether it has left: while nobody listens at the address it waits.
    var isSent = false
}

/// Who is connected with whom, and what passes: endpoints are nodes, then programs, then one outsider.
struct Links {
    private var connections: [Int: Connection] = [:]
    private var pipeLast: UInt32 = 0
    /// How many endpoints there are at most.
    private static let width = 1 << 20
    /// Pairs (from, to) of endpoints between which nothing passes, with how many faults say so.
    private var cuts: [Int: Int] = [:]
    /// Pairs between which everything takes longer, by so much.
    private var clogs: [Int: UInt64] = [:]

    private func key(_ from: Int, _ to: Int) -> Int { from * Self.width + to }

    mutating func connect(_ asker: Int, _ target: Int, process: Int, at now: UInt64) -> Connection {
        if let known = connections[key(asker, target)] { return known }
        pipeLast += 1
        let new = Connection(pipe: pipeLast, process: process, lastBeat: now)
        connections[key(asker, target)] = new
        return new
    }

    subscript(asker: Int, target: Int) -> Connection? { connections[key(asker, target)] }

    mutating func update(_ asker: Int, _ target: Int, _ change: (inout Connection) -> Void) {
        if let place = connections.index(forKey: key(asker, target)) { change(&connections.values[place]) }
    }

    mutating func remove(_ asker: Int, _ target: Int) -> Connection? {
        connections.removeValue(forKey: key(asker, target))
    }

    /// Whom an endpoint has asked, in order.
    func targets(of asker: Int) -> [Int] {
        connections.keys.filter { $0 / Self.width == asker }.sorted().map { $0 % Self.width }
    }
    /// Who has asked a node, in order.
    func askers(of target: Int) -> [Int] {
        connections.keys.filter { $0 % Self.width == target }.sorted().map { $0 / Self.width }
    }

    // MARK: - faults

    func isCut(_ from: Int, _ to: Int) -> Bool { !cuts.isEmpty && cuts[key(from, to)] != nil }
    func delay(_ from: Int, _ to: Int) -> UInt64 { clogs.isEmpty ? 0 : clogs[key(from, to)] ?? 0 }

    mutating func cut(_ from: Int, _ to: Int) { cuts[key(from, to), default: 0] += 1 }
    mutating func mend(_ from: Int, _ to: Int) {
        guard let count = cuts[key(from, to)] else { return }
        cuts[key(from, to)] = count > 1 ? count - 1 : nil
    }
    mutating func clog(_ from: Int, _ to: Int, by delay: UInt64) { clogs[key(from, to)] = delay }
    mutating func unclog(_ from: Int, _ to: Int) { clogs[key(from, to)] = nil }

    /// Everything passes again.
    mutating func heal() {
        cuts = [:]
        clogs = [:]
        for key in connections.keys { connections[key]?.isHalfOpen = false }
    }
    var isFaulty: Bool { !cuts.isEmpty || !clogs.isEmpty || connections.values.contains { $0.isHalfOpen } }
}
