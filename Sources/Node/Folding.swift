import Dispatch
import Foundation
import Journal
import Routing
import Synchronization
import Wire

/// Folds what a start reads into a ledger. Whoever reads and decodes hands it over in lots, which are folded in their
/// order on a thread of its own, if there may be one: so that reading and folding go on side by side.
final class Folding: Sendable {
    enum Lot: Sendable {
        /// What was folded before is forgotten: a snapshot begins, with the archive as long as it says.
        case snapshot(archiveBytes: UInt64)
        case rows([LedgerRow])
        /// There are no more rows; what they must have come to.
        case snapshotEnd(lsn: Journal.LSN, hash: UInt64?)
        case records([Record])
        /// Whoever waits is told that all before it is done.
        case pause(DispatchSemaphore)
    }
    struct Record: Sendable {
        let record: LedgerRecord
        let wall: WallTime
    }
    struct Unusable: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private struct Work: ~Copyable {
        var ledger = Ledger()
        var shelf: ArchiveShelf?
        var archiveBytes: UInt64 = 0
        var lsnTold: UInt64 = 0
    }
    /// Lots that wait to be folded; when there are more, the reader waits.
    private static let lotsMax = 8

    private let storage: any Storage
    private let log: Log
    private let work = Mutex(Work())
    private let failure = Mutex<(any Error)?>(nil)
    private let queue: BoundedQueue<Lot>?
    private let check = Mutex<HashCheck?>(nil)

    /// Without a thread each lot is folded as it is put: where all must happen in the same order each time.
    init(in storage: any Storage, hasThread: Bool, log: Log) {
        self.storage = storage
        self.log = log
        queue = hasThread ? BoundedQueue(Self.lotsMax) : nil
        guard let queue else { return }
        Background.start("fold") { [self] in
            while let lot = queue.take() { fold(lot) }
        }
    }

    /// Throws what went wrong with the lots before.
    func put(_ lot: Lot) throws {
        if let queue { queue.put(lot) } else { fold(lot) }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Returns when all that was put is folded.
    func settle() throws {
        let isDone = DispatchSemaphore(value: 0)
        queue?.put(.pause(isDone))
        if queue != nil { isDone.wait() }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// What was folded is forgotten, and what went wrong with it: a start begins anew, perhaps with the first record.
    func forget() {
        let isDone = DispatchSemaphore(value: 0)
        guard let queue else { return fold(.snapshot(archiveBytes: 0)) }
        queue.put(.snapshot(archiveBytes: 0))
        queue.put(.pause(isDone))
        isDone.wait()
    }

    /// Nothing more is put.
    func end() { queue?.end() }

    /// What it came to, once all is settled: the ledger, and the archive with all that was closed. Throws if the state
    /// that a snapshot gave is not the one that was written.
    func result(of snapshot: Snapshot.Summary?) throws(JournalError) -> (ledger: Ledger, archiveBytes: UInt64) {
        if let snapshot, let check = check.withLock({ $0 }), !check.isRight {
            throw .snapshotRefused(
                file: snapshot.file, offset: Int(snapshot.bytes), reason: "the state read is not the state written")
        }
        return work.withLock { work in
            defer { work.ledger = Ledger() }
            return (work.ledger, work.archiveBytes)
        }
    }

    /// The archive, as far as records made it be opened.
    func takeShelf() -> ArchiveShelf? { work.withLock { $0.shelf.take() } }

    // MARK: - folding

    private func fold(_ lot: Lot) {
        if case .pause(let isDone) = lot {
            isDone.signal()
            return
        }
        if case .snapshot = lot { failure.withLock { $0 = nil } }
        guard failure.withLock({ $0 == nil }) else { return }
        do { try work.withLock { work in try fold(lot, &work) } } catch {
            failure.withLock { $0 = error }
        }
    }

    private func fold(_ lot: Lot, _ work: inout Work) throws {
        switch lot {
        case .snapshot(let archiveBytes):
            work = Work()
            work.archiveBytes = archiveBytes
            check.withLock { $0 = nil }
        case .rows(let rows):
            for row in rows where !work.ledger.restore(row) {
                throw Unusable("a row does not belong to the state before it")
            }
        case .snapshotEnd(let lsn, let hash):
            guard work.ledger.lsn.value == lsn.number else {
                throw Unusable("it holds the state of LSN \(work.ledger.lsn.value)")
            }
            let begun = HashCheck(of: LedgerImage(of: work.ledger), expected: hash, hasThread: queue != nil)
            check.withLock { $0 = begun }
        case .records(let records):
            if work.shelf == nil, let id = try Journal.clusterID(in: storage) {
                work.shelf = try ArchiveShelf(in: storage, of: id, cutTo: work.archiveBytes, log: log)
            }
            for record in records {
                guard let closed = work.ledger.apply(record.record, at: record.wall) else { continue }
                try work.shelf?.append(closed)
                try work.shelf?.tend()
            }
            if work.ledger.lsn.value - work.lsnTold >= 500_000 {
                work.lsnTold = work.ledger.lsn.value
                log.info("journal: read up to record \(work.lsnTold), \(work.ledger.tickets.count) tickets")
            }
        case .pause: break
        }
    }
}

/// Writes a whole state out once more, to see that it is the one that a snapshot was made of; beside other work.
private final class HashCheck: Sendable {
    private let found = Mutex<UInt64?>(nil)
    private let isDone = DispatchSemaphore(value: 0)
    private let expected: UInt64?

    init(of image: LedgerImage, expected: UInt64?, hasThread: Bool) {
        self.expected = expected
        if hasThread {
            Background.start("hash") { [self] in count(image) }
        } else {
            count(image)
        }
    }

    private func count(_ image: LedgerImage) {
        let value = StateHash(image).value
        found.withLock { $0 = value }
        isDone.signal()
    }

    /// Waits until it is known.
    var isRight: Bool {
        isDone.wait()
        defer { isDone.signal() }
        return found.withLock { $0 } == expected
    }
}

/// The reader's side: decodes, and hands over in lots.
struct FoldingReader {
    private static let recordsPerLot = 512
    private static let rowsPerLot = 4

    private let folding: Folding
    private let log: Log
    private var records: [Folding.Record] = []
    /// Of the records, as they lie in the journal.
    private(set) var bytes: UInt64 = 0

    init(_ folding: Folding, log: Log) {
        self.folding = folding
        self.log = log
    }

    /// Reads the whole snapshot, and returns when all of it is in the ledger. Throws a reason when it is not one;
    /// nothing of it is left then.
    func restore(_ reader: inout SnapshotReader) throws {
        do { try read(&reader) } catch {
            folding.forget()
            throw error
        }
    }

    private func read(_ reader: inout SnapshotReader) throws {
        guard reader.contentVersion == LedgerRow.contentVersion else {
            throw Folding.Unusable("its content has version \(reader.contentVersion), not \(LedgerRow.contentVersion)")
        }
        try folding.put(.snapshot(archiveBytes: reader.archiveBytes))
        var (rows, told, tickets): ([LedgerRow], Int, Int) = ([], 0, 0)
        while let record = try reader.next() {
            var decoder = Decoder(record.bytes)
            let row: LedgerRow = try decoder.value()
            try decoder.finish()
            if case .tickets(let some) = row { tickets += some.count }
            rows.append(row)
            if rows.count == Self.rowsPerLot {
                try folding.put(.rows(rows))
                rows = []
            }
            if reader.offset - told >= 64 << 20 {
                told = reader.offset
                log.info("snapshot: \(told >> 20) MiB read, \(tickets) tickets")
            }
        }
        try folding.put(.rows(rows))
        try folding.put(.snapshotEnd(lsn: reader.lsn, hash: reader.summary?.stateHash))
        try folding.settle()
    }

    mutating func replay(_ record: JournalRecord) throws {
        guard record.type == wireVersion else { throw WireError.version(record.type) }
        var decoder = Decoder(record.bytes)
        let entry: LedgerRecord = try decoder.value()
        try decoder.finish()
        records.append(Folding.Record(record: entry, wall: WallTime(milliseconds: record.wall)))
        bytes += UInt64(record.bytes.count) + 8
        if records.count == Self.recordsPerLot { try handOver() }
    }

    /// Returns when all that was replayed is folded.
    mutating func settle() throws {
        try handOver()
        try folding.settle()
    }

    private mutating func handOver() throws {
        guard !records.isEmpty else { return }
        try folding.put(.records(records))
        records = []
        records.reserveCapacity(Self.recordsPerLot)
    }
}
