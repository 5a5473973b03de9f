/// Where the cluster id comes from.
package enum ClusterIDSource {
    /// It must be this one; the first start writes it.
    case known(Journal.ClusterID)
    /// Drawn at the first start; later whatever INIT holds.
    case drawn(() -> Journal.ClusterID)
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
    package var segments = 0
    package var batches: UInt64 = 0
    package var records: UInt64 = 0
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
    /// Opens the folder's journal, or begins one in an empty folder, and hands every record to `replay` in order.
    ///
    /// It refuses whatever a crash cannot explain: see `Recovery`. `replay` may already have seen records when it
    /// throws; the caller then drops what it built. `segmentBytes` holds for segments begun from now on.
    package static func open(
        storage: any Storage, clusterID source: ClusterIDSource,
        segmentBytes: Int = JournalLimits.segmentBytesDefault,
        replay: (JournalRecord) throws -> Void
    ) throws(JournalError) -> Journal {
        guard segmentBytes >= JournalLimits.segmentBytesMin, segmentBytes <= JournalLimits.segmentBytesMax else {
            throw .segmentBytesOutOfBounds(segmentBytes)
        }
        guard try storage.lock() else { throw .locked }
        let segments = try clear(storage)
        let known = try clusterID(in: storage)
        if known != nil && segments.isEmpty { throw .emptiedFolder }
        if known == nil && segments.isEmpty {
            return try create(in: storage, source, segmentBytes: segmentBytes)
        }
        var recovery = Recovery(storage: storage, clusterID: known, source: source)
        for name in segments { try recovery.read(name, replay) }
        let segment = try recovery.finish()
        if known == nil { try writeInit(segment.header.clusterID, in: storage) }
        return Journal(
            storage: storage, segmentBytes: segmentBytes, segment: segment,
            durableLSN: LSN(recovery.expected.number - 1), opening: recovery.report)
    }

    static let initName = "INIT"

    /// Takes away what a crash left half made, and gives the segments' names, oldest first.
    private static func clear(_ storage: any Storage) throws(JournalError) -> [String] {
        var segments: [String] = []
        for name in try storage.list() {
            if Segment.isName(name) { segments.append(name) }
            let isDraft = name.hasSuffix(Segment.draftSuffix)
            let isOurs = name.hasPrefix("journal-") || name.hasPrefix(initName)
            if isDraft && isOurs { try storage.remove(name) }
        }
        return segments.sorted()
    }

    /// What INIT says; nil if there is none.
    private static func clusterID(in storage: any Storage) throws(JournalError) -> ClusterID? {
        guard try storage.list().contains(initName) else { return nil }
        let bytes = try storage.read(initName, at: 0, count: SegmentHeader.bytes + 1)
        guard bytes.count == SegmentHeader.bytes else { throw .damagedInit }
        return try SegmentHeader(bytes.span, kind: .initial, file: initName).clusterID
    }

    /// The first start. INIT comes last: a crash before it leaves an empty first segment, which `finish` allows
    /// without INIT, and never an INIT without segment, which would be refused for ever.
    private static func create(
        in storage: any Storage, _ source: ClusterIDSource, segmentBytes: Int
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
            storage: storage, segmentBytes: segmentBytes, segment: segment, durableLSN: LSN(0),
            opening: OpeningReport(created: true, segments: 1))
    }

    private static func writeInit(_ clusterID: ClusterID, in storage: any Storage) throws(JournalError) {
        let header = SegmentHeader(kind: .initial, clusterID: clusterID, firstLSN: LSN(0), capacity: 0)
        let draft = initName + Segment.draftSuffix
        try storage.create(draft)
        try storage.write(draft, at: 0, header.encoded())
        try storage.sync(draft)
        try storage.rename(draft, to: initName)
        try storage.syncDirectory()
    }
}
