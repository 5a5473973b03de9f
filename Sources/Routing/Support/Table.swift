/// Rows by key, walked in the order in which they came: a Dictionary's own order differs from process to process and
/// must not reach an effect. Removed rows leave a hole that is squeezed out when half of the rows are holes.
struct Table<Key: Hashable & Sendable, Row: Sendable>: Sendable {
    /// Side by side, nil where there is a hole. Not in pairs: an optional pair is copied by way of its type's metadata.
    private var slots: [Key?] = []
    private var values: [Row?] = []
    private var places: [Key: Int] = [:]

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }
    func contains(_ key: Key) -> Bool { places[key] != nil }

    subscript(key: Key) -> Row? {
        get { places[key].flatMap { values[$0] } }
        set {
            if let place = places[key] {
                values[place] = newValue
                if newValue == nil {
                    slots[place] = nil
                    places[key] = nil
                    squeeze()
                }
            } else if let newValue {
                places[key] = slots.count
                slots.append(key)
                values.append(newValue)
            }
        }
    }

    /// Changes a row in place, or only looks at it there, where the subscript gives a copy; nil if there is none.
    mutating func update<Result>(_ key: Key, _ change: (inout Row) -> Result) -> Result? {
        guard let place = places[key], slots[place] != nil else { return nil }
        return change(&values[place]!)
    }

    /// All keys, in the order of arrival.
    var keys: [Key] { slots.compactMap { $0 } }
    /// All rows, in the order of arrival of their keys.
    var rows: [Row] { values.compactMap { $0 } }
    /// Each row, one at a time: `rows` copies all of them at once.
    func forEach(_ body: (Row) -> Void) {
        for place in values.indices { if let row = values[place] { body(row) } }
    }
    var first: (key: Key, row: Row)? {
        guard let place = slots.firstIndex(where: { $0 != nil }), let key = slots[place], let row = values[place] else {
            return nil
        }
        return (key, row)
    }

    private mutating func squeeze() {
        guard slots.count > 32, places.count * 2 < slots.count else { return }
        slots = keys
        values = rows
        for (place, key) in keys.enumerated() { places[key] = place }
    }
}
