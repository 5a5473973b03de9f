import Testing

@testable import NNG

@Suite struct FifoTests {
    @Test("what goes in first comes out first, over many rounds")
    func orderIsKept() {
        var line = Fifo<Int>()
        var expected = 0
        for number in 0..<1_000 {
            line.append(number)
            if number % 3 == 0 {
                let number = line.popFirst()
                #expect(number == expected)
                expected += 1
            }
        }
        #expect(line.count == 1_000 - expected)
        while let number = line.popFirst() {
            #expect(number == expected)
            expected += 1
        }
        #expect(expected == 1_000 && line.isEmpty)
    }

    @Test("removing from the middle keeps the order of the rest")
    func removalKeepsOrder() {
        var line = Fifo<Int>()
        for number in 0..<10 { line.append(number) }
        _ = line.popFirst()
        let even = line.remove { $0 % 2 == 0 }
        #expect(even == [2, 4, 6, 8])
        let next = line.popFirst()
        #expect(next == 1 && line.count == 4)
    }
}
