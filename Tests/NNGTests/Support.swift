import Foundation
import Glibc
import Synchronization
import Testing

@testable import NNG

/// Everything that opens a socket runs one at a time, because the open files of the process are counted.
@Suite(.serialized, .timeLimit(.minutes(1))) enum Network {}

/// What a socket has reported, in the order of its arrival.
final class Recorder<Event: Sendable>: Sendable {
    private let events = Mutex<[Event]>([])

    var all: [Event] { events.withLock { $0 } }

    func record(_ event: Event) {
        events.withLock { $0.append(event) }
    }

    /// How many events a question answers with yes.
    func count(where isWanted: (Event) -> Bool) -> Int {
        all.count(where: isWanted)
    }
}

/// Asks again and again until the answer is yes or the deadline has passed.
func eventually(within seconds: Double = 10, _ isTrue: () -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if isTrue() { return true }
        try await Task.sleep(for: .milliseconds(2))
    }
    return isTrue()
}

/// Expects that it becomes true. Not written as a closure inside `#expect`: Swift 6.3.1 can give such a closure the
/// symbol of a later one of the same function, which then runs in its place.
func expectEventually(
    within seconds: Double = 10, _ isTrue: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let isSo = try await eventually(within: seconds, isTrue)
    #expect(isSo, sourceLocation: sourceLocation)
}

/// The files this process has open, as "number target".
func openFiles() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").sorted().compactMap { number in
        // The folder's own descriptor is gone by now.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")).map {
            "\(number) \($0)"
        }
    }
}

extension RequestSocket.Event {
    var answeredTag: UInt64? {
        if case .answered(let tag, _) = self { tag } else { nil }
    }

    var answer: String? {
        if case .answered(_, let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    var failure: NNGError? {
        if case .failed(_, let error) = self { error } else { nil }
    }

    var isConnected: Bool {
        if case .connected = self { true } else { false }
    }

    var isDisconnected: Bool {
        if case .disconnected = self { true } else { false }
    }
}

extension ReplySocket.Event {
    var token: UInt64? {
        if case .request(let token, _, _) = self { token } else { nil }
    }

    var text: String? {
        if case .request(_, _, let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    var isDisconnected: Bool {
        if case .disconnected = self { true } else { false }
    }

    var isBusy: Bool {
        if case .refusedBusy = self { true } else { false }
    }

    var isRefusedConnection: Bool {
        if case .refusedConnection = self { true } else { false }
    }
}

/// A reply socket that keeps what it hears, and answers at once with the question when it is asked to echo.
final class Server: Sendable {
    let heard = Recorder<ReplySocket.Event>()
    let socket: ReplySocket
    let url: String
    /// 0 for inproc.
    let port: UInt16
    private let opened: Door

    init(
        _ url: String, echo: Bool = true, messageBytesMax: Int = 65_536, connectionsMax: Int = 1_000,
        parkedMax: Int = 64,
        silenceMillisecondsMax: Int = 60_000, dog: HandshakeDog = .shared
    ) throws {
        let heard = heard
        let door = Door()
        let limits = ReplyLimits(
            messageBytesMax: messageBytesMax, connectionsMax: connectionsMax, parkedPerConnectionMax: parkedMax,
            silenceMillisecondsMax: silenceMillisecondsMax)
        socket = try ReplySocket(limits: limits, busyAnswer: Array("busy".utf8), dog: dog) { event in
            heard.record(event)
            if echo, case .request(let token, _, let bytes) = event { door.socket.withLock { $0 }?.reply(token, bytes) }
        }
        door.socket.withLock { [socket] in $0 = socket }
        let port = try socket.listen(url)
        self.port = UInt16(port)
        self.url = url.replacingOccurrences(of: ":0/", with: ":\(port)/")
        opened = door
    }

    /// Connections reported and not yet reported lost.
    var connectionsLeft: Int {
        heard.count { if case .connected = $0 { true } else { false } } - heard.count { $0.isDisconnected }
    }

    func close() {
        opened.socket.withLock { $0 = nil }
        socket.close()
    }

    /// The way from the event handler back to the socket, which does not exist yet when the handler is made.
    private final class Door: Sendable {
        let socket = Mutex<ReplySocket?>(nil)
    }
}

/// A request socket that keeps what it hears.
final class Client: Sendable {
    let heard = Recorder<RequestSocket.Event>()
    let socket: RequestSocket

    init(_ url: String, contexts: Int = 4, waitingMax: Int = 100, replyBytesMax: Int = 65_536) throws {
        socket = try RequestSocket(
            url: url, contexts: contexts, waitingMax: waitingMax, replyBytesMax: replyBytesMax, onEvent: heard.record)
    }

    func ask(_ tag: UInt64, _ text: String? = nil, timeout: Int32 = 10_000) {
        socket.send(tag: tag, Array((text ?? "question \(tag)").utf8), timeout: timeout)
    }

    func isConnected(count: Int = 1) async throws -> Bool {
        try await eventually { self.heard.count { $0.isConnected } >= count }
    }

    func hasAnswers(_ count: Int) async throws -> Bool {
        try await eventually { self.heard.count { $0.answeredTag != nil } >= count }
    }
}

/// Where the tests listen: any free port.
let anyPort = "ws://127.0.0.1:0/switchyard"
