/// The snapshots of a folder: which one a start begins with, and which may go.
package enum Snapshots {
    /// What was chosen at a start.
    struct Choice {
        /// Nil to begin with the journal's first record.
        var chosen: Snapshot.Summary?
        /// Newer ones that are damaged, though the journal still has all they held.
        var skipped: [JournalError] = []
    }

    /// The newest snapshot, restored, and right to its last byte.
    ///
    /// A damaged one is passed over only if the journal reaches back to the one before it, or to its own beginning;
    /// otherwise records would be missing, and its error is thrown.
    static func choose(
        in storage: any Storage, of clusterID: Journal.ClusterID?, segments: [String],
        _ restore: (inout SnapshotReader) throws -> Void = { while try $0.next() != nil {} }
    ) throws(JournalError) -> Choice {
        var choice = Choice()
        let names = try storage.list().filter(Snapshot.isName)
        for name in names.reversed() {
            do throws(JournalError) {
                choice.chosen = try take(storage, name, of: clusterID, restore)
                break
            } catch {
                guard error.isDamage else { throw error }
                choice.skipped.append(error)
            }
        }
        guard let damaged = choice.skipped.first else { return choice }
        let needed = choice.chosen.map { $0.lsn.next } ?? Journal.LSN(1)
        let reach = segments.first.flatMap { Segment.firstLSN(of: $0) }
        guard let reach, reach <= needed else { throw damaged }
        return choice
    }

    /// Each record is known to be right when it is handed over, their order and number only at the end: so what cannot
    /// be taken in may be so because the file is damaged, and then the damage is what is told.
    private static func take(
        _ storage: any Storage, _ name: String, of clusterID: Journal.ClusterID?,
        _ restore: (inout SnapshotReader) throws -> Void
    ) throws(JournalError) -> Snapshot.Summary {
        var reader = try SnapshotReader(storage, name, of: clusterID)
        do { try restore(&reader) } catch let error as JournalError { throw error } catch {
            _ = try verify(storage, name, of: clusterID)
            throw .snapshotRefused(file: name, offset: reader.offset, reason: String(describing: error))
        }
        guard let summary = reader.summary else {
            throw .snapshotRefused(file: name, offset: reader.offset, reason: "it was not read to its end")
        }
        storage.close(name)
        return summary
    }

    /// Reads a whole snapshot; `progress` is told the bytes read so far, about every MiB.
    package static func verify(
        _ storage: any Storage, _ name: String, of clusterID: Journal.ClusterID?,
        progress: (Int) -> Void = { _ in }
    ) throws(JournalError) -> Snapshot.Summary {
        var reader = try SnapshotReader(storage, name, of: clusterID)
        var told = 0
        while try reader.next() != nil {
            if reader.offset - told >= Snapshot.sliceBytes {
                told = reader.offset
                progress(told)
            }
        }
        storage.close(name)
        guard let summary = reader.summary else { throw .damagedFile(file: name, offset: reader.offset) }
        return summary
    }

    /// Removes all but the newest two, and gives the older one's LSN: segments that hold nothing newer may go too, by
    /// `Journal.removeSegments(before: lsn.next)`. Nil if there are not yet two. To be called after `publish`.
    package static func prune(in storage: any Storage) throws(JournalError) -> Journal.LSN? {
        let names = try storage.list().filter { Snapshot.lsn(of: $0) != nil }
        guard names.count >= Snapshot.kept else { return nil }
        let gone = names.dropLast(Snapshot.kept)
        for name in gone { try storage.remove(name) }
        if !gone.isEmpty { try storage.syncDirectory() }
        return Snapshot.lsn(of: names[names.count - Snapshot.kept])
    }
}
