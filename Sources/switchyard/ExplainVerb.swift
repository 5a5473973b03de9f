import AgentClient
import Node
import Routing
import Wire

/// `switchyard explain ticket | agent`: why not yet, and what would change it.
enum ExplainVerb {
    static let verb = Verb(
        name: "explain",
        summary: "Says why a ticket waits or who got it, why an agent gets nothing, or how a deadline came about.",
        operands: "ticket NUMBER | agent NAME | deadline NUMBER", options: [Arguments.at, Arguments.format],
        examples: [
            "switchyard explain ticket 7", "switchyard explain agent pl-1-07 --format json",
            "switchyard explain deadline 7",
        ], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        guard arguments.operands.count == 2 else {
            throw UsageError("expected ticket or deadline and a number, or agent and a name")
        }
        let what = arguments.operands[1]
        let request: Request
        switch arguments.operands[0] {
        case "ticket":
            guard let number = UInt64(what) else { throw UsageError("expected a ticket's number, found \"\(what)\"") }
            request = .explainTicket(TicketID(number))
        case "deadline":
            guard let number = UInt64(what) else { throw UsageError("expected a ticket's number, found \"\(what)\"") }
            request = .query(.show(TicketID(number)))
        case "agent": request = .explainAgent(what)
        default: throw UsageError("expected ticket, agent or deadline, found \"\(arguments.operands[0])\"")
        }
        let client = try await arguments.client()
        let isJSON = try arguments.wantsJSON
        switch try await client.ask(request) {
        case .explained(.ticket(let explanation), let catalog):
            let shown = ShownExplanation(explanation, catalog)
            print(isJSON ? Console.json(shown) : "ticket \(what) \(shown.text)")
        case .explained(.agent(let explanation), let catalog):
            let shown = ShownAgentExplanation(explanation, catalog, now: SystemClock().now().wall)
            print(isJSON ? Console.json(shown) : "agent \(what) \(shown.text)")
        case .answered(.shown(let record), let catalog) where arguments.operands[0] == "deadline":
            guard let clocks = record.clocks else { throw TicketClient.Failure.notUnderstood }
            let shown = ShownPromises(clocks, record, catalog)
            print(isJSON ? Console.json(shown) : shown.explanation(of: record.ticket))
        case .answered(.shown(let record), let catalog):
            let shown = ShownTicket(record, catalog)
            let why = shown.decision.map { "\n  rule \(shown.rule), priority \(shown.priority)\n  \($0.text)" } ?? ""
            print(isJSON ? Console.json(shown) : "It does not wait: \(shown.summary)\(why)")
        case .answered(.refused(let refusal), _):
            Console.error("\(what): \(refusal.sentence)")
            return ExitCode.failed
        default: throw TicketClient.Failure.notUnderstood
        }
        return ExitCode.success
    }
}

/// A ticket's explanation with names in place of numbers.
struct ShownExplanation: Encodable {
    struct Part: Encodable {
        let obstacle: String
        let agents: Int
        let examples: [String]
    }
    struct Group: Encodable {
        let name: String
        let members: Int
        let parts: [Part]
    }
    let position: Int
    let waitedMilliseconds: UInt64
    let expectedMillisecondsP50: UInt64?
    let expectedMillisecondsP90: UInt64?
    let state: String
    let requires: [String]
    let relaxesInMilliseconds: UInt64?
    let groups: [Group]
    let whatWouldHelp: [String]

    init(_ explanation: TicketExplanation, _ catalog: Catalog) {
        func agent(_ id: AgentID) -> String { catalog.agents.name(id.value) }
        position = Int(explanation.position)
        waitedMilliseconds = explanation.waited.milliseconds
        expectedMillisecondsP50 = explanation.estimate?.p50.milliseconds
        expectedMillisecondsP90 = explanation.estimate?.p90.milliseconds
        switch explanation.phase {
        case .queued: state = "waits"
        case .offered(let ids): state = "is offered to \(ids.map(agent).joined(separator: ", "))"
        case .waitsToBeTaken: state = "waits to be taken by an agent of its group"
        case .claiming(let id): state = "is about to be offered to \(agent(id))"
        }
        requires = explanation.signature.requirements.map {
            "\(catalog.skills.name($0.skill.value)) >= \($0.levelMin)" + ($0.isPreferred ? " (preferred)" : "")
        }
        relaxesInMilliseconds = explanation.relaxesIn?.milliseconds
        groups = explanation.groups.map { group in
            Group(
                name: catalog.groups.name(group.group.value), members: Int(group.members),
                parts: group.parts.map {
                    Part(obstacle: $0.obstacle.words, agents: Int($0.count), examples: $0.examples.map(agent))
                })
        }
        whatWouldHelp =
            explanation.remedies.map { remedy in
                "\(remedy.count) in \(catalog.groups.name(remedy.group.value)): \(remedy.obstacle.remedy)"
            } + (explanation.relaxesIn.map { ["in \($0.milliseconds) ms less will be asked for"] } ?? [])
    }

    var text: String {
        var lines = ["\(state) at position \(position) since \(waitedMilliseconds) ms"]
        if let p50 = expectedMillisecondsP50, let p90 = expectedMillisecondsP90 {
            lines.append("  expected from now: half of such tickets within \(p50) ms, nine of ten within \(p90) ms")
        }
        if !requires.isEmpty { lines.append("  requires \(requires.joined(separator: ", "))") }
        for group in groups {
            lines.append("  \(group.name), \(group.members) members:")
            for part in group.parts {
                lines.append("    \(part.agents) \(part.obstacle): \(part.examples.joined(separator: ", "))")
            }
        }
        if !whatWouldHelp.isEmpty {
            lines.append("  what would help:")
            lines += whatWouldHelp.map { "    \($0)" }
        }
        return lines.joined(separator: "\n")
    }
}

/// An agent's explanation with names in place of numbers.
struct ShownAgentExplanation: Encodable {
    struct Queue: Encodable {
        let group: String
        let waiting: Int
        let heCouldTake: Int
        let excluded: Int
        let mostlyLacks: String?
    }
    let obstacle: String
    /// The hours that he is outside of, and when they begin.
    let calendar: String?
    let untilMilliseconds: UInt64?
    let load: Int
    let capacity: Int
    let idleMilliseconds: UInt64
    let given: Int
    let queues: [Queue]

    init(_ explanation: AgentExplanation, _ catalog: Catalog, now: WallTime) {
        obstacle = explanation.offShift?.words(seenAt: now) ?? explanation.obstacle.words
        calendar = explanation.offShift?.calendar
        untilMilliseconds = explanation.offShift?.until?.milliseconds
        load = Int(explanation.load)
        capacity = Int(explanation.capacity)
        idleMilliseconds = explanation.idle.milliseconds
        given = Int(explanation.given)
        queues = explanation.queues.map { queue in
            Queue(
                group: catalog.groups.name(queue.group.value), waiting: Int(queue.waiting),
                heCouldTake: Int(queue.fitting), excluded: Int(queue.excluded),
                mostlyLacks: queue.lacking.map { "\(catalog.skills.name($0.skill.value)) >= \($0.levelMin)" })
        }
    }

    var text: String {
        var lines = ["\(obstacle); \(load) of \(capacity) units in use, \(given) tickets in the window that counts"]
        for queue in queues {
            lines.append(
                "  \(queue.group): \(queue.waiting) waiting, \(queue.heCouldTake) of them for him, \(queue.excluded) "
                    + "not again yet" + (queue.mostlyLacks.map { "; most of the rest need \($0)" } ?? ""))
        }
        return lines.joined(separator: "\n")
    }
}

extension TicketExplanation {
    /// What could be changed by people or by waiting, the group's own members first.
    var remedies: [(group: GroupID, obstacle: Obstacle, count: UInt32)] {
        groups.flatMap { group in
            group.parts.filter { $0.obstacle != .none }.map { (group.group, $0.obstacle, $0.count) }
        }
    }
}

extension AgentExplanation.OffShift {
    /// As in "outside his hours until Mon 08:00".
    func words(seenAt now: WallTime) -> String {
        let end = until.map { " until \(LocalTime(zone: zone).words($0, seenAt: now))" } ?? ""
        return "outside his hours\(end) (calendar \(calendar), \(zone))"
    }
}

extension Obstacle {
    var words: String {
        switch self {
        case .absent: "not attached"
        case .away: "away"
        case .draining: "draining"
        case .notResponding: "not responding"
        case .unreachable: "unreachable"
        case .cutOff: "unreachable from here: nothing is heard of their router"
        case .resting: "resting (fair share reached, one ticket taken, or status flapping)"
        case .lacksSkill: "without the skill"
        case .excluded: "declined it not long ago"
        case .full: "fully occupied"
        case .blocked: "left alone for a moment"
        case .kept: "not asked yet, since it waits for who knows the customer"
        case .none: "ready"
        case .offShift: "outside their hours"
        }
    }

    var remedy: String {
        switch self {
        case .absent: "would have to attach"
        case .away, .draining: "would have to become available"
        case .notResponding: "would have to say that they are there"
        case .unreachable: "would have to be heard of"
        case .cutOff: "will be asked when their router is heard again"
        case .resting: "would have to be allowed more"
        case .lacksSkill: "would have to learn the skill, or less would have to be asked for"
        case .excluded, .blocked: "will be asked again soon"
        case .kept: "will be asked when it has waited for the other for long enough"
        case .full: "would have to finish something"
        case .none: "could have it now"
        case .offShift: "would have to be given other hours, or will be there when theirs begin"
        }
    }
}
