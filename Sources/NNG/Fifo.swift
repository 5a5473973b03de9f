/// A line: first in, first out, in amortised constant time. Its users bound it.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer { advance() }
        return elements[head].take()
    }

    /// Takes out what no longer may wait, oldest first.
    mutating func remove(where isOver: (Element) -> Bool) -> [Element] {
        let waiting = elements[head...].compactMap { $0 }
        elements = waiting.filter { !isOver($0) }
        head = 0
        return waiting.filter(isOver)
    }

    // The emptied front is cut off when it is the larger half, so that each element is moved once on average.
    private mutating func advance() {
        head += 1
        guard head >= 32, head * 2 >= elements.count else { return }
        elements.removeFirst(head)
        head = 0
    }
}

extension Fifo: Sendable where Element: Sendable {}
