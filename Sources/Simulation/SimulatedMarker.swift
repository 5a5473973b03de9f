package import Journal
import Synchronization

/// The marker beside a simulated disk's folder: on a volume of its own, which loses nothing.
package final class SimulatedMarker: InitMarker {
    private let bytes = Mutex<[UInt8]?>(nil)
    package let place = "ledger.initialised"

    package init() {}
    package func read() throws(JournalError) -> [UInt8]? { bytes.withLock { $0 } }
    package func write(_ new: [UInt8]) throws(JournalError) { bytes.withLock { $0 = new } }
}
