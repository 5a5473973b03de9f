import Node

import struct Simulation.SplitMix64

@testable import Routing

/// A cluster file of two regions in which everything is right. A test puts one thing wrong, or makes it quicker.
struct CompanyText: Sendable {
    /// 2026-11-22 00:00 UTC, a Sunday.
    static let today = WallTime(milliseconds: 1_795_305_600_000)

    var settings = #"{ lease: "3s", grace: "20s", regionReturn: "50ms" }"#
    var regions = #"{ a: { title: "Alpha" }, b: { title: "Beta" } }"#
    var skills = #"["billing", "general"]"#
    var groups = """
        {
          "a-1": { region: "a", tier: 1, escalatesTo: "a-2" },
          "a-2": { region: "a", tier: 2 },
          "b-1": { region: "b", tier: 1, escalatesTo: "a-2", steps: [{ when: { waited: "300ms" }, widen: ["a-1"] }] },
        }
        """
    var agents = """
        {
          ana: { groups: ["a-1"], skills: { billing: 7, general: 5 }, capacity: 2 },
          ben: { groups: ["a-1"], skills: { general: 5 } },
          eva: { groups: ["a-2"], skills: { billing: 9, general: 9 }, capacity: 3 },
          bob: { groups: ["b-1"], skills: { general: 4 } },
        }
        """
    var rules = """
        [
          { name: "beta", when: { region: ["b"] }, group: "b-1", requires: [{ skill: "general", level: 1 }] },
          { name: "bills", when: { product: "billing" }, group: "a-1", priority: 7,
            requires: [{ skillFrom: "product", otherwise: "general", level: 2 }] },
        ]
        """
    var calendars: String?
    var slas: String?
    var fallback: String? = #"{ group: "a-1", priority: 4 }"#

    var whole: String {
        """
        { settings: \(settings),
          regions: \(regions),
          skills: \(skills),
          groups: \(groups),
          agents: \(agents),
          rules: \(rules),
          \(calendars.map { "calendars: \($0)," } ?? "")
          \(slas.map { "slas: \($0)," } ?? "")
          \(fallback.map { "default: \($0)" } ?? "") }
        """
    }

    func read() throws -> Company { try Configuration.read([("company.json5", whole)]) }

    /// What is said to be wrong, one line each, as in `company.json5: groups["a-1"].tier: expected ...`.
    var mistakes: [String] { Self.mistakes([("company.json5", whole)]) }

    static func mistakes(_ files: [(name: String, text: String)]) -> [String] {
        do {
            _ = try Configuration.read(files)
            return []
        } catch let invalid as Configuration.Invalid {
            return invalid.mistakes.map(\.description)
        } catch {
            return ["another error: \(error)"]
        }
    }
}
