import Routing
import Wire

/// A row of a snapshot, or of the archive: its checksum was right, so these are bytes of an older program, or of a
/// broken one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRow(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe roundTrip(UnsafeBufferPointer(start: start, count: count), readRow, writeRow)
    return 0
}

/// As a start reads it.
private func readRow(_ bytes: [UInt8]) throws(WireError) -> LedgerRow {
    var decoder = Decoder(bytes[...])
    let row: LedgerRow = try decoder.value()
    try decoder.finish()
    return row
}

private func writeRow(_ row: LedgerRow) -> [UInt8] {
    var encoder = Encoder()
    encoder.value(row)
    return encoder.bytes
}
