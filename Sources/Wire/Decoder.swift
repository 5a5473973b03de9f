/// What is wrong with bytes from outside.
package enum WireError: Error, Equatable, Sendable {
    case truncated
    /// A version this program does not speak.
    case version(UInt8)
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

/// Reads values from bytes it does not trust: every length is checked before anything is allocated.
package struct Decoder {
    private let bytes: [UInt8]
    private var place: Int
    private let end: Int

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        place = 0
        end = bytes.count
    }
    package init(_ slice: ArraySlice<UInt8>) { self.init(Array(slice)) }

    package var rest: Int { end - place }

    /// Refuses bytes behind the last value.
    package func finish() throws(WireError) { if place != end { throw .trailing } }

    package mutating func byte() throws(WireError) -> UInt8 {
        guard place < end else { throw .truncated }
        defer { place += 1 }
        return bytes[place]
    }

    package mutating func number() throws(WireError) -> UInt64 {
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
        var value: UInt64 = 0
        for index in 0..<8 { value |= UInt64(bytes[place + index]) << UInt64(8 * index) }
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
        let slice = bytes[place..<(place + Int(count))]
        place += Int(count)
        guard let text = String(validating: slice, as: UTF8.self) else { throw .notUTF8 }
        return text
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

    /// A list cannot have more values than bytes are left: every value takes one at least. `countMax` is for values
    /// that are far larger in memory than in a frame.
    package mutating func list<Value: WireValue>(
        _: Value.Type = Value.self, countMax: Int = .max
    ) throws(WireError) -> [Value] {
        let count = try number()
        guard count <= UInt64(rest) else { throw .truncated }
        guard count <= UInt64(countMax) else { throw .tooLarge }
        var values: [Value] = []
        values.reserveCapacity(min(Int(count), 1024))
        for _ in 0..<count { values.append(try Value(from: &self)) }
        return values
    }
}
