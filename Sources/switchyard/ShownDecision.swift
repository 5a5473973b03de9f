import Routing

/// Why an agent was asked, with names in place of numbers.
struct ShownDecision: Encodable {
    struct Candidate: Encodable {
        let agent: String
        let score: UInt64
    }
    let policy: UInt32
    let group: String
    let strategy: String
    /// What the scores are.
    let scoredBy: String
    let knowsTheCustomer: Bool
    let byClaim: Bool
    let members: Int
    let ready: Int
    let able: Int
    let notExcluded: Int
    let mayBeMore: Bool
    let chosen: Candidate
    let best: [Candidate]
    private let words: Strategy

    private enum CodingKeys: String, CodingKey {
        case policy, group, strategy, scoredBy, knowsTheCustomer, byClaim, members, ready, able, notExcluded
        case mayBeMore, chosen, best
    }

    init(_ record: DecisionRecord, _ catalog: Catalog) {
        func shown(_ candidate: DecisionRecord.Candidate) -> Candidate {
            Candidate(agent: catalog.agents.name(candidate.agent.value), score: candidate.score)
        }
        policy = record.policyVersion
        group = catalog.groups.name(record.group.value)
        strategy = "\(record.strategy)"
        scoredBy = record.strategy.scoreWords
        knowsTheCustomer = record.isSticky
        byClaim = record.isClaim
        members = Int(record.counts.members)
        ready = Int(record.counts.ready)
        able = Int(record.counts.able)
        notExcluded = Int(record.counts.notExcluded)
        mayBeMore = record.counts.mayBeMore
        chosen = shown(record.chosen)
        best = record.best.map(shown)
        words = record.strategy
    }

    var text: String {
        let how = knowsTheCustomer ? "because he knows the customer (else by \(strategy))" : "by \(strategy)"
        let claim = byClaim ? ", claimed by another region's owner" : ""
        let least = mayBeMore ? "at least " : ""
        var names = best.map { "\($0.agent) \(words.inWords($0.score))" }
        if !best.contains(where: { $0.agent == chosen.agent }) {
            names.append("and the chosen one, \(chosen.agent), \(words.inWords(chosen.score))")
        }
        return "given to \(chosen.agent) through \(group) \(how)\(claim): "
            + "\(members) members, \(ready) ready, \(least)\(able) able, \(least)\(notExcluded) not excluded; "
            + "\(names.joined(separator: ", ")) (policy \(policy))"
    }
}

extension Strategy {
    fileprivate var scoreWords: String {
        switch self {
        case .longestIdle: "milliseconds without a new ticket"
        case .leastLoaded: "thousandths of the units in use"
        case .roundRobin: "milliseconds since last asked"
        case .bestSkilled: "sum of levels"
        case .fewestHandled: "tickets in the window that counts"
        }
    }

    fileprivate func inWords(_ score: UInt64) -> String {
        switch self {
        case .longestIdle: "idle \(duration(score))"
        case .leastLoaded: "\(score / 10).\(score % 10) % in use"
        case .roundRobin: "last asked \(duration(score)) ago"
        case .bestSkilled: "levels \(score)"
        case .fewestHandled: "\(score) handled"
        }
    }
}

/// As in "850 ms", "40.2 s", "12 min" and "3.5 h": two to three digits, which is what an estimate is worth.
func duration(_ milliseconds: UInt64) -> String {
    func tenths(_ count: UInt64, _ unit: String) -> String {
        count >= 1000 || count % 10 == 0 ? "\(count / 10) \(unit)" : "\(count / 10).\(count % 10) \(unit)"
    }
    switch milliseconds {
    case ..<1000: return "\(milliseconds) ms"
    case ..<120_000: return tenths(milliseconds / 100, "s")
    case ..<7_200_000: return tenths(milliseconds / 6000, "min")
    default: return tenths(milliseconds / 360_000, "h")
    }
}
