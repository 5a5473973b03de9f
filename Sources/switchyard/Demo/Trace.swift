import Foundation

/// A day of a real company's tickets, as in `cluster/traffic`: when each came, from where, and its way through the
/// tiers.
struct Trace {
    enum Segment: Equatable, Sendable {
        /// Seconds of the log.
        case work(Double)
        case pending(Double)
    }
    struct Stop: Equatable, Sendable {
        let tier: Int
        let segments: [Segment]
    }
    struct Case: Equatable, Sendable {
        let number: Int
        /// Second of the day.
        let arrival: Double
        let region: String
        let product: String
        let impact: String
        let stops: [Stop]
        var tiers: [Int] { stops.map(\.tier) }
    }

    struct Malformed: Error, CustomStringConvertible {
        let line: Int
        let what: String
        var description: String { "trace, line \(line): \(what)" }
    }

    let day: String
    let cases: [Case]

    /// Reads the cases of one day; the first `count` of them if that is given.
    init(_ text: String, day: String, count: Int?) throws {
        self.day = day
        var cases: [Case] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("#") || line.isEmpty { continue }
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 7 else { throw Malformed(line: index + 1, what: "expected 7 columns or more") }
            guard fields[0] == day else { continue }
            guard let second = Double(fields[1]), let number = Int(fields[2]) else {
                throw Malformed(line: index + 1, what: "expected numbers in columns 2 and 3")
            }
            cases.append(
                Case(
                    number: number, arrival: second, region: fields[3], product: fields[4], impact: fields[5],
                    stops: try Self.stops(fields[6], line: index + 1)))
            if cases.count == count { break }
        }
        self.cases = cases
    }

    private static func stops(_ path: String, line: Int) throws -> [Stop] {
        try path.split(separator: ">").map { stop in
            let parts = stop.split(separator: ":")
            guard let tier = Int(parts[0]), (1...3).contains(tier), parts.count <= 2 else {
                throw Malformed(line: line, what: "expected a tier from 1 to 3 in \"\(stop)\"")
            }
            let segments = try (parts.count == 2 ? parts[1].split(separator: ",") : []).map { segment in
                guard let seconds = Double(segment.dropFirst()), let kind = segment.first, "wp".contains(kind) else {
                    throw Malformed(line: line, what: "expected w or p and seconds, found \"\(segment)\"")
                }
                return kind == "w" ? Segment.work(seconds) : .pending(seconds)
            }
            return Stop(tier: tier, segments: segments)
        }
    }
}
