import Testing

@testable import switchyard

@Suite("a burst's report, and the screen") struct BurstTests {
    private func second(_ due: Int, _ inTime: Int) -> LoadSecond {
        LoadSecond(due: due, acknowledged: due, refused: 0, inTime: inTime)
    }

    @Test("recovery is when all seconds that follow are good, not the first that is")
    func recovery() {
        let good = second(100, 99)
        let bad = second(100, 98)
        #expect(BurstReport.recovery([good, good]) == 0)
        #expect(BurstReport.recovery([bad, bad, good]) == 2)
        #expect(BurstReport.recovery([bad, good, bad, good, good]) == 3)
        #expect(BurstReport.recovery([good, bad]) == nil)
        #expect(BurstReport.recovery([LoadSecond]()) == nil)
    }

    @Test("each second counts to its phase, the seconds of warming up to none")
    func phases() {
        let phases = [
            LoadPhase(rate: 10, seconds: 3), LoadPhase(rate: 100, seconds: 2), LoadPhase(rate: 10, seconds: 2),
        ]
        let seconds = [10, 10, 10, 100, 100, 10, 10].map { second($0, $0 == 100 ? 30 : 10) }
        let report = BurstReport(seconds, phases: phases, warmup: 1, retries: 4)
        #expect(report.phases.map(\.due) == [20, 200, 20])
        #expect(report.phases.map(\.inTimePerSecond) == [10, 30, 10])
        #expect(report.secondsToRecover == 0)
    }

    @Test("a page is drawn over the last one, cut to the window, with a word where lines are left out")
    func page() {
        let escape = "\u{1b}"
        let whole = Screen.page(["ab", "c"], size: (rows: 3, columns: 80))
        #expect(whole == "\(escape)[Hab\(escape)[K\r\nc\(escape)[K\(escape)[J")
        let cut = Screen.page(["abcdef", "c", "d"], size: (rows: 2, columns: 12))
        #expect(cut.hasPrefix("\(escape)[Habcdef\(escape)[K\r\n... 2 more"))
        #expect(!cut.contains("\nd"))
    }

    @Test("a router that does not answer, is behind, or does not hear others is told loudly")
    func nodes() {
        #expect(ShownNode("a", nil).sentence(policy: 3) == "DOES NOT ANSWER from here")
        var node = ShownNode("a", nil)
        #expect(ShownNode.agents(of: [node, node]).isEmpty)
        node.agents = ["available": 2, "away": 0]
        #expect(ShownNode.sentence(ShownNode.agents(of: [node, node])) == "4 available")
    }
}
