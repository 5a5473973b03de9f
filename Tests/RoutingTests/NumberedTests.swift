import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("numbers that rows are found by")
struct NumberedTests {
    @Test(
        "numbers in a row, or with steps between them, are spread over a table nearly as chance would",
        arguments: [1, 2, 6, 64, 1_024])
    func spread(step: UInt64) {
        for seed in [0, 1, 12_345, 0x7f12_3456_7890, -7] {
            let places = Set((1...1_000).map { TicketID($0 * step)._rawHashValue(seed: seed) & 2_047 })
            // Chance would take 791 of the 2,048.
            #expect(places.count > 600, "\(places.count) places, seed \(seed)")
        }
    }

    @Test("a table of tickets is as one of their numbers, whatever comes and goes")
    func twin() {
        var random = SplitMix64(seed: 8)
        var table: [TicketID: UInt64] = [:]
        var twin: [UInt64: UInt64] = [:]
        for step in UInt64(0)..<20_000 {
            let number = random.next() % 700 * (random.next() % 2 == 0 ? 1 : 64)
            if random.next() % 3 == 0 {
                #expect(table.removeValue(forKey: TicketID(number)) == twin.removeValue(forKey: number))
            } else {
                table[TicketID(number)] = step
                twin[number] = step
            }
        }
        #expect(table.count == twin.count)
        #expect(table.allSatisfy { twin[$0.key.value] == $0.value })
    }
}
