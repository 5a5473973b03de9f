/// Counts of durations in nanoseconds with a relative error below 1 %: each power of two is split into 128 equal parts
/// (the scheme of HdrHistogram). Fixed size, whatever is counted.
struct Histogram: Sendable {
    private static let partsBits = 7
    private static let parts = 1 << partsBits
    private var counts = [UInt64](repeating: 0, count: (64 - partsBits + 1) * parts)
    private(set) var count: UInt64 = 0
    private(set) var max: UInt64 = 0
    private var sum: Double = 0

    mutating func add(_ value: UInt64) {
        counts[Self.place(of: value)] += 1
        count += 1
        sum += Double(value)
        if value > max { max = value }
    }

    var mean: Double { count == 0 ? 0 : sum / Double(count) }

    /// The smallest value that at least this share of all values does not exceed, to within the error.
    func value(at share: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let wanted = Swift.max(1, UInt64((Double(count) * share).rounded(.up)))
        var seen: UInt64 = 0
        for place in counts.indices where counts[place] > 0 {
            seen += counts[place]
            if seen >= wanted { return Swift.min(Self.top(of: place), max) }
        }
        return max
    }

    static func place(of value: UInt64) -> Int {
        if value < UInt64(parts) { return Int(value) }
        let shift = 63 - value.leadingZeroBitCount - partsBits
        return (shift + 1) * parts + Int(value >> UInt64(shift)) - parts
    }

    /// The largest value that is counted at a place.
    static func top(of place: Int) -> UInt64 {
        if place < parts { return UInt64(place) }
        let shift = UInt64(place / parts - 1)
        return ((UInt64(place % parts + parts) + 1) << shift) - 1
    }
}
