/// How often each refusal was given: every bound and every late call shows here under its own name.
package struct RefusalCounts: Equatable, Sendable {
    private var counts = [UInt64](repeating: 0, count: Int(Refusal.allCases.map(\.rawValue).max() ?? 0) + 1)
    package init() {}

    package subscript(refusal: Refusal) -> UInt64 { counts[Int(refusal.rawValue)] }
    package mutating func add(_ refusal: Refusal) { counts[Int(refusal.rawValue)] += 1 }
    package var nonzero: [(refusal: Refusal, count: UInt64)] {
        Refusal.allCases.filter { self[$0] > 0 }.map { ($0, self[$0]) }
    }
}
