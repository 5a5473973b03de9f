import Testing

@testable import NNG

@Suite struct TransportTests {
    @Test(
        "each release of nng has its preferred scheme and its refusals",
        arguments: [
            ("1.5.2", Scheme.ws, [Scheme.tcp, .ipc, .tls, .wss]),
            ("1.6.0", .ws, [.tcp, .ipc, .tls, .wss]),
            ("1.7.3", .tcp, []),
            ("1.8.0", .tcp, [.ws, .wss]),
            ("1.10.0", .tcp, [.ws, .wss]),
            ("1.11.0", .tcp, [.ws, .wss]),
            ("1.12.0", .tcp, []),
            ("2.0.0", .tcp, []),
            ("unknown", .ws, [.tcp, .ipc, .tls, .wss]),
        ])
    func eachReleaseHasItsRules(version: String, preferred: Scheme, refused: [Scheme]) {
        let table = TransportTable(version: version)
        #expect(table.preferred == preferred)
        #expect(Scheme.allCases.filter { table.refusal(of: $0) != nil } == Scheme.allCases.filter(refused.contains))
        #expect(table.refusal(of: .inproc) == nil)
    }

    @Test("an address of host and port gets the scheme of the release")
    func addressGetsScheme() throws {
        #expect(try TransportTable(version: "1.5.2").url(for: "lyon:4100") == "ws://lyon:4100/switchyard")
        #expect(try TransportTable(version: "1.10.0").url(for: "lyon:4100") == "tcp://lyon:4100")
        #expect(try TransportTable(version: "1.5.2").url(for: "[::1]:4100") == "ws://[::1]:4100/switchyard")
        #expect(try TransportTable(version: "1.5.2").url(for: "inproc:router-1") == "inproc://router-1")
    }

    @Test("an explicit scheme is taken unless it is refused, and forced when the operator says so")
    func explicitSchemeIsChecked() throws {
        let table = TransportTable(version: "1.5.2")
        #expect(try table.url(for: "ws://lyon:4100/feed") == "ws://lyon:4100/feed")
        #expect(try table.url(for: "tcp://lyon:4100", forced: true) == "tcp://lyon:4100")
        let reason = try #require(table.refusal(of: .tcp))
        #expect(throws: TransportError.refused(scheme: .tcp, reason: reason)) { try table.url(for: "tcp://lyon:4100") }
        #expect(throws: TransportError.self) { try table.url(for: "tls+tcp://lyon:4100") }
    }

    @Test(
        "what is no address is refused",
        arguments: ["", "lyon", "lyon:", ":4100", "lyon:99999", "a/b:1", "inproc:", "ftp://x:1", "ws://"])
    func nonsenseIsRefused(address: String) {
        #expect(throws: TransportError.malformed(address: address)) {
            try TransportTable(version: "1.5.2").url(for: address)
        }
    }

    @Test("the running library reports a version that can be read")
    func currentIsReadable() {
        #expect(TransportTable.current.version.split(separator: ".").count >= 2)
        #expect(TransportTable.current.refusal(of: TransportTable.current.preferred) == nil)
    }
}
