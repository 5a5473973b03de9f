import CNNG
import Glibc
import Synchronization

/// The protocols this program speaks, each with its one use here.
enum SocketKind {
    case rawReply
    case request
    case publish
    case subscribe
    case pair
}

/// What happens to a connection, in nng's words. `.added` comes before the protocol sees the pipe, hence before any
/// message of it; it is the only moment at which closing the pipe keeps it out.
enum PipeEvent {
    case added
    case removed
}

/// A socket's number and the few calls made on it. Copyable, as it is only a number: the class that opened it closes
/// it.
struct Socket: Sendable {
    /// Reconnect delays: nng's defaults (1 s, no growth) are too slow for a restart and too fast for an absence.
    static let reconnectMillisecondsMin: Int32 = 50
    static let reconnectMillisecondsMax: Int32 = 2_000

    let id: nng_socket

    init(_ kind: SocketKind) throws(NNGError) {
        var opened = nng_socket()
        let code =
            switch kind {
            case .rawReply: unsafe nng_rep0_open_raw(&opened)
            case .request: unsafe nng_req0_open(&opened)
            case .publish: unsafe nng_pub0_open(&opened)
            case .subscribe: unsafe nng_sub0_open(&opened)
            case .pair: unsafe nng_pair0_open(&opened)
            }
        try check(code)
        id = opened
    }

    /// The longest message taken from a peer, in bytes, headers included. nng's default is no limit at all, so every
    /// socket calls this before it listens or dials. inproc ignores it: receivers look at the length once more.
    func limitMessages(bytesMax: Int) throws(NNGError) {
        invariant(bytesMax > 0, "0 would mean unlimited to nng, got \(bytesMax)")
        try check(unsafe nng_socket_set_size(id, NNG_OPT_RECVMAXSZ, bytesMax))
    }

    /// Messages nng may hold for a slow side, 1...8192.
    func setBuffers(send: Int32? = nil, receive: Int32? = nil) throws(NNGError) {
        if let send { try check(unsafe nng_socket_set_int(id, NNG_OPT_SENDBUF, send)) }
        if let receive { try check(unsafe nng_socket_set_int(id, NNG_OPT_RECVBUF, receive)) }
    }

    func setReconnectTimes(
        min: Int32 = reconnectMillisecondsMin, max: Int32 = reconnectMillisecondsMax
    ) throws(NNGError) {
        try check(unsafe nng_socket_set_ms(id, NNG_OPT_RECONNMINT, min))
        try check(unsafe nng_socket_set_ms(id, NNG_OPT_RECONNMAXT, max))
    }

    /// Listens and returns the bound port, 0 for inproc. Port 0 in the URL asks for any free port: nng 1.5 cannot
    /// report the port of a ws listener, and shares one HTTP server among equal URLs, so the port is chosen here.
    func listen(_ url: String) throws(NNGError) -> Int {
        let address = ListenAddress(url)
        guard address.port == 0, let freePort = address.withPort else {
            try check(unsafe nng_listen(id, url, nil, 0))
            return address.port ?? 0
        }
        for _ in 0..<8 {
            let port = anyFreePort()
            let code = unsafe nng_listen(id, freePort(port), nil, 0)
            if code == 0 { return port }
            if code != NNGError.addressInUse.code { throw NNGError(code: code) }
        }
        throw .addressInUse
    }

    /// A dialer that has not begun: its owner notes it first, so that the first pipe finds it noted.
    func makeDialer(_ url: String) throws(NNGError) -> nng_dialer {
        var dialer = nng_dialer()
        try check(unsafe nng_dialer_create(&dialer, id, url))
        return dialer
    }

    /// Dials for ever. Without NONBLOCK the first refusal would be the last attempt.
    func start(_ dialer: nng_dialer) throws(NNGError) {
        try check(nng_dialer_start(dialer, Int32(NNG_FLAG_NONBLOCK)))
    }

    /// Reports pipes until the socket is closed. `observer` runs with the socket half locked: it may post, read options
    /// and close the pipe, and nothing else. The returned reference must be released after `close` has returned.
    func observePipes(_ observer: @escaping @Sendable (PipeEvent, nng_pipe) -> Void) throws(NNGError) -> PipeObserver {
        let box = PipeObserver(observer)
        // Retained before nng knows it: should only one of the two calls succeed, a leak is better than a dangling
        // pointer.
        let context = unsafe Unmanaged.passRetained(box).toOpaque()
        let callback: nng_pipe_cb = { pipe, event, context in
            guard let context = unsafe context else { return }
            let box = unsafe Unmanaged<PipeObserver>.fromOpaque(context).takeUnretainedValue()
            if event == NNG_PIPE_EV_REM_POST { PipeObserver.removed.add(1, ordering: .relaxed) }
            box.observe(event == NNG_PIPE_EV_ADD_PRE ? .added : .removed, pipe)
        }
        try check(unsafe nng_pipe_notify(id, NNG_PIPE_EV_ADD_PRE, callback, context))
        try check(unsafe nng_pipe_notify(id, NNG_PIPE_EV_REM_POST, callback, context))
        return box
    }

    /// Waits until every pipe is gone, then lets go of the observer. Never on a thread of nng, which it would wait for.
    func close(_ observer: PipeObserver?) {
        nng_close(id)
        if let observer { unsafe Unmanaged.passUnretained(observer).release() }
    }
}

/// The closure that nng's pipe callback calls. nng holds one reference from `observePipes` to `close`.
final class PipeObserver: Sendable {
    let observe: @Sendable (PipeEvent, nng_pipe) -> Void
    fileprivate static let removed = Atomic<Int>(0)

    /// Pipes that this process has lost so far.
    static var removals: Int { removed.load(ordering: .relaxed) }

    init(_ observe: @escaping @Sendable (PipeEvent, nng_pipe) -> Void) {
        self.observe = observe
    }
}

/// The port inside a URL, and the same URL with another one.
struct ListenAddress {
    /// nil when the URL has none, as with inproc.
    let port: Int?
    /// The URL with another port; nil when there is none to replace.
    let withPort: ((Int) -> String)?

    init(_ url: String) {
        guard !url.hasPrefix("inproc:"), let start = url.firstRange(of: "://")?.upperBound else {
            (port, withPort) = (nil, nil)
            return
        }
        let end = url[start...].firstIndex(of: "/") ?? url.endIndex
        guard let colon = url[start..<end].lastIndex(of: ":"), let found = Int(url[url.index(after: colon)..<end])
        else {
            (port, withPort) = (nil, nil)
            return
        }
        port = found
        withPort = { port in "\(url[...colon])\(port)\(url[end...])" }
    }
}

/// A TCP port that nobody held a moment ago; 0 when the kernel gives none. Another process may be quicker: callers
/// retry.
private func anyFreePort() -> Int {
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return 0 }
    defer { _ = Glibc.close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            unsafe bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
        }
    }
    return bound ? Int(UInt16(bigEndian: address.sin_port)) : 0
}
