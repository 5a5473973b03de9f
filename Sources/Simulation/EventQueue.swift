/// What happens when in a world: a binary heap on (virtual milliseconds, order of scheduling). The heap holds places
/// only, so that moving its entries about touches no reference count.
struct EventQueue {
    private struct Entry {
        let due: UInt64
        let order: UInt64
        let place: Int
        func isBefore(_ other: Entry) -> Bool { due != other.due ? due < other.due : order < other.order }
    }
    private var heap: [Entry] = []
    private var happenings: [Happening?] = []
    private var free: [Int] = []
    private var scheduled: UInt64 = 0

    var count: Int { heap.count }
    /// When the next one is due.
    var next: UInt64? { heap.first?.due }

    mutating func add(_ happening: Happening, at due: UInt64) {
        scheduled += 1
        let place: Int
        if let reused = free.popLast() {
            place = reused
            happenings[place] = happening
        } else {
            place = happenings.count
            happenings.append(happening)
        }
        heap.append(Entry(due: due, order: scheduled, place: place))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if !heap[child].isBefore(heap[parent]) { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The next that is due at `now`, removed; nil when there is none.
    mutating func popDue(at now: UInt64) -> Happening? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        let happening = happenings[first.place]
        happenings[first.place] = nil
        free.append(first.place)
        return happening
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            let left = 2 * parent + 1
            let right = left + 1
            if left < heap.count && heap[left].isBefore(heap[least]) { least = left }
            if right < heap.count && heap[right].isBefore(heap[least]) { least = right }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}

/// What is on its way, or due. A `life` or `process` that has ended meanwhile makes it nothing.
enum Happening {
    /// A question comes to the node that was asked.
    case request(call: UInt64)
    /// An answer comes back to whoever asked.
    case answer(call: UInt64, [UInt8])
    /// Whoever asked has waited long enough.
    case overdue(call: UInt64)
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
    case faultBegins(Int)
    case faultEnds(Int)
    case reload(Int)
}
