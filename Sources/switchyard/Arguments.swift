import AgentClient
import Foundation
import Node

/// What a person typed is not what the verb takes.
struct UsageError: Error {
    let what: String
    init(_ what: String) { self.what = what }
}

/// An option of a verb: `--name VALUE`, or a flag without a value.
struct Option: Sendable {
    let name: String
    /// What stands for the value in the help; nil for a flag.
    let value: String?
    let what: String
    let fallback: String?
    let mayRepeat: Bool

    init(_ name: String, _ value: String?, _ what: String, default fallback: String? = nil, repeats: Bool = false) {
        self.name = name
        self.value = value
        self.what = what
        self.fallback = fallback
        mayRepeat = repeats
    }
}

/// One word after `switchyard`, with all that its help says.
struct Verb: Sendable {
    let name: String
    let summary: String
    /// What stands between the verb and its options, as in `submit | show NUMBER`.
    let operands: String
    /// What the first operand can be, with what each does; where the operands alone do not say it.
    var actions: [(name: String, what: String)] = []
    let options: [Option]
    let examples: [String]
    let run: @Sendable (Arguments) async throws -> Int32

    var help: String {
        var text = "\(summary)\n\nusage: switchyard \(name)\(operands.isEmpty ? "" : " " + operands) [options]\n"
        if !actions.isEmpty {
            let width = actions.map(\.name.count).max() ?? 0
            text += "\nactions:\n"
            for action in actions {
                text += "  \(action.name)\(String(repeating: " ", count: width - action.name.count))  \(action.what)\n"
            }
        }
        let lefts = options.map { option in "--\(option.name)" + (option.value.map { " \($0)" } ?? "") }
        let width = lefts.map(\.count).max() ?? 0
        let lines = zip(options, lefts).map { option, left in
            let fallback = option.fallback.map { $0.isEmpty ? "" : " (default: \($0))" } ?? ""
            return "  \(left)\(String(repeating: " ", count: width - left.count))  \(option.what)\(fallback)"
        }
        if !lines.isEmpty { text += "\noptions:\n" + lines.joined(separator: "\n") + "\n" }
        if !examples.isEmpty { text += "\nexamples:\n" + examples.map { "  " + $0 }.joined(separator: "\n") + "\n" }
        return text
    }
}

/// The parsed command line of a verb.
struct Arguments: Sendable {
    private(set) var operands: [String] = []
    private var values: [String: [String]] = [:]
    private var flags: Set<String> = []
    /// Options that were typed, not those that have their default.
    private(set) var given: Set<String> = []

    init(_ words: [String], for verb: Verb) throws {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                operands.append(word)
                continue
            }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let option = verb.options.first(where: { $0.name == String(parts[0]) }) else {
                throw UsageError("unknown option \(word)")
            }
            given.insert(option.name)
            guard option.value != nil else {
                flags.insert(option.name)
                continue
            }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                throw UsageError("--\(option.name) wants a value")
            }
            if !option.mayRepeat && values[option.name] != nil { throw UsageError("--\(option.name) is given twice") }
            values[option.name, default: []].append(value)
        }
        if verb.operands.isEmpty, let extra = operands.first { throw UsageError("\"\(extra)\" has no meaning here") }
        for option in verb.options where values[option.name] == nil {
            if let fallback = option.fallback { values[option.name] = [fallback] }
        }
    }

    func has(_ flag: String) -> Bool { flags.contains(flag) }
    func all(_ name: String) -> [String] { values[name] ?? [] }
    func text(_ name: String) -> String? { values[name]?.first }

    func require(_ name: String) throws -> String {
        guard let value = text(name), !value.isEmpty else { throw UsageError("--\(name) is missing") }
        return value
    }

    func whole(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                "--\(name): expected a whole number from \(range.lowerBound) to \(range.upperBound), "
                    + "found \"\(text)\"")
        }
        return number
    }

    /// HOST:PORT, checked.
    func address(_ name: String) throws -> String {
        let text = try require(name)
        guard Self.isAddress(text) else { throw UsageError("--\(name): expected HOST:PORT, found \"\(text)\"") }
        return text
    }

    static func isAddress(_ text: String) -> Bool {
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
            let port = UInt16(text[text.index(after: colon)...])
        else { return false }
        return port > 0
    }

    /// A client of the node that the option names; throws at once when nobody listens there.
    func client(_ name: String = "at") async throws -> TicketClient {
        let node = try address(name)
        try await TicketClient.reach(node)
        return try TicketClient(node: node)
    }

    /// A duration such as 2s or 500ms, in milliseconds.
    func milliseconds(_ name: String, _ range: ClosedRange<UInt64>) throws -> UInt64? {
        guard let text = text(name) else { return nil }
        guard let milliseconds = Durations.milliseconds(text), range.contains(milliseconds) else {
            let bounds = "\(duration(range.lowerBound)) to \(duration(range.upperBound))"
            throw UsageError("--\(name): expected a duration from \(bounds), such as 2s, found \"\(text)\"")
        }
        return milliseconds
    }

    var wantsJSON: Bool {
        get throws {
            switch text("format") {
            case nil, "text": return false
            case "json": return true
            case let other?: throw UsageError("--format: expected text or json, found \"\(other)\"")
            }
        }
    }

    static let format = Option("format", "FORM", "text or json", default: "text")
    static let at = Option("at", "HOST:PORT", "any node of the cluster", default: "127.0.0.1:7100")
}

/// What goes to people.
enum Console {
    static func error(_ text: String) { FileHandle.standardError.write(Data("switchyard: \(text)\n".utf8)) }
    static func put(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    static func json(_ value: some Encodable, isPretty: Bool = true) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

extension String {
    /// For a terminal: what customers wrote cannot move its cursor or colour it. Line ends and tabs stay.
    var printable: String { withoutControls(but: ["\n", "\t"]) }
    /// The same in one line, so that a text cannot pass for a line of ours.
    var inOneLine: String { withoutControls(but: []) }

    private func withoutControls(but kept: Set<Unicode.Scalar>) -> String {
        // Also the marks that turn the direction of the text behind them.
        func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0..<0x20, 0x7f..<0xa0, 0x202a...0x202e, 0x2066...0x2069, 0x2028, 0x2029: kept.contains(scalar)
            default: true
            }
        }
        if unicodeScalars.allSatisfy(isHarmless) { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars { text.append(isHarmless(scalar) ? scalar : " ") }
        return String(text)
    }
}

/// Files that people name.
enum TextFile {
    /// All of it, also from a pipe.
    static func read(_ path: String) throws -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw UsageError("cannot read \(path)") }
        let bytes: Data
        do { bytes = try handle.readToEnd() ?? Data() } catch { throw UsageError("cannot read \(path)") }
        guard let text = String(data: bytes, encoding: .utf8) else { throw UsageError("\(path) is not UTF-8") }
        return text
    }
}
