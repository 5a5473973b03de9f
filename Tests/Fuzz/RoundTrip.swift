internal import CMalloc
import Routing
import Wire

/// What a decoded value may keep in memory: so many bytes for each byte it came in, and room for the longest list of
/// large values that `Limits` allows (1,024 commands or outcomes, of one byte in the frame and of 224 in memory).
/// So a client's frame, 2 MiB at most, cannot take more than 64 MiB of a router.
enum MemoryBound {
    static let bytesPerByte = 32
    static let bytesAlways = 256 * 1024
}

/// What must hold for any bytes: `decode` gives a value or throws; a value is written again and read back equal, the
/// second writing has the bytes of the first, and the value is not much larger than what it was read from.
func roundTrip<Value: WireValue & Equatable>(
    _ input: UnsafeBufferPointer<UInt8>, _ decode: ([UInt8]) throws(WireError) -> Value, _ encode: (Value) -> [UInt8]
) {
    let bytes = unsafe [UInt8](input)
    let before = bytesAllocated()
    let value: Value
    do throws(WireError) { value = try decode(bytes) } catch { return }
    let kept = Int(bytesAllocated()) - Int(before)
    withExtendedLifetime(value) {}
    let keptMax = bytes.count * MemoryBound.bytesPerByte + MemoryBound.bytesAlways
    if kept > keptMax { fatalError("\(bytes.count) bytes became a value of \(kept), more than \(keptMax)") }

    let written = encode(value)
    if written.count > bytes.count { fatalError("\(bytes.count) bytes were written again as \(written.count)") }
    let again: Value
    do throws(WireError) { again = try decode(written) } catch { fatalError("what was written is not read: \(error)") }
    if again != value { fatalError("read back as another value") }
    if encode(again) != written { fatalError("the same value was written in two ways") }
}

/// `roundTrip` for what travels in frames: written in the version in which it came, as not every version holds all of
/// it.
func roundTripFrame<Value: WireValue & Equatable>(_: Value.Type, _ input: UnsafeBufferPointer<UInt8>) {
    guard let version = unsafe input.first else { return }
    unsafe roundTrip(
        input, { bytes throws(WireError) in try Frame.decode(Value.self, bytes) },
        { Frame.encode($0, version: version) })
}

/// `roundTrip` for what lies in files, where a record's type and a snapshot's head name the version: in each of them.
func roundTripStored<Value: WireValue & Equatable>(_: Value.Type, _ input: UnsafeBufferPointer<UInt8>) {
    for version in wireVersionOldest...wireVersion {
        unsafe roundTrip(
            input,
            { bytes throws(WireError) in
                var decoder = Decoder(bytes, version: version)
                let value: Value = try decoder.value()
                try decoder.finish()
                return value
            },
            { value in
                var encoder = Encoder(version: version)
                encoder.value(value)
                return encoder.bytes
            })
    }
}
