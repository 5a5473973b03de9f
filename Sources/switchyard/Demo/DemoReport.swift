import Foundation
import Wire

/// What the demo found, for people and for programs.
struct DemoReport: Encodable {
    struct Times: Encodable {
        let p50: Double
        let p90: Double
        let p99: Double
        let max: Double

        /// Milliseconds of nanoseconds; exact order statistics, as a day has few thousand.
        init(_ nanoseconds: [UInt64]) {
            let sorted = nanoseconds.sorted()
            func at(_ share: Double) -> Double {
                guard !sorted.isEmpty else { return 0 }
                let place = min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)
                return (Double(sorted[Swift.max(0, place)]) / 10_000).rounded() / 100
            }
            p50 = at(0.5)
            p90 = at(0.9)
            p99 = at(0.99)
            max = at(1)
        }
        var text: String { "p50 \(p50), p90 \(p90), p99 \(p99), max \(max) ms" }
    }

    struct Line: Encodable {
        let region: String
        let tier: Int
        let stops: Int
        let servedAway: Int
        let waitMilliseconds: Times
    }

    let day: String
    let speed: Double
    let seconds: Double
    let submitted: Int
    let acknowledged: Int
    let refused: Int
    let closed: Int
    let lost: Int
    let pathsRight: Int
    let pathsExpected: Int
    let wrong: [String]
    let submitToAcknowledgeMilliseconds: Times
    let submitToOfferMilliseconds: Times
    let lines: [Line]
    let offers: Int
    let ticketsWidened: UInt64
    let stops: Int
    let stopsServedAway: Int
    let messagesPerTicket: Double
    let syncsPerTicket: Double
    let processorMillisecondsPerTicket: Double
    let clientMessagesPerTicket: Double
    let sweepFound: UInt64
    let restarts: Int
    let troubles: [String]

    init(
        trace: Trace, speed: Double, seconds: Double, played: Played, checked: PathCheck, before: [String: Vitals],
        after: [String: Vitals], restarts: Int, unexpected: [String]
    ) {
        day = trace.day
        self.speed = speed
        self.seconds = (seconds * 10).rounded() / 10
        submitted = played.submitted
        acknowledged = played.acknowledged
        refused = played.refused
        closed = checked.closed
        lost = checked.lost
        pathsRight = checked.right
        pathsExpected = trace.cases.count
        wrong = Array(checked.wrong.prefix(20))
        submitToAcknowledgeMilliseconds = Times(played.acknowledgements)
        submitToOfferMilliseconds = Times(played.firstOffers)
        lines = played.lines.keys.sorted().map { key in
            let parts = key.split(separator: " ")
            let line = played.lines[key] ?? Played.Line()
            return Line(
                region: String(parts[0]), tier: Int(parts[1]) ?? 0, stops: line.stops, servedAway: line.away,
                waitMilliseconds: Times(line.waits))
        }
        offers = played.offers
        stops = lines.map(\.stops).reduce(0, +)
        stopsServedAway = lines.map(\.servedAway).reduce(0, +)
        func grown(_ name: String) -> UInt64 {
            after.keys.sorted().reduce(0) { sum, key in
                sum + (after[key]?[name] ?? 0) - min(before[key]?[name] ?? 0, after[key]?[name] ?? 0)
            }
        }
        func perTicket(_ count: Double) -> Double {
            (count / Double(max(1, played.acknowledged)) * 100).rounded() / 100
        }
        ticketsWidened = grown("ticketsWidened")
        messagesPerTicket = perTicket(Double(grown("messagesOut")) + Double(played.clientMessages))
        clientMessagesPerTicket = perTicket(Double(played.clientMessages))
        syncsPerTicket = perTicket(Double(grown("syncs")))
        processorMillisecondsPerTicket = perTicket(Double(grown("processorMicroseconds")) / 1000)
        sweepFound = grown("sweepFound")
        self.restarts = restarts
        troubles = Array((played.troubles + unexpected).prefix(20))
    }

    /// Every acknowledged case closed along exactly its own tiers, and every case acknowledged.
    var isGood: Bool {
        lost == 0 && acknowledged == pathsExpected && pathsRight == pathsExpected && refused == 0
    }

    var text: String {
        var text = """

            \(day) at \(Int(speed)) times real time, \(seconds) s
              submitted \(submitted), acknowledged \(acknowledged), closed \(closed), lost \(lost)
              paths right: \(pathsRight) of \(pathsExpected)
              submit to acknowledgement: \(submitToAcknowledgeMilliseconds.text)
              submit to first offer:     \(submitToOfferMilliseconds.text)
              overflow: \(ticketsWidened) tickets widened; \(stopsServedAway) of \(stops) stops served by another group
              offers \(offers); a ticket cost \(messagesPerTicket) messages (\(clientMessagesPerTicket) of them sent \
            by clients), \(syncsPerTicket) syncs, \(processorMillisecondsPerTicket) ms of the nodes' processors

              region  tier   stops    away   wait p50      p90      p99      max ms

            """
        for line in lines {
            let waits = line.waitMilliseconds
            let numbers = [waits.p50, waits.p90, waits.p99, waits.max].map { String(format: "%9.1f", $0) }.joined()
            text += String(format: "  %@", line.region.padding(toLength: 6, withPad: " ", startingAt: 0))
            text += String(format: "%6d%8d%8d  ", line.tier, line.stops, line.servedAway) + numbers + "\n"
        }
        if sweepFound > 0 { text += "  the sweep found \(sweepFound) pairs that matching had missed\n" }
        if restarts > 0 { text += "  \(restarts) nodes were started again\n" }
        for line in wrong + troubles { text += "  ! \(line)\n" }
        return text
    }
}
