import Foundation

/// The company that load is measured with: one region, one group, agents with three skills each, one ticket at a time.
struct LoadCompany: Sendable {
    let agents: Int
    let skills: Int

    /// load-00001 and so on.
    var names: [String] { (1...agents).map { String(format: "load-%05d", $0) } }

    func skill(_ number: Int) -> String { "skill-\(number % skills)" }

    /// As a cluster file.
    var text: String {
        let staff = names.enumerated().map { index, name in
            let known = Set((0..<3).map { skill(index + $0 * (skills / 3 + 1)) }).sorted()
            let levels = known.map { "\"\($0)\": 5" }.joined(separator: ", ")
            return "    \"\(name)\": { groups: [\"load\"], skills: { \(levels) }, capacity: 1 },"
        }
        let rules = (0..<skills).map { number in
            "    { name: \"\(skill(number))\", when: { product: \"\(skill(number))\" }, group: \"load\", "
                + "requires: [{ skill: \"\(skill(number))\" }] },"
        }
        return """
            // Made by `switchyard load`: \(agents) agents, \(skills) skills, three each.
            {
              settings: { reopenWindow: "0s", grace: "10s", regionReturn: "0s" },
              regions: { load: {} },
              skills: [\((0..<skills).map { "\"\(skill($0))\"" }.joined(separator: ", "))],
              groups: { load: { region: "load", tier: 1 } },
              agents: {
            \(staff.joined(separator: "\n"))
              },
              rules: [
            \(rules.joined(separator: "\n"))
              ],
              default: { group: "load" },
            }

            """
    }
}
