/// What is wrong with bytes from outside.
package enum WireError: Error, Equatable, Sendable {
    case truncated
    /// A version that is not among those which this program, or this node, speaks.
    case version(UInt8, spoken: ClosedRange<UInt8>)
    /// A kind, case or flag that does not exist.
    case unknown(UInt8)
    /// A number, length or count beyond its bound.
    case tooLarge
    case notUTF8
    /// Bytes after the end.
    case trailing
    /// A value that does not belong to those before it.
    case unfit
}

extension WireError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated: "truncated"
        case .version(let version, let spoken):
            "it has wire version \(version), and \(spoken.lowerBound) to \(spoken.upperBound) are spoken here"
        case .unknown(let kind): "unknown(\(kind))"
        case .tooLarge: "tooLarge"
        case .notUTF8: "notUTF8"
        case .trailing: "trailing"
        case .unfit: "unfit"
        }
    }
}

/// Reads values from bytes it does not trust: every length is checked before anything is allocated.
package struct Decoder {
    private let bytes: [UInt8]
    private var place: Int
    private let end: Int
    /// The form in which values were written; see `wireVersion`.
    package let version: UInt8

    package init(_ bytes: [UInt8], version: UInt8 = wireVersion) {
        self.init(bytes, in: 0..<bytes.count, version: version)
    }

    /// Of a part of the bytes; what of it lies behind them is not there.
    package init(_ bytes: [UInt8], in part: Range<Int>, version: UInt8 = wireVersion) {
        self.bytes = bytes
        self.version = version
        place = part.lowerBound
        end = min(part.upperBound, bytes.count)
    }
    package init(_ slice: ArraySlice<UInt8>, version: UInt8 = wireVersion) { self.init(Array(slice), version: version) }

    package var rest: Int { end - place }

    /// Refuses bytes behind the last value.
    package func finish() throws(WireError) { if place != end { throw .trailing } }

    package mutating func byte() throws(WireError) -> UInt8 {
        guard place < end else { throw .truncated }
        defer { place += 1 }
        return bytes[place]
    }

    @inline(__always)
    package mutating func number() throws(WireError) -> UInt64 {
        guard place < end else { throw .truncated }
        let first = bytes[place]
        guard first >= 0x80 else {
            place += 1
            return UInt64(first)
        }
        return try longNumber()
    }
    private mutating func longNumber() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            if shift == 63 && next > 1 { throw .tooLarge }
            value |= UInt64(next & 0x7f) << shift
            if next < 0x80 { return value }
            shift += 7
            if shift > 63 { throw .tooLarge }
        }
    }
    package mutating func number32() throws(WireError) -> UInt32 {
        guard let value = UInt32(exactly: try number()) else { throw .tooLarge }
        return value
    }

    package mutating func fixed() throws(WireError) -> UInt64 {
        guard rest >= 8 else { throw .truncated }
        let value = bytes.span.word(at: place)
        place += 8
        return value
    }

    package mutating func flag() throws(WireError) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        case let other: throw .unknown(other)
        }
    }

    package mutating func text() throws(WireError) -> String {
        let count = try number()
        guard count <= UInt64(rest) else { throw .truncated }
        guard count > 0 else { return "" }
        let end = place + Int(count)
        guard let text = Self.text(bytes.span.extracting(place..<end)) else { throw .notUTF8 }
        place = end
        return text
    }

    private static func text(_ bytes: Span<UInt8>) -> String? {
        do { return String(copying: try UTF8Span(validating: bytes)) } catch { return nil }
    }

    /// As `text`, which is looked at and not made.
    package mutating func skipText() throws(WireError) {
        let count = try number()
        guard count <= UInt64(rest) else { throw .truncated }
        let end = place + Int(count)
        guard Self.isUTF8(bytes.span.extracting(place..<end)) else { throw .notUTF8 }
        place = end
    }

    private static func isUTF8(_ bytes: Span<UInt8>) -> Bool {
        do { return try UTF8Span(validating: bytes).count == bytes.count } catch { return false }
    }

    /// The bytes of what `form` reads, as they are.
    package mutating func raw(_ form: (inout Decoder) throws(WireError) -> Void) throws(WireError) -> [UInt8] {
        let start = place
        try form(&self)
        return [UInt8](bytes[start..<place])
    }

    package mutating func value<Value: WireValue>(_: Value.Type = Value.self) throws(WireError) -> Value {
        try Value(from: &self)
    }

    package mutating func optional<Value: WireValue>(_: Value.Type = Value.self) throws(WireError) -> Value? {
        try flag() ? try Value(from: &self) : nil
    }

    /// What version 1 has not: nil there.
    package mutating func sinceTwo<Value: WireValue>(_: Value.Type = Value.self) throws(WireError) -> Value? {
        version >= 2 ? try optional() : nil
    }

    /// A list cannot have more values than bytes are left: every value takes one at least. `countMax` is for values
    /// that are far larger in memory than in a frame.
    package mutating func list<Value: WireValue>(
        _: Value.Type = Value.self, countMax: Int = .max
    ) throws(WireError) -> [Value] {
        let count = try self.count(atMost: countMax)
        return count == 0 ? [] : try values(count)
    }

    /// A list that is never empty, without its first value.
    package mutating func listWithFirst<Value: WireValue>() throws(WireError) -> (first: Value, later: [Value]) {
        let count = try self.count(atMost: .max)
        guard count > 0 else { throw .unfit }
        let first = try Value(from: &self)
        return (first, count == 1 ? [] : try values(count - 1))
    }

    /// A list that is never empty, without its last value.
    package mutating func listWithLast<Value: WireValue>(
        countMax: Int
    ) throws(WireError) -> (earlier: [Value], last: Value) {
        let count = try self.count(atMost: countMax)
        guard count > 0 else { throw .truncated }
        let earlier: [Value] = count == 1 ? [] : try values(count - 1)
        return (earlier, try Value(from: &self))
    }

    private mutating func count(atMost most: Int) throws(WireError) -> Int {
        let count = try number()
        guard count <= UInt64(rest) else { throw .truncated }
        guard count <= UInt64(most) else { throw .tooLarge }
        return Int(count)
    }

    private mutating func values<Value: WireValue>(_ count: Int) throws(WireError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(min(count, 1024))
        for _ in 0..<count { values.append(try Value(from: &self)) }
        return values
    }
}

extension Span<UInt8> {
    /// Eight bytes from `offset` on, the lowest first.
    func word(at offset: Int) -> UInt64 {
        let bytes = unsafe bytes
        return unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
