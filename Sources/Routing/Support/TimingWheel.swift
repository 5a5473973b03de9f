/// What is due when, for very many timers: arming and cancelling take the same short time however many there are, and
/// every turn of the wheel does a bounded amount of work (Varghese and Lauck 1987, with the cascades spread out).
///
/// Each level has 128 slots of a width 64 times that of the level below; the lowest slots are 1 ms wide, the highest
/// level reaches 139 years ahead. A timer stands in the lowest level that reaches its time, so at least two slots ahead
/// on every level but the lowest. **The slot that comes next is emptied into the level below while the present one
/// lasts**, a few timers a turn, so that nothing is left to be moved when its time begins; where turns are rarer than
/// that, the wheel stands still until the rest is moved, and turns on with the next call. Timers come out in order of
/// their times, never early.
///
/// 16 bytes a timer: its neighbours in the slot's ring and its time. What the timer is for is its owner's business,
/// who keeps it by `Handle` in a slab of his own.
package struct TimingWheel: Sendable {
    /// A place in the slab; free again when the timer has come out or was cancelled.
    package struct Handle: Hashable, Sendable {
        package let index: UInt32
        package init(index: UInt32) { self.index = index }
    }

    private struct Entry: Sendable {
        var next: UInt32
        var previous: UInt32
        /// Milliseconds; of a slot's own entry: nothing.
        var due: UInt64
    }

    private static let levels = 7
    private static let slots = 128
    private static let none = UInt32.max

    /// First the slots, each the head of its ring; then the timers.
    private var entries: [Entry]
    /// Which slots have timers: two words a level.
    private var occupied = [UInt64](repeating: 0, count: 2 * levels)
    private var free = none
    /// Up to where the wheel has turned: what was due before has come out.
    package private(set) var position: UInt64
    package private(set) var count = 0

    package init(at position: UInt64) {
        self.position = position
        entries = (0..<UInt32(Self.levels * Self.slots)).map { Entry(next: $0, previous: $0, due: 0) }
    }

    package mutating func reserve(_ timers: Int) { entries.reserveCapacity(Self.levels * Self.slots + timers) }

    /// Timers of handles are numbered from 0 and without gaps, so that an array can say what each is for.
    package static func place(_ handle: Handle) -> Int { Int(handle.index) - levels * slots }

    // MARK: - arming

    /// A time that has passed is due at once; one that lies beyond the wheel's reach is held to its end.
    package mutating func arm(due: UInt64) -> Handle {
        let index: UInt32
        if free != Self.none {
            index = free
            free = entries[Int(index)].next
            entries[Int(index)].due = due
        } else {
            index = UInt32(entries.count)
            invariant(index < Self.none, "more timers than numbers")
            entries.append(Entry(next: 0, previous: 0, due: due))
        }
        count += 1
        insert(index)
        return Handle(index: index)
    }

    package mutating func cancel(_ handle: Handle) {
        unlink(handle.index)
        release(handle.index)
    }

    package func due(_ handle: Handle) -> UInt64 { entries[Int(handle.index)].due }

    // MARK: - turning

    /// Turns up to `now`, inclusive, taking out what is due on the way: one timer a call, nil when there is none any
    /// more or when `work` is used up. Each timer that is moved or taken out takes one from `work`.
    package mutating func popDue(at now: UInt64, work: inout Int) -> Handle? {
        while true {
            // The present slots of the higher levels first: their timers may be due now.
            for level in stride(from: Self.levels - 1, to: 0, by: -1) {
                guard empty(level, position >> UInt64(6 * level), &work) else { return nil }
            }
            let head = Self.slot(0, position)
            if entries[head].next != UInt32(head) {
                guard work > 0, position <= now else { return nil }
                work -= 1
                let index = entries[head].next
                unlink(index)
                release(index)
                return Handle(index: index)
            }
            guard position < now else { break }
            position = min(now, nextStop ?? now)
        }
        prepare(&work)
        return nil
    }

    /// When the wheel has to be turned next, at the latest: a timer is due then, or timers have to be moved.
    package var next: UInt64? {
        if hasTimer(0, position) { return position }
        var first: UInt64?
        for level in 0..<Self.levels {
            let shift = UInt64(6 * level)
            let present = position >> shift
            guard let ahead = distance(level, from: present + 1) else { continue }
            // One slot earlier than its time begins, so that it is emptied by then.
            let turn = level == 0 ? present + 1 + ahead : max(position + 1, (present + ahead) << shift)
            if first.map({ turn < $0 }) ?? true { first = turn }
        }
        return first
    }

    /// The first time after `position` at which a timer is due or a slot with timers begins.
    private var nextStop: UInt64? {
        var first: UInt64?
        for level in 0..<Self.levels {
            let shift = UInt64(6 * level)
            guard let ahead = distance(level, from: (position >> shift) + 1) else { continue }
            let start = ((position >> shift) + 1 + ahead) << shift
            if first.map({ start < $0 }) ?? true { first = start }
        }
        return first
    }

    /// Moves timers of the slots that come next, the nearest first, as far as the work goes.
    private mutating func prepare(_ work: inout Int) {
        for level in 1..<Self.levels {
            guard empty(level, (position >> UInt64(6 * level)) + 1, &work) else { return }
        }
    }

    /// Whether the slot is empty now.
    private mutating func empty(_ level: Int, _ number: UInt64, _ work: inout Int) -> Bool {
        let head = Self.slot(level, number)
        while entries[head].next != UInt32(head) {
            guard work > 0 else { return false }
            work -= 1
            let index = entries[head].next
            unlink(index)
            insert(index)
        }
        return true
    }

    // MARK: - slots

    private static func slot(_ level: Int, _ number: UInt64) -> Int { level * slots + Int(number & 127) }

    private func hasTimer(_ level: Int, _ number: UInt64) -> Bool {
        let slot = Self.slot(level, number)
        return occupied[slot >> 6] & (1 << UInt64(slot & 63)) != 0
    }

    /// How many slots after `number` the first one with timers is; nil when the level is empty.
    private func distance(_ level: Int, from number: UInt64) -> UInt64? {
        let start = Int(number & 127)
        let words = (occupied[2 * level], occupied[2 * level + 1])
        let turned: (UInt64, UInt64) = start < 64 ? (words.0, words.1) : (words.1, words.0)
        let shift = UInt64(start & 63)
        let low = shift == 0 ? turned.0 : turned.0 >> shift | turned.1 << (64 - shift)
        let high = shift == 0 ? turned.1 : turned.1 >> shift | turned.0 << (64 - shift)
        if low != 0 { return UInt64(low.trailingZeroBitCount) }
        return high == 0 ? nil : 64 + UInt64(high.trailingZeroBitCount)
    }

    private mutating func insert(_ index: UInt32) {
        let reach = UInt64(Self.slots - 1) << UInt64(6 * (Self.levels - 1))
        let due = min(max(entries[Int(index)].due, position), position + reach)
        var level = 0
        var shift: UInt64 = 0
        while (due >> shift) - (position >> shift) >= UInt64(Self.slots) {
            level += 1
            shift += 6
        }
        let head = Self.slot(level, due >> shift)
        let last = entries[head].previous
        entries[Int(index)].next = UInt32(head)
        entries[Int(index)].previous = last
        entries[Int(last)].next = index
        entries[head].previous = index
        occupied[head >> 6] |= 1 << UInt64(head & 63)
    }

    private mutating func unlink(_ index: UInt32) {
        let (next, previous) = (entries[Int(index)].next, entries[Int(index)].previous)
        entries[Int(previous)].next = next
        entries[Int(next)].previous = previous
        // The only one of its slot has the slot's own entry on both sides.
        if next == previous { occupied[Int(next) >> 6] &= ~(1 << UInt64(next & 63)) }
    }

    private mutating func release(_ index: UInt32) {
        entries[Int(index)].next = free
        free = index
        count -= 1
    }
}
