import struct Simulation.SplitMix64

@testable import Routing

/// A customer's or supervisor's command; asked again with the same key, at whatever router, until its outcome is known,
/// and sometimes after that.
struct PlayedManage {
    let command: Command.Manage
    var router: Int
    var first: Outcome?
    var repeats: Int
}

extension Bench {
    /// Somebody does something with a ticket that he may have heard of.
    mutating func manage(_ place: Int) {
        guard let opened = coordinator.core?.ledger.ticketsOpened, opened > 0 else { return }
        manage(TicketID(random.between(1, opened)), place)
    }

    mutating func manage(_ ticket: TicketID, _ place: Int, _ action: ManageAction? = nil) {
        let isCustomer = random.chance(1, of: 2)
        let cause = Cause(isCustomer ? .customer : .supervisor, by: "p\(place)", note: "because")
        let command = Command.Manage(
            ticket: ticket, key: SubmitKey(high: 1 << 40, low: UInt64(managed.count)),
            action: action ?? anyAction(), cause: cause)
        managed.append(
            PlayedManage(command: command, router: random.below(3), repeats: random.chance(1, of: 4) ? 1 : 0))
        manageAgain(managed.count - 1)
    }

    private mutating func anyAction() -> ManageAction {
        let opened = coordinator.core?.ledger.ticketsOpened ?? 1
        let agent = random.pick(clients).name
        let group = random.pick(Company.groups)
        let tier = random.pick([nil, Tier.agents, .engineers, .vendors])
        switch random.below(20) {
        case 0...4: return .write(text: "well?")
        case 5: return .cancel
        case 6: return .reopen
        case 7: return .merge(into: TicketID(random.between(1, opened + 1)))
        case 8, 9: return .schedule(in: Interval(milliseconds: random.between(0, 15_000)))
        case 10: return .callback(contact: "555")
        case 11, 12: return .requeue
        case 13, 14: return .assign(agent)
        case 15: return .transfer(to: group)
        case 16: return .escalate(to: tier)
        case 17: return .release
        case 18: return .setPriority(Priority(random.below(10)))
        default: return .close
        }
    }

    mutating func manageAgain(_ place: Int) {
        let played = managed[place]
        if played.first != nil {
            guard played.repeats > 0 else { return }
            managed[place].repeats -= 1
        }
        if routers[played.router].isUp {
            let token = RequestToken(nextToken())
            askers[token] = .manager(place)
            let process = routers[played.router].process
            schedule(.atRouter(played.router, process: process, .query(.manage(played.command), token)), in: 1)
        }
        managed[place].router = (played.router + 1) % routers.count
        schedule(.manageAgain(place), in: 3000)
    }

    mutating func settle(managed place: Int, _ outcome: Outcome) {
        if case .refused(let refusal) = outcome, [.unknown, .hold, .busy, .unavailable].contains(refusal) { return }
        if case .done? = managed[place].first, outcome != managed[place].first {
            watch.note("\(managed[place].command) was answered \(managed[place].first!), then \(outcome)")
        }
        // A repeat that was on its way may have been refused before the first was heard of: what was done counts.
        if managed[place].first == nil { managed[place].first = outcome }
    }
}
