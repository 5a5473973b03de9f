/// A small generator whose seed is the whole world (Steele, Lea, Flood 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    /// 0..<bound; the bias of the remainder does not matter here.
    package mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }
    package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    package mutating func between(_ low: UInt64, _ high: UInt64) -> UInt64 { low + below(high - low + 1) }
    package mutating func whole(_ low: Int, _ high: Int) -> Int { low + below(high - low + 1) }
    /// True `part` times of `whole`.
    package mutating func chance(_ part: Int, of whole: Int) -> Bool { below(whole) < part }
    package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
    /// An independent generator: what is drawn from it does not shift what is drawn from this one afterwards.
    package mutating func branch() -> SplitMix64 { SplitMix64(seed: next()) }
}
