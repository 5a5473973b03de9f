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

/// Questions without an answer, by token. Tokens only rise and nobody waits for long, so a window on them will do.
struct Calls {
    private var window: [Call?] = []
    /// The token of the first in the window, and how many of it are gone.
    private var first: UInt64 = 1
    private var gone = 0
    /// By how long their askers wait: few different times.
    private var patiences: [Patience] = []

    private func place(_ token: UInt64) -> Int? {
        token >= first && token - first < UInt64(window.count) ? Int(token - first) : nil
    }

    mutating func add(_ call: Call) -> UInt64 {
        window.append(call)
        return first + UInt64(window.count) - 1
    }

    subscript(token: UInt64) -> Call? { place(token).flatMap { window[$0] } }

    mutating func sent(_ token: UInt64) { if let place = place(token) { window[place]?.isSent = true } }

    mutating func remove(_ token: UInt64) {
        guard let place = place(token) else { return }
        window[place] = nil
        while gone < window.count && window[gone] == nil { gone += 1 }
        guard gone >= 1_024 && gone * 2 >= window.count else { return }
        window.removeFirst(gone)
        first += UInt64(gone)
        gone = 0
    }

    // MARK: - patience

    /// Questions whose askers wait equally long, in the order in which they were asked, which is that of their ends.
    /// Hardly one of them is waited for to the end, so only the first stands in the queue of events.
    private struct Patience {
        let length: UInt64
        var waiting: [(token: UInt64, due: UInt64, order: UInt64)] = []
        var next = 0
    }

    /// From now on the question is waited for, for so long.
    mutating func wait(for token: UInt64, _ length: UInt64, from now: UInt64, _ queue: inout EventQueue) {
        let order = queue.takeOrder()
        let known = patiences.firstIndex { $0.length == length }
        let place = known ?? patiences.count
        if known == nil { patiences.append(Patience(length: length)) }
        patiences[place].waiting.append((token, now + length, order))
        if patiences[place].waiting.count == 1 {
            queue.add(.overdue(patience: place), at: now + length, order: order)
        }
    }

    /// The first of those who wait so long has waited long enough: tells its token, and goes on to the next that waits
    /// still.
    mutating func overdue(_ place: Int, _ queue: inout EventQueue) -> UInt64 {
        let token = patiences[place].waiting[patiences[place].next].token
        var next = patiences[place].next + 1
        while next < patiences[place].waiting.count && self[patiences[place].waiting[next].token] == nil { next += 1 }
        if next == patiences[place].waiting.count {
            patiences[place].waiting.removeAll(keepingCapacity: true)
            patiences[place].next = 0
            return token
        }
        if next >= 1_024 && next * 2 >= patiences[place].waiting.count {
            patiences[place].waiting.removeFirst(next)
            next = 0
        }
        patiences[place].next = next
        let following = patiences[place].waiting[next]
        queue.add(.overdue(patience: place), at: following.due, order: following.order)
        return token
    }
}
