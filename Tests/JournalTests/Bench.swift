@testable import Journal

let cluster = Journal.ClusterID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
let firstSegment = "journal-0000000000000001.log"

/// A record kept by a test, with everything the journal says of it.
struct Kept: Equatable {
    var lsn: UInt64
    var reign: UInt32
    var wall: UInt64
    var type: UInt8
    var bytes: [UInt8]

    init(_ record: JournalRecord) {
        lsn = record.lsn.number
        reign = record.reign
        wall = record.wall
        type = record.type
        bytes = [UInt8](record.bytes)
    }

    /// The record every test writes at this LSN, in the batch of this number.
    init(lsn: UInt64, batch: UInt64) {
        self.lsn = lsn
        reign = 7
        wall = 1_000_000 + batch
        type = UInt8(lsn % 200)
        bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: lsn &* 37), count: Int(lsn % 9))
    }
}

func open(_ storage: any Storage, segmentBytes: Int = 512) throws(JournalError) -> Journal {
    try Journal.open(storage: storage, clusterID: .known(cluster), segmentBytes: segmentBytes) { _ in }
}

/// Opens, closes, and gives what was there.
func reopen(_ storage: any Storage, segmentBytes: Int = 512) throws(JournalError) -> (kept: [Kept], OpeningReport) {
    var kept: [Kept] = []
    let journal = try Journal.open(storage: storage, clusterID: .known(cluster), segmentBytes: segmentBytes) {
        kept.append(Kept($0))
    }
    return (kept, journal.opening)
}

/// Why the journal does not open; nil if it does.
func refusal(_ storage: any Storage) -> JournalError? {
    do {
        _ = try open(storage)
        return nil
    } catch {
        return error
    }
}

/// Commits batches of 1, 2, 3, 1, 2 ... records and gives the records.
@discardableResult
func fill(_ journal: inout Journal, batches: Int) throws(JournalError) -> [Kept] {
    var written: [Kept] = []
    for batch in 0..<batches {
        for _ in 0...batch % 3 {
            let record = Kept(lsn: journal.nextLSN.number, batch: UInt64(batch))
            try journal.append(type: record.type, bytes: record.bytes)
            written.append(record)
        }
        try journal.commit(reign: 7, wall: 1_000_000 + UInt64(batch))
    }
    return written
}

/// A disk with so many batches on it, whose machine has been switched off.
func disk(batches: Int, segmentBytes: Int = 512) throws(JournalError) -> (storage: MemoryStorage, written: [Kept]) {
    let storage = MemoryStorage()
    var journal = try open(storage, segmentBytes: segmentBytes)
    let written = try fill(&journal, batches: batches)
    storage.crash()
    return (storage, written)
}

/// Where the batches of a segment begin, and where the last one ends.
func batchOffsets(_ bytes: [UInt8]) throws(JournalError) -> [Int] {
    let header = try SegmentHeader(bytes.span, kind: .segment, file: "")
    var offsets = [SegmentHeader.bytes]
    while let last = offsets.last, let batch = BatchHeader(bytes.span, at: last, seed: header.seed) {
        offsets.append(last + batch.length)
    }
    return offsets
}
