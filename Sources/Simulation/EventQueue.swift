import Routing

/// What happens when in a world: `Deadlines` on virtual milliseconds. They hold places only, so that moving their
/// entries about touches no reference count. What is planned before the world begins, thousands of events in a day, is
/// sorted once and lies beside, so that what comes and goes all the time stands among few.
struct EventQueue {
    private var due = PlaceDeadlines()
    private var happenings: [Happening?] = []
    private var free: [Int] = []
    /// The next one last.
    private var planned: [Planned] = []

    private struct Planned {
        let due: UInt64
        let order: UInt64
        let happening: Happening
        func isAfter(_ other: Planned) -> Bool { due != other.due ? due > other.due : order > other.order }
    }

    var count: Int { due.count + planned.count }
    /// When the next one is due.
    var next: UInt64? {
        guard let first = planned.indices.last else { return due.next }
        return due.next.map { min($0, planned[first].due) } ?? planned[first].due
    }

    /// Before the world begins; `begin` follows before anything is taken.
    mutating func plan(_ happening: Happening, at time: UInt64) {
        planned.append(Planned(due: time, order: takeOrder(), happening: happening))
    }
    mutating func begin() { planned.sort { $0.isAfter($1) } }

    mutating func add(_ happening: Happening, at time: UInt64) { add(happening, at: time, order: takeOrder()) }

    /// Comes among the events of that time as if it had been added when the order was taken.
    mutating func add(_ happening: Happening, at time: UInt64, order: UInt64) {
        if let reused = free.popLast() {
            happenings[reused] = happening
            due.arm(reused, due: time, order: order)
        } else {
            happenings.append(happening)
            due.arm(happenings.count - 1, due: time, order: order)
        }
    }
    mutating func takeOrder() -> UInt64 { due.takeOrder() }

    /// The next that is due at `now`, removed; nil when there is none.
    mutating func popDue(at now: UInt64) -> Happening? {
        if let first = planned.indices.last, planned[first].due <= now,
            due.isFirstAfter(planned[first].due, order: planned[first].order)
        {
            return planned.removeLast().happening
        }
        guard let place = due.popDue(at: now) else { return nil }
        free.append(place)
        return happenings[place].take()
    }
}

/// What is on its way, or due. A `life` or `process` that has ended meanwhile makes it nothing.
enum Happening {
    /// A question comes to the node that was asked.
    case request(call: UInt64)
    /// An answer comes back to whoever asked.
    case answer(call: UInt64, [UInt8])
    /// Who waits so long has waited long enough; see `Calls`.
    case overdue(patience: Int)
    /// The connection of a question has broken, and the asker hears of it.
    case broken(call: UInt64)
    case published(seat: Int, process: Int, [UInt8])
    /// A node hears that a connection to it has ended.
    case hungUp(seat: Int, process: Int, pipe: UInt32)
    /// The coordinator's hand does what its last turn has left to it.
    case diskWorks(process: Int)
    /// A node is to be stepped even if nothing came.
    case wake(seat: Int)
    case start(seat: Int)
    case program(Int, life: Int, ProgramHappening)
    case submit(Int)
    case manage(Int)
    /// Somebody looks a ticket up.
    case question(Int)
    case faultBegins(Int)
    case faultEnds(Int)
    case reload(Int)
}
