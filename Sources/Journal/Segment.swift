/// The bounds of the journal, and what happens there.
package enum JournalLimits {
    /// 64 MiB: a roll every few hundred thousand records, and one segment read whole at the start.
    package static let segmentBytesDefault = 64 << 20
    /// Room for the headers and one small record; tests use such segments.
    package static let segmentBytesMin = 256
    /// A segment is read into memory whole, and lengths in it are 32 bits wide.
    package static let segmentBytesMax = 1 << 30

    /// A segment that is not yet needed is made in pieces of this size, each synced, so that none holds a turn up long:
    /// 0.3 ms each, and commits between them keep their 0.2 ms (p99); pieces of 256 KiB made that 4 ms.
    package static func sliceBytes(segmentBytes: Int) -> Int {
        min(64 << 10, max(64, segmentBytes / 4))
    }
    /// Pieces of the next segment made after one busy turn.
    static let slicesPerTurnMax = 16
    /// Calls of `tend` without another try after the disk was found full.
    static let tendsBetweenTries = 64

    /// The largest batch, header and records, that fits in a segment of `segmentBytes`; above it `batchTooLarge`.
    package static func batchBytesMax(segmentBytes: Int) -> Int {
        segmentBytes - SegmentHeader.bytes - BatchHeader.bytes
    }
}

/// The first 64 bytes of a segment file; all numbers little-endian.
///
///     0 magic (8)  8 version (4)  12 zero (4)  16 cluster id (16)  32 first LSN (8)  40 size of the file (8)
///     48 content version (4)  52 zero (8)  60 CRC32C of bytes 0..<60
///
/// It also is the whole of the file INIT, with another magic and zeros for LSN and size; and the head of snapshots
/// and of the archive, which say for themselves what LSN and size mean there.
struct SegmentHeader: Equatable {
    /// Which of the files that begin like this.
    enum Kind: UInt64 {
        /// "SWYJRNL1" read as a little-endian number.
        case segment = 0x314C_4E52_4A59_5753
        /// "SWYINIT1".
        case initial = 0x3154_494E_4959_5753
        /// "SWYSNAP1".
        case snapshot = 0x3150_414E_5359_5753
        /// "SWYARCH1".
        case archive = 0x3148_4352_4159_5753
    }

    static let bytes = 64
    /// Rises when older programs can no longer read what is written.
    static let version: UInt32 = 1

    var kind: Kind
    var clusterID: Journal.ClusterID
    var firstLSN: Journal.LSN
    /// Bytes of the whole file, so that a truncated file is known from an unused one.
    var capacity: Int
    /// Of the caller's own encoding in snapshots and archives; 0 elsewhere.
    var contentVersion: UInt32 = 0

    /// Every checksum of a segment begins with this, so that a batch written into another segment, into another
    /// cluster's, or quoted inside a record, is never taken for a batch of this one.
    var seed: UInt32 {
        var bytes = [UInt8](repeating: 0, count: 24)
        bytes.put(clusterID.high, at: 0)
        bytes.put(clusterID.low, at: 8)
        bytes.put(firstLSN.number, at: 16)
        return CRC32C.checksum(of: bytes.span)
    }

    func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.bytes)
        bytes.put(kind.rawValue, at: 0)
        bytes.put(Self.version, at: 8)
        bytes.put(clusterID.high, at: 16)
        bytes.put(clusterID.low, at: 24)
        bytes.put(firstLSN.number, at: 32)
        bytes.put(UInt64(capacity), at: 40)
        bytes.put(contentVersion, at: 48)
        bytes.put(CRC32C.checksum(of: bytes.span.extracting(0..<60)), at: 60)
        return bytes
    }

    /// Reads the header back, or says what is wrong with it; `file` is for the error only.
    init(_ bytes: Span<UInt8>, kind: Kind, file: String) throws(JournalError) {
        let damage: JournalError = kind == .initial ? .damagedInit : .damagedHeader(file: file)
        guard bytes.count >= Self.bytes, bytes.uint64(at: 0) == kind.rawValue,
            CRC32C.checksum(of: bytes.extracting(0..<60)) == bytes.uint32(at: 60)
        else { throw damage }
        let version = bytes.uint32(at: 8)
        guard version == Self.version else { throw .unknownVersion(file: file, version: version) }
        guard let capacity = Int(exactly: bytes.uint64(at: 40)) else { throw damage }
        self.init(
            kind: kind, clusterID: Journal.ClusterID(high: bytes.uint64(at: 16), low: bytes.uint64(at: 24)),
            firstLSN: Journal.LSN(bytes.uint64(at: 32)), capacity: capacity,
            contentVersion: bytes.uint32(at: 48))
    }

    init(
        kind: Kind, clusterID: Journal.ClusterID, firstLSN: Journal.LSN, capacity: Int, contentVersion: UInt32 = 0
    ) {
        self.contentVersion = contentVersion
        self.kind = kind
        self.clusterID = clusterID
        self.firstLSN = firstLSN
        self.capacity = capacity
    }
}

/// The segment being written: its file, and where the next batch goes.
struct Segment {
    let name: String
    let header: SegmentHeader
    /// `header.seed`, kept since each batch needs it.
    let seed: UInt32
    /// Bytes used; the next batch begins here.
    var offset: Int

    init(header: SegmentHeader, offset: Int = SegmentHeader.bytes) {
        self.name = Self.name(of: header.firstLSN)
        self.header = header
        self.seed = header.seed
        self.offset = offset
    }

    /// Whether a batch of `bytes` fits and leaves room for the seal.
    func hasRoom(for bytes: Int) -> Bool {
        offset + bytes + BatchHeader.bytes <= header.capacity
    }

    /// Makes the file durable under its name before anything depends on it.
    func create(in storage: any Storage) throws(JournalError) {
        var draft = SegmentDraft(capacity: header.capacity)
        // Nobody waits for an answer yet: in large pieces.
        try draft.extend(to: header.capacity, in: storage, slice: 4 << 20)
        try draft.publish(as: self, in: storage)
    }

    /// Writes, and syncs, that `next` is the first LSN of the segment after this one. Only then may that one take
    /// its first batch; so the loss of the newest segment, which leaves no gap, is noticed too.
    mutating func seal(next: Journal.LSN, in storage: any Storage) throws(JournalError) {
        var seal = BatchBuffer()
        seal.finish(reign: 0, wall: 0, firstLSN: next, seed: seed)
        try storage.write(name, at: offset, seal.bytes)
        try storage.sync(name)
        offset += seal.bytes.count
        invariant(offset <= header.capacity, "the seal of \(name) ends at \(offset), behind its end")
    }

    static let draftSuffix = ".new"

    /// `journal-` and 16 hex digits, so that names sort as LSNs do.
    static func name(of firstLSN: Journal.LSN) -> String {
        "journal-" + Journal.hex(firstLSN.number) + ".log"
    }

    static func isName(_ name: String) -> Bool {
        name.hasPrefix("journal-") && name.hasSuffix(".log")
    }

    /// What the name says; nil if it is none that the journal would give.
    static func firstLSN(of name: String) -> Journal.LSN? {
        guard isName(name), let number = UInt64(name.dropFirst(8).dropLast(4), radix: 16) else { return nil }
        let lsn = Journal.LSN(number)
        return Self.name(of: lsn) == name ? lsn : nil
    }
}
