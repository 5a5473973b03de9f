/// One folder of files, as the journal sees the disk: so that a simulated disk can stand in for the real one.
///
/// Files are named, not opened: an implementation keeps whatever handles it needs. Nothing written is durable before
/// `sync` of its file, and no name (created, renamed, removed) before `syncDirectory`. After any of these functions
/// has thrown from a write or a sync of what was acknowledged, the journal calls none of them again.
/// It is a class because the journal, and whoever looks at free space, share the same open files.
package protocol Storage: AnyObject, Sendable {
    /// Takes the folder for this journal until the storage goes away; false if somebody else holds it.
    func lock() throws(JournalError) -> Bool

    /// The names of all files, sorted.
    func list() throws(JournalError) -> [String]

    /// Makes an empty file; an error if the name exists.
    func create(_ name: String) throws(JournalError)

    /// Bytes in the file.
    func size(of name: String) throws(JournalError) -> Int

    /// `count` bytes from `offset` on; fewer only where the file ends.
    func read(_ name: String, at offset: Int, count: Int) throws(JournalError) -> [UInt8]

    /// Writes all of `bytes` at `offset`, or throws.
    func write(_ name: String, at offset: Int, _ bytes: [UInt8]) throws(JournalError)

    /// Returns when the file's bytes and size survive a loss of power.
    func sync(_ name: String) throws(JournalError)

    /// Returns when the folder's names survive a loss of power.
    func syncDirectory() throws(JournalError)

    /// Gives the file another name, replacing what had it.
    func rename(_ name: String, to newName: String) throws(JournalError)

    /// Takes the file away.
    func remove(_ name: String) throws(JournalError)

    /// Says that the file will not be used soon; it can still be named again.
    func close(_ name: String)

    /// Bytes an unprivileged process can still write.
    func freeBytes() throws(JournalError) -> UInt64
}

/// Remembers beside the folder, not in it, that the folder was a ledger's: an empty one is then a volume that is not
/// mounted, or a loss, and not a first start. One small file of its own.
package protocol InitMarker: Sendable {
    /// For messages.
    var place: String { get }

    /// What was written; nil if nothing was.
    func read() throws(JournalError) -> [UInt8]?

    /// Returns when it survives a loss of power.
    func write(_ bytes: [UInt8]) throws(JournalError)
}
