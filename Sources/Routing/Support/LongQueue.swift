/// First in, first out, in chunks: neither growth, nor taking from the front, nor a change while somebody holds a copy
/// moves more than a chunk and the list of chunks.
struct LongQueue<Element: Sendable>: Sendable {
    private static var chunkMax: Int { 512 }
    /// No chunk is empty.
    private var chunks: [[Element]] = []
    /// Elements of the first chunk that are gone.
    private var gone = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: Element? { chunks.first?[gone] }

    mutating func append(_ element: Element) {
        if let last = chunks.indices.last, chunks[last].count < Self.chunkMax {
            chunks[last].append(element)
        } else {
            chunks.append([element])
        }
        count += 1
    }

    mutating func removeFirst() -> Element? {
        guard let first else { return nil }
        gone += 1
        count -= 1
        if gone == chunks[0].count {
            chunks.removeFirst()
            gone = 0
        }
        return first
    }

    /// The first so many, removed.
    mutating func removeFirst(atMost most: Int) -> [Element] {
        var taken: [Element] = []
        while taken.count < most, let next = removeFirst() { taken.append(next) }
        return taken
    }

    /// All elements in order.
    var all: [Element] { chunks.flatMap { $0 }.suffix(count) }
}

extension LongQueue: Equatable where Element: Equatable {
    static func == (a: LongQueue, b: LongQueue) -> Bool { a.count == b.count && a.all == b.all }
}
