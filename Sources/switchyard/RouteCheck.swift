import Foundation
import Node
import Routing

/// Where tickets would go by a cluster file, without a cluster: the rule, the group, and who could take them.
struct RouteCheck {
    /// A ticket as a line of the file gives it; every field may be missing.
    struct Line: Decodable {
        var customer: String?
        var channel: String?
        var segment: String?
        var language: String?
        var region: String?
        var product: String?
        var labels: [String]?
        var subject: String?
    }

    struct Shown: Encodable {
        let line: Int
        let rule: String
        let group: String
        let priority: Int
        let requires: [String]
        let units: Int
        /// Agents of the group who meet the requirements, and of the groups it would be widened to.
        let agents: Int
        let widensTo: [String]
        let agentsThere: Int
    }

    private let policy: Policy

    init(_ company: Company, today: WallTime) {
        policy = company.compile(adding: Catalog(), version: 1, today: today).policy
    }

    func run(_ file: String, isJSON: Bool) throws -> Int32 {
        let text = try TextFile.read(file)
        var shown: [Shown] = []
        var mistakes = 0
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            do {
                let ticket = try JSONDecoder().decode(Line.self, from: Data(line.utf8)).submission
                if let field = ticket.fieldAtFault { throw UsageError("\(field) is beyond its bound") }
                if let one = show(ticket, line: index + 1) { shown.append(one) }
            } catch {
                mistakes += 1
                let what = (error as? UsageError)?.what ?? "expected a JSON object such as {\"region\": \"pl\"}"
                Console.error("\(file):\(index + 1): \(what)")
            }
        }
        if isJSON { print(Console.json(shown)) } else { for one in shown { print(one.text) } }
        return mistakes == 0 ? ExitCode.success : ExitCode.usage
    }

    private func show(_ ticket: Submission, line: Int) -> Shown? {
        guard let found = policy.classify(ticket), let group = policy.group(found.group) else { return nil }
        func able(_ group: GroupID) -> Int {
            policy.members(of: group).filter { policy.agent($0).map { found.signature.isMet(by: $0.skills) } ?? false }
                .count
        }
        let targets = group.overflow.map(\.target)
        return Shown(
            line: line, rule: found.rule, group: group.name, priority: Int(found.priority),
            requires: found.signature.requirements.map {
                "\(policy.catalog.skills.name($0.skill.value)) >= \($0.levelMin)"
                    + ($0.isPreferred ? " (preferred)" : "")
            }, units: Int(found.cost.active), agents: able(group.id),
            widensTo: targets.compactMap { policy.group($0)?.name }, agentsThere: targets.map(able).reduce(0, +))
    }
}

extension RouteCheck.Line {
    var submission: Submission {
        Submission(
            customer: customer ?? "", channel: channel ?? "", segment: segment ?? "", language: language ?? "",
            region: region ?? "", product: product ?? "", labels: labels ?? [], subject: subject ?? "")
    }
}

extension RouteCheck.Shown {
    var text: String {
        let needs = requires.isEmpty ? "no skill" : requires.joined(separator: ", ")
        let widens =
            widensTo.isEmpty ? "" : "; widens to \(widensTo.joined(separator: ", ")) with \(agentsThere) more"
        let nobody = agents + agentsThere == 0 ? "  NOBODY CAN TAKE IT" : ""
        return "\(line): \(group), priority \(priority), by \"\(rule)\"; needs \(needs); \(agents) agents could take it"
            + widens + nobody
    }
}
