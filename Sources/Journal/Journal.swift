/// A durable list of records: bytes in, bytes out. It knows no ticket.
///
/// A turn appends its records and commits them as one batch: one write, one sync. The batch survives whole or not at
/// all. Records are numbered without gaps from 1 on, over all segments. One thread owns a journal; not copyable, so
/// that no second one writes at the same place.
package struct Journal: ~Copyable {
    let storage: any Storage
    let segmentBytes: Int
    var segment: Segment
    /// The next segment as far as it is made.
    var draft: SegmentDraft
    private var batch = BatchBuffer()
    var isPoisoned = false
    /// Whether the last thing written says that everything before it is synced.
    var isMarked = false
    var flaws: JournalFlaws = []
    /// Of the newest batch since the opening; 0 before.
    var lastReign: UInt32 = 0
    /// Calls of `tend` until the next segment is tried again on a full disk.
    var tendsUntilTry = 0

    /// What was found when the journal was opened.
    package internal(set) var opening: OpeningReport
    /// Of the cluster whose journal this is; the same since its first start.
    package let clusterID: ClusterID
    /// The newest record that survives a loss of power; 0 if there is none.
    package private(set) var durableLSN: LSN
    /// Since the opening.
    package internal(set) var counters = JournalCounters()
    /// Free bytes that are kept for what must still be written when no new work is taken: completions, snapshots.
    package let reserveBytes: UInt64
    /// Whether the disk has less than the reserve left. The caller then takes no new work, and ends what it has. It is
    /// looked at by `tend`, and over again at a quarter more than the reserve.
    package internal(set) var isNearlyFull = false

    /// `segment` is the newest one, and `durableLSN` the last record in it or before it.
    init(
        storage: any Storage, segmentBytes: Int, reserveBytes: UInt64, segment: Segment, durableLSN: LSN,
        opening: OpeningReport
    ) {
        invariant(durableLSN.next >= segment.header.firstLSN, "\(segment.name) begins behind \(durableLSN.next)")
        invariant(segment.offset <= segment.header.capacity, "\(segment.name) is used up to \(segment.offset)")
        self.storage = storage
        self.segmentBytes = segmentBytes
        self.reserveBytes = reserveBytes
        self.segment = segment
        self.draft = SegmentDraft(capacity: segmentBytes)
        self.opening = opening
        self.clusterID = segment.header.clusterID
        self.durableLSN = durableLSN
    }

    /// The number the next appended record gets.
    package var nextLSN: LSN { LSN(durableLSN.number + UInt64(batch.count) + 1) }

    /// Records that wait for `commit`.
    package var pendingRecords: Int { batch.count }

    /// Takes a record into the batch and gives its number, which holds once `commit` has returned.
    ///
    /// At `JournalLimits.batchBytesMax` it throws `batchTooLarge` and leaves batch and journal as they were.
    @discardableResult
    package mutating func append(type: UInt8, bytes: [UInt8]) throws(JournalError) -> LSN {
        if isPoisoned { throw .poisoned }
        let length = batch.length(adding: bytes.count)
        let bytesMax = JournalLimits.batchBytesMax(segmentBytes: segmentBytes)
        guard length <= bytesMax else { throw .batchTooLarge(bytes: length, bytesMax: bytesMax) }
        let lsn = nextLSN
        batch.append(type: type, bytes)
        return lsn
    }

    /// Writes and syncs the batch, and gives the newest durable LSN; with nothing appended it does nothing.
    ///
    /// `reign` is the coordinator's, `wall` its UTC time in milliseconds; both are the caller's, only kept here.
    /// An error poisons the journal: what is on the disk is unknown then, and the process must end.
    @discardableResult
    package mutating func commit(reign: UInt32, wall: UInt64) throws(JournalError) -> LSN {
        if isPoisoned { throw .poisoned }
        guard batch.count > 0 else { return durableLSN }
        do {
            try write(reign: reign, wall: wall)
        } catch {
            isPoisoned = true
            throw error
        }
        return durableLSN
    }

    private mutating func write(reign: UInt32, wall: UInt64) throws(JournalError) {
        if !segment.hasRoom(for: batch.bytes.count) { try roll() }
        let length = batch.bytes.count
        invariant(segment.hasRoom(for: length), "a batch of \(length) bytes does not fit in \(segment.name)")
        batch.finish(reign: reign, wall: wall, firstLSN: durableLSN.next, seed: segment.seed)
        try storage.write(segment.name, at: segment.offset, batch.bytes)
        do { try storage.sync(segment.name) } catch {
            guard flaws.contains(.syncRetried) else { throw error }
            try storage.sync(segment.name)
        }
        segment.offset += length
        isMarked = false
        lastReign = reign
        durableLSN = LSN(durableLSN.number + UInt64(batch.count))
        counters.add(records: batch.count, bytes: length)
        batch.reset()
    }

    /// Goes on to the segment that `tend` has made, or makes the rest of it now. Its file is durable, under its name,
    /// before the old one is sealed, and the old one sealed before the new one takes a batch: opening relies on both.
    private mutating func roll() throws(JournalError) {
        let header = SegmentHeader(
            kind: .segment, clusterID: clusterID, firstLSN: durableLSN.next, capacity: segmentBytes)
        let next = Segment(header: header)
        invariant(next.name >= segment.name, "\(next.name) would follow \(segment.name)")
        try draft.extend(to: segmentBytes, in: storage)
        try draft.publish(as: next, in: storage)
        draft = SegmentDraft(capacity: segmentBytes)
        // An empty segment of a smaller size, from before the setting was raised, was replaced by this one.
        if next.name != segment.name {
            try segment.seal(next: durableLSN.next, in: storage)
            storage.close(segment.name)
        }
        segment = next
        counters.rolls += 1
        counters.syncs += 3
    }
}

extension Journal {
    /// Number of a journal record: 1 for the first, then without gaps; 0 stands before the first.
    package struct LSN: Hashable, Comparable, Sendable, CustomStringConvertible {
        package let number: UInt64
        package init(_ number: UInt64) { self.number = number }
        package var next: LSN { LSN(number + 1) }
        package var description: String { String(number) }
        package static func < (left: LSN, right: LSN) -> Bool { left.number < right.number }
    }

    /// 128 random bits drawn once, at a cluster's first start; they tell its files from those of any other.
    package struct ClusterID: Hashable, Sendable, CustomStringConvertible {
        package let high: UInt64
        package let low: UInt64
        package init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
        package var description: String { Journal.hex(high) + Journal.hex(low) }
    }

    /// 16 lower-case hex digits.
    static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// What the journal did since it was opened.
package struct JournalCounters: Equatable, Sendable {
    /// Batches made durable.
    package var batches: UInt64 = 0
    /// Records in them.
    package var records: UInt64 = 0
    /// Bytes of them with heads; not the zeros of new segments.
    package var bytes: UInt64 = 0
    /// Syncs of files and of the folder.
    package var syncs: UInt64 = 0
    /// Segments begun.
    package var rolls: UInt64 = 0

    mutating func add(records: Int, bytes: Int) {
        batches += 1
        syncs += 1
        self.records += UInt64(records)
        self.bytes += UInt64(bytes)
    }
}
