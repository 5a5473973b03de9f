import Journal

/// A folder with one or two segment files of any bytes, and INIT or not. Opening gives the journal or throws.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJournal(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    check(DiskShape(unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))))
    return 0
}

private func check(_ shape: DiskShape) {
    let disk = shape.disk()
    let naive = NaiveReading(disk.segments)
    guard let found = open(disk, after: naive.records) else { return }

    if found.count != naive.records.count { fatalError("\(naive.records.count) records, \(found.count) replayed") }
    if naive.isMalformed { fatalError("open in spite of a batch that its records do not fill") }
    if naive.hasBatchBehindEnd { fatalError("a whole batch behind record \(found.count) was dropped") }

    // What was mended stays so, and the journal goes on in its segment and in the next ones.
    let rounds = 3
    var expected = found
    for round in 0..<rounds {
        let more = append(to: disk, round: round)
        expected += more
        guard let again = open(disk, after: expected) else { fatalError("open once, then refused; round \(round)") }
        if again != expected { fatalError("round \(round): \(expected.count) records, \(again.count) replayed") }
    }
}

/// Opens the journal and gives its records; nil if it was refused. What `replay` sees must be the beginning of
/// `records`, refused or not: a record whose checksum is wrong is in no batch that `NaiveReading` reads.
private func open(_ disk: FuzzDisk, after records: [Kept]) -> [Kept]? {
    var seen: [Kept] = []
    do throws(JournalError) {
        let journal = try Journal.open(storage: disk, clusterID: DiskShape.source, segmentBytes: 256) { record in
            let kept = Kept(
                reign: record.reign, wall: record.wall, type: record.type, bytes: [UInt8](record.bytes))
            if record.lsn.number != UInt64(seen.count + 1) {
                fatalError("record \(seen.count + 1) came as \(record.lsn)")
            }
            if seen.count >= records.count || records[seen.count] != kept {
                fatalError("replayed what no whole batch holds: \(kept) as \(record.lsn)")
            }
            seen.append(kept)
        }
        if journal.durableLSN.number != UInt64(seen.count) {
            fatalError("\(seen.count) records, durable \(journal.durableLSN)")
        }
        if journal.opening.records != UInt64(seen.count) { fatalError("\(journal.opening) for \(seen.count) records") }
        return seen
    } catch {
        return nil
    }
}

/// Two batches: a small one, and the largest that fits in a new segment.
private func append(to disk: FuzzDisk, round: Int) -> [Kept] {
    let small = Kept(reign: 7, wall: UInt64(round), type: 1, bytes: [UInt8(truncatingIfNeeded: round)])
    let largeBytes = JournalLimits.batchBytesMax(segmentBytes: 256) - 36 - 5
    let large = Kept(reign: 8, wall: 9, type: 2, bytes: [UInt8](repeating: 0xff, count: largeBytes))
    do throws(JournalError) {
        var journal = try Journal.open(storage: disk, clusterID: DiskShape.source, segmentBytes: 256) { _ in }
        for kept in [small, large] {
            try journal.append(type: kept.type, bytes: kept.bytes)
            try journal.commit(reign: kept.reign, wall: kept.wall)
            try journal.tend(isIdle: round > 0)
        }
    } catch { fatalError("an opened journal takes no record: \(error)") }
    return [small, large]
}
