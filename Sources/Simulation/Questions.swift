import Node
package import Routing
import Wire

/// What somebody wants to know of the cluster.
package enum Question: Sendable {
    /// What has happened to the ticket.
    case history(TicketID)
    /// Why it still waits.
    case explanation(TicketID)
}

/// What he was told.
package enum Told: Sendable {
    case shown(TicketRecord)
    case explained(Explained)
    case refused(Refusal)
    /// No answer came, or one that says nothing of it.
    case nothing
}

/// People who look tickets up. They have chance of their own: whether they ask decides nothing of what others do.
extension World {
    static let questionTag: UInt64 = 1 << 41

    /// When somebody wants to know something; also of what has ended, after the work.
    func planQuestions() {
        for place in 0..<options.questions {
            queue.plan(.question(place), at: time + curious.between(2_000, options.workTime + 20_000))
        }
    }

    func question(_ place: Int) {
        guard let opened = ticketsOpened, opened > 0 else { return }
        let ticket = TicketID(curious.between(1, opened))
        let isHistory = curious.chance(1, of: 2)
        let tag = UInt64(place)
        tell(.asked(isHistory ? .history(ticket) : .explanation(ticket), tag: tag))
        ask(
            from: customers, life: 0, routerAddress(curious.below(options.routers)), Self.questionTag | tag,
            fromClient(isHistory ? .query(.show(ticket)) : .explainTicket(ticket)), .seconds(3))
    }

    func settle(question tag: UInt64, _ bytes: [UInt8]?) {
        let answer: Told =
            switch bytes.flatMap({ understand($0) }) {
            case .answered(.shown(let record), _): .shown(record)
            case .answered(.refused(let refusal), _), .refused(let refusal, _): .refused(refusal)
            case .explained(let explained, _): .explained(explained)
            default: .nothing
            }
        tell(.told(answer, tag: tag))
    }
}
