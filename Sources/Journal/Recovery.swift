/// Reads the segments back, oldest first, and tells a torn tail from damage.
///
/// A crash can leave exactly these traces, since every step is synced before the next begins:
/// - the newest segment ends in part of one batch, which was never acknowledged: it is cut;
/// - the newest segment is empty and the one before it has no seal, or part of one: the seal is written again;
/// - a first segment without records and without INIT: INIT is written again.
/// Everything else is damage, and refused: a bad checksum that is not acted on is worthless (Jepsen, NATS 2.12.1).
///
/// A bad batch at the very end is cut and reported only if nothing shows that it was ever synced. What shows it: a
/// later batch or seal; the mark that `Journal.tend` writes once the coordinator had nothing to write for a turn, so
/// about 100 ms later; a snapshot that includes it. Decay of the last batch within that moment, followed by a death,
/// looks like a torn write and cannot be told from it by the journal alone.
struct Recovery {
    private let storage: any Storage
    private let flaws: JournalFlaws
    private let source: ClusterIDSource
    private var clusterID: Journal.ClusterID?
    /// No INIT was found; then no record may be found either.
    private let hasInit: Bool
    /// The newest segment read so far, up to its last whole batch.
    private var segment: Segment?
    private var isSealed = false
    /// Bytes behind the last whole batch, up to the last that is not zero.
    private var tailBytes = 0
    /// The last batch, seal or mark that was found: where it was written, and what.
    private var last: (file: String, offset: Int, bytes: [UInt8])?
    /// The segment before the newest, where its seal is missing, and bytes there that are not zero.
    private var unsealed: (segment: Segment, tailBytes: Int)?

    /// The first record that is handed over; those before it are in the snapshot.
    private let from: Journal.LSN
    /// The LSN of the next record.
    private(set) var expected: Journal.LSN
    private(set) var report = OpeningReport()

    init(
        storage: any Storage, clusterID: Journal.ClusterID?, source: ClusterIDSource,
        from: Journal.LSN = Journal.LSN(1),
        flaws: JournalFlaws = []
    ) {
        self.flaws = flaws
        self.from = from
        self.expected = from
        self.storage = storage
        self.source = source
        self.clusterID = clusterID
        self.hasInit = clusterID != nil
    }

    /// Reads the segments, oldest first, but for those whose records all lie before `from`: a snapshot has them.
    mutating func readAll(
        _ names: [String], begin: (String) -> Void = { _ in }, _ replay: (JournalRecord) throws -> Void
    ) throws(JournalError) {
        var names = names[...]
        while from > Journal.LSN(1), let next = names.dropFirst().first.flatMap({ Segment.firstLSN(of: $0) }),
            next <= from
        {
            names.removeFirst()
            report.segmentsSkipped += 1
        }
        for name in names {
            begin(name)
            try read(name, replay)
        }
    }

    /// Takes in the next segment.
    private mutating func read(_ name: String, _ replay: (JournalRecord) throws -> Void) throws(JournalError) {
        let size = try storage.size(of: name)
        guard size <= JournalLimits.segmentBytesMax else { throw .damagedHeader(file: name) }
        let bytes = try storage.read(name, at: 0, count: size)
        let header = try SegmentHeader(bytes.span, kind: .segment, file: name)
        try check(header, name, size: bytes.count)
        let used = bytes.span.usedCount
        try checkOrder(header, isEmpty: used <= SegmentHeader.bytes)
        segment = Segment(header: header)
        isSealed = false
        tailBytes = 0
        report.segments += 1
        try readBatches(bytes, used: used, replay)
        storage.close(name)
    }

    /// The segment to go on with, once all were read; nothing is changed yet.
    mutating func conclude() throws(JournalError) -> Segment {
        guard let segment else { throw .emptiedFolder }
        if isSealed { throw .missingSegment(lsn: expected) }
        // The writer always leaves room for the seal.
        for open in [segment, unsealed?.segment].compactMap({ $0 }) where !open.hasRoom(for: 0) { throw damage(open) }
        if !hasInit && expected > Journal.LSN(1) { throw .missingInit }
        if expected < from { throw .endsBeforeSnapshot(file: segment.name, offset: segment.offset, lsn: expected) }
        if tailBytes > 0 {
            report.tornTail = TornTail(
                file: segment.name, offset: segment.offset, bytes: tailBytes, lsn: expected)
        }
        return segment
    }

    /// Mends what a crash left, and gives the segment to go on with.
    mutating func finish() throws(JournalError) -> Segment {
        let segment = try conclude()
        if let unsealed {
            var previous = unsealed.segment
            try cut(previous, unsealed.tailBytes)
            try previous.seal(next: expected, in: storage)
            storage.close(previous.name)
        }
        try cut(segment, tailBytes)
        try settleLast()
        return segment
    }

    /// What was written last, and in whose sync the former process may have ended, is written once more: after a sync
    /// that failed it may be in the machine's memory only, where it can be read and no later sync writes it. A loss of
    /// power would then leave a hole before everything that this process acknowledges (Rebello et al., ATC 2020).
    private func settleLast() throws(JournalError) {
        guard let last else { return }
        try storage.write(last.file, at: last.offset, last.bytes)
        try storage.sync(last.file)
    }

    /// The file is of this cluster, has its own name, and its whole length.
    private mutating func check(_ header: SegmentHeader, _ name: String, size: Int) throws(JournalError) {
        if case .known(let id) = source, header.clusterID != id { throw .wrongCluster(file: name) }
        if let clusterID, header.clusterID != clusterID { throw .wrongCluster(file: name) }
        guard Segment.name(of: header.firstLSN) == name, header.capacity == size else {
            throw .damagedHeader(file: name)
        }
        clusterID = header.clusterID
    }

    /// The segment follows the one before it. One without a seal can only be followed by the empty one whose making
    /// the crash interrupted.
    private mutating func checkOrder(_ header: SegmentHeader, isEmpty: Bool) throws(JournalError) {
        unsealed = nil
        guard let previous = segment else {
            // Without a snapshot `from` is 1, and the first segment begins with it.
            if header.firstLSN > from || header.firstLSN == Journal.LSN(0) { throw .missingSegment(lsn: from) }
            expected = header.firstLSN
            return
        }
        if !isSealed && tailBytes > 0 && (header.firstLSN != expected || !isEmpty) { throw damage(previous) }
        if header.firstLSN != expected { throw .missingSegment(lsn: expected) }
        if isSealed { return }
        if !isEmpty { throw damage(previous) }
        unsealed = (previous, tailBytes)
    }

    private mutating func readBatches(
        _ bytes: [UInt8], used: Int, _ replay: (JournalRecord) throws -> Void
    ) throws(JournalError) {
        guard var current = segment else { return }
        defer { segment = current }
        while current.offset < used && !isSealed {
            guard let header = BatchHeader(bytes.span, at: current.offset, seed: current.seed) else {
                return try takeTail(bytes, current, used: used)
            }
            guard header.isPossible(in: bytes.count - current.offset), header.firstLSN == expected else {
                throw damage(current)
            }
            guard header.coversRecords(bytes.span, at: current.offset) || flaws.contains(.tornTailAccepted) else {
                return try takeTail(bytes, current, used: used)
            }
            isSealed = header.isSeal
            let end = current.offset + header.length
            if end >= used { last = (current.name, current.offset, [UInt8](bytes[current.offset..<end])) }
            if header.count > 0 { try handOver(bytes, header, current, replay) }
            current.offset += header.length
        }
        if isSealed && current.offset < used { throw damage(current) }
    }

    /// What is behind the last whole batch is the rest of a torn write, unless something shows that it was synced.
    private mutating func takeTail(_ bytes: [UInt8], _ current: Segment, used: Int) throws(JournalError) {
        let isTrusting = flaws.contains(.decayOverlooked)
        if !isTrusting && hasBatch(bytes.span, from: current.offset + 1, to: used, current.seed) {
            throw damage(current)
        }
        tailBytes = used - current.offset
    }

    private mutating func handOver(
        _ bytes: [UInt8], _ header: BatchHeader, _ current: Segment, _ replay: (JournalRecord) throws -> Void
    ) throws(JournalError) {
        let end = current.offset + header.length
        var offset = current.offset + BatchHeader.bytes
        for _ in 0..<header.count {
            let start = offset + BatchHeader.recordOverhead
            guard start <= end else { throw damage(current) }
            let length = Int(bytes.span.uint32(at: offset))
            guard length <= end - start else { throw damage(current) }
            offset = start + length
            let record = JournalRecord(
                lsn: expected, reign: header.reign, wall: header.wall, type: bytes[start - 1],
                bytes: bytes[start..<offset])
            if expected >= from {
                do { try replay(record) } catch let error as JournalError { throw error } catch {
                    throw .replayRefused(lsn: expected, reason: String(describing: error))
                }
                report.records += 1
            }
            expected = expected.next
        }
        guard offset == end else { throw damage(current) }
        report.batches += 1
    }

    /// Whether a batch begins anywhere in the range. Its head is enough: it was written only after everything before
    /// it was durable, and the seed keeps records from imitating one.
    private func hasBatch(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ seed: UInt32) -> Bool {
        var offset = start
        while offset < end {
            if let found = BatchHeader(bytes, at: offset, seed: seed), found.firstLSN >= expected { return true }
            offset += 1
        }
        return false
    }

    /// Overwrites the rest of a torn write with zeros, durably, before anything new is written there.
    private func cut(_ segment: Segment, _ count: Int) throws(JournalError) {
        guard count > 0 else { return }
        try storage.write(segment.name, at: segment.offset, [UInt8](repeating: 0, count: count))
        try storage.sync(segment.name)
    }

    private func damage(_ segment: Segment) -> JournalError {
        .damaged(file: segment.name, offset: segment.offset, lsn: expected)
    }
}

extension Span<UInt8> {
    /// Bytes up to the last that is not zero. Blocks of 64 are summed up first, as most of a segment may be empty.
    var usedCount: Int {
        var end = count
        while end >= 64 {
            var sum: UInt8 = 0
            let block = extracting(end - 64..<end)
            for index in 0..<64 { sum |= block[index] }
            if sum != 0 { break }
            end -= 64
        }
        while end > 0 && self[end - 1] == 0 { end -= 1 }
        return end
    }
}
