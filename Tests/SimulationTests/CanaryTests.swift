import Routing
import Testing

@testable import Simulation

/// Each checker must be able to fail: with a mistake switched on in the nodes, worlds from the first seed on are played
/// until one of the checkers that are there for it says so.
@Suite("canaries") struct CanaryTests {
    /// Who must notice; the first to do so is enough.
    static let expected: [Flaw: Set<String>] = [
        .fenceUnchecked: ["OneHolder", "AcceptsAreCurrent"], .lateAcceptHonoured: ["AcceptsAreCurrent"],
        .capacityUnchecked: ["CapacityKept"], .agentEpochIgnored: ["OneSession"],
        .batchRepeated: ["AttemptsCounted", "AgentsKnow", "NobodyWaitsInVain", "EveryTicketEnds"],
        .timersLostAtRestart: ["TimersFire", "EveryTicketEnds"],
        .keysForgottenAtRestart: ["ExactlyOnce", "RecoveryFolds", "AnswersAlike"],
        .graceEndless: ["GraceEnds"], .wideningLost: ["QueuesComplete"], .resolverLost: ["ResolverFirst"],
        .workLostAtAttach: ["AgentsKnow", "LoadsAgree"], .startUnchecked: ["TimersFire"],
        .leaseFromReceipt: ["LeasesHonoured"],
        .withdrawIgnored: ["OffersEnd"], .exclusionForgotten: ["DeclinesRespected"],
        .ownerEpochIgnored: ["OwnersAgree", "OffersEnd", "QueuesComplete"],
        .answerBeforeSync: ["NothingLost", "JournalInOrder"], .tornTailAccepted: ["RecoveryFolds"],
        .prioritiesLost: ["OrderKept"], .explainedElsewhere: ["ExplainedRight"],
        .decayOverlooked: ["DecayNoticed"], .pausesCounted: ["ClocksFire"], .requirementsLost: ["SkillsKept"],
        .historyCut: ["HistoryWhole"], .wideningUnexplained: ["AgentsExplained"],
        .syncRetried: ["NothingLost", "RecoveryFolds"],
    ]

    /// Smaller than a run's worlds, which a debug build takes seconds for.
    private func options(_ seed: UInt64) -> Options {
        var options = Options.swarm(seed: seed)
        options.tickets = min(options.tickets, 60)
        options.agents = min(options.agents, 10)
        options.manages = min(options.manages, 40)
        options.workTime = 20_000
        return options
    }

    @Test("every flaw has somebody who must notice it")
    func everyFlaw() {
        #expect(Flaw.allCases.allSatisfy { Self.expected[$0] != nil })
        let names = Set(Checkers.all().map(\.name))
        #expect(Self.expected.values.allSatisfy { $0.isSubset(of: names) })
    }

    @Test("a flaw is noticed by a checker that is there for it", arguments: Flaw.allCases)
    func noticed(_ flaw: Flaw) throws {
        let wanted = Self.expected[flaw] ?? []
        let checkers = Checkers.all().filter { wanted.contains($0.name) }
        for seed in UInt64(1)...120 {
            var options = options(seed)
            // What is decided twice is counted twice only where offers have no names.
            if flaw == .batchRepeated { options.olderRouters = options.routers }
            let run = try Run(options, flaws: Flaws([flaw]), checkers: checkers, endsEarly: true)
            let noticed = Set(run.wrong.compactMap { $0.split(separator: ":").first.map(String.init) })
            if !noticed.isDisjoint(with: wanted) { return }
        }
        Issue.record("\(flaw.rawValue): none of \(wanted.sorted()) in 120 worlds")
    }

    @Test("without a flaw nothing is noticed")
    func nothing() throws {
        for seed in UInt64(1)...3 {
            let run = try Run(options(seed))
            #expect(run.wrong == [], "seed \(seed)")
        }
    }
}
