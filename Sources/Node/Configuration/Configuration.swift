import Foundation

/// Reads the cluster's files: JSON5, one file or a folder of them that merge. All mistakes are reported at once.
package enum Configuration {
    /// The mistakes of a cluster file, in order of files.
    package struct Invalid: Error, CustomStringConvertible {
        package let mistakes: [Mistake]
        package init(mistakes: [Mistake]) { self.mistakes = mistakes }
        package var description: String { mistakes.map(\.description).joined(separator: "\n") }
    }

    /// Reads a file, or all `.json5` and `.json` files of a folder in order of their names.
    package static func load(_ path: String) throws -> Company {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Invalid(mistakes: [Mistake(file: path, path: "", what: "no such file or folder")])
        }
        let files =
            isFolder.boolValue
            ? try FileManager.default.contentsOfDirectory(atPath: path).sorted()
                .filter { $0.hasSuffix(".json5") || $0.hasSuffix(".json") }
                .map { (name: $0, path: "\(path)/\($0)") }
            : [(name: URL(fileURLWithPath: path).lastPathComponent, path: path)]
        if files.isEmpty {
            throw Invalid(mistakes: [Mistake(file: path, path: "", what: "no .json5 or .json file in this folder")])
        }
        let mistakes = Mistakes()
        let texts = files.compactMap { file -> (name: String, text: String)? in
            do {
                return (file.name, try String(contentsOfFile: file.path, encoding: .utf8))
            } catch {
                mistakes.add(file.name, "", "cannot be read as UTF-8 text: \(error.localizedDescription)")
                return nil
            }
        }
        return try read(texts, mistakes)
    }

    /// Reads files given as (name, text).
    package static func read(_ files: [(name: String, text: String)]) throws -> Company {
        try read(files, Mistakes())
    }

    private static func read(_ files: [(name: String, text: String)], _ mistakes: Mistakes) throws -> Company {
        var roots: [ConfigurationNode] = []
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        for file in files {
            do {
                let tree = try decoder.decode(ConfigurationTree.self, from: Data(file.text.utf8))
                roots.append(ConfigurationNode(file: file.name, path: "", tree: tree, mistakes: mistakes))
                for twice in DuplicateKeys.find(in: file.text) {
                    let what = "the key stands twice: in line \(twice.firstLine) and in line \(twice.line)"
                    mistakes.add(file.name, twice.path, what)
                }
            } catch where file.text.allSatisfy(\.isWhitespace) {
                mistakes.add(file.name, "", "the file is empty: expected { ... }")
            } catch {
                mistakes.add(file.name, "", "not JSON5: \(SyntaxFault.find(in: file.text) ?? reason(error))")
            }
        }
        var reader = CompanyReader(mistakes: mistakes)
        reader.read(roots)
        guard mistakes.list.isEmpty else { throw Invalid(mistakes: mistakes.list) }
        reader.company.text = files.map { "// \($0.name)\n\($0.text)" }.joined(separator: "\n")
        return reader.company
    }

    private static func reason(_ error: any Error) -> String {
        guard case DecodingError.dataCorrupted(let context) = error else { return "\(error)" }
        if let underlying = context.underlyingError as NSError?,
            let text = underlying.userInfo["NSDebugDescription"] as? String
        {
            return text
        }
        return context.debugDescription
    }
}

extension Configuration {
    /// Milliseconds of a duration such as "400ms", "30s", "5m", "4h" or "2d"; nil for anything else.
    package static func duration(_ text: String) -> UInt64? { ConfigurationNode.milliseconds(text) }
}
