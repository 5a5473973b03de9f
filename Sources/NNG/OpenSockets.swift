import CNNG
import Glibc

/// One end of a TCP connection. An IPv4 address is kept in its IPv6 form (RFC 4291, 2.5.5.2), as a socket that serves
/// both reports it so.
struct Endpoint: Hashable, Sendable {
    private static let mapped: UInt64 = 0xFFFF_0000_0000

    let high: UInt64
    let low: UInt64
    let port: UInt16

    init(high: UInt64, low: UInt64, port: UInt16) {
        (self.high, self.low, self.port) = (high, low, port)
    }

    init(ipv4 address: UInt32, port: UInt16) {
        self.init(high: 0, low: Self.mapped | UInt64(address), port: port)
    }

    /// Whether a listener with this address accepts connections to any address of the machine.
    var isAnyAddress: Bool { high == 0 && (low == 0 || low == Self.mapped) }

    /// Whether a connection with this local end may have come by a listener at `listener`.
    func isServed(by listener: Endpoint) -> Bool {
        listener == self || (listener.port == port && listener.isAnyAddress)
    }
}

/// The two ends of a TCP connection: what a pipe of nng and a socket of the kernel have in common.
struct TCPConnection: Hashable, Sendable {
    let local: Endpoint
    let peer: Endpoint
}

/// An open socket with a peer. The inode tells it from the next one that is given the same number.
struct OpenSocket: Hashable, Sendable {
    let descriptor: Int32
    let inode: UInt64
    let connection: TCPConnection
}

/// What one look at the open files showed of some ports.
struct Sight: Sendable {
    var listeners: [Endpoint] = []
    var sockets: [OpenSocket] = []
    /// All open files, of whatever kind.
    var filesCount = 0
}

/// The open files of this process. It holds two of them from the first look to the last, so that it still sees and acts
/// when there are no more to be had, which is when it is needed most.
/// @unchecked Sendable: the folder is read by its single owner only.
@safe
struct OpenSockets: ~Copyable, @unchecked Sendable {
    private let folder: OpaquePointer
    private let spare: Int32

    init() throws(NNGError) {
        unsafe (folder, spare) = try unsafe Self.openBoth()
    }

    deinit {
        _ = Glibc.close(spare)
        _ = unsafe closedir(folder)
    }

    /// Most files the process may have open.
    static var filesMax: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        return Int(clamping: limit.rlim_cur)
    }

    /// Every listener and every connected socket whose local port is one of `ports`.
    func look(at ports: Set<UInt16>) -> Sight {
        var sight = Sight()
        unsafe rewinddir(folder)
        while let entry = unsafe readdir(folder) {
            guard let descriptor = unsafe Self.number(of: entry) else { continue }
            sight.filesCount += 1
            guard let local = Endpoint(.local, of: descriptor), ports.contains(local.port) else { continue }
            if let socket = Self.socket(descriptor) {
                sight.sockets.append(socket)
            } else if Self.isListening(descriptor) {
                sight.listeners.append(local)
            }
        }
        return sight
    }

    /// Ends the connection for both sides, so that nng reads its end and closes the file, which stays nng's. False when
    /// it is no longer there. The socket is held by the spare file meanwhile: nng may close its own at any moment, and
    /// the kernel give the number to another connection.
    func shutDown(_ socket: OpenSocket) -> Bool {
        guard Self.socket(socket.descriptor) == socket, fillSpare(with: socket.descriptor) else { return false }
        defer { _ = unsafe fillSpare(with: dirfd(folder)) }
        guard let held = Self.socket(spare), held.inode == socket.inode, held.connection == socket.connection else {
            return false
        }
        return Glibc.shutdown(spare, Int32(SHUT_RDWR)) == 0
    }

    private static func openBoth() throws(NNGError) -> (folder: OpaquePointer, spare: Int32) {
        guard let folder = unsafe opendir("/proc/self/fd") else { throw .outOfFiles }
        let spare = unsafe fcntl(dirfd(folder), F_DUPFD_CLOEXEC, 0)
        if spare >= 0 { return unsafe (folder, spare) }
        _ = unsafe closedir(folder)
        throw .outOfFiles
    }

    // dup2 drops the flag that keeps a file from programs started here, and Glibc shows Swift no dup3.
    private func fillSpare(with descriptor: Int32) -> Bool {
        dup2(descriptor, spare) == spare && fcntl(spare, F_SETFD, FD_CLOEXEC) == 0
    }

    private static func socket(_ descriptor: Int32) -> OpenSocket? {
        var status = stat()
        guard let local = Endpoint(.local, of: descriptor), let peer = Endpoint(.peer, of: descriptor),
            unsafe fstat(descriptor, &status) == 0
        else { return nil }
        return OpenSocket(
            descriptor: descriptor, inode: UInt64(status.st_ino), connection: TCPConnection(local: local, peer: peer))
    }

    private static func isListening(_ descriptor: Int32) -> Bool {
        var answer: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &answer, &length) == 0 && answer != 0
    }

    // nil for "." and "..".
    private static func number(of entry: UnsafeMutablePointer<dirent>) -> Int32? {
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return nil }
        let name = unsafe (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
        return unsafe name[0] == CChar(UInt8(ascii: ".")) ? nil : unsafe atoi(name)
    }
}

extension Endpoint {
    /// Which end of a connected socket.
    enum Side {
        case local
        case peer
    }

    /// nil when the file is no TCP socket or has no such end.
    init?(_ side: Side, of descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                switch side {
                case .local: unsafe getsockname(descriptor, generic, &length)
                case .peer: unsafe getpeername(descriptor, generic, &length)
                }
            }
        }
        guard code == 0 else { return nil }
        let bytes = unsafe withUnsafeBytes(of: storage) { unsafe [UInt8]($0.prefix(24)) }
        switch Int32(storage.ss_family) {
        case AF_INET: self.init(ipv4: Self.number(bytes[4..<8]), port: Self.number(bytes[2..<4]))
        case AF_INET6:
            self.init(
                high: Self.number(bytes[8..<16]), low: Self.number(bytes[16..<24]), port: Self.number(bytes[2..<4]))
        default: return nil
        }
    }

    /// nil when nng's address is none of TCP.
    init?(_ address: nng_sockaddr) {
        switch UInt32(unsafe address.s_family) {
        case NNG_AF_INET.rawValue:
            let end = unsafe address.s_in
            self.init(ipv4: UInt32(bigEndian: end.sa_addr), port: UInt16(bigEndian: end.sa_port))
        case NNG_AF_INET6.rawValue:
            let end = unsafe address.s_in6
            let bytes = unsafe withUnsafeBytes(of: end.sa_addr) { unsafe [UInt8]($0) }
            self.init(
                high: Self.number(bytes[0..<8]), low: Self.number(bytes[8..<16]), port: UInt16(bigEndian: end.sa_port))
        default: return nil
        }
    }

    // Network order: the most significant byte first.
    private static func number<Number: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>) -> Number {
        bytes.reduce(0) { $0 << 8 | Number($1) }
    }
}

extension TCPConnection {
    /// nil for a pipe that is no TCP connection, or no longer one.
    init?(of pipe: nng_pipe) {
        var (local, peer) = (nng_sockaddr(), nng_sockaddr())
        guard unsafe nng_pipe_get_addr(pipe, NNG_OPT_LOCADDR, &local) == 0,
            unsafe nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &peer) == 0,
            let local = Endpoint(local), let peer = Endpoint(peer)
        else { return nil }
        self.init(local: local, peer: peer)
    }
}
