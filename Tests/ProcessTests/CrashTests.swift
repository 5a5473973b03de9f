import Foundation
import Glibc
import Testing

extension Processes {
    /// The real coordinator, struck in the middle of its calls. `SWITCHYARD_LONG=1 Tests/run CrashTests` strikes at
    /// each of the first 30 calls of every kind.
    @Suite(.enabled(if: Strace.trouble == nil, "\(Strace.trouble ?? "")"))
    struct CrashTests {}
}

extension Processes.CrashTests {
    /// Which of its calls strikes; short runs take a few.
    private static let steps: [Int] = Program.isLong ? [Int](1...30) : [1, 3, 8]

    @Test("killed at its Nth write and at its Nth sync: what was acknowledged is there once, and work goes on")
    func killed() async throws {
        try await CrashRun.run { run in
            for step in Self.steps {
                for call in ["pwrite64", "fdatasync"] {
                    try run.restart(under: Strace.inject(call, "signal=KILL:when=\(step)"))
                    let isDead = try await run.dies()
                    #expect(isDead && run.coordinator.ending == -SIGKILL, "\(call) \(step)")
                    let verdict = run.verify()
                    #expect(verdict.code == 0, "\(call) \(step): \(verdict.text)")
                }
                try run.restart()
                let isThrough = try await run.catchesUp()
                #expect(isThrough, "after \(step)")
            }
        }
    }

    @Test("a write or sync that fails ends the coordinator with a reason and without an answer; the next start goes on")
    func failing() async throws {
        let faults = [
            ("fdatasync", "error=EIO:when=9", "input/output error"), ("pwrite64", "error=EIO:when=9", "input/output"),
            ("pwrite64", "error=ENOSPC:when=9+", "the disk is full"),
        ]
        try await CrashRun.run { run in
            for (call, fault, reason) in faults {
                try run.restart(under: Strace.inject(call, fault))
                let isDead = try await run.dies()
                #expect(isDead && run.coordinator.ending == 70, "\(call) \(fault): \(run.coordinator.tail(5))")
                #expect(run.coordinator.tail(3).contains(reason), "\(run.coordinator.tail(5))")
                try run.coordinator.start()
                let isMoving = try await run.goesOn()
                #expect(isMoving, "\(call) \(fault)")
            }
        }
    }

    @Test("a disk whose every sync takes 50 ms slows acknowledgements and loses none")
    func slow() async throws {
        try await CrashRun.run { run in
            try run.restart(under: Strace.inject("fdatasync", "delay_enter=50000"))
            for _ in 0..<3 {
                let isMoving = try await run.goesOn(within: 30)
                #expect(isMoving)
            }
            try run.restart()
        }
    }

    @Test("killed at any step of its first start: the next one begins the ledger, and it is whole")
    func firstStart() async throws {
        let slices = 16
        let strikes: [(String, [Int])] = [
            ("pwrite64", [slices / 2, slices + 1, slices + 2]), ("fdatasync", [slices, slices + 1, slices + 3]),
            ("rename", [1, 2, 3]), ("fsync", [1, 2, 3, 4]),
        ]
        let folder = NSTemporaryDirectory() + "switchyard-first-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Companies.two.write(toFile: "\(folder)/company.json5", atomically: true, encoding: .utf8)
        for (call, steps) in strikes {
            for step in steps {
                let ledger = "\(folder)/\(call)-\(step)"
                let at = "127.0.0.1:\(Ports.free(1)[0])"
                let coordinator = Member(
                    "\(call)-\(step)", at: at, gossip: "", folder: folder,
                    ["coordinator", "--config", "\(folder)/company.json5", "--data", ledger, "--listen", at])
                defer {
                    coordinator.close()
                    coordinator.child.kill(SIGKILL)
                    coordinator.child.waitForEnd()
                    try? FileManager.default.removeItem(atPath: ledger)
                }
                try coordinator.child.start(under: Strace.inject(call, "signal=KILL:when=\(step)"))
                let isDead = try await eventually(within: 20) { !coordinator.child.isRunning }
                #expect(isDead, "\(call) \(step) was not reached")
                try coordinator.child.start()
                let isUp = try await eventually(within: 20) { (try? await coordinator.status()) != nil }
                #expect(isUp, "\(call) \(step): \(coordinator.child.tail(5))")
                #expect(Shell.run(Program.path, ["journal", "verify", ledger]).code == 0, "\(call) \(step)")
            }
        }
    }
}
