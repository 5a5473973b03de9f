import Foundation

/// The company that load is measured with: a region a router, with one group; agents with three skills each, one ticket
/// at a time.
struct LoadCompany: Sendable {
    let agents: Int
    let skills: Int
    /// As many as the cluster has routers.
    var regionCount = 1

    /// Each with a group of its name.
    var regions: [String] { regionCount == 1 ? ["load"] : (1...regionCount).map { "load-\($0)" } }

    /// The place in `regions` of the agent of that place in `names`: neighbours are of one region.
    func region(ofAgent index: Int) -> Int { index * regionCount / agents }

    /// load-00001 and so on.
    var names: [String] { (1...agents).map { String(format: "load-%05d", $0) } }

    func skill(_ number: Int) -> String { "skill-\(number % skills)" }

    /// As a cluster file.
    var text: String {
        let staff = names.enumerated().map { index, name in
            let known = Set((0..<3).map { skill(index + $0 * (skills / 3 + 1)) }).sorted()
            let levels = known.map { "\"\($0)\": 5" }.joined(separator: ", ")
            let group = regions[region(ofAgent: index)]
            return "    \"\(name)\": { groups: [\"\(group)\"], skills: { \(levels) }, capacity: 1 },"
        }
        let rules = regions.flatMap { region in
            (0..<skills).map { number in
                let from = regionCount == 1 ? "" : ", region: \"\(region)\""
                return "    { name: \"\(region) \(skill(number))\", when: { product: \"\(skill(number))\"\(from) }, "
                    + "group: \"\(region)\", requires: [{ skill: \"\(skill(number))\" }] },"
            }
        }
        return """
            // Made by `switchyard load`: \(agents) agents, \(skills) skills, three each.
            {
              settings: { reopenWindow: "0s", grace: "10s", regionReturn: "0s" },
              regions: { \(regions.map { "\"\($0)\": {}" }.joined(separator: ", ")) },
              skills: [\((0..<skills).map { "\"\(skill($0))\"" }.joined(separator: ", "))],
              groups: {
            \(regions.map { "    \"\($0)\": { region: \"\($0)\", tier: 1 }," }.joined(separator: "\n"))
              },
              agents: {
            \(staff.joined(separator: "\n"))
              },
              rules: [
            \(rules.joined(separator: "\n"))
              ],
              default: { group: "\(regions[0])" },
            }

            """
    }
}
