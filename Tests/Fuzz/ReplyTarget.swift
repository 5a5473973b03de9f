import Routing
import Wire

/// Frames of replies: what clients and routers take from the node they dialled.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReply(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe roundTripFrame(Reply.self, UnsafeBufferPointer(start: start, count: count))
    return 0
}
