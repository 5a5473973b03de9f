/// Appends values to bytes. Whole numbers are LEB128 varints, so small ones take a byte; text is its length and UTF-8.
package struct Encoder {
    package private(set) var bytes: [UInt8]
    /// The form that values take; see `wireVersion`.
    package let version: UInt8

    package init(reserving count: Int = 256, version: UInt8 = wireVersion) {
        self.version = version
        bytes = []
        bytes.reserveCapacity(count)
    }

    package mutating func reset() { bytes.removeAll(keepingCapacity: true) }

    package mutating func byte(_ value: UInt8) { bytes.append(value) }

    package mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
    package mutating func number(_ value: UInt32) { number(UInt64(value)) }

    /// Eight bytes, lowest first: for values that are as likely large as small.
    package mutating func fixed(_ value: UInt64) {
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    package mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

    package mutating func text(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            number(UInt64(utf8.count))
            unsafe bytes.append(contentsOf: utf8)
        }
    }

    /// Bytes that have their form already.
    package mutating func raw(_ value: [UInt8]) { bytes.append(contentsOf: value) }

    package mutating func value(_ value: some WireValue) { value.encode(into: &self) }

    /// What version 2 has and version 1 has not: there it is left out.
    package mutating func sinceTwo(_ value: (some WireValue)?) { if version >= 2 { optional(value) } }

    package mutating func optional(_ value: (some WireValue)?) {
        flag(value != nil)
        if let value { value.encode(into: &self) }
    }

    package mutating func list(_ values: [some WireValue]) {
        number(UInt64(values.count))
        append(values)
    }

    /// By their places: a loop over the values themselves would copy each, with all that it refers to.
    private mutating func append(_ values: [some WireValue]) {
        for place in values.indices { values[place].encode(into: &self) }
    }

    /// One list of the first value and the others.
    package mutating func list<Value: WireValue>(_ first: Value, then later: [Value]) {
        number(UInt64(later.count + 1))
        first.encode(into: &self)
        append(later)
    }

    /// One list of the others and the last value.
    package mutating func list<Value: WireValue>(_ earlier: [Value], then last: Value) {
        number(UInt64(earlier.count + 1))
        append(earlier)
        last.encode(into: &self)
    }
}

/// A value with a place in messages and journal records. What is written is read back equal; golden bytes in the tests
/// keep the form from changing unnoticed.
package protocol WireValue: Sendable {
    func encode(into encoder: inout Encoder)
    init(from decoder: inout Decoder) throws(WireError)
}
