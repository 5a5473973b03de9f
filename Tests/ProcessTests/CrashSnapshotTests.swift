import Foundation
import Glibc
import Testing

extension Processes {
    /// The real coordinator with small files, so that every few turns write a snapshot, roll a segment, archive tickets
    /// and remove what is not needed any more.
    @Suite(.enabled(if: Strace.trouble == nil, "\(Strace.trouble ?? "")"))
    struct CrashSnapshotTests {}
}

extension Processes.CrashSnapshotTests {
    /// A snapshot about every second under the tests' load, a segment every few.
    private static let options = ["--segment-bytes", "65536", "--snapshot-bytes", "16384"]

    /// Which of its calls strike: of snapshots' and segments' names, of their removal, of the folder's syncs, and of
    /// writes and syncs of all files. The long form takes them one by one.
    private static var strikes: [(call: String, steps: [Int])] {
        guard Program.isLong else {
            return [
                ("rename", [1, 3]), ("unlink", [2, 3]), ("fsync", [2]), ("pwrite64", [60]), ("fdatasync", [90]),
            ]
        }
        return [
            ("rename", [Int](1...8)), ("unlink", [Int](1...8)), ("fsync", [Int](1...10)),
            ("pwrite64", [Int](stride(from: 10, through: 200, by: 10))),
            ("fdatasync", [Int](stride(from: 15, through: 205, by: 10))),
        ]
    }

    @Test("killed while it takes snapshots, rolls, archives and removes: what was acknowledged is there once")
    func killed() async throws {
        try await CrashRun.run(options: Self.options, removes: true) { run in
            for (call, steps) in Self.strikes {
                for step in steps {
                    try run.restart(under: Strace.inject(call, "signal=KILL:when=\(step)"))
                    let isDead = try await run.dies(within: 40)
                    #expect(isDead && run.coordinator.ending == -SIGKILL, "\(call) \(step) was not reached")
                    let verdict = run.verify()
                    #expect(verdict.code == 0, "\(call) \(step): \(verdict.text)")
                }
                try run.restart()
                let isMoving = try await run.goesOn()
                #expect(isMoving, "after \(call)")
            }
            // The last life must get as far as a snapshot of its own; then the first segment goes, at the latest.
            let first = run.cluster.ledger + "/journal-0000000000000001.log"
            let isGone = try await eventually(within: 30) { !FileManager.default.fileExists(atPath: first) }
            let files = try FileManager.default.contentsOfDirectory(atPath: run.cluster.ledger)
            #expect(files.contains { $0.hasSuffix(".snap") }, "\(files)")
            #expect(files.contains { $0.hasSuffix(".arc") }, "\(files)")
            #expect(isGone, "\(files)")
        }
    }
}
