/// Looks at a ledger's folder as a start would, without changing anything: every segment, snapshot, and the archive.
package struct Inspection: Sendable {
    /// What was found, as far as it could be read; `snapshot` is what a start would begin with.
    package private(set) var report = OpeningReport()
    package private(set) var clusterID: Journal.ClusterID?
    /// Of the records that were read; nil if there are none.
    package private(set) var firstLSN: Journal.LSN?
    package private(set) var lastLSN: Journal.LSN?
    package private(set) var snapshots: [Snapshot.Summary] = []
    /// Of the archive, as far as the chosen snapshot promises it.
    package private(set) var archiveBytes: UInt64 = 0
    /// Why a start would be refused; empty if it would not. Damaged snapshots that a start passes over are in the
    /// report.
    package private(set) var problems: [JournalError] = []

    /// Bytes read so far, of so many, in this file.
    package struct Progress: Sendable {
        package let file: String
        package let bytes: Int
        package let of: Int
    }

    /// Reads everything. `visit` gets every record that can be read, also those that a snapshot includes; what it
    /// throws ends the reading of segments and is thrown on. Only trouble with the storage itself is thrown else.
    package init(
        of storage: any Storage, progress: (Progress) -> Void = { _ in },
        visit: (JournalRecord) throws -> Void = { _ in }
    ) throws {
        let names = try storage.list()
        let segments = names.filter(Segment.isName)
        var sizes: [String: Int] = [:]
        for name in segments + names.filter(Snapshot.isName) { sizes[name] = try storage.size(of: name) }
        let all = sizes.values.reduce(0, +)
        var done = 0
        do throws(JournalError) {
            clusterID = try Journal.clusterID(in: storage)
            if segments.isEmpty { throw clusterID == nil ? .noJournal : .emptiedFolder }
        } catch { problems.append(error) }
        for name in names where Snapshot.isName(name) {
            progress(Progress(file: name, bytes: done, of: all))
            do throws(JournalError) {
                let before = done
                snapshots.append(
                    try Snapshots.verify(storage, name, of: clusterID) {
                        progress(Progress(file: name, bytes: before + $0, of: all))
                    })
            } catch { report.snapshotsSkipped.append(error) }
            done += sizes[name] ?? 0
        }
        let choice = choose(in: storage, segments)
        guard let first = segments.first else { return }
        try read(storage, segments, from: Segment.firstLSN(of: first) ?? Journal.LSN(1), choice, visit) { name in
            progress(Progress(file: name, bytes: done, of: all))
            done += sizes[name] ?? 0
        }
        verifyArchive(in: storage, choice)
    }

    private mutating func choose(in storage: any Storage, _ segments: [String]) -> Snapshot.Summary? {
        do throws(JournalError) {
            let choice = try Snapshots.choose(in: storage, of: clusterID, segments: segments)
            report.snapshot = choice.chosen
            return choice.chosen
        } catch {
            problems.append(error)
            return nil
        }
    }

    private mutating func read(
        _ storage: any Storage, _ segments: [String], from first: Journal.LSN, _ chosen: Snapshot.Summary?,
        _ visit: (JournalRecord) throws -> Void, begin: (String) -> Void
    ) throws {
        let source = clusterID.map { ClusterIDSource.known($0) } ?? .drawn { Journal.ClusterID(high: 0, low: 0) }
        var recovery = Recovery(storage: storage, clusterID: clusterID, source: source, from: first)
        var stopped: (any Error)?
        let needed = chosen?.lsn.next ?? Journal.LSN(1)
        do throws(JournalError) {
            try recovery.readAll(segments, begin: begin) { record in
                do { try visit(record) } catch {
                    stopped = error
                    throw error
                }
            }
            let segment = try recovery.conclude()
            if first > needed { throw .missingSegment(lsn: needed) }
            if recovery.expected < needed {
                throw .endsBeforeSnapshot(file: segment.name, offset: segment.offset, lsn: recovery.expected)
            }
        } catch { if stopped == nil { problems.append(error) } }
        if let stopped { throw stopped }
        let skipped = report.snapshotsSkipped
        report = recovery.report
        report.snapshot = chosen
        report.snapshotsSkipped = skipped
        if report.records > 0 {
            firstLSN = first
            lastLSN = Journal.LSN(recovery.expected.number - 1)
        }
    }

    private mutating func verifyArchive(in storage: any Storage, _ chosen: Snapshot.Summary?) {
        guard let chosen, chosen.archiveBytes > 0 else { return }
        do throws(JournalError) {
            archiveBytes = try Archive.verify(in: storage, of: clusterID, upTo: chosen.archiveBytes)
        } catch { problems.append(error) }
    }
}

extension Journal {
    /// Cuts a torn last batch off, as the next start would, and keeps what was cut in a file of its own; nil if there
    /// is nothing to cut. Whatever a start would refuse is refused here too, and nothing is changed then.
    package static func cutTail(in storage: any Storage) throws(JournalError) -> (tail: TornTail, kept: String)? {
        guard try storage.lock() else { throw .locked }
        let segments = try storage.list().filter(Segment.isName)
        let id = try clusterID(in: storage)
        guard let first = segments.first else { throw id == nil ? .noJournal : .emptiedFolder }
        let source = id.map { ClusterIDSource.known($0) } ?? .drawn { ClusterID(high: 0, low: 0) }
        var recovery = Recovery(
            storage: storage, clusterID: id, source: source, from: Segment.firstLSN(of: first) ?? LSN(1))
        try recovery.readAll(segments) { _ in }
        _ = try recovery.conclude()
        guard let tail = recovery.report.tornTail else { return nil }
        let kept = try keep(tail, in: storage)
        _ = try recovery.finish()
        return (tail, kept)
    }

    private static func keep(_ tail: TornTail, in storage: any Storage) throws(JournalError) -> String {
        let names = try storage.list()
        let stem = "cut-\(tail.file.dropLast(4))-\(tail.offset)"
        var name = stem + ".bytes"
        var number = 2
        while names.contains(name) {
            name = "\(stem)-\(number).bytes"
            number += 1
        }
        let bytes = try storage.read(tail.file, at: tail.offset, count: tail.bytes)
        try storage.create(name)
        try storage.write(name, at: 0, bytes)
        try storage.sync(name)
        try storage.syncDirectory()
        return name
    }
}
