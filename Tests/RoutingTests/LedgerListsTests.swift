import Simulation
import Testing

@testable import Routing

/// Lists that are made at the end of a start, against those that were kept all along.
@Suite("lists of a ledger's tickets") struct LedgerListsTests {
    @Test("listed at the end or all along, a group has the same waiting tickets", arguments: [UInt64(3), 11, 228])
    func atTheEnd(seed: UInt64) {
        var world = World(seed: seed, tickets: 60, isMixed: seed % 2 == 1)
        _ = world.play()
        let entries = world.bench.coordinator.journal
        var (whole, parts): (Ledger, [Ledger]) = (Ledger(), [Ledger(unlisted: ())])
        for (index, entry) in entries.enumerated() {
            whole.apply(entry.record, at: entry.wall)
            for place in parts.indices { parts[place].apply(entry.record, at: entry.wall) }
            // From here on one of them lists too, and another begins as a start from a snapshot does.
            guard index % 80 == 40 else { continue }
            parts[parts.count - 1].list()
            var restored = Ledger(unlisted: ())
            for row in LedgerImage.rows(of: whole) {
                let isTaken = restored.restore(row)
                #expect(isTaken)
            }
            parts.append(restored)
        }
        for place in parts.indices { parts[place].list() }
        #expect(parts.count > 2)
        for part in parts {
            #expect(part.quarantined.all == whole.quarantined.all)
            for group in whole.groups.indices.map({ GroupID(UInt32($0)) }) {
                #expect(part.waiting(in: group).all == whole.waiting(in: group).all)
            }
        }
    }

    @Test("before it lists them a ledger has no waiting tickets to show")
    func before() {
        var world = World(seed: 3, tickets: 20, isMixed: false)
        _ = world.play()
        var ledger = Ledger(unlisted: ())
        for entry in world.bench.coordinator.journal {
            ledger.apply(entry.record, at: entry.wall)
            #expect(ledger.waitingIn.isEmpty && ledger.quarantined.isEmpty)
        }
    }

    @Test("an agent lets go of the newest that is the ticket, of as many as he may hold")
    func lettingGo() {
        var random = SplitMix64(seed: 5)
        for count in 0..<200 {
            let work = (0..<count).map { _ in TicketID(random.below(UInt64(60))) }
            var agent = LedgerAgent(
                presence: .offline, epoch: AgentEpoch(1), work: work, instance: ClientInstance(0), kept: [])
            var plain = work
            let ticket = TicketID(random.below(UInt64(60)))
            agent.letGo(of: ticket)
            if let place = plain.lastIndex(of: ticket) { plain.remove(at: place) }
            #expect(agent.work == plain)
        }
    }
}
