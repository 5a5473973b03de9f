import AgentClient
import Node
import Routing
import Wire

/// `switchyard reload`: the coordinator reads its cluster file anew.
enum ReloadVerb {
    static let verb = Verb(
        name: "reload",
        summary: "Makes the coordinator take over a changed cluster file; a wrong one is refused whole (or: SIGHUP).",
        operands: "",
        options: [
            Option("coordinator", "HOST:PORT", "where the coordinator listens", default: "127.0.0.1:7000"),
            Arguments.format,
        ],
        examples: ["switchyard check cluster/company && switchyard reload"], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        let client = try await arguments.client("coordinator")
        let reloaded: Reloaded
        do throws(TicketClient.Failure) {
            guard case .reloaded(let answer) = try await client.ask(.reload, patience: .seconds(60)) else {
                throw .notUnderstood
            }
            reloaded = answer
        } catch .refused(.notUnderstood, _) {
            let node = try arguments.address("coordinator")
            Console.error(
                "\(node) is no coordinator, which alone reads the cluster file; a `switchyard node` takes SIGHUP")
            return ExitCode.failed
        }
        if try arguments.wantsJSON {
            print(
                Console.json(Shown(policy: reloaded.version, changed: reloaded.isChanged, problems: reloaded.problems)))
        } else if !reloaded.problems.isEmpty {
            Console.error(
                "the cluster file is wrong; policy \(reloaded.version) stays in force:\n"
                    + reloaded.problems.joined(separator: "\n"))
        } else if reloaded.isChanged {
            print("policy \(reloaded.version) is in force; routers have it within a second")
        } else {
            print("the cluster file says what it said before: policy \(reloaded.version) stays in force")
        }
        return reloaded.problems.isEmpty ? ExitCode.success : ExitCode.usage
    }

    private struct Shown: Encodable {
        let policy: UInt32
        let changed: Bool
        let problems: [String]
    }
}
