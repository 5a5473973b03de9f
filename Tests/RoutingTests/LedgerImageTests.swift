import Testing
import Wire

@testable import Routing

/// The whole state, written out and read in again.
@Suite("the ledger as a snapshot has it") struct LedgerImageTests {
    /// Through bytes, as a snapshot does it.
    static func copy(of ledger: Ledger) throws -> Ledger {
        var copy = Ledger()
        for row in LedgerImage.rows(of: ledger) {
            var encoder = Encoder()
            encoder.value(row)
            var decoder = Decoder(encoder.bytes)
            let read: LedgerRow = try decoder.value()
            try decoder.finish()
            #expect(read == row)
            let isTaken = copy.restore(read)
            #expect(isTaken)
        }
        return copy
    }

    private static func played(_ seed: UInt64, tickets: Int) -> (world: World, entries: [Bench.JournalEntry]) {
        var world = World(seed: seed, tickets: tickets, isMixed: seed % 2 == 1)
        _ = world.play()
        return (world, world.bench.coordinator.journal)
    }

    private static func counts(_ group: GroupCount) -> [Int32] {
        let states = [group.waiting, group.working, group.pending, group.widened, group.scheduled, group.quarantined]
        return states + group.waitingByPriority.filter { $0 != 0 }
    }

    @Test("what is read is what was written, after every record of a random run, and takes in the next one alike")
    func everyRecord() throws {
        let entries = Self.played(11, tickets: 25).entries
        var whole = Ledger()
        var copy: Ledger?
        for entry in entries {
            whole.apply(entry.record, at: entry.wall)
            copy?.apply(entry.record, at: entry.wall)
            let rows = LedgerImage.rows(of: whole)
            if let copy { #expect(LedgerImage.rows(of: copy) == rows, "after \(entry.lsn)") }
            let fresh = try Self.copy(of: whole)
            #expect(fresh.agents == whole.agents, "after \(entry.lsn)")
            #expect(fresh.groups.map(Self.counts) == whole.groups.map(Self.counts), "after \(entry.lsn)")
            copy = fresh
        }
        #expect(entries.count > 100)
    }

    @Test("a snapshot and the rest of the journal are the whole journal", arguments: [UInt64(3), 228, 279])
    func rest(seed: UInt64) throws {
        let entries = Self.played(seed, tickets: 100).entries
        var whole = Ledger()
        var copies: [Ledger] = []
        for (index, entry) in entries.enumerated() {
            for place in copies.indices { copies[place].apply(entry.record, at: entry.wall) }
            whole.apply(entry.record, at: entry.wall)
            if index % 199 == 50 { copies.append(try Self.copy(of: whole)) }
        }
        let hash = StateHash(of: whole).value
        for copy in copies {
            #expect(StateHash(of: copy).value == hash)
            #expect(copy.keys == whole.keys && copy.customers == whole.customers)
            for group in copy.groups.indices {
                let id = GroupID(UInt32(group))
                #expect(copy.waiting(in: id).all == whole.waiting(in: id).all)
            }
        }
        #expect(copies.count > 2)
    }

    @Test("an image that is given while the ledger goes on is of the moment at which it was taken")
    func whileItGoesOn() {
        let entries = Self.played(5, tickets: 60).entries
        var ledger = Ledger()
        for entry in entries.prefix(entries.count / 2) { ledger.apply(entry.record, at: entry.wall) }
        let before = LedgerImage.rows(of: ledger)
        var image = LedgerImage(of: ledger)
        var rows: [LedgerRow] = []
        for entry in entries.dropFirst(entries.count / 2) {
            ledger.apply(entry.record, at: entry.wall)
            if entry.lsn.value % 3 == 0, let row = image.next() { rows.append(row) }
        }
        while let row = image.next() { rows.append(row) }
        #expect(rows == before)
        #expect(LedgerImage.rows(of: ledger) != before)
    }

    @Test("rows that belong to no state before them are refused")
    func refused() {
        let opened = LedgerRecord.Opened(
            ticket: TicketID(1), key: SubmitKey(high: 0, low: 1), hash: 1,
            classification: Classification(group: GroupID(0), priority: 5, signature: Signature([]), rule: "r"),
            submission: Submission())
        let rows: [LedgerRow] = [
            .agents([LedgerAgent()]), .groups([GroupCount.Past()]), .head(LedgerHead()),
            .tickets([LedgerTicket(opened, at: WallTime(milliseconds: 1))]),
        ]
        for row in rows {
            var ledger = Ledger()
            let isTaken = ledger.restore(row)
            #expect(!isTaken)
        }
    }
}
