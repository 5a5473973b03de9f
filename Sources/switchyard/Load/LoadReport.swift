import Foundation
import Wire

/// What a run of load found, for people and for programs.
struct LoadReport: Encodable {
    /// Microseconds; the histogram's error is below 1 %.
    struct Times: Encodable {
        let p50: Double
        let p99: Double
        let p999: Double
        let max: Double
        init(_ histogram: Histogram) {
            func microseconds(_ value: UInt64) -> Double { (Double(value) / 100).rounded() / 10 }
            p50 = microseconds(histogram.value(at: 0.5))
            p99 = microseconds(histogram.value(at: 0.99))
            p999 = microseconds(histogram.value(at: 0.999))
            max = microseconds(histogram.max)
        }
        var text: String { "p50 \(p50)  p99 \(p99)  p99.9 \(p999)  max \(max)" }
    }

    struct Node: Encodable {
        let name: String
        let processorMillisecondsPer1000: Double
        let residentKiB: UInt64
        let messagesPerTicket: Double
        let syncsPerTicket: Double
    }

    let rate: Int?
    let outstanding: Int?
    let seconds: Int
    let agents: Int
    let skills: Int
    let batch: Int
    let agentsPerConnection: Int
    let submitted: Int
    let acknowledged: Int
    let completed: Int
    let refused: Int
    let unknownAnswers: Int
    let ticketsPerSecond: Double
    let submitToAcknowledgeMicroseconds: Times
    let submitToOfferMicroseconds: Times
    let submitToCompleteMicroseconds: Times
    let clientProcessorMillisecondsPer1000: Double
    let clientMessagesPerTicket: Double
    let nodes: [Node]
    let refusals: [String: Int]
    let retries: Int
    /// Only with a burst.
    let burst: BurstReport?

    init(
        plan: LoadRun.Plan, counts: LoadRun.Counts, before: [Vitals], after: [Vitals], clientMessages: Int,
        clientMicroseconds: UInt64
    ) {
        rate = plan.rate
        outstanding = plan.rate == nil ? plan.outstanding : nil
        seconds = plan.seconds
        agents = plan.company.agents
        skills = plan.company.skills
        batch = plan.batch
        agentsPerConnection = plan.agentsPerConnection
        submitted = counts.submitted
        acknowledged = counts.acknowledged
        completed = counts.completed
        refused = counts.refused
        unknownAnswers = counts.unknown
        ticketsPerSecond = (Double(counts.completedMeasured) / Double(plan.seconds)).rounded()
        submitToAcknowledgeMicroseconds = Times(counts.acknowledge)
        submitToOfferMicroseconds = Times(counts.offer)
        submitToCompleteMicroseconds = Times(counts.complete)
        let tickets = Double(max(1, counts.completed))
        func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
        clientProcessorMillisecondsPer1000 = hundredths(Double(clientMicroseconds) / tickets)
        clientMessagesPerTicket = hundredths(Double(clientMessages) / tickets)
        nodes = zip(before, after).map { before, after in
            func grown(_ name: String) -> Double { Double(after[name]) - Double(before[name]) }
            return Node(
                name: "\(after.role) \(after.name)",
                processorMillisecondsPer1000: hundredths(grown("processorMicroseconds") / tickets),
                residentKiB: after["residentKiB"],
                messagesPerTicket: hundredths((grown("messagesIn") + grown("messagesOut")) / tickets),
                syncsPerTicket: hundredths(grown("syncs") / tickets))
        }
        refusals = counts.refusals
        retries = counts.retries
        burst = plan.burst.map { _ in
            BurstReport(
                counts.seconds, phases: LoadRun.phases(plan, plan.rate ?? 1), warmup: plan.warmup,
                retries: counts.retries)
        }
    }

    /// Everything that was submitted was acknowledged and completed; with a burst, everything acknowledged was
    /// completed and the good rate was back within 30 s.
    var isGood: Bool {
        if let burst { return acknowledged == completed && burst.secondsToRecover ?? .max <= 30 }
        return submitted == acknowledged && acknowledged == completed && refused == 0
    }

    var text: String {
        let kind = rate.map { "\($0) tickets/s, open loop" } ?? "\(outstanding ?? 0) outstanding, closed loop"
        var text = """
            \(kind), \(seconds) s, \(agents) agents (\(agentsPerConnection) a connection), \(skills) skills, \
            \(batch) submissions a message
              submitted \(submitted), acknowledged \(acknowledged), completed \(completed), refused \(refused), \
            answers missing \(unknownAnswers)
              \(ticketsPerSecond) tickets/s completed
              microseconds from when a ticket was due
                to the acknowledgement  \(submitToAcknowledgeMicroseconds.text)
                to the agent's offer    \(submitToOfferMicroseconds.text)
                to its resolution       \(submitToCompleteMicroseconds.text)
              processor, ms per 1,000 tickets: clients \(clientProcessorMillisecondsPer1000)
            """
        for node in nodes {
            text += ", \(node.name) \(node.processorMillisecondsPer1000)"
        }
        text += "\n  messages a ticket: clients sent \(clientMessagesPerTicket)"
        for node in nodes { text += ", \(node.name) in and out \(node.messagesPerTicket)" }
        text += "\n  syncs a ticket \(nodes.map(\.syncsPerTicket).max() ?? 0)"
        text += "; resident KiB: " + nodes.map { "\($0.name) \($0.residentKiB)" }.joined(separator: ", ")
        if !refusals.isEmpty {
            text +=
                "\n  refusals: "
                + refusals.keys.sorted().map { "\($0) \(refusals[$0] ?? 0)" }.joined(separator: ", ")
        }
        if let burst { text += "\n\(burst.text)" }
        return text
    }
}
