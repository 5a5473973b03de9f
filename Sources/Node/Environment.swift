package import Routing

/// The world outside a node: what the simulator stands in for. The third part, storage, is `Journal`'s `Storage`.
package protocol Clock: Sendable {
    func now() -> Now
}

/// Messages to and from other processes. Calls do not block; what comes back is an `Arrival` in the node's inbox.
package protocol Network: AnyObject, Sendable {
    /// Answers a request, some time or never.
    func reply(_ token: UInt64, _ bytes: [UInt8])
    /// Asks another process. Exactly one `answered` or `failed` with this tag follows within `patience`.
    func ask(_ address: String, tag: UInt64, _ bytes: [UInt8], patience: Interval)
    /// Tells all subscribers, at most once.
    func publish(_ bytes: [UInt8])
    /// Hears these publishers from now on, and no others.
    func subscribe(to addresses: [String])
    /// Keeps connections to these processes only, besides those that are asked for.
    func keep(_ addresses: [String])
    /// Makes the connection to this process anew: it says nothing any more.
    func redial(_ address: String)
    /// The library that carries the messages, with its version, for `status`.
    var library: String { get }
}

extension Network {
    package var library: String { "" }
}

/// What reaches a node.
package enum Arrival: Sendable {
    case request(token: UInt64, pipe: UInt32, bytes: [UInt8])
    case disconnected(pipe: UInt32)
    case answered(tag: UInt64, bytes: [UInt8])
    case failed(tag: UInt64)
    case published([UInt8])
    /// A process that was asked said nothing for so long that its connection should be made anew.
    case silent(String)
    /// One connection too many, or one request too many of a connection; counted.
    case turnedAway
    /// What the inbox did not take since the last turn: the node was behind. Counted.
    case shed(requests: UInt64, publications: UInt64)
    /// The cluster file should be read anew (SIGHUP).
    case reload
    /// The cluster file was read: what a request with that token asked for, or a signal.
    indirect case loaded(Result<Company, Configuration.Invalid>, token: UInt64?)
    /// There is news of what a coordinator has sent to its disk.
    case written
    /// The process is asked to end in peace.
    case stop
}

/// A node as the turn loop and the simulator step it.
package protocol Steppable: AnyObject {
    func turn(_ arrivals: [Arrival], at now: Now)
    /// When the node must be stepped next even if nothing arrives.
    var nextDeadline: Instant? { get }
    /// How many bytes must have arrived before a turn is worth its while, unless it is due.
    var bytesWorthATurn: Int { get }
    /// Whether it has ended, so that its process may.
    var isOver: Bool { get }
    /// Set when the process must end at once, with this code, whatever else runs in it.
    var exitCode: Int32? { get }
}

extension Steppable {
    package var bytesWorthATurn: Int { 0 }
}

/// Shows a node's core where it is: what may be changed is not copied to be shown.
func show<Core, Result>(_ core: inout Core, _ look: (Core) -> Result) -> Result { look(core) }

extension Arrival {
    var isNewsOfDisk: Bool { if case .written = self { true } else { false } }
}

/// What a process counts about its own traffic.
package struct Traffic: Equatable, Sendable {
    package var messagesIn: UInt64 = 0
    package var messagesOut: UInt64 = 0
    package var bytesIn: UInt64 = 0
    package var bytesOut: UInt64 = 0
    package var published: UInt64 = 0
    package var wireErrors: UInt64 = 0
    package var turnedAway: UInt64 = 0
    package var requestsShed: UInt64 = 0
    /// Questions that were not begun, as their connections had ended.
    package var deserted: UInt64 = 0
    package var gossipShed: UInt64 = 0
    package var gossipBytesOut: UInt64 = 0
    package var gossipBytesIn: UInt64 = 0
    package var turns: UInt64 = 0
    package var redials: UInt64 = 0
    package init() {}

    mutating func came(_ bytes: [UInt8]) {
        messagesIn += 1
        bytesIn += UInt64(bytes.count)
    }
    mutating func shed(requests: UInt64, publications: UInt64) {
        requestsShed += requests
        gossipShed += publications
    }
    mutating func went(_ bytes: [UInt8]) {
        messagesOut += 1
        bytesOut += UInt64(bytes.count)
    }
}
