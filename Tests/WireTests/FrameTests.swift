import Routing
import Testing
import Wire

@Suite("frames") struct FrameTests {
    @Test("a frame of another version is refused by its number")
    func anotherVersion() {
        #expect(throws: WireError.version(2)) { try Frame.decode(Request.self, [2, 7, 7]) }
    }
}
