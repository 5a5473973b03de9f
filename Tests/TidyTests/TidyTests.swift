import Foundation
import Testing

/// The house rules that a machine can check.
@Suite struct TidyTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct File: Sendable, CustomStringConvertible {
        let path: String
        let lines: [String]
        var description: String { path }
    }

    static func files(under folder: String) -> [File] {
        let base = root.appendingPathComponent(folder)
        guard let walk = FileManager.default.enumerator(atPath: base.path) else { return [] }
        return walk.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
            guard let text = try? String(contentsOf: base.appendingPathComponent(path), encoding: .utf8) else {
                return nil
            }
            return File(
                path: "\(folder)/\(path)",
                lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }

    static let sources = files(under: "Sources")
    static let tests = files(under: "Tests")

    @Test("there are sources to check")
    func thereAreSources() {
        #expect(Self.sources.count > 50)
        #expect(Self.tests.count > 10)
    }

    @Test("no line is longer than 120 columns", arguments: sources + tests)
    func columns(_ file: File) {
        for (index, line) in file.lines.enumerated() where line.count > 120 {
            Issue.record("\(file.path):\(index + 1) has \(line.count) columns")
        }
    }

    @Test("no file is longer than 400 lines", arguments: sources + tests)
    func length(_ file: File) {
        #expect(file.lines.count <= 401, "\(file.path)")
    }

    @Test("the pure modules import only what they may", arguments: sources)
    func imports(_ file: File) {
        let imported = file.lines.filter { $0.hasPrefix("import ") || $0.hasPrefix("package import ") }
            .compactMap { $0.split(separator: " ").last.map(String.init) }
        let allowed: Set<String>? =
            if file.path.hasPrefix("Sources/Routing/") { [] } else if file.path.hasPrefix("Sources/Wire/") {
                ["Routing"]
            } else if file.path.hasPrefix("Sources/Journal/") {
                file.path.hasSuffix("/FileStorage.swift") ? ["Glibc", "Synchronization"] : []
            } else if file.path.hasPrefix("Sources/AgentClient/") {
                ["Routing", "Wire", "NNG", "Synchronization", "Dispatch", "Glibc"]
            } else {
                nil
            }
        if let allowed { #expect(Set(imported).isSubset(of: allowed), "\(file.path) imports \(imported)") }
        if imported.contains("CNNG") { #expect(file.path.hasPrefix("Sources/NNG/"), "\(file.path)") }
        if file.path.hasPrefix("Sources/Node/") && imported.contains("NNG") {
            #expect(file.path.hasSuffix("/NNGNetwork.swift"), "\(file.path)")
        }
    }

    @Test("the cores ask no clock, draw no lots and print nothing", arguments: sources)
    func purity(_ file: File) {
        guard file.path.hasPrefix("Sources/Routing/") || file.path.hasPrefix("Sources/Wire/") else { return }
        for (index, line) in file.lines.enumerated() where !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") {
            for word in ["Date()", ".random", ".shuffled()", "print(", "Task {", "DispatchQueue", "Mutex<"] {
                #expect(!line.contains(word), "\(file.path):\(index + 1): \(word)")
            }
        }
    }

    @Test("nothing is left to do without a name", arguments: sources + tests)
    func leftovers(_ file: File) {
        let words = ["TO" + "DO", "FIX" + "ME"]
        for (index, line) in file.lines.enumerated() {
            for word in words where line.contains(word) { Issue.record("\(file.path):\(index + 1): \(word)") }
        }
    }

    /// Swift 6.3.1, debug: a closure inside an expectation may share its symbol with a later closure of the function.
    @Test("no expectation waits inside itself", arguments: tests)
    func expectations(_ file: File) {
        for (index, line) in file.lines.enumerated() where line.contains("#expect(try await eventually") {
            #expect(file.path.hasSuffix("TidyTests.swift"), "\(file.path):\(index + 1)")
        }
    }
}
