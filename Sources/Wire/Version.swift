/// The version of the encoding: the first byte of every frame, and the type of every journal record.
///
/// A version reads the one before, so that a cluster is upgraded one node at a time, and a ledger is taken over as it
/// is. `Encoder` and `Decoder` carry the version; the codec of a type that changed asks it, and all others need not
/// know. What version 1 sent and read is in the golden bytes, and stays there.
///
/// - A question is answered in the version in which it was asked, so whoever asks decides. Clients begin with their
///   newest, and go back where a node refuses it (`NodeLine`).
/// - A router asks the coordinator in its own version. The coordinator takes from the frame of its `Join` what it
///   speaks, keeps it with the member, and tells all members (`RouterInfo.speaks`). Between routers, where a
///   publication has many hearers, the oldest version of all members is spoken (`Dialect`). A publication that leaves
///   before the older one is known of is not understood there, and healed as a lost one is.
/// - What is newer or older than that is answered with `notUnderstood`, counted, and logged with both versions. A
///   router whose `Join` is answered so speaks the version before from then on.
/// - The ledger is written in this program's version. An older program refuses it by the type of the first newer
///   record, or the content version of the snapshot; nothing in it is changed then.
///
/// The order of an upgrade follows: the coordinator first, then routers one at a time; clients whenever they like.
///
/// Version 2 has the name of an offer with what became of it (`Command.Attempted`, `LedgerRecord.attempted`,
/// `LedgerTicket`), what a router speaks (`RouterInfo`), and lists of waiting tickets in parts (`Exchange`,
/// `RegionChanges`).
package let wireVersion: UInt8 = 2

/// The one before, which is still read, and spoken to whoever speaks no other.
package let wireVersionOldest: UInt8 = 1

/// Throws for a version that is not read here, or by a node that speaks up to `newest`.
package func checkWireVersion(_ version: UInt8, upTo newest: UInt8 = wireVersion) throws(WireError) {
    guard version >= wireVersionOldest, version <= newest else {
        throw .version(version, spoken: wireVersionOldest...newest)
    }
}
