import Journal
import Routing
import Wire

/// A snapshot on its way: an image of the ledger, written out in slices between turns, then read back.
struct SnapshotDraft: ~Copyable {
    static let recordType: UInt8 = 1

    private var writer: SnapshotWriter
    private var image: LedgerImage
    private var hash = StateHash()
    private var encoder = Encoder(reserving: 1 << 16)
    private var isWritten = false
    private(set) var bytes = 0

    /// The file it becomes.
    var name: String { writer.name }
    var tickets: Int { image.tickets }

    /// All records up to the ledger's, and the archive's first `archiveBytes`, must be durable.
    init(
        of ledger: Ledger, in storage: any Storage, _ clusterID: Journal.ClusterID, archiveBytes: UInt64
    ) throws(JournalError) {
        image = LedgerImage(of: ledger)
        writer = try SnapshotWriter(
            in: storage, of: clusterID, lsn: Journal.LSN(ledger.lsn.value),
            contentVersion: LedgerRow.contentVersion, archiveBytes: archiveBytes)
    }

    /// Writes, or reads back, about so many bytes; true when it has its name, durably.
    mutating func advance(by slice: Int) throws(JournalError) -> Bool {
        guard !isWritten else {
            guard try writer.verify() else { return false }
            try writer.publish()
            return true
        }
        var left = slice
        while left > 0 {
            guard let row = image.next() else {
                try writer.end(stateHash: hash.value)
                isWritten = true
                return false
            }
            encoder.reset()
            encoder.value(row)
            hash.add(encoder.bytes)
            try writer.append(type: Self.recordType, bytes: encoder.bytes)
            left -= encoder.bytes.count
            bytes += encoder.bytes.count
        }
        return false
    }

    consuming func abandon() { writer.abandon() }
}

extension Ledger {
    /// The state that a snapshot holds; throws a reason when it is not one.
    init(_ reader: inout SnapshotReader, log: Log) throws {
        guard reader.contentVersion == LedgerRow.contentVersion else {
            throw Unusable("its content has version \(reader.contentVersion), not \(LedgerRow.contentVersion)")
        }
        self.init()
        var told = 0
        while let record = try reader.next() {
            var decoder = Decoder(record.bytes)
            let row: LedgerRow = try decoder.value()
            try decoder.finish()
            guard restore(row) else { throw Unusable("a row does not belong to the state before it") }
            if reader.offset - told >= 64 << 20 {
                told = reader.offset
                log.info("snapshot: \(told >> 20) MiB read, \(tickets.count) tickets")
            }
        }
        guard lsn.value == reader.lsn.number else { throw Unusable("it holds the state of LSN \(lsn.value)") }
        let hash = StateHash(of: self).value
        guard hash == reader.summary?.stateHash else { throw Unusable("the state read is not the state written") }
    }

    struct Unusable: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
