@testable import Journal

/// A ledger as small as can be, over journal, snapshots and archive: every record is a row, every third one is archived
/// at once. What it holds after any crash must be the records from 1 to some number, each once.
struct SmallLedger: ~Copyable {
    /// Of live rows, by their numbers; sorted.
    private(set) var live: [UInt64]
    private(set) var journal: Journal
    private var archive: Archive
    private let storage: any Storage

    static func bytes(of lsn: UInt64) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: lsn &* 41), count: Int(lsn % 23))
    }

    init(on storage: any Storage, marker: (any InitMarker)? = nil) throws(JournalError) {
        var rows: [UInt64] = []
        var archived: [UInt64] = []
        let restore = { (reader: inout SnapshotReader) throws in
            // It may be an older one, after the newest was found damaged behind its rows.
            rows = []
            while let record = try reader.next() { rows.append([UInt8](record.bytes).span.uint64(at: 0)) }
            guard reader.summary?.stateHash == Self.hash(rows) else { throw Wrong(what: "state hash") }
        }
        let journal = try Journal.open(
            storage: storage, clusterID: .known(cluster), segmentBytes: 512, marker: marker, restore: restore
        ) { record in
            guard [UInt8](record.bytes) == Self.bytes(of: record.lsn.number) else { throw Wrong(what: "bytes") }
            if record.lsn.number % 3 == 0 {
                archived.append(record.lsn.number)
            } else {
                rows.append(record.lsn.number)
            }
        }
        var archive = try Archive.open(
            in: storage, of: cluster, contentVersion: 1, cutTo: journal.opening.snapshot?.archiveBytes ?? 0)
        for lsn in archived { try archive.append(type: 1, bytes: Self.row(lsn)) }
        self.init(live: rows, journal: journal, archive: archive, storage: storage)
    }

    private init(live: [UInt64], journal: consuming Journal, archive: consuming Archive, storage: any Storage) {
        self.live = live
        self.journal = journal
        self.archive = archive
        self.storage = storage
    }

    struct Wrong: Error { let what: String }

    /// One record or more in a batch, durable when it returns; gives the newest number.
    mutating func commit(_ count: Int = 1) throws(JournalError) -> UInt64 {
        var archived: [UInt64] = []
        for _ in 0..<count {
            let lsn = journal.nextLSN.number
            try journal.append(type: 1, bytes: Self.bytes(of: lsn))
            if lsn % 3 == 0 { archived.append(lsn) } else { live.append(lsn) }
        }
        let durable = try journal.commit(reign: 3, wall: 5).number
        for lsn in archived { try archive.append(type: 1, bytes: Self.row(lsn)) }
        return durable
    }

    mutating func tend(isIdle: Bool) throws(JournalError) { try journal.tend(isIdle: isIdle) }

    /// The whole sequence: archive, snapshot, its name, older snapshots, older segments.
    mutating func snapshot() throws(JournalError) {
        var writer = try SnapshotWriter(
            in: storage, of: cluster, lsn: journal.durableLSN, contentVersion: 1, archiveBytes: try archive.sync())
        for lsn in live { try writer.append(type: 1, bytes: Self.row(lsn)) }
        try writer.end(stateHash: Self.hash(live))
        while try !writer.verify() {}
        try writer.publish()
        if let older = try Snapshots.prune(in: storage) { try journal.removeSegments(before: older.next) }
    }

    /// All records, live or archived, sorted.
    mutating func everything() throws(JournalError) -> [UInt64] {
        let length = try archive.sync()
        var all = live
        try Archive.verify(in: storage, of: cluster, upTo: length) { _, bytes in
            all.append([UInt8](bytes).span.uint64(at: 0))
        }
        return all.sorted()
    }

    private static func row(_ lsn: UInt64) -> [UInt8] {
        var row = [UInt8](repeating: 0, count: 8)
        row.put(lsn, at: 0)
        return row + bytes(of: lsn)
    }

    static func hash(_ rows: [UInt64]) -> UInt64 { rows.reduce(0) { $0 &* 31 &+ $1 } }
}
