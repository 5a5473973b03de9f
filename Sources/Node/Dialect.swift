import Routing
import Wire

/// Which wire version a router speaks to whom; see `wireVersion`.
///
/// A coordinator that does not understand the router's `Join` is of the version before: the router then speaks that one
/// with everybody, as if it were of that version itself, until it joins anew. So routers that were upgraded before
/// their coordinator go on serving; that they say so in the log, and `status` shows what they speak, is the operator's
/// sign to finish the upgrade.
struct Dialect: Sendable {
    /// What it speaks when it may: this program's version, or an older one if it was told so.
    let newest: UInt8
    /// To the coordinator, who tells the others.
    private(set) var own: UInt8
    /// To other routers: what all of them understand.
    private(set) var peers: UInt8

    init(upTo newest: UInt8) {
        invariant(newest >= wireVersionOldest && newest <= wireVersion, "wire version \(newest) cannot be spoken")
        self.newest = newest
        own = newest
        peers = newest
    }

    /// The router is about to ask for a new membership, of a coordinator who may be another one by now. Until it hears
    /// who else is a member, the routers that it knows may still be the older ones.
    mutating func joinsAnew() { own = newest }

    /// The coordinator does not understand `own`; false if there is nothing older to try.
    mutating func stepBack() -> Bool {
        guard own > wireVersionOldest else { return false }
        own -= 1
        peers = min(peers, own)
        return true
    }

    mutating func heard(of routers: [RouterInfo]) {
        peers = routers.reduce(own) { min($0, max($1.speaks, wireVersionOldest)) }
    }
}

/// A request's token as the cores have it, with the version of the question in its upper byte: the answer leaves in the
/// same, and nobody needs a table for it. A network counts its tokens from 1 on, and does not come that far.
enum AskedToken {
    private static let bits: UInt64 = 56

    static func with(_ token: UInt64, _ version: UInt8) -> UInt64 {
        invariant(token >> bits == 0, "a network has given the token \(token)")
        return token | UInt64(version) << bits
    }
    static func parts(_ value: UInt64) -> (token: UInt64, version: UInt8) {
        (value & (1 << bits - 1), UInt8(value >> bits))
    }
}
