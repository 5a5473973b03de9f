import Foundation
import Glibc
import Testing

extension Processes {
    /// The real coordinator on a file system of its own.
    @Suite(.enabled(if: LoopDisk.trouble == nil, "\(LoopDisk.trouble ?? "")"))
    struct CrashDiskTests {}
}

extension Processes.CrashDiskTests {
    @Test(
        "the power fails under the coordinator, again and again: what was acknowledged is there once",
        .enabled(if: LoopDisk.powerTrouble == nil, "\(LoopDisk.powerTrouble ?? "")"))
    func powerFails() async throws {
        let disk = try LoopDisk(mebibytes: 400)
        defer { disk.remove() }
        try await CrashRun.run(ledger: disk.mount + "/ledger") { run in
            for round in 0..<(Program.isLong ? 30 : 3) {
                let isMoving = try await run.goesOn()
                #expect(isMoving, "round \(round)")
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...400)))
                try disk.cutPower()
                let isDead = try await run.dies()
                #expect(isDead && run.coordinator.ending == 70, "round \(round): \(run.coordinator.tail(5))")
                try disk.restore()
                let verdict = run.verify()
                #expect(verdict.code == 0, "round \(round): \(verdict.text)")
                try run.coordinator.start()
            }
            let isMoving = try await run.goesOn()
            #expect(isMoving)
            // The judge asks the coordinator; so the disk must stay until the run is over.
        }
    }

    @Test("a nearly full disk: new tickets are refused, those that are there are worked on, and space heals it")
    func nearlyFull() async throws {
        let disk = try LoopDisk(mebibytes: 300)
        defer { disk.remove() }
        try await CrashRun.run(ledger: disk.mount + "/ledger") { run in
            let isMoving = try await run.goesOn()
            #expect(isMoving)
            for desk in run.desks { desk.hold() }
            let isHeld = try await eventually(within: 10) { run.desks.contains { !$0.held.isEmpty } }
            #expect(isHeld)
            try disk.leave(mebibytes: 20)
            let isRefused = try await eventually(within: 10) { (run.customer.refused["diskFull"] ?? 0) > 3 }
            #expect(isRefused, "\(run.customer.refused)")
            let resolved = run.desks.map { $0.seen.count { $0.kind == .resolved } }.reduce(0, +)
            for desk in run.desks { desk.letGo() }
            let isWorked = try await eventually(within: 10) {
                run.desks.map { $0.seen.count { $0.kind == .resolved } }.reduce(0, +) > resolved
            }
            #expect(isWorked)
            #expect(run.coordinator.isRunning)
            try disk.leave(mebibytes: nil)
            let isHealed = try await run.goesOn()
            #expect(isHealed, "\(run.customer.refused)")
        }
    }
}
