import Journal
import Synchronization

/// A disk that knows what was synced, and forgets the rest when the machine dies.
final class MemoryDisk: Storage {
    private struct State {
        var files: [String: [UInt8]] = [:]
        var durable: [String: [UInt8]] = [:]
        var durableNames: Set<String> = []
        var isLocked = false
        var failsSync = false
        var syncs = 0
        var freeBytes: UInt64 = 1 << 40
        var hasNoSpace = false
    }
    private let state = Mutex(State())

    /// Whether all that was written is synced, but for drafts: nothing depends on them before they get their name.
    var isClean: Bool {
        state.withLock { state in
            let files = state.files.filter { !$0.key.hasSuffix(".new") }
            return files == state.durable.filter { files[$0.key] != nil }
                && state.durableNames.isSuperset(of: files.keys)
        }
    }
    var syncs: Int { state.withLock { $0.syncs } }

    /// Another disk with what would be left after a loss of power now.
    func afterCrash() -> MemoryDisk {
        let left = state.withLock { state in
            Dictionary(uniqueKeysWithValues: state.durableNames.sorted().map { ($0, state.durable[$0] ?? []) })
        }
        let disk = MemoryDisk()
        disk.state.withLock { state in
            state.files = left
            state.durable = left
            state.durableNames = Set(left.keys)
        }
        return disk
    }

    /// So many bytes are free; with none no file can grow.
    func setFree(_ bytes: UInt64) {
        state.withLock { state in
            state.freeBytes = bytes
            state.hasNoSpace = bytes == 0
        }
    }

    func failSyncs() { state.withLock { $0.failsSync = true } }

    func lock() throws(JournalError) -> Bool {
        state.withLock { state in
            defer { state.isLocked = true }
            return !state.isLocked
        }
    }
    func list() throws(JournalError) -> [String] { state.withLock { $0.files.keys.sorted() } }
    func create(_ name: String) throws(JournalError) { state.withLock { $0.files[name] = [] } }
    func size(of name: String) throws(JournalError) -> Int { try bytes(name).count }
    func read(_ name: String, at offset: Int, count: Int) throws(JournalError) -> [UInt8] {
        [UInt8](try bytes(name).dropFirst(offset).prefix(count))
    }
    func write(_ name: String, at offset: Int, _ bytes: [UInt8]) throws(JournalError) {
        try state.withLock { state throws(JournalError) in
            var file = state.files[name] ?? []
            let missing = offset + bytes.count - file.count
            if state.hasNoSpace && missing > 0 { throw .storage(.write, file: name, code: 28) }
            if missing > 0 { file.append(contentsOf: [UInt8](repeating: 0, count: missing)) }
            file.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
            state.files[name] = file
        }
    }
    func sync(_ name: String) throws(JournalError) {
        let hasFailed = state.withLock { state in
            state.syncs += 1
            if !state.failsSync { state.durable[name] = state.files[name] }
            return state.failsSync
        }
        if hasFailed { throw .storage(.sync, file: name, code: 5) }
    }
    func syncDirectory() throws(JournalError) {
        state.withLock { state in
            state.durableNames = Set(state.files.keys)
            state.durable = state.durable.filter { state.files[$0.key] != nil }
        }
    }
    func rename(_ name: String, to newName: String) throws(JournalError) {
        state.withLock { state in
            state.files[newName] = state.files.removeValue(forKey: name)
            state.durable[newName] = state.durable.removeValue(forKey: name)
        }
    }
    func remove(_ name: String) throws(JournalError) { state.withLock { $0.files[name] = nil } }
    func close(_ name: String) {}
    func freeBytes() throws(JournalError) -> UInt64 { state.withLock { $0.freeBytes } }

    private func bytes(_ name: String) throws(JournalError) -> [UInt8] {
        guard let file = state.withLock({ $0.files[name] }) else { throw .storage(.open, file: name, code: 2) }
        return file
    }
}
