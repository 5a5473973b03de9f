/// A small generator whose seed is the whole world (Steele, Lea, Flood 2014).
struct SplitMix64: Sendable {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    /// 0..<bound; the bias of the remainder does not matter here.
    mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func between(_ low: UInt64, _ high: UInt64) -> UInt64 { low + below(high - low + 1) }
    /// True `part` times of `whole`.
    mutating func chance(_ part: UInt64, of whole: UInt64) -> Bool { below(whole) < part }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
