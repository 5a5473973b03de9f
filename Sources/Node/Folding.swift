import Dispatch
import Foundation
import Journal
import Routing
import Synchronization
import Wire

/// Folds what a start reads into a ledger. Whoever reads hands it over in lots, which are folded in their order. With
/// threads, reading, decoding, folding and the archive's part of it go on side by side; whoever folds decodes too when
/// the others are behind.
final class Folding: Sendable {
    enum Lot: Sendable {
        /// What was folded before is forgotten: a snapshot begins, with the archive as long as it says.
        case snapshot(archiveBytes: UInt64)
        /// Rows, or records.
        case parcel(Parcel)
        /// There are no more rows; the record that they must have come to.
        case snapshotEnd(lsn: Journal.LSN)
        /// The state is written out once more, to see that it is the one that the snapshot was made of.
        case compare(hash: UInt64?, version: UInt8)
    }
    struct Unusable: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private struct Work: ~Copyable {
        var ledger = Ledger(unlisted: ())
        /// Whether the state is the one that the snapshot says.
        var isRight = true
        var lsnTold: UInt64 = 0
        /// See `Ledger.look`.
        var looked = 0
    }
    /// Lots that wait to be folded; when there are more, the reader waits.
    private static let lotsMax = 16

    private let log: Log
    private let shelving: Shelving
    private let work = Mutex(Work())
    private let failure = Mutex<(any Error)?>(nil)
    private let line: JobLine
    /// The same parcels, for whoever decodes ahead.
    private let ahead: JobLine

    /// Without threads each lot is folded as it is put: where all must happen in the same order each time.
    init(in storage: any Storage, hasThreads: Bool, log: Log) {
        self.log = log
        shelving = Shelving(in: storage, hasThread: hasThreads, log: log)
        line = JobLine("fold", most: Self.lotsMax, hasThread: hasThreads)
        ahead = JobLine("decode", most: Self.lotsMax, hasThread: hasThreads)
    }

    /// Throws what went wrong with the lots before.
    func put(_ lot: Lot) throws {
        if case .parcel(let parcel) = lot { ahead.run { parcel.decode() } }
        hand(lot)
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// The journal is whole: what is put from here on are its records, and the archive may be changed. Throws what was
    /// wrong with it before.
    func beginRecords() throws {
        shelving.open()
        try shelving.check()
    }

    /// Returns when all that was put is folded.
    func settle() throws {
        line.drain()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Returns when all that was closed is in the archive, too.
    func settleAll() throws {
        try settle()
        try shelving.settle()
    }

    /// What was folded is forgotten, and what went wrong with it: a start begins anew, perhaps with the first record.
    func forget() {
        hand(.snapshot(archiveBytes: 0))
        line.drain()
    }

    /// Nothing more is put.
    func end() {
        line.end()
        ahead.end()
        shelving.end()
    }

    /// What it came to, once all is settled. Throws if the state that a snapshot gave is not the one that was written.
    func result(of snapshot: Snapshot.Summary?) throws(JournalError) -> Ledger {
        let isRight = work.withLock { $0.isRight }
        if let snapshot, !isRight {
            throw .snapshotRefused(
                file: snapshot.file, offset: Int(snapshot.bytes), reason: "the state read is not the state written")
        }
        return work.withLock { work in
            var done = Work()
            swap(&work, &done)
            var ledger = done.ledger
            ledger.list()
            return ledger
        }
    }

    /// The archive with all that was closed, once all is settled.
    func shelf(of id: Journal.ClusterID) throws -> ArchiveShelf { try shelving.finish(of: id) }

    private func hand(_ lot: Lot) { line.run { [self] in fold(lot) } }

    // MARK: - folding

    private func fold(_ lot: Lot) {
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
            shelving.begin(archiveBytes: archiveBytes)
        case .parcel(let parcel):
            switch try parcel.take() {
            case .rows(let rows):
                for row in rows where !work.ledger.restore(row) {
                    throw Unusable("a row does not belong to the state before it")
                }
            case .records(let records): fold(records, &work)
            }
        case .snapshotEnd(let lsn):
            guard work.ledger.lsn.value == lsn.number else {
                throw Unusable("it holds the state of LSN \(work.ledger.lsn.value)")
            }
        case .compare(let hash, let version):
            work.isRight = StateHash(of: work.ledger, version: version).value == hash
        }
    }

    private func fold(_ records: [Parcel.Record], _ work: inout Work) {
        // Records do not follow from a state that is not theirs; the start ends with that.
        guard work.isRight else { return }
        var closed: [TicketRecord] = []
        for place in records.indices {
            if let ticket = records[place].ticket { work.looked &+= work.ledger.look(at: ticket) }
        }
        for place in records.indices {
            let left = work.ledger.apply(records[place].record, at: records[place].wall)
            if let left { closed.append(left) }
        }
        shelving.append(closed)
        if work.ledger.lsn.value - work.lsnTold >= 500_000 {
            work.lsnTold = work.ledger.lsn.value
            log.info("journal: read up to record \(work.lsnTold), \(work.ledger.tickets.count) tickets")
        }
    }
}

/// The reader's side: collects, and hands over in lots.
struct FoldingReader {
    private static let recordsPerLot = 512
    private static let rowBytesPerLot = 64 << 10

    private let folding: Folding
    private let log: Log
    private var records = Parcel.Bytes()
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
        guard let version = LedgerRow.wireVersion(ofContent: reader.contentVersion) else {
            throw Folding.Unusable("its content has version \(reader.contentVersion), not \(LedgerRow.contentVersion)")
        }
        try folding.put(.snapshot(archiveBytes: reader.archiveBytes))
        var (rows, told): (Parcel.Bytes, Int) = (Parcel.Bytes(version: version), 0)
        while let record = try reader.next() {
            rows.add(row: record.bytes)
            if rows.count >= Self.rowBytesPerLot {
                try folding.put(.parcel(Parcel(rows)))
                rows = Parcel.Bytes(version: version)
            }
            if reader.offset - told >= 64 << 20 {
                told = reader.offset
                log.info("snapshot: \(told >> 20) MiB read")
            }
        }
        try folding.put(.parcel(Parcel(rows)))
        try folding.put(.snapshotEnd(lsn: reader.lsn))
        try folding.settle()
        // While the journal is read for the first time.
        try folding.put(.compare(hash: reader.summary?.stateHash, version: version))
    }

    mutating func replay(_ record: JournalRecord) throws {
        try checkWireVersion(record.type)
        if bytes == 0 { try folding.beginRecords() }
        if record.type != records.version {
            try handOver()
            records = Parcel.Bytes(version: record.type)
        }
        records.add(record)
        bytes += UInt64(record.bytes.count) + 8
        if records.ends.count == Self.recordsPerLot { try handOver() }
    }

    /// Returns when all that was replayed is folded.
    mutating func settle() throws {
        try handOver()
        try folding.settleAll()
    }

    private mutating func handOver() throws {
        guard !records.ends.isEmpty else { return }
        try folding.put(.parcel(Parcel(records)))
        records = Parcel.Bytes(version: records.version)
    }
}
