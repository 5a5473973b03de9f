import Node
import Testing

@testable import switchyard

@Suite("the command line") struct ArgumentsTests {
    static let verb = Verb(
        name: "try", summary: "Tries.", operands: "WHAT",
        options: [
            Option("at", "HOST:PORT", "where", default: "127.0.0.1:7100"), Option("count", "N", "how many"),
            Option("quick", nil, "hurries"), Option("label", "WORD", "one of many", repeats: true), Arguments.format,
        ], examples: ["switchyard try it"], run: { _ in 0 })

    @Test("options, flags, operands and defaults are told apart")
    func parses() throws {
        let arguments = try Arguments(["it", "--count", "3", "--quick", "--label", "a", "--label=b"], for: Self.verb)
        #expect(arguments.operands == ["it"])
        #expect(try arguments.whole("count", 1...5) == 3)
        #expect(arguments.has("quick"))
        #expect(arguments.all("label") == ["a", "b"])
        #expect(try arguments.address("at") == "127.0.0.1:7100")
        #expect(try !arguments.wantsJSON)
    }

    @Test(
        "what cannot be read is refused",
        arguments: [
            ["--nonsense"], ["--count"], ["--count", "1", "--count", "2"], ["--format", "xml"],
            ["--at", "nowhere"], ["--at", "host:0"], ["--at", "host:70000"], ["--count", "many"], ["--count", "9"],
        ])
    func refuses(_ words: [String]) {
        #expect(throws: UsageError.self) {
            let arguments = try Arguments(words, for: Self.verb)
            _ = try arguments.whole("count", 1...5)
            _ = try arguments.address("at")
            _ = try arguments.wantsJSON
        }
    }

    @Test("the help of every verb names each of its options and shows an example", arguments: Program.verbs.map(\.name))
    func helps(_ name: String) throws {
        let verb = try #require(Program.verbs.first { $0.name == name })
        for option in verb.options { #expect(verb.help.contains("--\(option.name)")) }
        #expect(verb.help.contains("usage: switchyard \(name)"))
        #expect(!verb.examples.isEmpty)
    }

    @Test("the load company is a cluster file without a mistake, with every skill known to somebody")
    func loadCompany() throws {
        let company = try Configuration.read([("load.json5", LoadCompany(agents: 40, skills: 20).text)])
        #expect(company.agents.count == 40)
        #expect(Set(company.agents.flatMap { $0.skills.map(\.name) }).count == 20)
    }

    @Test("what customers wrote moves no cursor, and passes for no line of ours")
    func terminal() {
        #expect("a\u{1b}[2Jb\u{9b}c\u{202e}d\r".printable == "a [2Jb c d ")
        #expect("a\n\tb".printable == "a\n\tb")
        #expect("a\nb\u{2028}c".inOneLine == "a b c")
        #expect("Zażółć 🖨".inOneLine == "Zażółć 🖨")
    }

    @Test("an option that was typed is told from one that has its default")
    func given() throws {
        let arguments = try Arguments(["it", "--count", "3", "--quick"], for: Self.verb)
        #expect(arguments.given == ["count", "quick"])
    }
}
