import Testing

@testable import Wire

@Suite("what a busy node reads of a frame") struct UrgencyTests {
    @Test(
        "only what routers ask, and agents' polls, are the cluster's own work", arguments: Examples.requests.map(\.name)
    )
    func essential(_ name: String) throws {
        let request = try #require(Examples.requests.first { $0.name == name }?.value)
        let isWork =
            switch request {
            case .join, .leave, .exchange, .poll, .peer: true
            case .submit, .attach, .query, .vitals, .explainTicket, .explainAgent, .reload, .browse: false
            }
        #expect(Frame.isEssential(Frame.encode(request)) == isWork)
    }

    @Test("bytes that are no frame are nobody's work")
    func garbage() {
        #expect(!Frame.isEssential([]))
        #expect(!Frame.isEssential([wireVersion]))
        #expect(!Frame.isEssential([wireVersion &+ 1, 3]))
    }
}
