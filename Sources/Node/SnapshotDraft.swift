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

    /// All records up to the image's, and the archive's first `archiveBytes`, must be durable.
    init(
        _ image: LedgerImage, in storage: any Storage, _ clusterID: Journal.ClusterID, archiveBytes: UInt64
    ) throws(JournalError) {
        self.image = image
        writer = try SnapshotWriter(
            in: storage, of: clusterID, lsn: Journal.LSN(image.lsn.value),
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
