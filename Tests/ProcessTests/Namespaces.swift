import Foundation
import Glibc
import Synchronization

/// A network of its own for each process of a cluster: network namespaces joined by a bridge, which is in a namespace
/// too, so that no rule of this machine's own firewall matters. The tests themselves are at `clients`, the host's end.
///
/// Addresses are of 198.18.0.0/15, which is for tests of networks (RFC 2544).
final class Namespaces: Sendable {
    /// Nil if they can be made here; otherwise why not.
    static let trouble: String? = {
        guard getuid() == 0 else { return "only root may make network namespaces" }
        let missing = ["ip", "iptables", "ss"].filter { Shell.run("command -v \($0)").code != 0 }
        if !missing.isEmpty { return "\(missing.joined(separator: " and ")) missing: Tests/run installs them" }
        do {
            let net = try Namespaces(["probe"], weather: [])
            defer { net.remove() }
            let rule = Shell.run("ip netns exec \(net.namespace("probe")) iptables -w -A INPUT -s 198.18.0.1 -j DROP")
            return rule.code == 0 ? nil : "no firewall rule can be set in a namespace: \(rule.text)"
        } catch { return "\(error)" }
    }()

    let clients: String
    /// The network of each node that has one of the tests' own instead of a wire.
    let weather: [String: Weather]
    private let tag: String
    private let numbers: [String: Int]
    private let subnet: String

    /// A namespace for each of these names; the links of those in `weather` go through the tests' hands.
    init(_ names: [String], weather: [String]) throws {
        tag = "sy" + String(UInt32.random(in: 0x10000...0xfffff), radix: 16)
        subnet = "198.\(Int.random(in: 18...19)).\(Int.random(in: 0...255))"
        clients = "\(subnet).254"
        numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0 + 1) })
        var script = """
            set -e
            ip netns add \(tag)-hub
            ip -n \(tag)-hub link add br0 type bridge
            ip -n \(tag)-hub link set br0 up
            ip link add \(tag)h type veth peer name host netns \(tag)-hub
            ip addr add \(clients)/24 dev \(tag)h
            ip link set \(tag)h up
            ip -n \(tag)-hub link set host master br0 up

            """
        for name in names {
            script += "ip netns add \(tag)-\(name)\nip -n \(tag)-\(name) link set lo up\n"
            guard !weather.contains(name) else { continue }
            script += """
                ip link add eth0 netns \(tag)-\(name) type veth peer name v\(numbers[name] ?? 0) netns \(tag)-hub
                ip -n \(tag)-hub link set v\(numbers[name] ?? 0) master br0 up

                """
        }
        var made: [String: Weather] = [:]
        do {
            try Self.run(script)
            for name in weather {
                made[name] = try Weather(
                    between: "\(tag)-\(name)", "eth0", and: "\(tag)-hub", "v\(numbers[name] ?? 0)")
                try Self.run("ip -n \(tag)-hub link set v\(numbers[name] ?? 0) master br0 up")
            }
            for name in names {
                let address = "\(subnet).\(numbers[name] ?? 0)"
                try Self.run(
                    "ip -n \(tag)-\(name) addr add \(address)/24 dev eth0; ip -n \(tag)-\(name) link set eth0 up")
            }
        } catch {
            for weather in made.values { weather.stop() }
            _ = Shell.run(Self.removal(tag, names))
            throw error
        }
        self.weather = made
    }

    private static func run(_ script: String) throws {
        let ran = Shell.run(script)
        guard ran.code == 0 else { throw Trouble("no network of namespaces can be made here: \(ran.text)") }
    }

    private static func removal(_ tag: String, _ names: [String]) -> String {
        (["hub"] + names).map { "ip netns del \(tag)-\($0) 2>/dev/null" }.joined(separator: ";")
    }

    /// What removes everything, for a shell: who watches over the tests needs it when they are killed.
    var removal: String { Self.removal(tag, numbers.keys.sorted()) }

    func remove() {
        for weather in weather.values { weather.stop() }
        _ = Shell.run(removal)
    }

    func namespace(_ name: String) -> String { "\(tag)-\(name)" }
    func address(_ name: String) -> String { name == "clients" ? clients : "\(subnet).\(numbers[name] ?? 0)" }

    /// Runs a program within a node's network; for `Child.start`.
    func within(_ name: String) -> [String] { ["/usr/bin/env", "ip", "netns", "exec", namespace(name)] }

    // MARK: - faults

    /// From now on nothing that `from` sends reaches `to`, and nobody is told.
    func cut(from: String, to: String) { rule("-I", from, to) }
    /// What `cut` did is undone, once for each time.
    func mend(from: String, to: String) { rule("-D", from, to) }

    private func rule(_ action: String, _ from: String, _ to: String) {
        // Where it is to arrive; where clients' packets would arrive is this machine's own network, so there at the
        // sender.
        let (node, chain) = to == "clients" ? (from, "OUTPUT -d \(clients)") : (to, "INPUT -s \(address(from))")
        _ = Shell.run("ip netns exec \(namespace(node)) iptables -w \(action) \(chain) -j DROP")
    }

    /// Resets every connection of a node: both ends get RST.
    func reset(_ node: String) {
        _ = Shell.run("ip netns exec \(namespace(node)) ss -K -Htn dst \(subnet).0/24")
    }

    /// Swallows, for ever, what comes on a node's present connections, which stay up; new ones work. How many.
    func swallow(_ node: String) -> Int {
        let open = Shell.run("ip netns exec \(namespace(node)) ss -Htn state established")
        var rules: [String] = []
        for line in open.text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 4, let near = Self.port(words[2]), let far = Self.port(words[3]) else { continue }
            let peer = words[3].prefix { $0 != ":" }
            rules.append("iptables -w -I INPUT -p tcp -s \(peer) --sport \(far) --dport \(near) -j DROP")
        }
        let script = rules.joined(separator: " && ")
        _ = Shell.run("ip netns exec \(namespace(node)) sh -c '\(script.isEmpty ? "true" : script)'")
        return rules.count
    }

    private static func port(_ address: Substring) -> Int? { address.split(separator: ":").last.flatMap { Int($0) } }

    /// Everything reaches everybody again.
    func heal() {
        for name in numbers.keys.sorted() { _ = Shell.run("ip netns exec \(namespace(name)) iptables -w -F") }
        for weather in weather.values { weather.set(.fine) }
    }
}
