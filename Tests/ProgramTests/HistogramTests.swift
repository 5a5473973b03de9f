import Testing

@testable import switchyard

@Suite("the histogram of load") struct HistogramTests {
    @Test("every value is counted at a place whose top is within 1 % above it")
    func places() {
        var value: UInt64 = 0
        while value < 1 << 60 {
            let top = Histogram.top(of: Histogram.place(of: value))
            #expect(top >= value)
            #expect(Double(top - value) <= Double(value) * 0.01, "\(value) is shown as \(top)")
            value += value / 3 + 1
        }
    }

    @Test("places rise with values, without a gap")
    func order() {
        for value in UInt64(0)..<5000 {
            let step = Histogram.place(of: value + 1) - Histogram.place(of: value)
            #expect(step == 0 || step == 1)
        }
    }

    @Test("quantiles are those of the sorted values, to within the error")
    func quantiles() {
        var histogram = Histogram()
        var values: [UInt64] = []
        var state: UInt64 = 42
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = (state >> 33) % 10_000_000
            values.append(value)
            histogram.add(value)
        }
        values.sort()
        for share in [0.01, 0.5, 0.9, 0.99, 0.999, 1.0] {
            let exact = values[max(0, Int((Double(values.count) * share).rounded(.up)) - 1)]
            let shown = histogram.value(at: share)
            #expect(shown >= exact && Double(shown) <= Double(exact) * 1.01 + 1, "\(share): \(exact), shown \(shown)")
        }
        #expect(histogram.max == values.last)
        #expect(histogram.count == 20_000)
    }

    @Test("an empty histogram has no quantile but zero")
    func empty() { #expect(Histogram().value(at: 0.5) == 0) }
}
