import AgentClient
import Node
import Routing
import Wire

/// `switchyard ticket ACTION NUMBER`: what customers and supervisors do with a ticket that they do not hold.
enum ManagedTicket {
    struct Action: Sendable {
        let name: String
        let what: String
        /// Those of the options that are not everybody's.
        var options: Set<String> = []
        let read: @Sendable (Arguments) throws -> ManageAction
    }

    static let actions: [Action] = [
        Action(
            name: "write", what: "the customer writes --text: a pending ticket goes on, a resolved one is reopened",
            options: ["text"]
        ) {
            .write(text: try $0.require("text"))
        },
        Action(name: "cancel", what: "ends it, wherever it is") { _ in .cancel },
        Action(name: "reopen", what: "a resolved one, within its window; first to whoever resolved it") { _ in .reopen
        },
        Action(name: "merge", what: "ends it; --into goes on for both", options: ["into"]) {
            .merge(into: try TicketVerb.number(try $0.require("into")))
        },
        Action(name: "schedule", what: "out of all hands; it starts to wait --in so long", options: ["in"]) {
            guard let delay = try delay($0) else { throw UsageError("--in is missing") }
            return .schedule(in: delay)
        },
        Action(
            name: "callback", what: "the customer is called at --contact when it is his turn; keeps its place",
            options: ["contact"]
        ) {
            .callback(contact: try $0.require("contact"))
        },
        Action(name: "requeue", what: "out of whosever hands, with its age") { _ in .requeue },
        Action(
            name: "assign", what: "into a group of the agent --to, who is asked first for a while, if he may take it",
            options: ["to"]
        ) {
            .assign(try $0.require("to"))
        },
        Action(name: "transfer", what: "to the group --to", options: ["to"]) { .transfer(to: try $0.require("to")) },
        Action(name: "escalate", what: "to the next tier, or to --tier", options: ["tier"]) {
            .escalate(to: try tier($0))
        },
        Action(name: "release", what: "out of quarantine") { _ in .release },
        Action(name: "priority", what: "sets --priority", options: ["priority"]) {
            guard let priority = Priority(try $0.require("priority")), priority <= 9 else {
                throw UsageError("--priority: expected 0 to 9, higher is served first")
            }
            return .setPriority(priority)
        },
        Action(name: "close", what: "a resolved one, before its window ends") { _ in .close },
    ]

    static var options: [Option] {
        [
            Option("as", "WHO", "an action's: customer or supervisor", default: "supervisor"),
            Option("by", "NAME", "an action's: who does it; kept in the ticket's history", default: ""),
            Option("reason", "TEXT", "an action's: why; kept in the ticket's history", default: ""),
            Option("to", "NAME", "assign: an agent; transfer: a group"),
            Option("into", "NUMBER", "merge: the ticket that goes on"),
            Option("contact", "TEXT", "callback: where to call"),
            Option("tier", "2|3", "escalate: the tier, if not the next"),
            Option("priority", "0...9", "priority: higher is served first"),
        ]
    }

    static func delay(_ arguments: Arguments) throws -> Interval? {
        guard let text = arguments.text("in") else { return nil }
        guard let milliseconds = Durations.milliseconds(text), Interval(milliseconds: milliseconds) <= Limits.delayMax
        else { throw UsageError("--in: expected a duration of a year at most, such as 4h, found \"\(text)\"") }
        return Interval(milliseconds: milliseconds)
    }

    private static func tier(_ arguments: Arguments) throws -> Tier? {
        guard let text = arguments.text("tier") else { return nil }
        guard let tier = UInt8(text).flatMap({ Tier(rawValue: $0) }) else {
            throw UsageError("--tier: expected 2 or 3, found \"\(text)\"")
        }
        return tier
    }

    static func run(_ name: String, _ ticket: TicketID, _ arguments: Arguments) async throws -> Int32 {
        guard let action = actions.first(where: { $0.name == name }) else { throw UsageError("nothing called \(name)") }
        let everybodys: Set<String> = ["as", "by", "reason", "key", "at", "format"]
        if let stray = arguments.given.subtracting(everybodys).subtracting(action.options).min() {
            throw UsageError("--\(stray) has no meaning for \(name)")
        }
        let trigger: Trigger
        switch arguments.text("as") {
        case "customer": trigger = .customer
        case "supervisor", nil: trigger = .supervisor
        case let other?: throw UsageError("--as: expected customer or supervisor, found \"\(other)\"")
        }
        let manage = Command.Manage(
            ticket: ticket, key: try TicketVerb.key(arguments.text("key")), action: try action.read(arguments),
            cause: Cause(trigger, by: arguments.text("by") ?? "", note: arguments.text("reason") ?? ""))
        if let field = manage.fieldAtFault { throw UsageError("--\(field) is beyond its bound") }
        if case .merge(into: ticket) = manage.action { throw UsageError("--into: a ticket does not merge into itself") }
        let client = try await arguments.client()
        let reply: Reply
        do {
            reply = try await client.ask(.query(.manage(manage)))
        } catch {
            guard case .noAnswer(let node) = error else { throw error }
            Console.error(
                "no answer from \(node): \(name) may be done, or may still be; the same command with --key "
                    + "\(TicketVerb.keyText(manage.key)) is done once, and tells")
            return ExitCode.unknown
        }
        guard case .answered(let outcome, _) = reply else { throw TicketClient.Failure.notUnderstood }
        let isJSON = try arguments.wantsJSON
        switch outcome {
        case .done:
            let done = "ticket \(ticket.value): \(manage.action.doneSentence(name))"
            print(isJSON ? Console.json(["ticket": ticket.value]) : done)
            return ExitCode.success
        case .refused(let refusal):
            if isJSON {
                print(Console.json(["refused": "\(refusal)"]))
            } else {
                Console.error("ticket \(ticket.value): \(name) was refused: \(refusal.sentence)")
            }
            return refusal == .unknown ? ExitCode.unknown : ExitCode.failed
        default: throw TicketClient.Failure.notUnderstood
        }
    }
}

extension ManageAction {
    fileprivate func doneSentence(_ name: String) -> String {
        guard case .assign(let agent) = self else { return "\(name) is done" }
        return "it waits for \(agent) first, for as long as handOverFor says; he is asked when he is free and has the "
            + "skills, then others are; `switchyard explain ticket` says how it is"
    }
}

extension Refusal {
    /// For a person who asked for something to be done with a ticket.
    var sentence: String {
        switch self {
        case .already: "it is so already"
        case .closed: "the ticket is closed"
        case .wrongState: "not possible in the state that the ticket is in; `switchyard ticket show` says which"
        case .notFound: "there is no such ticket, agent or group"
        case .notAllowed: "there is nowhere to go: its group has no such tier above"
        case .keyReused: "the key was used for another command"
        case .invalid: "a field is out of its bounds"
        case .unknown: "whether it was done is not known: ask again with the same --key"
        case .full: "a bound of the cluster or of the group is reached (full)"
        case .busy: "the cluster has too much to do: certainly not done, try again (busy)"
        case .unavailable: "the cluster cannot do it now: certainly not done (unavailable)"
        case .hold: "the router has lost the coordinator: certainly not done, try again when that is back (hold)"
        case .diskFull: "the ledger's disk is nearly full: no new ticket is taken (diskFull)"
        default: "\(self)"
        }
    }
}
