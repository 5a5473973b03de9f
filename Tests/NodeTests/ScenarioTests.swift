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

    @Test("there are scenarios")
    func thereAreSome() { #expect(Self.names.count >= 14) }

    @Test("what happens is what is written, line by line", arguments: names)
    func transcript(_ name: String) throws {
        let url = Self.folder.appendingPathComponent(name)
        let recorded = try String(contentsOf: url, encoding: .utf8)
        var file = try ScenarioFile(recorded)
        let scenario = try Scenario(file.company)
        for index in file.steps.indices {
            file.steps[index].outcome = []
            // A remark or an empty line is no moment: what happens meanwhile belongs to the step before it.
            guard !file.steps[index].words.isEmpty else { continue }
            let next = file.steps[(index + 1)...].first { !$0.words.isEmpty }
            file.steps[index].outcome = try scenario.play(file.steps[index], until: next?.at)
        }
        if ProcessInfo.processInfo.environment["UPDATE_SCENARIOS"] != nil {
            try file.text.write(to: url, atomically: true, encoding: .utf8)
        } else {
            Self.compare(recorded, file.text, name)
        }
        for region in scenario.company.regions {
            guard let vitals = scenario.cluster.vitals(region) else { continue }
            #expect(vitals["sweepFound"] == 0, "\(name): \(region)'s sweep found a pair that matching had missed")
        }
    }

    private static func compare(_ recorded: String, _ played: String, _ name: String) {
        let expected = recorded.components(separatedBy: "\n")
        let found = played.components(separatedBy: "\n")
        guard
            let place = (0..<max(expected.count, found.count)).first(where: { index in
                (index < expected.count ? expected[index] : nil) != (index < found.count ? found[index] : nil)
            })
        else { return }
        let line = { (lines: [String]) in place < lines.count ? lines[place] : "the end" }
        Issue.record("\(name), line \(place + 1): expected\n\(line(expected))\nfound\n\(line(found))")
    }
}
