import Journal
import Node
package import Routing
import Wire

/// What comes of a start on a disk of which one bit decayed at rest.
package enum Decay: Sendable {
    case refused(String)
    /// All that was there is there.
    case harmless
    /// It starts, and the ledger or the archive is another one: up to which record the ledger is, and what differs.
    case differs(upTo: LSN, String)
}

extension World {
    /// Tries so many starts on copies of the coordinator's disk as it lies there, each with one bit the other way
    /// round. The disk itself stays as it is.
    func tryDecay(bits: Int) {
        guard seats[0].node == nil, !disk.isDead else { return }
        let rest = disk
        disk = rest.afterCrash(.keepingAll, seed: 0)
        guard case .success(let intact) = opened(rest.afterCrash(.keepingAll, seed: 0)) else { return }
        var crash = SimulatedDisk.Crash.keepingAll
        crash.flipsInSynced = 1
        for _ in 0..<bits {
            let copy = rest.afterCrash(crash, seed: decay.next())
            guard let flip = copy.flips.last, copy.flips.count > rest.flips.count else { continue }
            tell(.decayed(flip, result(of: opened(copy), intact)))
        }
    }

    /// What a start finds: the ledger, and each closed ticket as the archive has it.
    private struct Found {
        let ledger: Ledger
        var archived: [TicketID: TicketRecord] = [:]
        /// It says so.
        var unreadable: Set<TicketID> = []
    }

    private func opened(_ disk: SimulatedDisk) -> Result<Found, any Error> {
        do {
            var ledger = Ledger()
            let opened = try LedgerDisk(
                in: disk, of: .drawn { Journal.ClusterID(high: 1, low: 2) }, sizes: sizes, marker: marker,
                into: &ledger, log: Log("decay", isQuiet: true) { _, _ in }, flaws: flaws)
            var found = Found(ledger: ledger)
            for number in 0..<ledger.ticketsOpened where ledger.tickets[TicketID(number + 1)] == nil {
                do throws(JournalError) {
                    found.archived[TicketID(number + 1)] = try opened.archived(TicketID(number + 1))
                } catch { found.unreadable.insert(TicketID(number + 1)) }
            }
            return .success(found)
        } catch { return .failure(error) }
    }

    private func result(of start: Result<Found, any Error>, _ intact: Found) -> Decay {
        switch start {
        case .failure(let error): return .refused("\(error)")
        case .success(let found):
            let lsn = found.ledger.lsn
            guard lsn == intact.ledger.lsn else { return .differs(upTo: lsn, "records are missing") }
            guard LedgerImage.rows(of: found.ledger) == LedgerImage.rows(of: intact.ledger) else {
                return .differs(upTo: lsn, "the state is another one")
            }
            for (id, record) in intact.archived
            where found.archived[id] != record && !found.unreadable.contains(id) {
                return .differs(upTo: lsn, "ticket \(id.value) is another one in the archive")
            }
            return .harmless
        }
    }
}
