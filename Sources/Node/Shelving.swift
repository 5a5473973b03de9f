import Journal
import Routing
import Synchronization
import Wire

/// The archive's part of a start: what a snapshot vouches for is read, and what the journal closes behind it appended
/// anew; on a thread of its own, if there may be one.
final class Shelving: Sendable {
    private enum Job: Sendable {
        /// A start begins, perhaps anew: what was read before is forgotten. Reads so much of the archive.
        case read(upTo: UInt64)
        /// The journal is whole: from here on the archive may be changed.
        case open
        case append([TicketRecord])
    }
    private struct Work: ~Copyable {
        /// Nil before it was read.
        var places: ArchivePlaces?
        var length: UInt64 = 0
        var shelf: ArchiveShelf?
    }
    /// Jobs that wait; when there are more, whoever brings them waits.
    private static let jobsMax = 16

    private let storage: any Storage
    private let log: Log
    private let work = Mutex(Work())
    private let failed = Mutex<(any Error)?>(nil)
    private let line: JobLine

    init(in storage: any Storage, hasThread: Bool, log: Log) {
        self.storage = storage
        self.log = log
        line = JobLine("archive", most: Self.jobsMax, hasThread: hasThread)
    }

    /// What went wrong with an earlier one is forgotten too.
    func begin(archiveBytes: UInt64) {
        line.drain()
        failed.withLock { $0 = nil }
        hand(.read(upTo: archiveBytes))
    }
    func open() { hand(.open) }
    func append(_ closed: [TicketRecord]) { if !closed.isEmpty { hand(.append(closed)) } }

    /// Nothing more is handed over.
    func end() { line.end() }

    /// Throws what went wrong so far.
    func check() throws { if let failure = failed.withLock({ $0 }) { throw failure } }

    /// Throws what went wrong, once all that was handed over is done.
    func settle() throws {
        line.drain()
        try check()
    }

    /// The archive, once all is in it. Throws what went wrong with it.
    func finish(of id: Journal.ClusterID) throws -> ArchiveShelf {
        try settle()
        return try work.withLock { work in
            try open(id, &work)
            guard let shelf = work.shelf.take() else { throw JournalError.poisoned }
            return shelf
        }
    }

    private func hand(_ job: Job) { line.run { [self] in run(job) } }

    private func run(_ job: Job) {
        guard failed.withLock({ $0 == nil }) else { return }
        do { try work.withLock { work in try run(job, &work) } } catch {
            failed.withLock { $0 = error }
        }
    }

    private func run(_ job: Job, _ work: inout Work) throws {
        switch job {
        case .read(let length):
            work = Work()
            work.length = length
            if let id = try Journal.clusterID(in: storage) { try read(id, &work) }
        case .open: if let id = try Journal.clusterID(in: storage) { try open(id, &work) }
        case .append(let closed):
            for record in closed {
                try work.shelf?.append(record)
                try work.shelf?.tend()
            }
        }
    }

    private func read(_ id: Journal.ClusterID, _ work: inout Work) throws {
        work.places = try ArchivePlaces(in: storage, of: id, upTo: work.length, log: log)
    }

    private func open(_ id: Journal.ClusterID, _ work: inout Work) throws {
        guard work.shelf == nil else { return }
        if work.places == nil { try read(id, &work) }
        let places = work.places.take() ?? ArchivePlaces()
        work.shelf = try ArchiveShelf(in: storage, of: id, cutTo: work.length, places)
    }
}
