import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("tables") struct TableTests {
    @Test("rows are walked in the order of their arrival, whatever comes and goes (twin: an array)")
    func sameAsAnArray() {
        var random = SplitMix64(seed: 9)
        var table = Table<Int, Int>()
        var twin: [(key: Int, row: Int)] = []
        for step in 0..<5000 {
            let key = random.below(120)
            let place = twin.firstIndex { $0.key == key }
            if random.chance(1, of: 2) {
                table[key] = step
                if let place { twin[place].row = step } else { twin.append((key, step)) }
            } else {
                table[key] = nil
                if let place { twin.remove(at: place) }
            }
            if step % 97 == 0 {
                #expect(table.keys == twin.map(\.key))
                #expect(table.rows == twin.map(\.row))
                #expect(table.first?.key == twin.first?.key)
                #expect(table.count == twin.count)
            }
        }
        #expect(table.keys == twin.map(\.key))
    }

    @Test("a change in place of a row that is not there does nothing")
    func changeOfNothing() {
        var table = Table<Int, Int>()
        #expect(table.update(1) { $0 += 1 } == nil)
        table[1] = 5
        _ = table.update(1) { $0 += 1 }
        #expect(table[1] == 6)
    }
}
