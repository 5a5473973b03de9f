/// FNV-1a over 64 bits: the same on every node and in every process, unlike Swift's own hashing. Tells contents apart
/// by accident, not by an adversary.
struct StableHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    mutating func add(_ number: UInt64) {
        for shift in 0..<8 { add(UInt8(truncatingIfNeeded: number >> (8 * UInt64(shift)))) }
    }
    /// With a separator that no UTF-8 text contains.
    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(UInt8(0xff))
    }
}
