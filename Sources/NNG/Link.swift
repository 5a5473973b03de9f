import CNNG
import Dispatch

/// One dialer to one address and the pipe it has, if any. A plain value behind the lock of the socket that dials.
struct Link: Sendable {
    let url: String
    /// nil only while the dialer is being replaced, or when that failed.
    var dialer: nng_dialer?
    private var pipe: UInt32?
    /// When the last pipe went, or the dialer was made; milliseconds of `Uptime`.
    private var downSince: UInt64
    /// When the pipe was added or last brought a message.
    private var heardAt: UInt64

    init(url: String, now: UInt64) {
        self.url = url
        downSince = now
        heardAt = now
    }

    /// Takes the dialer out, to be closed and replaced. Its pipe counts no more: its late removal must not look like
    /// the loss of the next one.
    mutating func takeDialer(now: UInt64) -> nng_dialer? {
        pipe = nil
        downSince = now
        return dialer.take()
    }

    /// nng keeps at most one pipe per dialer.
    mutating func added(_ pipe: UInt32, now: UInt64) {
        self.pipe = pipe
        heardAt = now
    }

    /// A message has come by a pipe, perhaps this link's.
    mutating func heard(by pipe: UInt32, now: UInt64) {
        if self.pipe == pipe { heardAt = now }
    }

    func has(_ pipe: UInt32) -> Bool { self.pipe == pipe }

    /// Whether there is a pipe that has brought nothing for longer than that.
    func isSilent(milliseconds: Int, now: UInt64) -> Bool {
        pipe != nil && heardAt + UInt64(milliseconds) < now
    }

    /// False when it was not the pipe that counts.
    mutating func removed(_ pipe: UInt32, now: UInt64) -> Bool {
        guard self.pipe == pipe else { return false }
        self.pipe = nil
        downSince = now
        return true
    }

    /// Whether its dialer may be closed: there is a pipe, or none has come for so long that no handshake is about to
    /// end. nng 1.5 finishes a dial twice, and ends the process with "appending node already on a list", when a dialer
    /// of ws is closed in the moment in which its handshake ends: `ws_dial_cancel` and `ws_http_cb_dialer` look at the
    /// same operation under different locks.
    func mayClose(now: UInt64) -> Bool {
        pipe != nil || dialer == nil || !url.hasPrefix("ws") || DialerDog.isOverdue(downSince: downSince, now: now)
    }

    /// Whether the dialer must be replaced; see `DialerDog`.
    func needsNewDialer(now: UInt64) -> Bool {
        pipe == nil && DialerDog.isOverdue(downSince: downSince, now: now)
    }
}

/// Where closed sockets that still dial wait until that is over.
enum Leaving {
    private static let queue = DispatchQueue(label: "switchyard.leaving-sockets")
    private static let milliseconds = 200

    static func lookAgain(_ work: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds), execute: work)
    }
}
