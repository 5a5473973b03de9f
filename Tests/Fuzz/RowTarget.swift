import Routing
import Wire

/// A row of a snapshot, or of the archive, as a start reads it: its checksum was right, so these are bytes of an older
/// program, or of a broken one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRow(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe roundTripStored(LedgerRow.self, UnsafeBufferPointer(start: start, count: count))
    return 0
}
