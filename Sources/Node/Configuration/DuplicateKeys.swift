/// Finds keys that stand twice in one object of a JSON5 text. Foundation's decoder keeps one of them and says nothing,
/// so that half of what a person wrote would be lost in silence.
///
/// Reads only texts that the decoder has accepted: it knows strings, comments and brackets, and trusts the rest.
struct DuplicateKeys {
    /// One key too many.
    struct Finding: Equatable {
        /// As in `agents["pl-1-{01..11}"].skills.general`.
        let path: String
        let firstLine: Int
        let line: Int
    }

    /// An object or a list that is open at this place. Changed in place: an object may have 100,000 keys.
    private struct Frame {
        let isObject: Bool
        /// The line of each key so far.
        var keys: [String: Int] = [:]
        /// The key whose value is being read; nil while the next one is to come.
        var key: String?
        /// The element of a list that is being read.
        var index = 0
    }

    private let bytes: [UInt8]
    private var place = 0
    private var line = 1
    private var frames: [Frame] = []
    private var findings: [Finding] = []

    private init(_ text: String) { bytes = Array(text.utf8) }

    /// All findings, in the order of the text.
    static func find(in text: String) -> [Finding] {
        var scanner = DuplicateKeys(text)
        scanner.scan()
        return scanner.findings
    }

    private mutating func scan() {
        while let byte = next() {
            switch byte {
            case UInt8(ascii: "{"): frames.append(Frame(isObject: true))
            case UInt8(ascii: "["): frames.append(Frame(isObject: false))
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = frames.popLast()
            case UInt8(ascii: ","): passComma()
            case UInt8(ascii: "/"): skipComment()
            case UInt8(ascii: "\""), UInt8(ascii: "'"): took(string(endingWith: byte))
            case UInt8(ascii: ":"), ...0x20: break
            default: took(word(beginningWith: byte))
            }
        }
    }

    private mutating func next() -> UInt8? {
        guard place < bytes.count else { return nil }
        defer { place += 1 }
        if bytes[place] == UInt8(ascii: "\n") { line += 1 }
        return bytes[place]
    }

    private mutating func passComma() {
        guard let last = frames.indices.last else { return }
        frames[last].key = nil
        frames[last].index += 1
    }

    /// A string or a word has been read: it is a key where one is to come.
    private mutating func took(_ text: String) {
        guard let last = frames.indices.last, frames[last].isObject, frames[last].key == nil else { return }
        frames[last].key = text
        if let first = frames[last].keys[text] {
            findings.append(Finding(path: path, firstLine: first, line: line))
        } else {
            frames[last].keys[text] = line
        }
    }

    private var path: String {
        frames.reduce("") { path, frame in
            frame.isObject
                ? path + ConfigurationNode.step(to: frame.key ?? "", isFirst: path.isEmpty) : "\(path)[\(frame.index)]"
        }
    }

    private mutating func skipComment() {
        switch next() {
        case UInt8(ascii: "/"): while let byte = next(), byte != UInt8(ascii: "\n") {}
        case UInt8(ascii: "*"):
            var former: UInt8 = 0
            while let byte = next(), !(former == UInt8(ascii: "*") && byte == UInt8(ascii: "/")) { former = byte }
        default: break
        }
    }

    private mutating func word(beginningWith first: UInt8) -> String {
        var word = [first]
        while place < bytes.count, !Self.endsWord(bytes[place]), let byte = next() { word.append(byte) }
        return String(decoding: word, as: UTF8.self)
    }

    private static func endsWord(_ byte: UInt8) -> Bool { byte <= 0x20 || ",:{}[]/\"'".utf8.contains(byte) }

    private mutating func string(endingWith quote: UInt8) -> String {
        var text: [UInt8] = []
        while let byte = next(), byte != quote {
            if byte == UInt8(ascii: "\\") { text += escaped() } else { text.append(byte) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// What an escape stands for. A surrogate pair is kept as written: two spellings of it are not found to be equal.
    private mutating func escaped() -> [UInt8] {
        guard let byte = next() else { return [] }
        switch byte {
        case UInt8(ascii: "u"): return number(digits: 4)
        case UInt8(ascii: "x"): return number(digits: 2)
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "\n"): return []
        default: return [byte]
        }
    }

    private mutating func number(digits: Int) -> [UInt8] {
        var hex: [UInt8] = []
        while hex.count < digits, let byte = next() { hex.append(byte) }
        let text = String(decoding: hex, as: UTF8.self)
        guard let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value) else {
            return Array("\\u\(text)".utf8)
        }
        return Array(String(Character(scalar)).utf8)
    }
}
