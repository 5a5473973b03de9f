/// The head of a batch, 36 bytes; all numbers little-endian.
///
///     0 length of the batch with this head (4)  4 records (4)  8 reign (4)  12 CRC32C of the records (4)
///     16 first LSN (8)  24 wall milliseconds (8)  32 CRC32C of bytes 0..<32, begun with the segment's seed (4)
///
/// The last checksum covers the one before it, and so everything: a torn batch disappears whole. There are two, so
/// that the search for a batch behind a damaged place need not read on from every byte. A head with no records and
/// reign 0 is a seal: the segment ends here, the next one begins with this LSN. One with no records and another reign
/// is a mark: it was written after the sync of everything before it, so what is bad there is damage, not a torn write.
/// Each record is its length (4), its type (1) and so many bytes.
struct BatchHeader: Equatable {
    static let bytes = 36
    /// Length and type before each record's bytes.
    static let recordOverhead = 5

    var length: Int
    var count: Int
    var reign: UInt32
    var recordsChecksum: UInt32
    var firstLSN: Journal.LSN
    var wall: UInt64

    /// The head at `offset` if there is one with a right checksum. What it says may still be impossible.
    init?(_ bytes: Span<UInt8>, at offset: Int, seed: UInt32) {
        guard bytes.count - offset >= Self.bytes,
            CRC32C.checksum(of: bytes.extracting(offset..<offset + 32), after: seed) == bytes.uint32(at: offset + 32)
        else { return nil }
        self.length = Int(bytes.uint32(at: offset))
        self.count = Int(bytes.uint32(at: offset + 4))
        self.reign = bytes.uint32(at: offset + 8)
        self.recordsChecksum = bytes.uint32(at: offset + 12)
        self.firstLSN = Journal.LSN(bytes.uint64(at: offset + 16))
        self.wall = bytes.uint64(at: offset + 24)
    }

    /// Whether the writer could have written it where `room` bytes are left. A head that was torn has no right
    /// checksum; so one that has it and is impossible was damaged, or comes from a broken program.
    func isPossible(in room: Int) -> Bool {
        guard length >= Self.bytes, length <= room, count <= (length - Self.bytes) / Self.recordOverhead else {
            return false
        }
        return count > 0 || length == Self.bytes
    }

    var isSeal: Bool { count == 0 && reign == 0 }
    var isMark: Bool { count == 0 && reign != 0 }

    /// Whether the records behind a head at `offset` are as they were written.
    func coversRecords(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
        CRC32C.checksum(of: bytes.extracting(offset + Self.bytes..<offset + length)) == recordsChecksum
    }
}

/// The batch being collected: one array, reused, with the head's place kept free at its start.
///
/// No allocation per record: the array keeps the capacity of the largest batch so far.
struct BatchBuffer {
    /// Head (zeros until `finish`) and records.
    private(set) var bytes = [UInt8](repeating: 0, count: BatchHeader.bytes)
    private(set) var count = 0

    /// Bytes the batch would have with one more record of `size` bytes.
    func length(adding size: Int) -> Int {
        bytes.count + BatchHeader.recordOverhead + size
    }

    mutating func append(type: UInt8, _ record: [UInt8]) {
        let length = UInt32(truncatingIfNeeded: record.count)
        bytes.append(UInt8(truncatingIfNeeded: length))
        bytes.append(UInt8(truncatingIfNeeded: length >> 8))
        bytes.append(UInt8(truncatingIfNeeded: length >> 16))
        bytes.append(UInt8(truncatingIfNeeded: length >> 24))
        bytes.append(type)
        bytes.append(contentsOf: record)
        count += 1
    }

    /// Fills in the head; the bytes are then ready to be written.
    mutating func finish(reign: UInt32, wall: UInt64, firstLSN: Journal.LSN, seed: UInt32) {
        bytes.put(UInt32(bytes.count), at: 0)
        bytes.put(UInt32(count), at: 4)
        bytes.put(reign, at: 8)
        bytes.put(CRC32C.checksum(of: bytes.span.extracting(BatchHeader.bytes..<bytes.count)), at: 12)
        bytes.put(firstLSN.number, at: 16)
        bytes.put(wall, at: 24)
        bytes.put(CRC32C.checksum(of: bytes.span.extracting(0..<32), after: seed), at: 32)
    }

    /// Empties the batch and keeps its memory.
    mutating func reset() {
        bytes.removeSubrange(BatchHeader.bytes...)
        count = 0
    }
}

extension [UInt8] {
    /// Overwrites the bytes from `offset` on with `value`, the lowest byte first.
    mutating func put<Number: FixedWidthInteger & UnsignedInteger>(_ value: Number, at offset: Int) {
        for index in 0..<Number.bitWidth / 8 {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> Number(8 * index))
        }
    }
}

extension Span<UInt8> {
    /// Four bytes from `offset` on, the lowest first.
    func uint32(at offset: Int) -> UInt32 {
        UInt32(self[offset]) | UInt32(self[offset + 1]) << 8
            | UInt32(self[offset + 2]) << 16 | UInt32(self[offset + 3]) << 24
    }

    /// Eight bytes from `offset` on, the lowest first.
    func uint64(at offset: Int) -> UInt64 {
        UInt64(uint32(at: offset)) | UInt64(uint32(at: offset + 4)) << 32
    }
}
