import Routing
import Testing
import Wire

@testable import Journal
@testable import Node

/// What a start's reader hands over.
@Suite("parcels of a start") struct ParcelTests {
    private static func bytes(_ records: [LedgerRecord], breaking broken: Int? = nil) -> Parcel.Bytes {
        var bytes = Parcel.Bytes()
        for (index, record) in records.enumerated() {
            var encoder = Encoder()
            encoder.value(record)
            let tail: [UInt8] = index == broken ? [1] : []
            bytes.add(
                JournalRecord(
                    lsn: Journal.LSN(UInt64(index) + 70), reign: 1, wall: UInt64(index) + 5, type: wireVersion,
                    bytes: (encoder.bytes + tail)[...]))
        }
        return bytes
    }
    private static let records = (1...20).map { LedgerRecord.reignBegan($0) }

    @Test("decoded ahead or by whoever needs them, records are the same, in their order, with their times")
    func same() throws {
        let (ahead, late) = (Parcel(Self.bytes(Self.records)), Parcel(Self.bytes(Self.records)))
        ahead.decode()
        ahead.decode()
        for parcel in [ahead, late] {
            guard case .records(let records) = try parcel.take() else {
                Issue.record("no records")
                return
            }
            #expect(records.map(\.record) == Self.records)
            #expect(records.map(\.wall.milliseconds) == (0..<20).map { UInt64($0) + 5 })
        }
    }

    @Test("a record that is none is refused with its number")
    func refused() {
        let parcel = Parcel(Self.bytes(Self.records, breaking: 13))
        #expect(throws: JournalError.replayRefused(lsn: Journal.LSN(83), reason: "trailing")) { _ = try parcel.take() }
    }

    @Test("rows are rows, and none are none")
    func rows() throws {
        var bytes = Parcel.Bytes()
        var encoder = Encoder()
        encoder.value(LedgerRow.closedKeys([]))
        bytes.add(row: encoder.bytes[...])
        bytes.add(row: encoder.bytes[...])
        for (given, count) in [(bytes, 2), (Parcel.Bytes(), 0)] {
            guard case .rows(let rows) = try Parcel(given).take() else {
                Issue.record("no rows")
                return
            }
            #expect(rows == [LedgerRow](repeating: .closedKeys([]), count: count))
        }
    }
}
