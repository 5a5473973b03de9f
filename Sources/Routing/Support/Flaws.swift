/// A mistake that can be switched on in the production code when it starts, to show that a checker would find it: in
/// the simulator's tests, and by whoever wants to see a harness fail. Nothing else switches one on.
///
/// Each is at one place, which names it; what is written there without the flaw is what production does.
package enum Flaw: String, CaseIterable, Sendable {
    /// The coordinator lets whoever held a ticket once go on with it, also when another one holds it now.
    case fenceUnchecked = "fence-unchecked"
    /// The coordinator assigns a waiting ticket to whoever accepted an offer of it, however long ago.
    case lateAcceptHonoured = "late-accept-honoured"
    /// The coordinator does not ask whether an agent has the units and the channel free.
    case capacityUnchecked = "capacity-unchecked"
    /// The coordinator takes commands for agents who are at home elsewhere by now.
    case agentEpochIgnored = "agent-epoch-ignored"
    /// The coordinator does anew what a router asks again because the answer was lost.
    case batchRepeated = "batch-repeated"
    /// A new reign arms no timer of tickets that the reigns before had opened.
    case timersLostAtRestart = "timers-lost-at-restart"
    /// A new reign has forgotten which keys were used.
    case keysForgottenAtRestart = "keys-forgotten-at-restart"
    /// An agent who vanished keeps his tickets.
    case graceEndless = "grace-endless"
    /// A region's new owner is not told of what was widened to the region.
    case wideningLost = "widening-lost"
    /// A ticket that is opened again may go to anybody.
    case resolverLost = "resolver-lost"
    /// Whoever attaches is not told what he holds.
    case workLostAtAttach = "work-lost-at-attach"
    /// A ticket that was put off starts a second later, whatever its time is.
    case startUnchecked = "start-unchecked"
    /// The router counts its lease from when the answer came, and three times as long.
    case leaseFromReceipt = "lease-from-receipt"
    /// The home router goes on showing what its owner has withdrawn.
    case withdrawIgnored = "withdraw-ignored"
    /// The owner asks an agent again who has just declined.
    case exclusionForgotten = "exclusion-forgotten"
    /// A router that lost a region keeps its queues and offers from them.
    case ownerEpochIgnored = "owner-epoch-ignored"
    /// Clocks go on while the ticket waits for its customer.
    case pausesCounted = "pauses-counted"
    /// The owner queues tickets as if they asked for no skills.
    case requirementsLost = "requirements-lost"
    /// The owner queues tickets as if none were urgent.
    case prioritiesLost = "priorities-lost"
    /// Why a ticket waits is asked of any router but the one that has its queue.
    case explainedElsewhere = "explained-elsewhere"
    /// Why an agent gets nothing leaves out what was widened to his groups.
    case wideningUnexplained = "widening-unexplained"
    /// Whoever looks a ticket up is not shown its last step, but for the opening.
    case historyCut = "history-cut"
    /// The coordinator answers first and syncs then.
    case answerBeforeSync = "answer-before-sync"
    /// The journal reads a torn batch as if it were whole.
    case tornTailAccepted = "torn-tail-accepted"
    /// The journal takes the first damage that it finds for the end of what was written.
    case decayOverlooked = "decay-overlooked"
    /// The journal tries a failed sync again, and believes it.
    case syncRetried = "sync-retried"
}

/// The flaws that are switched on: none, but for the runs that look for one.
package struct Flaws: Equatable, Sendable {
    private let flaws: [Flaw]
    package static let none = Flaws([])

    package init(_ flaws: [Flaw]) { self.flaws = flaws }

    package func contains(_ flaw: Flaw) -> Bool { flaws.contains(flaw) }
}
