/// Commands on their way to the coordinator: numbered, batched by turn, a few batches at once, repeated until answered.
/// A repeat has the same number and gets the first outcome; see `Limits` for how much may wait.
struct Outbox: Sendable {
    /// What to do with an outcome.
    enum Purpose: Equatable, Sendable {
        case submit(RequestToken, Int, tries: Int)
        case attach(RequestToken, Int)
        case reattach(AgentID, AgentEpoch)
        case detach(AgentID)
        case accept(RequestToken, Int, AgentID, OfferID)
        /// The router's own, for an agent who is not asked; or for one who takes the ticket in a poll.
        case ownAccept(Offer, PollPlace?)
        /// Where the ticket is that an agent wants to take.
        case locate(PollPlace, AgentID, TicketID, Fence)
        case work(RequestToken, Int)
        case giveBack
        case attempted
        case query(RequestToken)
        case explain(RequestToken, TicketID)
        case drain
    }
    struct Entry: Sendable {
        let command: Command
        let purpose: Purpose
        /// What was known when it was sent first: its outcome is newer than that, and maybe older than what was heard
        /// meanwhile.
        var asked: LSN?
        /// For submissions: since when it waits, and until when somebody waits for it.
        var waits: (since: Instant, until: Instant)?
    }
    private struct Batch: Sendable {
        let id: UInt64
        let first: UInt64
        let count: Int
        let sentAt: Instant
        /// What is news in its answer is what happened since then.
        let cursor: LSN
        /// Its answer, while one before it is still out.
        var outcomes: [Outcome]?
    }

    /// Unanswered commands in order; the first has the number `firstNumber`.
    private var entries: [Entry] = []
    private var firstNumber: UInt64 = 1
    /// How many of `entries` are in batches that are on their way.
    private var sentCount = 0
    private var batches: [Batch] = []
    private var poll: Batch?
    private var idLast: UInt64 = 0
    /// Who is on duty and who is not, until an answer says that it was heard; the latest of each agent.
    private var duty = Table<AgentID, (report: DutyReport, sent: UInt64)>()

    /// Attaches that wait for their turn, and how many of `entries` are attaches.
    private var attaches: [Entry] = []
    private var attachesOut = 0
    var points = Points.none

    /// Beyond it new ones are not taken.
    var waitingMax: Int { points.bound(Limits.commandsWaitingMax, .fewCommandsWaiting) }
    var isFull: Bool { entries.count >= waitingMax || attaches.count >= waitingMax }
    var count: Int { entries.count + attaches.count }
    var commands: [Command] { (entries + attaches).map(\.command) }
    /// Whether the next `due` begins a poll.
    var needsPoll: Bool { poll == nil }

    mutating func add(_ command: Command, for purpose: Purpose) {
        let entry = Entry(command: command, purpose: purpose)
        if case .attach = command { attaches.append(entry) } else { entries.append(entry) }
    }
    /// A submission, for somebody who waits until then.
    mutating func add(_ command: Command, for purpose: Purpose, at now: Instant, until: Instant) {
        entries.append(Entry(command: command, purpose: purpose, waits: (now, until)))
    }

    /// How long the submission that waits longest has waited, as far as the first thousand commands tell.
    func submitDelay(at now: Instant) -> Interval {
        for entry in entries.prefix(Limits.commandsPerBatchMax) {
            if let waits = entry.waits { return now.since(waits.since) }
        }
        return .zero
    }

    /// Takes out what never left and is waited for no longer, once that is true of the first of them. Nothing before it
    /// changes its number.
    mutating func takeStale(at now: Instant) -> [Entry] {
        let unsent = entries[sentCount...].firstIndex { $0.asked == nil && $0.waits != nil }
        guard let first = unsent, let waits = entries[first].waits, waits.until <= now else { return [] }
        var stale: [Entry] = []
        let kept = entries[first...].filter { entry in
            let isStale = entry.waits.map { $0.until <= now } ?? false
            if isStale { stale.append(entry) }
            return !isStale
        }
        entries.replaceSubrange(first..., with: kept)
        return stale
    }

    mutating func report(_ agent: HostedAgent) {
        let report = DutyReport(
            agent: agent.id, agentEpoch: agent.epoch, isOnDuty: agent.isOnDuty, version: agent.presenceVersion)
        duty[agent.id] = (report, .max)
    }

    /// Whether an attach of the agent has left and was not answered.
    func isAttaching(_ agent: AgentID) -> Bool {
        entries.prefix(sentCount).contains { if case .attach(agent, _, _) = $0.command { true } else { false } }
    }

    /// A poll that is out is given up: the next one asks from another state on.
    mutating func askAnew() { poll = nil }

    /// Puts as many attaches among the commands as may be there.
    private mutating func admitAttaches() {
        let lot = attaches.prefix(points.bound(Limits.attachesOutstandingMax, .fewAttaches) - attachesOut)
        guard !lot.isEmpty else { return }
        attachesOut += lot.count
        entries += lot
        attaches.removeFirst(lot.count)
    }

    /// The reports that go with the exchange of that number.
    private mutating func reports(for id: UInt64) -> [DutyReport] {
        guard !duty.isEmpty else { return [] }
        return duty.keys.compactMap { agent in
            duty.update(agent) { row in
                row.sent = min(row.sent, id)
                return row.report
            }
        }
    }

    /// What went with that exchange was heard: every report that was first sent with it or before.
    private mutating func heard(through id: UInt64) {
        guard !duty.isEmpty else { return }
        for agent in duty.keys where duty[agent].map({ $0.sent <= id }) ?? false { duty[agent] = nil }
    }

    /// Numbers begin anew; what was not answered is asked again, and keys, fences and epochs make that safe.
    mutating func beginIncarnation() {
        firstNumber = 1
        sentCount = 0
        batches = []
        poll = nil
        duty = Table()
    }

    /// What to send now: the next batch, if there is something for it, and a parked poll, if none is out.
    mutating func due(
        _ incarnation: Incarnation, cursor: LSN, at now: Now, park: Interval, slice: LoadSlice? = nil,
        listing: [RegionListing] = []
    ) -> [(UInt64, Exchange)] {
        var exchanges: [(UInt64, Exchange)] = []
        admitAttaches()
        while sentCount < entries.count && batches.count < points.bound(Limits.batchesOutstandingMax, .oneBatch) {
            let count = min(entries.count - sentCount, points.bound(Limits.commandsPerBatchMax, .smallBatches))
            let first = firstNumber + UInt64(sentCount)
            for place in sentCount..<(sentCount + count) where entries[place].asked == nil {
                entries[place].asked = cursor
            }
            let commands = entries[sentCount..<(sentCount + count)].map(\.command)
            exchanges.append(
                (nextID(), exchange(incarnation, cursor, .zero, first: first, commands, listing)))
            batches.append(Batch(id: idLast, first: first, count: count, sentAt: now.instant, cursor: cursor))
            sentCount += count
        }
        if poll == nil {
            let next = firstNumber + UInt64(entries.count)
            exchanges.append((nextID(), exchange(incarnation, cursor, park, first: next, [], listing, slice)))
            poll = Batch(id: idLast, first: next, count: 0, sentAt: now.instant, cursor: cursor)
        }
        return exchanges
    }

    private mutating func nextID() -> UInt64 {
        idLast += 1
        return idLast
    }

    private mutating func exchange(
        _ incarnation: Incarnation, _ cursor: LSN, _ park: Interval, first: UInt64, _ commands: [Command],
        _ listing: [RegionListing], _ slice: LoadSlice? = nil
    ) -> Exchange {
        Exchange(
            incarnation: incarnation, cursor: cursor, park: park, firstCommand: first,
            acknowledged: firstNumber - 1, commands: commands, duty: reports(for: idLast), slice: slice,
            listing: listing)
    }

    /// Takes an answer in: when the question left, from when on it has all news, and the commands it settles with their
    /// outcomes. Nil for an answer that nobody waits for any more.
    mutating func answered(
        _ id: UInt64, _ outcomes: [Outcome]
    ) -> (sentAt: Instant, cursor: LSN, settled: [(Entry, Outcome)])? {
        heard(through: id)
        if let poll, poll.id == id {
            self.poll = nil
            return (poll.sentAt, poll.cursor, [])
        }
        guard let place = batches.firstIndex(where: { $0.id == id }) else { return nil }
        let batch = batches[place]
        guard outcomes.count == batch.count else {
            lost(id)
            return (batch.sentAt, batch.cursor, [])
        }
        // One before it may still be out: answers overtake each other. They take effect in order of the questions.
        batches[place].outcomes = outcomes
        return (batch.sentAt, batch.cursor, settleFirst())
    }

    /// Commands of the first batches, as far as those are answered.
    private mutating func settleFirst() -> [(Entry, Outcome)] {
        var settled: [(Entry, Outcome)] = []
        while let batch = batches.first, batch.first == firstNumber, let outcomes = batch.outcomes {
            batches.removeFirst()
            settled += zip(entries.prefix(batch.count), outcomes).map { ($0, $1) }
            attachesOut -= entries.prefix(batch.count).count { if case .attach = $0.command { true } else { false } }
            entries.removeFirst(batch.count)
            firstNumber += UInt64(batch.count)
            sentCount -= batch.count
        }
        return settled
    }

    /// No answer: it is sent again, and what left after it. The answers of what left before it may still come.
    mutating func lost(_ id: UInt64) {
        if poll?.id == id {
            poll = nil
        } else if let place = batches.firstIndex(where: { $0.id == id }) {
            sentCount = Int(batches[place].first - firstNumber)
            batches.removeSubrange(place...)
        }
    }

    /// The coordinator lacks one before it, which was overtaken or lost, or it has begun anew: all that was not settled
    /// is sent again, in order, rather than this one until then.
    mutating func refused(_ id: UInt64) {
        guard batches.contains(where: { $0.id == id }) else { return }
        lost(batches[0].id)
    }
}
