package import Journal
package import Routing
import Wire

/// The coordinator's shell: decodes, steps the core, journals, syncs, and only then lets anything leave.
package final class CoordinatorNode: Steppable {
    private let name: String
    private let network: any Network
    private let log: Log
    /// Starts to read the cluster file anew; what it reads arrives as `loaded` with that token.
    package var load: (@Sendable (UInt64?) -> Void)?
    /// Sees every record once it is durable, before any answer leaves.
    package var onJournaled: ((LSN, WallTime, LedgerRecord) -> Void)?
    private var disk: LedgerDisk
    private var coordinator: Coordinator
    private var traffic = Traffic()
    private var effects: [Coordinator.Effect] = []
    /// Answers that wait for this turn's sync.
    private var later: [(Reply, Coordinator.RequestToken)] = []
    package private(set) var isOver = false
    package private(set) var exitCode: Int32?
    private let flaws: Flaws

    /// Opens the ledger in `storage`, folds it, adopts `company` if it is a new one, and begins a reign.
    /// Throws what makes the start impossible: a damaged journal, a lock that another process holds.
    package init(
        name: String, company: Company, storage: any Storage, clusterID: ClusterIDSource,
        sizes: LedgerDisk.Sizes = LedgerDisk.Sizes(), marker: (any InitMarker)? = nil, network: any Network, now: Now,
        log: Log, flaws: Flaws = .none, points: Points = .none,
        onJournaled: ((LSN, WallTime, LedgerRecord) -> Void)? = nil
    ) throws {
        self.name = name
        self.onJournaled = onJournaled
        self.network = network
        self.log = log
        self.flaws = flaws
        var ledger = Ledger()
        disk = try LedgerDisk(
            in: storage, of: clusterID, sizes: sizes, marker: marker, into: &ledger, log: log, flaws: flaws,
            points: points)
        log.note(disk.journal.opening, tickets: ledger.tickets.count, archived: disk.archived)
        coordinator = Coordinator(ledger: ledger, flaws: flaws, points: points, at: now, into: &effects)
        coordinator.versions = (Version.program, network.library)
        let isNew = company.text != ledger.policyText
        let version = isNew ? ledger.policyVersion + 1 : ledger.policyVersion
        let (policy, additions) = company.compile(
            adding: ledger.catalog, version: version, today: now.wall)
        coordinator.step(.policyLoaded(policy, text: company.text, additions: additions), at: now, into: &effects)
        try perform(at: now)
        try tend(isIdle: false, at: now)
        log.info("reign \(coordinator.ledger.reign), policy \(policy.version)")
    }

    package var core: Coordinator { coordinator }
    package var nextDeadline: Instant? { disk.isBusy ? Instant(milliseconds: 0) : coordinator.nextDeadline }

    package func turn(_ arrivals: [Arrival], at now: Now) {
        traffic.turns += 1
        coordinator.step(.turnBegins, at: now, into: &effects)
        for arrival in arrivals { take(arrival, at: now) }
        coordinator.step(.turnEnds, at: now, into: &effects)
        do {
            let before = disk.journal.durableLSN
            try perform(at: now)
            try tend(isIdle: isOver || disk.journal.durableLSN == before, at: now)
        } catch {
            // What was not synced was not answered; the next reign reads what the disk really has.
            let advice = error.isDiskFull ? "; free some space, then start it again" : ""
            log.error("journal: \(error): leaving without an answer to this turn\(advice)")
            effects = []
            later = []
            isOver = true
            exitCode = ExitCode.journalFailed
        }
    }

    /// What the journal has to do between turns; and new tickets are refused while the disk is nearly full.
    private func tend(isIdle: Bool, at now: Now) throws(JournalError) {
        let wasNearlyFull = disk.journal.isNearlyFull
        if let note = try disk.tend(coordinator.ledger, isIdle: isIdle) { log.note(note) }
        guard disk.journal.isNearlyFull != wasNearlyFull else { return }
        if disk.journal.isNearlyFull {
            log.warning("journal: the disk is nearly full: new tickets are refused (diskFull), all other work goes on")
        } else {
            log.info("journal: the disk has space again: new tickets are taken")
        }
        coordinator.step(.diskChanged(isNearlyFull: disk.journal.isNearlyFull), at: now, into: &effects)
    }

    private func take(_ arrival: Arrival, at now: Now) {
        switch arrival {
        case .request(let token, _, let bytes):
            traffic.came(bytes)
            do throws(WireError) {
                step(try Frame.decode(Request.self, bytes), Coordinator.RequestToken(token), at: now)
            } catch {
                traffic.wireErrors += 1
                log.warning("a request was not understood: \(error)")
                reply(.refused(.notUnderstood), Coordinator.RequestToken(token))
            }
        case .turnedAway: traffic.turnedAway += 1
        case .shed(let requests, let publications): traffic.shed(requests: requests, publications: publications)
        case .reload: reload(nil)
        case .loaded(let company, let token): adopt(company, token, at: now)
        case .stop: isOver = true
        case .disconnected, .answered, .failed, .published, .silent: break
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
            guard let record = try disk.archived(ticket) else { return }
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

    /// All records first, one sync, then everything else in order.
    private func perform(at now: Now) throws(JournalError) {
        guard !effects.isEmpty || !later.isEmpty else { return }
        if flaws.contains(.answerBeforeSync) { answer() }
        for case .journal(let lsn, _, let record) in effects { try disk.append(record, as: lsn) }
        try disk.commit(reign: coordinator.ledger.reign, wall: coordinator.ledger.wall)
        if let onJournaled {
            for case .journal(let lsn, let wall, let record) in effects { onJournaled(lsn, wall, record) }
        }
        for case .archive(let record) in effects { try disk.archive(record) }
        if !flaws.contains(.answerBeforeSync) { answer() }
        effects.removeAll(keepingCapacity: true)
    }

    private func answer() {
        for effect in effects { tell(effect) }
        for (answer, token) in later { reply(answer, token) }
        later = []
    }

    private func tell(_ effect: Coordinator.Effect) {
        switch effect {
        case .journal, .archive: break
        case .joined(let joined, let token): reply(.joined(joined), token)
        case .exchanged(let exchanged, let token): reply(.exchanged(exchanged), token)
        case .answered(.status(var status), let token):
            status.counters.messages = traffic.messagesIn + traffic.messagesOut
            status.counters.syncs = disk.journal.counters.syncs
            reply(.answered(.status(status), coordinator.policy.catalog), token)
        case .answered(let outcome, let token): reply(.answered(outcome, coordinator.policy.catalog), token)
        case .refused(let refusal, let token): reply(.routerRefused(refusal), token)
        case .report(let report): log.info(report.sentence)
        }
    }

    private func reply(_ reply: Reply, _ token: Coordinator.RequestToken) {
        let bytes = Frame.encode(reply)
        traffic.went(bytes)
        network.reply(token.value, bytes)
    }

    private var vitals: Vitals {
        let ledger = coordinator.ledger
        return Vitals(
            role: "coordinator", name: name,
            values: traffic.vitals + [
                Vital("syncs", disk.journal.counters.syncs), Vital("journalBytes", disk.journal.counters.bytes),
                Vital("diskNearlyFull", disk.journal.isNearlyFull ? 1 : 0), Vital("snapshots", disk.snapshots),
                Vital("ticketsArchived", UInt64(disk.archived)), Vital("archiveBytes", disk.archiveBytes),
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
            Vital("requestsShed", requestsShed), Vital("turns", turns), Vital("redials", redials),
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
