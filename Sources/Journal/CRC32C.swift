/// CRC-32C (Castagnoli), the checksum of everything the journal writes; the same as in iSCSI, ext4 and RocksDB.
///
/// Slicing-by-8 (Kounavis and Berry, 2005): eight table look-ups take in eight bytes at once, so a step does not wait
/// for the step of each byte before it. Plain Swift: no intrinsic, no C, no unsafe pointer.
package enum CRC32C {
    /// The generator 0x1EDC6F41 with its bits reversed, since the checksum takes the lowest bit first.
    private static let polynomial: UInt32 = 0x82F6_3B78

    /// Row k (256 entries) holds the effect of a byte that has k more bytes behind it. Built once, 8 KiB.
    private static let table: InlineArray<2048, UInt32> = makeTable()

    /// The checksum of `bytes`; or, given the checksum of what came before them, of both together.
    package static func checksum(of bytes: Span<UInt8>, after previous: UInt32 = 0) -> UInt32 {
        var state = ~previous
        var index = 0
        let count = bytes.count
        while count - index >= 8 {
            let low = state ^ word(bytes, index)
            let high = word(bytes, index + 4)
            state =
                table[1792 + Int(low & 0xFF)] ^ table[1536 + Int(low >> 8 & 0xFF)]
                ^ table[1280 + Int(low >> 16 & 0xFF)] ^ table[1024 + Int(low >> 24)]
                ^ table[768 + Int(high & 0xFF)] ^ table[512 + Int(high >> 8 & 0xFF)]
                ^ table[256 + Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
            index += 8
        }
        while index < count {
            state = state >> 8 ^ table[Int((state ^ UInt32(bytes[index])) & 0xFF)]
            index += 1
        }
        return ~state
    }

    /// Four bytes, the lowest first.
    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, _ index: Int) -> UInt32 {
        UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8
            | UInt32(bytes[index + 2]) << 16 | UInt32(bytes[index + 3]) << 24
    }

    private static func makeTable() -> InlineArray<2048, UInt32> {
        var table = InlineArray<2048, UInt32>(repeating: 0)
        for byte in 0..<256 {
            var state = UInt32(byte)
            for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ polynomial : state >> 1 }
            table[byte] = state
        }
        for index in 256..<2048 {
            let shorter = table[index - 256]
            table[index] = shorter >> 8 ^ table[Int(shorter & 0xFF)]
        }
        return table
    }
}
