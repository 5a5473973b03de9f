import Foundation
import Glibc
import Routing
import Testing

/// Faults of the operating system, injected into the real coordinator by strace. `-D` keeps the coordinator itself the
/// child of the tests, so that signals and endings are its own.
enum Strace {
    static let path = ["/usr/bin/strace", "/bin/strace"].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Nil if faults can be injected here; otherwise why not.
    static let trouble: String? = {
        guard let path else { return "strace is missing: Tests/run installs it" }
        let probe = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", "inject=getcwd:error=EIO", "/bin/pwd", "-P"]
        let ran = Shell.run(path, probe)
        // With the injection /bin/pwd has another way to find out, or fails: only strace's own complaint counts.
        return ran.text.contains("ptrace") ? "strace may not trace here: \(ran.text)" : nil
    }()

    /// Runs a program with this fault; as in "signal=KILL:when=7" or "error=EIO:when=3+". Calls are counted in each
    /// thread. Without --seccomp-bpf, which would be quicker: strace 6.1 then injects no signals.
    static func inject(_ call: String, _ fault: String) -> [String] {
        [
            path ?? "strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
            "inject=\(call):\(fault)",
        ]
    }
}

/// Programs that the tests run to their end.
enum Shell {
    static func run(_ program: String, _ arguments: [String]) -> (code: Int32, text: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        do { try process.run() } catch { return (-1, "\(program): \(error)") }
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }

    static func run(_ script: String) -> (code: Int32, text: String) { run("/bin/sh", ["-c", script]) }
}

/// A file system of its own in a file, which can be filled up and can lose its power.
struct LoopDisk {
    let folder: String
    var mount: String { folder + "/disk" }
    private var image: String { folder + "/disk.img" }

    /// Nil if one can be made here; otherwise why not.
    static let trouble: String? = {
        guard getuid() == 0 else { return "only root may mount a file system" }
        do {
            let disk = try LoopDisk(mebibytes: 16)
            disk.remove()
            return nil
        } catch { return "\(error)" }
    }()

    /// Nil if its power can be cut, too.
    static let powerTrouble: String? =
        trouble ?? (Shell.run("python3 -c 'import fcntl'").code == 0 ? nil : "python3 is missing")

    init(mebibytes: Int) throws {
        folder = NSTemporaryDirectory() + "switchyard-disk-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
        let made = Shell.run("truncate -s \(mebibytes)M '\(image)' && mkfs.ext4 -qF '\(image)' 2>&1")
        guard made.code == 0, attach() else {
            remove()
            throw Trouble("no file system can be mounted here: \(made.text)")
        }
    }

    private func attach() -> Bool { Shell.run("mount -o loop '\(image)' '\(mount)'").code == 0 }

    /// The power fails: nothing that was not synced is on the disk afterwards, not even in its log. Until `restore`
    /// every call fails with EIO.
    func cutPower() throws {
        // EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH; Swift cannot call ioctl.
        let script = """
            import fcntl, os, struct, sys
            fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))
            """
        let ran = Shell.run("/usr/bin/env", ["python3", "-c", script, mount])
        guard ran.code == 0 else { throw Trouble("the power could not be cut: \(ran.text)") }
    }

    func restore() throws {
        let ran = Shell.run("umount '\(mount)'")
        guard ran.code == 0, attach() else { throw Trouble("cannot mount again: \(ran.text)") }
    }

    /// Takes space away until so many MiB are free; nil gives all of it back.
    func leave(mebibytes: Int?) throws {
        let ballast = mount + "/ballast"
        unsafe unlink(ballast)
        guard let mebibytes else { return }
        let free = Shell.run("df -m --output=avail '\(mount)' | tail -1").text.trimmingCharacters(
            in: .whitespacesAndNewlines)
        let ran = Shell.run("fallocate -l \((Int(free) ?? 0) - mebibytes)M '\(ballast)'")
        guard ran.code == 0 else { throw Trouble("no ballast: \(ran.text)") }
    }

    func remove() {
        _ = Shell.run("umount -l '\(mount)' 2>/dev/null; rm -rf '\(folder)'")
    }
}

/// Two regions with traffic, whose coordinator is struck again and again; in the end everything is held against the
/// ledger.
struct CrashRun {
    let cluster: Cluster
    let customer: Submitter
    let desks: [Desk]
    /// Where the judge reads the journal.
    let records: String

    /// Where the coordinator removes segments, `removes` keeps a second name of each for the judge.
    static func run(
        ledger: String? = nil, options: [String] = [], removes: Bool = false,
        _ body: (CrashRun) async throws -> Void
    ) async throws {
        try await Cluster.run(Companies.two, regions: Companies.regions, ledger: ledger, options: options) { cluster in
            let routers = cluster.routers.map(\.address)
            let desks = [Desk(Companies.branchAgents, at: routers), Desk(Companies.hqAgents, at: routers.reversed())]
            guard try await eventually(within: 10, { desks.allSatisfy(\.isAttached) }) else {
                throw Trouble("the agents could not attach")
            }
            let records = removes ? cluster.folder + "/kept" : cluster.ledger
            if removes {
                let links = "ln '\(cluster.ledger)'/INIT '\(cluster.ledger)'/journal-*.log '\(records)'"
                let script = "mkdir '\(records)'; while :; do \(links) 2>/dev/null; sleep 0.05; done"
                try cluster.client("keeper", program: "/bin/sh", ["-c", script]).start()
            }
            let run = CrashRun(
                cluster: cluster, customer: Submitter(at: cluster.routers, every: 25), desks: desks, records: records)
            try await body(run)
            try await run.close()
        }
    }

    var coordinator: Child { cluster.coordinator.child }

    /// Ends the coordinator's life and begins one with a fault.
    func restart(under wrapper: [String] = []) throws {
        coordinator.kill(SIGKILL)
        coordinator.waitForEnd()
        try coordinator.start(under: wrapper)
    }

    /// Waits until it has died of the fault.
    func dies(within seconds: Double = 20) async throws -> Bool {
        try await eventually(within: seconds) { !coordinator.isRunning }
    }

    /// Waits until more was acknowledged.
    func goesOn(within seconds: Double = 20) async throws -> Bool {
        let before = customer.acknowledged
        return try await eventually(within: seconds) { customer.acknowledged > before + 5 }
    }

    /// Waits until hardly anything that was sent is without an acknowledgement: lives that end after a few writes take
    /// less in than comes meanwhile, and customers do not wait for ever.
    func catchesUp(within seconds: Double = Program.isLong ? 90 : 30) async throws -> Bool {
        try await eventually(within: seconds) { customer.acknowledged + 10 > customer.sent }
    }

    /// What the operator's tool says of the folder that a death has left.
    func verify() -> (code: Int32, text: String) { Shell.run(Program.path, ["journal", "verify", cluster.ledger]) }

    private func close() async throws {
        if !coordinator.isRunning { try coordinator.start() }
        try await cluster.hasMembers(cluster.routers.count, within: 20)
        await customer.finish()
        let left = try await cluster.ticketsLeft(within: 30)
        #expect(left == 0, "\(left) tickets have not ended")
        #expect(customer.acknowledged == customer.sent, "\(customer.refused)")
        let found = try Judge(
            cluster, records: records, [customer.seen] + desks.map(\.seen), keys: customer.keys,
            holdings: desks.map(\.holdings)
        ).check()
        let status = try await cluster.coordinator.status()
        print("crashes: \(found); \(status.counters.ticketsOpened) opened in \(status.reign) reigns")
        #expect(status.counters.ticketsOpened == UInt64(customer.acknowledged))
        for desk in desks { desk.stop() }
    }
}
