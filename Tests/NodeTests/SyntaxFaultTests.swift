import Foundation
import Testing

@testable import Node

@Suite("where a file stops being JSON5") struct SyntaxFaultTests {
    @Test(
        "the place and what was expected there are said",
        arguments: [
            ("{\n groups: { a: }\n}", "line 2, column 15: expected a value, found \"}\""),
            ("{ a: 1\n  b: 2 }", "line 2, column 3: expected \",\" or \"}\", found b"),
            ("{ a: [1, 2 }", "line 1, column 12: expected \",\" or \"]\", found \"}\""),
            ("{ a 1 }", "line 1, column 5: expected \":\" after the key, found 1"),
            ("{ a: 'one\n }", "line 1, column 6: a text that begins here has no end"),
            ("{ a: 1 } }", "line 1, column 10: expected nothing more, found \"}\""),
            ("{ a: 1, /* b", "line 1, column 9: a comment that begins here has no end"),
            ("{ region: hq }", "line 1, column 11: expected a value, found hq: texts stand in quotes"),
            ("{ a: [,] }", "line 1, column 7: expected a value or \"]\", found \",\""),
            ("{ groups: ", "line 1, column 11: expected a value, found the end of the file"),
        ])
    func places(_ text: String, _ said: String) { #expect(SyntaxFault.find(in: text) == said) }

    @Test("a text that is JSON5 has no fault")
    func whole() {
        for text in [
            "{}", "[]", "1", " 'a' ", "{ a: 1, }", "[1, -2, +.5, 0x1F, NaN, -Infinity, true, null,]",
            "{ \"a\\\"b\": 'it\\'s', $c_1: [{}, []] } // end", "/* a */ { // b\n }", "{ a: 'one \\\n line' }",
        ] { #expect(SyntaxFault.find(in: text) == nil, "\(text)") }
    }

    @Test("the company's text, cut anywhere, has a fault where Foundation's decoder refuses it, and only there")
    func cut() {
        let text = CompanyText().whole
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        for length in 1...text.utf8.count {
            let part = String(decoding: text.utf8.prefix(length), as: UTF8.self)
            let isRead = (try? decoder.decode(ConfigurationTree.self, from: Data(part.utf8))) != nil
            #expect((SyntaxFault.find(in: part) == nil) == isRead, "the first \(length) bytes")
        }
    }

    @Test("deep brackets are read without end of the stack")
    func deep() {
        let text = String(repeating: "[", count: 100_000)
        #expect(SyntaxFault.find(in: text)?.hasSuffix("expected a value or \"]\", found the end of the file") ?? false)
    }
}
