import Foundation
import Node
import Routing
import Wire

@testable import switchyard

/// What a scenario's people do with tickets beyond answering them, and what becomes of the cluster file.
extension Scenario {
    static let allVerbs = verbs.merging(handVerbs) { _, hand in hand }

    private static let handVerbs: [String: Verb] = [
        // supervisor ACTION TICKET [WHAT] [by=NAME] [reason=TEXT]; the actions are those of `switchyard ticket`
        "supervisor": { scenario, words in try scenario.manage(words, as: .supervisor) },
        "customer": { scenario, words in try scenario.manage(words, as: .customer) },
        // hold ana TICKET [REASON [DURATION]]: somebody else than the customer is waited for
        "hold": { scenario, words in try scenario.pause(words, .hold) },
        // await ana TICKET [REASON [DURATION]]: the customer is waited for
        "await": { scenario, words in try scenario.pause(words, .customer) },
        // handover ana TICKET AGENT, handout ana TICKET PARTY, putoff ana TICKET DURATION, each with a reason
        "handover": { scenario, words in
            try scenario.work(words) { .handOver(to: try required($0, "an agent"), reason: reason(words)) }
        },
        "handout": { scenario, words in
            try scenario.work(words) { .handOut(to: try required($0, "a party"), reason: reason(words)) }
        },
        "putoff": { scenario, words in
            try scenario.work(words) {
                .putOff(for: Interval(milliseconds: try duration($0)), reason: reason(words))
            }
        },
        // up ana TICKET TIER REASON: escalates, and says why; "next" for the next tier
        "up": { scenario, words in
            try scenario.work(words) { .escalate(to: $0 == "next" ? nil : try tier($0), reason: reason(words)) }
        },
        // browse ana: what waits to be taken; take ana [TICKET]: without one the highest ranked
        "browse": { scenario, words in try scenario.browse(try required(words.first, "an agent")) },
        "take": { scenario, words in
            let player = try scenario.player(try required(words.first, "an agent"))
            let waiting = try player.waiting(words.dropFirst().first, scenario)
            player.say(.take(waiting.ticket, waiting.fence), scenario)
        },
        // race TICKET ana ben: two who see the same ticket reach for it at the same moment
        "race": { scenario, words in
            let players = try words.dropFirst().map { try scenario.player($0) }
            let waiting = try players.map { try $0.waiting(words.first, scenario) }
            for (player, ticket) in zip(players, waiting) { player.say(.take(ticket.ticket, ticket.fence), scenario) }
        },
        // reload without TEXT ...: the file without the lines that have it; reload TEXT -> TEXT: with one for the other
        "reload": { scenario, words in try scenario.reload(words) },
    ]

    private static func reason(_ words: [String]) -> String { words.count > 3 ? words[3] : "" }

    private func pause(_ words: [String], _ kind: PauseKind) throws {
        let length = words.count > 3 ? Interval(milliseconds: try Self.duration(words[3])) : nil
        try work(words) { .pause(reason: $0 ?? "", kind: kind, for: length) }
    }

    private func browse(_ name: String) throws {
        guard case .browsed(let browsed, let catalog)? = ask(try player(name).router, .browse(name)) else {
            return write("\(name) is not told what waits")
        }
        if browsed.tickets.isEmpty { quote("nothing waits") }
        for ticket in browsed.tickets {
            let age = ticket.age.milliseconds
            quote(
                "\(ticket.ticket.value) in \(catalog.groups.name(ticket.group.value)), priority \(ticket.priority), "
                    + "since \(age) ms: \(ticket.subject)")
        }
    }

    // MARK: - customers and supervisors

    private func manage(_ words: [String], as who: Trigger) throws {
        var (name, note) = ("", "")
        var plain: [String] = []
        for word in words {
            if word.hasPrefix("by=") {
                name = String(word.dropFirst(3))
            } else if word.hasPrefix("reason=") {
                note = String(word.dropFirst(7))
            } else {
                plain.append(word)
            }
        }
        let action = try Self.action(try Self.required(plain.first, "an action"), plain.count > 2 ? plain[2] : nil)
        let ticket = TicketID(try Self.number(plain.dropFirst().first))
        submitted += 1
        let manage = Command.Manage(
            ticket: ticket, key: SubmitKey(high: 8, low: submitted), action: action,
            cause: Cause(who, by: name, note: note))
        switch ask(company.regions[0], .query(.manage(manage))) {
        case .answered(.done, _)?: break
        case .answered(.refused(let refusal), _)?, .refused(let refusal, _)?: write("the \(who) is told: \(refusal)")
        default: write("the \(who) is not answered")
        }
    }

    private static func action(_ name: String, _ what: String?) throws -> ManageAction {
        switch name {
        case "write": .write(text: what ?? "hello")
        case "cancel": .cancel
        case "reopen": .reopen
        case "merge": .merge(into: TicketID(try number(what)))
        case "schedule": .schedule(in: Interval(milliseconds: try duration(what)))
        case "callback": .callback(contact: try required(what, "a number to call"))
        case "requeue": .requeue
        case "assign": .assign(try required(what, "an agent"))
        case "transfer": .transfer(to: try required(what, "a group"))
        case "escalate": .escalate(to: try tier(what))
        case "release": .release
        case "priority": .setPriority(Priority(clamping: try number(what)))
        case "close": .close
        default: throw Misuse("\"\(name)\" is no action")
        }
    }

    // MARK: - the cluster file

    private func reload(_ words: [String]) throws {
        var lines = companyText.components(separatedBy: "\n")
        if words.first == "without" {
            for word in words.dropFirst() { lines.removeAll { $0.contains(word) } }
        } else {
            guard words.count == 3, words[1] == "->" else { throw Misuse("expected without TEXT, or TEXT -> TEXT") }
            guard companyText.contains(words[0]) else { throw Misuse("the file does not say \"\(words[0])\"") }
            lines = lines.map { $0.replacing(words[0], with: words[2]) }
        }
        try reload(lines.joined(separator: "\n"))
    }
}
