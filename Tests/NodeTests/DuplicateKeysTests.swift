import Testing

@testable import Node

@Suite("keys that stand twice") struct DuplicateKeysTests {
    private func find(_ text: String) -> [String] {
        DuplicateKeys.find(in: text).map { "\($0.path) \($0.firstLine) \($0.line)" }
    }

    @Test("a key that stands twice in one object is found with its path and both lines")
    func twice() {
        #expect(find("{ a: 1,\n b: 2,\n a: 3 }") == ["a 1 3"])
        #expect(find("{ x: { y: [{}, { k: 1, k: 2, k: 3 }] } }") == ["x.y[1].k 1 1", "x.y[1].k 1 1"])
        #expect(find(#"{ agents: { "pl-{01..02}": {}, "pl-{01..02}": {} } }"#) == [#"agents["pl-{01..02}"] 1 1"#])
    }

    @Test("the same key in two objects is no mistake")
    func apart() {
        #expect(find("{ a: { k: 1 }, b: { k: 1 }, c: [{ k: 1 }, { k: 1 }] }") == [])
        #expect(find("[1, 1, [1, 1], 'a', 'a']") == [])
        #expect(find(#"{ a: "b", b: "a", c: ["a", "b", "c"] }"#) == [])
    }

    @Test("a key is the same with quotes, without, and with escapes")
    func spelling() {
        #expect(find(#"{ a: 1, "a": 2 }"#) == ["a 1 1"])
        #expect(find(#"{ 'a': 1, "\u0061": 2, "\x61": 3 }"#) == ["a 1 1", "a 1 1"])
        #expect(find(#"{ "a\"b": 1, 'a"b': 2 }"#) == [#"["a"b"] 1 1"#])
        #expect(find("{ \"caf\u{e9}\": 1, \"cafe\u{301}\": 2 }") == ["caf\u{e9} 1 1"])
        #expect(find(#"{ "a": 1, "a ": 2, "A": 3 }"#) == [])
    }

    @Test("comments and strings are not looked into")
    func comments() {
        #expect(find("{ a: 1, // a: 2 {\n /* a: 3, { \n a: */ b: 'a: 4, { a:', c: \"} a: // \" }") == [])
        #expect(find("{ a: 1, /* ** / \n*/ a: 2 }") == ["a 1 2"])
        #expect(find("{ a: 'it\\'s', /**/ a: 2 // end\n}") == ["a 1 1"])
        #expect(find("{ a: 'one \\\n line', a: 2 }") == ["a 1 2"])
    }

    @Test("a text that is cut anywhere is read to its end")
    func cut() {
        let text = #"{ a: 'b\u0041', /* c */ d: [1, { "e\"": 2, }], // f"# + "\n a: 1 }"
        for length in 0...text.utf8.count {
            _ = DuplicateKeys.find(in: String(decoding: text.utf8.prefix(length), as: UTF8.self))
        }
        #expect(find(text) == ["a 1 2"])
        #expect(find(String(repeating: "{a:[", count: 100_000)) == [])
    }

    @Test("an object of 100,000 keys takes no longer than it must")
    func large() {
        let text = "{" + (0..<100_000).map { "\"k\($0)\": \($0)" }.joined(separator: ",") + ", k7: 1 }"
        #expect(find(text) == ["k7 1 1"])
    }

    @Test("the company is refused, with file, line and key")
    func reported() {
        var text = CompanyText()
        text.groups = text.groups.replacing("\"a-2\": {", with: "\"a-2\": { tier: 1,")
        let line = text.whole.split(separator: "\n").firstIndex { $0.contains("\"a-2\": {") }.map { $0 + 1 } ?? 0
        #expect(
            text.mistakes.first
                == "company.json5: groups[\"a-2\"].tier: the key stands twice: in line \(line) and in line \(line)")
    }
}
