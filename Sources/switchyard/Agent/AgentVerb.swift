import AgentClient
import Foundation
import Node

/// `switchyard agent`: an agent at a terminal. What comes is printed; what is typed is done.
enum AgentVerb {
    static let verb = Verb(
        name: "agent", summary: "An agent at a terminal: shows offers and takes commands (type help).",
        operands: "NAME",
        options: [
            Option(
                "at", "HOST:PORT", "a router; may be repeated, the nearest first", default: "127.0.0.1:7100",
                repeats: true),
            Option("auto", "DURATION", "accepts everything and resolves it after so long, as in 2s"),
        ],
        examples: ["switchyard agent pl-1-07 --at 10.0.1.5:7100"], run: run)

    @Sendable static func run(_ arguments: Arguments) async throws -> Int32 {
        guard arguments.operands.count == 1 else { throw UsageError("expected one agent's name") }
        var auto: UInt64?
        if let text = arguments.text("auto") {
            guard let milliseconds = Durations.milliseconds(text) else {
                throw UsageError("--auto: expected a duration such as 2s, found \"\(text)\"")
            }
            auto = milliseconds
        }
        let client = AgentClient(agents: arguments.operands, routers: arguments.all("at"), onStuck: Program.leaveStuck)
        let desk = Desk(
            client: client, agent: arguments.operands[0], routers: arguments.all("at"), auto: auto)
        let input = Task.detached { await desk.readCommands() }
        let signals = Signals([SIGINT, SIGTERM]) {
            client.stop()
            Node.Process.exit(ExitCode.success)
        }
        for await event in client.events { if let code = await desk.take(event) { return code } }
        input.cancel()
        signals.cancel()
        return ExitCode.success
    }
}
