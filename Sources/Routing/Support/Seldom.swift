/// A value that is as it begins for most of those who have one: it takes eight bytes until it is changed.
struct Seldom<Value: Equatable & Sendable>: Equatable, Sendable {
    /// None or one: an array is the plainest place of one's own that is copied when it must be.
    private var kept: [Value] = []

    /// Whether it was changed; `value` is then there, and not as it began.
    var isKept: Bool { !kept.isEmpty }

    init() {}

    @inline(__always)
    subscript(or beginning: @autoclosure () -> Value) -> Value {
        get { kept.isEmpty ? beginning() : kept[0] }
        set {
            if newValue == beginning() {
                kept = []
            } else if kept.isEmpty {
                kept = [newValue]
            } else {
                kept[0] = newValue
            }
        }
    }
}
