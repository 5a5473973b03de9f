import Node
import Routing

/// `switchyard check`: whether a cluster file can be used, with everything that is wrong in it.
enum CheckVerb {
    static let verb = Verb(
        name: "check",
        summary:
            "Checks a cluster file: every mistake at once; of a good one what its groups do, and what is doubtful.",
        operands: "PATH",
        options: [
            Option("route", "FILE", "say where each ticket of a file would go and why: one JSON object a line"),
            Arguments.format,
        ],
        examples: [
            "switchyard check cluster/company",
            "echo '{\"region\": \"pl\"}' | switchyard check cluster/company --route /dev/stdin",
        ], run: run)

    struct Found: Encodable {
        var valid: Bool
        var mistakes: [[String: String]] = []
        var regions = 0
        var skills = 0
        var groups = 0
        var agents = 0
        var rules = 0
        var calendars: [ShownCalendar] = []
        /// Groups that do something besides offering to one agent after the other.
        var ways: [ShownGroup] = []
        /// What may be meant and probably is not.
        var doubts: [String] = []

        func text(_ path: String) -> String {
            ([
                "\(path) is good: \(regions) regions, \(skills) skills, \(groups) groups, \(agents) agents, \(rules)"
                    + " rules with the default"
            ] + calendars.map(\.text) + ways.map(\.text) + doubts.map { "  DOUBT \($0)" }).joined(separator: "\n")
        }
    }

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        guard let path = arguments.operands.first, arguments.operands.count == 1 else {
            throw UsageError("expected one file or folder")
        }
        do {
            let company = try Configuration.load(path)
            let now = SystemClock().now().wall
            if let file = arguments.text("route") {
                return try RouteCheck(company, today: now).run(
                    file, isJSON: try arguments.wantsJSON)
            }
            let found = Found(
                valid: true, regions: company.regions.count, skills: company.skills.count,
                groups: company.groups.count, agents: company.agents.count, rules: company.rules.count,
                calendars: company.calendars.map { ShownCalendar($0.compile(around: now), now: now) },
                ways: company.groups.map { ShownGroup($0) }.filter { !$0.isPlain }, doubts: company.doubts)
            print(try arguments.wantsJSON ? Console.json(found) : found.text(path))
            return ExitCode.success
        } catch let invalid as Configuration.Invalid {
            if try arguments.wantsJSON {
                let mistakes = invalid.mistakes.map { ["file": $0.file, "path": $0.path, "mistake": $0.what] }
                print(Console.json(Found(valid: false, mistakes: mistakes)))
            } else {
                for mistake in invalid.mistakes { print(mistake) }
                print(invalid.mistakes.count == 1 ? "1 mistake" : "\(invalid.mistakes.count) mistakes")
            }
            return ExitCode.usage
        }
    }
}
