import Journal

/// A folder in memory that never fails; nobody else wants its lock. What may be lost in a crash is not its business:
/// RecoveryTests have a disk for that.
final class FuzzDisk: Storage, @unchecked Sendable {  // One thread: a target runs one input at a time.
    var files: [String: [UInt8]] = [:]

    /// The segment files' bytes, oldest first.
    var segments: [[UInt8]] {
        files.keys.sorted().filter { $0.hasPrefix("journal-") }.compactMap { files[$0] }
    }

    func lock() throws(JournalError) -> Bool { true }

    func list() throws(JournalError) -> [String] { files.keys.sorted() }

    func create(_ name: String) throws(JournalError) {
        guard files[name] == nil else { throw .storage(.create, file: name, code: 17) }
        files[name] = []
    }

    func size(of name: String) throws(JournalError) -> Int { try bytes(of: name, .size).count }

    func read(_ name: String, at offset: Int, count: Int) throws(JournalError) -> [UInt8] {
        [UInt8](try bytes(of: name, .read).dropFirst(offset).prefix(count))
    }

    func write(_ name: String, at offset: Int, _ bytes: [UInt8]) throws(JournalError) {
        var all = try self.bytes(of: name, .write)
        let missing = offset + bytes.count - all.count
        if missing > 0 { all += [UInt8](repeating: 0, count: missing) }
        all.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        files[name] = all
    }

    func sync(_ name: String) throws(JournalError) { _ = try bytes(of: name, .sync) }

    func syncDirectory() throws(JournalError) {}

    func rename(_ name: String, to newName: String) throws(JournalError) {
        files[newName] = try bytes(of: name, .rename)
        files[name] = nil
    }

    func remove(_ name: String) throws(JournalError) {
        _ = try bytes(of: name, .remove)
        files[name] = nil
    }

    func close(_ name: String) {}

    func freeBytes() throws(JournalError) -> UInt64 { 1 << 40 }

    private func bytes(of name: String, _ operation: StorageOperation) throws(JournalError) -> [UInt8] {
        guard let bytes = files[name] else { throw .storage(operation, file: name, code: 2) }
        return bytes
    }
}
