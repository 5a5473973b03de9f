import Foundation
import Testing

/// Tests of the real program as real processes: one at a time, because they count files and share two cores.
@Suite(
    .serialized, .timeLimit(.minutes(Program.isLong || Figures.isFull ? 60 : 10)),
    .enabled(if: Program.isThere, "\(Program.path) is missing: build it with `swift build --product switchyard`"))
enum Processes {}

/// The program under test, beside the test bundle.
enum Program {
    static let path: String = {
        // Another build of it, for figures: Tests/run figures.
        if let named = ProcessInfo.processInfo.environment["SWITCHYARD_PROGRAM"] { return named }
        let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let beside = bundle.appendingPathComponent("switchyard").path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.appendingPathComponent(".build/debug/switchyard").path
    }()
    static let isThere = FileManager.default.isExecutableFile(atPath: path)
    /// More of everything, for a night rather than for each change.
    static let isLong = ProcessInfo.processInfo.environment["SWITCHYARD_LONG"] == "1"
}

/// Asks again and again until the answer is yes or the time is over. Never inside `#expect`: Swift 6.3.1 mixes up a
/// closure in there with a later one of the same function, which then runs the first one's body.
func eventually(
    within seconds: Double, every milliseconds: Int = 20, _ isTrue: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try await isTrue() { return true }
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
    return try await isTrue()
}

/// Runs what blocks on a thread of its own: the few threads of the tasks are needed by the honest clients.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}

/// What a test could not do, in a sentence.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
