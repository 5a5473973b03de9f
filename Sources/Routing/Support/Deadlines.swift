/// What is due when: a heap ordered by (due, order of arming). Nothing is cancelled; whoever is woken checks
/// whether the reason still holds, or takes what comes first and has none away before: for a router's timers, which are
/// few and due soon.
struct Deadlines<Timer: Sendable>: Sendable {
    private struct Entry: Sendable {
        let due: UInt64
        let order: UInt64
        let timer: Timer
        func isBefore(_ other: Entry) -> Bool { due != other.due ? due < other.due : order < other.order }
    }
    /// Four children to a parent: half as many levels as with two, and the children lie side by side (Johnson 1975).
    private static var arity: Int { 4 }
    private var heap: [Entry] = []
    private var armed: UInt64 = 0

    var count: Int { heap.count }
    /// When the next timer is due, in the milliseconds that `arm` was given.
    var next: UInt64? { heap.first?.due }

    var first: Timer? { heap.first?.timer }

    /// Whether nothing is due before that.
    func isFirstAfter(_ due: UInt64, order: UInt64) -> Bool {
        guard let first = heap.first else { return true }
        return first.due != due ? first.due > due : first.order > order
    }

    mutating func arm(_ timer: Timer, due: UInt64) { arm(timer, due: due, order: takeOrder()) }

    /// A place in the order of arming, for something that is armed later and comes out as if it were armed now.
    mutating func takeOrder() -> UInt64 {
        armed += 1
        return armed
    }

    mutating func arm(_ timer: Timer, due: UInt64, order: UInt64) {
        let entry = Entry(due: due, order: order, timer: timer)
        heap.append(entry)
        var hole = heap.count - 1
        while hole > 0 {
            let parent = (hole - 1) / Self.arity
            if !entry.isBefore(heap[parent]) { break }
            heap[hole] = heap[parent]
            hole = parent
        }
        heap[hole] = entry
    }

    /// The next timer that is due at `now`, removed; nil when there is none.
    mutating func popDue(at now: UInt64) -> Timer? {
        guard let first = heap.first, first.due <= now else { return nil }
        removeFirst()
        return first.timer
    }

    /// There is one.
    mutating func removeFirst() {
        let last = heap.removeLast()
        if !heap.isEmpty { sink(last) }
    }

    /// Puts an entry in the place of the first, and then where it belongs.
    private mutating func sink(_ entry: Entry) {
        var hole = 0
        while true {
            let begin = Self.arity * hole + 1
            if begin >= heap.count { break }
            var least = begin
            for child in (begin + 1)..<max(begin + 1, min(begin + Self.arity, heap.count))
            where heap[child].isBefore(heap[least]) {
                least = child
            }
            if !heap[least].isBefore(entry) { break }
            heap[hole] = heap[least]
            hole = least
        }
        heap[hole] = entry
    }
}

/// `Deadlines` of places in a list, for the events of a simulated world: those are in another module, where a heap that
/// is not specialised takes many times as long.
package struct PlaceDeadlines: Sendable {
    private var deadlines = Deadlines<Int>()
    package init() {}

    package var count: Int { deadlines.count }
    package var next: UInt64? { deadlines.next }
    package func isFirstAfter(_ due: UInt64, order: UInt64) -> Bool { deadlines.isFirstAfter(due, order: order) }
    package mutating func takeOrder() -> UInt64 { deadlines.takeOrder() }
    package mutating func arm(_ place: Int, due: UInt64, order: UInt64) { deadlines.arm(place, due: due, order: order) }
    package mutating func popDue(at now: UInt64) -> Int? { deadlines.popDue(at: now) }
}
