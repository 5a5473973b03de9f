/// Why the journal would not open, take a record, or go on.
///
/// A refusal names the file, and the byte offset where one is known: whoever repairs it needs both. Nothing here is
/// to be tried again with the same journal. Only `batchTooLarge` leaves the journal usable.
package enum JournalError: Error, Equatable, Sendable {
    /// The operating system refused; `code` is its errno.
    case storage(StorageOperation, file: String, code: Int32)
    /// Another process (or another journal of this one) holds the folder.
    case locked
    /// INIT says that a journal was here, and no segment is left: an empty disk is not an empty ledger.
    case emptiedFolder
    /// Segments with records, but no INIT: files were taken away.
    case missingInit
    /// INIT is not as it was written.
    case damagedInit
    /// A segment's header, name or size is not as it was written.
    case damagedHeader(file: String)
    /// Written by a program of another format.
    case unknownVersion(file: String, version: UInt32)
    /// A file of another cluster's journal lies in the folder, or the caller expected another cluster.
    case wrongCluster(file: String)
    /// The segment that must begin with `lsn` is not there.
    case missingSegment(lsn: Journal.LSN)
    /// Bytes that were synced once are no longer what was written; `lsn` is the first record that cannot be read.
    case damaged(file: String, offset: Int, lsn: Journal.LSN)
    /// The caller could not take the record in, while opening.
    case replayRefused(lsn: Journal.LSN, reason: String)
    /// The records of one batch must fit in one segment. The record was not taken; those before it still wait.
    case batchTooLarge(bytes: Int, bytesMax: Int)
    /// Outside `JournalLimits.segmentBytesMin ... segmentBytesMax`.
    case segmentBytesOutOfBounds(Int)
    /// A write or a sync failed earlier. What reached the disk is unknown until the file is read again, so the process
    /// must end (PostgreSQL's "fsyncgate": a second fsync succeeds and the data is gone).
    case poisoned
}

/// What the storage was doing when it failed.
package enum StorageOperation: String, Equatable, Sendable {
    case makeFolder, list, create, open, size, read, write, sync, syncDirectory, rename, remove, lock, freeBytes
}

/// Ends the process, in release builds too, when what must hold does not: `precondition` is silent under -O.
@inline(__always)
func invariant(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError("journal invariant broken: " + message()) }
}
