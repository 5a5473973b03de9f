/// A key that says where it belongs among `Shards`: the same in every process, spread over all 64 bits.
protocol Sharded: Hashable, Sendable {
    var spread: UInt64 { get }
}

/// A large Dictionary in 6,144 small ones: growth, or a change while somebody holds a copy, moves one of them. With a
/// million keys, the most there may be, each is five sixths full: Dictionaries grow by doubling.
struct Shards<Key: Sharded, Row: Sendable>: Sendable {
    static var shardCount: Int { 6_144 }
    private(set) var shards = [[Key: Row]](repeating: [:], count: shardCount)
    private(set) var count = 0

    subscript(key: Key) -> Row? {
        get { shards[Self.place(of: key)][key] }
        set {
            let place = Self.place(of: key)
            let before = shards[place].count
            shards[place][key] = newValue
            count += shards[place].count - before
        }
    }

    private static func place(of key: Key) -> Int { (Int(key.spread >> 32) * shardCount) >> 32 }

    /// Shard after shard, each let go as it is given. Within a shard they come in no order.
    struct Walk: Sendable {
        private var shards: [[Key: Row]]
        private var place = 0
        init(_ whole: Shards) { shards = whole.shards }

        /// The rows of the next shard that has any.
        mutating func next() -> [Key: Row]? {
            while place < shards.count {
                let rows = shards[place]
                shards[place] = [:]
                place += 1
                if !rows.isEmpty { return rows }
            }
            return nil
        }
    }
}

extension Shards: Equatable where Row: Equatable {}

extension SubmitKey: Sharded {
    /// Submitters draw them at random or count; the multiplier is that of Fibonacci hashing (Knuth, 6.4).
    var spread: UInt64 { (high &* 31 &+ low ^ high >> 32) &* 0x9e37_79b9_7f4a_7c15 }
}

extension String: Sharded {
    var spread: UInt64 {
        var hash = StableHash()
        hash.add(self)
        return hash.value &* 0x9e37_79b9_7f4a_7c15
    }
}
