import Dispatch
import Synchronization

/// From one thread to another: whoever puts waits while it is full, whoever takes waits while it is empty.
final class BoundedQueue<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    private let room = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)

    init(_ most: Int) { for _ in 0..<most { room.signal() } }

    func put(_ element: Element) {
        room.wait()
        elements.withLock { $0.append(element) }
        filled.signal()
    }

    /// Nothing is put any more.
    func end() { filled.signal() }

    /// The next one; nil after the last.
    func take() -> Element? {
        filled.wait()
        defer { room.signal() }
        return elements.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
