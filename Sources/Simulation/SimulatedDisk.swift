package import Journal
package import Routing
import Synchronization

/// A disk as bad as real ones are: it knows, sector by sector, what a loss of power would leave of what was written.
///
/// What is not synced at a crash is there, or not, each sector of 512 bytes for itself, so that a write can be torn
/// anywhere and a later one arrive before an earlier one; the same holds for names and for the folder's sync. A sync
/// that fails forgets that the sectors are still to be written, as ext4 does: they can be read until the crash, the
/// next sync "succeeds", and then they are gone. All that is left to chance comes from the seed of the crash; nothing
/// else is.
package final class SimulatedDisk: Storage {
    /// What a loss of power does; percentages.
    package struct Crash: Equatable, Sendable {
        /// Of sectors that were written and not synced, so many arrived.
        package var keepsSectors: Int
        /// Of names that were created, changed or removed since the last sync of the folder, so many are as they were
        /// to be. As a rule those that are older arrive first, as in ext4's journal; `isUnordered` draws for each.
        package var keepsNames: Int
        package var isUnordered = false
        /// Bits that are the other way round in sectors that were being written.
        package var flipsInTail = 0
        /// Bits that are the other way round anywhere else: decay, not the crash's doing.
        package var flipsInSynced = 0

        package init(keepsSectors: Int, keepsNames: Int) {
            self.keepsSectors = keepsSectors
            self.keepsNames = keepsNames
        }
        package static let losingAll = Crash(keepsSectors: 0, keepsNames: 0)
        package static let keepingAll = Crash(keepsSectors: 100, keepsNames: 100)

        /// Any of them, as a run may have it; without decay.
        package static func drawn(from random: inout SplitMix64) -> Crash {
            var crash = Crash(keepsSectors: random.pick([0, 0, 50, 90, 100]), keepsNames: random.pick([0, 50, 100]))
            crash.isUnordered = random.chance(1, of: 4)
            crash.flipsInTail = random.pick([0, 0, 0, 1, 4])
            return crash
        }
    }

    /// A bit that decayed.
    package struct Flip: Equatable, Sendable {
        package let file: String
        package let offset: Int
        package let bit: UInt8
    }

    static let sector = 512

    fileprivate struct File {
        /// As the process sees it.
        var bytes: [UInt8] = []
        /// As the disk has it.
        var durable: [UInt8] = []
        /// Sectors that a sync would write.
        var dirty: Set<Int> = []
    }

    fileprivate enum NameChange {
        case created(String, Int)
        case renamed(String, to: String, Int)
        case removed(String)
    }

    private struct State {
        var files: [Int: File] = [:]
        var fileLast = 0
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        var nameChanges: [NameChange] = []
        var isLocked = false
        var isDead = false
        var capacity: UInt64 = 1 << 40
        var used: UInt64 = 0
        var operations: UInt64 = 0
        /// Operations that change something left before the power fails; nil for never.
        var operationsLeft: Int?
        var failingSyncs = 0
        var syncTime = Interval.zero
        var elapsed = Interval.zero
        var flips: [Flip] = []
    }

    private let state = Mutex(State())

    package init() {}

    // MARK: - what the journal does

    package func lock() throws(JournalError) -> Bool {
        try reach(.lock, ".")
        return state.withLock { state in
            defer { state.isLocked = true }
            return !state.isLocked
        }
    }

    package func list() throws(JournalError) -> [String] {
        try reach(.list, ".")
        return state.withLock { $0.names.keys.sorted() }
    }

    package func create(_ name: String) throws(JournalError) {
        try change(.create, name) { state throws(JournalError) in
            guard state.names[name] == nil else { throw .storage(.create, file: name, code: 17) }
            state.fileLast += 1
            state.files[state.fileLast] = File()
            state.names[name] = state.fileLast
            state.nameChanges.append(.created(name, state.fileLast))
        }
    }

    package func size(of name: String) throws(JournalError) -> Int {
        try reach(.size, name)
        return try state.withLock { state throws(JournalError) in try Self.file(name, state).bytes.count }
    }

    package func read(_ name: String, at offset: Int, count: Int) throws(JournalError) -> [UInt8] {
        try reach(.read, name)
        return try state.withLock { state throws(JournalError) in
            let bytes = try Self.file(name, state).bytes
            let start = min(offset, bytes.count)
            return [UInt8](bytes[start..<min(bytes.count, start + count)])
        }
    }

    package func write(_ name: String, at offset: Int, _ bytes: [UInt8]) throws(JournalError) {
        try change(.write, name) { state throws(JournalError) in
            let number = try Self.number(of: name, state)
            let longer = max(0, offset + bytes.count - (state.files[number]?.bytes.count ?? 0))
            if longer > 0 && state.used + UInt64(longer) > state.capacity {
                throw .storage(.write, file: name, code: 28)
            }
            state.used += UInt64(longer)
            state.files[number]?.write(bytes, at: offset)
        }
    }

    package func sync(_ name: String) throws(JournalError) {
        try change(.sync, name) { state throws(JournalError) in
            let number = try Self.number(of: name, state)
            state.elapsed = Interval(milliseconds: state.elapsed.milliseconds + state.syncTime.milliseconds)
            if state.failingSyncs > 0 {
                state.failingSyncs -= 1
                state.files[number]?.dirty = []
                throw .storage(.sync, file: name, code: 5)
            }
            state.files[number]?.settle()
        }
    }

    package func syncDirectory() throws(JournalError) {
        try change(.syncDirectory, ".") { state throws(JournalError) in
            state.elapsed = Interval(milliseconds: state.elapsed.milliseconds + state.syncTime.milliseconds)
            if state.failingSyncs > 0 {
                state.failingSyncs -= 1
                throw .storage(.syncDirectory, file: ".", code: 5)
            }
            state.durableNames = state.names
            state.nameChanges = []
        }
    }

    package func rename(_ name: String, to newName: String) throws(JournalError) {
        try change(.rename, name) { state throws(JournalError) in
            let number = try Self.number(of: name, state)
            if let replaced = state.names[newName] { state.used -= UInt64(state.files[replaced]?.bytes.count ?? 0) }
            state.names[name] = nil
            state.names[newName] = number
            state.nameChanges.append(.renamed(name, to: newName, number))
        }
    }

    package func remove(_ name: String) throws(JournalError) {
        try change(.remove, name) { state throws(JournalError) in
            let number = try Self.number(of: name, state)
            state.used -= UInt64(state.files[number]?.bytes.count ?? 0)
            state.names[name] = nil
            state.nameChanges.append(.removed(name))
        }
    }

    package func close(_ name: String) {}

    package func freeBytes() throws(JournalError) -> UInt64 {
        try reach(.freeBytes, ".")
        return state.withLock { $0.capacity - min($0.capacity, $0.used) }
    }
}

/// What a world does to the disk, and sees of it.
extension SimulatedDisk {
    /// Whether the power has failed: nothing can be done with this disk any more, but `afterCrash`.
    package var isDead: Bool { state.withLock { $0.isDead } }

    /// Operations so far that changed something.
    package var operations: UInt64 { state.withLock { $0.operations } }

    /// So many more operations change something, then the power fails in the midst of the next.
    package func failPower(afterOperations count: Int) { state.withLock { $0.operationsLeft = count } }

    /// The next syncs fail, so many.
    package func failSyncs(_ count: Int) { state.withLock { $0.failingSyncs = count } }

    /// How long every sync takes from now on; see `takeElapsed`.
    package func slow(_ syncTime: Interval) { state.withLock { $0.syncTime = syncTime } }

    /// The time that syncs have taken since this was asked last: what followed them happens so much later.
    package func takeElapsed() -> Interval {
        state.withLock { state in
            defer { state.elapsed = .zero }
            return state.elapsed
        }
    }

    /// Nothing more than this fits on it; what is there stays.
    package func setCapacity(_ bytes: UInt64) { state.withLock { $0.capacity = bytes } }

    /// Bytes of all files that have a name.
    package var used: UInt64 { state.withLock { $0.used } }

    /// Bits that decayed on the way here from the first disk.
    package var flips: [Flip] { state.withLock { $0.flips } }

    /// Faults of the disk are over; what they did is not undone.
    package func heal() {
        state.withLock { state in
            state.capacity = 1 << 40
            state.operationsLeft = nil
            state.failingSyncs = 0
            state.syncTime = .zero
        }
    }

    /// The process has died, and the machine has not: everything can be read as before, also what a failed sync forgot
    /// to write, and nothing more of it has become durable.
    package func afterDeath() -> SimulatedDisk {
        var left = state.withLock { state in
            defer { state.isDead = true }
            return state
        }
        left.isLocked = false
        left.elapsed = .zero
        let disk = SimulatedDisk()
        disk.state.withLock { $0 = left }
        return disk
    }

    /// The power has failed, now at the latest: what the machine finds when it starts again. Faults are over, and
    /// nobody has locked it. Of two calls with the same seed both give the same.
    package func afterCrash(_ crash: Crash, seed: UInt64) -> SimulatedDisk {
        var random = SplitMix64(seed: seed)
        let before = state.withLock { state in
            state.isDead = true
            return state
        }
        var after = State()
        after.capacity = before.capacity
        after.flips = before.flips
        after.names = Self.names(left: before, by: crash, &random)
        // The order of names, not of a Dictionary, decides who draws first.
        var numbers: [Int: Int] = [:]
        for name in after.names.keys.sorted() {
            guard let number = after.names[name], numbers[number] == nil, let file = before.files[number] else {
                continue
            }
            after.fileLast += 1
            numbers[number] = after.fileLast
            let bytes = file.left(by: crash, &random)
            after.files[after.fileLast] = File(bytes: bytes, durable: bytes)
            after.used += UInt64(bytes.count)
        }
        after.names = after.names.compactMapValues { numbers[$0] }
        after.durableNames = after.names
        for _ in 0..<crash.flipsInSynced { Self.flip(&after, &random) }
        let disk = SimulatedDisk()
        disk.state.withLock { $0 = after }
        return disk
    }

    private static func names(
        left state: borrowing State, by crash: Crash, _ random: inout SplitMix64
    ) -> [String: Int] {
        var names = state.durableNames
        var isLost = false
        for change in state.nameChanges {
            let isKept = random.chance(crash.keepsNames, of: 100)
            if !isKept { isLost = true }
            guard crash.isUnordered ? isKept : !isLost else { continue }
            switch change {
            case .created(let name, let number): names[name] = number
            case .renamed(let name, let newName, let number):
                names[name] = nil
                names[newName] = number
            case .removed(let name): names[name] = nil
            }
        }
        return names
    }

    private static func flip(_ state: inout State, _ random: inout SplitMix64) {
        let names = state.names.keys.sorted().filter { name in
            state.names[name].flatMap { state.files[$0] }.map { !$0.bytes.isEmpty } ?? false
        }
        guard !names.isEmpty else { return }
        let name = random.pick(names)
        guard let number = state.names[name], let count = state.files[number]?.bytes.count else { return }
        let flip = Flip(file: name, offset: random.below(count), bit: UInt8(random.below(8)))
        state.files[number]?.bytes[flip.offset] ^= 1 << flip.bit
        state.files[number]?.durable[flip.offset] ^= 1 << flip.bit
        state.flips.append(flip)
    }

    private static func number(of name: String, _ state: borrowing State) throws(JournalError) -> Int {
        guard let number = state.names[name] else { throw .storage(.open, file: name, code: 2) }
        return number
    }

    private static func file(_ name: String, _ state: borrowing State) throws(JournalError) -> File {
        guard let file = state.files[try number(of: name, state)] else { throw .storage(.open, file: name, code: 2) }
        return file
    }

    private func reach(_ operation: StorageOperation, _ name: String) throws(JournalError) {
        if state.withLock({ $0.isDead }) { throw .storage(operation, file: name, code: 5) }
    }

    /// Something that a crash may undo. The one in whose midst the power fails is done first, so that it may be kept,
    /// in part or whole, and nobody hears that it was.
    private func change(
        _ operation: StorageOperation, _ name: String, _ body: (inout State) throws(JournalError) -> Void
    ) throws(JournalError) {
        try state.withLock { state throws(JournalError) in
            if state.isDead { throw .storage(operation, file: name, code: 5) }
            state.operations += 1
            guard let left = state.operationsLeft else { return try body(&state) }
            state.operationsLeft = left - 1
            if left > 0 { return try body(&state) }
            state.isDead = true
            // A sync in whose midst the power fails has written what the crash lets it have written.
            if operation != .sync && operation != .syncDirectory { try body(&state) }
            throw .storage(operation, file: name, code: 5)
        }
    }
}

extension SimulatedDisk.File {
    mutating func write(_ new: [UInt8], at offset: Int) {
        guard !new.isEmpty else { return }
        let end = offset + new.count
        let first = min(offset, bytes.count) / SimulatedDisk.sector
        if end > bytes.count { bytes.append(contentsOf: [UInt8](repeating: 0, count: end - bytes.count)) }
        bytes.replaceSubrange(offset..<end, with: new)
        for sector in first...(end - 1) / SimulatedDisk.sector { dirty.insert(sector) }
    }

    /// A sync that went well.
    mutating func settle() {
        let missing = bytes.count - durable.count
        if missing > 0 { durable.append(contentsOf: [UInt8](repeating: 0, count: missing)) }
        for sector in dirty {
            let range = SimulatedDisk.range(of: sector, in: bytes.count)
            durable.replaceSubrange(range, with: bytes[range])
        }
        dirty = []
    }

    /// What is found after the crash. The file is as long as it was at its last sync, or up to the last sector that
    /// arrived since.
    func left(by crash: SimulatedDisk.Crash, _ random: inout SplitMix64) -> [UInt8] {
        var left = durable
        var kept: [Range<Int>] = []
        for sector in dirty.sorted() where random.chance(crash.keepsSectors, of: 100) {
            let range = SimulatedDisk.range(of: sector, in: bytes.count)
            if range.upperBound > left.count {
                left.append(contentsOf: [UInt8](repeating: 0, count: range.upperBound - left.count))
            }
            left.replaceSubrange(range, with: bytes[range])
            kept.append(range)
        }
        // Only what was being written: the rest of its sector is as it was, or this would be decay.
        let written =
            crash.flipsInTail == 0 ? [] : kept.flatMap { $0.filter { $0 >= durable.count || bytes[$0] != durable[$0] } }
        for _ in 0..<crash.flipsInTail where !written.isEmpty {
            left[random.pick(written)] ^= 1 << UInt8(random.below(8))
        }
        return left
    }
}

extension SimulatedDisk {
    fileprivate static func range(of number: Int, in count: Int) -> Range<Int> {
        number * sector..<min(count, (number + 1) * sector)
    }
}
