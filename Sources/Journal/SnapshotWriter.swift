/// Writes a snapshot in slices, so that the thread that owns the ledger can do it between its turns.
///
/// Every call writes and syncs about `Snapshot.flushBytes`, or reads `Snapshot.sliceBytes`, at most beyond what it was
/// given:
///
///     var writer = try SnapshotWriter(in: storage, of: journal.clusterID, lsn: lsn, contentVersion: 1,
///                                     archiveBytes: try archive.sync())
///     try writer.append(type: 1, bytes: row)      // for each row of the state as of `lsn`
///     try writer.end(stateHash: hash)
///     while try !writer.verify() {}               // reads back what was written
///     try writer.publish()                        // now it counts
///
/// An error harms no ledger: `abandon` takes the draft away, and the next snapshot begins anew. A draft that a crash
/// has left is removed when the journal is opened.
package struct SnapshotWriter: ~Copyable {
    private enum Phase: Equatable {
        case writing
        case verifying
        case verified
    }

    private let storage: any Storage
    private let draft: String
    private let header: SegmentHeader
    private let seed: UInt32
    /// Bytes that wait for the next slice.
    private var buffer: [UInt8]
    private var written = 0
    private var total: UInt32
    private var records: UInt64 = 0
    private var phase = Phase.writing
    private var reader: SnapshotReader?

    /// The file it becomes.
    package let name: String

    /// Begins a snapshot of the state after the record `lsn`, which must be durable, as must the archive's first
    /// `archiveBytes`.
    package init(
        in storage: any Storage, of clusterID: Journal.ClusterID, lsn: Journal.LSN, contentVersion: UInt32,
        archiveBytes: UInt64 = 0
    ) throws(JournalError) {
        self.storage = storage
        name = Snapshot.name(of: lsn)
        draft = name + Segment.draftSuffix
        header = SegmentHeader(
            kind: .snapshot, clusterID: clusterID, firstLSN: lsn, capacity: Int(archiveBytes),
            contentVersion: contentVersion)
        seed = header.seed
        buffer = header.encoded()
        total = Snapshot.total(of: buffer)
        if try storage.list().contains(draft) { try storage.remove(draft) }
        try storage.create(draft)
    }

    package mutating func append(type: UInt8, bytes: [UInt8]) throws(JournalError) {
        invariant(phase == .writing, "\(name) has ended, and gets a record")
        invariant(bytes.count <= Snapshot.recordBytesMax, "\(name) gets a record of \(bytes.count) bytes")
        total = buffer.append(framed: bytes, type: type, seed: seed, total: total)
        records += 1
        if buffer.count >= Snapshot.flushBytes { try flush() }
    }

    /// Writes the trailer. `stateHash` is the caller's, over its state.
    package mutating func end(stateHash: UInt64) throws(JournalError) {
        invariant(phase == .writing, "\(name) is ended twice")
        try flush()
        let trailer = Snapshot.Trailer(
            total: total, records: records, stateHash: stateHash,
            fileBytes: UInt64(written + Snapshot.trailerBytes))
        buffer = trailer.encoded(seed: seed)
        try flush()
        phase = .verifying
    }

    /// Reads a slice of the file back; true when all of it is as it was written.
    ///
    /// It comes from the kernel's memory, most times: so this finds a broken writer or machine, not yet a broken disk.
    package mutating func verify() throws(JournalError) -> Bool {
        invariant(phase != .writing, "\(name) is verified before its end")
        if phase == .verified { return true }
        if reader == nil { reader = try SnapshotReader(storage, draft, header) }
        guard var reader = reader.take() else { return false }
        var bytesLeft = Snapshot.sliceBytes
        while bytesLeft > 0 {
            guard let record = try reader.next() else {
                guard reader.summary?.records == records else {
                    throw .damagedFile(file: draft, offset: reader.offset)
                }
                phase = .verified
                return true
            }
            bytesLeft -= record.bytes.count + Snapshot.recordOverhead
        }
        self.reader = reader
        return false
    }

    /// Gives it its name, durably: from here on it is what the next start begins with.
    package mutating func publish() throws(JournalError) {
        invariant(phase == .verified, "\(name) is published unverified")
        try storage.rename(draft, to: name)
        try storage.syncDirectory()
        storage.close(name)
    }

    /// All that is left to do, at once.
    package mutating func finish(stateHash: UInt64) throws(JournalError) {
        try end(stateHash: stateHash)
        while try !verify() {}
        try publish()
    }

    /// Takes the draft away, as far as the disk lets it.
    package consuming func abandon() {
        do throws(JournalError) { try storage.remove(draft) } catch { storage.close(draft) }
    }

    private mutating func flush() throws(JournalError) {
        guard !buffer.isEmpty else { return }
        try storage.write(draft, at: written, buffer)
        try storage.sync(draft)
        written += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}
