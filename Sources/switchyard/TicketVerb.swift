import AgentClient
import Foundation
import Node
import Routing
import Wire

/// `switchyard ticket submit | show`: a customer's or operator's hand on one ticket.
enum TicketVerb {
    static let verb = Verb(
        name: "ticket", summary: "Submits a ticket, or shows all the ledger knows of one.",
        operands: "submit | show NUMBER",
        options: [
            Arguments.at, Arguments.format,
            Option("subject", "TEXT", "submit: what it is about, 200 characters at most"),
            Option("text", "TEXT", "submit: the message, 16 KiB at most", default: ""),
            Option("customer", "ID", "submit: who writes", default: ""),
            Option("channel", "WORD", "submit: mail, chat, voice ...", default: ""),
            Option("segment", "WORD", "submit: as in vip", default: ""),
            Option("language", "WORD", "submit: as in pl", default: ""),
            Option("region", "REGION", "submit: where it comes from", default: ""),
            Option("product", "WORD", "submit: what it is about", default: ""),
            Option("label", "WORD", "submit: a label; may be repeated", repeats: true),
            Option("attachment", "URL", "submit: may be repeated", repeats: true),
            Option("key", "HEX", "submit: 32 hex digits; the same key is the same ticket (default: drawn)"),
        ],
        examples: [
            "switchyard ticket submit --region pl --product PROD424 --subject \"Printer on fire\"",
            "switchyard ticket show 7 --format json",
        ], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        switch (arguments.operands.first, arguments.operands.count) {
        case ("submit", 1): return try await submit(arguments)
        case ("show", 2):
            guard let number = UInt64(arguments.operands[1]) else {
                throw UsageError("expected a ticket's number, found \"\(arguments.operands[1])\"")
            }
            return try await show(TicketID(number), arguments)
        default: throw UsageError("expected submit, or show and a number")
        }
    }

    private static func submit(_ arguments: Arguments) async throws -> Int32 {
        let submission = Submission(
            customer: arguments.text("customer") ?? "", channel: arguments.text("channel") ?? "",
            segment: arguments.text("segment") ?? "", language: arguments.text("language") ?? "",
            region: arguments.text("region") ?? "", product: arguments.text("product") ?? "",
            labels: arguments.all("label"), subject: try arguments.require("subject"),
            text: arguments.text("text") ?? "", attachments: arguments.all("attachment"))
        let key = try key(arguments.text("key"))
        let client = try TicketClient(node: try arguments.address("at"))
        let reply = try await client.ask(.submit([KeyedSubmission(key: key, submission: submission)]))
        guard case .submitted(let results) = reply, let result = results.first else {
            throw TicketClient.Failure.notUnderstood
        }
        let isJSON = try arguments.wantsJSON
        switch result {
        case .accepted(let ticket):
            print(isJSON ? Console.json(["ticket": ticket.value]) : "ticket \(ticket.value) is accepted")
            return ExitCode.success
        case .refused(let refusal, let field):
            let at = field.isEmpty ? "" : " (field \(field))"
            if isJSON {
                print(Console.json(["refused": "\(refusal)", "field": field]))
            } else {
                Console.error("the ticket was refused: \(refusal)\(at)")
            }
            return ExitCode.failed
        }
    }

    private static func key(_ text: String?) throws -> SubmitKey {
        guard let text else { return SubmitKey(high: Draw.bits(), low: Draw.bits()) }
        guard text.count == 32, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { throw UsageError("--key: expected 32 hex digits") }
        return SubmitKey(high: high, low: low)
    }

    private static func show(_ ticket: TicketID, _ arguments: Arguments) async throws -> Int32 {
        let client = try TicketClient(node: try arguments.address("at"))
        guard case .answered(let outcome, let catalog) = try await client.ask(.query(.show(ticket))) else {
            throw TicketClient.Failure.notUnderstood
        }
        switch outcome {
        case .shown(let record):
            let shown = ShownTicket(record, catalog)
            print(try arguments.wantsJSON ? Console.json(shown) : shown.textual)
            return ExitCode.success
        case .refused(.closed):
            print("ticket \(ticket.value) is closed; its steps are no longer kept in memory")
            return ExitCode.success
        case .refused(let refusal):
            Console.error("ticket \(ticket.value): \(refusal)")
            return ExitCode.failed
        default: throw TicketClient.Failure.notUnderstood
        }
    }
}

/// A ticket with names in place of numbers: the form of `ticket show`, which may grow apart from the ledger's.
struct ShownTicket: Encodable {
    struct Step: Encodable {
        let at: String
        let what: String
        let group: String
        let agent: String?
    }
    let ticket: UInt64
    let state: String
    let holder: String?
    let group: String
    let widened: [String]
    let priority: Int
    let requires: [String]
    let rule: String
    let opened: String
    let subject: String
    let customer: String
    let region: String
    let product: String
    let labels: [String]
    let text: String
    let steps: [Step]
    /// Why its latest holder was asked.
    let decision: ShownDecision?

    init(_ record: TicketRecord, _ catalog: Catalog) {
        ticket = record.ticket.value
        switch record.state {
        case .waiting: state = "waiting"
        case .assigned: state = "assigned"
        case .pending: state = "pending"
        case .resolved: state = "resolved"
        case .closed: state = "closed"
        }
        holder = record.state.holder.map { catalog.agents.name($0.value) }
        group = catalog.groups.name(record.group.value)
        widened = record.widened.map { catalog.groups.name($0.value) }
        priority = Int(record.priority)
        requires = record.signature.requirements.map { "\(catalog.skills.name($0.skill.value)) >= \($0.levelMin)" }
        rule = record.rule
        opened = Self.words(record.openedAt)
        subject = record.submission.subject
        customer = record.submission.customer
        region = record.submission.region
        product = record.submission.product
        labels = record.submission.labels
        text = record.submission.text
        steps = record.steps.map { step in
            Step(
                at: Self.words(step.at), what: "\(step.kind)", group: catalog.groups.name(step.group.value),
                agent: step.agent.map { catalog.agents.name($0.value) })
        }
        decision = record.decision.map { ShownDecision($0, catalog) }
    }

    static func words(_ wall: WallTime) -> String {
        Date(timeIntervalSince1970: Double(wall.milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    var lines: String {
        steps.map { step in
            "  \(step.at)  \(step.what) \(step.what == "widened" ? "to " : "in ")\(step.group)"
                + (step.agent.map { " by \($0)" } ?? "")
        }.joined(separator: "\n")
    }

    var summary: String {
        "ticket \(ticket) is \(state) in \(group)" + (holder.map { ", held by \($0)" } ?? "")
            + (widened.isEmpty ? "" : ", also offered in \(widened.joined(separator: ", "))")
    }

    var about: String {
        "  subject   \(subject)\n  rule      \(rule), priority \(priority)\n  requires  "
            + (requires.isEmpty ? "nothing" : requires.joined(separator: ", "))
    }
}

extension ShownTicket {
    var textual: String { [summary, about, lines].joined(separator: "\n") }
}
