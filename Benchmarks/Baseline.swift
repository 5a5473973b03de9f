import Foundation

/// What was measured once and is committed. Times are kept as ratios to the plain scan of the same run, so that they
/// mean something on another machine; bytes are bytes.
struct Baseline: Codable {
    /// A ratio may be so many times the committed one before it counts as worse: machines differ in their caches.
    private static let patience = 3.0
    private static let patienceForBytes = 1.15
    var figures: [String: Double]

    static func read(_ path: String) throws -> Baseline {
        try JSONDecoder().decode(Baseline.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    func save(_ path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: URL(fileURLWithPath: path))
    }

    /// Those of the new figures that are worse, a line each; a figure that only one of them has is not compared.
    func worse(_ new: [String: Double]) -> [String] {
        new.keys.sorted().compactMap { key in
            guard let known = figures[key], let measured = new[key] else { return nil }
            let bound = known * (key.hasPrefix("bytes") ? Self.patienceForBytes : Self.patience)
            return measured <= bound ? nil : "\(key): \(measured), at most \(bound)"
        }
    }
}
