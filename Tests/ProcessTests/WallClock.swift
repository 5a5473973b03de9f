import Foundation

/// A node's wall clock, which the tests can move while it runs, by libfaketime; its other clocks go on.
struct WallClock {
    private static let library = [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    ].first { FileManager.default.fileExists(atPath: $0) }

    /// Nil if clocks can be moved here; otherwise why not.
    static let trouble: String? = library == nil ? "libfaketime is missing: Tests/run installs it" : nil

    private let path: String

    init(of name: String, in folder: String) {
        path = "\(folder)/clock-\(name)"
        if !FileManager.default.fileExists(atPath: path) { try? Data("+0".utf8).write(to: URL(fileURLWithPath: path)) }
    }

    /// Of a process that is to have this clock.
    var environment: [String: String] {
        guard let library = Self.library else { return [:] }
        return [
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": path, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_RESET": "1",
        ]
    }

    /// So many seconds from the true time, within a second from now.
    func set(_ seconds: Int) throws {
        try Data((seconds < 0 ? "\(seconds)" : "+\(seconds)").utf8).write(
            to: URL(fileURLWithPath: path), options: .atomic)
    }
}
