import Testing

@testable import NNG

@Suite struct NNGErrorTests {
    @Test("an error says what happened and which code it was")
    func errorsSpeak() {
        #expect(NNGError.timedOut.description == "Timed out (nng error 5)")
        #expect(NNGError.full.description == "the waiting line of the socket is full")
    }

    @Test("the code of a C function becomes a throw, and zero does not")
    func codesBecomeThrows() throws {
        try check(0)
        #expect(throws: NNGError.closed) { try check(7) }
    }
}
