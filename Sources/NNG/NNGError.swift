import CNNG

/// What libnng, or this wrapper before it, refused. The code is nng's own, so a log line can be looked up in nng(5).
package struct NNGError: Error, Equatable, Sendable, CustomStringConvertible {
    /// nng's error number (1 and up), or a negative number of this module's own.
    package let code: Int32

    init(code: Int32) {
        self.code = code
    }

    private init(_ code: nng_errno_enum) {
        self.code = Int32(code.rawValue)
    }

    /// The time given to the operation is over; whether the peer did the work is unknown.
    package static let timedOut = NNGError(NNG_ETIMEDOUT)
    /// The socket was closed on this side.
    package static let closed = NNGError(NNG_ECLOSED)
    /// The operation was taken back on this side.
    package static let canceled = NNGError(NNG_ECANCELED)
    /// The connection was lost after the request had left; whether the peer did the work is unknown.
    package static let connectionReset = NNGError(NNG_ECONNRESET)
    /// Nobody listens at the address.
    package static let connectionRefused = NNGError(NNG_ECONNREFUSED)
    /// Another socket, of this process or of another, holds the address.
    package static let addressInUse = NNGError(NNG_EADDRINUSE)
    /// The address cannot be understood or is not one of this machine.
    package static let addressInvalid = NNGError(NNG_EADDRINVAL)
    /// The message is longer than the receiver's bound.
    package static let messageTooLarge = NNGError(NNG_EMSGSIZE)
    /// The process has as many files open as it may.
    package static let outOfFiles = NNGError(NNG_ENOFILES)
    /// nng could not get memory.
    package static let outOfMemory = NNGError(NNG_ENOMEM)
    /// Every context is busy and the waiting line is full; nothing was sent. nng knows no such state, hence our own
    /// code.
    package static let full = NNGError(code: -1)

    /// One sentence for a log line.
    package var description: String {
        if self == .full { return "the waiting line of the socket is full" }
        guard let text = unsafe nng_strerror(code) else { return "nng error \(code)" }
        return unsafe "\(String(cString: text)) (nng error \(code))"
    }
}

/// Turns the code that a C function returned into a throw: every call of libnng that can fail passes here.
func check(_ code: Int32) throws(NNGError) {
    if code != 0 { throw NNGError(code: code) }
}

/// A broken rule of this module ends the process, in release builds too: `precondition` is silent under -O on Linux.
@inline(__always)
func invariant(_ condition: Bool, _ rule: @autoclosure () -> String) {
    if !condition { fatalError(rule()) }
}
