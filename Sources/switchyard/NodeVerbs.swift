import Journal
import Node
import Routing
import Wire

/// `switchyard coordinator`: the one node with the ledger.
enum CoordinatorVerb {
    static let verb = Verb(
        name: "coordinator", summary: "Runs the coordinator: the ledger, the membership, the policy.", operands: "",
        options: [
            Option("config", "PATH", "the cluster file, or a folder of .json5 files that merge"),
            Option("data", "FOLDER", "where the ledger's journal is kept; made if missing"),
            Option("listen", "HOST:PORT", "where routers reach it", default: "127.0.0.1:7000"),
            Option("name", "NAME", "its name in the log", default: "coordinator"),
            Option("segment-bytes", "BYTES", "size of the journal's files", default: "67108864"),
            Option("snapshot-bytes", "BYTES", "growth of the journal between snapshots", default: "268435456"),
        ],
        examples: ["switchyard coordinator --config cluster/company --data /var/lib/switchyard"], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        var sizes = LedgerDisk.Sizes()
        // The largest turn is one batch, which must fit into a segment.
        sizes.segment =
            try arguments.whole("segment-bytes", 1 << 16...JournalLimits.segmentBytesMax) ?? sizes.segment
        sizes.betweenSnapshots = UInt64(try arguments.whole("snapshot-bytes", 1024...1 << 40) ?? 256 << 20)
        let seat = try Launch.coordinator(
            name: try arguments.require("name"), address: try arguments.address("listen"),
            config: try arguments.require("config"), folder: try arguments.require("data"), sizes: sizes)
        await Launch([seat]).wait()
        return ExitCode.success
    }
}

/// `switchyard router`: a region's node, which knows nothing it could not learn again.
enum RouterVerb {
    static let verb = Verb(
        name: "router", summary: "Runs a router: agents' sessions, queues and matching of a region.", operands: "",
        options: [
            Option("region", "REGION", "the region it belongs to; the policy must have it"),
            Option("name", "NAME", "its name, unlike any other router's (default: the region's)"),
            Option("coordinator", "HOST:PORT", "where the coordinator listens", default: "127.0.0.1:7000"),
            Option(
                "listen", "HOST:PORT",
                "where clients and other routers reach it (default: this machine's address towards the coordinator, the"
                    + " first free port from 7100 on)"),
            Option("gossip", "HOST:PORT", "where it publishes to other routers (default: the next port)"),
            Option(
                "advertise", "HOST:PORT",
                "the address it gives to clients and routers, where that is not the one it listens at, as with"
                    + " --listen 0.0.0.0:7100 in a container (default: --listen); gossip is at its next port"),
            Option(
                "speak", "VERSION",
                "behaves as a router of that wire version (\(wireVersionOldest) to \(wireVersion)) with everybody:"
                    + " holds an upgrade up, or takes one back", default: "\(wireVersion)"),
        ],
        examples: [
            "switchyard router --region pl --coordinator 10.0.0.4:7000",
            "switchyard router --region pl --name pl-2 --coordinator 10.0.0.4:7000",
        ], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        let region = try arguments.require("region")
        let coordinator = try arguments.address("coordinator")
        let given = try arguments.text("gossip") == nil ? nil : arguments.address("gossip")
        let advertised = try arguments.text("advertise") == nil ? nil : arguments.address("advertise")
        let newest = try arguments.whole("speak", Int(wireVersionOldest)...Int(wireVersion)) ?? Int(wireVersion)
        let seat = try seat(addresses(arguments, coordinator)) { address in
            let gossip = given ?? Launch.nextPort(address)
            return try Launch.router(
                RouterNode.Place(
                    name: try routerName(arguments) ?? region, region: region, address: advertised ?? address,
                    gossipAddress: advertised.map(Launch.nextPort) ?? gossip, coordinator: coordinator),
                listening: (address, gossip), speaking: UInt8(newest))
        }
        await Launch([seat]).wait()
        return ExitCode.success
    }

    private static func addresses(_ arguments: Arguments, _ coordinator: String) throws -> [String] {
        try arguments.text("listen") == nil ? Reach.addresses(towards: coordinator) : [arguments.address("listen")]
    }

    /// At the first of the addresses that can be had: another process may be quicker.
    private static func seat(_ addresses: [String], _ take: (String) throws -> Launch.Seat) throws -> Launch.Seat {
        for address in addresses.dropLast() {
            do { return try take(address) } catch { continue }
        }
        return try take(addresses.last ?? "")
    }
}

/// `switchyard node`: a small site in one process.
enum NodeVerb {
    static let verb = Verb(
        name: "node", summary: "Runs a coordinator and a router in one process: all a small site needs.", operands: "",
        options: [
            Option("roles", "LIST", "coordinator,router", default: "coordinator,router"),
            Option("config", "PATH", "the cluster file, or a folder of .json5 files that merge"),
            Option("data", "FOLDER", "where the ledger's journal is kept; made if missing"),
            Option("region", "REGION", "the router's region"),
            Option("name", "NAME", "the router's name (default: the region's)"),
            Option("listen", "HOST:PORT", "where clients reach it", default: "127.0.0.1:7100"),
        ],
        examples: ["switchyard node --config cluster/company --data /tmp/ledger --region hq"], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        let roles = Set(try arguments.require("roles").split(separator: ",").map(String.init))
        guard roles == ["coordinator", "router"] else {
            throw UsageError("--roles: expected coordinator,router; for one of them use the verb of its name")
        }
        let region = try arguments.require("region")
        let address = try arguments.address("listen")
        let coordinator = try Launch.coordinator(
            name: "coordinator", address: "inproc:coordinator", config: try arguments.require("config"),
            folder: try arguments.require("data"))
        let router = try Launch.router(
            RouterNode.Place(
                name: try routerName(arguments) ?? region, region: region, address: address,
                gossipAddress: "inproc:gossip", coordinator: "inproc:coordinator"))
        await Launch([coordinator, router]).wait()
        return ExitCode.success
    }
}

/// In commands and logs it stands between blanks, and in texts in quotes.
private func routerName(_ arguments: Arguments) throws -> String? {
    guard let name = arguments.text("name") else { return nil }
    let isWord = name.unicodeScalars.allSatisfy {
        !$0.properties.isWhitespace && $0.properties.generalCategory != .control && $0 != "\""
    }
    guard isWord, !name.isEmpty, name.utf8.count <= Limits.wordBytesMax else {
        throw UsageError("--name: expected a word without blanks or quotes, found \"\(name)\"")
    }
    return name
}
