import Node
import Routing

/// What the schedule says, done and undone.
extension World {
    func begin(_ fault: Fault) {
        guard !isHealed else { return }
        tell(.fault("\(fault)"))
        if fault.ends > fault.begins, let place = faults.firstIndex(of: fault) {
            queue.add(.faultEnds(place), at: time + fault.ends - fault.begins)
        }
        let target = min(fault.target, seats.count - 1)
        let other = min(fault.other, seats.count - 1)
        switch fault.kind {
        case .routerKilled, .coordinatorKilled: takeDown(target, isPowerLost: false)
        case .routerLost, .coordinatorLost: takeDown(target, isPowerLost: true)
        case .routerStopped:
            seats[target].isDown = true
            deliver(.stop, to: target, seats[target].process)
        case .nodePaused: seats[target].busyUntil = max(seats[target].busyUntil, time + fault.ends - fault.begins)
        case .cut: links.cut(target, other)
        case .isolated: for place in seats.indices where place != target { isolate(target, place) }
        case .halfOpen:
            links.update(target, other) { $0.isHalfOpen = true }
        case .clogged: links.clog(target, other, by: UInt64(fault.amount))
        case .agentsCut:
            for program in programs.indices { isolate(target, endpoint(ofProgram: program)) }
        case .programKilled:
            let place = fault.target % programs.count
            endProgram(place, isPowerLost: fault.amount % 2 == 1)
            queue.add(.program(place, life: 0, .starts), at: time + fault.ends - fault.begins)
        case .clockJumped: seats[target].clock.skew += fault.amount
        case .powerCut: disk.failPower(afterOperations: fault.amount)
        case .syncFailed: disk.failSyncs(1)
        case .diskSlow: disk.slow(Interval(milliseconds: UInt64(fault.amount)))
        case .diskFull: disk.setCapacity(disk.used + UInt64(fault.amount))
        case .decayed:
            takeDown(target, isPowerLost: true)
            tryDecay(bits: fault.amount)
        }
    }

    func end(_ fault: Fault) {
        guard !isHealed else { return }
        let target = min(fault.target, seats.count - 1)
        let other = min(fault.other, seats.count - 1)
        switch fault.kind {
        case .routerKilled, .routerLost, .routerStopped, .coordinatorKilled, .coordinatorLost, .decayed:
            seats[target].isDown = false
            start(target)
        case .cut: links.mend(target, other)
        case .isolated: for place in seats.indices where place != target { join(target, place) }
        case .clogged: links.unclog(target, other)
        case .agentsCut: for program in programs.indices { join(target, endpoint(ofProgram: program)) }
        case .nodePaused, .halfOpen, .programKilled, .clockJumped, .powerCut, .syncFailed: break
        case .diskSlow, .diskFull: disk.heal()
        }
    }

    private func takeDown(_ place: Int, isPowerLost: Bool) {
        seats[place].isDown = true
        kill(place, isPowerLost: isPowerLost)
    }

    private func isolate(_ one: Int, _ other: Int) {
        links.cut(one, other)
        links.cut(other, one)
    }
    private func join(_ one: Int, _ other: Int) {
        links.mend(one, other)
        links.mend(other, one)
    }

    /// From now on nothing goes wrong: what is down comes up, what is cut is mended, everybody is at work, and the
    /// policy has everything.
    func heal() {
        isHealed = true
        links.heal()
        disk.heal()
        tell(.healed)
        for place in seats.indices {
            seats[place].isDown = false
            start(place)
        }
        reload(0)
        // No event has brought that, so that none would let the coordinator see it before the next one comes.
        queue.add(.wake(seat: 0), at: time)
        for place in programs.indices where programs[place].device.place == 0 {
            programs[place].isOnDuty = true
            if programs[place].session == nil {
                queue.add(.program(place, life: 0, .starts), at: time + people.between(10, 1_000))
            }
        }
        for place in programs.indices where programs[place].device.place > 0 {
            if programs[place].session != nil {
                queue.add(.program(place, life: programs[place].life, .leaves), at: time + 1)
            }
            programs[place].isOnDuty = false
        }
    }
}
