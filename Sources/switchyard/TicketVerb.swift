import AgentClient
import Foundation
import Node
import Routing
import Wire

/// `switchyard ticket ...`: a customer's or supervisor's hand on one ticket.
enum TicketVerb {
    static let verb = Verb(
        name: "ticket",
        summary:
            "Submits a ticket, shows all the ledger knows of one, or does something with it as its customer or as a"
            + " supervisor.",
        operands: "submit | show NUMBER | ACTION NUMBER",
        actions: [
            ("submit", "a new ticket: --subject, and what the rules of the cluster file look at"),
            ("show", "where it stands, and all that happened to it"),
        ] + ManagedTicket.actions.map { ($0.name, $0.what) },
        options: [
            Arguments.at, Arguments.format,
            Option("subject", "TEXT", "submit: what it is about, 200 characters at most"),
            Option("text", "TEXT", "submit, write: the message, 16 KiB at most", default: ""),
            Option("customer", "ID", "submit: who writes", default: ""),
            Option("channel", "WORD", "submit: mail, chat, voice ...", default: ""),
            Option("segment", "WORD", "submit: as in vip", default: ""),
            Option("language", "WORD", "submit: as in pl", default: ""),
            Option("region", "REGION", "submit: where it comes from", default: ""),
            Option("product", "WORD", "submit: what it is about", default: ""),
            Option("label", "WORD", "submit: a label; may be repeated", repeats: true),
            Option("attachment", "URL", "submit: may be repeated", repeats: true),
            Option("key", "HEX", "32 hex digits; the same key is the same command (default: drawn)"),
            Option("in", "DURATION", "submit, schedule: it starts to wait so much later, as in 4h"),
        ] + ManagedTicket.options,
        examples: [
            "switchyard ticket submit --region pl --product PROD424 --subject \"Printer on fire\"",
            "switchyard ticket show 7 --format json",
            "switchyard ticket write 7 --as customer --text \"It broke again\"",
            "switchyard ticket transfer 7 --to hq-2 --by eva --reason \"needs the database team\"",
        ], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        switch (arguments.operands.first, arguments.operands.count) {
        case ("submit", 1): return try await submit(arguments)
        case ("show", 2):
            return try await show(try number(arguments.operands[1]), arguments)
        case (let action?, 2) where ManagedTicket.actions.contains { $0.name == action }:
            return try await ManagedTicket.run(action, try number(arguments.operands[1]), arguments)
        default:
            let actions = ManagedTicket.actions.map(\.name).joined(separator: ", ")
            throw UsageError("expected submit, or show and a number, or one of these and a number: \(actions)")
        }
    }

    static func number(_ text: String) throws -> TicketID {
        guard let number = UInt64(text) else { throw UsageError("expected a ticket's number, found \"\(text)\"") }
        return TicketID(number)
    }

    /// Options of `submit` that say what the ticket is.
    private static let ofSubmit: Set<String> = [
        "subject", "text", "customer", "channel", "segment", "language", "region", "product", "label", "attachment",
        "in",
    ]

    private static func submit(_ arguments: Arguments) async throws -> Int32 {
        if let stray = arguments.given.subtracting(ofSubmit).subtracting(["at", "format", "key"]).min() {
            throw UsageError("--\(stray) has no meaning for submit")
        }
        let submission = Submission(
            customer: arguments.text("customer") ?? "", channel: arguments.text("channel") ?? "",
            segment: arguments.text("segment") ?? "", language: arguments.text("language") ?? "",
            region: arguments.text("region") ?? "", product: arguments.text("product") ?? "",
            labels: arguments.all("label"), subject: try arguments.require("subject"),
            text: arguments.text("text") ?? "", attachments: arguments.all("attachment"))
        let key = try key(arguments.text("key"))
        let client = try await arguments.client()
        let delay = try ManagedTicket.delay(arguments) ?? .zero
        let submitted = await client.submit([KeyedSubmission(key: key, submission: submission, delay: delay)])
        guard let result = submitted.results.first else { throw TicketClient.Failure.notUnderstood }
        let isJSON = try arguments.wantsJSON
        switch result {
        case .accepted(let ticket):
            print(isJSON ? Console.json(["ticket": ticket.value]) : "ticket \(ticket.value) is accepted")
            if !submission.region.isEmpty { await warn(of: submission.region, ticket, client) }
            return ExitCode.success
        case .refused(let refusal, let field, let pause):
            let at = field.isEmpty ? "" : " (field \(field))"
            if isJSON {
                print(
                    Console.json(
                        ShownRefusal(
                            refused: "\(refusal)", field: field, retryAfterMilliseconds: pause.milliseconds,
                            key: keyText(key))))
            } else if refusal == .unknown {
                Console.error(
                    "no certain answer: whether the ticket was taken is not known; submit it again with --key "
                        + "\(keyText(key)), and it will be one ticket")
            } else {
                Console.error("the ticket was refused: \(refusal.sentence)\(at)")
            }
            return refusal == .unknown ? ExitCode.unknown : ExitCode.failed
        }
    }

    /// A region that nobody knows is no mistake of the ticket's, but may be one of whoever typed it.
    private static func warn(of region: String, _ ticket: TicketID, _ client: TicketClient) async {
        guard let reply = try? await client.ask(.query(.show(ticket)), patience: .seconds(3)),
            case .answered(.shown(let record), let catalog) = reply, catalog.regions.number(of: region) == nil
        else { return }
        let group = catalog.groups.name(record.group.value)
        Console.error(
            "no region is called \"\(region)\": the ticket went to \(group) by the rule"
                + " \"\(record.rule)\"; regions are \(catalog.regions.names.joined(separator: ", "))")
    }

    static func key(_ text: String?) throws -> SubmitKey {
        guard let text else { return SubmitKey(high: Draw.bits(), low: Draw.bits()) }
        guard text.count == 32, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { throw UsageError("--key: expected 32 hex digits") }
        return SubmitKey(high: high, low: low)
    }

    /// As `--key` takes it.
    static func keyText(_ key: SubmitKey) -> String {
        [key.high, key.low].map { number in
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static func show(_ ticket: TicketID, _ arguments: Arguments) async throws -> Int32 {
        let client = try await arguments.client()
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
            Console.error("ticket \(ticket.value): \(refusal.sentence)")
            return ExitCode.failed
        default: throw TicketClient.Failure.notUnderstood
        }
    }
}

/// A submission that was not taken.
private struct ShownRefusal: Encodable {
    let refused: String
    let field: String
    /// Zero where trying again does not help.
    let retryAfterMilliseconds: UInt64
    /// With which it is the same ticket.
    let key: String
}
