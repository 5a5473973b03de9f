import Routing
import Wire

/// Frames of requests: what clients ask routers, routers the coordinator, and routers each other.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe roundTripFrame(Request.self, UnsafeBufferPointer(start: start, count: count))
    return 0
}
