/// Where the cluster id comes from.
package enum ClusterIDSource: Sendable {
    /// It must be this one; the first start writes it.
    case known(Journal.ClusterID)
    /// Drawn at the first start; later whatever INIT holds.
    case drawn(@Sendable () -> Journal.ClusterID)
}

/// A record as it is read back. `bytes` is a view into its whole segment: copy what is kept.
package struct JournalRecord {
    package let lsn: Journal.LSN
    /// Of the coordinator that wrote it.
    package let reign: UInt32
    /// UTC milliseconds, as given to `commit`.
    package let wall: UInt64
    package let type: UInt8
    package let bytes: ArraySlice<UInt8>
}

/// What opening found and did; to be logged.
package struct OpeningReport: Equatable, Sendable {
    /// True at the first start.
    package var created = false
    /// What the start began with; nil for the first record.
    package var snapshot: Snapshot.Summary?
    /// Damaged newer snapshots that were passed over, as the journal still has what they held.
    package var snapshotsSkipped: [JournalError] = []
    /// Segments that were read, and older ones that were not, since the snapshot has their records.
    package var segments = 0
    package var segmentsSkipped = 0
    package var batches: UInt64 = 0
    /// Records handed over.
    package var records: UInt64 = 0
    /// Why the marker beside the folder could not be read or written: an emptied folder would not be noticed.
    package var markerProblem: JournalError?
    /// The rest of a batch that was being written when the process or the machine died. It was never acknowledged.
    package var tornTail: TornTail?
}

/// Bytes at the end of the newest segment that are no whole batch; they were overwritten with zeros.
package struct TornTail: Equatable, Sendable {
    package let file: String
    package let offset: Int
    /// From the offset to the last byte that was not zero.
    package let bytes: Int
    /// The first record that is not there; the next one appended gets this number.
    package let lsn: Journal.LSN
}

extension Journal {
    /// Opens the folder's journal, or begins one in an empty folder: gives `restore` the newest snapshot, if there is
    /// one, and hands every record behind it to `replay` in order.
    ///
    /// It refuses whatever a crash cannot explain: see `Recovery` and `Snapshot`. `restore` and `replay` may already
    /// have seen something when it throws, and `restore` when it is called for an older snapshot; the caller then drops
    /// what it built. `restore` must read the snapshot to its end. `settle` is called behind the last record and before
    /// anything is mended: whoever replays beside this returns from it when he is done, and both say with an error of
    /// the journal's own what it was that they could not take in. `segmentBytes` holds for
    /// segments begun from now on; `reserveBytes` is one segment if not given.
    package static func open(
        storage: any Storage, clusterID source: ClusterIDSource,
        segmentBytes: Int = JournalLimits.segmentBytesDefault, reserveBytes: UInt64? = nil,
        marker: (any InitMarker)? = nil, flaws: JournalFlaws = [],
        restore: ((inout SnapshotReader) throws -> Void)? = nil, settle: () throws -> Void = {},
        replay: (JournalRecord) throws -> Void
    ) throws(JournalError) -> Journal {
        guard segmentBytes >= JournalLimits.segmentBytesMin, segmentBytes <= JournalLimits.segmentBytesMax else {
            throw .segmentBytesOutOfBounds(segmentBytes)
        }
        guard try storage.lock() else { throw .locked }
        let segments = try clear(storage)
        let known = try clusterID(in: storage)
        let remembered = try read(marker)
        if known != nil && segments.isEmpty { throw .emptiedFolder }
        let reserve = reserveBytes ?? UInt64(segmentBytes)
        if known == nil && segments.isEmpty {
            if let marker, remembered.id != nil { throw .initialisedBefore(marker: marker.place) }
            if let stray = try storage.list().first(where: Snapshot.isName) { throw .strayFile(file: stray) }
            var journal = try create(in: storage, source, segmentBytes: segmentBytes, reserveBytes: reserve)
            journal.flaws = flaws
            return remember(journal, marker, remembered)
        }
        if let marker, let id = remembered.id, let known, id != known { throw .wrongCluster(file: marker.place) }
        var choice = Snapshots.Choice()
        if let restore { choice = try Snapshots.choose(in: storage, of: known, segments: segments, restore) }
        var recovery = Recovery(
            storage: storage, clusterID: known, source: source, from: choice.chosen?.lsn.next ?? LSN(1),
            flaws: flaws)
        // Read to its end once before anything is handed over: what `replay` changes on the disk (the archive) it
        // changes only where the journal is whole. A second reading costs about a tenth of the replay.
        var check = recovery
        try check.readAll(segments) { _ in }
        _ = try check.conclude()
        try recovery.readAll(segments, replay)
        do { try settle() } catch let error as JournalError { throw error } catch {
            throw .replayRefused(lsn: LSN(recovery.expected.number - 1), reason: String(describing: error))
        }
        let segment = try recovery.finish()
        if known == nil { try writeInit(segment.header.clusterID, in: storage) }
        var report = recovery.report
        report.snapshot = choice.chosen
        report.snapshotsSkipped = choice.skipped
        var journal = Journal(
            storage: storage, segmentBytes: segmentBytes, reserveBytes: reserve, segment: segment,
            durableLSN: LSN(recovery.expected.number - 1), opening: report)
        journal.flaws = flaws
        return remember(journal, marker, remembered)
    }

    // MARK: - the marker

    private typealias Remembered = (id: ClusterID?, problem: JournalError?)

    /// A marker that cannot be read takes a protection away, not the ledger.
    private static func read(_ marker: (any InitMarker)?) throws(JournalError) -> Remembered {
        guard let marker else { return (nil, nil) }
        do throws(JournalError) {
            guard let bytes = try marker.read() else { return (nil, nil) }
            return (try SegmentHeader(bytes.span, kind: .initial, file: marker.place).clusterID, nil)
        } catch {
            return (nil, error.isDamage ? .damagedHeader(file: marker.place) : error)
        }
    }

    private static func remember(
        _ journal: consuming Journal, _ marker: (any InitMarker)?, _ remembered: Remembered
    ) -> Journal {
        var journal = journal
        journal.opening.markerProblem = remembered.problem
        guard let marker, remembered.id == nil, remembered.problem == nil else { return journal }
        do throws(JournalError) { try marker.write(initHeader(journal.clusterID).encoded()) } catch {
            journal.opening.markerProblem = error
        }
        return journal
    }

    static let initName = "INIT"

    /// Takes away what a crash left half made, and gives the segments' names, oldest first.
    private static func clear(_ storage: any Storage) throws(JournalError) -> [String] {
        var segments: [String] = []
        for name in try storage.list() {
            if Segment.isName(name) { segments.append(name) }
            let isDraft = name.hasSuffix(Segment.draftSuffix)
            let isOurs = ["journal-", "snapshot-", "archive-", initName].contains { name.hasPrefix($0) }
            if isDraft && isOurs { try storage.remove(name) }
        }
        return segments.sorted()
    }

    /// What INIT says; nil if there is none.
    package static func clusterID(in storage: any Storage) throws(JournalError) -> ClusterID? {
        guard try storage.list().contains(initName) else { return nil }
        let bytes = try storage.read(initName, at: 0, count: SegmentHeader.bytes + 1)
        guard bytes.count == SegmentHeader.bytes else { throw .damagedInit }
        return try SegmentHeader(bytes.span, kind: .initial, file: initName).clusterID
    }

    /// The first start. INIT comes last: a crash before it leaves an empty first segment, which `finish` allows
    /// without INIT, and never an INIT without segment, which would be refused for ever.
    private static func create(
        in storage: any Storage, _ source: ClusterIDSource, segmentBytes: Int, reserveBytes: UInt64
    ) throws(JournalError) -> Journal {
        let clusterID =
            switch source {
            case .known(let id): id
            case .drawn(let draw): draw()
            }
        let header = SegmentHeader(kind: .segment, clusterID: clusterID, firstLSN: LSN(1), capacity: segmentBytes)
        let segment = Segment(header: header)
        try segment.create(in: storage)
        try writeInit(clusterID, in: storage)
        return Journal(
            storage: storage, segmentBytes: segmentBytes, reserveBytes: reserveBytes, segment: segment,
            durableLSN: LSN(0), opening: OpeningReport(created: true, segments: 1))
    }

    private static func initHeader(_ clusterID: ClusterID) -> SegmentHeader {
        SegmentHeader(kind: .initial, clusterID: clusterID, firstLSN: LSN(0), capacity: 0)
    }

    private static func writeInit(_ clusterID: ClusterID, in storage: any Storage) throws(JournalError) {
        let header = initHeader(clusterID)
        let draft = initName + Segment.draftSuffix
        try storage.create(draft)
        try storage.write(draft, at: 0, header.encoded())
        try storage.sync(draft)
        try storage.rename(draft, to: initName)
        try storage.syncDirectory()
    }
}
