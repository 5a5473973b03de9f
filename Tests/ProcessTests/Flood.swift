import NNG
import Routing
import Synchronization
import Wire

/// A client that keeps so many requests outstanding on one connection, for ever: an answer makes the next one.
final class Flood: Sendable {
    private let socket = Mutex<RequestSocket?>(nil)
    private let count = Atomic<Int>(0)

    /// Answers so far.
    var answered: Int { count.load(ordering: .relaxed) }

    /// `kind` says what it asks: small questions, large ones that are refused, large answers, polls that park.
    init(_ address: String, outstanding: Int, kind: Int) throws {
        let requests = Self.requests(kind)
        let url = try TransportTable.current.url(for: address)
        let made = try RequestSocket(url: url, contexts: outstanding, waitingMax: 64, replyBytesMax: 1 << 24) {
            [weak self] event in
            switch event {
            case .answered(let tag, _):
                self?.count.add(1, ordering: .relaxed)
                self?.send(tag + 1, requests)
            case .failed(let tag, _): self?.send(tag + 1, requests)
            case .connected, .disconnected: break
            }
        }
        socket.withLock { $0 = made }
        for tag in 0..<outstanding { send(UInt64(tag) << 32, requests) }
    }

    private func send(_ tag: UInt64, _ requests: [[UInt8]]) {
        socket.withLock { $0 }?.send(tag: tag, requests[Int(tag & 0xffff_ffff) % requests.count], timeout: 5_000)
    }

    private static func requests(_ kind: Int) -> [[UInt8]] {
        let long = Submission(subject: "too long", text: String(repeating: "x", count: 40_000))
        let refused = Request.submit([KeyedSubmission(key: SubmitKey(high: 1, low: 1), submission: long)])
        let instance = ClientInstance(UInt64.random(in: .min ... .max))
        // Polls of a session that is not there are answered at once; those of `attach` without agents too.
        let poll = Request.poll(SessionPoll(instance: instance, seen: [], commands: []))
        let all: [Request] =
            switch kind % 3 {
            case 0: [.vitals, .query(.status)]
            case 1: [refused, .vitals]
            default: [poll, .query(.show(TicketID(1))), refused]
            }
        return all.map { Frame.encode($0) }
    }
}
