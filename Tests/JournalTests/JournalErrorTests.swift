import Testing

@testable import Journal

@Suite struct JournalErrorTests {
    @Test("a broken invariant ends the process")
    func brokenInvariant() async {
        await #expect(processExitsWith: .failure) { invariant(1 > 2, "one is not more than two") }
    }
}
