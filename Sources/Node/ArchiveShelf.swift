import Journal
import Routing
import Wire

/// The archive with the places of its tickets: what has left the live ledger can still be asked for.
struct ArchiveShelf: ~Copyable {
    /// How much may wait for a sync; the journal has it until the next snapshot, so nothing is lost with it.
    private static let unsyncedMax: UInt64 = 1 << 20

    private var archive: Archive
    private var places: ArchivePlaces
    private var encoder = Encoder(reserving: 4096)

    /// Opens the archive as of a snapshot, or an empty one; `places` are those of all that is in it then.
    init(
        in storage: any Storage, of clusterID: Journal.ClusterID, cutTo length: UInt64, _ places: ArchivePlaces
    ) throws(JournalError) {
        archive = try Archive.open(
            in: storage, of: clusterID, contentVersion: LedgerRow.contentVersion, cutTo: length)
        self.places = places
    }

    /// Tickets whose place is known.
    var count: Int { places.count }
    /// Bytes with what waits in memory.
    var length: UInt64 { archive.length }

    mutating func append(_ record: TicketRecord) throws(JournalError) {
        encoder.reset()
        encoder.value(record)
        places.note(record.ticket, at: archive.length)
        try archive.append(type: wireVersion, bytes: encoder.bytes)
    }

    /// Between turns: no sync ever has much to do.
    mutating func tend() throws(JournalError) {
        if archive.length - archive.durableLength >= Self.unsyncedMax { try archive.sync() }
    }

    mutating func sync() throws(JournalError) -> UInt64 { try archive.sync() }

    /// Nil if it is not there, or its place not known any more.
    func record(of ticket: TicketID) throws(JournalError) -> TicketRecord? {
        guard let offset = places[ticket] else { return nil }
        let found = try archive.record(at: offset)
        do throws(WireError) {
            try checkWireVersion(found.type)
            var decoder = Decoder(found.bytes, version: found.type)
            let record: TicketRecord = try decoder.value()
            try decoder.finish()
            return record
        } catch { throw .damagedFile(file: Archive.fileName, offset: Int(offset)) }
    }
}

/// Where in the archive a ticket's record begins, for the newest `Limits.archivedShownMax` numbers: 8 bytes each, in
/// pages that are made when one of their tickets is archived.
struct ArchivePlaces {
    private static let pageBits: UInt64 = 12
    /// 0 is no place: the file's head is there.
    private var pages: [[UInt64]] = []
    private var firstPage = 0
    private let pagesMax: Int
    private(set) var count = 0

    init(most: Int = Limits.archivedShownMax) { pagesMax = max(1, most >> Self.pageBits) }

    /// Reads the archive up to a snapshot's length, and changes nothing: damage refuses the start.
    init(
        in storage: any Storage, of clusterID: Journal.ClusterID, upTo length: UInt64, log: Log
    ) throws(JournalError) {
        self.init()
        guard length > Archive.firstRecord else { return }
        guard try storage.list().contains(Archive.fileName) else {
            throw .damagedFile(file: Archive.fileName, offset: 0)
        }
        var offset = Archive.firstRecord
        var told = offset
        try Archive.verify(in: storage, of: clusterID, upTo: length) { _, bytes in
            // A record begins with its ticket's number.
            var decoder = Decoder(bytes.prefix(10))
            note(try decoder.value(TicketID.self), at: offset)
            offset += UInt64(bytes.count) + Archive.recordOverhead
            if offset - told >= 256 << 20 {
                told = offset
                log.info("archive: \(told >> 20) MiB of \(length >> 20) read")
            }
        }
    }

    subscript(ticket: TicketID) -> UInt64? {
        let page = Int(clamping: ticket.value >> Self.pageBits)
        guard page < pages.count, !pages[page].isEmpty else { return nil }
        let place = pages[page][Int(ticket.value & 0xfff)]
        return place == 0 ? nil : place
    }

    mutating func note(_ ticket: TicketID, at offset: UInt64) {
        let page = Int(clamping: ticket.value >> Self.pageBits)
        guard page >= firstPage, page < 1 << 40 else { return }
        while pages.count <= page { pages.append([]) }
        while pages.count - firstPage > pagesMax {
            count -= pages[firstPage].count { $0 != 0 }
            pages[firstPage] = []
            firstPage += 1
        }
        if pages[page].isEmpty { pages[page] = [UInt64](repeating: 0, count: 1 << Int(Self.pageBits)) }
        let place = Int(ticket.value & 0xfff)
        if pages[page][place] == 0 { count += 1 }
        pages[page][place] = offset
    }
}
