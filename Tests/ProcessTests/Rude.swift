/// What connects and does not behave, each in its own way.
enum Rude: CaseIterable, Sendable {
    case leavesAtOnce
    case resets
    case finishesAndResets
    case garbage
    case garbageHTTP
    case endlessHeader
    case bodyThatNeverComes
    case halfHandshake
    case wrongSubprotocol
    case handshakeThenReset
    case halfFrame
    case halfFrameHeader
    case oversizedFrame
    case frameWithoutEnd
    case textFrame
    case noRequestID
    case tooManyHops
    case unmaskedFrame
    case garbageRequest
    case requestThenReset

    /// A question that every node answers, as a frame of the REQ protocol with number `id`.
    private static func vitals(_ id: UInt8) -> [UInt8] { RawSocket.frame([0x80, 0, 0, id, 1, 9]) }

    /// Connects, misbehaves and leaves; whether the peer had agreed to speak websocket.
    func visit(_ port: Int, subprotocol: String = "rep.sp.nanomsg.org", number: Int) -> Bool {
        guard let socket = try? RawSocket(connect: port) else { return false }
        defer { socket.close() }
        switch self {
        case .leavesAtOnce: return false
        case .resets: socket.resetOnClose()
        case .finishesAndResets:
            socket.resetOnClose()
            socket.finish()
        case .garbage: socket.write((0..<512).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ number) })
        case .garbageHTTP:
            let lines = [
                "BREW / HTTP/9.9\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nHost\r\n: :\r\n\r\n", "\r\n\r\n\r\n",
                "GET /%%%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
            ]
            socket.write(Array(lines[number % lines.count].utf8))
            socket.limitReading(milliseconds: 20)
            _ = socket.read()
        case .endlessHeader:
            socket.write(Array("GET / HTTP/1.1\r\nHost: ".utf8) + [UInt8](repeating: 0x61, count: 70_000))
        case .bodyThatNeverComes:
            socket.write(Array("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nabc".utf8))
        case .halfHandshake: socket.write(Array("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: webso".utf8))
        case .wrongSubprotocol:
            let words = ["pair.sp.nanomsg.org", "sub.sp.nanomsg.org", "chat", ""]
            return socket.shakeHands(subprotocol: words[number % words.count])
        default: return socket.shakeHands(subprotocol: subprotocol) && abuse(socket, number)
        }
        return false
    }

    /// After a handshake that succeeded.
    private func abuse(_ socket: RawSocket, _ number: Int) -> Bool {
        switch self {
        case .handshakeThenReset: socket.resetOnClose()
        case .halfFrame: socket.write(RawSocket.frame([0x80, 0, 0, 1, 1], announced: 4_096))
        case .halfFrameHeader: socket.write([0x82, 0xFF, 0, 0])
        case .oversizedFrame:
            let lengths: [UInt64] = [1 << 62, 1 << 40, 1 << 33, 1 << 30, .max]
            socket.write(RawSocket.frame([0x80, 0, 0, 1], announced: lengths[number % lengths.count]))
        case .frameWithoutEnd:
            // A fragment that promises another.
            socket.write([0x02, 0x84, 0, 0, 0, 0, 0x80, 0, 0, 1])
        case .textFrame: socket.write([0x81, 0x82, 0, 0, 0, 0, 0x7B, 0x7D])
        case .noRequestID: socket.write(RawSocket.frame([0x80, 0]))
        case .tooManyHops: socket.write(RawSocket.frame([UInt8](repeating: 0, count: 4 * 40)))
        case .unmaskedFrame: socket.write([0x82, 0x06, 0x80, 0, 0, 1, 1, 9])
        case .garbageRequest:
            socket.write(
                RawSocket.frame([0x80, 0, 0, 1] + (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }))
        case .requestThenReset:
            socket.resetOnClose()
            for id in UInt8(1)...8 { socket.write(Self.vitals(id)) }
        default: break
        }
        return true
    }
}
