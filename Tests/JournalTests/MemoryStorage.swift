import Synchronization

@testable import Journal

/// A simulated disk: knows what was synced, and can lose or tear what was not.
final class MemoryStorage: Storage {
    /// What a crash does to writes and names that were not synced.
    enum Crash: Sendable {
        case losingAll
        case keepingAll
        /// Of the newest write only so many bytes arrived.
        case tearingLast(keeping: Int)
        /// Each 16-byte piece of each write arrived or not, drawn from the seed; names are lost.
        case scattering(seed: UInt64)
    }

    private struct PendingWrite {
        var offset: Int
        var bytes: [UInt8]
    }

    private struct File {
        var bytes: [UInt8] = []
        var durable: [UInt8] = []
        var pending: [PendingWrite] = []
    }

    private struct State {
        var files: [File] = []
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        var isLocked = false
        /// Changing operations left before every further one fails; nil for never.
        var operationsLeft: Int?
        var failsSync = false
        var failsOnce = false
        /// What they fail with, and whether only writes that make a file longer do.
        var code: Int32 = 5
        var hasNoSpace = false
        var freeBytes: UInt64 = 1 << 40
    }

    private let state = Mutex(State())

    func lock() throws(JournalError) -> Bool {
        state.withLock { state in
            defer { state.isLocked = true }
            return !state.isLocked
        }
    }

    func list() throws(JournalError) -> [String] { state.withLock { $0.names.keys.sorted() } }

    func create(_ name: String) throws(JournalError) {
        try change(.create, name) { state throws(JournalError) in
            guard state.names[name] == nil else { throw .storage(.create, file: name, code: 17) }
            state.files.append(File())
            state.names[name] = state.files.count - 1
        }
    }

    func size(of name: String) throws(JournalError) -> Int { try bytes(of: name).count }

    func read(_ name: String, at offset: Int, count: Int) throws(JournalError) -> [UInt8] {
        [UInt8](try bytes(of: name).dropFirst(offset).prefix(count))
    }

    func write(_ name: String, at offset: Int, _ bytes: [UInt8]) throws(JournalError) {
        do {
            try change(.write, name) { state throws(JournalError) in
                try Self.put(PendingWrite(offset: offset, bytes: bytes), name, &state)
            }
        } catch {
            // A write that failed may have reached the disk in part.
            if error.isDiskFull { throw error }
            let half = PendingWrite(offset: offset, bytes: [UInt8](bytes.prefix(bytes.count / 2)))
            try state.withLock { state throws(JournalError) in try Self.put(half, name, &state) }
            throw error
        }
    }

    func sync(_ name: String) throws(JournalError) {
        try change(.sync, name) { state throws(JournalError) in
            defer { if state.failsOnce { state.failsSync = false } }
            if state.failsSync { throw .storage(.sync, file: name, code: 5) }
            let index = try Self.index(name, state)
            state.files[index].durable = state.files[index].bytes
            state.files[index].pending = []
        }
    }

    func syncDirectory() throws(JournalError) {
        try change(.syncDirectory, ".") { state throws(JournalError) in state.durableNames = state.names }
    }

    func rename(_ name: String, to newName: String) throws(JournalError) {
        try change(.rename, name) { state throws(JournalError) in
            state.names[newName] = try Self.index(name, state)
            state.names[name] = nil
        }
    }

    func remove(_ name: String) throws(JournalError) {
        try change(.remove, name) { state throws(JournalError) in
            _ = try Self.index(name, state)
            state.names[name] = nil
        }
    }

    func close(_ name: String) {}

    func freeBytes() throws(JournalError) -> UInt64 { state.withLock { $0.freeBytes } }

    private func change(
        _ operation: StorageOperation, _ name: String,
        _ body: (inout State) throws(JournalError) -> Void
    ) throws(JournalError) {
        try state.withLock { state throws(JournalError) in
            if let left = state.operationsLeft {
                guard left > 0 else { throw .storage(operation, file: name, code: state.code) }
                state.operationsLeft = left - 1
            }
            try body(&state)
        }
    }

    private static func index(_ name: String, _ state: State) throws(JournalError) -> Int {
        guard let index = state.names[name] else { throw .storage(.open, file: name, code: 2) }
        return index
    }

    private static func put(_ write: PendingWrite, _ name: String, _ state: inout State) throws(JournalError) {
        let index = try index(name, state)
        let isLonger = write.offset + write.bytes.count > state.files[index].bytes.count
        if state.hasNoSpace && isLonger { throw .storage(.write, file: name, code: 28) }
        overwrite(&state.files[index].bytes, write)
        state.files[index].pending.append(write)
    }

    private static func overwrite(_ bytes: inout [UInt8], _ write: PendingWrite) {
        let missing = write.offset + write.bytes.count - bytes.count
        if missing > 0 { bytes.append(contentsOf: [UInt8](repeating: 0, count: missing)) }
        for (index, byte) in write.bytes.enumerated() { bytes[write.offset + index] = byte }
    }
}

/// What tests do to the disk, and see of it.
extension MemoryStorage {
    /// The machine dies and starts again; the lock is free and faults are over.
    func crash(_ crash: Crash = .losingAll) {
        state.withLock { state in
            var random: UInt64 = 0
            if case .scattering(let seed) = crash { random = seed }
            for index in state.files.indices {
                Self.settle(&state.files[index], crash, &random)
            }
            switch crash {
            case .losingAll, .scattering: state.names = state.durableNames
            case .keepingAll, .tearingLast: state.durableNames = state.names
            }
            state.isLocked = false
            state.hasNoSpace = false
            state.operationsLeft = nil
            state.failsSync = false
        }
    }

    func fail(afterOperations count: Int, code: Int32 = 5) {
        state.withLock { state in
            state.operationsLeft = count
            state.code = code
        }
    }

    /// From now on no file grows, or it may again.
    func fill(_ isFull: Bool) { state.withLock { $0.hasNoSpace = isFull } }

    func setFree(_ bytes: UInt64) { state.withLock { $0.freeBytes = bytes } }

    func failSyncs(once: Bool = false) {
        state.withLock {
            $0.failsSync = true
            $0.failsOnce = once
        }
    }

    func healSyncs() { state.withLock { $0.failsSync = false } }

    func bytes(of name: String) throws(JournalError) -> [UInt8] {
        try state.withLock { state throws(JournalError) in state.files[try Self.index(name, state)].bytes }
    }

    /// Another disk with the same durable files; nobody has locked it.
    func copy() -> MemoryStorage {
        let copy = MemoryStorage()
        let (files, names) = state.withLock { ($0.files, $0.durableNames) }
        copy.state.withLock { state in
            state.files = files.map { File(bytes: $0.durable, durable: $0.durable) }
            state.names = names
            state.durableNames = names
        }
        return copy
    }

    /// Replaces the file's bytes, durably, as decay or a person would.
    func tamper(_ name: String, _ body: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard let index = state.names[name] else { return }
            body(&state.files[index].bytes)
            state.files[index].durable = state.files[index].bytes
        }
    }

    /// Takes the file away, durably.
    func lose(_ name: String) {
        state.withLock { state in
            state.names[name] = nil
            state.durableNames[name] = nil
        }
    }

    private static func settle(_ file: inout File, _ crash: Crash, _ random: inout UInt64) {
        var bytes = file.durable
        for (number, write) in file.pending.enumerated() {
            switch crash {
            case .losingAll: break
            case .keepingAll: overwrite(&bytes, write)
            case .tearingLast(let keeping):
                let isLast = number == file.pending.count - 1
                let kept = isLast ? [UInt8](write.bytes.prefix(keeping)) : write.bytes
                overwrite(&bytes, PendingWrite(offset: write.offset, bytes: kept))
            case .scattering:
                for start in stride(from: 0, to: write.bytes.count, by: 16) {
                    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    guard random >> 63 == 1 else { continue }
                    let piece = [UInt8](write.bytes[start..<min(start + 16, write.bytes.count)])
                    overwrite(&bytes, PendingWrite(offset: write.offset + start, bytes: piece))
                }
            }
        }
        file = File(bytes: bytes, durable: bytes)
    }
}

/// The marker beside a simulated disk's folder.
final class MemoryMarker: InitMarker {
    private struct State {
        var bytes: [UInt8]?
        var fails = false
    }
    private let state: Mutex<State>

    init(bytes: [UInt8]? = nil) { state = Mutex(State(bytes: bytes)) }

    let place = "ledger.initialised"
    func fail() { state.withLock { $0.fails = true } }
    func read() throws(JournalError) -> [UInt8]? { state.withLock { $0.bytes } }
    func write(_ bytes: [UInt8]) throws(JournalError) {
        if state.withLock({ $0.fails }) { throw .storage(.write, file: place, code: 13) }
        state.withLock { $0.bytes = bytes }
    }
}
