package import Journal
package import Routing
import Wire

/// The coordinator's shell: decodes, steps the core, journals, syncs, and only then lets anything leave. While one
/// turn's batch is written and synced the core takes the next turn; what that says waits for its own batch.
package final class CoordinatorNode: Steppable {
    private let name: String
    private let network: any Network
    private let log: Log
    /// Starts to read the cluster file anew; what it reads arrives as `loaded` with that token.
    package var load: (@Sendable (UInt64?) -> Void)?
    /// Sees every record once it is durable, before any answer leaves.
    package var onJournaled: ((LSN, WallTime, LedgerRecord) -> Void)?
    private let writer: LedgerWriter
    /// The last batch, until it has come to its end.
    private var flight: Flight?
    /// What follows from the batch on its way.
    private var held = Outcome()
    /// As of the last batch that has come to its end.
    private var report = LedgerWriter.Report()
    /// When the last batch was sent.
    private var tendedAt = Instant(milliseconds: 0)
    private var coordinator: Coordinator
    private var traffic = Traffic()
    private var effects: [Coordinator.Effect] = []
    /// Answers that wait for this turn's sync.
    private var later: [(Reply, Coordinator.RequestToken)] = []
    private struct Outcome {
        var effects: [Coordinator.Effect] = []
        var later: [(Reply, Coordinator.RequestToken)] = []
    }
    package private(set) var isOver = false
    package private(set) var exitCode: Int32?
    private let flaws: Flaws

    /// Opens the ledger in `storage`, folds it, adopts `company` if it is a new one, and begins a reign.
    /// Throws what makes the start impossible: a damaged journal, a lock that another process holds. All work on the
    /// disk that takes long is the hand's; `onProgress` is called, on its thread, when there is news of it, for which a
    /// turn is due.
    package init(
        name: String, company: Company, storage: any Storage, clusterID: ClusterIDSource,
        sizes: LedgerDisk.Sizes = LedgerDisk.Sizes(), marker: (any InitMarker)? = nil,
        hand: (any LedgerHand)? = nil, onProgress: @escaping @Sendable () -> Void = {}, network: any Network,
        now: Now, log: Log, flaws: Flaws = .none, points: Points = .none,
        onJournaled: ((LSN, WallTime, LedgerRecord) -> Void)? = nil
    ) throws {
        self.name = name
        self.onJournaled = onJournaled
        self.network = network
        self.log = log
        self.flaws = flaws
        writer = LedgerWriter(hand: hand, onProgress: onProgress)
        let ledger = try writer.open { ledger in
            try LedgerDisk(
                in: storage, of: clusterID, sizes: sizes, marker: marker, hasThreads: hand?.hasThreads ?? false,
                into: &ledger, log: log, flaws: flaws, points: points)
        }
        report = writer.report
        if let opening = writer.opening {
            log.note(opening, tickets: ledger.tickets.count, archived: report.archived)
        }
        coordinator = Coordinator(ledger: ledger, flaws: flaws, points: points, at: now, into: &effects)
        coordinator.versions = (Version.program, network.library)
        let isNew = company.text != ledger.policyText
        let version = isNew ? ledger.policyVersion + 1 : ledger.policyVersion
        let (policy, additions) = company.compile(
            adding: ledger.catalog, version: version, today: now.wall)
        coordinator.step(.policyLoaded(policy, text: company.text, additions: additions), at: now, into: &effects)
        send(at: now)
        try land(at: now)
        log.info("reign \(coordinator.ledger.reign), policy \(policy.version)")
    }

    /// Looks at the core where it is: see `RouterNode`.
    package func withCore<Result>(_ look: (Coordinator) -> Result) -> Result { show(&coordinator, look) }
    package var nextDeadline: Instant? {
        flight == nil && report.isBusy ? Instant(milliseconds: 0) : coordinator.nextDeadline
    }
    /// While a batch is on its way, little is better taken together with what comes until it is durable.
    package var bytesWorthATurn: Int {
        if case .written? = flight?.stage { Limits.aheadBytesMin } else { 0 }
    }

    package func turn(_ arrivals: [Arrival], at now: Now) {
        traffic.turns += 1
        let bytesBefore = traffic.bytesIn
        do throws(JournalError) {
            try settle(at: now)
            let isOnlyNews = !arrivals.isEmpty && arrivals.allSatisfy(\.isNewsOfDisk)
            if isOnlyNews, nextDeadline.map({ $0 > now.instant }) ?? true { return }
            coordinator.step(.turnBegins, at: now, into: &effects)
            for arrival in arrivals.withoutDeserted(&traffic) {
                take(arrival, at: now)
                try settle(at: now)
            }
            coordinator.step(.turnEnds, at: now, into: &effects)
            try land(at: now)
            send(bytesTaken: traffic.bytesIn - bytesBefore, at: now)
            if isOver { try land(at: now) } else { try settle(at: now) }
        } catch {
            // What was not synced was not answered; the next reign reads what the disk really has.
            let advice = error.isDiskFull ? "; free some space, then start it again" : ""
            log.error("journal: \(error): leaving without an answer to this turn\(advice)")
            effects = []
            later = []
            held = Outcome()
            isOver = true
            exitCode = ExitCode.journalFailed
        }
    }

    // MARK: - the batch on its way

    /// Sends this turn's records on their way; the batch before has come to its end. What has no record to wait for
    /// leaves at once.
    private func send(bytesTaken: UInt64 = 0, at now: Now) {
        let isIdle = !effects.contains { if case .journal = $0 { true } else { false } }
        held = Outcome(effects: effects, later: later)
        effects = []
        later = []
        if isIdle || flaws.contains(.answerBeforeSync) { release() }
        if isIdle && !isOver && report.isTended && now.instant.since(tendedAt) < Limits.diskRest { return }
        tendedAt = now.instant
        let image = report.wantsImage ? LedgerImage(of: coordinator.ledger) : nil
        flight = writer.send(
            LedgerWriter.Batch(
                isIdle ? [] : held.effects, reign: coordinator.ledger.reign, wall: coordinator.ledger.wall,
                isIdle: isIdle || isOver, isLong: bytesTaken >= Limits.aheadBytesMin || report.isBusy, image: image))
    }

    /// Waits until the batch on its way has come to its end.
    private func land(at now: Now) throws(JournalError) {
        flight?.wait()
        try settle(at: now)
    }

    /// Does what the batch on its way has made possible so far.
    private func settle(at now: Now) throws(JournalError) {
        switch flight?.stage {
        case nil, .written: break
        case .durable: release()
        case .over(let report, let news):
            flight = nil
            let wasNearlyFull = self.report.isNearlyFull
            self.report = report
            release()
            if let news { log.note(news) }
            if report.isNearlyFull != wasNearlyFull { note(isNearlyFull: report.isNearlyFull, at: now) }
        case .failed(let error): throw error
        }
    }

    /// Lets leave what has waited for the sync, in its order.
    private func release() {
        let outcome = held
        held = Outcome()
        if let onJournaled {
            for case .journal(let lsn, let wall, let record) in outcome.effects { onJournaled(lsn, wall, record) }
        }
        for effect in outcome.effects { tell(effect) }
        for (answer, token) in outcome.later { reply(answer, token) }
    }

    /// New tickets are refused while the disk is nearly full.
    private func note(isNearlyFull: Bool, at now: Now) {
        if isNearlyFull {
            log.warning("journal: the disk is nearly full: new tickets are refused (diskFull), all other work goes on")
        } else {
            log.info("journal: the disk has space again: new tickets are taken")
        }
        coordinator.step(.diskChanged(isNearlyFull: isNearlyFull), at: now, into: &effects)
    }

    private func take(_ arrival: Arrival, at now: Now) {
        switch arrival {
        case .request(let token, _, let bytes):
            traffic.came(bytes)
            let asked = Coordinator.RequestToken(AskedToken.with(token, Frame.answerVersion(bytes)))
            do throws(WireError) {
                step(try Frame.decode(Request.self, bytes), asked, at: now)
            } catch {
                traffic.wireErrors += 1
                log.warning("a request was not understood: \(error)")
                reply(.refused(.notUnderstood), asked)
            }
        case .turnedAway: traffic.turnedAway += 1
        case .shed(let requests, let publications): traffic.shed(requests: requests, publications: publications)
        case .reload: reload(nil)
        case .loaded(let company, let token): adopt(company, token, at: now)
        case .stop: isOver = true
        case .disconnected, .answered, .failed, .published, .silent, .written: break
        }
    }

    private func step(_ request: Request, _ token: Coordinator.RequestToken, at now: Now) {
        switch request {
        case .join(let join): coordinator.step(.join(join, token), at: now, into: &effects)
        case .leave(let incarnation): coordinator.step(.leave(incarnation, token), at: now, into: &effects)
        case .exchange(let exchange):
            for case .show(let ticket) in exchange.commands { recall(ticket, at: now) }
            coordinator.step(.exchange(exchange, token), at: now, into: &effects)
        case .query(.show(let ticket)):
            recall(ticket, at: now)
            coordinator.step(.query(.show(ticket), token), at: now, into: &effects)
        case .query(.manage(let manage)): coordinator.step(.query(.manage(manage), token), at: now, into: &effects)
        case .query(.drain(let router, let isOn)):
            coordinator.step(.query(.drain(router: router, isOn: isOn), token), at: now, into: &effects)
        case .query(.own(let region, let router)):
            coordinator.step(.query(.own(region: region, router: router), token), at: now, into: &effects)
        case .query(.status): coordinator.step(.query(.status, token), at: now, into: &effects)
        case .vitals: reply(.vitals(vitals), token)
        case .reload: reload(token)
        case .submit, .attach, .poll, .peer, .query, .explainTicket, .explainAgent, .browse:
            reply(.refused(.notUnderstood), token)
        }
    }

    /// Fetches a ticket that is not live any more for the question that follows.
    private func recall(_ ticket: TicketID, at now: Now) {
        guard coordinator.ledger.tickets[ticket] == nil, coordinator.ledger.closed[ticket] == nil else { return }
        do throws(JournalError) {
            guard let record = try writer.archived(ticket) else { return }
            coordinator.step(.recalled(record), at: now, into: &effects)
        } catch { log.error("ticket \(ticket.value) cannot be shown: \(error)") }
    }

    private func reload(_ token: Coordinator.RequestToken?) {
        if let load { load(token?.value) } else if let token { reply(.refused(.notAllowed), token) }
    }

    /// Takes over a cluster file that was read while everything runs, or refuses it whole.
    private func adopt(_ loaded: Result<Company, Configuration.Invalid>, _ token: UInt64?, at now: Now) {
        let token = token.map { Coordinator.RequestToken($0) }
        let former = coordinator.policy.version
        switch loaded {
        case .failure(let invalid):
            let first = invalid.mistakes.prefix(10).map(\.description).joined(separator: "; ")
            log.error("the cluster file was not taken over, policy \(former) stays in force: \(first)")
            let problems = invalid.mistakes.prefix(100).map(\.description)
            if let token { reply(.reloaded(Reloaded(version: former, isChanged: false, problems: problems)), token) }
        case .success(let company):
            let isChanged = company.text != coordinator.ledger.policyText
            if isChanged {
                let (policy, additions) = company.compile(
                    adding: coordinator.ledger.catalog, version: former + 1, today: now.wall)
                coordinator.step(
                    .policyLoaded(policy, text: company.text, additions: additions), at: now, into: &effects)
            } else {
                log.info("the cluster file says what it said before: policy \(former) stays in force")
            }
            let version = coordinator.policy.version
            if let token {
                later.append((.reloaded(Reloaded(version: version, isChanged: isChanged, problems: [])), token))
            }
        }
    }

    private func tell(_ effect: Coordinator.Effect) {
        switch effect {
        case .journal, .archive: break
        case .joined(let joined, let token): reply(.joined(joined), token)
        case .exchanged(let exchanged, let token): reply(.exchanged(exchanged), token)
        case .answered(.status(var status), let token):
            status.counters.messages = traffic.messagesIn + traffic.messagesOut
            status.counters.syncs = report.counters?.syncs ?? 0
            reply(.answered(.status(status), coordinator.policy.catalog), token)
        case .answered(let outcome, let token): reply(.answered(outcome, coordinator.policy.catalog), token)
        case .refused(let refusal, let token): reply(.routerRefused(refusal), token)
        case .report(let report): log.info(report.sentence)
        }
    }

    private func reply(_ reply: Reply, _ token: Coordinator.RequestToken) {
        let asked = AskedToken.parts(token.value)
        let bytes = Frame.encode(reply, version: asked.version)
        traffic.went(bytes)
        network.reply(asked.token, bytes)
    }

    private var vitals: Vitals {
        let ledger = coordinator.ledger
        return Vitals(
            role: "coordinator", name: name,
            values: traffic.vitals + [
                Vital("syncs", report.counters?.syncs ?? 0), Vital("journalBytes", report.counters?.bytes ?? 0),
                Vital("diskNearlyFull", report.isNearlyFull ? 1 : 0), Vital("snapshots", report.snapshots),
                Vital("ticketsArchived", UInt64(report.archived)), Vital("archiveBytes", report.archiveBytes),
                Vital("records", coordinator.counters.records), Vital("commands", coordinator.counters.commands),
                Vital("refusals", coordinator.counters.refusals), Vital("ticketsLive", UInt64(ledger.tickets.count)),
                Vital("ticketsOpened", ledger.ticketsOpened), Vital("ticketsClosed", ledger.ticketsClosed),
                Vital("ticketsWidened", ledger.ticketsWidened), Vital("keysKept", UInt64(ledger.keys.count)),
                Vital("keysForgottenEarly", ledger.keys.forgottenEarly),
                Vital("loadsCompared", coordinator.reconciling.compared),
                Vital("loadsDiffered", coordinator.reconciling.differed),
                Vital("loadsRepaired", coordinator.reconciling.repaired),
            ] + coordinator.refusals.vitals, program: Version.program, library: network.library)
    }
}

extension Log {
    /// What was found when the journal was opened.
    fileprivate func note(_ opening: OpeningReport, tickets: Int, archived: Int) {
        if let snapshot = opening.snapshot { info("journal: began with \(snapshot.file), at LSN \(snapshot.lsn)") }
        for skipped in opening.snapshotsSkipped {
            error("journal: \(skipped); an older snapshot and the journal still had all of it")
        }
        info(
            "journal: \(opening.records) records in \(opening.segments) segments, \(tickets) live tickets, "
                + "\(archived) archived"
        )
        if let torn = opening.tornTail {
            warning(
                "journal: cut a torn tail of \(torn.bytes) bytes in \(torn.file) at \(torn.offset), LSN \(torn.lsn)")
        }
        if let problem = opening.markerProblem {
            warning("journal: no marker beside the folder, so an emptied one would not be noticed: \(problem)")
        }
    }
}

extension Log {
    fileprivate func note(_ note: LedgerDisk.Note) {
        switch note {
        case .began(let name, let tickets): info("\(name): begun, with \(tickets) live tickets")
        case .published(let name, let bytes): info("\(name): written and read back, \(bytes) bytes of rows")
        case .abandoned(let name, let error):
            warning("\(name): given up: \(error); the journal has it all, and another one is begun later")
        }
    }
}

extension Traffic {
    /// The numbers every node has.
    var vitals: [Vital] {
        [
            Vital("processorMicroseconds", Process.processorMicroseconds()),
            Vital("residentKiB", Process.residentKiB()), Vital("messagesIn", messagesIn),
            Vital("messagesOut", messagesOut), Vital("bytesIn", bytesIn), Vital("bytesOut", bytesOut),
            Vital("published", published), Vital("wireErrors", wireErrors), Vital("turnedAway", turnedAway),
            Vital("requestsShed", requestsShed), Vital("deserted", deserted), Vital("turns", turns),
            Vital("redials", redials),
        ]
    }
}

extension RefusalCounts {
    /// As in `refused.full`; only those that happened.
    var vitals: [Vital] { nonzero.map { Vital("refused.\($0.refusal)", $0.count) } }
}

extension Coordinator.Report {
    var sentence: String {
        switch self {
        case .routerJoined(let name, let incarnation): "router \(name) joined as incarnation \(incarnation.value)"
        case .routerLeft(let name): "router \(name) left"
        case .routerSuspect(let name): "router \(name) is late: nothing new is given to it"
        case .routerDrains(let name): "router \(name) drains: its regions and sessions go to others"
        case .routerDrainsNoMore(let name): "router \(name) takes regions and sessions again"
        case .routerLost(let name): "router \(name) is lost: its lease ran out"
        case .regionOwned(let region, let name): "region \(region) is owned by router \(name)"
        case .graceEnded(let agent, let tickets):
            "agent \(agent) did not come back; \(tickets) tickets return to queues"
        case .policyAdopted(let version): "policy \(version) is in force"
        case .alert(let ticket, let why): "alert: ticket \(ticket.value): \(why.sentence)"
        case .notified(let ticket, let audience, let why):
            "notice to \(audience): ticket \(ticket.value): \(why.sentence)"
        case .quarantined(let ticket, let why): "alert: ticket \(ticket.value) is quarantined: \(why.sentence)"
        case .loadRepaired(let agent):
            "alert: agent \(agent)'s router had other tickets for him than the ledger; put right (please report)"
        case .wallClockJumped(let difference):
            "the wall clock jumped by \(difference) ms; time goes on as before until it has kept that for a minute"
        case .wallClockBelieved(let difference): "the wall clock is believed again, \(difference) ms from before"
        }
    }
}
