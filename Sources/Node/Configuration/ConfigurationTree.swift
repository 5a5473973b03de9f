import Foundation

/// A JSON5 value as it stands in a file, before anybody has said what it should be.
enum ConfigurationTree: Decodable, Equatable {
    case object([String: ConfigurationTree])
    case list([ConfigurationTree])
    case text(String)
    case number(Double)
    case flag(Bool)
    case null

    init(from decoder: any Swift.Decoder) throws {
        if let keyed = try? decoder.container(keyedBy: Key.self) {
            var object: [String: ConfigurationTree] = [:]
            for key in keyed.allKeys { object[key.stringValue] = try keyed.decode(ConfigurationTree.self, forKey: key) }
            self = .object(object)
        } else if var list = try? decoder.unkeyedContainer() {
            var values: [ConfigurationTree] = []
            while !list.isAtEnd { values.append(try list.decode(ConfigurationTree.self)) }
            self = .list(values)
        } else {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .null
            } else if let flag = try? value.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? value.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try value.decode(String.self))
            }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// What it is, in words for a message.
    var kind: String {
        switch self {
        case .object: "an object"
        case .list: "a list"
        case .text(let text): "the text \"\(text)\""
        case .number(let number): "the number \(Int64(exactly: number).map { String($0) } ?? String(number))"
        case .flag(let flag): "\(flag)"
        case .null: "null"
        }
    }
}

/// One thing that is wrong in the cluster's files.
package struct Mistake: Error, Equatable, Sendable, CustomStringConvertible {
    package let file: String
    /// As in `groups["pl-1"].overflow[0].to`.
    package let path: String
    package let what: String
    package init(file: String, path: String, what: String) {
        self.file = file
        self.path = path
        self.what = what
    }
    package var description: String { path.isEmpty ? "\(file): \(what)" : "\(file): \(path): \(what)" }
}

/// Collects mistakes, so that a person hears of all of them at once.
final class Mistakes {
    private(set) var list: [Mistake] = []
    func add(_ file: String, _ path: String, _ what: String) {
        list.append(Mistake(file: file, path: path, what: what))
    }
}

/// A place in a file: reads what should be there, and says what is wrong with what is.
struct ConfigurationNode {
    let file: String
    let path: String
    let tree: ConfigurationTree
    let mistakes: Mistakes

    func wrong(_ what: String) { mistakes.add(file, path, what) }

    private func child(_ key: String, _ tree: ConfigurationTree) -> ConfigurationNode {
        let step = Self.step(to: key, isFirst: path.isEmpty)
        return ConfigurationNode(file: file, path: path + step, tree: tree, mistakes: mistakes)
    }

    /// How a member's key is written in a path.
    static func step(to key: String, isFirst: Bool) -> String {
        let isPlain = !key.isEmpty && key.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        return isPlain ? (isFirst ? key : ".\(key)") : "[\"\(key)\"]"
    }

    /// The members of an object, in order of their names, after refusing those that are not `allowed`.
    func members(allowed: Set<String>? = nil) -> [(key: String, node: ConfigurationNode)] {
        guard case .object(let object) = tree else {
            wrong("expected an object, found \(tree.kind)")
            return []
        }
        return object.keys.sorted().compactMap { key in
            guard let value = object[key] else { return nil }
            let node = child(key, value)
            if let allowed, !allowed.contains(key) {
                node.wrong("unknown key; known here: \(allowed.sorted().joined(separator: ", "))")
                return nil
            }
            return (key, node)
        }
    }

    subscript(key: String) -> ConfigurationNode? {
        guard case .object(let object) = tree, let value = object[key], value != .null else { return nil }
        return child(key, value)
    }

    func require(_ key: String) -> ConfigurationNode? {
        if let node = self[key] { return node }
        wrong("\"\(key)\" is missing")
        return nil
    }

    var elements: [ConfigurationNode] {
        guard case .list(let list) = tree else {
            wrong("expected a list, found \(tree.kind)")
            return []
        }
        return list.enumerated().map {
            ConfigurationNode(file: file, path: "\(path)[\($0.offset)]", tree: $0.element, mistakes: mistakes)
        }
    }

    var text: String? {
        if case .text(let text) = tree, !text.isEmpty, text.utf8.count <= 128 { return text }
        wrong("expected a text of 1 to 128 bytes, found \(tree.kind)")
        return nil
    }

    /// One text or a list of them.
    var texts: [String] {
        if case .text(let text) = tree { return [text] }
        return elements.compactMap(\.text)
    }

    var flag: Bool? {
        if case .flag(let flag) = tree { return flag }
        wrong("expected true or false, found \(tree.kind)")
        return nil
    }

    /// One of a few words, each with what it stands for.
    func oneOf<Value>(_ choices: [(word: String, value: Value)]) -> Value? {
        if case .text(let text) = tree, let choice = choices.first(where: { $0.word == text }) { return choice.value }
        wrong("expected one of \(choices.map(\.word).joined(separator: ", ")), found \(tree.kind)")
        return nil
    }

    func whole(_ range: ClosedRange<Int>) -> Int? {
        if case .number(let number) = tree, number == number.rounded(), abs(number) < 1e15,
            range.contains(Int(number))
        {
            return Int(number)
        }
        wrong("expected a whole number from \(range.lowerBound) to \(range.upperBound), found \(tree.kind)")
        return nil
    }

    /// Milliseconds of a duration such as "400ms", "30s", "5m", "4h" or "2d".
    func milliseconds(_ range: ClosedRange<UInt64>) -> UInt64? {
        guard case .text(let text) = tree, let value = Self.milliseconds(text) else {
            wrong("expected a duration such as \"400ms\", \"30s\", \"5m\", \"4h\" or \"2d\", found \(tree.kind)")
            return nil
        }
        guard range.contains(value) else {
            wrong("expected a duration from \(Self.words(range.lowerBound)) to \(Self.words(range.upperBound))")
            return nil
        }
        return value
    }

    static func milliseconds(_ text: String) -> UInt64? {
        let units: [(String, Double)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let number = Double(text.dropLast(unit.count)), number >= 0, number * factor < 1e15 else { continue }
            return UInt64((number * factor).rounded())
        }
        return nil
    }

    static func words(_ milliseconds: UInt64) -> String {
        for (unit, factor) in [("d", UInt64(86_400_000)), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        where milliseconds >= factor && milliseconds % factor == 0 { return "\(milliseconds / factor)\(unit)" }
        return "\(milliseconds)ms"
    }
}
