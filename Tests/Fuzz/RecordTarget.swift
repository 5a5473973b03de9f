import Routing
import Wire

/// A journal record's payload: its checksum was right, so these are bytes of an older program, or of a broken one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecord(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe roundTrip(UnsafeBufferPointer(start: start, count: count), readRecord, writeRecord)
    return 0
}

/// As `CoordinatorNode` reads it at its start.
private func readRecord(_ bytes: [UInt8]) throws(WireError) -> LedgerRecord {
    var decoder = Decoder(bytes[...])
    let record: LedgerRecord = try decoder.value()
    try decoder.finish()
    return record
}

private func writeRecord(_ record: LedgerRecord) -> [UInt8] {
    var encoder = Encoder()
    encoder.value(record)
    return encoder.bytes
}
