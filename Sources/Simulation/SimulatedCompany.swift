package import Node
import Synchronization

/// The knobs of a simulated company: few values each, so that many seeds share a cluster file.
package struct CompanyOptions: Hashable, Sendable, CustomStringConvertible {
    /// Agents of tier 1...3 together.
    package var agents = 20
    /// How tickets come to agents; turns the ways over the groups.
    package var delivery = 0
    /// Whether groups and agents have hours that begin and end within the run.
    package var hasHours = false
    package var order = 0
    package var lease = "3s"
    package var grace = "5s"
    package var offerTimeout = "3s"
    package var stickyFor = "0s"
    package var lifeMax = "90d"
    package var hopBudget = 4
    package var isWrappingUp = false
    package var expiredPause = "0s"
    /// Whether the groups' steps overflow, move, escalate, raise and answer.
    package var hasSteps = true
    package var reopenKeepsAge = false
    /// Whose agents choose for themselves, 1...3; 0 for none.
    package var choosing = 0
    /// What is promised for which tickets, 1...3; 0 for nothing.
    package var promises = 0
    /// The shortest target of a clock in seconds, 15 at least.
    package var promised = 15

    package init() {}

    init(drawing random: inout SplitMix64) {
        delivery = random.below(4)
        hasHours = random.chance(1, of: 4)
        order = random.below(3)
        lease = random.pick(["1s", "3s", "3s"])
        grace = random.pick(["2s", "5s", "20s"])
        offerTimeout = random.pick(["400ms", "3s", "3s"])
        stickyFor = random.pick(["0s", "0s", "2s"])
        if random.chance(1, of: 4) { lifeMax = "90s" }
        hopBudget = random.pick([0, 2, 4, 8])
        isWrappingUp = random.chance(1, of: 3)
        expiredPause = random.pick(["0s", "2s"])
        hasSteps = random.chance(3, of: 4)
        reopenKeepsAge = random.chance(1, of: 2)
    }

    mutating func choose(drawing random: inout SplitMix64) { choosing = random.pick([0, 0, 0, 1, 2, 3]) }

    /// The groups whose agents choose.
    var chosenIn: [String] { [[], ["hq-2"], ["south-1", "vendors"], ["north-1", "hq-1"]][choosing] }

    mutating func promise(drawing random: inout SplitMix64) {
        promises = random.pick([0, 1, 2, 3])
        promised = random.pick([15, 15, 25, 60])
    }

    package var description: String {
        "lease \(lease), grace \(grace), offers \(offerTimeout), delivery \(delivery), order \(order), "
            + "sticky \(stickyFor), life \(lifeMax), hops \(hopBudget)\(hasHours ? ", hours" : "")"
            + "\(hasSteps ? ", steps" : "")\(isWrappingUp ? ", wrap-up" : "")"
            + (choosing > 0 ? ", \(chosenIn.joined(separator: " and ")) choose" : "")
            + (promises > 0 ? ", promises \(promises) of \(promised) s" : "")
    }
}

/// A company of three regions and three tiers as a cluster file, read and compiled as any other. Of one company there
/// are four variants, for reloads: in each other one something is missing.
package struct SimulatedCompany: Sendable {
    package static let regions = ["hq", "north", "south"]
    package static let groups = ["hq-1", "hq-2", "vendors", "north-1", "south-1"]
    package static let products = ["truck", "bus", "other"]
    package let options: CompanyOptions

    package init(_ options: CompanyOptions) { self.options = options }

    package func agentName(_ place: Int) -> String { "a\(place)" }

    private static let read = Mutex<[String: Company]>([:])

    /// The company of a variant, 0...3; 0 has everything.
    package func company(variant: Int) throws -> Company {
        let text = text(variant: variant)
        if let known = Self.read.withLock({ $0[text] }) { return known }
        let company = try Configuration.read([("company.json5", text)])
        Self.read.withLock { known in
            if known.count >= 1_000 { known = [:] }
            known[text] = company
        }
        return company
    }

    // MARK: - the file

    private func text(variant: Int) -> String {
        let regions = Self.regions.filter { variant != 1 || $0 != "north" }
        return """
            { // variant \(variant)
              settings: \(settings),
              regions: { \(regions.map { "\($0): { title: \"\($0)\" }" }.joined(separator: ", ")) },
              skills: ["truck", "bus", "general"],
              channels: { callback: { cost: 1, pendingCost: 0 }, mail: { cost: 1, pendingCost: \(variant % 2) } },
              \(calendars)
              slas: [ \(promises(variant).joined(separator: ",\n")) ],
              groups: { \(groups(variant).joined(separator: ",\n")) },
              agents: { \(agents(variant).joined(separator: ",\n")) },
              rules: [ \(rules(variant).joined(separator: ",\n")) ],
              default: { group: "hq-1", priority: 4, requires: [{ skill: "general", level: 1 }] } }
            """
    }

    private var settings: String {
        let order =
            switch options.order {
            case 1: #"order: "aging", headStarts: { "9": "20s", "5": "5s" },"#
            case 2: #"order: "deadline", targets: { "0": "1m", "5": "1m", "9": "1m" },"#
            default: ""
            }
        return """
            { lease: "\(options.lease)", grace: "\(options.grace)", offerTimeout: "\(options.offerTimeout)",
              regionReturn: "2s", reopenWindow: "6s", pendingMax: "8s", declineExclusion: "3s",
              handOverFor: "3s", homecomingAfter: "2s", stickyFor: "\(options.stickyFor)",
              expiredPause: "\(options.expiredPause)", lifeMax: "\(options.lifeMax)", lifeWarning: "20s",
              hopBudget: \(options.hopBudget), quarantineAfterAttempts: 8, quarantineAfterDeaths: 2, \(order)
              wrapUp: "\(options.isWrappingUp ? "700ms" : "0s")", reopenKeepsAge: \(options.reopenKeepsAge),
              declineReasons: [{ name: "busy", pause: "1s", exclude: "2s" }] }
            """
    }

    /// Open every other minute around the run, on that day; always open on all others.
    private var calendars: String {
        guard options.hasHours || options.promises > 0 else { return "" }
        func day(_ first: Int) -> String {
            let spans = (0..<4).map { "\"12:0\(first + 2 * $0)-12:0\(first + 2 * $0 + 1)\"" }
            return "[\"00:00-11:59\", \(spans.joined(separator: ", ")), \"12:10-24:00\"]"
        }
        let open = #"{ "mon-sun": ["00:00-24:00"] }"#
        return """
            calendars: { odd: { zone: "UTC", open: \(open), days: { "2026-11-22": \(day(0)) } },
                         even: { zone: "UTC", open: \(open), days: { "2026-11-22": \(day(1)) } } },
            """
    }

    private func lacks(_ variant: Int) -> Set<String> {
        switch variant {
        case 1: ["north-1"]
        case 3: ["vendors", "south-1"]
        default: []
        }
    }

    private func groups(_ variant: Int) -> [String] {
        let ways = ["offersAtOnce: 2", "autoAccept: true", "offersAtOnce: 1", "offersAtOnce: 4"]
        let lacking = lacks(variant)
        return Self.groups.enumerated().filter { !lacking.contains($0.element) }.map { place, name in
            let region = name.hasPrefix("north") ? "north" : name.hasPrefix("south") ? "south" : "hq"
            let tier = name == "vendors" ? 3 : name == "hq-2" ? 2 : 1
            let up = tier == 1 ? "hq-2" : tier == 2 && !lacking.contains("vendors") ? "vendors" : nil
            let way = options.chosenIn.contains(name) ? "pull: true" : ways[(options.delivery + place) % 4]
            var text = "\"\(name)\": { region: \"\(region)\", tier: \(tier), \(way)"
            if let up { text += ", escalatesTo: \"\(up)\"" }
            if options.promises > 0 { text += ", lead: \"a0\"" }
            if options.hasHours && name == "south-1" { text += ", hours: \"odd\"" }
            if options.hasSteps { text += ", overflowAt: 40, steps: [\(steps(name, lacking).joined(separator: ", "))]" }
            return text + " }"
        }
    }

    private func steps(_ group: String, _ lacking: Set<String>) -> [String] {
        func others(_ names: [String]) -> String {
            "[" + names.filter { !lacking.contains($0) }.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        }
        switch group {
        case "hq-1":
            return [
                "{ when: { attempts: 2 }, raise: 2 }", #"{ when: { waited: "12s" }, escalate: true }"#,
                "{ when: { length: 12 }, alert: true }",
            ]
        case "hq-2": return [#"{ when: { waited: "3s" }, raise: 1, every: "4s" }"#]
        case "vendors": return [#"{ when: { nobodyOnDuty: true }, move: "hq-2", every: "5s" }"#]
        case "north-1":
            return [
                #"{ when: { segment: "vip" }, widen: ["hq-1"] }"#,
                #"{ when: { waited: "2s" }, widen: \#(others(["hq-1", "south-1"])) }"#,
                #"{ when: { nobodyOnDuty: true }, widen: \#(others(["hq-1", "south-1"])), every: "3s" }"#,
                #"{ when: { age: "40s" }, escalate: true, alert: true }"#,
            ]
        default:
            let closed = #"{ when: { closed: true }, answer: "we open at {opens}", widen: ["hq-1"] }"#
            return (options.hasHours ? [closed] : []) + [
                #"{ when: { channel: "mail", waited: "2s" }, move: "hq-1" }"#,
                #"{ when: { predictedWait: "20s" }, widen: ["hq-1"] }"#,
                #"{ when: { attempts: 2 }, widen: ["hq-1"], every: "2s" }"#,
            ]
        }
    }

    private func agents(_ variant: Int) -> [String] {
        let lacking = lacks(variant)
        return (0..<options.agents).compactMap { place in
            if variant > 0 && place > 2 && place % 4 == variant { return nil }
            let own: [String] =
                switch place % 10 {
                // In a company of three, everyone does everything.
                case 0 where options.agents < 6: Self.groups
                case 1 where options.agents < 6: Self.groups
                case 0, 1: ["hq-1"]
                case 2: ["hq-2", "vendors"]
                case 3: ["hq-2"]
                case 4, 5, 6: ["north-1"]
                case 7, 8: ["south-1"]
                default: ["south-1", "hq-1", "north-1"]
                }
            let groups = own.filter { !lacking.contains($0) }
            let names = (groups.isEmpty ? ["hq-1"] : groups).map { "\"\($0)\"" }.joined(separator: ", ")
            let level = 1 + place * 7 % 10
            var text = "\"\(agentName(place))\": { groups: [\(names)], skills: { general: \(11 - level)"
            if place % 2 == 0 || options.agents < 6 { text += ", truck: \(level)" }
            if place % 3 == 0 || options.agents < 6 { text += ", bus: \(level)" }
            text += " }, capacity: \(variant == 2 ? 1 : 1 + place % 3)"
            if place % 3 == 0 { text += ", limits: { mail: 1 }" }
            if options.hasHours && place % 7 == 1 { text += ", hours: \"even\"" }
            return text + " }"
        }
    }

    private func rules(_ variant: Int) -> [String] {
        let lacking = lacks(variant)
        var rules: [String] = []
        let relax = #"relax: [{ after: "2s", level: 2 }, { after: "6s", drop: true }]"#
        if !lacking.contains("north-1") {
            rules.append(
                #"{ name: "north", when: { region: "north" }, group: "north-1", requires: [{ skillFrom: "product", "#
                    + #"otherwise: "general", level: 4, \#(relax) }] }"#)
        }
        if !lacking.contains("south-1") {
            rules.append(
                #"{ name: "south", when: { region: "south" }, group: "south-1", priority: 6, requires: "#
                    + #"[{ skill: "general", level: 2, preferred: true }] }"#)
        }
        rules.append(#"{ name: "vip", when: { segment: "vip" }, group: "hq-1", priority: 9, requires: [] }"#)
        return rules
    }
}
