import CNNG
import Synchronization

/// Sends replies without ever making the caller wait: a few operations in flight, the rest in line behind them. The
/// line is bounded by the requests there are to answer. `nng_sendmsg` alone would not do: with NONBLOCK it fails as
/// soon as 256 replies are queued, without it it blocks.
///
/// And never both at a time: while an operation waits for room, nng 1.5 puts a message that was handed over with
/// NONBLOCK behind it, says that it was sent, and frees what it has just put into its queue (`nni_msgq_aio_put` after
/// `nni_task_abort`). The reply is lost, and the next one who looks at the queue follows a pointer to nowhere.
final class Outbox: Sendable {
    private static let operationsMax = 16

    private struct State {
        var idle: [Completion] = []
        var operationsCount = 0
        /// Messages that are being handed over without an operation just now.
        var handingOverCount = 0
        var waiting = Fifo<MessageHandle>()
        var closed = false

        var isQuiet: Bool { waiting.isEmpty && idle.count == operationsCount }
    }

    /// What to do with a message, decided under the lock and done outside of it.
    private enum Decision {
        case handOver
        case send(by: Completion)
        case open
        case wait
        case free
    }

    private let socket: Socket
    private let state = Mutex(State())

    init(socket: Socket) {
        self.socket = socket
    }

    /// Takes over the message. Most times nng takes it at once, which costs no hop to one of its threads; the
    /// operations with their callbacks are for when its queue is full.
    func send(_ message: MessageHandle) {
        carryOut(state.withLock { state in Self.decide(message, &state) }, message)
    }

    private func carryOut(_ decision: Decision, _ message: MessageHandle) {
        switch decision {
        case .handOver: handOver(message)
        case .send(let completion): completion.send(Buffer(adopting: message), to: socket)
        case .open: open(with: message)
        case .wait: break
        case .free: _ = Buffer(adopting: message)
        }
    }

    private func handOver(_ message: MessageHandle) {
        let isTaken = unsafe nng_sendmsg(socket.id, message.message, Int32(NNG_FLAG_NONBLOCK)) == 0
        let isOver = state.withLock { state in
            state.handingOverCount -= 1
            if !isTaken && !state.closed { state.waiting.append(message) }
            return state.closed
        }
        if isOver && !isTaken { _ = Buffer(adopting: message) }
        sendWaiting()
    }

    /// Once nobody hands over, whatever has come into line meanwhile gets an operation, as far as there are any.
    private func sendWaiting() {
        while let (decision, message) = state.withLock({ state in Self.takeWaiting(&state) }) {
            carryOut(decision, message)
        }
    }

    /// Frees what waits. Operations in flight end by themselves when the socket closes.
    func close() {
        var left = state.withLock { state in
            state.closed = true
            state.idle = []
            defer { state.waiting = Fifo() }
            return state.waiting
        }
        while let message = left.popFirst() { _ = Buffer(adopting: message) }
    }

    private static func decide(_ message: MessageHandle, _ state: inout State) -> Decision {
        if state.closed { return .free }
        if state.isQuiet {
            state.handingOverCount += 1
            return .handOver
        }
        if state.handingOverCount == 0, let decision = operation(&state) { return decision }
        state.waiting.append(message)
        return .wait
    }

    private static func takeWaiting(_ state: inout State) -> (Decision, MessageHandle)? {
        guard !state.closed, state.handingOverCount == 0, !state.waiting.isEmpty, let decision = operation(&state),
            let message = state.waiting.popFirst()
        else { return nil }
        return (decision, message)
    }

    private static func operation(_ state: inout State) -> Decision? {
        if let completion = state.idle.popLast() { return .send(by: completion) }
        guard state.operationsCount < operationsMax else { return nil }
        state.operationsCount += 1
        return .open
    }

    private func open(with message: MessageHandle) {
        do {
            let completion = try Completion { [self] completion in finished(completion) }
            completion.send(Buffer(adopting: message), to: socket)
        } catch {
            // Only without memory. The asker's own timeout tells it.
            state.withLock { $0.operationsCount -= 1 }
            _ = Buffer(adopting: message)
        }
    }

    private func finished(_ completion: Completion) {
        // A failed send gives its message back, and dropping the buffer frees it.
        if completion.failure == nil { completion.forgetMessage() } else { _ = completion.takeMessage() }
        let next = state.withLock { state -> MessageHandle? in
            if let message = state.waiting.popFirst() { return message }
            if !state.closed { state.idle.append(completion) }
            return nil
        }
        if let next { completion.send(Buffer(adopting: next), to: socket) }
    }
}
