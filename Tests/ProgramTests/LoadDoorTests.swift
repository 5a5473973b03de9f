import Testing

@testable import switchyard

@Suite("doors of load") struct LoadDoorTests {
    @Test("a door is an address, with or without the region of its tickets")
    func reads() throws {
        let plain = try LoadDoor("hq:7100"[...])
        #expect(plain.address == "hq:7100" && plain.region == "")
        let named = try LoadDoor("pl=10.0.0.5:7100"[...])
        #expect(named.address == "10.0.0.5:7100" && named.region == "pl")
    }

    @Test("anything else is refused", arguments: ["", "hq", "pl=", "=hq:7100", "pl=hq", "hq:0", "a=b=c:1x"])
    func refuses(_ text: String) { #expect(throws: UsageError.self) { try LoadDoor(text[...]) } }
}
