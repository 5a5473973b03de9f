import Node
import Routing
import Synchronization

/// A node's network: what the node says is kept, in order, until its turn is over; then the world takes it away.
final class PostBox: Network {
    /// What a node did in a turn that others may see.
    enum Letter: Sendable {
        case reply(UInt64, [UInt8])
        case ask(String, tag: UInt64, [UInt8], patience: Interval)
        case publish([UInt8])
        case subscribe([String])
        case keep([String])
        case redial(String)
        /// The coordinator's record, durable. Kept aside, as it is far larger than the others.
        indirect case journaled(LSN, WallTime, LedgerRecord)
    }
    private let letters = Mutex<[Letter]>([])

    private func add(_ letter: Letter) { letters.withLock { $0.append(letter) } }

    /// All of them, in the order in which the node did them; `taken` is empty before, and its room is used for the
    /// next.
    func take(into taken: inout [Letter]) { letters.withLock { swap(&taken, &$0) } }

    func reply(_ token: UInt64, _ bytes: [UInt8]) { add(.reply(token, bytes)) }
    func ask(_ address: String, tag: UInt64, _ bytes: [UInt8], patience: Interval) {
        add(.ask(address, tag: tag, bytes, patience: patience))
    }
    func publish(_ bytes: [UInt8]) { add(.publish(bytes)) }
    func subscribe(to addresses: [String]) { add(.subscribe(addresses)) }
    func keep(_ addresses: [String]) { add(.keep(addresses)) }
    func redial(_ address: String) { add(.redial(address)) }
    func journaled(_ lsn: LSN, _ wall: WallTime, _ record: LedgerRecord) { add(.journaled(lsn, wall, record)) }
}
