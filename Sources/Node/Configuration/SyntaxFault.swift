/// Where a text stops being JSON5, for people who look for it: Foundation's decoder says only that it is none.
///
/// Reads only texts that the decoder has refused. It knows the grammar, but not all that a number or a bare key may be:
/// where it finds nothing, the decoder's own word stands.
struct SyntaxFault {
    private enum Token: Equatable {
        case mark(UInt8)
        case text
        case word(String)
        case end
        /// A text or a comment without an end.
        case open(String)
    }
    private enum Wanted {
        case value
        case valueOrEnd
        case keyOrEnd
        case colon
        case commaOrEnd
        case nothing
    }

    private let bytes: [UInt8]
    private var place = 0
    private var line = 1
    private var lineBegins = 0
    /// Of the token that was read last.
    private var position = (line: 1, column: 1)
    /// Open brackets, as the bytes that close them.
    private var closers: [UInt8] = []
    private var wanted = Wanted.value

    private init(_ text: String) { bytes = Array(text.utf8) }

    /// As in `line 3, column 12: expected a value, found "}"`.
    static func find(in text: String) -> String? {
        var scanner = SyntaxFault(text)
        return scanner.scan()
    }

    private mutating func scan() -> String? {
        while true {
            let token = token()
            if token == .end, case .nothing = wanted { return nil }
            if let fault = take(token) { return "line \(position.line), column \(position.column): \(fault)" }
        }
    }

    // MARK: - grammar

    /// Nil when the token may stand here.
    private mutating func take(_ token: Token) -> String? {
        if case .open(let what) = token { return "\(what) that begins here has no end" }
        switch (wanted, token) {
        case (.value, .mark(UInt8(ascii: "{"))), (.valueOrEnd, .mark(UInt8(ascii: "{"))):
            closers.append(UInt8(ascii: "}"))
            wanted = .keyOrEnd
        case (.value, .mark(UInt8(ascii: "["))), (.valueOrEnd, .mark(UInt8(ascii: "["))):
            closers.append(UInt8(ascii: "]"))
            wanted = .valueOrEnd
        case (.value, .text), (.valueOrEnd, .text): endValue()
        case (.value, .word(let word)), (.valueOrEnd, .word(let word)):
            guard Self.isValue(word) else { return "expected a value, found \(word): texts stand in quotes" }
            endValue()
        case (.keyOrEnd, .text), (.keyOrEnd, .word): wanted = .colon
        case (.colon, .mark(UInt8(ascii: ":"))): wanted = .value
        case (.commaOrEnd, .mark(UInt8(ascii: ","))):
            wanted = closers.last == UInt8(ascii: "}") ? .keyOrEnd : .valueOrEnd
        case (.valueOrEnd, .mark(let byte)) where byte == closers.last,
            (.keyOrEnd, .mark(let byte)) where byte == closers.last,
            (.commaOrEnd, .mark(let byte)) where byte == closers.last:
            closers.removeLast()
            endValue()
        default: return "expected \(expectation), found \(Self.shown(token))"
        }
        return nil
    }

    private mutating func endValue() { wanted = closers.isEmpty ? .nothing : .commaOrEnd }

    private var expectation: String {
        let closer = closers.last.map { "\"\(Character(Unicode.Scalar($0)))\"" } ?? ""
        return switch wanted {
        case .value: "a value"
        case .valueOrEnd: "a value or \(closer)"
        case .keyOrEnd: "a key or \(closer)"
        case .colon: "\":\" after the key"
        case .commaOrEnd: "\",\" or \(closer)"
        case .nothing: "nothing more"
        }
    }

    private static func isValue(_ word: String) -> Bool {
        let number = word.drop { $0 == "+" || $0 == "-" }
        return ["true", "false", "null", "NaN", "Infinity"].contains(String(number))
            || number.first.map { $0.isNumber || $0 == "." } ?? false
    }

    private static func shown(_ token: Token) -> String {
        switch token {
        case .mark(let byte): "\"\(Character(Unicode.Scalar(byte)))\""
        case .text: "a text"
        case .word(let word): word
        case .end: "the end of the file"
        case .open(let what): what
        }
    }

    // MARK: - tokens

    private mutating func token() -> Token {
        while let byte = peek {
            position = (line, place - lineBegins + 1)
            switch byte {
            case UInt8(ascii: "/"): if !skipComment() { return .open("a comment") }
            case UInt8(ascii: "\""), UInt8(ascii: "'"): return string(endingWith: byte) ? .text : .open("a text")
            case let mark where "{}[]:,".utf8.contains(mark):
                advance()
                return .mark(mark)
            case ...0x20: advance()
            default: return .word(word())
            }
        }
        position = (line, place - lineBegins + 1)
        return .end
    }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func advance() {
        place += 1
        guard bytes[place - 1] == UInt8(ascii: "\n") else { return }
        line += 1
        lineBegins = place
    }

    /// False where it does not end. A stroke that begins none counts as one.
    private mutating func skipComment() -> Bool {
        advance()
        switch peek {
        case UInt8(ascii: "/"):
            while let byte = peek, byte != UInt8(ascii: "\n") { advance() }
            return true
        case UInt8(ascii: "*"):
            advance()
            var former: UInt8 = 0
            while let byte = peek {
                advance()
                if former == UInt8(ascii: "*") && byte == UInt8(ascii: "/") { return true }
                former = byte
            }
            return false
        default: return false
        }
    }

    private mutating func word() -> String {
        let first = place
        while let byte = peek, byte > 0x20, !",:{}[]/\"'".utf8.contains(byte) { advance() }
        return String(decoding: bytes[first..<place], as: UTF8.self)
    }

    /// False where its line ends before it does.
    private mutating func string(endingWith quote: UInt8) -> Bool {
        advance()
        while let byte = peek, byte != UInt8(ascii: "\n") {
            advance()
            if byte == quote { return true }
            if byte == UInt8(ascii: "\\"), peek != nil { advance() }
        }
        return false
    }
}
