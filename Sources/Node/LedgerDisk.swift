package import Journal
package import Routing
import Wire

/// The ledger's folder: journal, archive and snapshots, and the order in which they become durable; see `Snapshot`.
///
/// A ticket is archived by the record that closes it: after that record's sync it is appended to the archive, which
/// needs no sync of its own until the next snapshot. So neither a record of its own nor a second copy is needed: a
/// start from a snapshot cuts the archive to the length which that has, and replay appends the rest anew.
package struct LedgerDisk: ~Copyable {
    /// How large the files become.
    package struct Sizes: Sendable {
        package var segment = JournalLimits.segmentBytesDefault
        /// A snapshot is begun when the journal has grown by so much since the last one. More makes a start longer,
        /// less writes the same tickets more often.
        package var betweenSnapshots: UInt64 = 256 << 20
        package init() {}
    }

    /// What the log should have.
    package enum Note: Equatable {
        case began(String, tickets: Int)
        case published(String, bytes: Int)
        case abandoned(String, JournalError)
    }

    package private(set) var journal: Journal
    private var shelf: ArchiveShelf
    private var draft: SnapshotDraft?
    private let storage: any Storage
    private let sizes: Sizes
    private let points: Points
    private var bytesSinceSnapshot: UInt64
    /// Segments that end before this record go, one a turn.
    private var removedBefore: Journal.LSN?
    private var encoder = Encoder()
    package private(set) var snapshots: UInt64 = 0

    /// Opens the folder and folds what is in it into `ledger`: beside the reading of it if `hasThreads`. Throws what
    /// makes the start impossible.
    package init(
        in storage: any Storage, of clusterID: ClusterIDSource, sizes: Sizes = Sizes(),
        marker: (any InitMarker)? = nil, hasThreads: Bool = false, into ledger: inout Ledger, log: Log,
        flaws: Flaws = .none, points: Points = .none
    ) throws {
        let folding = Folding(in: storage, hasThreads: hasThreads, log: log)
        defer { folding.end() }
        var reader = FoldingReader(folding, log: log)
        let journal = try Journal.open(
            storage: storage, clusterID: clusterID, segmentBytes: sizes.segment, marker: marker,
            flaws: JournalFlaws(flaws), restore: { try reader.restore(&$0) }, settle: { try reader.settle() },
            replay: { try reader.replay($0) })
        let folded = try folding.result(of: journal.opening.snapshot)
        shelf = try folding.shelf(of: journal.clusterID)
        self.journal = journal
        self.storage = storage
        self.sizes = sizes
        self.points = points
        bytesSinceSnapshot = reader.bytes
        ledger = folded
    }

    /// Whether the next turn should come at once.
    package var isBusy: Bool { draft != nil || removedBefore != nil || isSnapshotDue }
    package var isSnapshotRunning: Bool { draft != nil }
    package var archived: Int { shelf.count }
    package var archiveBytes: UInt64 { shelf.length }

    // MARK: - a turn

    package mutating func append(_ record: LedgerRecord, as lsn: LSN) throws(JournalError) {
        encoder.reset()
        encoder.value(record)
        let written = try journal.append(type: wireVersion, bytes: encoder.bytes)
        invariant(written.number == lsn.value, "the journal is at \(written), the ledger at \(lsn.value)")
    }

    /// All that was appended, under the ledger's reign and time.
    package mutating func commit(reign: UInt32, wall: WallTime) throws(JournalError) {
        let before = journal.counters.bytes
        try journal.commit(reign: reign, wall: wall.milliseconds)
        bytesSinceSnapshot += journal.counters.bytes - before
    }

    /// After the sync of the record that closed it.
    package mutating func archive(_ record: TicketRecord) throws(JournalError) { try shelf.append(record) }

    package func archived(_ ticket: TicketID) throws(JournalError) -> TicketRecord? {
        try shelf.record(of: ticket)
    }

    // MARK: - between turns

    /// What need not be done within a commit. With an `image` of the ledger as it was committed a snapshot is begun, if
    /// one is due. One that fails harms nothing and is begun anew later; whatever else is thrown ends the process.
    package mutating func tend(_ image: LedgerImage?, isIdle: Bool) throws(JournalError) -> Note? {
        try journal.tend(isIdle: isIdle)
        try shelf.tend()
        if draft != nil {
            let slice = isIdle ? Limits.snapshotSliceIdle : Limits.snapshotSliceBusy
            return try proceed(points.bound(slice, .smallSlices))
        }
        if let lsn = removedBefore {
            if try journal.removeSegments(before: lsn, atMost: 1) == 0 { removedBefore = nil }
            return nil
        }
        guard isSnapshotDue, let image else { return nil }
        return try begin(image)
    }

    /// Whether the next call of `tend` needs an image of the ledger.
    package var wantsImage: Bool { isSnapshotDue && draft == nil && removedBefore == nil }
    private var isSnapshotDue: Bool { bytesSinceSnapshot >= sizes.betweenSnapshots }

    private mutating func begin(_ image: LedgerImage) throws(JournalError) -> Note? {
        invariant(image.lsn.value == journal.durableLSN.number, "a snapshot of what is not durable")
        bytesSinceSnapshot = 0
        let archiveBytes = try shelf.sync()
        do throws(JournalError) {
            let begun = try SnapshotDraft(image, in: storage, journal.clusterID, archiveBytes: archiveBytes)
            let note = Note.began(begun.name, tickets: begun.tickets)
            draft = consume begun
            return note
        } catch { return retryLater("a snapshot", error) }
    }

    private mutating func proceed(_ slice: Int) throws(JournalError) -> Note? {
        guard var current = draft.take() else { return nil }
        let (name, isPublished): (String, Bool)
        do throws(JournalError) {
            name = current.name
            isPublished = try current.advance(by: slice)
        } catch {
            let name = current.name
            current.abandon()
            return retryLater(name, error)
        }
        guard isPublished else {
            draft = consume current
            return nil
        }
        snapshots += 1
        removedBefore = try Snapshots.prune(in: storage).map(\.next)
        return .published(name, bytes: current.bytes)
    }

    private mutating func retryLater(_ name: String, _ error: JournalError) -> Note {
        bytesSinceSnapshot = sizes.betweenSnapshots - sizes.betweenSnapshots / 4
        return .abandoned(name, error)
    }
}

extension JournalFlaws {
    fileprivate init(_ flaws: Flaws) {
        self = []
        if flaws.contains(.tornTailAccepted) { insert(.tornTailAccepted) }
        if flaws.contains(.syncRetried) { insert(.syncRetried) }
        if flaws.contains(.decayOverlooked) { insert(.decayOverlooked) }
    }
}
