/// The version of the encoding: the first byte of every frame, and the type of every journal record.
///
/// A version reads the one before, so that a cluster is upgraded one node at a time, and a ledger is taken over as it
/// is. `Encoder` and `Decoder` carry the version; the codec of a type that changed asks it (`sinceTwo`), all others need
/// not know. What version 1 sent and read is in the golden bytes, and stays there.
///
/// - A question is answered in the version in which it was asked. So whoever asks decides: an older client, router or
///   command line works with a newer node.
/// - A router asks the coordinator in its own version, and the coordinator takes from the frame of its `Join` what it
///   speaks, keeps it with the member, and tells all members (`RouterInfo.speaks`). Between routers, where a
///   publication has many hearers, the oldest version of all members is spoken (`Dialect`). A publication that leaves
///   before the older one is known of is not understood there, and healed as a lost one is.
/// - What is newer or older than that is answered with `notUnderstood`, counted, and logged with both versions. A
///   router whose `Join` is answered so speaks the version before from then on: see `RouterNode`.
///
/// The order of an upgrade follows: the coordinator first, then routers one at a time, then clients.
///
/// Version 2 has the name of an offer with what became of it (`Command.Attempted`, `LedgerRecord.attempted`,
/// `LedgerTicket`), and what a router speaks (`RouterInfo`).
package let wireVersion: UInt8 = 2

/// The one before, which is still read, and spoken to whoever speaks no other.
package let wireVersionOldest: UInt8 = 1
