import AgentClient
import Node
import Routing
import Wire

/// `switchyard drain NODE`: a router gives its regions and sessions away and takes no more.
enum DrainVerb {
    static let verb = Verb(
        name: "drain",
        summary: "Empties a router: its regions and sessions go to others, and it takes no more. SIGTERM does it too.",
        operands: "NODE",
        options: [
            Arguments.at, Arguments.format,
            Option("undo", nil, "it takes regions and sessions again"),
            Option("wait", "SECONDS", "how long to wait until it is empty; 0 for not at all", default: "30"),
        ],
        examples: ["switchyard drain pl-2", "switchyard drain pl-2 --undo", "switchyard drain pl-2 --format json"],
        run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        guard arguments.operands.count == 1, let name = arguments.operands.first else {
            throw UsageError("expected the name of one router, as `switchyard status` has it")
        }
        let patience = try arguments.whole("wait", 0...86_400) ?? 30
        let isOn = !arguments.has("undo")
        let client = try TicketClient(node: try arguments.address("at"))
        if let refusal = try await Order.give(.drain(router: name, isOn: isOn), client) {
            Console.error(sentence(refusal, name))
            return ExitCode.failed
        }
        let wantsJSON = try arguments.wantsJSON
        guard isOn else {
            print(wantsJSON ? Console.json(Shown(router: name, draining: false)) : "\(name) takes work again")
            return ExitCode.success
        }
        let end = SystemClock().now().instant + .seconds(UInt64(patience))
        var shown = ""
        while true {
            let left = try await Left.ask(name, client)
            if !wantsJSON && left.sentence != shown {
                shown = left.sentence
                print("\(name): \(shown)")
            }
            let isOver = left.isEmpty || SystemClock().now().instant >= end
            if isOver {
                if wantsJSON { print(Console.json(Shown(router: name, draining: true, left))) }
                return left.isEmpty || patience == 0 ? ExitCode.success : ExitCode.failed
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static func sentence(_ refusal: Refusal, _ name: String) -> String {
        switch refusal {
        case .notFound: "there is no router \"\(name)\"; `switchyard status` lists them"
        case .notAllowed: "\(name) is the last router that takes work: start another one first"
        default: "refused: \(refusal.sentence)"
        }
    }

    /// What a router still has.
    private struct Left {
        var regions: [String] = []
        var agents = 0
        /// It has ended meanwhile.
        var isGone = false

        var isEmpty: Bool { isGone || regions.isEmpty && agents == 0 }
        var sentence: String {
            if isGone { return "has left" }
            if isEmpty { return "is empty; it may be stopped" }
            let owns = regions.isEmpty ? "no region" : "owns \(regions.joined(separator: ", "))"
            return "\(owns), \(agents) agents are with it"
        }

        static func ask(_ name: String, _ client: TicketClient) async throws -> Left {
            let status = try await ShownStatus.ask(client)
            guard let router = status.routers.first(where: { $0.name == name }) else { return Left(isGone: true) }
            return Left(regions: router.owns, agents: router.agents)
        }
    }

    private struct Shown: Encodable {
        let router: String
        let draining: Bool
        let empty: Bool
        let regions: [String]
        let agents: Int

        init(router: String, draining: Bool, _ left: Left = Left()) {
            self.router = router
            self.draining = draining
            empty = draining && left.isEmpty
            regions = left.regions
            agents = left.agents
        }
    }
}

/// `switchyard own REGION ROUTER`: an operator chooses who has a region's queues.
enum OwnVerb {
    static let verb = Verb(
        name: "own", summary: "Makes a router the owner of a region's queues, at once and while it is there.",
        operands: "REGION ROUTER", options: [Arguments.at, Arguments.format],
        examples: ["switchyard own pl pl-2"], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        guard arguments.operands.count == 2 else { throw UsageError("expected REGION ROUTER") }
        let (region, router) = (arguments.operands[0], arguments.operands[1])
        let client = try TicketClient(node: try arguments.address("at"))
        if let refusal = try await Order.give(.own(region: region, router: router), client) {
            switch refusal {
            case .notFound: Console.error("there is no such region or router; `switchyard status` lists them")
            case .notAllowed: Console.error("\(router) drains, or is late: it takes no regions now")
            default: Console.error("refused: \(refusal.sentence)")
            }
            return ExitCode.failed
        }
        if try arguments.wantsJSON {
            print(Console.json(["region": region, "owner": router]))
        } else {
            print("\(router) owns \(region)")
        }
        return ExitCode.success
    }
}

/// What an operator asks for a router or a region.
enum Order {
    /// Nil when it is done.
    static func give(_ command: Command, _ client: TicketClient) async throws -> Refusal? {
        do throws(TicketClient.Failure) {
            guard case .answered(let outcome, _) = try await client.ask(.query(command), patience: .seconds(5)) else {
                throw .notUnderstood
            }
            if case .refused(let refusal) = outcome { return refusal }
            return nil
        } catch .refused(let refusal, _) { return refusal }
    }
}
