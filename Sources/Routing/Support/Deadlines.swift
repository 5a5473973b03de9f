/// What is due when: a binary heap ordered by (due, order of arming). Nothing is cancelled; whoever is woken checks
/// whether the reason still holds: for a router's timers, which are few and due soon.
struct Deadlines<Timer: Sendable>: Sendable {
    private struct Entry: Sendable {
        let due: UInt64
        let order: UInt64
        let timer: Timer
        func isBefore(_ other: Entry) -> Bool { due != other.due ? due < other.due : order < other.order }
    }
    private var heap: [Entry] = []
    private var armed: UInt64 = 0

    var count: Int { heap.count }
    /// When the next timer is due, in the milliseconds that `arm` was given.
    var next: UInt64? { heap.first?.due }

    mutating func arm(_ timer: Timer, due: UInt64) {
        armed += 1
        heap.append(Entry(due: due, order: armed, timer: timer))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if !heap[child].isBefore(heap[parent]) { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The next timer that is due at `now`, removed; nil when there is none.
    mutating func popDue(at now: UInt64) -> Timer? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.timer
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
