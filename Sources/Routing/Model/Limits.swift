/// Every bound of the cluster in one place. What happens at a bound is named beside it.
package enum Limits {
    // Submissions: beyond these the submission is refused as `invalid`, with the field's name.
    package static let textBytesMax = 16 * 1024
    package static let subjectCharactersMax = 200
    package static let subjectBytesMax = 800
    package static let labelsMax = 32
    package static let wordBytesMax = 128
    package static let attachmentsMax = 8
    package static let attachmentBytesMax = 2048

    /// Beyond it `open` and `setPriority` are refused as `invalid`.
    package static let priorityMax: Priority = 9

    // Policy: beyond these the cluster file is refused by `check`.
    package static let skillsPerAgentMax = 64
    package static let groupsPerAgentMax = 64
    package static let requirementsMax = 8
    package static let groupStepsMax = 16
    package static let conditionsPerStepMax = 8
    package static let targetsPerStepMax = 8
    /// Of a step's note, a reason, a supervisor's name.
    package static let noteBytesMax = 256
    package static let relaxationsMax = 8
    package static let channelsMax = 64
    package static let awayReasonsMax = 64
    package static let calendarsMax = 128
    package static let intervalsPerDayMax = 8
    /// Holidays and special days of one calendar.
    package static let calendarDatesMax = 512
    /// How far a calendar's table reaches; outside of it everything counts as closed.
    package static let calendarDaysBack = 400
    package static let calendarDaysAhead = 1_826
    package static let declineReasonsMax = 64
    package static let offersAtOnceMax = 8
    package static let agentsMax = 100_000
    package static let groupsMax = 5_000
    package static let skillsMax = 4_096
    package static let regionsMax = 256
    package static let rulesMax = 4_096
    package static let capacityMax = 100
    package static let escalationDepthMax = 8

    // Queues: at `refuseAt` a group answers `full` to `open`; returns, transfers and escalations are never refused.
    package static let waitingPerGroup: UInt32 = 100_000
    /// Tickets of one signature that are passed over for one agent (he declined them) before the next one is tried.
    package static let exclusionScanMax = 1_024
    /// Different signatures among one group's waiting tickets that have a lane of their own; the tickets of further
    /// ones are looked at one by one, and shown in `vitals` as `mixed`.
    package static let signaturesPerGroupMax = 1_024
    /// Lanes that one sweep looks at; the next one goes on from there.
    package static let sweptLanesMax = 4_096
    /// Rounds of matching in one turn; what is left then is matched in the next one.
    package static let matchRoundsMax = 64
    /// Ready agents of a group that are looked at for the record of a decision; it says when there were more.
    package static let decisionScanMax = 64
    /// Agents who declined one ticket and are remembered; the oldest is forgotten first.
    package static let exclusionsPerTicketMax = 32
    /// Ended offers of a waiting ticket that the ledger knows by name, so that a repeat is not counted again. A router
    /// repeats what it had no answer to, of one ticket hardly more than `offersAtOnceMax`; older ones count again.
    package static let offersCountedMax = 32

    /// The longest time after which who declines may ask to be asked again; beyond it the decline is `invalid`.
    package static let retryAfterMax = Interval.seconds(24 * 3600)
    /// Tickets that an agent is shown when he asks what there is to take; the highest ranked ones.
    package static let browsedMax = 100

    // Ledger.
    /// Keys kept for the life of the ticket and 24 h; beyond this the oldest of closed tickets leave first, counted.
    package static let keysMax = 1_000_000
    package static let keyLife = Interval.seconds(24 * 3600)
    /// Customers of whom it is remembered who served them last.
    package static let customersKept = 200_000
    /// Closed tickets whose history can still be shown; beyond this the oldest answers `closed` without its steps.
    package static let closedKeptMax = 20_000
    /// Of archived tickets, the newest numbers whose place in the archive is kept in memory, 8 bytes each; older ones
    /// are answered `closed` without their steps.
    package static let archivedShownMax = 16_000_000
    /// Steps of one ticket's history; the oldest after the first are dropped.
    package static let historyMax = 128
    /// Groups on a ticket's path that are remembered for sending back down.
    package static let pathMax = 32
    /// Answers to an agent's numbered commands that are kept for a repeat.
    package static let commandsKeptPerAgent = 64
    /// Changes kept per region and per router for `exchange`; an older cursor gets the list of what waits, in parts.
    package static let changesKept = 4_096
    /// Tickets of a region that are listed in one answer, and live ones that are looked at for that.
    package static let ticketsListedMax = 2_048
    package static let ticketsLookedAtMax = 65_536
    /// Live tickets; beyond this `open` is refused as `full`.
    package static let ticketsMax = 2_000_000

    /// Waiting tickets that one turn looks at again because their group's hours, duty or policy changed; the rest
    /// follows in the next turns.
    package static let reviewsPerTurnMax = 1_000
    /// Timers that fire in one turn; what else is due follows in the next ones, in order of its time.
    package static let timersPerTurnMax = 2_000
    /// Bytes of a snapshot that one turn writes or reads back: an idle turn, and one that had work.
    package static let snapshotSliceIdle = 256 * 1024
    package static let snapshotSliceBusy = 64 * 1024
    /// How long a ledger's disk is left alone in idle turns, once there is nothing more to do for it: what others do to
    /// its free space is noticed so much later.
    package static let diskRest = Interval(milliseconds: 500)
    /// Keys of commands on one ticket that are remembered for a repeat; the oldest is forgotten first.
    package static let keysPerTicketMax = 64
    /// The furthest that a start may be put off, and the longest a pause can be.
    package static let delayMax = Interval.seconds(366 * 24 * 3600)
    /// Quarantined tickets that `status` names; it counts them all.
    package static let quarantinedShown = 20
    package static let contactBytesMax = 256
    /// Stretches of a ticket's life in one group and phase that are told apart; the oldest are then only added up.
    package static let spansMax = 128
    package static let spanTotalsMax = 32
    /// Deadlines of a ticket that a change moved or dropped; the oldest is forgotten first (the journal has them all).
    package static let clockChangesMax = 8
    package static let slasMax = 256
    package static let targetMax = Interval.seconds(366 * 24 * 3600)
    package static let warningsMax = 8
    /// Overdue clocks that fire in one turn; the rest follows in the next turns, in order of their deadlines.
    package static let clocksPerTurnMax = 200
    /// Tickets whose clocks one turn counts anew after a change of policy, and numbers it looks at to find them.
    package static let recountsPerTurnMax = 500
    package static let recountScanMax = 20_000
    /// Tickets that `status` names as at risk; it counts them all.
    package static let atRiskNamedMax = 20
    package static let atRiskWithin = Interval.seconds(15 * 60)
    /// Timers that one turn of the wheel moves or takes out; the rest follows in the next turns.
    package static let timerWorkPerTurnMax = 10_000

    // Exchanges between a router and the coordinator.
    package static let commandsPerBatchMax = 1_024
    package static let batchesOutstandingMax = 4
    /// Commands a router holds for the coordinator; beyond this clients hear `busy`. Submissions hear it at half of
    /// that, so that agents can finish what they have while no more comes in.
    package static let commandsWaitingMax = 20_000
    /// While a submission has waited so long for the coordinator, new ones are `busy`: what waits longer is asked for
    /// again by clients that have given up, and a cluster that works for those does nothing else any more.
    package static let submitDelayMax = Interval.seconds(1)
    /// How long a submitter waits who does not say.
    package static let submitPatience = Interval.seconds(10)
    /// What a refused submitter is told to wait, at the least and at the most.
    package static let retryAfterLeast = Interval(milliseconds: 200)
    package static let retryAfterMost = Interval.seconds(30)

    // A node's inbox, drained once a turn. Beyond these publications are dropped first (`gossipShed`; a digest tells),
    // then what outsiders ask is answered `busy` (`requestsShed`), and at twice as much, or so many bytes, anything.
    package static let inboxPublicationsMax = 2_048
    package static let inboxRequestsMax = 10_000
    package static let inboxBytesMax = 256 * 1024 * 1024
    /// While a batch of the coordinator is on its way to the disk, so much must have arrived before the next is begun;
    /// and what comes of less is carried by the thread that made it.
    package static let aheadBytesMin = 8 * 1024
    package static let routersMax = 256
    /// Attaches that one router has the coordinator decide at a time; others wait, so that a lost router's clients do
    /// not stand before the work of those who are here.
    package static let attachesOutstandingMax = 256

    // Regions and sessions that move in peace.
    /// Regions that one turn of the coordinator moves; the others follow in the next ones.
    package static let regionsMovedPerTurn = 4
    /// A region's new owner waits so long for what its former owner hands over; then it begins without.
    package static let handoverPatience = Interval(milliseconds: 500)
    /// What was let go of is kept for the new owner so long; then the offers in it are withdrawn.
    package static let releaseKept = Interval.seconds(2)
    /// Tickets of one region that are handed over with offers or exclusions; offers of others are withdrawn.
    package static let releasedTicketsMax = 10_000
    /// Ends of offers that are remembered while the offers are on their way; the oldest is forgotten first.
    package static let releasedEndsKept = 1_024
    /// Sessions that are told to move at once, and the time between two such lots: 1,280 a second.
    package static let sessionsMovedPerLot = 64
    package static let moveLotEvery = Interval(milliseconds: 50)
    /// A session whose turn it is to move gets no new offers, and waits so long for the end of those it has.
    package static let moveOfferPatience = Interval.seconds(5)
    /// A router that is asked to end does so after this, whatever is still with it.
    package static let drainPatience = Interval.seconds(8)
    /// Whoever is away for longer than this adds it to what he judges.
    package static let pauseNoticed = Interval(milliseconds: 500)
    /// How often each agent's tickets at his home router are compared with the ledger, and of how many at a time; one
    /// poll carries a slice, so a router with more than ten slices of agents takes longer for a round.
    package static let reconcileEvery = Interval.seconds(10)
    package static let loadsPerSliceMax = 1_024

    // Sessions: beyond these the answer is `full`.
    package static let sessionsMax = 10_000
    /// Entries of clients that are awaited, beyond two a session: then those go that have spoken since.
    package static let silencesSpare = 64
    /// Changes to "available" within a minute after which an agent is left alone until he has kept still for half a one
    /// (a client that sets its agent's status by itself; flex-project-template#290).
    package static let statusChangesMax = 6
    /// Tickets given to one agent that are remembered for fairness; more count as this many.
    package static let givenKept = 1_000
    /// Ended offers of other routers that a home router remembers, lest late copies of their reservations show them
    /// again; the oldest is forgotten first, and what is shown in vain ends at its time.
    package static let endedOffersKept = 256
    /// Tickets that one agent declined of late, remembered by his home router; the oldest is forgotten first, and an
    /// owner who has not heard of that may have him asked once more.
    package static let declinesKept = 64
    /// Agents of one router whose hours begin or end in one turn; the others follow in the next one.
    package static let shiftsPerTurnMax = 512
    package static let agentsPerSessionMax = 5_000
    package static let commandsPerPollMax = 256
    package static let submissionsPerMessageMax = 256
    /// Views in one answer to a poll; the rest goes with the next one.
    package static let viewsPerAnswerMax = 512

    /// Digests of a member that may be missed; after that its agents are not asked until it is heard again.
    package static let digestsMissedMax: UInt64 = 3

    // Frames.
    package static let clientMessageBytesMax = 2 * 1024 * 1024
    package static let nodeMessageBytesMax = 64 * 1024 * 1024
    package static let connectionsMax = 12_000
    package static let parkedPerConnectionMax = 64
    package static let peerRequestsWaitingMax = 20_000
}

/// The clockwork of a cluster, with its defaults; `settings` of the cluster file may change most of it.
package struct Timing: Equatable, Sendable {
    package var lease = Interval.seconds(3)
    package var offerTimeout = Interval.seconds(20)
    package var grace = Interval.seconds(60)
    package var reopenWindow = Interval.seconds(72 * 3600)
    package var declineExclusion = Interval.seconds(60)
    /// A parked poll of a router is answered after this at the latest; a third of the lease.
    package var routerPark = Interval.seconds(1)
    /// A parked poll of an agents' session is answered after this at the latest.
    package var sessionPark = Interval.seconds(10)
    /// Without a poll for so long after its last answer a session is gone.
    package var sessionTimeout = Interval.seconds(12)
    /// A region's new router waits so long before the region comes home to it.
    package var regionReturn = Interval.seconds(10)
    /// Changes of presence are gathered for so long before they are published.
    package var gossipGather = Interval(milliseconds: 20)
    package var gossipDigest = Interval.seconds(1)
    /// A reservation without an answer is repeated for so long, then withdrawn.
    package var reservePatience = Interval.seconds(1)
    /// The owner's own timer for an offer runs so much longer than the home router's.
    package var offerBackstop = Interval.seconds(2)
    /// Whoever knows the customer is asked alone for so long, if he is there; zero for never.
    package var stickyFor = Interval.zero
    /// As `stickyFor`, for whoever resolved a ticket that was reopened, was named in a transfer, or holds one whose
    /// customer answered while he was full.
    package var handOverFor = Interval.seconds(60)
    /// Whether a reopened ticket is ranked by its old age; else it comes as a new one.
    package var reopenKeepsAge = false
    /// A pending ticket without a time of its own comes back after this.
    package var pendingMax = Interval.seconds(7 * 24 * 3600)
    /// Moves that the cluster makes with one ticket by itself before it asks for a person.
    package var hopBudget: UInt32 = 10
    /// Agents who may decline a ticket or let it pass in one stay in a queue; then it is quarantined.
    package var attemptsMax: UInt32 = 100
    /// Holders who may vanish with a ticket; then it is quarantined.
    package var deathsMax: UInt32 = 3
    /// A ticket that lives longer ends; operators hear of it `lifeWarning` before.
    package var lifeMax = Interval.seconds(90 * 24 * 3600)
    package var lifeWarning = Interval.seconds(24 * 3600)
    /// What spilled over because the group was closed, empty or too long comes home when it has been well for so long.
    package var homecomingAfter = Interval.seconds(30)
    /// Who lets an offer expire that he had seen is left alone for so long and stays available; zero makes him
    /// `notResponding` instead, until he says otherwise.
    package var expiredPause = Interval.zero
    package init() {}
}
