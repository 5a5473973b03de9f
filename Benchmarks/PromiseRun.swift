import Routing

/// So many tickets that came at night under a promise of four clocks: what each takes of the coordinator's memory, and
/// what the morning costs, when the first clocks of all of them run out in the same millisecond. The records are made,
/// and not written: the journal is measured elsewhere.
struct PromiseRun {
    private let count: Int
    private var core: Coordinator
    private var effects: [Coordinator.Effect] = []
    private var minute: UInt64 = 0
    private static let midnight: UInt64 = 1_700_006_400_000

    /// 100,000 clocks within 2 s and no turn over 20 ms; a million tickets with 300 bytes of text each under 1 GiB.
    static let bounds: [String: Double] = [
        "us the longest turn of clocks": 20_000, "ms for 100,000 to fire": 2_000,
        "bytes a ticket with 4 clocks": 1_073,
    ]

    init(tickets count: Int) {
        self.count = count
        var effects: [Coordinator.Effect] = []
        core = Coordinator(ledger: Ledger(), at: Self.time(minute: 0), into: &effects)
        let policy = Self.policy
        var additions = Catalog.Additions()
        additions.regions = policy.catalog.regions.names
        additions.groups = policy.catalog.groups.names
        core.step(
            .policyLoaded(policy, text: "{}", additions: additions), at: Self.time(minute: 0), into: &effects)
    }

    private static func wall(minute: UInt64) -> WallTime {
        WallTime(milliseconds: midnight + minute * 60_000)
    }
    private static func time(minute: UInt64) -> Now {
        Now(instant: Instant(milliseconds: 1_000 + minute * 60_000), wall: wall(minute: minute))
    }

    /// Open from 9 to 17 for a year.
    private static var policy: Policy {
        var additions = Catalog.Additions()
        additions.regions = ["r"]
        additions.groups = (0..<20).map { "g\($0)" }
        var catalog = Catalog()
        catalog.add(additions)
        let groups = (0..<20).map { index -> Group? in
            Group(
                id: GroupID(UInt32(index)), name: "g\(index)", region: RegionID(0), tier: .agents, escalatesTo: nil,
                offerTimeout: .seconds(20), refuseAt: 1_000_000)
        }
        let edges = (0..<365).flatMap { day in
            [wall(minute: UInt64(day) * 1440 + 540), wall(minute: UInt64(day) * 1440 + 1020)]
        }
        let office = Hours(
            name: "office", zone: "UTC", from: wall(minute: 0), until: wall(minute: 366 * 1440), edges: edges)
        var sla = SLAPolicy(name: "all")
        sla.calendar = CalendarID(0)
        sla.clocks = [
            SLAPolicy.Terms(kind: .firstResponse, target: .seconds(3600)),
            SLAPolicy.Terms(kind: .firstResolution, target: .seconds(36_000)),
            SLAPolicy.Terms(kind: .resolution, target: .seconds(72_000)),
            SLAPolicy.Terms(kind: .groupTime, target: .seconds(28_800)),
        ]
        return Policy(
            version: 1, catalog: catalog, groups: groups, agents: [], regions: [true],
            rules: [Rule(name: "all", group: GroupID(0), priority: 5)], timing: Timing(),
            calendars: [office ?? .always],
            slas: [sla])
    }

    consuming func measure() -> [String: Double] {
        let empty = bytesResident()
        let opening = threadNanoseconds()
        for index in 0..<count { open(index) }
        let perTicket = Double(threadNanoseconds() - opening) / Double(count)
        let bytes = Double(bytesResident() - empty) / Double(count)
        let (longest, all, fired) = morning()
        invariant(fired == count, "not all have fired")
        print("\(count) tickets with 4 clocks: \(bytes) bytes each, opened in \(perTicket) ns;")
        print("  all run out at once: \(all) ms, the longest turn \(longest) us")
        return [
            "bytes a ticket with 4 clocks": bytes, "us the longest turn of clocks": longest,
            "ms for 100,000 to fire": all * 100_000 / Double(count),
        ]
    }

    private mutating func open(_ index: Int) {
        let submission = Submission(
            customer: "c\(index % 1000)", region: "r", subject: "ticket \(index)",
            text: String(repeating: "what a customer writes ", count: 13))
        let classification = Classification(
            group: GroupID(UInt32(index % 20)), priority: 5, signature: Signature([]), rule: "all")
        let open = Command.Open(
            key: SubmitKey(high: 0, low: UInt64(index)), hash: UInt64(index), policyVersion: 1,
            classification: classification, submission: submission)
        core.step(
            .query(.open(open), Coordinator.RequestToken(1)), at: Self.time(minute: 60), into: &effects)
        if effects.count > 1_000 { effects.removeAll(keepingCapacity: true) }
    }

    /// At 10:00 by the office's clock an hour has been counted of every first response.
    private mutating func morning() -> (longest: Double, all: Double, fired: Int) {
        var fired = 0
        var longest: UInt64 = 0
        let start = threadNanoseconds()
        for minute in [UInt64(539), 540, 599] { turn(at: minute, &fired, &longest) }
        invariant(fired == 0, "fired early")
        while fired < count {
            let before = fired
            turn(at: 600, &fired, &longest)
            if before == fired && core.nextDeadline.map({ $0 > Self.time(minute: 600).instant }) ?? true { break }
        }
        return (Double(longest) / 1_000, Double(threadNanoseconds() - start) / 1_000_000, fired)
    }

    private mutating func turn(at minute: UInt64, _ fired: inout Int, _ longest: inout UInt64) {
        effects.removeAll(keepingCapacity: true)
        let start = threadNanoseconds()
        core.step(.turnBegins, at: Self.time(minute: minute), into: &effects)
        core.step(.turnEnds, at: Self.time(minute: minute), into: &effects)
        longest = max(longest, threadNanoseconds() - start)
        for case .journal(_, _, .clockFired) in effects { fired += 1 }
    }
}
