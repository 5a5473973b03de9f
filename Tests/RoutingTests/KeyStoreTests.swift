import Testing

@testable import Routing

@Suite("keys of submissions") struct KeyStoreTests {
    private func key(_ number: Int) -> SubmitKey { SubmitKey(high: 0, low: UInt64(number)) }
    private func wall(_ milliseconds: UInt64) -> WallTime { WallTime(milliseconds: milliseconds) }

    @Test("a key lives as long as its ticket, and 24 h longer")
    func life() {
        var keys = KeyStore()
        keys.keep(key(1), hash: 5, ticket: TicketID(1))
        keys.forget(before: wall(.max))
        #expect(keys[key(1)] == KeyStore.Row(hash: 5, ticket: TicketID(1), fence: Fence(1)))
        keys.close(key(1), at: wall(1000))
        keys.forget(before: wall(1000) + Limits.keyLife)
        #expect(keys[key(1)] != nil)
        keys.forget(before: wall(1001) + Limits.keyLife)
        #expect(keys[key(1)] == nil)
        #expect(keys.forgottenEarly == 0)
    }

    @Test("at the bound the key that was closed first leaves, counted; while none is closed there is no room")
    func bound() {
        var keys = KeyStore()
        for number in 0..<Limits.keysMax { keys.keep(key(number), hash: 0, ticket: TicketID(UInt64(number))) }
        #expect(!keys.hasRoom)
        keys.close(key(7), at: wall(1))
        keys.close(key(3), at: wall(2))
        #expect(keys.hasRoom)
        keys.keep(key(-1 & 0xfff_ffff), hash: 0, ticket: TicketID(9))
        #expect(keys[key(7)] == nil)
        #expect(keys[key(3)] != nil)
        #expect(keys.count == Limits.keysMax)
        #expect(keys.forgottenEarly == 1)
    }

    @Test("of closed tickets the newest are kept")
    func closedTickets() {
        var closed = ClosedTickets()
        let extra = 3000
        for number in 1...(Limits.closedKeptMax + extra) {
            closed.keep(
                TicketRecord(
                    ticket: TicketID(UInt64(number)), fence: Fence(1), state: .closed, group: GroupID(0), widened: [],
                    priority: 0, signature: Signature([]), rule: "", openedAt: wall(0),
                    said: PackedSubmission(Submission()),
                    steps: []))
        }
        #expect(closed[TicketID(UInt64(extra))] == nil)
        #expect(closed[TicketID(UInt64(extra + 1))] != nil)
        #expect(closed[TicketID(UInt64(Limits.closedKeptMax + extra))] != nil)
    }
}
