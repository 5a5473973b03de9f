import Dispatch
import Foundation
import Node
import Synchronization

/// A cluster of real processes on this machine, for the demo and for load tests: a coordinator and a router a region,
/// on free loopback ports, with a fresh folder. A node that ends unasked is started again, as a supervisor would.
final class LocalCluster: Sendable {
    struct Member: Sendable {
        let name: String
        let address: String
        let arguments: [String]
    }

    private struct State {
        // Read and changed under the mutex only.
        var processes: [String: Foundation.Process] = [:]
        var isStopping = false
        var restarts = 0
        var unexpected: [String] = []
    }

    let folder: String
    let coordinator: Member
    let routers: [Member]
    private let state = Mutex(State())
    /// More often than this something is wrong that starting again does not mend.
    private static let restartsMax = 50

    /// Prepares a cluster with `config`; nothing runs before `start`.
    init(config: String, regions: [String], folder: String) throws {
        self.folder = folder
        var ports = try FreePorts.find(1 + 2 * regions.count)
        let at = "127.0.0.1:\(ports.removeFirst())"
        coordinator = Member(
            name: "coordinator", address: at,
            arguments: ["coordinator", "--config", config, "--data", "\(folder)/ledger", "--listen", at])
        routers = regions.map { region in
            let address = "127.0.0.1:\(ports.removeFirst())"
            let gossip = "127.0.0.1:\(ports.removeFirst())"
            return Member(
                name: region, address: address,
                arguments: [
                    "router", "--region", region, "--listen", address, "--gossip", gossip, "--coordinator", at,
                ])
        }
    }

    var restarts: Int { state.withLock { $0.restarts } }
    /// Nodes that ended though nobody asked them to.
    var unexpected: [String] { state.withLock { $0.unexpected } }

    func start() throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/log", withIntermediateDirectories: true)
        for member in [coordinator] + routers { try start(member) }
    }

    private func start(_ member: Member) throws {
        let process = Foundation.Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = member.arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            [Launch.parentVariable: String(getpid())]) { _, new in new }
        let log = "\(folder)/log/\(member.name).log"
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try handle.seekToEnd()
        process.standardError = handle
        process.standardOutput = handle
        process.standardInput = FileHandle.nullDevice
        process.terminationHandler = { [weak self] process in self?.ended(member, process.terminationStatus) }
        try state.withLock { state in
            guard !state.isStopping else { return }
            try process.run()
            state.processes[member.name] = process
        }
        try handle.close()
    }

    private func ended(_ member: Member, _ code: Int32) {
        let again = state.withLock { state in
            state.processes[member.name] = nil
            // A node that ended in peace was asked to: Ctrl-C in a terminal reaches all processes at once.
            guard !state.isStopping, code != ExitCode.success else { return false }
            state.restarts += 1
            // What starting again cannot mend: a wrong command line, a journal that cannot be trusted.
            guard code != ExitCode.usage, code != ExitCode.journalFailed, state.restarts <= Self.restartsMax else {
                state.unexpected.append("\(member.name) ended with code \(code); see \(folder)/log/\(member.name).log")
                return false
            }
            return true
        }
        guard again else { return }
        do { try start(member) } catch { Console.error("cannot start \(member.name) again: \(error)") }
    }

    /// Asks all to end, waits, and kills what has not ended after 3 s. Leaves no process.
    func stop() {
        let processes = state.withLock { state in
            state.isStopping = true
            return Array(state.processes.values)
        }
        for process in processes where process.isRunning { process.terminate() }
        let deadline = Date().addingTimeInterval(3)
        for process in processes {
            while process.isRunning && Date() < deadline { usleep(10_000) }
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
        }
    }
}

/// Ports nobody listens at just now, below those that the kernel gives to outgoing connections: a redialling client
/// could otherwise take the port of a node that is being started again.
enum FreePorts {
    struct None: Error, CustomStringConvertible {
        var description: String { "no free port on 127.0.0.1 between 10000 and 31999" }
    }

    static func find(_ count: Int) throws -> [Int] {
        var ports: Set<Int> = []
        for _ in 0..<1000 where ports.count < count {
            let port = Int.random(in: 10_000..<32_000)
            if isFree(port) { ports.insert(port) }
        }
        guard ports.count == count else { throw None() }
        return ports.sorted()
    }

    private static func isFree(_ port: Int) -> Bool {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard handle >= 0 else { return false }
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        // The address lives through the call and has the length that is given.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(handle, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

/// A fresh folder under the system's temporary one.
enum TemporaryFolder {
    static func make(_ name: String) throws -> String {
        let path = NSTemporaryDirectory() + "\(name)-\(String(Draw.bits(), radix: 16))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
    static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}

/// Durations as people type them.
enum Durations {
    static func milliseconds(_ text: String) -> UInt64? { Configuration.duration(text) }
}
