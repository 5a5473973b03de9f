/// What is due when: a binary heap ordered by (due, order of arming). Nothing is cancelled; whoever is woken checks
/// whether the reason still holds: for a router's timers, which are few and due soon, and for the events of a simulated
/// world. Inlinable, since the latter is in another module, and a heap that is not specialised is many times slower.
package struct Deadlines<Timer: Sendable>: Sendable {
    @usableFromInline struct Entry: Sendable {
        @usableFromInline let due: UInt64
        @usableFromInline let order: UInt64
        @usableFromInline let timer: Timer
        @inlinable init(due: UInt64, order: UInt64, timer: Timer) {
            self.due = due
            self.order = order
            self.timer = timer
        }
        @inlinable func isBefore(_ other: Entry) -> Bool { due != other.due ? due < other.due : order < other.order }
    }
    @usableFromInline var heap: [Entry] = []
    @usableFromInline var armed: UInt64 = 0

    @inlinable package init() {}
    @inlinable package var count: Int { heap.count }
    /// When the next timer is due, in the milliseconds that `arm` was given.
    @inlinable package var next: UInt64? { heap.first?.due }

    @inlinable package mutating func arm(_ timer: Timer, due: UInt64) {
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
    @inlinable package mutating func popDue(at now: UInt64) -> Timer? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.timer
    }

    @inlinable mutating func sink() {
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
