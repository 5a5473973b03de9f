import Foundation
import Glibc
import Node
import Synchronization

/// One process that the tests start, stop, kill and look at. Its output is appended to a log beside the cluster's.
final class Child: Sendable {
    private struct State {
        var id: Int32 = 0
        var isRunning = false
        var starts = 0
        /// How its lives ended, as `waitpid` says.
        var endings: [Int32] = []
    }

    let name: String
    let log: String
    private let program: String
    private let arguments: [String]
    private let folder: String
    /// Arguments besides, in its first life only.
    private let firstArguments: [String]
    /// A program with its arguments that runs this one in each of its lives.
    private let wrapper: [String]
    /// Whether it is started again when it leaves to be started again, as its supervisor would do.
    private let isSupervised: Bool
    private let state = Mutex(State())

    init(
        _ name: String, program: String, _ arguments: [String], first firstArguments: [String] = [], folder: String,
        under wrapper: [String] = [], isSupervised: Bool = false
    ) {
        self.firstArguments = firstArguments
        self.wrapper = wrapper
        self.isSupervised = isSupervised
        self.name = name
        self.program = program
        self.arguments = arguments
        self.folder = folder
        log = "\(folder)/\(name).log"
    }

    var id: Int32 { state.withLock { $0.id } }
    var isRunning: Bool { state.withLock { $0.isRunning } }
    /// How often it was started.
    var starts: Int { state.withLock { $0.starts } }
    /// The exit code of its last life, or the signal's number negated; nil while it runs.
    var ending: Int32? {
        state.withLock { state in
            guard !state.isRunning, let status = state.endings.last else { return nil }
            return Self.code(status)
        }
    }
    /// How often it left to be started again.
    var leavings: Int {
        state.withLock { state in state.endings.count { Self.code($0) == ExitCode.startAgain } }
    }

    private static func code(_ status: Int32) -> Int32 {
        status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    }

    /// `under` is a program with its arguments that runs this one in this life, such as strace with a fault to inject.
    /// Whatever runs it must become it, so that signals reach it.
    func start(under strace: [String] = []) throws {
        let wrapper = wrapper + strace
        var id: pid_t = 0
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Threads of Dispatch block signals, and a child would begin with them blocked.
        var attributes = posix_spawnattr_t()
        var none = sigset_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        // The copies live until the call has returned, and end with a null as the call wants.
        let started = wrapper.first ?? program
        let arguments = arguments + (starts == 0 ? firstArguments : [])
        var words = unsafe (wrapper + [program] + arguments).map { unsafe strdup($0) } + [nil]
        defer { while let word = unsafe words.popLast() { unsafe free(word) } }
        let code = unsafe posix_spawn(&id, started, &actions, &attributes, &words, environ)
        guard code == 0 else { throw Trouble("cannot start \(name): \(code)") }
        state.withLock { state in
            state.id = id
            state.isRunning = true
            state.starts += 1
        }
        note(id)
        // Reaped at once: a zombie would look like a process that hangs.
        Thread.detachNewThread { [self, id] in
            var status: Int32 = 0
            while unsafe waitpid(id, &status, 0) < 0 && errno == EINTR {}
            let ended = status
            let comesBack = isSupervised && Self.code(ended) == ExitCode.startAgain
            state.withLock { state in
                state.endings.append(ended)
                if state.id == id { state.isRunning = comesBack }
            }
            if comesBack { try? start() }
        }
    }

    /// For the guardian, should the tests be killed.
    private func note(_ id: pid_t) {
        guard let file = unsafe fopen("\(folder)/ids", "a") else { return }
        unsafe fputs("\(id)\n", file)
        unsafe fclose(file)
    }

    /// Signals this process only, and only while it has not been reaped.
    func kill(_ signal: Int32) {
        state.withLock { state in
            if state.isRunning { _ = Glibc.kill(state.id, signal) }
        }
    }

    /// After SIGKILL: the kernel needs a moment.
    func waitForEnd() {
        let deadline = Date().addingTimeInterval(10)
        while isRunning && Date() < deadline { usleep(2_000) }
    }

    // MARK: - what the kernel says of it

    /// Read by hand: Foundation's listing fails when files come and go meanwhile. `Int.max` when there is no such
    /// process, so that nobody takes it for few.
    var openFiles: Int {
        guard let folder = unsafe opendir("/proc/\(id)/fd") else { return .max }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // Without "." and "..".
        return count - 2
    }

    var residentKiB: Int {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/statm", encoding: .utf8) else { return 0 }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * 4
    }

    // MARK: - what it says

    var text: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    func tail(_ count: Int) -> String {
        let lines = text.split(separator: "\n").suffix(count).joined(separator: "\n")
        return "--- \(name): ending \(ending.map(String.init) ?? "none"), last lines\n\(lines)"
    }
}
