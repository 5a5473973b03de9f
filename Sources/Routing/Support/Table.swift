/// Rows by key, walked in the order in which they came: a Dictionary's own order differs from process to process and
/// must not reach an effect. Removed rows leave a hole that is squeezed out when half of the rows are holes.
struct Table<Key: Hashable & Sendable, Row: Sendable>: Sendable {
    private var slots: [(key: Key, row: Row)?] = []
    private var places: [Key: Int] = [:]

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }

    subscript(key: Key) -> Row? {
        get { places[key].flatMap { slots[$0]?.row } }
        set {
            if let place = places[key] {
                if let newValue {
                    slots[place]?.row = newValue
                } else {
                    slots[place] = nil
                    places[key] = nil
                    squeeze()
                }
            } else if let newValue {
                places[key] = slots.count
                slots.append((key, newValue))
            }
        }
    }

    /// Changes a row in place; nil if there is none.
    mutating func update<Result>(_ key: Key, _ change: (inout Row) -> Result) -> Result? {
        guard let place = places[key], slots[place] != nil else { return nil }
        return change(&slots[place]!.row)
    }

    /// All keys, in the order of arrival.
    var keys: [Key] { slots.compactMap { $0?.key } }
    /// All rows, in the order of arrival of their keys.
    var rows: [Row] { slots.compactMap { $0?.row } }
    /// Each row where it lies: `rows` copies all of them, which a look in every turn should not.
    func forEach(_ body: (Row) -> Void) {
        for place in slots.indices { if case .some = slots[place] { body(slots[place]!.row) } }
    }
    var first: (key: Key, row: Row)? { slots.first { $0 != nil } ?? nil }

    private mutating func squeeze() {
        guard slots.count > 32, places.count * 2 < slots.count else { return }
        slots = slots.filter { $0 != nil }
        for (place, slot) in slots.enumerated() {
            if let slot { places[slot.key] = place }
        }
    }
}
