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
}

/// Who is connected with whom, and what passes: endpoints are nodes, then programs, then one outsider. Only nodes are
/// asked.
struct Links {
    private let nodes: Int
    /// By asker, then by node.
    private var connections: [Connection?] = []
    /// Of each connection: questions without an answer, in order.
    private var questions: [[UInt64]] = []
    private var halfOpens = 0
    private var pipeLast: UInt32 = 0
    /// How many endpoints there are at most.
    private static let width = 1 << 20
    /// Pairs (from, to) of endpoints between which nothing passes, with how many faults say so.
    private var cuts: [Int: Int] = [:]
    /// Pairs between which everything takes longer, by so much.
    private var clogs: [Int: UInt64] = [:]

    init(nodes: Int) { self.nodes = nodes }

    private func key(_ from: Int, _ to: Int) -> Int { from * Self.width + to }

    mutating func connect(_ asker: Int, _ target: Int, process: Int, at now: UInt64) {
        let place = asker * nodes + target
        while connections.count <= place {
            connections.append(nil)
            questions.append([])
        }
        guard connections[place] == nil else { return }
        pipeLast += 1
        connections[place] = Connection(pipe: pipeLast, process: process, lastBeat: now)
    }

    subscript(asker: Int, target: Int) -> Connection? {
        let place = asker * nodes + target
        return place < connections.count ? connections[place] : nil
    }

    mutating func update(_ asker: Int, _ target: Int, _ change: (inout Connection) -> Void) {
        let place = asker * nodes + target
        guard place < connections.count, var connection = connections[place] else { return }
        let was = connection.isHalfOpen
        change(&connection)
        connections[place] = connection
        if was != connection.isHalfOpen { halfOpens += was ? -1 : 1 }
    }

    /// Ends it. Tells what it was, with the questions that will have no answer.
    mutating func remove(_ asker: Int, _ target: Int) -> (Connection, open: [UInt64])? {
        guard let connection = self[asker, target] else { return nil }
        if connection.isHalfOpen { halfOpens -= 1 }
        let place = asker * nodes + target
        connections[place] = nil
        defer { questions[place] = [] }
        return (connection, questions[place])
    }

    func open(_ asker: Int, _ target: Int) -> [UInt64] {
        self[asker, target] == nil ? [] : questions[asker * nodes + target]
    }
    mutating func asked(_ asker: Int, _ target: Int, _ token: UInt64) {
        questions[asker * nodes + target].append(token)
    }
    /// The question has its answer, or will never have one.
    mutating func concluded(_ asker: Int, _ target: Int, _ token: UInt64) {
        let place = asker * nodes + target
        guard place < questions.count, let index = questions[place].firstIndex(of: token) else { return }
        questions[place].remove(at: index)
    }

    /// Whom an endpoint has asked, in order.
    func targets(of asker: Int) -> [Int] { (0..<nodes).filter { self[asker, $0] != nil } }
    /// Who has asked a node, in order.
    func askers(of target: Int) -> [Int] {
        (0..<(connections.count + nodes - 1) / nodes).filter { self[$0, target] != nil }
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
        for place in connections.indices { connections[place]?.isHalfOpen = false }
        halfOpens = 0
    }
    var isFaulty: Bool { !cuts.isEmpty || !clogs.isEmpty || halfOpens > 0 }
}
