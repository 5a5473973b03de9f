/// Reads a snapshot record by record and refuses anything that is not as it was written, with file and offset.
///
/// What it gives is to be dropped when it throws later: only after the last record, when `next` has given nil, the
/// whole file is known to be right, and `summary` is there.
package struct SnapshotReader {
    /// A record; `bytes` is a view into the read buffer: copy what is kept.
    package struct Record {
        package let type: UInt8
        package let bytes: ArraySlice<UInt8>
    }

    private let storage: any Storage
    private let file: String
    private let header: SegmentHeader
    private let seed: UInt32
    private var buffer: [UInt8] = []
    /// Place of the buffer's first byte in the file, and of the next record in the buffer.
    private var bufferStart: Int
    private var position = 0
    private var total: UInt32
    private var records: UInt64 = 0
    /// Of the file, once all of it was found right.
    package private(set) var summary: Snapshot.Summary?

    /// The newest journal record it includes.
    package var lsn: Journal.LSN { header.firstLSN }
    package var contentVersion: UInt32 { header.contentVersion }
    /// See `Snapshot.Summary.archiveBytes`.
    package var archiveBytes: UInt64 { UInt64(header.capacity) }
    /// Where the next record begins: bytes read so far.
    package var offset: Int { bufferStart + position }

    /// Opens a published snapshot and checks its head.
    package init(_ storage: any Storage, _ file: String, of clusterID: Journal.ClusterID?) throws(JournalError) {
        let bytes = try storage.read(file, at: 0, count: SegmentHeader.bytes)
        let header = try SegmentHeader(bytes.span, kind: .snapshot, file: file)
        if let clusterID, header.clusterID != clusterID { throw .wrongCluster(file: file) }
        guard Snapshot.name(of: header.firstLSN) == file else { throw .damagedHeader(file: file) }
        self.init(storage, file, header, encoded: bytes)
    }

    /// For the writer, which knows what the draft must begin with.
    init(_ storage: any Storage, _ draft: String, _ expected: SegmentHeader) throws(JournalError) {
        let bytes = try storage.read(draft, at: 0, count: SegmentHeader.bytes)
        guard bytes == expected.encoded() else { throw .damagedHeader(file: draft) }
        self.init(storage, draft, expected, encoded: bytes)
    }

    private init(_ storage: any Storage, _ file: String, _ header: SegmentHeader, encoded: [UInt8]) {
        self.storage = storage
        self.file = file
        self.header = header
        self.seed = header.seed
        self.bufferStart = encoded.count
        self.total = Snapshot.total(of: encoded)
    }

    /// The next record; nil after the last one.
    package mutating func next() throws(JournalError) -> Record? {
        if summary != nil { return nil }
        guard try fill(4) else { throw damage }
        let length = buffer.span.uint32(at: position)
        if length == Snapshot.endMark {
            try takeTrailer()
            return nil
        }
        guard length <= Snapshot.recordBytesMax, try fill(Int(length) + Snapshot.recordOverhead) else { throw damage }
        let end = position + Int(length) + Snapshot.recordOverhead
        guard isWhole(to: end) else { throw damage }
        let added = CRC32C.checksum(of: buffer.span.extracting(position..<end - 4), after: total)
        total = added
        let record = Record(type: buffer[position + 4], bytes: buffer[position + 5..<end - 4])
        position = end
        records += 1
        return record
    }

    /// Whether the checksum of the record from the position to `end` is right.
    private func isWhole(to end: Int) -> Bool {
        let framed = buffer.span.extracting(position..<end - 4)
        return CRC32C.checksum(of: framed, after: seed) == buffer.span.uint32(at: end - 4)
    }

    private mutating func takeTrailer() throws(JournalError) {
        guard try fill(Snapshot.trailerBytes) else { throw damage }
        let end = position + Snapshot.trailerBytes
        let read = Snapshot.Trailer(buffer.span.extracting(position..<end), seed: seed)
        guard let trailer = read, trailer.total == total, trailer.records == records,
            trailer.fileBytes == UInt64(bufferStart + end),
            try storage.size(of: file) == bufferStart + end
        else { throw damage }
        position = end
        summary = Snapshot.Summary(
            file: file, lsn: lsn, contentVersion: contentVersion, archiveBytes: archiveBytes, records: records,
            stateHash: trailer.stateHash, bytes: trailer.fileBytes)
    }

    /// Reads on until the buffer has `count` bytes from the position on; false if the file has fewer.
    private mutating func fill(_ count: Int) throws(JournalError) -> Bool {
        if buffer.count - position >= count { return true }
        buffer.removeSubrange(..<position)
        bufferStart += position
        position = 0
        let wanted = max(Snapshot.sliceBytes, count) - buffer.count
        buffer += try storage.read(file, at: bufferStart + buffer.count, count: wanted)
        return buffer.count >= count
    }

    private var damage: JournalError { .damagedFile(file: file, offset: offset) }
}
