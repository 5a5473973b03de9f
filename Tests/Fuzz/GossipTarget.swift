import Routing
import Wire

/// Frames of gossip: what routers publish to each other.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGossip(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe roundTripFrame(Gossip.self, UnsafeBufferPointer(start: start, count: count))
    return 0
}
