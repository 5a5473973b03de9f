/// A record as opening hands it over, without its number.
struct Kept: Equatable {
    let reign: UInt32
    let wall: UInt64
    let type: UInt8
    let bytes: [UInt8]
}

/// The naive twin of `Recovery`: the records of all whole batches up to the first place in each segment that is none.
/// It judges no order and no damage; it only says which records there are to replay.
struct NaiveReading {
    private(set) var records: [Kept] = []
    /// A batch with right checksums whose records do not fill it, or a head with a right one that claims what cannot
    /// be: it must be refused, be it after the first of them.
    private(set) var isMalformed = false
    /// A batch with right checksums, and new numbers, begins behind the place where the last segment's reading ended.
    private(set) var hasBatchBehindEnd = false

    init(_ segments: [[UInt8]]) {
        for bytes in segments where bytes.count >= Layout.header && !isMalformed { read(bytes) }
    }

    private mutating func read(_ bytes: [UInt8]) {
        let seed = Layout.seed(bytes)
        var offset = Layout.header
        while let length = Layout.wholeBatch(bytes, at: offset, seed) {
            let count = Layout.number(bytes, at: offset + 4, bytes: 4)
            if count == 0 {
                if length != Layout.head { isMalformed = true }
                // A seal has reign 0; a mark goes on.
                if isMalformed || Layout.number(bytes, at: offset + 8, bytes: 4) == 0 { return }
            } else {
                readRecords(bytes, offset, length, count)
            }
            if isMalformed { return }
            offset += length
        }
        if Layout.isImpossible(bytes, at: offset, seed) { isMalformed = true }
        for place in offset..<max(offset, bytes.count) where Layout.wholeBatch(bytes, at: place, seed) != nil {
            if Layout.number(bytes, at: place + 16, bytes: 8) > UInt64(records.count) { hasBatchBehindEnd = true }
        }
    }

    private mutating func readRecords(_ bytes: [UInt8], _ offset: Int, _ length: Int, _ count: UInt64) {
        let end = offset + length
        var place = offset + Layout.head
        for _ in 0..<count {
            let left = end - place - 5
            let size = left < 0 ? 0 : Int(Layout.number(bytes, at: place, bytes: 4))
            if size > left {
                isMalformed = true
                return
            }
            records.append(
                Kept(
                    reign: UInt32(Layout.number(bytes, at: offset + 8, bytes: 4)),
                    wall: Layout.number(bytes, at: offset + 24, bytes: 8), type: bytes[place + 4],
                    bytes: [UInt8](bytes[place + 5..<place + 5 + size])))
            place += 5 + size
        }
        isMalformed = place != end
    }
}

/// The places in a segment file, written down a second time from the comments of Batch.swift and Segment.swift.
enum Layout {
    static let header = 64
    static let head = 36

    static func number(_ bytes: [UInt8], at offset: Int, bytes count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
        return value
    }

    static func put(_ value: UInt64, _ bytes: inout [UInt8], at offset: Int, bytes count: Int) {
        for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
    }

    /// Cluster id and first LSN, as they lie in the header.
    static func seed(_ bytes: [UInt8]) -> UInt32 { checksum(bytes[16..<40]) }

    /// The length a head at `offset` claims, if the file has room for it.
    static func claimedLength(_ bytes: [UInt8], at offset: Int) -> Int? {
        guard bytes.count - offset >= head else { return nil }
        let length = Int(number(bytes, at: offset, bytes: 4))
        return length >= head && length <= bytes.count - offset ? length : nil
    }

    /// The length of the batch at `offset`, if both of its checksums are right and so many records can be in it.
    static func wholeBatch(_ bytes: [UInt8], at offset: Int, _ seed: UInt32) -> Int? {
        guard let length = claimedLength(bytes, at: offset),
            UInt64(checksum(bytes[offset..<offset + 32], after: seed)) == number(bytes, at: offset + 32, bytes: 4),
            UInt64(checksum(bytes[offset + head..<offset + length])) == number(bytes, at: offset + 12, bytes: 4),
            number(bytes, at: offset + 4, bytes: 4) <= UInt64(length - head) / 5
        else { return nil }
        return length
    }

    /// Whether a head with a right checksum claims more than there is room for, or more records than bytes for them.
    static func isImpossible(_ bytes: [UInt8], at offset: Int, _ seed: UInt32) -> Bool {
        guard bytes.count - offset >= head, bytes[offset...].contains(where: { $0 != 0 }),
            UInt64(checksum(bytes[offset..<offset + 32], after: seed)) == number(bytes, at: offset + 32, bytes: 4)
        else { return false }
        guard let length = claimedLength(bytes, at: offset) else { return true }
        return number(bytes, at: offset + 4, bytes: 4) > UInt64(length - head) / 5
    }

    /// CRC-32C, a byte at a time.
    static func checksum(_ bytes: ArraySlice<UInt8>, after previous: UInt32 = 0) -> UInt32 {
        var state = ~previous
        for byte in bytes { state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] }
        return ~state
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        var state = UInt32(byte)
        for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0x82F6_3B78 : state >> 1 }
        return state
    }
}
