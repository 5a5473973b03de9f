import Foundation
import Node
import Testing
import Wire

/// Golden transcripts: what the cluster does in situations that an operator knows, in words that he can read. After a
/// wanted change `UPDATE_SCENARIOS=1 swift test --filter ScenarioTests` writes them anew; then read what has changed.
@Suite("scenarios") struct ScenarioTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Scenarios")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    private static let isWriting = ProcessInfo.processInfo.environment["UPDATE_SCENARIOS"] != nil

    @Test("there are scenarios")
    func thereAreSome() { #expect(Self.names.count >= 24) }

    @Test("what happens is what is written, line by line", arguments: names)
    func transcript(_ name: String) throws {
        let url = Self.folder.appendingPathComponent(name)
        let recorded = try String(contentsOf: url, encoding: .utf8)
        var file = try ScenarioFile(recorded)
        let scenario = try Scenario(file)
        for index in file.steps.indices {
            file.steps[index].outcome = []
            // A remark or an empty line is no moment: what happens meanwhile belongs to the step before it.
            guard !file.steps[index].words.isEmpty else { continue }
            let next = file.steps[(index + 1)...].first { !$0.words.isEmpty }
            do { file.steps[index].outcome = try scenario.play(file.steps[index], until: next?.at) } catch {
                // What came before helps whoever writes the scenario.
                if Self.isWriting { try file.text.write(to: url, atomically: true, encoding: .utf8) }
                throw error
            }
        }
        if Self.isWriting {
            try file.text.write(to: url, atomically: true, encoding: .utf8)
        } else if let difference = Self.difference(recorded, file.text) {
            Issue.record("\(name), \(difference)")
        }
        for region in scenario.company.regions {
            guard let vitals = scenario.cluster.vitals(region) else { continue }
            #expect(vitals["sweepFound"] == 0, "\(name): \(region)'s sweep found a pair that matching had missed")
        }
    }

    /// The first line that is not the same, as it is recorded and as it is now.
    static func difference(_ recorded: String, _ played: String) -> String? {
        let expected = recorded.components(separatedBy: "\n")
        let found = played.components(separatedBy: "\n")
        func line(_ lines: [String], _ place: Int) -> String? { place < lines.count ? lines[place] : nil }
        let places = 0..<max(expected.count, found.count)
        guard let place = places.first(where: { line(expected, $0) != line(found, $0) }) else { return nil }
        return """
            line \(place + 1): expected
            \(line(expected, place) ?? "the end")
            found
            \(line(found, place) ?? "the end")
            """
    }

    @Test("a transcript with one other line, or one more, is told from the recorded one")
    func canary() {
        #expect(Self.difference("a\nb\n", "a\nb\n") == nil)
        #expect(Self.difference("a\nb\n", "a\nc\n") == "line 2: expected\nb\nfound\nc")
        #expect(Self.difference("a\n", "a\nb\n") == "line 2: expected\n\nfound\nb")
    }

    @Test("a step that nobody understands ends the scenario with its line")
    func mistakes() throws {
        let head = "# Shows nothing.\n\(CompanyText().whole)\n---\n"
        let lines = head.split(separator: "\n", omittingEmptySubsequences: false).count
        for step in ["0s dance", "0s accept ana", "0s attach ana at", "0s submit colour=red", "0s wait long"] {
            let file = try ScenarioFile(head + step + "\n")
            let scenario = try Scenario(file)
            #expect(throws: ScenarioFile.Mistake.self) { try scenario.play(file.steps[0], until: nil) }
            #expect(file.steps[0].line == lines)
        }
        #expect(throws: ScenarioFile.Mistake.self) { try ScenarioFile("{}\n---\n") }
        #expect(throws: ScenarioFile.Mistake.self) { try ScenarioFile("# Shows.\n{}\n---\n5parsecs wait\n") }
        #expect(throws: ScenarioFile.Mistake.self) { try ScenarioFile("# Shows.\n{}\n---\nsubmit \"x\n") }
    }
}
