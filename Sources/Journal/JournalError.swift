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
    /// The marker beside the folder says the same of a folder in which nothing is left at all.
    case initialisedBefore(marker: String)
    /// Nothing of a ledger is in the folder, for those who only look.
    case noJournal
    /// A snapshot without a journal: the other files were taken away.
    case strayFile(file: String)
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
    /// As `damaged`, in a snapshot or in the archive.
    case damagedFile(file: String, offset: Int)
    /// The snapshot includes records from `lsn` on that the journal, which ends here, should have too.
    case endsBeforeSnapshot(file: String, offset: Int, lsn: Journal.LSN)
    /// The caller could not take the snapshot in.
    case snapshotRefused(file: String, offset: Int, reason: String)
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

extension JournalError {
    /// Whether bytes are not as they were written; the rest is the operating system's or the caller's trouble.
    package var isDamage: Bool {
        switch self {
        case .damagedInit, .damagedHeader, .unknownVersion, .wrongCluster, .damaged, .damagedFile: true
        case .storage, .locked, .noJournal, .emptiedFolder, .initialisedBefore, .strayFile, .missingInit,
            .missingSegment,
            .endsBeforeSnapshot, .snapshotRefused, .replayRefused, .batchTooLarge, .segmentBytesOutOfBounds, .poisoned:
            false
        }
    }

    /// ENOSPC and EDQUOT.
    package var isDiskFull: Bool {
        if case .storage(_, _, let code) = self { return code == 28 || code == 122 }
        return false
    }
}

extension JournalError: CustomStringConvertible {
    /// A sentence that names file and offset, as far as there are any.
    package var description: String {
        switch self {
        case .storage(_, let file, _) where isDiskFull: "the disk is full: \(file) could not be written"
        case .storage(let operation, let file, let code): "\(file): \(operation.rawValue) failed: \(Self.reason(code))"
        case .locked: "another process holds the folder's LOCK"
        case .emptiedFolder: "INIT says that the folder is a ledger's, and no segment (journal-*.log) is left in it"
        case .initialisedBefore(let marker): "\(marker) says that the folder is a ledger's, and it is empty"
        case .noJournal: "there is no ledger in the folder: neither INIT nor any segment (journal-*.log)"
        case .strayFile(let file): "\(file) is there, and neither INIT nor any segment (journal-*.log)"
        case .missingInit: "INIT is missing, though there are records in journal-*.log"
        case .damagedInit: "INIT is damaged at offset 0"
        case .damagedHeader(let file): "\(file) is damaged at offset 0: its head, its length or its name"
        case .unknownVersion(let file, let version): "\(file) has the format \(version), at offset 8, not known here"
        case .wrongCluster(let file): "\(file) belongs to another cluster's ledger, as it says at offset 16"
        case .missingSegment(let lsn): "\(Segment.name(of: lsn)), with the records from \(lsn) on, is missing"
        case .damaged(let file, let offset, let lsn):
            "\(file) is damaged at offset \(offset): the records from \(lsn) on cannot be read"
        case .damagedFile(let file, let offset): "\(file) is damaged at offset \(offset)"
        case .endsBeforeSnapshot(let file, let offset, let lsn):
            "\(file) ends at offset \(offset) before record \(lsn), which a snapshot includes"
        case .snapshotRefused(let file, let offset, let reason):
            "\(file) was not taken in, at offset \(offset): \(reason)"
        case .replayRefused(let lsn, let reason): "record \(lsn) was not taken in: \(reason)"
        case .batchTooLarge(let bytes, let bytesMax): "a batch of \(bytes) bytes is larger than \(bytesMax)"
        case .segmentBytesOutOfBounds(let bytes): "segments of \(bytes) bytes are not possible"
        case .poisoned: "a write or sync failed before, and what is on the disk is not known"
        }
    }

    /// The usual ones of errno in words.
    private static func reason(_ code: Int32) -> String {
        switch code {
        case 1: "operation not permitted (error 1)"
        case 2: "no such file (error 2)"
        case 5: "input/output error of the disk (error 5)"
        case 13: "permission denied (error 13)"
        case 20: "not a folder (error 20)"
        case 24: "too many open files (error 24)"
        case 30: "the file system is read-only (error 30)"
        default: "error \(code)"
        }
    }
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
