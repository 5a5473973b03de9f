import Dispatch
import Synchronization
import Testing

@testable import NNG

@Suite struct ContextGateTests {
    private final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }

    @Test("closing waits for whoever is inside, and lets nobody in afterwards")
    func closing() async throws {
        let gate = ContextGate()
        let isIn = gate.enter()
        #expect(isIn)
        let closed = Flag()
        DispatchQueue(label: "closing").async {
            gate.close()
            closed.set()
        }
        // Whoever comes while it closes is sent away, though one is still inside.
        try await expectEventually {
            let isOpen = gate.enter()
            if isOpen { gate.leave() }
            return !isOpen
        }
        #expect(!closed.isSet)
        gate.leave()
        try await expectEventually { closed.isSet }
        let isOpen = gate.enter()
        #expect(!isOpen)
    }
}
