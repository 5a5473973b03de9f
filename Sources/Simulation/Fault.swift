/// What can go wrong by the schedule; what the network does to single messages is in `Options`.
package enum FaultKind: UInt8, CaseIterable, Sendable, CustomStringConvertible {
    /// A router's process dies and is started again.
    case routerKilled
    /// A router's machine loses its power: nobody is told.
    case routerLost
    /// A router is asked to end in peace, and is started again.
    case routerStopped
    /// The coordinator's process dies and is started again on what its disk had.
    case coordinatorKilled
    /// The coordinator's machine loses its power: what was not synced is gone.
    case coordinatorLost
    /// A node does not run for a while, but its connections stay.
    case nodePaused
    /// Nothing passes from one node to another for a while, though maybe the other way.
    case cut
    /// A router reaches nobody, and nobody reaches it.
    case isolated
    /// A connection swallows everything until it is made anew.
    case halfOpen
    /// Everything from one node to another takes much longer for a while.
    case clogged
    /// Agents' programs of one router are cut off from it.
    case agentsCut
    /// An agent's program dies without a word.
    case programKilled
    /// A node's wall clock jumps.
    case clockJumped
    /// The power of the coordinator's machine fails in the midst of something that its disk does.
    case powerCut
    /// The coordinator's disk cannot sync, once.
    case syncFailed
    /// Every sync takes long for a while.
    case diskSlow
    /// Little more fits on the coordinator's disk for a while.
    case diskFull
    /// The coordinator's machine loses its power, and before it starts again somebody tries what would happen if a bit
    /// of its disk had decayed.
    case decayed

    package var most: Int {
        switch self {
        case .routerKilled, .routerLost, .routerStopped: 3
        case .coordinatorKilled, .coordinatorLost: 3
        case .nodePaused, .cut, .isolated, .clogged, .agentsCut: 5
        case .halfOpen: 8
        case .programKilled: 15
        case .clockJumped: 3
        case .powerCut: 6
        case .syncFailed: 3
        case .diskSlow, .diskFull, .decayed: 2
        }
    }

    package var description: String {
        switch self {
        case .routerKilled: "router killed"
        case .routerLost: "router lost"
        case .routerStopped: "router stopped"
        case .coordinatorKilled: "coordinator killed"
        case .coordinatorLost: "coordinator lost"
        case .nodePaused: "node paused"
        case .cut: "one-way cut"
        case .isolated: "router isolated"
        case .halfOpen: "half-open link"
        case .clogged: "clogged link"
        case .agentsCut: "agents cut off"
        case .programKilled: "agent's program killed"
        case .clockJumped: "wall clock jump"
        case .powerCut: "power cut"
        case .syncFailed: "failed sync"
        case .diskSlow: "slow disk"
        case .diskFull: "full disk"
        case .decayed: "decay"
        }
    }
}

/// One entry of a schedule: drawn before the run, so that a failing run shrinks by leaving entries out.
package struct Fault: Equatable, Sendable, CustomStringConvertible {
    package let kind: FaultKind
    /// Virtual milliseconds.
    package let begins: UInt64
    package let ends: UInt64
    /// A node, or for `programKilled` a program; 0 is the coordinator, then the routers.
    package let target: Int
    /// The other end, for faults between two nodes.
    package let other: Int
    /// Milliseconds by which a clock jumps, or a clogged link is late.
    package let amount: Int

    package var description: String {
        let at = "\(begins / 1000).\(threeDigits(begins % 1000)) s"
        let length = ends > begins ? " for \(ends - begins) ms" : ""
        let name = target == 0 ? "coordinator" : "r\(target - 1)"
        let far = other == 0 ? "coordinator" : "r\(other - 1)"
        switch kind {
        case .routerKilled, .routerLost, .routerStopped, .coordinatorKilled, .coordinatorLost, .nodePaused, .isolated,
            .agentsCut:
            return "\(at) \(kind): \(name)\(length)"
        case .cut, .halfOpen: return "\(at) \(kind): \(name) to \(far)\(length)"
        case .clogged: return "\(at) \(kind): \(name) to \(far) by \(amount) ms\(length)"
        case .programKilled: return "\(at) \(kind): number \(target)\(length)"
        case .clockJumped: return "\(at) \(kind): \(name) by \(amount) ms"
        case .powerCut: return "\(at) \(kind): after \(amount) more operations of the disk"
        case .syncFailed: return "\(at) \(kind)"
        case .diskSlow: return "\(at) \(kind): syncs take \(amount) ms\(length)"
        case .diskFull: return "\(at) \(kind): \(amount) bytes more\(length)"
        case .decayed: return "\(at) \(kind): \(amount) single bits, each tried\(length)"
        }
    }
}

func threeDigits(_ number: UInt64) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 3 - text.count)) + text
}

extension Options {
    /// All faults of the run in order of their times.
    package func schedule() -> [Fault] {
        var random = SplitMix64(seed: seed ^ 0xfa17)
        var faults: [Fault] = []
        for kind in FaultKind.allCases {
            for _ in 0..<(self.faults[kind] ?? 0) { faults.append(draw(kind, &random)) }
        }
        // Sorting is stable in its result only if no two are equal: the place decides between equal times.
        return faults.enumerated().sorted { ($0.element.begins, $0.offset) < ($1.element.begins, $1.offset) }
            .map(\.element)
    }

    private func draw(_ kind: FaultKind, _ random: inout SplitMix64) -> Fault {
        let begins = random.between(3_000, max(3_001, workTime))
        let router = 1 + random.below(routers)
        let node = random.below(routers + 1)
        let far = (node + 1 + random.below(routers)) % (routers + 1)
        let length: UInt64
        var target = router
        var amount = 0
        switch kind {
        case .routerKilled, .routerLost, .routerStopped: length = random.between(100, 8_000)
        case .coordinatorKilled, .coordinatorLost:
            target = 0
            length = random.between(50, 5_000)
        case .nodePaused:
            target = node
            length = random.between(50, random.pick([600, 6_000]))
        case .cut, .clogged:
            target = node
            length = random.between(200, 7_000)
            amount = random.whole(50, 3_000)
        case .halfOpen:
            target = node
            length = 0
        case .isolated, .agentsCut: length = random.between(200, 7_000)
        case .programKilled:
            target = random.below(agents + secondDevices)
            length = random.between(100, 12_000)
        case .clockJumped:
            target = node
            length = 0
            amount = random.whole(-60_000, 60_000)
        case .powerCut:
            target = 0
            length = 0
            amount = random.below(12)
        case .syncFailed:
            target = 0
            length = 0
        case .diskSlow:
            target = 0
            length = random.between(500, 8_000)
            amount = random.whole(5, random.pick([40, 900]))
        case .diskFull:
            target = 0
            length = random.between(500, 8_000)
            amount = random.below(150_000)
        case .decayed:
            target = 0
            length = random.between(50, 3_000)
            amount = random.whole(1, 6)
        }
        return Fault(
            kind: kind, begins: begins, ends: begins + length, target: target, other: far, amount: amount)
    }
}
