@testable import Routing

/// What must be so when a world has come to its end.
extension Bench {
    var unfinished: String {
        guard let ledger = coordinator.core?.ledger else { return "no coordinator" }
        let open = ledger.tickets.all.map { ticket in
            "\(ticket.id.value) \(ticket.state) in \(Company.groups[ticket.group.index]) "
                + "widened \(ticket.widened.count)"
        }
        let unheard = submissions.indices.filter { submissions[$0].accepted == nil }
        return "\(open.prefix(6)) \(open.count) open, unheard \(unheard.prefix(6))"
    }

    /// Where a home router has another view of its agents' tickets than the ledger. It may, for as long as news travel.
    var errorsOfHomes: Set<String> {
        guard let core = coordinator.core else { return [] }
        var errors: Set<String> = []
        for router in routers where router.isUp {
            for agent in router.core.hosted.rows where agent.isCurrent {
                guard let row = core.ledger.agent(agent.id), row.epoch == agent.epoch else { continue }
                let held = Set(agent.work.map { "\($0.assignment)" })
                let due = Set(core.work(of: agent.id).map { "\($0)" })
                for work in held.subtracting(due) { errors.insert("agent \(agent.id.value) is not to have \(work)") }
                for work in due.subtracting(held) { errors.insert("agent \(agent.id.value) is to have \(work)") }
            }
        }
        return errors
    }

    mutating func judgeEnd() {
        for ticket in watch.acknowledged where !watch.closed.contains(ticket) {
            watch.note("acknowledged \(ticket.value) is not closed")
        }
        for router in routers where router.core.counters.sweepFound > 0 {
            watch.note("\(router.name): the sweep found \(router.core.counters.sweepFound)")
        }
        for case .loadRepaired(let agent) in coordinator.reports {
            watch.note("the tickets of \(agent) at home were not the ledger's, and were put right")
        }
        // Who is in no policy any more, and attaches anew when he is, has been superseded.
        for client in clients where !isLively && client.supersededCount > 0 {
            watch.note("\(client.name) was superseded by nobody, \(client.supersededCount) times")
        }
        guard let ledger = coordinator.core?.ledger else { return }
        for agent in ledger.agents where !agent.work.isEmpty { watch.note("somebody still holds \(agent.work)") }
        for router in routers {
            if router.core.queues.count > 0 {
                watch.note("\(router.name) still queues \(router.core.queues.ids)")
            }
            for agent in router.core.hosted.rows where agent.load > 0 {
                watch.note("\(router.name) says agent \(agent.id.value) has a load of \(agent.load)")
            }
            for row in router.core.presence.all where !row.held.isEmpty {
                watch.note("\(router.name) still holds a unit of agent \(row.presence.agent.value)")
            }
        }
    }

    mutating func judgeReplay() {
        guard let ledger = coordinator.core?.ledger else { return }
        let replayed = coordinator.replayed
        if replayed.tickets.all != ledger.tickets.all { watch.note("replay: other tickets") }
        if replayed.agents != ledger.agents { watch.note("replay: other agents") }
        if replayed.routers != ledger.routers { watch.note("replay: other routers") }
        if replayed.owners != ledger.owners { watch.note("replay: other owners") }
        if replayed.keys != ledger.keys { watch.note("replay: other keys") }
        if replayed.closed != ledger.closed { watch.note("replay: other closed tickets") }
        if replayed.groups != ledger.groups { watch.note("replay: other counts") }
    }
}
