/// An append-only file of what has left the live ledger: records that are never changed and rarely read.
///
///     head (64)   as of a segment: kind archive; LSN and size are 0; the content version is the caller's
///     records     length of the bytes (4)  type (1)  bytes  CRC32C of these, begun with the head's seed (4)
///     zeros       to the end of the file, if anything
///
/// It needs no sync of its own per record, because the journal still has what is written here: each snapshot carries
/// the length that was synced before it, and a start from that snapshot cuts the archive there and writes the rest
/// anew while the journal is replayed. So a record is in it once, whatever happens in between.
package struct Archive: ~Copyable {
    package static let fileName = "archive-0001.arc"

    private let storage: any Storage
    private let seed: UInt32
    private var buffer: [UInt8] = []
    /// Where the buffer goes.
    private var bufferStart: Int

    /// Bytes with what waits in memory.
    package var length: UInt64 { UInt64(bufferStart + buffer.count) }
    /// Bytes that survive a loss of power.
    package private(set) var durableLength: UInt64

    /// Opens the archive, or makes it, and cuts it to `length`: that of the snapshot the start begins with, 0 without
    /// one. A file that is shorter than that was damaged, and refused.
    ///
    /// The journal must have been opened before, as its lock covers this file too. Only the place of the cut is
    /// looked at; `verify` reads all.
    package static func open(
        in storage: any Storage, of clusterID: Journal.ClusterID, contentVersion: UInt32, cutTo length: UInt64
    ) throws(JournalError) -> Archive {
        let isThere = try storage.list().contains(fileName)
        let isEmpty = length <= UInt64(SegmentHeader.bytes)
        guard isThere || isEmpty else { throw .damagedFile(file: fileName, offset: 0) }
        if !isThere {
            let header = SegmentHeader(
                kind: .archive, clusterID: clusterID, firstLSN: Journal.LSN(0), capacity: 0,
                contentVersion: contentVersion)
            try make(header, in: storage)
        }
        let header = try header(storage, fileName, of: clusterID)
        let end = isEmpty ? SegmentHeader.bytes : Int(length)
        try cut(storage, to: end)
        return Archive(storage: storage, seed: header.seed, length: end)
    }

    private init(storage: any Storage, seed: UInt32, length: Int) {
        self.storage = storage
        self.seed = seed
        bufferStart = length
        durableLength = UInt64(length)
    }

    /// Takes a record in; about each MiB is written, none is durable before `sync`.
    package mutating func append(type: UInt8, bytes: [UInt8]) throws(JournalError) {
        invariant(bytes.count <= Snapshot.recordBytesMax, "the archive gets a record of \(bytes.count) bytes")
        buffer.append(framed: bytes, type: type, seed: seed)
        if buffer.count >= Snapshot.sliceBytes { try flush() }
    }

    /// Makes all of it durable and gives its length, for the next snapshot's head.
    @discardableResult
    package mutating func sync() throws(JournalError) -> UInt64 {
        if length > durableLength {
            try flush()
            try storage.sync(Self.fileName)
            durableLength = length
        }
        return durableLength
    }

    /// Where the first record begins.
    package static let firstRecord = UInt64(SegmentHeader.bytes)
    /// What a record takes beside its bytes.
    package static let recordOverhead = UInt64(Snapshot.recordOverhead)

    /// The record that begins at `offset`, written or still in memory; its bytes and type.
    package func record(at offset: UInt64) throws(JournalError) -> (type: UInt8, bytes: ArraySlice<UInt8>) {
        let start = Int(offset)
        if start >= bufferStart {
            guard let end = Self.record(buffer, at: start - bufferStart, seed) else {
                throw .damagedFile(file: Self.fileName, offset: start)
            }
            return (buffer[start - bufferStart + 4], buffer[start - bufferStart + 5..<end - 4])
        }
        var bytes = try storage.read(Self.fileName, at: start, count: 4096)
        let claimed = Self.claimedBytes(bytes)
        if claimed > bytes.count { bytes = try storage.read(Self.fileName, at: start, count: claimed) }
        guard let end = Self.record(bytes, at: 0, seed) else {
            throw .damagedFile(file: Self.fileName, offset: start)
        }
        return (bytes[4], bytes[5..<end - 4])
    }

    /// Reads the records of the first `length` bytes and refuses any that is not as it was written; without a length,
    /// as nothing is promised behind a snapshot's, up to the first that is none. Gives the bytes read.
    @discardableResult
    package static func verify(
        in storage: any Storage, of clusterID: Journal.ClusterID?, upTo length: UInt64? = nil,
        visit: (UInt8, ArraySlice<UInt8>) throws -> Void = { _, _ in }
    ) throws(JournalError) -> UInt64 {
        let name = Self.fileName
        let seed = try header(storage, name, of: clusterID).seed
        let size = try storage.size(of: name)
        let end = length.map { Int($0) } ?? size
        guard end <= size else { throw .damagedFile(file: name, offset: size) }
        var offset = SegmentHeader.bytes
        var window = Snapshot.sliceBytes
        while offset < end {
            let bytes = try storage.read(name, at: offset, count: min(window, end - offset))
            var position = 0
            while let next = record(bytes, at: position, seed) {
                do { try visit(bytes[position + 4], bytes[position + 5..<next - 4]) } catch {
                    throw .damagedFile(file: name, offset: offset + position)
                }
                position = next
            }
            offset += position
            window = Snapshot.sliceBytes
            if position > 0 { continue }
            // One that is larger than what was read, or none.
            window = claimedBytes(bytes)
            if window <= bytes.count || window > end - offset {
                guard length == nil else { throw .damagedFile(file: name, offset: offset) }
                return UInt64(offset)
            }
        }
        return UInt64(offset)
    }

    /// What the record at the beginning says that it takes; 0 if it is none.
    private static func claimedBytes(_ bytes: [UInt8]) -> Int {
        guard bytes.count >= Snapshot.recordOverhead else { return 0 }
        let length = Int(bytes.span.uint32(at: 0))
        return length <= Snapshot.recordBytesMax ? length + Snapshot.recordOverhead : 0
    }

    /// Where the whole record at `position` ends; nil if there is none.
    private static func record(_ bytes: [UInt8], at position: Int, _ seed: UInt32) -> Int? {
        guard bytes.count - position >= Snapshot.recordOverhead else { return nil }
        let length = Int(bytes.span.uint32(at: position))
        guard length <= bytes.count - position - Snapshot.recordOverhead else { return nil }
        let end = position + length + Snapshot.recordOverhead
        let framed = bytes.span.extracting(position..<end - 4)
        return CRC32C.checksum(of: framed, after: seed) == bytes.span.uint32(at: end - 4) ? end : nil
    }

    private static func header(
        _ storage: any Storage, _ name: String, of clusterID: Journal.ClusterID?
    ) throws(JournalError) -> SegmentHeader {
        let bytes = try storage.read(name, at: 0, count: SegmentHeader.bytes)
        let header = try SegmentHeader(bytes.span, kind: .archive, file: name)
        if let clusterID, header.clusterID != clusterID { throw .wrongCluster(file: name) }
        return header
    }

    private static func make(_ header: SegmentHeader, in storage: any Storage) throws(JournalError) {
        let draft = fileName + Segment.draftSuffix
        try storage.create(draft)
        try storage.write(draft, at: 0, header.encoded())
        try storage.sync(draft)
        try storage.rename(draft, to: fileName)
        try storage.syncDirectory()
    }

    /// Zeros behind `end`, durably, before anything new is written there.
    private static func cut(_ storage: any Storage, to end: Int) throws(JournalError) {
        let size = try storage.size(of: fileName)
        guard size >= end else { throw .damagedFile(file: fileName, offset: size) }
        var offset = end
        while offset < size {
            let count = min(Snapshot.sliceBytes, size - offset)
            try storage.write(fileName, at: offset, [UInt8](repeating: 0, count: count))
            offset += count
        }
        if size > end { try storage.sync(fileName) }
    }

    private mutating func flush() throws(JournalError) {
        guard !buffer.isEmpty else { return }
        try storage.write(Self.fileName, at: bufferStart, buffer)
        bufferStart += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}
