import Foundation
import Node
import Routing

/// A ticket with names in place of numbers: the form of `ticket show`, which may grow apart from the ledger's.
struct ShownTicket: Encodable {
    struct Step: Encodable {
        let at: String
        let what: String
        let group: String
        let agent: String?
        /// What made it happen, who asked for it, and the reason given; absent where the agent alone says it.
        let trigger: String?
        let by: String?
        let note: String?
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
    /// What the state alone does not say, in words; empty when there is nothing.
    let standing: [String]
    /// Why its latest holder was asked.
    let decision: ShownDecision?
    let promises: ShownPromises?

    init(_ record: TicketRecord, _ catalog: Catalog) {
        ticket = record.ticket.value
        state = Self.word(record)
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
                agent: step.agent.map { catalog.agents.name($0.value) },
                trigger: step.cause.map { "\($0.trigger)" },
                by: step.cause.flatMap { $0.by.isEmpty ? nil : $0.by },
                note: step.cause.flatMap { $0.note.isEmpty ? nil : $0.note })
        }
        standing = Self.standing(record.standing)
        decision = record.decision.map { ShownDecision($0, catalog) }
        promises = record.clocks.map { ShownPromises($0, record, catalog) }
    }

    private static func word(_ record: TicketRecord) -> String {
        switch record.state {
        case .waiting: "waiting"
        case .assigned: "assigned"
        case .pending: record.standing.pause?.kind == .hold ? "on hold" : "pending"
        case .resolved:
            if case .handedOut(let party)? = record.standing.disposition {
                "resolved, handed to \(party.inOneLine)"
            } else {
                "resolved"
            }
        case .scheduled: "scheduled"
        case .quarantined: "quarantined"
        case .closed:
            switch record.standing.disposition {
            case .cancelled: "cancelled"
            case .merged(let into): "merged into \(into.value)"
            case .expired: "closed: its maximum life was over"
            case .handedOut(let party): "closed, handed to \(party.inOneLine)"
            case .solved, nil: "closed"
            }
        }
    }

    private static func standing(_ standing: TicketRecord.Standing) -> [String] {
        var words: [String] = []
        if let pause = standing.pause {
            words.append(
                "\(pause.kind == .hold ? "on hold" : "waits for the customer") until \(Self.words(pause.until)) at the"
                    + " latest" + (pause.reason.isEmpty ? "" : ": \(pause.reason)"))
        }
        if let startsAt = standing.startsAt { words.append("starts to wait at \(Self.words(startsAt))") }
        if let callback = standing.callback { words.append("to be called back: \(callback)") }
        if standing.attempts > 0 { words.append("\(standing.attempts) offers failed in this stay") }
        if standing.deaths > 0 { words.append("\(standing.deaths) holders vanished with it") }
        return words
    }

    static func words(_ wall: WallTime) -> String {
        Date(timeIntervalSince1970: Double(wall.milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// A step of the history as a sentence without its time.
    static func words(_ step: Step) -> String {
        let who = step.what == "notified" ? nil : step.agent ?? step.by
        if step.what == "clock" { return "promise: \(step.note ?? "")".inOneLine }
        var text = phrase(step)
        if let who { text += " by \(who)" }
        // The agent's own hand is said by his name.
        if let trigger = step.trigger, trigger != "agent", !(trigger == "customer" && step.what == "customerWrote") {
            text += " [\(Trigger.allCases.first { "\($0)" == trigger }?.words ?? trigger)]"
        }
        return (text + (step.note.map { ": \($0)" } ?? "")).inOneLine
    }

    private static func phrase(_ step: Step) -> String {
        switch step.what {
        case "widened": "widened to \(step.group)"
        case "narrowed": "no longer offered in \(step.group)"
        case "sentDown": "sent down to \(step.group)"
        case "escalated", "transferred", "returned": "\(step.what) to \(step.group)"
        case "customerWrote": "the customer wrote"
        case "callback": "to be called back, in \(step.group)"
        case "answered": "the customer was answered"
        case "alerted": "operators were told"
        case "notified": step.agent.map { "the lead \($0) was told" } ?? "topic \(step.by ?? "") was told"
        case "raised": "priority changed, in \(step.group)"
        case "handedOut": "handed to \(step.by ?? "somebody outside")"
        case "lifeEnded": "closed, its maximum life being over"
        case "absorbed": "another ticket was merged into it"
        case "merged": "merged into another ticket"
        case "started", "released", "reopened": "\(step.what), waits in \(step.group)"
        default: "\(step.what) in \(step.group)"
        }
    }

    var lines: String { steps.map { "  \($0.at)  \(Self.words($0))" }.joined(separator: "\n") }

    var summary: String {
        "ticket \(ticket) is \(state) in \(group)" + (holder.map { ", held by \($0)" } ?? "")
            + (widened.isEmpty ? "" : ", also offered in \(widened.joined(separator: ", "))")
    }

    var about: String {
        "  subject   \(subject.inOneLine)\n  rule      \(rule), priority \(priority)\n  requires  "
            + (requires.isEmpty ? "nothing" : requires.joined(separator: ", "))
    }
}

extension ShownTicket {
    var textual: String {
        ([summary, about] + standing.map { "  " + $0.inOneLine } + (promises?.lines ?? []) + [lines]).joined(
            separator: "\n")
    }
}
