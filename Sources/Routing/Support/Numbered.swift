/// A number that nodes give themselves, mostly one after the other, and that rows are found by.
///
/// Swift's own hash withstands keys that somebody chose so that they collide, and takes as long as the rest of the look.
/// Nobody can choose these: one multiplication spreads them as well (Fibonacci hashing: Knuth, 6.4). Numbers that come
/// from outside, as `ClientInstance` and `SubmitKey` do, keep Swift's.
package protocol Numbered: Hashable {
    associatedtype Value: FixedWidthInteger & UnsignedInteger
    var value: Value { get }
}

extension Numbered {
    /// What tables ask for; with the seed each has an order of its own, as with Swift's.
    @inline(__always)
    package func _rawHashValue(seed: Int) -> Int {
        let spread = (UInt64(value) ^ UInt64(bitPattern: Int64(seed))) &* 0x9e37_79b9_7f4a_7c15
        // The multiplier moves what differs upwards, and tables look at the lowest bits.
        return Int(truncatingIfNeeded: spread ^ spread >> 32)
    }
}
