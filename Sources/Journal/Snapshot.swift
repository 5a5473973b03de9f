/// A snapshot is a file with the caller's whole state as of one LSN, so that the journal before it can go.
///
///     head (64)      as of a segment: kind snapshot; first LSN: the newest record it includes; size: the archive's
///                    length at that record; the content version is the caller's
///     records        length of the bytes (4)  type (1)  bytes  CRC32C of these, begun with the head's seed (4)
///     trailer (40)   0 all ones (4)  4 total (4)  8 records (8)  16 state hash (8)  24 length of the file (8)
///                    32 zero (4)  36 CRC32C of bytes 0..<36, begun with the seed (4)
///
/// The total is the CRC32C of head and records in their order, without their own checksums: one that ran over these too
/// would come out the same whatever stands before them, and not notice that two records have changed places.
/// All numbers are little-endian. A length of all ones cannot be a record's, so the trailer is known from one.
///
/// The order in which things become durable, which recovery relies on:
/// 1. every journal record up to the snapshot's LSN, and the archive up to the length in its head;
/// 2. the snapshot as a `.new` file, synced slice by slice, read back and compared with its checksums;
/// 3. its name, by a rename and a sync of the folder: from here on it counts;
/// 4. the removal of snapshots older than the last two, then of the journal's segments before the older of these two,
///    the oldest first. Nothing is removed before step 3.
package enum Snapshot {
    static let trailerBytes = 40
    /// Length, type and checksum around each record's bytes.
    static let recordOverhead = 9
    /// Bytes written and synced at a time: the turn in which this is done waits for it.
    static let flushBytes = 256 << 10
    /// Bytes read, or read back, at a time.
    package static let sliceBytes = 1 << 20
    /// The largest record; an invariant of the writer, and damage to the reader.
    package static let recordBytesMax = 64 << 20
    /// Snapshots that are kept: should the newest be damaged, the journal still reaches back to the one before.
    package static let kept = 2
    static let endMark = UInt32.max

    /// `snapshot-` and 16 hex digits of its LSN.
    static func name(of lsn: Journal.LSN) -> String { "snapshot-" + Journal.hex(lsn.number) + ".snap" }

    static func isName(_ name: String) -> Bool { name.hasPrefix("snapshot-") && name.hasSuffix(".snap") }

    static func lsn(of name: String) -> Journal.LSN? {
        guard isName(name), let number = UInt64(name.dropFirst(9).dropLast(5), radix: 16) else { return nil }
        return Self.name(of: Journal.LSN(number)) == name ? Journal.LSN(number) : nil
    }

    /// The total of an encoded head: without its own checksum.
    static func total(of head: [UInt8]) -> UInt32 { CRC32C.checksum(of: head.span.extracting(0..<60)) }

    /// What a whole snapshot says of itself.
    package struct Summary: Equatable, Sendable {
        package let file: String
        /// The newest record it includes.
        package let lsn: Journal.LSN
        package let contentVersion: UInt32
        /// Where the archive ended at that record; what lies behind is written anew while the journal is replayed.
        package let archiveBytes: UInt64
        package let records: UInt64
        /// The caller's own, over its state; to be compared with what was restored.
        package let stateHash: UInt64
        package let bytes: UInt64
    }

    struct Trailer: Equatable {
        var total: UInt32
        var records: UInt64
        var stateHash: UInt64
        var fileBytes: UInt64

        func encoded(seed: UInt32) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: Snapshot.trailerBytes)
            bytes.put(Snapshot.endMark, at: 0)
            bytes.put(total, at: 4)
            bytes.put(records, at: 8)
            bytes.put(stateHash, at: 16)
            bytes.put(fileBytes, at: 24)
            bytes.put(CRC32C.checksum(of: bytes.span.extracting(0..<36), after: seed), at: 36)
            return bytes
        }

        init(total: UInt32, records: UInt64, stateHash: UInt64, fileBytes: UInt64) {
            self.total = total
            self.records = records
            self.stateHash = stateHash
            self.fileBytes = fileBytes
        }

        /// Nil if the bytes are no trailer as it was written.
        init?(_ bytes: Span<UInt8>, seed: UInt32) {
            guard bytes.count == Snapshot.trailerBytes, bytes.uint32(at: 0) == Snapshot.endMark,
                CRC32C.checksum(of: bytes.extracting(0..<36), after: seed) == bytes.uint32(at: 36)
            else { return nil }
            self.init(
                total: bytes.uint32(at: 4), records: bytes.uint64(at: 8), stateHash: bytes.uint64(at: 16),
                fileBytes: bytes.uint64(at: 24))
        }
    }
}

extension [UInt8] {
    /// One record of a snapshot or an archive, with its length and checksum; gives `total` with it taken in.
    @discardableResult
    mutating func append(framed bytes: [UInt8], type: UInt8, seed: UInt32, total: UInt32 = 0) -> UInt32 {
        let start = count
        append(contentsOf: repeatElement(0, count: 4))
        put(UInt32(bytes.count), at: start)
        append(type)
        append(contentsOf: bytes)
        let checksum = CRC32C.checksum(of: span.extracting(start..<count), after: seed)
        let added = CRC32C.checksum(of: span.extracting(start..<count), after: total)
        append(contentsOf: repeatElement(0, count: 4))
        put(checksum, at: count - 4)
        return added
    }
}
