import Foundation

/// Where a router listens when nobody says so: at the address of this machine that leads to the coordinator, so that
/// others can reach it, and at the first free pair of ports from 7100 on.
enum Reach {
    struct None: Error, CustomStringConvertible {
        let host: String
        var description: String { "no free pair of ports at \(host) between 7100 and 7298: say --listen HOST:PORT" }
    }

    static let portFirst = 7100
    private static let portLast = 7298

    /// HOST:PORT pairs that are free just now: for clients and routers, and the next port for gossip.
    static func addresses(towards coordinator: String) throws -> [String] {
        guard let colon = coordinator.lastIndex(of: ":") else { throw UsageError("--coordinator: expected HOST:PORT") }
        let host = localHost(towards: String(coordinator[..<colon]), port: String(coordinator[colon...].dropFirst()))
        let ports = stride(from: portFirst, through: portLast, by: 2).filter { port in
            isFree(port, at: host) && isFree(port + 1, at: host)
        }
        if ports.isEmpty { throw None(host: host) }
        return ports.map { "\(host):\($0)" }
    }

    /// The own address that a packet to the host would carry; 127.0.0.1 when the system does not say.
    private static func localHost(towards host: String, port: String) -> String {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_INET
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>? = nil
        // The list lives until it is freed below.
        guard unsafe getaddrinfo(host, port, &hints, &found) == 0, let first = unsafe found else { return "127.0.0.1" }
        defer { unsafe freeaddrinfo(first) }
        let handle = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard handle >= 0 else { return "127.0.0.1" }
        defer { close(handle) }
        // A datagram socket's connect sends nothing: it only chooses the way.
        guard unsafe connect(handle, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else { return "127.0.0.1" }
        var own = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The address lives through the call and has the length that is given.
        let isKnown = unsafe withUnsafeMutablePointer(to: &own) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe getsockname(handle, generic, &length) == 0
            }
        }
        return isKnown ? text(own) : "127.0.0.1"
    }

    private static func text(_ address: sockaddr_in) -> String {
        let bits = UInt32(bigEndian: address.sin_addr.s_addr)
        return [24, 16, 8, 0].map { String(bits >> UInt32($0) & 0xff) }.joined(separator: ".")
    }

    private static func isFree(_ port: Int, at host: String) -> Bool {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard handle >= 0 else { return false }
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = unsafe inet_addr(host)
        // The address lives through the call and has the length that is given.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(handle, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
