import Foundation
import Node

/// A scenario as it lies on disk: remarks, perhaps a line `begins 2026-10-24T22:00:00Z` (UTC), the cluster file, a line
/// `---`, then steps. A step begins at the left
/// margin, with the time at which it is done or without one; the indented lines below it are what came of it, up to
/// the next.
struct ScenarioFile {
    struct Step {
        /// As written.
        let text: String
        /// In the file, from 1.
        let line: Int
        /// Milliseconds after the begin; nil for "now".
        let at: UInt64?
        /// The verb and what it is about; empty for a remark.
        let words: [String]
        /// What came of it: what is recorded in the file, or what a run gave.
        var outcome: [String] = []
    }

    struct Mistake: Error, CustomStringConvertible {
        let description: String
        init(_ line: Int, _ description: String) { self.description = "line \(line): \(description)" }
    }

    /// Up to and with the line `---`.
    let head: [String]
    let company: String
    /// UTC at the time 0; nil where it does not matter.
    let begins: Date?
    var steps: [Step] = []

    init(_ text: String) throws {
        var lines = text.components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        guard let border = lines.firstIndex(of: "---") else {
            throw Mistake(lines.count, "expected a line --- between the cluster file and the steps")
        }
        let head = Array(lines[...border])
        self.head = head
        guard head.first?.hasPrefix("# ") == true else {
            throw Mistake(1, "expected a line with # that says what the scenario shows")
        }
        let begins = head.dropLast().firstIndex { $0.hasPrefix("begins ") }
        self.begins = try begins.map { place in
            guard let date = try? Date(String(head[place].dropFirst("begins ".count)), strategy: .iso8601) else {
                throw Mistake(place + 1, "expected a time such as 2026-10-24T22:00:00Z")
            }
            return date
        }
        company = head.indices.dropLast().filter { $0 != begins && !head[$0].hasPrefix("#") }.map { head[$0] }
            .joined(separator: "\n")
        for (index, line) in lines.enumerated().dropFirst(border + 1) {
            if line.hasPrefix(Self.margin) {
                guard !steps.isEmpty else { throw Mistake(index + 1, "nothing has been done yet") }
                steps[steps.count - 1].outcome.append(line)
            } else {
                steps.append(try Self.step(line, index + 1))
            }
        }
    }

    static let margin = "    "

    private static func step(_ text: String, _ line: Int) throws -> Step {
        if text.isEmpty || text.hasPrefix("#") { return Step(text: text, line: line, at: nil, words: []) }
        var words = try words(text, line)
        guard words[0].first?.isNumber == true else { return Step(text: text, line: line, at: nil, words: words) }
        guard let at = Configuration.duration(words.removeFirst()), !words.isEmpty else {
            throw Mistake(line, "expected a time such as 5s, and what is done then")
        }
        return Step(text: text, line: line, at: at, words: words)
    }

    /// Split at blanks; quotes keep words together.
    private static func words(_ text: String, _ line: Int) throws -> [String] {
        var words = [""]
        var isQuoted = false
        for character in text {
            switch character {
            case "\"": isQuoted.toggle()
            case " " where !isQuoted: words.append("")
            default: words[words.count - 1].append(character)
            }
        }
        if isQuoted { throw Mistake(line, "a quote is not closed") }
        return words.filter { !$0.isEmpty }
    }

    var text: String {
        (head + steps.flatMap { [$0.text] + $0.outcome }).joined(separator: "\n") + "\n"
    }
}
