import Testing

import struct Simulation.SplitMix64

@testable import Routing

/// The ledger's large tables against plain ones.
@Suite("large tables of the ledger") struct TicketStoreTests {
    private func ticket(_ number: UInt64) -> LedgerTicket {
        LedgerTicket(
            LedgerRecord.Opened(
                ticket: TicketID(number), key: SubmitKey(high: 0, low: number), hash: 1,
                classification: Classification(group: GroupID(0), priority: 5, signature: Signature([]), rule: "r"),
                submission: Submission()), at: WallTime(milliseconds: number))
    }

    @Test("tickets come, change and go as in a Dictionary, over pages and blocks")
    func likeADictionary() {
        var random = SplitMix64(seed: 4)
        var store = TicketStore()
        var plain: [TicketID: LedgerTicket] = [:]
        var number: UInt64 = 32_000
        for _ in 0..<4_000 {
            number += random.below(UInt64(3)) == 0 ? random.below(UInt64(40)) + 1 : 1
            let new = ticket(number)
            store.insert(new)
            plain[new.id] = new
            let id = TicketID(number - random.below(UInt64(2_000)))
            if plain[id] != nil && random.chance(1, of: 2) {
                store.change(id) { $0.priority = 9 }
                plain[id]?.priority = 9
            } else {
                let (removed, expected) = (store.remove(id), plain.removeValue(forKey: id))
                #expect(removed == expected)
            }
        }
        let sorted = plain.values.sorted { $0.id < $1.id }
        #expect(store.all == sorted)
        #expect(store.count == plain.count && store.firstID == sorted.first?.id)
        for ticket in sorted { #expect(store[ticket.id] == ticket) }
        #expect(store[TicketID(1)] == nil && store[TicketID(.max)] == nil)
        var seen: [TicketID] = []
        store.forEach { seen.append($0.id) }
        #expect(seen == sorted.map(\.id))
        for ticket in sorted { _ = store.remove(ticket.id) }
        #expect(store.count == 0 && store.firstID == nil)
    }

    @Test("a whole page comes in as its tickets one by one would; what is no page is not taken, and changes nothing")
    func pages() {
        var random = SplitMix64(seed: 6)
        var (store, plain) = (TicketStore(), TicketStore())
        for page in UInt64(0)..<3_000 where random.chance(1, of: 2) {
            let numbers = (page * 32..<page * 32 + 32).filter { _ in random.chance(2, of: 3) }
            let rows = numbers.filter { $0 > 0 }.map { ticket($0) }
            let isTaken = store.insert(page: rows)
            #expect(isTaken == !rows.isEmpty)
            for row in rows { plain.insert(row) }
        }
        #expect(store.all == plain.all && store.count == plain.count)
        for row in plain.all where random.chance(1, of: 10) { _ = (store.remove(row.id), plain.remove(row.id)) }
        #expect(store.all == plain.all && store.count == plain.count)
        let last = plain.all[plain.count - 1].id.value
        let wrong = [[], [last], [last | 31, last | 31 + 1], [last + 65, last + 64], [last + 64, last + 64]]
        for numbers in wrong {
            let isTaken = store.insert(page: numbers.map { ticket($0) })
            #expect(!isTaken)
        }
        #expect(store.all == plain.all && store.count == plain.count)
    }

    @Test("a long queue gives what an array gives, from the front")
    func queue() {
        var random = SplitMix64(seed: 9)
        var queue = LongQueue<Int>()
        var plain: [Int] = []
        for number in 0..<5_000 {
            queue.append(number)
            plain.append(number)
            guard random.chance(1, of: 3) else { continue }
            let (removed, expected) = (queue.removeFirst(), plain.removeFirst())
            #expect(removed == expected)
        }
        #expect(queue.all == plain && queue.count == plain.count && queue.first == plain.first)
        let lot = queue.removeFirst(atMost: 700)
        #expect(lot == [Int](plain.prefix(700)))
        #expect(queue.all == [Int](plain.dropFirst(700)))
        while queue.removeFirst() != nil {}
        #expect(queue.isEmpty && queue.first == nil)
    }

    @Test("shards hold what a Dictionary holds, and spread keys that are counted")
    func shards() {
        var shards = Shards<SubmitKey, Int>()
        for number in 0..<20_000 { shards[SubmitKey(high: 7, low: UInt64(number))] = number }
        for number in 0..<10_000 { shards[SubmitKey(high: 7, low: UInt64(number * 2))] = nil }
        #expect(shards.count == 10_000)
        #expect(shards[SubmitKey(high: 7, low: 3)] == 3 && shards[SubmitKey(high: 7, low: 4)] == nil)
        var walk = Shards.Walk(shards)
        var total = 0
        while let rows = walk.next() {
            #expect(rows.count < 20)
            total += rows.count
        }
        #expect(total == 10_000)
    }
}
