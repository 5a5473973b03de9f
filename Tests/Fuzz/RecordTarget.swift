import Routing
import Wire

/// A journal record's payload, as `CoordinatorNode` reads it at its start: its checksum was right, so these are bytes
/// of an older program, or of a broken one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecord(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe roundTripStored(LedgerRecord.self, UnsafeBufferPointer(start: start, count: count))
    return 0
}
