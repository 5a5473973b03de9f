import Node
import Routing
import Wire

/// A ticket on its way in; asked again with the same key, at whatever router, until it is acknowledged.
struct PlayedSubmission {
    let keyed: KeyedSubmission
    var router: Int
    var ticket: TicketID?
    var wasSent = false
    var isGivenUp = false
}

/// A customer's or supervisor's command; asked again with the same key until its outcome is known, and sometimes after.
struct PlayedManage {
    let command: Command.Manage
    var router: Int
    var isAnswered = false
    var wasSent = false
    var repeats: Int
}

extension World {
    /// The outsider's endpoint in `Links`: who hands tickets in and gives orders.
    var customers: Int { seats.count + programs.count }
    /// Nil while there is no coordinator.
    var ticketsOpened: UInt64? { withCoordinator { $0.ledger.ticketsOpened } }

    func submit(_ place: Int) {
        let played = submissions[place]
        guard played.ticket == nil, !played.isGivenUp else { return }
        if !played.wasSent {
            submissions[place].wasSent = true
            tell(.submitted(played.keyed))
        }
        ask(
            from: customers, life: 0, routerAddress(played.router), UInt64(place),
            fromClient(.submit([played.keyed])), .seconds(3))
        submissions[place].router = (played.router + 1) % options.routers
    }

    /// What came of one try; nil is no answer.
    private func settle(submission place: Int, _ bytes: [UInt8]?) {
        guard submissions[place].ticket == nil else { return }
        let key = submissions[place].keyed.key
        guard let bytes, case .submitted(let results)? = understand(bytes), let result = results.first else {
            return queue.add(.submit(place), at: time + people.between(200, 1_500))
        }
        switch result {
        case .accepted(let ticket):
            submissions[place].ticket = ticket
            acknowledged += 1
            tell(.acknowledged(key, ticket))
        case .refused(let refusal, _, _):
            let mayRetry: [Refusal] = [.unknown, .unavailable, .busy, .hold, .stalePolicy, .full, .diskFull]
            let isFinal = !mayRetry.contains(refusal)
            tell(.submitRefused(key, refusal, isFinal: isFinal))
            submissions[place].isGivenUp = isFinal
            if !isFinal { queue.add(.submit(place), at: time + people.between(500, 3_000)) }
        }
    }

    func manage(_ place: Int) {
        if managed[place] == nil {
            guard let opened = ticketsOpened, opened > 0 else {
                return queue.add(.manage(place), at: time + 1_000)
            }
            managed[place] = drawManage(TicketID(people.between(1, opened)), place, nil)
        }
        guard let played = managed[place] else { return }
        if played.isAnswered {
            guard played.repeats > 0 else { return }
            managed[place]?.repeats -= 1
        }
        if !played.wasSent {
            managed[place]?.wasSent = true
            tell(.managed(played.command))
        }
        ask(
            from: customers, life: 0, routerAddress(played.router), Self.manageTag | UInt64(place),
            fromClient(.query(.manage(played.command))), .seconds(3))
        managed[place]?.router = (played.router + 1) % options.routers
    }

    static let manageTag: UInt64 = 1 << 40

    private func settle(manage place: Int, _ bytes: [UInt8]?) {
        guard let played = managed[place] else { return }
        let again: [Refusal] = [.unknown, .unavailable, .busy, .hold]
        guard let bytes, case .answered(let outcome, _)? = understand(bytes) else {
            return queue.add(.manage(place), at: time + people.between(200, 1_500))
        }
        if case .refused(let refusal) = outcome, again.contains(refusal) {
            if !played.isAnswered { queue.add(.manage(place), at: time + people.between(500, 3_000)) }
            return
        }
        tell(.manageAnswered(played.command.key, outcome))
        if !played.isAnswered {
            managed[place]?.isAnswered = true
            managesAnswered += 1
        }
        if played.repeats > 0 { queue.add(.manage(place), at: time + people.between(200, 3_000)) }
    }

    /// A supervisor looks at what nobody is asked for any more, and puts to work what was put off for long.
    func releaseQuarantined() {
        let quarantined = withCoordinator { core in
            core.ledger.tickets.all.filter { $0.state == .quarantined }.map(\.id)
        }
        for ticket in quarantined ?? [] {
            let place = managed.count
            managed.append(drawManage(ticket, place, .release))
            manage(place)
        }
    }

    private func drawManage(_ ticket: TicketID, _ place: Int, _ action: ManageAction?) -> PlayedManage {
        let isCustomer = people.chance(1, of: 2)
        let cause = Cause(isCustomer ? .customer : .supervisor, by: "p\(place)", note: "because")
        let command = Command.Manage(
            ticket: ticket, key: SubmitKey(high: 1 << 40, low: UInt64(place)),
            action: action ?? drawAction(), cause: cause)
        return PlayedManage(
            command: command, router: people.below(options.routers), repeats: people.chance(1, of: 4) ? 1 : 0)
    }

    private func drawAction() -> ManageAction {
        let opened = ticketsOpened ?? 1
        let agent = programs[people.below(programs.count)].device.agent
        let group = people.pick(SimulatedCompany.groups)
        let tier = people.pick([nil, Tier.agents, .engineers, .vendors])
        switch people.below(20) {
        case 0...4: return .write(text: "well?")
        case 5: return .cancel
        case 6: return .reopen
        case 7: return .merge(into: TicketID(people.between(1, opened + 1)))
        case 8, 9: return .schedule(in: Interval(milliseconds: people.between(0, 15_000)))
        case 10: return .callback(contact: "555")
        case 11, 12: return .requeue
        case 13, 14: return .assign(agent)
        case 15: return .transfer(to: group)
        case 16: return .escalate(to: tier)
        case 17: return .release
        case 18: return .setPriority(Priority(people.below(10)))
        default: return .close
        }
    }

    func answer(customer tag: UInt64, _ bytes: [UInt8]?) {
        if tag & Self.questionTag != 0 {
            settle(question: tag & ~Self.questionTag, bytes)
        } else if tag & Self.manageTag != 0 {
            settle(manage: Int(tag & ~Self.manageTag), bytes)
        } else {
            settle(submission: Int(tag), bytes)
        }
    }

    func understand(_ bytes: [UInt8]) -> Reply? {
        do throws(WireError) {
            return try Frame.decode(Reply.self, bytes)
        } catch {
            note("an answer was not understood: \(error)")
            return nil
        }
    }
}
