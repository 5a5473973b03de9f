import Foundation
import Testing

/// The table of complaints is only worth what its tests are: they must exist under the names it gives.
@Suite struct ComplaintsTableTests {
    struct Row: Sendable, CustomStringConvertible {
        let number: Int
        let reason: String
        /// What stands in quotes.
        var tests: [String] {
            reason.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
                .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
        }
        var description: String { "complaint \(number)" }
    }

    static let rows: [Row] = {
        let url = TidyTests.root.appendingPathComponent("Tests/COMPLAINTS.md")
        let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, let number = Int(cells[0]) else { return nil }
            return Row(number: number, reason: cells[3])
        }
    }()

    /// The text after `@Test(`, on the same line or the next.
    static let titles: Set<String> = {
        let texts = TidyTests.tests.map { $0.lines.joined(separator: "\n") }
        return Set(
            texts.flatMap { text in
                text.components(separatedBy: "@Test(").dropFirst().compactMap { rest -> String? in
                    let start = rest.drop { $0.isWhitespace }
                    guard start.first == "\"" else { return nil }
                    return start.dropFirst().split(separator: "\"", omittingEmptySubsequences: false).first
                        .map(String.init)
                }
            })
    }()

    /// About matching, order or presence: words are not enough for these.
    static let mustBeTested: Set<Int> = [
        1, 2, 3, 4, 5, 6, 8, 9, 10, 13, 14, 19, 20, 21, 22, 23, 33, 34, 35, 36, 39, 40, 42, 43, 44, 46, 48,
    ]

    @Test("every complaint has its row, in order")
    func complete() { #expect(Self.rows.map(\.number) == Array(1...48)) }

    @Test("every test that a complaint names exists", arguments: rows)
    func named(_ row: Row) {
        for test in row.tests { #expect(Self.titles.contains(test), "there is no test \"\(test)\"") }
        #expect(!row.tests.isEmpty || !Self.mustBeTested.contains(row.number))
        let isPutOff = ["overflow/escalation/life", "SLA clocks", "cluster"].contains {
            row.reason.hasSuffix("later: \($0)")
        }
        #expect(isPutOff || !row.reason.contains("later:"), "\(row): later than what?")
        #expect(!row.reason.isEmpty)
    }
}
