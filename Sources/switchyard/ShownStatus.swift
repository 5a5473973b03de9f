import AgentClient
import Routing
import Wire

/// The cluster's status with names in place of numbers.
struct ShownStatus: Encodable {
    struct Router: Encodable {
        let name: String
        let region: String
        let incarnation: UInt64
        let address: String
        let owns: [String]
        let leaseMilliseconds: UInt64
        /// Agents who are at home with it.
        let agents: Int
        /// Its regions and sessions go to others, and it takes no more.
        let draining: Bool
        /// It is late: nothing new is given to it.
        let suspect: Bool
        /// The newest wire version that it understands.
        let speaks: Int
    }
    struct Wait: Encodable {
        let priority: Int
        let waiting: Int
        /// Absent while too few tickets have left the queue to tell.
        let expectedMillisecondsP50: UInt64?
        let expectedMillisecondsP90: UInt64?
    }
    struct Group: Encodable {
        let name: String
        let waiting: Int
        let working: Int
        let pending: Int
        let widened: Int
        let scheduled: Int
        let quarantined: Int
        let onDuty: Int
        let open: Bool
        /// How often its tickets spilled over, by what made them.
        let overflows: [String: UInt64]
        /// Of the priorities that have waiting tickets, for the next one to come.
        let waits: [Wait]
        /// What the last 64 tickets waited before they were assigned; absent before the first.
        let waitedMillisecondsP50: UInt64?
        let waitedMillisecondsP90: UInt64?
    }
    struct Risk: Encodable {
        let ticket: UInt64
        let group: String
        let clock: String
        let due: String
    }
    /// Promises that run out within 15 minutes: how many tickets of each group, and the first of them.
    let atRisk: [String: Int]
    let atRiskFirst: [Risk]
    let reign: UInt32
    let lsn: UInt64
    let policy: UInt32
    let routers: [Router]
    let regionsWithoutOwner: [String]
    let groups: [Group]
    /// Tickets that wait for a person's `ticket release`: the oldest twenty.
    let quarantined: [UInt64]
    let agentsAttached: Int
    let agentsInGrace: Int
    let ticketsOpened: UInt64
    let ticketsLive: UInt64
    let ticketsClosed: UInt64
    let ticketsWidened: UInt64
    let alerts: UInt64
    let syncs: UInt64
    let messages: UInt64
    /// Of the coordinator.
    let program: String
    let nng: String
    /// What each router says of itself, in their order; empty where they were not asked.
    var nodes: [ShownNode] = [] { didSet { agents = ShownNode.agents(of: nodes) } }
    /// By state, as their home routers tell; the routers that did not answer are missing in it.
    private(set) var agents: [String: UInt64] = [:]

    static func ask(_ client: TicketClient) async throws -> ShownStatus {
        let reply = try await client.ask(.query(.status), patience: .seconds(5))
        guard case .answered(let outcome, let catalog) = reply else { throw TicketClient.Failure.notUnderstood }
        switch outcome {
        case .status(let status): return ShownStatus(status, catalog)
        case .refused(let refusal): throw TicketClient.Failure.refused(refusal)
        default: throw TicketClient.Failure.notUnderstood
        }
    }

    init(_ status: ClusterStatus, _ catalog: Catalog) {
        atRisk = Dictionary(
            status.atRisk.groups.map { (catalog.groups.name($0.group.value), Int($0.count)) }
        ) { first, _ in first }
        atRiskFirst = status.atRisk.first.map {
            Risk(
                ticket: $0.ticket.value, group: catalog.groups.name($0.group.value), clock: "\($0.kind)",
                due: ShownTicket.words($0.due))
        }
        reign = status.reign
        lsn = status.lsn.value
        policy = status.policyVersion
        routers = status.routers.map { router in
            let state = status.states.first { $0.incarnation == router.incarnation }
            return Router(
                name: router.name, region: catalog.regions.name(router.region.value),
                incarnation: router.incarnation.value, address: router.address,
                owns: status.regions.filter { $0.owner == router.incarnation }
                    .map { catalog.regions.name($0.region.value) },
                leaseMilliseconds: state?.lease.milliseconds ?? 0, agents: Int(state?.agents ?? 0),
                draining: state?.isDraining ?? false, suspect: state?.isSuspect ?? false, speaks: Int(router.speaks))
        }
        regionsWithoutOwner = status.regions.filter { $0.owner == .none }.map { catalog.regions.name($0.region.value) }
        groups = status.groups.map {
            Group(
                name: catalog.groups.name($0.group.value), waiting: Int($0.waiting), working: Int($0.working),
                pending: Int($0.pending), widened: Int($0.widened),
                scheduled: Int($0.scheduled), quarantined: Int($0.quarantined), onDuty: Int($0.onDuty),
                open: $0.isOpen,
                overflows: Dictionary($0.overflows.map { ("\($0.trigger)", $0.count) }) { first, _ in first },
                waits: $0.waits.map {
                    Wait(
                        priority: Int($0.priority), waiting: Int($0.waiting),
                        expectedMillisecondsP50: $0.estimate?.p50.milliseconds,
                        expectedMillisecondsP90: $0.estimate?.p90.milliseconds)
                }, waitedMillisecondsP50: $0.usual?.p50.milliseconds,
                waitedMillisecondsP90: $0.usual?.p90.milliseconds)
        }
        quarantined = status.quarantined.map(\.value)
        agentsAttached = Int(status.agentsAttached)
        agentsInGrace = Int(status.agentsInGrace)
        ticketsOpened = status.counters.ticketsOpened
        ticketsLive = status.counters.ticketsLive
        ticketsClosed = status.counters.ticketsClosed
        ticketsWidened = status.counters.ticketsWidened
        alerts = status.counters.alerts
        syncs = status.counters.syncs
        messages = status.counters.messages
        program = status.program
        nng = status.library
    }

    var text: String {
        let versions = nodes.isEmpty ? "" : "; coordinator: switchyard \(program), nng \(nng)"
        var lines = ["reign \(reign), policy \(policy), LSN \(lsn)\(versions)"]
        lines.append(
            "tickets: \(ticketsOpened) opened, \(ticketsLive) live, \(ticketsClosed) closed, \(ticketsWidened) widened,"
                + " \(alerts) alerts")
        let states = agents.contains { $0.value > 0 } ? "; \(ShownNode.sentence(agents))" : ""
        lines.append("agents: \(agentsAttached) attached, \(agentsInGrace) in grace\(states)")
        lines.append("routers:")
        for router in routers {
            let owns = router.owns.isEmpty ? "no region" : router.owns.joined(separator: ", ")
            let version = router.speaks < wireVersion ? ", SPEAKS ONLY VERSION \(router.speaks)" : ""
            let state = (router.draining ? ", DRAINING" : router.suspect ? ", LATE" : "") + version
            let agents = router.agents == 1 ? "1 agent" : "\(router.agents) agents"
            lines.append("  \(router.name) (\(router.region)) at \(router.address) owns \(owns), \(agents)\(state)")
            guard let node = nodes.first(where: { $0.name == router.name }) else { continue }
            lines.append("    lease \(duration(router.leaseMilliseconds)), \(node.sentence(policy: policy))")
        }
        if !regionsWithoutOwner.isEmpty {
            lines.append("  WITHOUT AN OWNER: \(regionsWithoutOwner.joined(separator: ", "))")
        }
        lines += groupTable
        if !quarantined.isEmpty {
            let all = groups.map(\.quarantined).reduce(0, +)
            let more = all > quarantined.count ? " and \(all - quarantined.count) more" : ""
            lines.append("quarantined: tickets \(quarantined.map(String.init).joined(separator: ", "))\(more);")
            lines.append("  `switchyard ticket show N` says why, `switchyard ticket release N` lets one go on")
        }
        lines += expectedWaits
        lines += risks
        return lines.joined(separator: "\n")
    }

    /// A line a group, under its columns; "scheduled" only where there is something.
    private var groupTable: [String] {
        var columns: [(title: String, number: (Group) -> Int)] = [
            ("waiting", \.waiting), ("working", \.working), ("pending", \.pending), ("widened", \.widened),
        ]
        if groups.contains(where: { $0.scheduled > 0 }) { columns.append(("scheduled", \.scheduled)) }
        columns.append(("on duty", \.onDuty))
        let width = max(11, (groups.map { $0.name.count + 2 }.max() ?? 0))
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: width - text.count) }
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let titles = columns.map { right($0.title, $0.title.count + 2) }.joined()
        return [padded("groups:", width) + titles]
            + groups.map { group in
                padded("  \(group.name)", width)
                    + columns.map { right(String($0.number(group)), $0.title.count + 2) }.joined() + group.remarks
            }
    }

    private var risks: [String] {
        if atRisk.isEmpty { return [] }
        let counts = atRisk.sorted { $0.key < $1.key }.map { "\($0.value) in \($0.key)" }.joined(separator: ", ")
        return ["promises that run out within 15 minutes: \(counts)"]
            + atRiskFirst.map { "  ticket \($0.ticket) in \($0.group): \($0.clock) at \($0.due)" }
    }

    /// For each group a line for what was usual, and one for each priority that has waiting tickets.
    private var expectedWaits: [String] {
        let lines = groups.flatMap { group in
            var lines: [String] = []
            if let p50 = group.waitedMillisecondsP50, let p90 = group.waitedMillisecondsP90 {
                lines.append("  \(group.name), of late: half \(duration(p50)), nine of ten \(duration(p90)) at most")
            }
            for wait in group.waits {
                let next =
                    if let p50 = wait.expectedMillisecondsP50, let p90 = wait.expectedMillisecondsP90 {
                        "the next one half \(duration(p50)), nine of ten \(duration(p90)) at most"
                    } else { "too few have left the queue to say more" }
                lines.append("  \(group.name), priority \(wait.priority): \(wait.waiting) waiting, \(next)")
            }
            return lines
        }
        return lines.isEmpty ? [] : ["waits before an assignment:"] + lines
    }
}

extension ShownStatus.Group {
    /// What is out of the ordinary, behind the numbers.
    var remarks: String {
        var remarks: [String] = []
        if !open { remarks.append("closed now") }
        if open && onDuty == 0 { remarks.append("NOBODY ON DUTY") }
        if quarantined > 0 { remarks.append("\(quarantined) QUARANTINED") }
        for (trigger, count) in overflows.sorted(by: { $0.key < $1.key }) {
            remarks.append("\(count) spilled over by \(trigger)")
        }
        return remarks.isEmpty ? "" : "  " + remarks.joined(separator: ", ")
    }
}
