import CNNG

/// A look whether anybody listens at an address, before something is asked there: a request socket dials for ever, so
/// that its questions only ever time out.
package enum Reach {
    /// Connects once and hangs up. Throws `connectionRefused` when nobody listens, or what else nng found. Blocks for
    /// as long as the peer's handshake takes, which can be for ever: not on a thread that is needed.
    package static func check(_ url: String) throws(NNGError) {
        let socket = try Socket(.request)
        defer { socket.close(nil) }
        try socket.limitMessages(bytesMax: 1024)
        let dialer = try socket.makeDialer(url)
        try NNG.check(nng_dialer_start(dialer, 0))
    }
}
