import Testing

import struct Simulation.SplitMix64

@testable import Routing

@Suite("sorted chunks") struct SortedChunksTests {
    @Test("hold what a sorted array holds, whatever comes and goes (twin: an array)", arguments: [UInt64(1), 2, 3, 4])
    func sameAsArray(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var chunks = SortedChunks<UInt64>()
        var twin: [UInt64] = []
        // Few values, so that they meet again; many, so that chunks split; and times, which come in order.
        let span = [UInt64(40), 2000, 100_000, 3000][Int(seed) - 1]
        for step in 0..<6000 {
            let value = seed == 4 && random.chance(2, of: 3) ? UInt64(step) : random.below(span)
            switch random.below(step < 3000 ? 5 : 8) {
            case 0...3:
                #expect(chunks.insert(value) == !twin.contains(value))
                if !twin.contains(value) { twin.insert(value, at: twin.firstIndex { $0 > value } ?? twin.count) }
            case 4:
                #expect(chunks.removeFirst() == twin.first)
                if !twin.isEmpty { twin.removeFirst() }
            default:
                let present = twin.isEmpty || random.chance(1, of: 4) ? value : random.pick(twin)
                #expect(chunks.remove(present) == twin.contains(present))
                twin.removeAll { $0 == present }
            }
            #expect(chunks.count == twin.count && chunks.first == twin.first && chunks.isEmpty == twin.isEmpty)
            if step % 50 == 0 {
                #expect(chunks.all == twin)
                #expect(chunks.first { $0 >= value } == twin.first { $0 >= value })
            }
        }
    }

    @Test("what is appended in order fills its chunks, and what is emptied can be filled again")
    func appending() {
        var chunks = SortedChunks<UInt64>()
        for value: UInt64 in 0..<1000 { chunks.insert(value) }
        #expect(chunks.all == Array(0..<1000))
        while chunks.removeFirst() != nil {}
        #expect(chunks.isEmpty && chunks.count == 0 && chunks.first == nil && !chunks.remove(5))
        chunks.insert(7)
        #expect(chunks.all == [7])
    }
}
