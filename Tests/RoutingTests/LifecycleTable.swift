import Foundation

@testable import Routing

/// The table that stands in the words above `Lifecycle`, read from the source itself: so it cannot say anything else
/// than what is so.
struct LifecycleTable {
    struct Row: Sendable, CustomStringConvertible {
        /// "manage", "work", "offers" or "timers".
        let part: String
        let name: String
        /// One for each of `LifecycleBench.Start.allCases`.
        let cells: [String]
        var description: String { "\(part): \(name)" }
    }

    let rows: [Row]

    /// Columns stand two blanks apart at least.
    init(_ source: String) {
        var rows: [Row] = []
        var part = ""
        for line in source.components(separatedBy: "\n") where line.hasPrefix("///     ") {
            let cells = line.dropFirst(3).components(separatedBy: "  ")
                .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            if Array(cells[1...]) == LifecycleBench.Start.allCases.map({ "\($0)" }) {
                part = cells[0]
            } else {
                rows.append(Row(part: part, name: cells[0], cells: Array(cells[1...])))
            }
        }
        self.rows = rows
    }

    static let written: LifecycleTable = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Routing/Model/Lifecycle.swift")
        return LifecycleTable((try? String(contentsOf: file, encoding: .utf8)) ?? "")
    }()
}
