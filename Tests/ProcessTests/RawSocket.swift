import Glibc

/// A bare TCP socket on loopback, for peers that know no manners. Whoever makes it closes it, once.
struct RawSocket: Sendable {
    let descriptor: Int32

    struct Failed: Error {}

    init(connect port: Int) throws {
        descriptor = try Self.make()
        guard Self.call(descriptor, port, connect: true) else {
            close()
            throw Failed()
        }
    }

    init(listen port: Int) throws {
        descriptor = try Self.make()
        var yes: Int32 = 1
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard Self.call(descriptor, port, connect: false), Glibc.listen(descriptor, 64) == 0 else {
            close()
            throw Failed()
        }
    }

    init(adopting descriptor: Int32) { self.descriptor = descriptor }

    private static func make() throws -> Int32 {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failed() }
        return descriptor
    }

    private static func call(_ descriptor: Int32, _ port: Int, connect: Bool) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The address lives through the call and has the length that is given.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                connect
                    ? unsafe Glibc.connect(descriptor, generic, length) == 0
                    : unsafe Glibc.bind(descriptor, generic, length) == 0
            }
        }
    }

    func accept() -> RawSocket? {
        let next = Glibc.accept(descriptor, nil, nil)
        if next < 0 { return nil }
        _ = fcntl(next, F_SETFD, FD_CLOEXEC)
        return RawSocket(adopting: next)
    }

    /// False when the peer has gone.
    @discardableResult
    func write(_ bytes: some Collection<UInt8>) -> Bool {
        var rest = Array(bytes)
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            rest.removeFirst(count)
        }
        return true
    }

    /// What has come, at most so much; empty when the peer has closed, or said nothing in time.
    func read(_ count: Int = 4_096) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = unsafe bytes.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        return got > 0 ? Array(bytes.prefix(got)) : []
    }

    func limitReading(milliseconds: Int) {
        var time = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// `close` sends RST instead of FIN.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func finish() { _ = shutdown(descriptor, Int32(SHUT_WR)) }
    func close() { _ = Glibc.close(descriptor) }

    /// Asks to speak websocket, as a REQ of nng does; true when the peer agrees.
    func shakeHands(subprotocol: String = "rep.sp.nanomsg.org") -> Bool {
        let lines = [
            "GET /switchyard HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: \(subprotocol)", "", "",
        ]
        limitReading(milliseconds: 2_000)
        write(Array(lines.joined(separator: "\r\n").utf8))
        return read(1_024).starts(with: "HTTP/1.1 101".utf8)
    }

    /// One masked binary frame of a websocket client; `announced` lies about its length.
    static func frame(_ body: [UInt8], announced: UInt64? = nil) -> [UInt8] {
        let count = announced ?? UInt64(body.count)
        var head: [UInt8] = [0x82]
        if count < 126 {
            head.append(0x80 | UInt8(count))
        } else if count < 65_536 {
            head += [0x80 | 126, UInt8(count >> 8), UInt8(count & 0xff)]
        } else {
            head.append(0x80 | 127)
            head += (0..<8).reversed().map { UInt8(truncatingIfNeeded: count >> (8 * UInt64($0))) }
        }
        return head + [0, 0, 0, 0] + body
    }
}
