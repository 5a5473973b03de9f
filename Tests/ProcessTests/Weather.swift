import Foundation
import Glibc
import Synchronization

import struct Simulation.SplitMix64

/// A wire between two namespaces that goes through the tests' hands: two TAP devices, and two threads that carry
/// frames from one to the other, late, out of order or not at all. What `tc netem` does where the kernel has it.
final class Weather: Sendable {
    /// What happens to frames, each on its own; those that meet unlike delays overtake each other.
    struct Kind: Sendable, Equatable, CustomStringConvertible {
        var lossPerMille = 0
        var delayMilliseconds = 0
        /// At most so much more, drawn anew for each frame.
        var jitterMilliseconds = 0

        static let fine = Kind()
        var description: String { "\(lossPerMille)/1000 lost, \(delayMilliseconds)+\(jitterMilliseconds) ms" }
    }

    private struct State {
        var kind = Kind.fine
        var random = SplitMix64(seed: 1)
        var carried = 0
        var lost = 0
        var isOver = false
    }

    private struct Late {
        let at: UInt64
        let frame: [UInt8]
    }

    private let state = Mutex(State())
    private let ends: (Int32, Int32)

    init(between one: String, _ oneName: String, and other: String, _ otherName: String) throws {
        let first = try Self.device(in: one, oneName)
        do { ends = (first, try Self.device(in: other, otherName)) } catch {
            close(first)
            throw error
        }
        carry(ends.0, ends.1)
        carry(ends.1, ends.0)
    }

    /// Frames carried and lost so far.
    var count: (carried: Int, lost: Int) { state.withLock { ($0.carried, $0.lost) } }

    func set(_ kind: Kind) { state.withLock { $0.kind = kind } }
    func stop() { state.withLock { $0.isOver = true } }

    // MARK: - carrying

    /// Nil when the frame is lost; else when it is due.
    private func fate(_ now: UInt64) -> UInt64? {
        state.withLock { state in
            state.carried += 1
            let kind = state.kind
            if kind.lossPerMille > 0, state.random.below(1_000) < kind.lossPerMille {
                state.lost += 1
                return nil
            }
            let more = kind.jitterMilliseconds > 0 ? state.random.below(kind.jitterMilliseconds * 1_000) : 0
            return now + UInt64(kind.delayMilliseconds) * 1_000_000 + UInt64(more) * 1_000
        }
    }

    private static func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

    private func carry(_ from: Int32, _ to: Int32) {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 65_600)
            var late: [Late] = []
            while !state.withLock({ $0.isOver }) {
                let began = Self.now()
                let next = late.map(\.at).min() ?? .max
                let wait = next <= began ? 0 : min((next - began) / 1_000_000 + 1, 100)
                var polled = pollfd(fd: from, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&polled, 1, Int32(wait))
                while true {
                    let count = unsafe Glibc.read(from, &buffer, buffer.count)
                    guard count > 0 else { break }
                    guard let at = fate(Self.now()) else { continue }
                    let frame = Array(buffer.prefix(count))
                    if late.isEmpty && at <= Self.now() {
                        Self.put(frame, to)
                    } else {
                        late.append(Late(at: at, frame: frame))
                    }
                }
                let now = Self.now()
                for one in late.filter({ $0.at <= now }).sorted(by: { $0.at < $1.at }) { Self.put(one.frame, to) }
                late.removeAll { $0.at <= now }
            }
            close(from)
        }
    }

    private static func put(_ frame: [UInt8], _ end: Int32) {
        // A device whose queue is full loses frames, as a wire does.
        _ = unsafe frame.withUnsafeBytes { unsafe write(end, $0.baseAddress, $0.count) }
    }

    // MARK: - devices

    private static let setInterface: UInt = 0x4004_54ca

    /// A TAP device in a namespace. Only the thread that opens it goes there, and it ends with that.
    private static func device(in namespace: String, _ name: String) throws -> Int32 {
        let opened = Mutex<Int32>(-1)
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            defer { done.signal() }
            let there = unsafe open("/run/netns/\(namespace)", O_RDONLY | O_CLOEXEC)
            guard there >= 0 else { return }
            defer { close(there) }
            guard enter(there) == 0 else { return }
            let device = unsafe open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)
            guard device >= 0 else { return }
            // struct ifreq: 16 bytes of name, then flags: IFF_TAP and IFF_NO_PI.
            var request = [UInt8](repeating: 0, count: 40)
            for (index, byte) in name.utf8.prefix(15).enumerated() { request[index] = byte }
            request[16] = 0x02
            request[17] = 0x10
            guard control(device, setInterface, &request) == 0 else {
                close(device)
                return
            }
            opened.withLock { $0 = device }
        }
        done.wait()
        let device = opened.withLock { $0 }
        guard device >= 0 else { throw Trouble("no TAP device \(name) in \(namespace): /dev/net/tun is missing?") }
        return device
    }

    /// Swift's Glibc has no `setns`. The calling thread, and no other, is in that network from now on.
    private static func enter(_ namespace: Int32) -> Int32 {
        typealias Call = @convention(c) (Int32, Int32) -> Int32
        let network: Int32 = 0x4000_0000
        guard let symbol = unsafe dlsym(nil, "setns") else { return -1 }
        return unsafe unsafeBitCast(symbol, to: Call.self)(namespace, network)
    }

    /// `ioctl` takes a variable number of arguments, which Swift does not call: by its address it does.
    private static func control(_ descriptor: Int32, _ request: UInt, _ bytes: inout [UInt8]) -> Int32 {
        typealias Call = @convention(c) (Int32, UInt, UnsafeMutableRawPointer?) -> Int32
        guard let symbol = unsafe dlsym(nil, "ioctl") else { return -1 }
        let call = unsafe unsafeBitCast(symbol, to: Call.self)
        return unsafe bytes.withUnsafeMutableBytes { unsafe call(descriptor, request, $0.baseAddress) }
    }
}
