import Testing

@testable import NNG

@Suite struct DialerDogTests {
    @Test("a dialer is overdue after ten seconds without a connection, not before")
    func patienceIsKept() {
        #expect(!DialerDog.isOverdue(downSince: 1_000, now: 11_000))
        #expect(DialerDog.isOverdue(downSince: 1_000, now: 11_001))
        #expect(!DialerDog.isOverdue(downSince: 1_000, now: 900))
    }

    @Test("a link with a connection needs no new dialer, and a late removal of an old one does not count")
    func linkKnowsItsPipe() {
        var link = Link(url: "ws://lyon:1/switchyard", now: 0)
        #expect(link.needsNewDialer(now: 20_000))
        link.added(5, now: 15_000)
        #expect(!link.needsNewDialer(now: 20_000))
        link.added(6, now: 16_000)
        link.heard(by: 5, now: 18_000)
        #expect(link.isSilent(milliseconds: 1_000, now: 17_001))
        link.heard(by: 6, now: 18_000)
        #expect(!link.isSilent(milliseconds: 1_000, now: 19_000))
        let isOldCounted = link.removed(5, now: 20_000)
        let isNewCounted = link.removed(6, now: 21_000)
        #expect(!isOldCounted && isNewCounted)
        #expect(!link.needsNewDialer(now: 31_000))
        #expect(link.needsNewDialer(now: 31_001))
    }
}

@Suite struct ReaperPatienceTests {
    @Test("a reaper that frees nothing for six looks in a row is stuck; one that frees other pipes is busy")
    func progress() {
        var patience = ReaperPatience(removals: 7)
        let busy = [7, 9, 9, 9, 9, 9, 12].map { patience.isOver(removals: $0) }
        #expect(!busy.contains(true))
        let stuck = (1...ReaperPatience.looksMax).map { _ in patience.isOver(removals: 12) }
        #expect(stuck == [false, false, false, false, false, true])
    }
}

extension Network {
    @Suite struct ReaperDogTests {
        @Test("the dog reports nothing on a healthy process, round after round")
        func healthyProcessIsSilent() async throws {
            let barks = Recorder<Int>()
            let dog = try ReaperDog(periodMilliseconds: 20) { barks.record(1) }
            try await expectEventually { dog.roundsCount >= 10 }
            #expect(barks.all.isEmpty)
            dog.close()
        }
    }
}
