import Foundation
import Glibc
import Synchronization

/// A TCP relay on loopback that can stop passing anything on while its connections stay up: a cut that no FIN or RST
/// announces. New connections are passed on.
final class Relay: Sendable {
    /// One connection through the relay; frozen it swallows, and never thaws.
    private final class Way: Sendable {
        let near: RawSocket
        let far: RawSocket
        private let frozen = Atomic<Bool>(false)
        init(_ near: RawSocket, _ far: RawSocket) {
            self.near = near
            self.far = far
        }
        var isFrozen: Bool { frozen.load(ordering: .relaxed) }
        func freeze() { frozen.store(true, ordering: .relaxed) }

        func pump(_ from: RawSocket, _ to: RawSocket) {
            while true {
                let bytes = from.read(65_536)
                if bytes.isEmpty { break }
                if !isFrozen && !to.write(bytes) { break }
            }
            if !isFrozen { to.finish() }
        }
    }

    private let listener: RawSocket
    private let target: Int
    private let ways = Mutex<[Way]>([])

    init(listen port: Int, to address: String) throws {
        listener = try RawSocket(listen: port)
        target = address.split(separator: ":").last.flatMap { Int($0) } ?? 0
        Thread.detachNewThread { [self] in
            while let near = listener.accept() {
                guard let far = try? RawSocket(connect: target) else {
                    near.close()
                    continue
                }
                let way = Way(near, far)
                ways.withLock { $0.append(way) }
                Thread.detachNewThread { way.pump(near, far) }
                Thread.detachNewThread { way.pump(far, near) }
            }
        }
    }

    /// From now on the present connections pass nothing on.
    func freeze() -> Int {
        ways.withLock { ways in
            for way in ways { way.freeze() }
            return ways.count
        }
    }

    /// Ends everything. The descriptors themselves go with the test process: a pump may be reading.
    func close() {
        _ = shutdown(listener.descriptor, Int32(SHUT_RDWR))
        for way in ways.withLock({ $0 }) {
            _ = shutdown(way.near.descriptor, Int32(SHUT_RDWR))
            _ = shutdown(way.far.descriptor, Int32(SHUT_RDWR))
        }
    }
}
