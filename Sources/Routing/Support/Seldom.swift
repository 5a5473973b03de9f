/// A value that is as it begins for most of those who have one: it takes eight bytes until it is changed.
struct Seldom<Value: Equatable & Sendable>: Equatable, Sendable {
    /// None or one: an array is the plainest place of one's own that is copied when it must be.
    private var kept: [Value] = []

    /// Whether it was changed; `value` is then there, and not as it began.
    var isKept: Bool { !kept.isEmpty }

    init() {}

    /// Looks at it where it is; the subscript copies it. Nil if it is as it begins.
    @inline(__always)
    func look<Result>(_ body: (borrowing Value) -> Result) -> Result? { kept.isEmpty ? nil : body(kept[0]) }

    /// Changes a part of it in place.
    @inline(__always)
    mutating func change(from beginning: @autoclosure () -> Value, _ body: (inout Value) -> Void) {
        if kept.isEmpty {
            var value = beginning()
            body(&value)
            if value != beginning() { kept = [value] }
        } else {
            body(&kept[0])
            if kept[0] == beginning() { kept = [] }
        }
    }

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
