import Dispatch
package import Journal
package import Routing
import Synchronization

/// A ledger's disk, and the hand that works on it. One batch is on its way at a time: whoever makes the next one waits
/// for the one before, and lets nothing leave that says what is in it before it is durable.
///
/// Measured: at 1,000 tickets a second on two cores acknowledgements take up to a third longer when each batch goes to
/// the hand's thread and back; so only long ones are handed over, where there is work for both threads.
package final class LedgerWriter: Sendable {
    /// What one turn has decided.
    package struct Batch: Sendable {
        /// The records, and what goes to the archive; the rest is for its maker.
        package var effects: [Coordinator.Effect]
        package var reign: UInt32
        package var wall: WallTime
        /// Nothing else is going on: there is time for what need not be done now.
        package var isIdle: Bool
        /// It is worth a hand's work.
        package var isLong: Bool
        /// The ledger behind the batch's last record; only needed when the last report asked for one.
        package var image: LedgerImage?
        package init(
            _ effects: [Coordinator.Effect], reign: UInt32, wall: WallTime, isIdle: Bool, isLong: Bool,
            image: LedgerImage? = nil
        ) {
            self.effects = effects
            self.reign = reign
            self.wall = wall
            self.isIdle = isIdle
            self.isLong = isLong
            self.image = image
        }
    }

    /// How the disk stands after a batch.
    package struct Report: Sendable {
        /// Nil before the first batch.
        package var counters: JournalCounters?
        package var isNearlyFull = false
        package var snapshots: UInt64 = 0
        package var archived = 0
        package var archiveBytes: UInt64 = 0
        /// The next batch should come at once, though it be empty.
        package var isBusy = false
        /// Idle batches change nothing.
        package var isTended = false
        package var isSnapshotRunning = false
        /// The next batch should have an image.
        package var wantsImage = false
        package init() {}
    }

    private let disk = Mutex<LedgerDisk?>(nil)
    private let hand: (any LedgerHand)?
    /// Told, on the hand's thread, that there is something to be seen of the batch on its way.
    private let onProgress: @Sendable () -> Void

    package init(hand: (any LedgerHand)? = nil, onProgress: @escaping @Sendable () -> Void = {}) {
        self.hand = hand
        self.onProgress = onProgress
    }

    /// Opens the folder, once, and gives the ledger that it holds.
    package func open(_ make: (inout Ledger) throws -> LedgerDisk) throws -> Ledger {
        var ledger = Ledger()
        try disk.withLock { disk in disk = try make(&ledger) }
        return ledger
    }

    /// Sends a batch on its way; the one before it must have come to its end.
    package func send(_ batch: Batch) -> Flight {
        let flight = Flight(hand)
        guard let hand, batch.isLong || hand.takesShort else {
            carry(batch, flight) {}
            return flight
        }
        hand.run { [self] in carry(batch, flight, onProgress) }
        return flight
    }

    private func carry(_ batch: Batch, _ flight: Flight, _ onProgress: () -> Void) {
        disk.withLock { disk in
            guard var open = disk.take() else { return }
            flight.carry(batch, to: &open, onProgress)
            disk = consume open
        }
    }

    package var report: Report { disk.withLock { $0?.report ?? Report() } }

    /// What was found when the folder was opened.
    package var opening: OpeningReport? { disk.withLock { $0?.journal.opening } }

    /// A ticket that has left the live ledger, if the archive has it; waits for the batch on its way.
    package func archived(_ ticket: TicketID) throws(JournalError) -> TicketRecord? {
        hand?.hurry()
        return try disk.withLock { disk throws(JournalError) in try disk?.archived(ticket) }
    }
}

/// A batch on its way to the disk. Its maker looks at it; the hand carries it, or he himself.
package final class Flight: Sendable {
    package enum Stage: Sendable {
        case written
        /// It is durable: what follows from it may leave.
        case durable
        /// All is done, and the next one may be sent.
        case over(LedgerWriter.Report, LedgerDisk.Note?)
        /// What is on the disk is not known. The process must end.
        case failed(JournalError)
    }
    private let state = Mutex(Stage.written)
    private let isOver = DispatchSemaphore(value: 0)
    private let hand: (any LedgerHand)?

    fileprivate init(_ hand: (any LedgerHand)?) { self.hand = hand }

    package var stage: Stage { state.withLock { $0 } }

    /// Returns when the next batch may be sent, or none any more.
    package func wait() {
        hand?.hurry()
        isOver.wait()
        isOver.signal()
    }

    /// All records, one write and one sync; then what can wait.
    fileprivate func carry(
        _ batch: LedgerWriter.Batch, to disk: inout LedgerDisk, _ onProgress: () -> Void
    ) {
        do throws(JournalError) {
            for case .journal(let lsn, _, let record) in batch.effects { try disk.append(record, as: lsn) }
            try disk.commit(reign: batch.reign, wall: batch.wall)
            state.withLock { $0 = .durable }
            onProgress()
            for case .archive(let record) in batch.effects { try disk.archive(record) }
            let note = try disk.tend(batch.image, isIdle: batch.isIdle)
            let report = disk.report
            state.withLock { $0 = .over(report, note) }
        } catch {
            state.withLock { $0 = .failed(error) }
        }
        isOver.signal()
        onProgress()
    }
}

extension LedgerDisk {
    var report: LedgerWriter.Report {
        var report = LedgerWriter.Report()
        report.counters = journal.counters
        report.isNearlyFull = journal.isNearlyFull
        report.snapshots = snapshots
        report.archived = archived
        report.archiveBytes = archiveBytes
        report.isBusy = isBusy
        report.isTended = journal.isTended && !isBusy
        report.isSnapshotRunning = isSnapshotRunning
        report.wantsImage = wantsImage
        return report
    }
}
