import Dispatch
import Journal
import Routing
import Synchronization
import Wire

/// Some records of a journal, or rows of a snapshot, in their order: as they were read first, decoded later, by whoever
/// comes to it first: a thread that only decodes, or the one that needs them.
final class Parcel: Sendable {
    enum Content: Sendable {
        case rows([LedgerRow])
        case records([Record])
    }
    struct Record: Sendable {
        let record: LedgerRecord
        let wall: WallTime
        /// As the record says; so that it can be looked at without a copy of the record.
        let ticket: TicketID?
    }

    /// What is in it, as it was read; filled by the reader before it becomes a parcel.
    struct Bytes: Sendable {
        private(set) var bytes: [UInt8] = []
        /// Where each one ends.
        private(set) var ends: [Int] = []
        /// Of records only: the journal's time of each, and the number of the first.
        private(set) var walls: [WallTime] = []
        private(set) var lsn = Journal.LSN(0)
        /// The wire version of all of them.
        let version: UInt8

        init(version: UInt8 = wireVersion) { self.version = version }

        /// Bytes in it.
        var count: Int { bytes.count }

        mutating func add(row: ArraySlice<UInt8>) {
            bytes += row
            ends.append(bytes.count)
        }

        mutating func add(_ record: JournalRecord) {
            if walls.isEmpty { lsn = record.lsn }
            add(row: record.bytes)
            walls.append(WallTime(milliseconds: record.wall))
        }
    }

    private enum State {
        case read(Bytes)
        case inWork
        case decoded(Result<Content, any Error>)
    }
    private let state: Mutex<State>
    private let isDecoded = DispatchSemaphore(value: 0)

    init(_ bytes: Bytes) { state = Mutex(.read(bytes)) }

    /// Decodes it, unless somebody else does or has done so.
    func decode() {
        let bytes: Bytes? = state.withLock { state in
            guard case .read(let bytes) = state else { return nil }
            state = .inWork
            return bytes
        }
        guard let bytes else { return }
        let content = Result { try bytes.decoded() }
        state.withLock { $0 = .decoded(content) }
        isDecoded.signal()
    }

    /// What is in it; to be asked for once. A record that is none is refused with its number.
    func take() throws -> Content {
        decode()
        isDecoded.wait()
        let content: Result<Content, any Error>? = state.withLock { state in
            guard case .decoded(let content) = state else { return nil }
            state = .inWork
            return content
        }
        invariant(content != nil, "a parcel is taken twice")
        return try content?.get() ?? .records([])
    }
}

extension Parcel.Bytes {
    fileprivate func decoded() throws -> Parcel.Content {
        if walls.isEmpty { return .rows(try values()) }
        var records: [Parcel.Record] = []
        records.reserveCapacity(ends.count)
        var start = 0
        for (end, wall) in zip(ends, walls) {
            do throws(WireError) {
                let record: LedgerRecord = try value(in: start..<end)
                records.append(Parcel.Record(record: record, wall: wall, ticket: record.ticket))
            } catch {
                let lsn = Journal.LSN(lsn.number + UInt64(records.count))
                throw JournalError.replayRefused(lsn: lsn, reason: String(describing: error))
            }
            start = end
        }
        return .records(records)
    }

    private func values() throws(WireError) -> [LedgerRow] {
        var rows: [LedgerRow] = []
        var start = 0
        for end in ends {
            rows.append(try value(in: start..<end))
            start = end
        }
        return rows
    }

    private func value<Value: WireValue>(in part: Range<Int>) throws(WireError) -> Value {
        var decoder = Decoder(bytes, in: part, version: version)
        let value: Value = try decoder.value()
        try decoder.finish()
        return value
    }
}
